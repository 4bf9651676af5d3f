"""What no font has, and what nobody sees, is shown by its code: in a box, in the right place, nothing dropped."""

from io import BytesIO
from time import process_time

import pytest
from pypdf import PdfReader

from app.documents import fonts, signs
from app.documents.render import pdf
from tests.documents.conftest import ISSUED

ODD = {
    "rare": ("虚构𠮷田", "虚构U+20BB7田"),
    "control": ("甲\x07乙", "甲U+0007乙"),
    "next line": ("甲\x85乙", "甲U+0085乙"),
    "turning": ("证明\u202efdp.exe", "证明U+202Efdp.exe"),
    "isolate": ("\u2066甲\u2069乙", "U+2066甲U+2069乙"),
    "zero width": ("甲\u200b乙", "甲U+200B乙"),
    "soft hyphen": ("java\u00adscript", "javaU+00ADscript"),
    "private": ("甲\ue000乙", "甲U+E000乙"),
    "unassigned": ("甲\u0378乙", "甲U+0378乙"),
    "no character": ("甲\ufdd0乙\U0010ffff", "甲U+FDD0乙U+10FFFF"),
    "separator": ("甲\u2028乙", "甲U+2028乙"),
    "right to left": ("甲\u0634乙", "甲U+0634乙"),
    "many": ("😀" * 2500, "U+1F600×2500"),
}


def text_of(content):
    return "".join("".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).split())


def test_each_is_shown_by_its_code_where_it_stood(sources, template):
    page = template("{% for one in typed %}<p>¦{{ one }}¦</p>{% endfor %}<p>一<b>二</b>\u202e三</p>")
    content = pdf(page, {"typed": [typed for typed, _shown in ODD.values()]}, title="虚构", issued=ISSUED,
                  sources=sources)  # fmt: skip
    text = text_of(content)
    assert [name for name, (_typed, shown) in ODD.items() if f"¦{shown}¦" not in text] == []
    assert "一二U+202E三" in text
    assert signs.NOTE.replace(" ", "") in text
    fonts_used = {font.get_object()["/BaseFont"] for page in PdfReader(BytesIO(content)).pages
                  for font in page["/Resources"]["/Font"].values()}  # fmt: skip
    assert all("Noto-Sans-SC" in name for name in fonts_used)


def test_a_title_and_a_drawing_take_codes_in_brackets(sources, template):
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 2"><title>图</title><text>甲\ue000</text></svg>'
    content = pdf(template(drawing + "<p>正文</p>"), {}, title="虚构\u202e题\x07", issued=ISSUED, sources=sources)
    reader = PdfReader(BytesIO(content))
    assert reader.metadata.title == "虚构[U+202E]题[U+0007]"
    assert "虚构[U+202E]题[U+0007]" in text_of(content)
    assert "甲[U+E000]" in text_of(content)


def test_a_text_of_many_such_signs_takes_brackets_so_that_its_layout_stays_fast(sources, template):
    typed = "a\ue000" * 2500
    began = process_time()
    content = pdf(template("<p>{{ typed }}</p>"), {"typed": typed}, title="虚构", issued=ISSUED, sources=sources)
    assert text_of(content).count("a[U+E000]") == 2500
    assert process_time() - began < 10


@pytest.mark.parametrize("text", ["", "通用规范汉字", "a b\tc\nd", "e\u0301"])
def test_what_can_be_drawn_stays_as_it_is(sources, text):
    assert list(signs.pieces(text, fonts.covered(sources.fonts))) == [(text, "")]
    assert signs.spelled(text, fonts.covered(sources.fonts)) == text
