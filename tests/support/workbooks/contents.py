"""Workbooks (.xlsx) with the contents that make trouble: numbers, dates, formulas, errors, dirty texts."""

from __future__ import annotations

from collections.abc import Iterator

from tests.support.workbooks.case import TABLE, Case
from tests.support.workbooks.ooxml import cell, one_sheet, rows, styles

FORMATS = (
    "yyyy-mm-dd", 'yyyy"年"m"月"d"日"', "[$-804]yyyy/m/d;@", "0.00%", "[h]:mm:ss", 'h:mm', '0.00"万元"',
    "#,##0_ ;[Red]-#,##0", 'yyyy/m/d h:mm', "G/通用格式", "[DBNum1]0",
)  # fmt: skip


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _numbers()
    yield from _moments()
    yield from _formulas()
    yield from _offices()


def _one(name: str, inner: str, text: str, problem: str = "", **more: str) -> Case:
    content = one_sheet(f'<row r="1">{cell("A1", "指标")}</row><row r="2">{inner}</row>', **more)
    return Case(name, "年报.xlsx", content, cells={"年报!A2": text}, problems={"年报!A2": problem} if problem else {})


def _numbers() -> Iterator[Case]:
    for name, written, text in (
        ("binary-noise", "0.30000000000000004", "0.3"),
        ("noise-at-the-end", "76377.460000000006", "76377.46"),
        ("whole-as-float", "3000.0", "3000"),
        ("scientific", "1.2345E+5", "123450"),
        ("scientific-lost-a-code", "4.40703123456789E+17", "440703123456789000"),
        ("long-number", "440703123456789012", "440703123456789012"),
        ("tiny", "1E-7", "0.0000001"),
        ("negative", "-12.50", "-12.5"),
        ("huge-exponent", "1E+999999", "1E+999999"),
        ("not-a-number", "NaN", "NaN"),
        ("infinite", "INF", "INF"),
        ("number-with-blanks", " 12 ", "12"),
        ("broken-number", "1.2.3", "1.2.3"),
        ("underscore", "1_000", "1_000"),
    ):
        yield _one(f"number-{name}", f'<c r="A2"><v>{written}</v></c>', text)
    for name, style, written, text in (
        ("percent", 4, "0.0523", "5.23%"), ("percent-noise", 4, "0.070000000000000007", "7%"),
        ("unit-in-format", 7, "12.5", "12.5"), ("coloured", 8, "-5", "-5"), ("general-in-chinese", 10, "5", "5"),
        ("chinese-digits", 11, "5", "5"),
    ):  # fmt: skip
        inner = f'<c r="A2" s="{style}"><v>{written}</v></c>'
        yield _one(f"format-{name}", inner, text, styles=styles(*FORMATS))


def _moments() -> Iterator[Case]:
    for name, style, written, text in (
        ("iso", 1, "46024", "2026-01-02"), ("chinese", 2, "46024", "2026-01-02"), ("locale", 3, "46024", "2026-01-02"),
        ("with-time", 9, "46024.5", "2026-01-02 12:00:00"), ("time", 6, "0.25", "06:00:00"),
        ("first-days", 1, "1", "1900-01-01"), ("false-leap-day", 1, "60", "60"), ("after-it", 1, "61", "1900-03-01"),
        ("span", 5, "1.5", "1 day, 12:00:00"), ("negative", 1, "-3", "-3"), ("too-late", 1, "99999999", "99999999"),
    ):  # fmt: skip
        inner = f'<c r="A2" s="{style}"><v>{written}</v></c>'
        yield _one(f"date-{name}", inner, text, styles=styles(*FORMATS))
    inner = '<c r="A2" s="1"><v>44562</v></c>'
    yield _one("date-1904", inner, "2026-01-02", styles=styles(*FORMATS), book='<workbookPr date1904="1"/>')
    yield _one("date-written-out", '<c r="A2" t="d"><v>2026-01-02</v></c>', "2026-01-02")
    yield _one("date-as-plain-serial", '<c r="A2"><v>46024</v></c>', "46024")


