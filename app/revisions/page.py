"""What the pages of a revision show: its pieces beside what changed, its cases, its impact in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.core.errors import NotFound
from app.core.text import N_
from app.eligibility.models import VerdictState
from app.facts.catalogue import load_catalogue
from app.firms import queries as firms
from app.firms.taxonomy import ClusterCode, Town
from app.jobs import queries as jobs
from app.jobs.models import FINISHED
from app.nominations.models import ListState
from app.revisions import queries, transition
from app.revisions.models import Revision, RevisionText
from app.rulebooks import blocks, words
from app.rulebooks import queries as rulebooks
from app.rulebooks.blocks import Block
from app.rulebooks.schema import Rulebook

KINDS: Mapping[str, str] = {
    "head": N_("开头"), "policy": N_("政策文件"), "requirement": N_("要求"), "clause": N_("条款"),
    "score": N_("评分表"), "score.group": N_("评分项"), "definition": N_("定义"), "material": N_("申报材料"),
    "transition": N_("过渡规定"), "ladder": N_("等级"), "level": N_("等级"),
}  # fmt: skip


def shown(session: Session, about: Revision, *, for_: Actor) -> dict[str, Any]:
    """Return everything that the page of a revision prints."""
    text = queries.newest(session, about.id)
    stands = queries.standing(session, about, text)
    return {
        "about": about, "text": text, "stands": stands, "pieces": blocks.blocks(text.content), "kinds": KINDS,
        "rows": [row for row in stands.rows if row.state != "same"],
        "base": rulebooks.edition(session, about.base_id),
        "edition": rulebooks.edition(session, about.edition_id) if about.edition_id else None,
        "history": queries.history(session, about.id),
        "impact": _impact(session, about, for_=for_) if about.impact else None,
        "is_fresh": about.impact is not None and about.impact_digest == text.digest,
        "job": jobs.if_visible(session, about.job_id, for_=for_) if about.job_id else None,
        "affected": transition.affected(session, about.base_id),
        "finished": FINISHED, "may_seal": for_.id not in queries.writers(session, about.id),
    }  # fmt: skip


def piece(content: str, number: int) -> Block:
    """Return one piece of a text, or raise ``NotFound``."""
    found = blocks.blocks(content)
    if number >= len(found):
        raise NotFound
    return found[number]


def is_same_piece(session: Session, revision_id: int, seen: int, now: Block) -> bool:
    """Tell whether the piece that a person had before them still stands there; if not, theirs must not go there."""
    text = session.get(RevisionText, seen)
    if text is None or text.revision_id != revision_id:
        return False
    then = blocks.blocks(text.content)
    return now.number < len(then) and (then[now.number].kind, then[now.number].id) == (now.kind, now.id)


def beside(base: Rulebook, of: Block) -> words.ShownClause | None:
    """Return the clause of the base that a piece revises, in words."""
    shown_clauses = words.shown(base).clauses
    return next((one for one in shown_clauses if one.clause.id == of.id), None) if of.kind == "clause" else None


def _impact(session: Session, about: Revision, *, for_: Actor) -> Mapping[str, Any]:
    kept = about.impact or {}
    ids = [firm_id for firm_id, _why in (*kept["gained"], *kept["lost"])]
    hidden = firms.beyond(session, ids, for_)
    names = firms.names(session, [one for one in ids if one not in hidden])
    catalogue = load_catalogue()
    states = {state.value: state.label for state in VerdictState}
    return {
        **kept,
        "states": states,
        "gained": [(one, names[one], why) for one, why in kept["gained"] if one in names],
        "lost": [(one, names[one], why) for one, why in kept["lost"] if one in names],
        "towns": [(_label(Town, code), *both) for code, both in sorted(kept["by_town"].items())],
        "clusters": [(_label(ClusterCode, code), *both) for code, both in sorted(kept["by_cluster"].items())],
        "asked": [catalogue.get(key).short for key in kept["asked"]],
        "list_states": {state.value: state.label for state in ListState},
    }  # fmt: skip


def _label(choices: type[Town] | type[ClusterCode], code: str) -> str:
    return next((one.label for one in choices if one.value == code), code)
