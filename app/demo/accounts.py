"""Demo accounts: one for each post. They exist in demo data only and never in production."""

from __future__ import annotations

from dataclasses import dataclass

from app.access.actor import Reach
from app.access.roles import Role
from app.access.towns import Town

PASSWORD = "yuqi-demo-2026"  # noqa: S105 - printed by scripts/serve; refused in production


@dataclass(frozen=True)
class DemoAccount:
    """Who can sign in to look around."""

    login: str
    name: str
    role: Role
    reach: Reach = Reach.DISTRICT
    towns: tuple[str, ...] = ()
    firm_number: int | None = None
    phone: str = ""


ACCOUNTS = (
    DemoAccount("demo-caseworker", "林晓（演示）", Role.CASEWORKER, phone="0750-0000000"),
    DemoAccount("demo-reviewer", "陈立群（演示）", Role.REVIEWER),
    DemoAccount("demo-leader", "周敏（演示）", Role.LEADER),
    DemoAccount("demo-auditor", "黄珊（演示）", Role.AUDITOR),
    DemoAccount("demo-admin", "何平（演示）", Role.ADMIN),
    DemoAccount("demo-duruan", "梁志（演示）", Role.CASEWORKER, Reach.TOWNS, (Town.DURUAN.value, Town.TANGXIA.value)),
    DemoAccount("demo-filler", "赵填（演示）", Role.FIRM_FILLER, firm_number=1),
    DemoAccount("demo-signatory", "钱总（演示）", Role.FIRM_SIGNATORY, firm_number=1),
)
