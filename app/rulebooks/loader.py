"""From an edition's folder to a Rulebook. Every refusal names the file, the clause and the remedy.

``load_edition`` and ``load_all`` read sealed editions only, once per process.
"""

from __future__ import annotations

import tomllib
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from app.core.errors import NotFound
from app.core.text import tr
from app.rulebooks import schema, scopes, seal
from app.rulebooks.criteria import Bound, Compare, Measure, Score, Test
from app.rulebooks.schema import Rulebook
from app.rulebooks.tables import RulebookError, Table
from app.rulebooks.vocabulary import read_bounds, read_condition, read_item_measure, read_test
from app.rulebooks.walking import walk

EDITIONS = Path(__file__).parent / "editions"


def edition_ids() -> tuple[str, ...]:
    """Return the ids of all editions that have a folder, sorted."""
    return tuple(sorted(path.parent.name for path in EDITIONS.glob(f"*/{seal.RULEBOOK}")))


@lru_cache(maxsize=1)
def load_all() -> tuple[Rulebook, ...]:
    """Return all sealed editions. Raises RulebookError naming file, clause and remedy."""
    return tuple(load_edition(edition_id) for edition_id in edition_ids())


@lru_cache(maxsize=64)
def load_edition(edition_id: str) -> Rulebook:
    """Return a sealed edition. Raises NotFound for an unknown id, RulebookError for one that is not in order."""
    rulebook = read_unsealed(edition_id)
    folder = EDITIONS / edition_id
    seal.check(folder, (folder / seal.RULEBOOK).read_bytes())
    return rulebook


def read_unsealed(edition_id: str) -> Rulebook:
    """Return an edition whether it is sealed or not (for sealing it). Raises NotFound or RulebookError."""
    if edition_id not in edition_ids():
        raise NotFound(tr("没有“%(id)s”这一版规则，现有：%(known)s。", id=edition_id, known="、".join(edition_ids())))
    file = f"{edition_id}/{seal.RULEBOOK}"
    rulebook = read_rulebook((EDITIONS / edition_id / seal.RULEBOOK).read_bytes(), file)
    if rulebook.id != edition_id:
        raise RulebookError(tr("%(file)s：id 是“%(id)s”，须与文件夹同名。", file=file, id=rulebook.id))
    return rulebook


def read_rulebook(content: bytes, file: str) -> Rulebook:
    """Return the rulebook written in TOML; ``file`` names it in refusals. Raises RulebookError."""
    try:
        text = content.decode("utf-8")
        data = tomllib.loads(text, parse_float=Decimal)
    except UnicodeDecodeError:
        raise RulebookError(tr("%(file)s：不是 UTF-8 文本。", file=file)) from None
    except tomllib.TOMLDecodeError as error:
        raise RulebookError(tr("%(file)s：不是有效的 TOML（%(why)s）。", file=file, why=error)) from None
    table = Table(data, file)
    rulebook = _rulebook(table, file, text, seal.digest(content))
    table.done()
    _check_references(rulebook, table)
    if not any(clause.decides for clause in rulebook.clauses):
        raise table.error(tr("至少须有一条参与判定的条款，否则任何企业都会被判为符合。"))
    return rulebook


def _rulebook(table: Table, file: str, text: str, digest: str) -> Rulebook:
    requirements = tuple(_requirement(inner) for inner in table.tables("requirement", optional=True))
    return Rulebook(
        id=table.text("id"),
        programme=table.text("programme"),
        title=table.text("title"),
        region=table.text("region"),
        kinds=scopes.read_kinds(table),
        effective_from=table.day("effective_from", optional=table.raw("effective_from") == ""),
        effective_to=table.day("effective_to", optional=True),
        validity=table.text("validity"),
        decision=table.text("decision"),
        checked_on=table.day("checked_on", optional=True),
        checked_by=table.text("checked_by", ""),
        note=table.text("note", ""),
        policies=tuple(_policy(inner) for inner in table.tables("policy")),
        clauses=_clauses(table, file),
        requirements=requirements,
        definitions=tuple(_definition(inner) for inner in table.tables("definition", optional=True)),
        materials=tuple(_material(inner) for inner in table.tables("material", optional=True)),
        score=_score(table.table("score"), file) if "score" in table else None,
        ladder=_ladder(table.table("ladder")) if "ladder" in table else None,
        transitions=tuple(scopes.read_transition(inner) for inner in table.tables("transition", optional=True)),
        digest=digest,
        content=text,
    )


def _policy(table: Table) -> schema.PolicySource:
    policy = schema.PolicySource(table.text("name"), table.text("number"), table.texts("issued_by"))
    table.done()
    return policy


