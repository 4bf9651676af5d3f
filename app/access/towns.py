"""The six towns and sub-districts: what a member of staff's reach is made of.

Source: 《江门市蓬江区先进制造业发展“十四五”规划（2021-2025）》, 2023-06, table 2. Kept by codes of our own,
since two official tables disagree on the division codes of three of them.
"""

from __future__ import annotations

from app.core.choices import Choice
from app.core.text import N_


class Town(Choice):
    """A town or sub-district (镇街); OUTSIDE marks firms registered elsewhere."""

    TANGXIA = "tangxia", N_("棠下镇")
    HETANG = "hetang", N_("荷塘镇")
    DURUAN = "duruan", N_("杜阮镇")
    HUANSHI = "huanshi", N_("环市街")
    CHAOLIAN = "chaolian", N_("潮连街")
    BAISHA = "baisha", N_("白沙街")
    OUTSIDE = "outside", N_("区外")
