"""From a nomination on a frozen list to everything its dossier says.

The figures are those of the verdict's own sheet, not those held today: what was decided is what is printed. A figure
that has been replaced since is marked so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.core import clock
from app.core.digest import canonical_json
from app.documents.amounts import capital_wan
from app.documents.format import moment_text, money
from app.dossiers import history
from app.dossiers.context import DecisionPart, DossierContext
from app.dossiers.papers import papers_part
from app.dossiers.profile import firm_part
from app.dossiers.reasons import judgement_part
from app.eligibility.models import Verdict
from app.facts.sheet import FactSheet
from app.firms import queries as firms
from app.nominations.models import Nomination, NominationList
from app.rulebooks import queries as rulebooks

ORGAN = "江门市蓬江区科学技术局"
TITLE = "扶持资金申报材料"
UNDEFINED = "未定义"

DECLARATIONS = (
    "本企业所提供的数据、证件和附件真实、准确、完整、有效，与原件一致；填报的指标与财务账册、统计报表和纳税申报相符。",
    "本企业未就同一事项重复申报、多头申报，也未就同一事项重复领取财政资金；历史上已获得同类奖励的，已如实说明。",
    "本企业知悉财政资金的使用规定，自愿接受主管部门的核查、公示和绩效评价，并配合提供原始凭证。",
    "如有虚假填报、隐瞒或重复领取，本企业愿意退回已取得的资金，并承担相应的法律责任。",
)
DECLARATION_NOTE = "本承诺为示范文本；当年申报通知另有格式的，从其格式。"


@dataclass(frozen=True, slots=True)
class Imprint:
    """What sets one dossier apart from another of the same nomination."""

    number: str
    code: str
    address: str
    issued_at: datetime


def assemble(session: Session, nomination: Nomination, chosen: NominationList, imprint: Imprint, *, by: Actor
) -> DossierContext:  # fmt: skip
    """Return everything the dossier of a nomination says. The same rows and imprint give the same context.

    Raises NotFound when the firm is out of the person's reach, Invalid when the amount cannot be written in capitals.
    """
    firm = firms.firm(session, nomination.firm_id, for_=by, whole=True)
    verdict = session.get_one(Verdict, nomination.verdict_id)
    edition = rulebooks.edition(session, verdict.edition_id)
    rulebook = rulebooks.rulebook_of(edition)
    sheet = FactSheet.from_canonical(canonical_json(verdict.sheet))
    figures = history.number(sheet, history.origins(session, sheet))
    return DossierContext(
        number=imprint.number,
        code=imprint.code,
        address=imprint.address,
        issued_at=imprint.issued_at,
        organ=ORGAN,
        title=TITLE,
        firm=firm_part(session, firm),
        decision=_decision(nomination, chosen),
        judgement=judgement_part(verdict, edition, rulebook, figures),
        figures=history.figures_part(figures, verdict.as_of.year - 1),
        papers=papers_part(session, figures, rulebook),
        declarations=DECLARATIONS,
        declaration_note=DECLARATION_NOTE,
    )


def _decision(nomination: Nomination, chosen: NominationList) -> DecisionPart:
    amount = nomination.amount
    return DecisionPart(
        list_id=chosen.id,
        list_title=chosen.title,
        list_digest=chosen.digest,
        frozen=f"{chosen.frozen_by_name}，{moment_text(chosen.frozen_at)}",
        decision=nomination.decision.label,
        decided=f"{nomination.decided_by_name}，{_day(nomination.decided_at)}" if nomination.decided_by_name else "—",
        reason=nomination.reason or "—",
        added=f"{nomination.added_by_name}增列：{nomination.added_reason}" if nomination.added_reason else "",
        rank=f"第 {nomination.rank} 位" if nomination.rank is not None else "—",
        amount=amount,
        amount_figures=UNDEFINED if amount is None else money(amount, places=None),
        amount_capital=UNDEFINED if amount is None else capital_wan(amount),
        amount_source=nomination.amount_source if amount is not None else "政策资料未载明金额，须由主管部门核定后填写",
    )


def _day(moment: datetime | None) -> str:
    return "—" if moment is None else clock.local(moment).date().isoformat()
