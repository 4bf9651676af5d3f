from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from markupsafe import Markup
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column

from app.core.choices import Choice
from app.core.text import tr
from app.documents.render import Imprint, html_of
from app.documents.strict import MissingNames, check_context
from tests.documents.conftest import ISSUED

IMPRINT = Imprint("虚构文件", ISSUED)


@dataclass(frozen=True)
class Firm:
    name: str
    phone: str | None = None


class State(Choice):
    OPEN = "open", "开放"


class Base(MappedAsDataclass, DeclarativeBase):
    pass


class Row(Base):
    __tablename__ = "row"
    id: Mapped[int] = mapped_column(primary_key=True)


def names(sources, template, body, **context):
    with pytest.raises(MissingNames) as caught:
        html_of(template(body), context, IMPRINT, sources=sources)
    return caught.value


def test_all_missing_names_are_listed_at_once(sources, template):
    body = (
        "{{ firm.name }}{{ firm.fax }}{{ score|percent }}{{ a.b.c }}{% for x in items %}{{ x }}{% endfor %}{{ score }}"
    )
    error = names(sources, template, body, firm=Firm("虚构公司"))
    assert error.names == ("Firm.fax", "score", "a.b.c", "items")
    assert "缺少：Firm.fax、score、a.b.c、items" in str(error)


@pytest.mark.parametrize(
    "use",
    [
        "{% if gone %}x{% endif %}",
        "{{ gone + 1 }}",
        "{{ gone > 1 }}",
        "{{ gone|length }}",
        "{{ gone == 2 }}",
        "{{ gone(3) }}",
        "{{ 'x' in gone }}",
        "{{ 3|money(against=gone) }}",
        "{{ gone['a'] }}",
    ],
)
def test_a_missing_name_is_noticed_however_it_is_used(sources, template, use):
    assert names(sources, template, use).names[0].startswith("gone")


def test_asking_whether_a_name_is_there_is_no_use_of_it(sources, template):
    html = html_of(template("{{ gone is defined }}{{ gone|default('无') }}"), {}, IMPRINT, sources=sources)
    assert "False无" in html


def test_an_empty_value_does_not_print_as_the_word_none(sources, template):
    error = names(sources, template, "{{ firm.phone }}", firm=Firm("虚构公司"))
    assert error.names == ("空值（模板 one.html）",)
    assert "—" in html_of(template("{{ firm.phone|number }}"), {"firm": Firm("虚构公司")}, IMPRINT, sources=sources)


def test_text_is_escaped_and_drawings_are_not(sources, template):
    context = {"name": "<script>甲</script>", "drawing": Markup("<svg></svg>")}
    html = html_of(template("{{ name }}{{ drawing }}"), context, IMPRINT, sources=sources)
    assert "&lt;script&gt;甲" in html
    assert "<svg></svg>" in html


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        "甲",
        Decimal("1.2"),
        Fraction(1, 3),
        date(2026, 1, 1),
        ISSUED,
        State.OPEN,
        tr("第 %(n)s 行", n=1),
        Firm("甲"),
        (Firm("甲"), [1, {"a": 2}]),
        frozenset({1}),
    ],
)
def test_plain_values_may_stand_in_a_context(value):
    check_context({"value": value})


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (Row(id=1), r"context\['value'\]: Row is a database object"),
        ([1, {"rows": (Row(id=1),)}], r"context\['value'\]\[1\]\['rows'\]\[0\]: Row is a database object"),
        (0.1, "a float is not exact"),
        (Firm(0.5), r"context\['value'\].name: a float"),
        (object(), "object may not stand"),
        (lambda: 1, "function may not stand"),
        (b"x", "bytes may not stand"),
        ({(1, 2): 3}, "the key"),
        (Firm, "type may not stand"),
    ],
)
def test_anything_else_is_refused_with_its_place(value, place):
    with pytest.raises(TypeError, match=place):
        check_context({"value": value})
