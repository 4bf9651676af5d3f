"""Judge one firm: (rulebook, fact sheet, day) → Judgement. Pure, exact, and the same for the same input.

A demand is one clause, or several joined by ``requirement``: bands of which only one applies, or alternatives of which
one is enough. Any demand unmet → ineligible; else any unknown → undetermined; else any in need of review →
needs_review; else eligible.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from app.eligibility.engine import wording
from app.eligibility.engine.check import Check
from app.eligibility.engine.conditions import checked
from app.eligibility.engine.finding import Finding, Judgement, Obstacle, ScoreResult, used
from app.eligibility.engine.ladder import climbed
from app.eligibility.engine.measure import measured
from app.eligibility.engine.outcome import Decision, Outcome, all_of, any_of, decided
from app.eligibility.engine.score import scored
from app.eligibility.engine.setting import Setting, make_setting
from app.facts.sheet import FactSheet
from app.rulebooks.criteria import Compare, Score, Test
from app.rulebooks.schema import DECIDING_KINDS, Clause, Rulebook
from app.rulebooks.walking import walk

_REASON_LENGTH = 380
_STANDING = {
    "recalled": "待核：本条文字凭记忆录入，尚未与原文核对",
    "not_found": "未定义：本条未查到原文",
}


def evaluate(rulebook: Rulebook, sheet: FactSheet, as_of: date, kind: str = "new") -> Judgement:
    """Return the judgement of a firm's figures under an edition on a day.

    ``kind`` is new or review. Raises core.errors.Invalid when an expert score on the sheet lies outside its band or is
    not a whole number. Nothing is read but the arguments.
    """
    setting = make_setting(rulebook, sheet, as_of, kind)
    if rulebook.score is not None:
        setting.score = scored(setting, rulebook.score)
        setting.score_flags = _score_flags(setting.score)
    findings = tuple(_finding(setting, clause) for clause in rulebook.clauses)
    obstacles, outcome = _weighed(rulebook, findings)
    decision = decided(outcome)
    return Judgement(
        edition=rulebook.id,
        title=rulebook.title,
        rulebook_digest=rulebook.digest,
        sheet_digest=sheet.digest,
        as_of=as_of,
        kind=kind,
        decision=decision,
        reason=_reason(decision, obstacles, findings, setting.score),
        score=setting.score,
        findings=findings,
        obstacles=obstacles,
        level=climbed(rulebook.ladder, {one.clause: one.outcome for one in findings}) if rulebook.ladder else None,
    )


def _finding(setting: Setting, clause: Clause) -> Finding:
    check = _judged(setting, clause)
    flags: tuple[str, ...] = ()
    if check.outcome is not Outcome.NOT_APPLICABLE:
        flags = (*_doubts(setting.rulebook, clause), *check.flags)
        if setting.score_flags and _uses_score(clause):
            flags += setting.score_flags
    sentence = check.sentence
    if flags:
        sentence += "（" + "；".join(flags) + "）"
    return Finding(
        clause=clause.id,
        article=clause.article,
        kind=clause.kind,
        decides=clause.decides,
        requirement=clause.requirement,
        outcome=check.outcome,
        actual=check.actual,
        actual_exact=check.actual_exact,
        actual_text=check.actual_text,
        operator=check.operator,
        required=check.required,
        required_text=check.required_text,
        unit=clause.unit,
        gap=check.gap,
        gap_unit=check.gap_unit,
        gap_text=check.gap_text,
        used=tuple(used(fact) for fact in check.used),
        missing=check.missing,
        explanation=f"{sentence}。",
        flags=flags,
    )


def _judged(setting: Setting, clause: Clause) -> Check:
    """Return the check of a clause within its scope, with what exempts from it and what leaves it to a person."""
    if clause.only_when is not None and not clause.only_when.covers(setting.kind, setting.as_of):
        return Check(Outcome.NOT_APPLICABLE, "本条只用于另一时间或另一类申请，本次不适用")
    if clause.skip_when is not None and clause.skip_when.covers(setting.kind, setting.as_of):
        return Check(Outcome.NOT_APPLICABLE, "本类申请不考察本条")
    check = _checked(setting, clause)
    if clause.exempt_by:
        check = _exempted(setting, clause, check)
    doubt = clause.review_when
    if doubt is not None and doubt.outcome == check.outcome and doubt.scope.covers(setting.kind, setting.as_of):
        check.outcome, check.sentence = Outcome.NEEDS_REVIEW, f"{check.sentence}；{doubt.why}，须人工判定"
    return check


def _exempted(setting: Setting, clause: Clause, check: Check) -> Check:
    """An exemption that is known to hold leaves the clause unexamined; one that may hold leaves a failure open."""
    routes = [_judged(setting, setting.rulebook.clause(route)) for route in clause.exempt_by]
    granted = next((route for route in routes if route.outcome is Outcome.MET), None)
    if granted is not None:
        return Check(Outcome.NOT_APPLICABLE, f"{granted.sentence}，免除本条要求", granted.used)
    open_routes = [route for route in routes if route.outcome in (Outcome.UNKNOWN, Outcome.NEEDS_REVIEW)]
    if check.outcome is Outcome.MET or not open_routes:
        return check
    check.outcome = any_of([check.outcome, *(route.outcome for route in open_routes)])
    check.missing = tuple(dict.fromkeys((*check.missing, *(place for one in open_routes for place in one.missing))))
    check.used = tuple(dict.fromkeys((*check.used, *(fact for one in open_routes for fact in one.used))))
    check.sentence += "；能否免除本条要求：" + "；".join(route.sentence for route in open_routes)
    return check


def _checked(setting: Setting, clause: Clause) -> Check:
    if clause.test is None and clause.kind in DECIDING_KINDS:
        return Check(Outcome.NOT_APPLICABLE, clause.note.rstrip("。") or "本条在本版规则中不作判定")
    if clause.test is None:
        return Check(Outcome.NOT_APPLICABLE, "本条为程序性规定，不对企业数据作判定")
    if clause.only_for and setting.kind not in clause.only_for:
        return Check(Outcome.NOT_APPLICABLE, "本条不适用于此类申请")
    if clause.applies_when is None:
        return checked(setting, clause.test)
    condition = applies(setting, clause.applies_when)
    if condition.outcome in (Outcome.UNMET, Outcome.NOT_APPLICABLE):
        return Check(Outcome.NOT_APPLICABLE, f"{condition.sentence}，本条不适用", condition.used)
    check = checked(setting, clause.test)
    check.used = tuple(dict.fromkeys((*condition.used, *check.used)))
    if condition.outcome is not Outcome.MET and check.outcome is not Outcome.MET:
        check.missing = tuple(dict.fromkeys((*condition.missing, *check.missing)))
        check.outcome = Outcome.UNKNOWN if check.missing else Outcome.NEEDS_REVIEW
        check.sentence = f"{wording.wanting(check.missing)}，无法判定" if check.missing else condition.sentence
        check.gap, check.gap_text, check.gap_unit = None, "", ""
    return check


def applies(setting: Setting, condition: Test) -> Check:
    """Return whether a clause applies, with a sentence that tells the figures without calling them good or bad."""
    if not isinstance(condition, Compare):
        check = checked(setting, condition)
        check.sentence = wording.told(check.used) if check.outcome is Outcome.UNMET else check.sentence
        return check
    reading = measured(setting, condition.measure)
    if reading.value is None:
        outcome = Outcome.UNKNOWN if reading.missing else Outcome.NEEDS_REVIEW
        return Check(outcome, reading.review, reading.used, reading.missing)
    fits = all(reading.fits(bound) for bound in condition.bounds)
    said = f"{wording.told(reading.used[:1])}，不属本档"
    return Check(Outcome.MET if fits else Outcome.UNMET, said, reading.used)


def _doubts(rulebook: Rulebook, clause: Clause) -> tuple[str, ...]:
    """A clause or definition that was only recalled says so in every finding that rests on it."""
    doubts = [_STANDING[clause.status]] if clause.status in _STANDING else []
    terms = [rulebook.definition(definition_id) for definition_id in clause.relies_on]
    unsure = "".join(f"“{term.term}”" for term in terms if term.status != "verified")
    if unsure:
        doubts.append(f"待核：{unsure}的定义尚未与原文核对")
    return tuple(doubts)


def _score_flags(score: ScoreResult) -> tuple[str, ...]:
    items = (item for group in score.groups for item in group.items)
    return tuple(dict.fromkeys(flag for item in items for flag in item.flags))


def _uses_score(clause: Clause) -> bool:
    return any(isinstance(inner, Compare) and isinstance(inner.measure, Score) for inner in walk(clause.test))


def _weighed(rulebook: Rulebook, findings: tuple[Finding, ...]) -> tuple[tuple[Obstacle, ...], Outcome]:
    """Return what stands in the way and how all demands together come out; parts first, then what they are part of."""
    joined: dict[str, list[Finding]] = {}
    for found in findings:
        if found.decides:
            joined.setdefault(found.requirement, []).append(found)
    demands = {demand: _Demand(demand, [found.outcome for found in group], group) for demand, group in joined.items()}
    for rule in reversed(rulebook.requirements):
        part = demands.pop(rule.id, None) if rule.part_of else None
        if part is not None:
            whole = demands.setdefault(rule.part_of, _Demand(rule.part_of, [], []))
            whole.outcomes.insert(0, part.outcome(rulebook))
            whole.parts.insert(0, part)
    outcomes = {name: demand.outcome(rulebook) for name, demand in demands.items()}
    standing = [
        _obstacle(rulebook, demands[name], outcome)
        for name, outcome in outcomes.items()
        if outcome not in (Outcome.MET, Outcome.NOT_APPLICABLE)
    ]
    vetoes = {found.requirement for found in findings if found.kind == "veto"}
    standing.sort(key=lambda obstacle: obstacle.requirement not in vetoes)
    return tuple(standing), all_of(outcomes.values())


@dataclass(slots=True)
class _Demand:
    """A demand with the outcomes that are weighed in it: of its clauses and of its parts."""

    id: str
    outcomes: list[Outcome]
    findings: list[Finding]
    parts: list[_Demand] = field(default_factory=list)

    def outcome(self, rulebook: Rulebook) -> Outcome:
        return any_of(self.outcomes) if _combines_any(rulebook, self.id) else all_of(self.outcomes)

    def standing(self, rulebook: Rulebook) -> list[Finding]:
        """Return the findings that make the demand come out as it does, in the order of the clauses."""
        outcome = self.outcome(rulebook)
        of_parts = [one for part in self.parts if part.outcome(rulebook) is outcome for one in part.standing(rulebook)]
        return [*of_parts, *(found for found in self.findings if found.outcome is outcome)]


def _combines_any(rulebook: Rulebook, demand: str) -> bool:
    return any(rule.id == demand and rule.combine == "any" for rule in rulebook.requirements)


def _obstacle(rulebook: Rulebook, demand: _Demand, outcome: Outcome) -> Obstacle:
    standing = demand.standing(rulebook)
    told = dict.fromkeys(found.explanation for found in standing)
    labels = {rule.id: rule.label for rule in rulebook.requirements}
    label = labels.get(demand.id) or rulebook.clause(demand.id).text
    clauses = tuple(found.clause for found in standing)
    return Obstacle(demand.id, label, clauses, outcome, "".join(told))


def _reason(
    decision: Decision, obstacles: tuple[Obstacle, ...], findings: tuple[Finding, ...], score: ScoreResult | None
) -> str:
    """Return one sentence for the phone: the demands which settle the decision, the first of them in full."""
    if decision is Decision.ELIGIBLE:
        tail = "" if score is None else f"，综合得分 {wording.points(score.low, score.high)}"
        return _within(f"各项条件均符合{tail}。{_routes(findings)}")
    wanted = {
        Decision.INELIGIBLE: Outcome.UNMET,
        Decision.UNDETERMINED: Outcome.UNKNOWN,
        Decision.NEEDS_REVIEW: Outcome.NEEDS_REVIEW,
    }[decision]
    settling = [obstacle for obstacle in obstacles if obstacle.outcome is wanted]
    head = {
        Decision.INELIGIBLE: "不符合条件",
        Decision.UNDETERMINED: "资料不足，暂不能判定",
        Decision.NEEDS_REVIEW: "须经专家或人工判定",
    }[decision]
    more = f"另有 {len(settling) - 1} 项同样情形。" if len(settling) > 1 else ""
    first = settling[0].explanation
    return f"{head}：{_within(first, len(head) + len(more))}{more}"


def _routes(findings: tuple[Finding, ...]) -> str:
    """Tell by which direct routes and exemptions the firm gets in, with any doubt about their wording."""
    direct = "".join(f"直通条件：{one.explanation}" for one in findings if one.kind == "direct" and one.decides
                     and one.outcome is Outcome.MET)  # fmt: skip
    exempt = "".join(f"免除条件：{one.explanation}" for one in findings if one.kind == "exempt" and one.decides
                     and one.outcome is Outcome.MET)  # fmt: skip
    return direct + exempt


def _within(text: str, taken: int = 0) -> str:
    room = _REASON_LENGTH - taken
    return text if len(text) <= room else text[: room - 1] + "…"
