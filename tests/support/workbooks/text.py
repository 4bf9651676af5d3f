"""CSV and text files as they come out of Excel, WPS, databases and editors."""

from __future__ import annotations

from collections.abc import Iterator

from tests.support.workbooks.case import TABLE, TEXTS, Case

THREE = {"年报": 3}


def lines(delimiter: str = ",", end: str = "\r\n") -> str:
    return "".join(delimiter.join(str(value) for value in row) + end for row in TABLE)


def cases() -> Iterator[Case]:
    """All of them."""
    encodings = ("utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be")
    for encoding in encodings:
        for named, delimiter in (("comma", ","), ("tab", "\t"), ("semicolon", ";"), ("bar", "|")):
            content = lines(delimiter).encode(encoding)
            yield Case(f"csv-{encoding}-{named}", "年报.csv", content, cells=TEXTS, filled=THREE)
    for name, end in (("newline", "\n"), ("return", "\r")):
        yield Case(f"csv-ends-with-{name}", "年报.csv", lines(end=end).encode(), cells=TEXTS, filled=THREE)
    yield Case("csv-named-txt", "年报.txt", lines("\t").encode("gb18030"), cells=TEXTS, filled=THREE)
    yield Case("csv-named-xlsx", "年报.xlsx", lines().encode("gb18030"), cells=TEXTS, filled=THREE)
    yield Case("csv-named-xls", "年报.xls", lines("\t").encode("utf-16"), cells=TEXTS, filled=THREE)
    yield Case("csv-sep-line", "年报.csv", ("sep=;\r\n" + lines(";")).encode(), cells=TEXTS, filled=THREE)
    yield Case("csv-no-last-newline", "年报.csv", lines().rstrip().encode(), cells=TEXTS, filled=THREE)
    titled = "二〇二五年度企业统计表\r\n" + lines(";")
    yield Case(
        "csv-title-above", "年报.csv", titled.encode(), cells={"年报!A2": "企业名称", "年报!B2": "统一社会信用代码"}
    )
    quoted = '名称,备注\r\n"虚构""甲""公司","第一行\n第二行"\r\n'
    yield Case(
        "csv-quotes",
        "年报.csv",
        quoted.encode(),
        cells={"年报!A2": '虚构"甲"公司', "年报!B2": "第一行\n第二行"},
        filled={"年报": 2},
    )
    yield Case("csv-ragged", "年报.csv", "甲,乙\n丙\n丁,戊,己\n".encode(), cells={"年报!A2": "丙", "年报!C3": "己"})
    yield Case("csv-blank-lines", "年报.csv", "甲,乙\n\n,,\n丙,丁\n".encode(), cells={"年报!A4": "丙"})
    yield Case(
        "csv-codes-keep-zeros",
        "年报.csv",
        "代码,数\n00123,1e5\n".encode(),
        cells={"年报!A2": "00123", "年报!B2": "1e5"},
    )
    yield Case("csv-inch-mark", "年报.csv", '名称,规格\n甲,3"管\n'.encode(), cells={"年报!B2": '3"管'})
    yield from _refused()


def _refused() -> Iterator[Case]:
    yield Case("empty-file", "年报.csv", b"", refused="文件是空的")
    yield Case("only-blanks", "年报.csv", b"  \r\n \t\r\n", refused="文件是空的")
    yield Case("only-a-mark", "年报.csv", b"\xef\xbb\xbf", refused="文件是空的")
    yield Case("csv-quote-open", "年报.csv", '名称,备注\n甲,"未完\n乙,丙\n'.encode(), refused="引号没有配对")
    yield Case("csv-text-after-quote", "年报.csv", '名称,备注\n"甲"乙,丙\n'.encode(), refused="引号", at="!2")
    utf8 = (lines() * 20).encode()
    yield Case("csv-utf-8-cut", "年报.csv", (lines() + "虚构").encode()[:-1], refused="文字编码无法识别", at="!4")
    broken = utf8[:600] + b"\xff" + utf8[600:]
    yield Case("csv-utf-8-broken", "年报.csv", broken, refused="的文字编码无法识别")
    yield Case("csv-utf-16-cut", "年报.csv", lines().encode("utf-16")[:-1], refused="文字编码无法识别")
    yield Case("csv-not-text", "年报.csv", "甲,乙\n".encode("gb18030") + b"\xff\xff\x80,\n", refused="文字编码无法识别")
    wide = ",".join(str(n) for n in range(1_500)) + "\n"
    yield Case("csv-too-wide", "年报.csv", wide.encode(), refused="范围过大")
    html = "<html><body><table><tr><td>企业名称</td></tr></table></body></html>"
    yield Case("html-named-xls", "年报.xls", html.encode("gb18030"), refused="另存为 .xlsx")
    yield Case("html-with-mark", "年报.xls", ("\ufeff" + html).encode(), refused="另存为 .xlsx")
    xml = '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?><Workbook/>'
    yield Case("xml-2003", "年报.xls", xml.encode(), refused="另存为 .xlsx")
    yield Case(
        "mht-export",
        "年报.xls",
        b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x",
        refused="另存为 .xlsx",
    )
    yield Case("json-export", "年报.csv", '[{"name": "虚构甲"}]'.encode(), refused="JSON")
