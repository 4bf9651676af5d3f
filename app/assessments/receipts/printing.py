"""From a stored context to the PDF. Nothing but the context is read, so the same context gives the same bytes."""

from __future__ import annotations

import io
import re
import unicodedata

from pypdf import PdfReader

from app.assessments.receipts.context import ReceiptContext
from app.documents.press import pdf_in_child
from app.documents.render import Imprint, Variant, html_of, print_html

TEMPLATE = "documents/receipt/receipt.html"
VARIANT: Variant = "pdf/ua-1"
LONGEST_NAME = 60
_UNSAFE = re.compile(r'[\\/:*?"<>|\s]+')


def pdf(context: ReceiptContext) -> bytes:
    """Print a receipt in a child process with bounds on time and memory. Raises DocumentFault, PrintingStopped."""
    return pdf_in_child(
        TEMPLATE, {"receipt": context}, title=headline(context), issued=context.issued_at, number=context.number,
        author=context.organ, variant=VARIANT,
    )  # fmt: skip


def print_here(context: ReceiptContext) -> bytes:
    """As ``pdf``, in this process: for measuring, and for tests."""
    return print_html(html(context), variant=VARIANT)


def html(context: ReceiptContext) -> str:
    """Return the HTML that is printed."""
    imprint = Imprint(headline(context), context.issued_at, context.number, context.organ)
    return html_of(TEMPLATE, {"receipt": context}, imprint)


def pages_of(content: bytes) -> int:
    """Return how many pages a PDF has."""
    return len(PdfReader(io.BytesIO(content)).pages)


def headline(context: ReceiptContext) -> str:
    """Return the title in the head of every page; invented firms say so there too."""
    mark = "（演示数据，内容为虚构）" if context.form.is_demo else ""
    return f"{context.form.firm}　{context.title}{mark}"


def file_name(context: ReceiptContext) -> str:
    """Return the name of the PDF as people save it, 自评提交回执 第1次 某某公司.pdf: nothing a disk would refuse."""
    firm = "".join(char for char in context.form.firm if unicodedata.category(char)[0] != "C")
    name = f"{context.title} 第{context.round.number}次 {firm[:LONGEST_NAME]} {context.form.year}年度"
    return _UNSAFE.sub(" ", name).strip(" .") + ".pdf"
