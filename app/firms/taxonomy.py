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
