"""The log in words: what a field and a value are called. Values of choices come from the columns themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column

from app.core import clock
from app.core.choices import Choice
from app.core.columns import ChoiceText, UtcDateTime
from app.core.db import Base
from app.core.text import N_, Message, tr

SUBJECTS = {
    "assessment": N_("自评"),
    "chain_edition": N_("产业链版本"),
    "claim": N_("申报值"),
    "contact": N_("联系人"),
    "custom_indicator": N_("自定义指标"),
    "digital_assessment": N_("数字化转型"),
    "district_gain": N_("增量测算"),
    "document": N_("佐证材料"),
    "dossier": N_("申报材料"),
    "doubling_target": N_("倍增计划"),
    "edition": N_("政策条款"),
    "eligibility_list": N_("资格清单"),
    "eligibility_renewal": N_("复判过时的判定"),
    "eligibility_run": N_("全部判定"),
    "enrolment": N_("培育专项"),
    "fact": N_("核定值"),
    "duplicate_pair": N_("疑似重复"),
    "export": N_("导出"),
    "firm": N_("企业"),
    "firm_cluster": N_("产业集群"),
    "firm_event": N_("登记变动"),
    "former_name": N_("曾用名"),
    "audit_event": N_("操作日志"),
    "import_row": N_("导入的行"),
    "name_offer": N_("更名提示"),
    "firm_chain": N_("产业链"),
    "firm_list": N_("企业名单"),
    "firm_merge": N_("合并记录"),
    "firm_note": N_("企业备注"),
    "import_batch": N_("导入批次"),
    "import_profile": N_("表格样式"),
    "invitation": N_("企业邀请"),
    "job": N_("后台任务"),
    "mandate": N_("企业授权"),
    "mandate_request": N_("授权申请"),
    "nomination": N_("推荐意见"),
    "nomination_list": N_("推荐名单"),
    "rd_institution": N_("研发机构"),
    "recognition": N_("资质"),
    "reminder": N_("到期提醒"),
    "remap": N_("分类调整"),
    "remap_line": N_("分类调整"),
    "renewed_verdict": N_("判定结果"),
    "replay_difference": N_("重演核对"),
    "revision": N_("规则修订"),
    "roster_entry": N_("规上名录"),
    "rule_run": N_("按规则批量核定"),
    "saved_view": N_("保存的视图"),
    "stored_file": N_("文件"),
    "task": N_("任务"),
    "transfer": N_("没有传完的文件"),
    "user": N_("账号"),
    "verdict": N_("判定结果"),
}

FIELDS = {
    "accepted_by_name": N_("核定人"),
    "actual": N_("实际值"),
    "added_reason": N_("列入理由"),
    "address": N_("地址"),
    "amount": N_("金额"),
    "amount_source": N_("金额来源"),
    "applied": N_("导入行数"),
    "arguments": N_("任务参数"),
    "article": N_("条款或表号"),
    "as_of": N_("判定日期"),
    "assessed_on": N_("评定日期"),
    "attempts": N_("尝试次数"),
    "baseline": N_("基期值"),
    "baseline_source": N_("基期来源"),
    "baseline_year": N_("基期年度"),
    "batch": N_("导入批次"),
    "calibre": N_("口径"),
    "cancel_requested": N_("请求取消"),
    "caseworker": N_("经办人"),
    "chain_role": N_("链上角色"),
    "chains": N_("产业链"),
    "check_note": N_("核对说明"),
    "checked_by": N_("核对人"),
    "checked_on": N_("核对日期"),
    "choices": N_("选项"),
    "cluster": N_("产业集群"),
    "clusters": N_("产业集群"),
    "code": N_("编号"),
    "code_confirmed": N_("信用代码经人工确认"),
    "completed_at": N_("完成时间"),
    "confirmed": N_("人工确认"),
    "content_hash": N_("内容校验值"),
    "counts": N_("数量"),
    "credit_code": N_("统一社会信用代码"),
    "decision": N_("推荐意见"),
    "differences": N_("不同之处"),
    "digest": N_("内容校验值"),
    "document": N_("文件"),
    "document_number": N_("文号"),
    "edition": N_("政策条款"),
    "effective_from": N_("生效日期"),
    "effective_to": N_("失效日期"),
    "effective_year": N_("生效年度"),
    "email": N_("电子邮箱"),
    "ended_on": N_("终止日期"),
    "entered_on": N_("入库日期"),
    "entry_reason": N_("入库理由"),
    "error": N_("错误"),
    "exit_reason": N_("出库理由"),
    "exited_on": N_("出库日期"),
    "file": N_("文件"),
    "filters": N_("筛选条件"),
    "firm": N_("企业"),
    "firms": N_("企业数"),
    "former_name": N_("曾用名"),
    "formula": N_("公式"),
    "from_place": N_("迁自"),
    "from_stage": N_("原阶段"),
    "frozen_at": N_("锁定时间"),
    "frozen_by_name": N_("锁定人"),
    "granted_on": N_("认定日期"),
    "group_name": N_("分组"),
    "hint": N_("填写说明"),
    "industry": N_("行业"),
    "industry_code": N_("行业代码"),
    "is_active": N_("启用"),
    "is_demo": N_("演示数据"),
    "is_primary": N_("主要"),
    "issued_on": N_("发文日期"),
    "key": N_("指标"),
    "kind": N_("类型"),
    "label": N_("指标名称"),
    "left_on": N_("出库日期"),
    "level": N_("级别"),
    "login": N_("账号"),
    "merged": N_("企业合并"),
    "metric": N_("考核指标"),
    "moved_on": N_("变动日期"),
    "multiple": N_("倍增倍数"),
    "must_change_password": N_("须修改密码"),
    "name": N_("名称"),
    "note": N_("备注"),
    "note_text": N_("备注内容"),
    "number": N_("编号"),
    "on_day": N_("变动日期"),
    "owner": N_("负责部门"),
    "pages": N_("页数"),
    "parent": N_("所属法人"),
    "pending": N_("待审核"),
    "person": N_("签署人"),
    "phone": N_("电话"),
    "planned_year": N_("计划年度"),
    "post": N_("职务"),
    "profile": N_("导入模板"),
    "programme": N_("培育专项"),
    "published": N_("公布的结果"),
    "purpose": N_("用途"),
    "quota": N_("名额"),
    "rank": N_("排名"),
    "raw": N_("原始填写"),
    "reach": N_("管理范围"),
    "receipt": N_("回执编号"),
    "reason": N_("理由"),
    "recognised_on": N_("认定日期"),
    "registered_on": N_("成立日期"),
    "retired_on": N_("停用日期"),
    "returned_note": N_("退回意见"),
    "review_note": N_("审核意见"),
    "removed_at": N_("清除时间"),
    "reviewed_by_name": N_("审核人"),
    "revoked_on": N_("撤销日期"),
    "role": N_("岗位"),
    "roster_source": N_("名录来源"),
    "roster_year": N_("规上名录年度"),
    "rows": N_("行数"),
    "scheme": N_("倍增方案"),
    "scope": N_("范围"),
    "score": N_("得分"),
    "since": N_("启用日期"),
    "score_high": N_("最高得分"),
    "score_low": N_("最低得分"),
    "security_code": N_("证券代码"),
    "scan": N_("查毒结果"),
    "sha256": N_("文件校验值"),
    "short": N_("简称"),
    "short_name": N_("简称"),
    "size": N_("文件大小"),
    "source": N_("来源"),
    "source_kind": N_("来源类型"),
    "replaced_by": N_("替换为"),
    "source_label": N_("来源说明"),
    "stage": N_("阶段"),
    "sign_by": N_("希望签署日期"),
    "state": N_("状态"),
    "stated_by_name": N_("填报人"),
    "status": N_("登记状态"),
    "submitted_at": N_("提交时间"),
    "submitted_by_name": N_("提交人"),
    "superseded_at": N_("被取代时间"),
    "taken": N_("采用"),
    "target": N_("目标值"),
    "target_year": N_("目标年度"),
    "title": N_("标题"),
    "to_place": N_("迁往"),
    "to_stage": N_("新阶段"),
    "town": N_("镇街"),
    "towns": N_("所辖镇街"),
    "unit": N_("单位"),
    "until": N_("停用日期"),
    "until_day": N_("委托截止日"),
    "withdrawn_at": N_("认定有误时间"),
    "url": N_("文件网址"),
    "valid_from": N_("有效期起"),
    "valid_until": N_("有效期止"),
    "value": N_("数值"),
    "verdict": N_("判定结果"),
    "void_reason": N_("作废理由"),
    "workbook": N_("Excel 标识"),
    "year": N_("年度"),
    "years": N_("年限"),
}

# where the common word for a field does not fit its subject
OWN_FIELDS = {
    ("contact", "name"): N_("姓名"),
    ("contact", "is_primary"): N_("主要联系人"),
    ("user", "name"): N_("姓名"),
    ("edition", "code"): N_("条款编号"),
}

# fields of the log that are no column of their subject, and the column that holds their values
HELD_BY = {
    ("firm", "clusters"): ("firm_cluster", "cluster"),
    ("user", "towns"): ("firm", "town"),
    ("verdict", "published"): ("verdict", "state"),
}


def subject_label(kind: str) -> str:
    """Return the msgid of a kind of subject; a kind unknown here is shown as 其他."""
    return SUBJECTS.get(kind, N_("其他"))


def field_label(kind: str, field: str) -> str:
    """Return the msgid of a field: that of its subject before the common one.

    What has no label is already in words (the log of a figure names it), or is better shown raw than hidden.
    """
    return OWN_FIELDS.get((kind, field)) or FIELDS.get(field, field)


def shown(kind: str, field: str, value: Any) -> Message | str:
    """Return a logged value in words: choices by their label, moments in the district's time."""
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return tr("是") if value else tr("否")
    if isinstance(value, list):
        return _joined([shown(kind, field, item) for item in value])
    if isinstance(value, dict):
        return "；".join(f"{key} {item}" for key, item in value.items())
    column = _column(kind, field)
    if column is not None and isinstance(column.type, ChoiceText):
        return _choice(column.type.choices, str(value))
    if column is not None and isinstance(column.type, UtcDateTime):
        return _moment(str(value))
    return str(value)


def _column(kind: str, field: str) -> Column[Any] | None:
    table, name = HELD_BY.get((kind, field), (kind, field))
    found = Base.metadata.tables.get(table)
    return found.columns.get(name) if found is not None else None


def _choice(choices: type[Choice], value: str) -> Message | str:
    member = next((one for one in choices if one.value == value), None)
    return Message(member.label) if member is not None else value


def _moment(value: str) -> str:
    try:
        return clock.local(datetime.fromisoformat(value)).strftime("%Y-%m-%d %H:%M:%S")
    except ValueError:
        return value


def _joined(items: list[Message | str]) -> Message | str:
    if len(items) == 1:
        return items[0]
    names = {f"i{place}": item for place, item in enumerate(items)}
    return Message("、".join(f"%({name})s" for name in names), names)