def _requirement(table: Table) -> schema.Requirement:
    found = schema.Requirement(
        table.text("id"), table.text("label"), table.choice("combine", ("all", "any")), table.text("part_of", "")
    )
    table.done()
    return found


def _definition(table: Table) -> schema.Definition:
    definition = schema.Definition(
        table.text("id"),
        table.text("term"),
        table.text("text"),
        table.choice("status", schema.STATUSES),
        table.choice("evidence", schema.EVIDENCES),
    )
    table.done()
    return definition


def _material(table: Table) -> schema.Material:
    material = schema.Material(
        table.text("code"),
        table.text("name"),
        table.yes("required", True),
        table.choice("status", schema.STATUSES),
    )
    table.done()
    return material


def _clauses(table: Table, file: str) -> tuple[schema.Clause, ...]:
    clauses: list[schema.Clause] = []
    for inner in table.tables("clause"):
        clause_id = inner.text("id")
        inner.place = f"{file}，条款 {clause_id}"
        if any(clause.id == clause_id for clause in clauses):
            raise inner.error(tr("编号重复，请改用政策中的唯一编号。"))
        clauses.append(_clause(inner, clause_id))
    return tuple(clauses)


def _clause(table: Table, clause_id: str) -> schema.Clause:
    kind = table.choice("kind", schema.DECIDING_KINDS + schema.OTHER_KINDS)
    decides = table.yes("decides", kind in schema.DECIDING_KINDS)
    clause = schema.Clause(
        id=clause_id,
        article=table.text("article"),
        kind=kind,
        text=table.text("text"),
        decides=decides,
        requirement=table.text("requirement", clause_id),
        status=table.choice("status", schema.STATUSES),
        evidence=table.choice("evidence", schema.EVIDENCES),
        unit=table.text("unit", ""),
        period=table.text("period", ""),
        boundary=table.text("boundary", ""),
        note=table.text("note", ""),
        auto=table.text("auto", ""),
        only_for=table.texts("only_for", optional=True),
        relies_on=table.texts("relies_on", optional=True),
        applies_when=read_condition(table.table("applies_when")) if "applies_when" in table else None,
        test=read_test(table.table("test")) if "test" in table else None,
        exempt_by=table.texts("exempt_by", optional=True),
        only_when=scopes.scope_at(table, "only_when"),
        skip_when=scopes.scope_at(table, "skip_when"),
        review_when=scopes.doubt_at(table, "review_when"),
    )
    table.done()
    if decides and clause.test is None:
        raise table.error(tr("参与判定的条款须写明 test；如不参与判定，请写 decides = false。"))
    if clause.status == "not_found" and decides:
        raise table.error(tr("未查到原文（not_found）的条款不得参与判定，请写 decides = false。"))
    return clause


def _ladder(table: Table) -> schema.Ladder:
    levels = []
    for inner in table.tables("level"):
        levels.append(schema.Level(inner.text("id"), inner.text("name"), inner.text("clause")))
        inner.done()
    ladder = schema.Ladder(table.text("name"), table.text("floor"), tuple(levels))
    table.done()
    return ladder


def _score(table: Table, file: str) -> schema.ScoreTable:
    table.place = f"{file}，评分表"
    score = schema.ScoreTable(
        table.number("total"),
        table.yes("whole", True),
        tuple(_group(inner, file) for inner in table.tables("group")),
    )
    table.done()
    if sum(group.max for group in score.groups) != score.total:
        raise table.error(tr("各组最高分之和与总分不符，请核对 max 与 total。"))
    return score


def _group(table: Table, file: str) -> schema.Group:
    group_id = table.text("id")
    group = schema.Group(
        group_id,
        table.text("name"),
        table.number("max"),
        table.choice("choice", ("sum", "best"), "sum"),
        tuple(_item(inner, file) for inner in table.tables("item")),
        table.text("note", ""),
    )
    table.done()
    return group


def _item(table: Table, file: str) -> schema.Item:
    item_id = table.text("id")
    table.place = f"{file}，评分项 {item_id}"
    measured = "measure" in table
    item = schema.Item(
        item_id,
        table.text("name"),
        table.number("max"),
        tuple(_band(inner) for inner in table.tables("band")),
        _item_measure(table.table("measure")) if measured else None,
        table.choice("status", schema.STATUSES),
        table.choice("evidence", schema.EVIDENCES),
        table.text("note", ""),
    )
    table.done()
    _check_bands(item, table)
    return item


def _item_measure(table: Table) -> Measure:
    measure = read_item_measure(table)
    table.done()
    return measure


