"""The promises of every page: a page that breaks one is told of."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from tests.support.promises import Promises

GOOD = """<!doctype html><html lang="zh"><head><title>企业 &amp; 人 - 育企</title><meta charset="utf-8"></head><body>
<h1>企业 &amp; 人</h1><p>若 1 &lt; 2<br></p><svg viewBox="0 0 1 1"><title>图</title><path d="M0"/></svg>
<form method="post" action="/x"><input type="hidden" name="csrf_token" value="a>b"><label for="name">名称</label>
<input id="name" name="name"><label>年 <select name="year"><option selected>2025</option></select></label>
<textarea name="text" aria-label="说明">
</textarea><button>交</button></form><table><thead><tr><th>甲</th></tr></thead><tbody><tr><td>乙</td></tr></tbody></table>
<script type="application/json">{"a": "</b><p>None"}</script><script src="/x.js"></script></body></html>"""


def test_a_good_page_keeps_them_and_reads_the_same_to_every_parser() -> None:
    assert Promises(GOOD).broken == []
    quick, strict = (BeautifulSoup(GOOD, parser) for parser in ("html.parser", "html5lib"))
    assert [tag.name for tag in quick.select("*")] == [tag.name for tag in strict.select("*")]
    texts = [
        [tag.get_text().strip() for tag in one.select("title, h1, p, label, textarea, td")] for one in (quick, strict)
    ]
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("<h1>企业 &amp; 人</h1>", "<h2>企业</h2>", "no h1"),
        ("<h1>企业 &amp; 人</h1>", "<h1>别的</h1>", "does not repeat"),
        ("<button>", '<button id="name">', "ids twice: ['name']"),
        ('for="name"', 'for="other"', "no label for name"),
        ("<label>年 ", "年 ", "no label for year"),
        (' aria-label="说明"', "", "no label for text"),
        ("csrf_token", "token", "form without CSRF token: /x"),
        ("<td>", '<td style="color: red">', "inline style"),
        (' src="/x.js"', "", "script"),
        ("<td>乙", "<td>None", "a None leaked"),
        ("<td>乙", "<td><p>乙<ul></ul></p>", "<ul> in a <p>"),
        ("<button>交", '<form action="/y"></form><button>交', "<form> in a <form>"),
        ("<tbody>", "<tbody>丙", "text directly in <tbody>"),
        ("<thead><tr><th>甲</th></tr></thead>", "<tr><th>甲</th></tr>", "<tr> directly in <table>"),
        ("</td>", "", "</tr> where"),
        ("</body></html>", "", "never closed"),
        ("1 &lt; 2", "1 < 2", "begins no tag"),
    ],
)
def test_a_broken_one_is_told(before: str, after: str, told: str) -> None:
    broken = Promises(GOOD.replace(before, after)).broken
    assert any(told in one for one in broken), broken
