import re
import xml.etree.ElementTree as ET
from decimal import Decimal as D
from fractions import Fraction

import pytest

from app.figures import colour
from app.figures.bars import Bar, BarChart, bar_chart
from app.figures.bullet import Bullet, BulletChart, bullet_chart
from app.figures.interval import IntervalBar, interval_bar
from app.figures.line import LineChart, Series, line_chart
from app.figures.ring import Ring, ShareBar, ring, share_bar
from app.figures.scale import scale_for
from app.figures.spark import Spark, sparkline
from app.figures.table import table_of
from app.figures.tiles import HeatTable, Tile, TileMap, heat_table, tile_map

SVG = "{http://www.w3.org/2000/svg}"
YEARS = ("2023", "2024", "2025")


def line(*values, **more):
    return LineChart("营业收入", "万元", YEARS, (Series("营业收入", values),), **more)


def score(low, high, pass_line=71):
    return IntervalBar("创新能力评价", "分", low, high, pass_line, 100, "认定线")


ALL = {
    "line": lambda: line_chart(line(D("100.5"), None, 300)),
    "bars": lambda: bar_chart(BarChart("任务", "家", (Bar("东", 8, 10), Bar("西", None, 10), Bar("南", 12)))),
    "bullet": lambda: bullet_chart(BulletChart("进度", (Bullet("高企", "家", 447, 480, (300, 400, 520)),))),
    "interval": lambda: interval_bar(score(D("58.5"), 80)),
    "ring": lambda: ring(Ring("得分", D("66.5"), 100, pass_line=71)),
    "spark": lambda: sparkline(Spark("走势", (1, None, 3))),
    "share": lambda: share_bar(ShareBar("进度", 3, 10)),
    "heat": lambda: heat_table(HeatTable("热力", ("甲",), ("一", "二"), ((1, None),))),
    "tiles": lambda: tile_map(TileMap("镇街", "家", (Tile("东", 0, 0, 3), Tile("西", 1, 0, None)))),
}


