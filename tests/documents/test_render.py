import gc
import hashlib
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from app.documents import fonts, lint, signs
from app.documents.fetcher import ForbiddenResource, RootedFetcher
from app.documents.render import pdf
from app.documents.strict import DocumentFault
from tests.documents.conftest import ISSUED
from tests.documents.sample import report

ROOT = Path(__file__).resolve().parents[2]
IMPRINT = {
    "title": "虚构区科技企业培育资金申报材料",
    "number": "虚构〔2026〕1号",
    "author": "虚构区科学技术局",
    "issued": ISSUED,
}


def make(sources, **more):
    return pdf("sample/report.html", {"report": report()}, **IMPRINT, sources=sources, **more)


@pytest.fixture(scope="module")
def made(sources):
    return make(sources)


@pytest.fixture(scope="module")
def reader(made):
    return PdfReader(BytesIO(made))


def flat(page):
    return re.sub(r"\s+", "", page.extract_text())


def one(sources, page, **context):
    return pdf(page, context, title="虚构文件", issued=ISSUED, sources=sources)


def test_the_text_can_be_read_back(reader):
    text = "".join(flat(page) for page in reader.pages)
    for wanted in (
        "虚构鑫淼垚智能装备有限公司",
        "2026年11月23日",
        "第十一条（39）",
        "4.996%",
        "200,000.50元",
        "人民币贰拾万元伍角整",
        "2,645.25",
        "未知",
    ):
        assert wanted in text


def test_contents_headings_and_page_numbers_agree(reader):
    contents, starts = flat(reader.pages[1]), {}
    for number, page in enumerate(reader.pages, start=1):
        assert number < 2 or f"第{number}页共{len(reader.pages)}页" in flat(page)
        for title in ("一、企业概况", "二、逐条判定", "三、审批意见"):
            if number > 2 and title in flat(page):
                starts.setdefault(title, number)
    assert len(starts) == 3
    for title, number in starts.items():
        assert re.search(rf"{title}\.*{number}(?!\d)", contents)
    assert [entry.title for entry in reader.outline] == list(starts)
    assert [reader.get_destination_page_number(entry) + 1 for entry in reader.outline] == list(starts.values())


def test_running_heads_stand_on_every_page_but_the_cover(reader):
    assert "虚构〔2026〕1号" in flat(reader.pages[-1])
    assert IMPRINT["title"] in flat(reader.pages[2])
    assert "页共" not in flat(reader.pages[0])


def test_the_file_is_tagged_and_says_what_it_is(reader):
    catalogue = reader.trailer["/Root"]
    assert catalogue["/MarkInfo"]["/Marked"] is True or str(catalogue["/MarkInfo"]["/Marked"]) == "True"
    assert catalogue["/Lang"] == "zh-CN"
    assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"]
    assert "/StructTreeRoot" in catalogue
    assert reader.metadata.title == IMPRINT["title"]
    assert reader.metadata.author == "虚构区科学技术局"
    assert reader.metadata.creation_date == ISSUED
    assert b'pdfuaid:part="1"' in catalogue["/Metadata"].get_data()


def test_only_our_fonts_are_used_and_they_are_embedded(reader):
    names = set()
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            descendant = font.get_object()["/DescendantFonts"][0].get_object()
            assert "/FontFile2" in descendant["/FontDescriptor"]
            names.add(descendant["/BaseFont"].split("+")[1])
    assert names == {"Noto-Sans-SC", "Noto-Sans-SC-Bold"}


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_archive_variant_can_be_asked_for(sources):
    catalogue = PdfReader(BytesIO(make(sources, variant="pdf/a-3u"))).trailer["/Root"]
    assert b'pdfaid:part="3"' in catalogue["/Metadata"].get_data()
    assert catalogue["/OutputIntents"]
    gc.collect()  # WeasyPrint leaves the colour profile's file to the collector


def test_the_same_inputs_give_the_same_bytes_in_another_process(made, sources):
    script = (
        "import sys,hashlib; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path; from datetime import datetime; from tests.documents.sample import report\n"
        "from app.documents.render import pdf; from app.documents.sources import Sources\n"
        "s=Sources(templates=Path(sys.argv[2]), fonts=Path(sys.argv[3]))\n"
        "b=pdf('sample/report.html',{'report':report()},title=sys.argv[4],number=sys.argv[5],author=sys.argv[6],"
        "issued=datetime.fromisoformat(sys.argv[7]),sources=s)\n"
        "print(hashlib.sha256(b).hexdigest())"
    )
    seen = {hashlib.sha256(made).hexdigest()}
    for seed in ("1", "2"):
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                script,
                str(ROOT),
                str(sources.templates),
                str(sources.fonts),
                IMPRINT["title"],
                IMPRINT["number"],
                IMPRINT["author"],
                ISSUED.isoformat(),
            ],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": "America/Lima"},
        )
        seen.add(done.stdout.strip())
    assert len(seen) == 1


def test_a_different_figure_gives_a_different_file(made, sources):
    other = pdf("sample/report.html", {"report": replace(report(), firm="虚构乙公司")}, **IMPRINT, sources=sources)
    assert other != made


