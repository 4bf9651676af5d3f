"""Hostile texts on paper: printed as they were typed and nothing else; what cannot be drawn by its code."""

import io
from dataclasses import replace

import pytest
from pypdf import PdfReader

from app.dossiers import printing
from app.dossiers.context import EvidenceFile, Pair
from app.dossiers.sealing import opened
from tests.support.hostile import TEXTS, typed
from tests.support.papers import LIVELY, as_drawn, as_read

SHORT = [text for text in map(typed, TEXTS) if len(text) < 500]


@pytest.fixture
def context(nomination, request_dossier):
    return opened(request_dossier(nomination).context)


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


def test_every_text_is_printed_and_what_cannot_be_drawn_by_its_code(context):
    assert sum(as_drawn(text) != text for text in SHORT) > 100
    content = printing.print_here(told(context, ["¦".join(SHORT[at : at + 15]) for at in range(0, len(SHORT), 15)]))
    reader = PdfReader(io.BytesIO(content))
    text = as_read("".join(page.extract_text() for page in reader.pages))
    assert [one for one in SHORT if as_read(as_drawn(one)) not in text] == []
    assert not [mark for mark in LIVELY if mark.encode() in content]
    links = [note["/A"].get("/URI", "") for page in reader.pages for note in page.get("/Annots", []) if "/A" in note]
    assert not [link for link in links if link]
