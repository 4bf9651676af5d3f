import os
import threading

import pytest

from app.documents.press import Limits, Press, PrintingStopped, child_environment
from app.documents.render import pdf
from app.documents.strict import DocumentFault, MissingNames
from tests.documents.conftest import ISSUED
from tests.documents.sample import report

IMPRINT = {"title": "虚构文件", "number": "1", "issued": ISSUED}
BIG = (
    '<table><colgroup><col class="w-50"><col class="w-50"></colgroup>'
    + "<tr><td>虚构内容虚构内容虚构内容</td><td>1</td></tr>" * 3900
    + "</table>"
)


@pytest.fixture(scope="module")
def press(sources):
    with Press(sources=sources) as press:
        yield press


def test_the_child_prints_the_same_bytes(press, sources):
    context = {"report": report(rows=3)}
    here = pdf("sample/report.html", context, **IMPRINT, sources=sources)
    assert press.pdf("sample/report.html", context, **IMPRINT) == here


def test_one_child_serves_many_documents_and_threads(press, template):
    name = template("<p>第 {{ n }} 份</p>")
    press.pdf(name, {"n": 0}, **IMPRINT)
    child, made = press._child.pid, {}
    threads = [
        threading.Thread(target=lambda n=n: made.update({n: press.pdf(name, {"n": n}, **IMPRINT)})) for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made.values())) == 4
    assert press._child.pid == child


def test_a_fault_in_the_child_is_told_and_the_child_goes_on(press, template):
    with pytest.raises(DocumentFault, match="不得使用 <img>"):
        press.pdf(template("<img>"), {}, **IMPRINT)
    with pytest.raises(MissingNames, match="gone"):
        press.pdf(template("<p>{{ gone }}</p>"), {}, **IMPRINT)
    assert press.pdf(template("<p>甲</p>"), {}, **IMPRINT).startswith(b"%PDF")


def test_a_document_that_takes_too_long_is_stopped_and_the_next_one_is_printed(sources, template):
    with Press(Limits(seconds=6), sources) as press:
        assert press.pdf(template("<p>甲</p>"), {}, **IMPRINT).startswith(b"%PDF")
        slow = Limits(seconds=0.3)
        press._limits = slow
        with pytest.raises(PrintingStopped, match=r"在 0\.3 秒内未能排完"):
            press.pdf(template(BIG), {}, **IMPRINT)
        press._limits = Limits(seconds=30)
        assert press.pdf(template("<p>乙</p>"), {}, **IMPRINT).startswith(b"%PDF")


def test_processor_time_is_bounded(sources, template):
    with (
        Press(Limits(seconds=60, cpu_seconds=0), sources) as press,
        pytest.raises(PrintingStopped, match="内存或时间限制"),
    ):
        press.pdf(template(BIG), {}, **IMPRINT)


def test_memory_is_bounded(sources, template):
    with Press(Limits(seconds=60, memory=300 * 1024**2), sources) as press:
        assert press.pdf(template("<p>甲</p>"), {}, **IMPRINT).startswith(b"%PDF")
        with pytest.raises(PrintingStopped, match="内存或时间限制"):
            press.pdf(template(BIG), {}, **IMPRINT)


def test_the_child_is_replaced_after_its_share(sources, template):
    with Press(Limits(documents=1), sources) as press:
        name = template("<p>甲</p>")
        first = press.pdf(name, {}, **IMPRINT)
        pid = press._child.pid
        assert press.pdf(name, {}, **IMPRINT) == first
        assert press._child.pid != pid


def test_the_child_gets_no_secrets(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "x")
    monkeypatch.setenv("DATABASE_URL", "x")
    assert not {"SECRET_KEY", "DATABASE_URL"} & set(child_environment())
    assert child_environment().get("PATH") == os.environ.get("PATH")
