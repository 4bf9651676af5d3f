"""Hostile texts on paper: printed as they were typed and nothing else, or refused with the sign that no font has."""

import io
import unicodedata
from dataclasses import replace

import pytest
from pypdf import PdfReader

from app.documents import fonts
from app.documents.fonts import MissingGlyph
from app.documents.sources import Sources
from app.dossiers import printing
from app.dossiers.context import EvidenceFile, Pair
from app.dossiers.sealing import opened
from tests.dossiers.conftest import words
from tests.support.hostile import TEXTS, typed

LIVELY = ("/JavaScript", "/JS", "/Launch", "/SubmitForm", "/ImportData", "/EmbeddedFiles", "/RichMedia", "/AcroForm")
SHORT = [text for text in map(typed, TEXTS) if len(text) < 500]


@pytest.fixture
def context(nomination, request_dossier):
    return opened(request_dossier(nomination).context)


def plain(text):
    """Without blanks and soft hyphens, where a line may end; a font draws some letters and some signs as one."""
    return words(unicodedata.normalize("NFKC", text).translate(dict.fromkeys(map(ord, "\xad—·…"))))


def told(context, texts):
    """A dossier of little else with the texts where a firm's own words stand: what it said, names of its files."""
    sources = context.figures.sources
    said = [
        replace(sources[number % len(sources)], no=100 + number, raw=text, value=text, place=text, stated=text)
        for number, text in enumerate(texts[::3])
    ]
    file = EvidenceFile(1, "", "", "1 KB", "0" * 64, ())
    files = [
        replace(file, no=number, title=text, name=text, supports=(text,)) for number, text in enumerate(texts[1::3])
    ]
    pairs = tuple(Pair(text, text) for text in texts[2::3])
    return replace(
        context,
        firm=replace(context.firm, pairs=pairs),
        figures=replace(context.figures, sources=tuple(said), groups=(), charts=(), others=()),
        judgement=replace(context.judgement, findings=(), score=None),
        papers=replace(context.papers, files=tuple(files)),
    )


def test_what_can_be_printed_is_printed_as_text(context):
    printable = [text for text in SHORT if not fonts.gaps([text], Sources().fonts)]
    assert len(printable) > 400
    content = printing.print_here(
        told(context, ["¦".join(printable[at : at + 15]) for at in range(0, len(printable), 15)])
    )
    reader = PdfReader(io.BytesIO(content))
    text = plain("".join(page.extract_text() for page in reader.pages))
    assert [one for one in printable if plain(one) not in text] == []
    assert not [mark for mark in LIVELY if mark.encode() in content]
    links = [note["/A"].get("/URI", "") for page in reader.pages for note in page.get("/Annots", []) if "/A" in note]
    assert not [link for link in links if link]


def test_what_no_font_has_is_refused_by_name(context):
    odd = [text for text in SHORT if fonts.gaps([text], Sources().fonts)]
    assert len(odd) > 100
    with pytest.raises(MissingGlyph) as refused:
        printing.print_here(told(context, odd))
    signs = {sign for text in odd for sign in text}
    assert {gap.char for gap in refused.value.gaps} <= signs
    assert len(refused.value.gaps) > 100
