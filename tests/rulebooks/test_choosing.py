"""Which edition an application follows: programme, kind, day and region, with the reason; transition rules are data."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from app.core.errors import Invalid, NotFound
from app.rulebooks import queries
from app.rulebooks.choosing import choose, programme_of
from app.rulebooks.loader import load_all
from tests.factories.eligibility import editions


@pytest.mark.parametrize(
    ("name", "kind", "day", "place", "edition", "why"),
    [
        ("小巨人", "review", date(2026, 4, 1), "", "lg-2022", "复核仍按63号办理（工信厅企业函〔2026〕117号）"),
        ("小巨人", "review", date(2026, 12, 31), "广东省", "lg-2022", "工信厅企业函〔2026〕117号"),
        ("小巨人", "review", date(2027, 1, 1), "广东省", "lg-2026", "自 2026-04-01 起施行"),
        ("小巨人", "new", date(2026, 4, 1), "", "lg-2026", "自 2026-04-01 起施行"),
        ("lg", "new", date(2026, 3, 31), "", "lg-2022", "至 2026-03-31 止"),
        ("lg", "review", date(2025, 6, 1), "", "lg-2022", "自 2022-06-01 起施行"),
        ("专精特新", "new", date(2026, 3, 20), "广东省", "srdi-gd-2024", "广东省的版本"),
        ("srdi", "new", date(2026, 3, 31), "江门市蓬江区", "srdi-gd-2024", "广东省的版本"),
        ("srdi", "new", date(2026, 4, 1), "广东", "srdi-2026", "广东当日没有自己的版本，用全国的版本"),
        ("specialised_sme", "new", date(2026, 5, 20), "广东省", "srdi-2026", "没有自己的版本"),
        ("srdi", "review", date(2026, 3, 20), "湖南省", "srdi-2022", "湖南省当日没有自己的版本，用全国的版本"),
        ("srdi", "new", date(2026, 3, 20), "", "srdi-2022", "全国的版本"),
        ("srdi", "new", date(2023, 12, 31), "广东省", "srdi-2022", "没有自己的版本"),
        ("inno-sme", "new", date(2026, 5, 20), "", "inno-sme-2022", "广东省的版本"),
        ("高企", "new", date(2026, 5, 20), "广东省", "hnte-2016", "全国的版本，自 2016-01-01 起施行"),
    ],
)  # fmt: skip
def test_the_edition_follows_kind_day_and_region(
    name: str, kind: str, day: date, place: str, edition: str, why: str
) -> None:
    books = load_all()
    chosen = choose(books, programme_of(books, name), kind=kind, day=day, place=place)
    assert chosen.rulebook.id == edition
    assert why in str(chosen.why)
    assert chosen.rulebook.governs(day, kind)


@pytest.mark.parametrize(
    ("name", "day", "place", "words"),
    [
        (
            "srdi",
            date(2022, 5, 31),
            "广东省",
            "2022-05-31 的新申请没有适用的版本（地区：广东省），现有：srdi-2022（全国",
        ),
        ("inno-sme", date(2026, 5, 20), "湖南省", "地区：湖南省.*inno-sme-2022（广东省"),
        ("巨大", date(2026, 5, 20), "", "没有“巨大”这一类政策，现有：.*little_giant"),
    ],
)
def test_where_none_applies_the_editions_there_are_are_named(name: str, day: date, place: str, words: str) -> None:
    with pytest.raises(NotFound, match=words):
        choose(load_all(), programme_of(load_all(), name), kind="new", day=day, place=place)


def test_a_transition_lets_an_edition_govern_after_its_time(session: Session) -> None:
    editions(session)
    old = queries.by_code(session, "lg-2022")
    queries.must_apply(session, old, date(2026, 5, 20), "review")
    with pytest.raises(Invalid, match="请改选当日有效的“lg-2026”"):
        queries.must_apply(session, old, date(2026, 5, 20), "new")
    proposed = {one.edition.code: str(one.why) for one in queries.proposals(session, date(2026, 5, 20), "review")}
    assert "lg-2022" in proposed
    assert "lg-2026" not in proposed
    assert proposed["srdi-2026"].startswith("广东省江门市蓬江区当日没有自己的版本")