def _band(table: Table) -> schema.Band:
    low, high = _points(table)
    condition, test = None, None
    bounds: tuple[Bound, ...] = ()
    if "test" in table:
        test = read_test(table.table("test"))
    elif "fact" in table:
        key = table.key("fact", "number")
        bounds = read_bounds(table)
        if len(bounds) != 1:
            raise table.error(tr("分档条件须恰好写明一个界限。"))
        condition = schema.Condition(key, bounds[0])
    else:
        bounds = read_bounds(table)
    band = schema.Band(
        table.text("label"),
        low,
        high,
        bounds[0] if bounds and condition is None else None,
        condition,
        table.text("flag", ""),
        test,
    )
    table.done()
    if band.low > band.high or band.low < 0 or len(bounds) > 1:
        raise table.error(tr("分档的分数或界限有误：最低分不得高于最高分，界限至多一个。"))
    return band


def _points(table: Table) -> tuple[Decimal, Decimal]:
    points = table.need("points")
    pair = points if isinstance(points, list) else [points, points]
    numbers = [Decimal(item) for item in pair if isinstance(item, int | Decimal) and not isinstance(item, bool)]
    if len(pair) != 2 or len(numbers) != 2:
        raise table.error(tr("points 须是分数，或 [最低分, 最高分]。"))
    return numbers[0], numbers[1]


def _check_bands(item: schema.Item, table: Table) -> None:
    if max(band.high for band in item.bands) != item.max:
        raise table.error(tr("各档最高分与 max 不符，请核对。"))
    chosen = item.measure is not None or item.by_conditions
    if not chosen:
        return
    last = item.bands[-1]
    if last.bound is not None or last.is_step:
        raise table.error(tr("最后一档不得带条件，以便其余情形都有归属。"))
    if any(band.bound is None and not band.is_step for band in item.bands[:-1]):
        raise table.error(tr("除最后一档外，每档都须写明条件。"))
    bounds = [band.bound for band in item.bands[:-1] if band.bound]
    limits, downwards = [bound.exact for bound in bounds], [bound.operator in (">=", ">") for bound in bounds]
    if len(set(downwards)) > 1 or limits != sorted(limits, reverse=all(downwards)):
        raise table.error(tr("分档须从高到低排列（用 at_most、below 的从低到高），两种写法不得混用。"))


def _check_references(rulebook: Rulebook, table: Table) -> None:
    known = {definition.id for definition in rulebook.definitions}
    _check_demands(rulebook, table)
    _check_ladder(rulebook, table)
    demands = {requirement.id for requirement in rulebook.requirements}
    ids = {clause.id for clause in rulebook.clauses}
    groups = {group.id for group in rulebook.score.groups} if rulebook.score else set()
    for clause in rulebook.clauses:
        place = Table({}, f"{table.place}，条款 {clause.id}")
        for definition in clause.relies_on:
            if definition not in known:
                raise place.error(tr("引用的定义 %(id)s 不存在，请补充 [[definition]]。", id=definition))
        if clause.requirement not in demands | ids:
            raise place.error(tr("requirement “%(id)s”不存在，请补充 [[requirement]]。", id=clause.requirement))
        _check_exempting(clause, ids, place)
        if _score_parts(clause.applies_when):
            raise place.error(tr("applies_when 不能看得分：得分要等各条判定之后才有。请改看指标，或把界限写进 test。"))
        for part in _score_parts(clause.test):
            if part not in groups | ({"total"} if rulebook.score else set()):
                raise place.error(tr("score “%(id)s”不存在，可写 total 或评分组编号。", id=part))


def _check_exempting(clause: schema.Clause, ids: set[str], place: Table) -> None:
    for exempting in clause.exempt_by:
        if exempting not in ids - {clause.id}:
            raise place.error(tr("exempt_by 引用的条款 %(id)s 不存在，请核对编号。", id=exempting))


def _check_ladder(rulebook: Rulebook, table: Table) -> None:
    tested = {clause.id for clause in rulebook.clauses if clause.test is not None}
    for level in rulebook.ladder.levels if rulebook.ladder else ():
        if level.clause not in tested:
            why = tr("ladder 的“%(name)s”所指条款 %(id)s 不存在或没有 test。", name=level.name, id=level.clause)
            raise table.error(why)


def _check_demands(rulebook: Rulebook, table: Table) -> None:
    """A part stands below the demand it belongs to, so that demands cannot form a circle."""
    seen: set[str] = set()
    for demand in rulebook.requirements:
        if demand.part_of and demand.part_of not in seen:
            raise table.error(tr("requirement “%(id)s”的 part_of 须是写在它前面的另一个 requirement。", id=demand.id))
        seen.add(demand.id)


def _score_parts(test: Test | None) -> tuple[str, ...]:
    return tuple(one.measure.part for one in walk(test) if isinstance(one, Compare) and isinstance(one.measure, Score))
