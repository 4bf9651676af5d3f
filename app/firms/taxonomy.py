"""Towns, clusters and chain roles of the district: facts of its plan.

Source: 《江门市蓬江区先进制造业发展“十四五”规划（2021-2025）》, 2023-06, boxes 1–5 (clusters).
"""

from __future__ import annotations

from app.access.towns import Town as Town
from app.core.choices import Choice
from app.core.text import N_


class ClusterCode(Choice):
    """The five clusters (3+2) of the plan."""

    SMART_APPLIANCES = "smart_appliances", N_("智能家电")
    HIGH_END_EQUIPMENT = "high_end_equipment", N_("高端装备制造")
    NEW_GENERATION_IT = "new_generation_it", N_("新一代信息技术")
    MOTORCYCLES = "motorcycles", N_("摩托车及零配件")
    HEALTH_FOOD = "health_food", N_("健康食品")


class ChainRole(Choice):
    """A firm's place in its industrial chain."""

    LEADER = "leader", N_("链主企业")
    BACKBONE = "backbone", N_("骨干企业")
    GROWING = "growing", N_("高成长企业")
    SUPPLIER = "supplier", N_("配套企业")


class FirmStatus(Choice):
    """Registration state."""

    ACTIVE = "active", N_("存续")
    MOVED_OUT = "moved_out", N_("迁出")
    CANCELLED = "cancelled", N_("注销")
    REVOKED = "revoked", N_("吊销")
    MERGED = "merged", N_("已并入其他企业")


class EventKind(Choice):
    """What happened to a firm at the registry, on a day."""

    MOVED_IN = "moved_in", N_("迁入")
    MOVED_WITHIN = "moved_within", N_("区内迁移")
    MOVED_OUT = "moved_out", N_("迁出")
    CANCELLED = "cancelled", N_("注销")
    REVOKED = "revoked", N_("吊销")
    RESTORED = "restored", N_("恢复存续")
    BRANCH = "branch", N_("登记为分支机构")


class MergeState(Choice):
    """Where a merge stands; claims and facts change firms only while one is under way."""

    MERGING = "merging", N_("合并中")
    MERGED = "merged", N_("已合并")
    UNMERGING = "unmerging", N_("撤销中")
    UNMERGED = "unmerged", N_("已撤销")


class PairState(Choice):
    """What a person said of two firms that look like one."""

    OPEN = "open", N_("待核对")
    DIFFERENT = "different", N_("不是同一家")
    MERGED = "merged", N_("已合并")