def test_rare_but_listed_characters_are_printed(sources, template):
    content = one(sources, template("<p>鑫犇淼喆垚㙟䶮堃昇</p>"))
    assert "鑫犇淼喆垚㙟䶮堃昇" in flat(PdfReader(BytesIO(content)).pages[0])


def test_the_stylesheet_uses_only_characters_of_the_fonts(sources):
    sheet = (sources.templates / "documents" / "print.css").read_text(encoding="utf-8")
    assert not signs.odd_ones(re.sub(r"/\*.*?\*/", "", sheet, flags=re.S), fonts.covered(sources.fonts))


def test_without_fonts_nothing_is_printed(sources, template, tmp_path):
    with pytest.raises(DocumentFault, match=r"NotoSansSC_400Regular\.ttf"):
        one(replace(sources, fonts=tmp_path), template("<p>甲</p>"))


@pytest.mark.parametrize(
    "body",
    [
        '<style>p{background:url("http://127.0.0.1:9/x.png")}</style><p>甲</p>',
        '<img src="file:///etc/hostname" alt="x">',
        '<link rel="attachment" href="file:///etc/hostname">',
        '<link rel="stylesheet" href="http://127.0.0.1:9/x.css">',
        '<object data="file:///etc/hostname"></object>',
        '<p style="color:red">甲</p>',
        "<script>1</script>",
        '<p id="a">甲</p><p id="a">乙</p>',
        "<table><tr><td>甲</td></tr></table>",
        '<table><colgroup><col class="w-50"><col></colgroup><tr><td>甲</td></tr></table>',
        '<table><colgroup><col class="w-50"></colgroup><tr><td>甲</td><td>乙</td></tr></table>',
    ],
)
def test_what_breaks_the_rules_of_a_document_is_refused(sources, template, body):
    with pytest.raises(DocumentFault, match="文件版式有误"):
        one(sources, template(body))


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/hostname",
        "http://127.0.0.1:9/x.svg",
        "data:image/svg+xml,<svg/>",
        "font:../../../../etc/hostname",
        "font:%2e%2e/%2e%2e/etc/hostname",
        "static:x.svg",
        "ftp://127.0.0.1/x",
    ],
)
def test_a_drawing_may_not_load_anything_either(sources, template, address):
    image = f'<image href="{address}" width="9" height="9"/>'
    body = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{image}</svg>'
    with pytest.raises(DocumentFault, match="不允许的资源|文件排版时出错"):
        one(sources, template(body))
    with pytest.raises(ForbiddenResource):
        RootedFetcher(sources.roots).fetch(address)


def test_what_lies_in_a_registered_folder_is_served_and_a_way_out_of_it_is_not(tmp_path):
    store, secret = tmp_path / "store", tmp_path / "secret"
    store.mkdir()
    secret.write_text("x")
    (store / "印章.svg").write_text("<svg/>")
    (store / "way-out").symlink_to(secret)
    fetcher = RootedFetcher({"file-store": store})
    assert fetcher.fetch("file-store:%E5%8D%B0%E7%AB%A0.svg").read() == b"<svg/>"
    for address in ("file-store:way-out", "file-store:../secret", "file-store:/../secret", "file-store:", "x:印章.svg"):
        with pytest.raises(ForbiddenResource):
            fetcher.fetch(address)


def test_a_link_that_leads_nowhere_is_an_error(sources, template):
    with pytest.raises(DocumentFault, match="文件排版时出错"):
        one(sources, template('<p><a href="#nowhere">见后</a></p>'))


def test_an_oversized_table_is_refused_before_it_is_laid_out(sources, template):
    rows = "{% for n in range(rows) %}<tr><td>{{ n }}</td></tr>{% endfor %}"
    body = f'<table><colgroup><col class="w-100"></colgroup>{rows}</table>'
    with pytest.raises(DocumentFault, match=f"表格共 {lint.MAX_ROWS + 1} 行，超过 {lint.MAX_ROWS} 行"):
        one(sources, template(body), rows=lint.MAX_ROWS + 1)


def test_deep_nesting_is_refused(sources, template):
    with pytest.raises(DocumentFault, match="嵌套过深"):
        one(sources, template("<div>" * 300 + "甲" + "</div>" * 300))


def test_a_date_without_a_zone_is_refused(sources, template):
    with pytest.raises(ValueError, match="time zone"):
        pdf(template("<p>甲</p>"), {}, title="虚构", issued=datetime(2026, 1, 1), sources=sources)


def test_every_table_of_the_shared_pieces_is_fixed():
    sheet = (ROOT / "templates" / "documents" / "print.css").read_text(encoding="utf-8")
    assert re.search(r"^table \{ table-layout: fixed", sheet, flags=re.M)
    assert "table-layout: auto" not in sheet
    for path in (ROOT / "templates" / "documents").rglob("*.html"):
        source = path.read_text(encoding="utf-8")
        assert source.count("<table") == source.count("<colgroup"), path
        assert "style=" not in source, path
