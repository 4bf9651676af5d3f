"""Files are known by what they hold, not by what they are called."""

from __future__ import annotations

import pytest

from app.core.errors import Invalid
from app.facts import containers
from tests.facts.samples import JPEG, PDF, PNG, packed

CONTENT = "[Content_Types].xml"


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("审计报告.PDF", PDF, containers.PDF),
        ("发票.jpg", JPEG, containers.JPEG),
        ("发票.jpeg", JPEG, containers.JPEG),
        ("截图.png", PNG, containers.PNG),
        ("说明.docx", packed(CONTENT, "word/document.xml"), containers.DOCX),
        ("明细.xlsx", packed(CONTENT, "xl/workbook.xml"), containers.XLSX),
        ("路演.pptx", packed(CONTENT, "ppt/presentation.xml"), containers.PPTX),
        ("电子证照.ofd", packed("OFD.xml", "Doc_0/Document.xml"), containers.OFD),
    ],
)
def test_the_kinds_that_are_taken(name: str, content: bytes, kind: containers.Kind) -> None:
    assert containers.recognise(name, content) is kind


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("空.pdf", b"", "空文件"),
        ("网页.pdf", b"<html><script>alert(1)</script></html>", "不是可接收的文件"),
        ("图.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "不是可接收的文件"),
        ("程序.png", b"MZ" + b"\x00" * 100, "不是可接收的文件"),
        ("半个.pdf", PDF[:20], "不是可接收的文件"),
        ("报告.docx", PDF, "内容是 PDF"),
        ("压缩包.docx", packed("a.txt"), "不是可接收的文件"),
        ("坏了.xlsx", packed(CONTENT, "xl/workbook.xml")[:40], "不是可接收的文件"),
        ("宏.xlsx", packed(CONTENT, "xl/workbook.xml", "xl/vbaProject.bin"), "含有宏"),
        ("没有扩展名", PDF, "扩展名不符"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",  # an archive holds the second in which it was made
)
def test_what_is_not_taken_says_why(name: str, content: bytes, words: str) -> None:
    with pytest.raises(Invalid, match=words) as refused:
        containers.recognise(name, content)
    assert refused.value.field == "file"


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(Invalid, match="超过 20 MB"):
        containers.recognise("大.pdf", PDF + b"\x00" * containers.MOST_BYTES)


def test_names_lose_paths_and_signs_that_deceive() -> None:
    assert containers.plain_name("C:\\桌面\\报告.pdf") == "报告.pdf"
    assert containers.plain_name("../../etc/报告.pdf") == "报告.pdf"
    assert containers.plain_name("报告\u202efdp.exe\r\n.pdf") == "报告fdp.exe.pdf"
    assert len(containers.plain_name("长" * 400 + ".pdf")) <= 201