def texts(svg):
    return [node.text or "" for node in ET.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("kind", ALL)
def test_a_chart_obeys_the_content_security_policy_and_speaks_to_a_screen_reader(kind):
    drawn = ALL[kind]()
    root = ET.fromstring(drawn)
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text
    assert root.find(f"{SVG}desc").text
    assert root.get("aria-labelledby").split() == ids
    assert not [node for node in root.iter() if node.get("style") or node.tag == f"{SVG}style"]
    assert not re.search(r"\son\w+=", drawn)
    assert "None" not in drawn
    assert "nan" not in drawn


@pytest.mark.parametrize("kind", ALL)
def test_the_same_chart_gives_the_same_characters(kind):
    assert ALL[kind]() == ALL[kind]()


def test_a_key_tells_two_equal_charts_on_one_page_apart():
    first, second = line_chart(line(1, 2, 3, key="a")), line_chart(line(1, 2, 3, key="b"))
    assert ET.fromstring(first).find(f"{SVG}title").get("id") != ET.fromstring(second).find(f"{SVG}title").get("id")


def test_an_unknown_year_is_a_gap_and_never_a_zero():
    drawn = line_chart(line(100, None, 300))
    path = next(node.get("d") for node in ET.fromstring(drawn).iter(f"{SVG}path") if node.get("stroke-width") == "2.2")
    assert path.count("M") == 2
    assert "L" not in path
    assert len(list(ET.fromstring(drawn).iter(f"{SVG}circle"))) == 2
    assert "未知" in texts(drawn)
    assert "2024 未知" in ET.fromstring(drawn).find(f"{SVG}desc").text


def test_a_line_without_any_known_year_is_still_a_chart():
    drawn = line_chart(line(None, None, None))
    assert not list(ET.fromstring(drawn).iter(f"{SVG}circle"))
    assert "—" in texts(drawn)


def test_lines_end_in_their_name_and_exact_last_figure():
    chart = LineChart("研发", "%", YEARS, (Series("甲", (4, 5, D("4.996")), places=3), Series("乙", (1, 2, None))))
    written = texts(line_chart(chart))
    assert "4.996" in written
    assert "2（2024）" in written
    strokes = [n for n in ET.fromstring(line_chart(chart)).iter(f"{SVG}path") if n.get("stroke-width") == "2.2"]
    assert len({node.get("stroke-dasharray") for node in strokes}) == 2


def test_labels_of_lines_that_end_together_do_not_overlap():
    chart = LineChart("三线", "%", YEARS, tuple(Series(f"线{i}", (1, 2, D(5) + D(i) / 100)) for i in range(5)))
    root = ET.fromstring(line_chart(chart))
    heights = sorted(float(n.get("y")) for n in root.iter(f"{SVG}text") if (n.text or "").startswith("线"))
    assert all(lower - upper >= 28.9 for upper, lower in zip(heights, heights[1:], strict=False))
    assert heights[-1] < 300


@pytest.mark.parametrize("values", [(1, 2), (1, 2, 3, 4)])
def test_a_line_needs_one_value_for_each_period(values):
    with pytest.raises(ValueError, match="营业收入"):
        line(*values)


def test_a_bar_that_is_short_says_by_how_much_and_a_missing_one_says_so():
    written = texts(bar_chart(BarChart("任务", "家", (Bar("东", 64, 70), Bar("西", None, 60), Bar("南", 77, 77)))))
    assert "差 6" in written
    assert "未知" in written
    assert "差 0" not in written


def test_marks_lead_to_the_list_behind_them_but_nowhere_else():
    drawn = bar_chart(BarChart("任务", "家", (Bar("东", 6, 7, href="/office/firms?town=东"),)))
    link = next(ET.fromstring(drawn).iter(f"{SVG}a"))
    assert link.get("href") == "/office/firms?town=东"
    assert "目标" in link.get("aria-label")
    for bad in ("javascript:alert(1)", "//evil.example", "https://evil.example"):
        with pytest.raises(ValueError, match="inside the product"):
            bar_chart(BarChart("任务", "家", (Bar("东", 6, 7, href=bad),)))


def test_text_is_escaped():
    drawn = bar_chart(BarChart('<script>"&', "家", (Bar("<b>", 6),)))
    assert "<script" not in drawn
    assert ET.fromstring(drawn).find(f"{SVG}title").text == '<script>"&'


@pytest.mark.parametrize(
    ("low", "high", "words", "ink"),
    [
        (71, 80, "最低得分已达线", colour.GOOD),
        (D("70.99"), 80, "能否达线取决于待定得分", colour.OPEN),
        (60, 71, "能否达线取决于待定得分", colour.OPEN),
        (60, D("70.99"), "最高得分仍未达线", colour.BAD),
        (71, 71, "最低得分已达线", colour.GOOD),
    ],
)
def test_only_a_clear_interval_is_called_passed_or_failed(low, high, words, ink):
    drawn = interval_bar(score(low, high))
    assert words in texts(drawn)
    assert ink in drawn


def test_an_interval_that_is_upside_down_is_refused():
    with pytest.raises(ValueError, match="low <= high"):
        score(80, 70)


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ((447, 480, 520), ["0", "200", "400", "600"]),
        ((D("3.4"), D("4.5")), ["0", "2", "4", "6"]),
        ((D("0.03"),), ["0.00", "0.01", "0.02", "0.03"]),
        ((-380, 1020), ["-500", "0", "500", "1,000", "1,500"]),
        ((10**12,), ["0", "250,000,000,000", "500,000,000,000", "750,000,000,000", "1,000,000,000,000"]),
        ((None, None), ["0.00", "0.25", "0.50", "0.75", "1.00"]),
        ((), ["0.00", "0.25", "0.50", "0.75", "1.00"]),
        ((9,), ["0.0", "2.5", "5.0", "7.5", "10.0"]),
    ],
)
def test_ticks_are_round_and_hold_every_value(values, ticks):
    scale = scale_for(values)
    assert [scale.label(tick) for tick in scale.ticks] == ticks


def test_ink_can_be_read_on_every_shade():
    for step in range(101):
        ground = colour.shade(Fraction(step, 100))
        assert colour.contrast(colour.ink_on(ground), ground) >= 4.5


@pytest.mark.parametrize("ink", [*colour.SERIES, colour.INK, colour.MUTED, colour.GOOD, colour.BAD, colour.OPEN])
def test_lines_and_words_stand_out_from_paper(ink):
    assert colour.contrast(ink, colour.WHITE) >= 4.5


@pytest.mark.parametrize(
    ("chart", "rows"),
    [
        (line(1000, None, 3), (("2023", "1,000"), ("2024", "未知"), ("2025", "3"))),
        (
            BarChart("任务", "家", (Bar("东", 6, 8), Bar("西", None))),
            (("东", "6", "8", "2"), ("西", "未知", "—", "—")),
        ),
        (BulletChart("进度", (Bullet("高企", "家", None, 9),)), (("高企", "家", "未知", "9"),)),
        (score(60, 80), (("最低得分", "60"), ("最高得分", "80"), ("认定线", "71"), ("满分", "100"))),
        (Ring("得分", None, 100, pass_line=71), (("数值", "未知"), ("达标线", "71"), ("满值", "100"))),
        (HeatTable("热", ("甲",), ("一", "二"), ((1, None),)), (("甲", "1", "未知"),)),
        (TileMap("镇", "家", (Tile("东", 0, 0, 3),)), (("东", "3"),)),
    ],
)
def test_every_chart_has_a_table_with_the_same_figures(chart, rows):
    table = table_of(chart)
    assert table.rows == rows
    assert all(len(row) == len(table.heads) for row in table.rows)


def test_a_thing_that_is_no_chart_has_no_table():
    with pytest.raises(TypeError):
        table_of("营业收入")