def _formulas() -> Iterator[Case]:
    yield _one("formula-with-result", '<c r="A2"><f>1+2</f><v>3</v></c>', "3")
    yield _one("formula-text", '<c r="A2" t="str"><f>"甲"&amp;"乙"</f><v>甲乙</v></c>', "甲乙")
    yield _one("formula-empty-text", '<c r="A2" t="str"><f>""</f><v></v></c>', "")
    yield _one("formula-without-result", '<c r="A2"><f>SUM(B2:B9)</f></c>', "#未计算", "#未计算")
    yield _one("formula-empty-result", '<c r="A2"><f>1/0</f><v></v></c>', "#未计算", "#未计算")
    yield _one("formula-shared", '<c r="A2"><f t="shared" si="0"/><v>7</v></c>', "7")
    yield _one("formula-array", '<c r="A2"><f t="array" ref="A2">SUM(B2:B3*C2:C3)</f><v>9</v></c>', "9")
    yield _one("truth", '<c r="A2" t="b"><v>1</v></c>', "TRUE")
    for code in ("#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!"):
        name = "error-" + code.strip("#!?").replace("/", "-").lower()
        yield _one(name, f'<c r="A2" t="e"><f>B2</f><v>{code}</v></c>', code, code)


def _offices() -> Iterator[Case]:
    """What people type: full-width digits, dashes, units, blanks, remarks, totals, two-row headers."""
    for name, text in (
        ("full-width", "１２３．４"), ("thousands", "3,000"), ("letter-o", "3,0O0"), ("dash", "——"), ("slash", "/"),
        ("nothing", "无"), ("unit-behind", "3000万元"), ("text-percent", "5.2%"), ("non-breaking-blank", "\u00a03000"),
        ("zero-width", "3\u200b000"), ("brackets", "(1,234)"), ("apostrophe", "'007"), ("about", "约3000"),
        ("date-dots", "2015.3.2"), ("date-chinese", "2015年3月2日"), ("date-compact", "20150302"),
        ("date-slashes", "2015/3/2"), ("formula-as-text", "=1+1"), ("emoji", "虚构😀公司"),
        ("rare-characters", "虚构𠮷𬭎厂"),
    ):  # fmt: skip
        yield _one(f"typed-{name}", cell("A2", text), text)
    upper = ("企业名称", "统一社会信用代码", "主要经济指标（万元）", None, "从业人员")
    lower = (None, None, "营业收入", "研发费用", "期末人数（人）")
    merges = '<mergeCells count="1"><mergeCell ref="C1:D1"/></mergeCells>'
    yield Case(
        "header-of-two-rows", "年报.xlsx", one_sheet(rows((upper, lower, *TABLE[1:])), after=merges),
        cells={"年报!C1": "主要经济指标（万元）", "年报!D2": "研发费用"}, filled={"年报": 4},
    )  # fmt: skip
    spaced = (
        "企 业 名 称",
        "统一社会\n信用代码",
        "营业收入 （万元）",
        "研发费用\u3000(万元)",
        "从业人员期末人数（人）",
    )
    yield Case("header-with-blanks", "年报.xlsx", one_sheet(rows((spaced, *TABLE[1:]))), filled={"年报": 3})
    total = ("合计", None, 2114.5, 61.725, 155)
    note = ("注：数据由企业填报。",)
    yield Case("total-and-footnote", "年报.xlsx", one_sheet(rows((*TABLE, total, (), note))), filled={"年报": 5})
    yield Case("two-tables-in-a-sheet", "年报.xlsx", one_sheet(rows((*TABLE, (), *TABLE))), filled={"年报": 6})
    yield Case("only-a-header", "年报.xlsx", one_sheet(rows(TABLE[:1])), filled={"年报": 1})
    yield Case("one-cell-of-32767", "年报.xlsx", one_sheet(rows((*TABLE, ("长" * 32_767,)))), filled={"年报": 4})
