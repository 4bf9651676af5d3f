"""The identity of a firm as a person or a table gives it, and its fields brought into form (pure)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from app.access.actor import Actor, Reach
from app.core import clock
from app.core.errors import Invalid
from app.core.text import tr
from app.firms import credit_code, search_text
from app.firms.models import Firm
from app.firms.taxonomy import ChainRole, ClusterCode, FirmStatus, Town


class CodeDoubtful(Invalid):
    """The check digit of a credit code fails; a person may confirm it (``code_confirmed``)."""


@dataclass(frozen=True, kw_only=True)
class FirmDraft:
    """The identity of a firm as a person or a table gives it.

    ``clusters`` begins with the primary one. ``status``, ``former_names``, ``caseworker_id``, ``source`` and
    ``is_demo`` count when the firm is created; later they have verbs of their own.
    """

    name: str
    short_name: str = ""
    credit_code: str | None = None
    code_confirmed: bool = False
    security_code: str | None = None
    town: Town | None = None
    address: str = ""
    industry: str = ""
    industry_code: str | None = None
    clusters: tuple[ClusterCode, ...] = ()
    chain_role: ChainRole | None = None
    status: FirmStatus = FirmStatus.ACTIVE
    registered_on: date | None = None
    note: str = ""
    former_names: tuple[str, ...] = ()
    caseworker_id: int | None = None
    source: str = ""
    is_demo: bool = False


COLUMNS = tuple(
    field.name
    for field in fields(FirmDraft)
    if field.name not in {"clusters", "former_names", "caseworker_id", "source", "is_demo"}
)


def cleaned(draft: FirmDraft, *, by: Actor, was: Firm | None) -> dict[str, Any]:
    values = {name: getattr(draft, name) for name in COLUMNS}
    for name in ("name", "short_name", "address", "industry", "note"):
        values[name] = str(values[name]).strip().strip("\u3000")
        most = getattr(Firm, name).type.length
        if most and len(values[name]) > most:
            raise Invalid(name, tr("最多 %(most)s 个字，现有 %(n)s 个。", most=most, n=len(values[name])))
    if not values["name"]:
        raise Invalid("name", tr("请填写企业名称。"))
    if draft.registered_on is not None and draft.registered_on > clock.today():
        raise Invalid("registered_on", tr("成立日期不能晚于今天。"))
    if draft.status is FirmStatus.MERGED:
        raise Invalid("status", tr("并入其他企业请用“合并企业档案”办理。"))
    if len(set(draft.clusters)) != len(draft.clusters):
        raise Invalid("clusters", tr("同一个产业集群不能重复。"))
    moves = was is None or was.town != draft.town
    if by.reach is Reach.TOWNS and moves and (draft.town is None or draft.town.value not in by.towns):
        raise Invalid("town", tr("只能选择您所辖的镇街；跨镇街的企业请交由全区范围的同事办理。"))
    _clean_codes(draft, values, was=was)
    return values


def _clean_codes(draft: FirmDraft, values: dict[str, Any], *, was: Firm | None) -> None:
    values["credit_code"], values["code_confirmed"] = None, False
    if draft.credit_code and credit_code.normalise(draft.credit_code):
        found = credit_code.check(draft.credit_code)
        if found.problem is not None and not found.is_warning:
            raise Invalid("credit_code", found.problem)
        already = was is not None and was.code_confirmed and was.credit_code == found.code
        if found.problem is not None and not already and not draft.code_confirmed:
            raise CodeDoubtful("credit_code", found.problem)
        values["credit_code"], values["code_confirmed"] = found.code, found.is_warning
    code = search_text.bare(draft.security_code or "").upper() or None
    if code is not None and not (code.isalnum() and code.isascii() and len(code) <= Firm.security_code.type.length):
        raise Invalid("security_code", tr("证券代码只含数字和字母，例如 000576。"))
    values["security_code"] = code
