"""One vocabulary of actions: what a person may do, what was done, what the log says. Alphabetical."""

from __future__ import annotations

from app.core.choices import Choice
from app.core.text import N_


class Action(Choice):
    """``noun:verb`` with the Chinese wording that menus and the log show."""

    ACCOUNT_CREATE = "account:create", N_("新增账号")
    ACCOUNT_DISABLE = "account:disable", N_("停用或启用账号")
    ACCOUNT_EDIT = "account:edit", N_("修改账号")
    ACCOUNT_PASSWORD = "account:password", N_("修改本人密码")  # noqa: S105 - a name, not a password
    ACCOUNT_READ = "account:read", N_("查看账号")
    ACCOUNT_RESET = "account:reset", N_("重置密码")
    ACCOUNT_SIGN_IN = "account:sign_in", N_("登录")
    ACCOUNT_SIGN_OUT = "account:sign_out", N_("退出登录")
    AUDIT_READ = "audit:read", N_("查看操作日志")
    CLAIM_ACCEPT = "claim:accept", N_("核定申报值")
    CLAIM_READ = "claim:read", N_("查看申报值")
    CLAIM_REJECT = "claim:reject", N_("退回申报值")
    CLAIM_STATE = "claim:state", N_("填报数值")
    CLAIM_WITHDRAW = "claim:withdraw", N_("撤回申报值")
    DASHBOARD_READ = "dashboard:read", N_("查看工作台")
    DOSSIER_READ = "dossier:read", N_("查看申报材料")
    DOSSIER_REQUEST = "dossier:request", N_("生成申报材料")
    DOSSIER_VOID = "dossier:void", N_("作废申报材料")
    EDITION_READ = "edition:read", N_("查看政策条款")
    EDITION_CHECK = "edition:check", N_("登记条款核对")
    EDITION_SYNC = "edition:sync", N_("载入政策条款")
    ELIGIBILITY_DRAW_UP = "eligibility:draw_up", N_("生成资格清单")
    ELIGIBILITY_EXPORT = "eligibility:export", N_("导出资格清单")
    ELIGIBILITY_JUDGE = "eligibility:judge", N_("判定资格")
    ELIGIBILITY_READ = "eligibility:read", N_("查看资格判定")
    FACT_CHOOSE = "fact:choose", N_("选定采信值")
    FACT_READ = "fact:read", N_("查看核定值")
    FIRM_ASSIGN = "firm:assign", N_("分派经办人")
    FIRM_CREATE = "firm:create", N_("新增企业")
    FIRM_EDIT = "firm:edit", N_("修改企业")
    FIRM_EXPORT = "firm:export", N_("导出企业名单")
    FIRM_READ = "firm:read", N_("查看企业")
    FIRM_REVEAL = "firm:reveal", N_("查看完整联系电话")
    IMPORT_APPLY = "import:apply", N_("执行导入")
    IMPORT_READ = "import:read", N_("查看导入")
    IMPORT_STAGE = "import:stage", N_("上传并预检表格")
    IMPORT_UNDO = "import:undo", N_("撤销导入")
    JOB_CANCEL = "job:cancel", N_("取消后台任务")
    JOB_READ = "job:read", N_("查看后台任务")
    NOMINATION_DECIDE = "nomination:decide", N_("提出推荐意见")
    NOMINATION_DRAW_UP = "nomination:draw_up", N_("拟定推荐名单")
    NOMINATION_EXPORT = "nomination:export", N_("导出推荐名单")
    NOMINATION_FREEZE = "nomination:freeze", N_("锁定推荐名单")
    NOMINATION_READ = "nomination:read", N_("查看推荐名单")
    NOMINATION_RETURN = "nomination:return", N_("退回推荐名单")
    NOMINATION_SUBMIT = "nomination:submit", N_("提交推荐名单")
    OWN_READ = "own:read", N_("查看本企业资料")
    OWN_STATE = "own:state", N_("填报本企业数据")
    PROGRAMME_EDIT = "programme:edit", N_("维护培育专项")
    PROGRAMME_READ = "programme:read", N_("查看培育专项")
    SESSION_END = "session:end", N_("结束登录会话")
