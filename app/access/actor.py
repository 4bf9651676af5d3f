"""Who acts: a plain value, the same for a person in a browser, a command and a job."""

from __future__ import annotations

from dataclasses import dataclass

from app.access.roles import FIRM_ROLES, Role
from app.core.choices import Choice
from app.core.text import N_


class Reach(Choice):
    """Which firms a member of staff sees."""

    DISTRICT = "district", N_("全区企业")
    TOWNS = "towns", N_("所辖镇街企业")
    PORTFOLIO = "portfolio", N_("本人经办企业")


@dataclass(frozen=True)
class Actor:
    """A person (or the system itself, ``id`` None) with a role and a reach."""

    id: int | None
    login: str
    name: str
    role: Role
    reach: Reach = Reach.DISTRICT
    towns: tuple[str, ...] = ()
    firm_id: int | None = None

    @property
    def is_firm(self) -> bool:
        return self.role in FIRM_ROLES


SYSTEM = Actor(id=None, login="system", name="系统", role=Role.ADMIN)
