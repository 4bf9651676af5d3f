"""HTML to PDF. WeasyPrint is used here and nowhere else.

A document is made in two steps: ``html_of`` fills the template (names that are missing are listed), ``print_html``
checks the page (no inline style, fixed tables), puts the code of a sign where no font has it, and prints it. The same
inputs give the same bytes: nothing here looks at a clock.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, pass_context
from jinja2.runtime import Context
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from app.core.clock import local
from app.core.text import tr
from app.documents import amounts, fonts, lint, signs
from app.documents import format as written
from app.documents.fetcher import ForbiddenResource, RootedFetcher
from app.documents.qr import qr_svg
from app.documents.sources import Sources
from app.documents.strict import Collected, DocumentFault, check_context, collecting, note_missing, tolerant

Variant = Literal["pdf/ua-1", "pdf/a-3u", "pdf/a-3b", "pdf/a-2u"]
SHEET = "documents/print.css"
_FILTERS: dict[str, Callable[..., Any]] = {
    "number": written.number,
    "money": written.money,
    "percent": written.percent,
    "date": written.date_text,
    "moment": written.moment_text,
    "year": written.year_text,
    "yes_no": written.yes_no,
    "file_size": written.file_size,
    "capital": amounts.capital_amount,
    "capital_wan": amounts.capital_wan,
    "t": str,
}
# Pango and fontconfig keep global state: one document at a time in a process
_PRINTING = threading.Lock()


@dataclass(frozen=True, slots=True)
class Imprint:
    """What a document says about itself. ``issued`` is aware and comes from the record, never from a clock."""

    title: str
    issued: datetime
    number: str = ""
    author: str = ""
    lang: str = "zh-CN"

    def __post_init__(self) -> None:
        if self.issued.tzinfo is None:
            raise ValueError("the date of issue needs a time zone")

    @property
    def issued_w3c(self) -> str:
        """The moment of issue as W3C's profile of ISO 8601 writes it."""
        return local(self.issued).isoformat(timespec="seconds")


def pdf(
    template: str,
    context: Mapping[str, object],
    *,
    title: str,
    issued: datetime,
    number: str = "",
    author: str = "",
    lang: str = "zh-CN",
    variant: Variant = "pdf/ua-1",
    identifier: bytes | None = None,
    sources: Sources | None = None,
) -> bytes:
    """Return the PDF of ``template`` (a path below templates/) filled with ``context``.

    ``context`` holds dataclasses and plain values (``TypeError`` otherwise); the template also sees ``document``, the
    imprint. Raises ``MissingNames`` or another ``DocumentFault``. Without an ``identifier`` a
    PDF/A gets one that is derived from its content, other variants none.
    """
    imprint = Imprint(title, issued, number, author, lang)
    sources = sources or Sources()
    return print_html(
        html_of(template, context, imprint, sources=sources), variant=variant, identifier=identifier, sources=sources
    )


def html_of(template: str, context: Mapping[str, object], imprint: Imprint, *, sources: Sources | None = None) -> str:
    """Fill a template; raise ``MissingNames`` with all names it lacks."""
    check_context(context)
    page = _environment(sources or Sources()).get_template(template)
    return collecting(lambda: page.render(dict(context), document=imprint))


def print_html(
    html: str, *, variant: Variant = "pdf/ua-1", identifier: bytes | None = None, sources: Sources | None = None
) -> bytes:
    """Check and print a filled document."""
    sources = sources or Sources()
    with _PRINTING, _complaints() as complaints:
        sheet, font_config = _stylesheet(sources, _sheet_text(sources))
        page = HTML(string=html, url_fetcher=RootedFetcher(sources.roots), media_type="print")
        lint.check(page.etree_element)
        signs.box(page.etree_element, fonts.covered(sources.fonts))
        seal = identifier or _seal(html, sources, variant)
        try:
            content: bytes = page.write_pdf(
                stylesheets=[sheet],
                font_config=font_config,
                pdf_variant=variant,
                pdf_identifier=seal,
                presentational_hints=False,
            )
        except ForbiddenResource as refused:
            raise DocumentFault(tr("文件引用了不允许的资源：%(url)s", url=str(refused))) from None
        except RecursionError:
            raise DocumentFault(tr("文件结构嵌套过深，无法排版")) from None
    if complaints:
        raise DocumentFault(tr("文件排版时出错：%(errors)s", errors="；".join(complaints[:5])))
    return content


def _seal(html: str, sources: Sources, variant: Variant) -> bytes | None:
    """Return the identifier of a file whose variant asks for one (PDF/A): it costs writing everything twice."""
    if not variant.startswith("pdf/a"):
        return None
    return hashlib.sha256((html + _sheet_text(sources)).encode()).digest()[:16]


@lru_cache(maxsize=8)
def _environment(sources: Sources) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(sources.templates),
        autoescape=True,
        undefined=Collected,
        finalize=_no_none,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do"],
    )
    environment.filters.update({name: tolerant(function) for name, function in _FILTERS.items()})
    environment.globals.update(_=_chinese, qr_svg=qr_svg)
    return environment


def _chinese(msgid: str, **params: object) -> str:
    """Documents are Chinese; the call marks the text for extraction like everywhere else."""
    return msgid % params if params else msgid


@pass_context
def _no_none(context: Context, value: object) -> object:
    """A bare None would print as the word None; templates say what an unknown value looks like by a filter."""
    if value is None:
        note_missing(f"空值（模板 {context.name}）")
        return ""
    return value


def _sheet_text(sources: Sources) -> str:
    return (sources.templates / SHEET).read_text(encoding="utf-8")


@lru_cache(maxsize=4)
def _stylesheet(sources: Sources, text: str) -> tuple[CSS, FontConfiguration]:
    """Parse the print stylesheet and register the fonts once for all documents of the process."""
    fonts.covered(sources.fonts)
    font_config = FontConfiguration()
    sheet = CSS(string=text, font_config=font_config, url_fetcher=RootedFetcher(sources.roots))
    return sheet, font_config


class _Listener(logging.Handler):
    def __init__(self, heard: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        self._heard.append(record.getMessage())


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """Collect WeasyPrint's errors: it logs a broken reference and prints on without the thing."""
    heard: list[str] = []
    listener, logger = _Listener(heard), logging.getLogger("weasyprint")
    logger.addHandler(listener)
    try:
        yield heard
    finally:
        logger.removeHandler(listener)
