"""The macros: what a page gets from them, errors, hostile addresses and missing values included."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask, render_template_string
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    MultipleFileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from app.core.choices import Choice
from app.core.paging import Page
from app.core.text import N_
from app.web.forms import Form

CHOICES = [SelectChoice("a", "荷塘镇"), SelectChoice("b", "杜阮镇")]


class YearForm(Form):
    class Meta:
        csrf = False

    year = IntegerField("年度", validators=[InputRequired("请填写年度")])


class SampleForm(Form):
    name = StringField("企业名称", validators=[InputRequired("请填写企业名称")])
    revenue = DecimalField("销售收入", description="取自审计报告")
    day = DateField("取得日期")
    town = SelectField("镇街", choices=CHOICES, validators=[InputRequired("请选择镇街")])
    kind = RadioField("类型", choices=CHOICES, validators=[InputRequired("请选择类型")])
    chains = SelectMultipleField("产业链", choices=CHOICES)
    note = TextAreaField("说明")
    agree = BooleanField("我已核对", validators=[InputRequired("请勾选")])
    version = HiddenField("版本")
    proof = MultipleFileField("佐证材料")
    years = FieldList(FormField(YearForm), min_entries=1)


@pytest.fixture(autouse=True)
def _request(app: Flask) -> Iterator[None]:
    with app.test_request_context(
        "/office/firms/?q=a%26b&town=x&town=y&after=cursor&endpoint=e&_external=1&sort=-name"
    ):
        yield


def draw(source: str, **context: Any) -> BeautifulSoup:
    return BeautifulSoup(render_template_string(source, **context), "html5lib")


def draw_form(form: Form) -> BeautifulSoup:
    return draw(
        '{% from "shared/forms.html" import form_open, form_close, error_summary, field %}'
        "{{ error_summary(form) }}{{ form_open(form) }}"
        '{% for f in form if f.type not in ("CSRFTokenField", "FieldList") %}'
        '{{ field(f, unit="万元" if f.name == "revenue" else "") }}{% endfor %}'
        "{% for entry in form.years %}{{ field(entry.form.year) }}{% endfor %}{{ form_close() }}",
        form=form,
    )


def refused(**values: Any) -> SampleForm:
    form = SampleForm(MultiDict(values))
    form.validate()
    return form


def test_every_control_is_labelled_and_described_by_what_exists() -> None:
    page = draw_form(refused(revenue="3,0O0"))
    ids = [str(tag["id"]) for tag in page.select("[id]")]
    assert len(ids) == len(set(ids))
    for control in page.select("input:not([type=hidden]), select, textarea"):
        assert page.select_one(f'label[for="{control["id"]}"]'), control
    for described in page.select("[aria-describedby]"):
        assert set(str(described["aria-describedby"]).split()) <= set(ids)


def test_each_error_is_named_above_its_field_and_linked_from_the_summary() -> None:
    form = refused(revenue="3,0O0")
    page = draw_form(form)
    links = {str(link["href"])[1:]: link.get_text() for link in page.select("#error-summary a")}
    assert "csrf_token" not in links, "a hidden field cannot be jumped to"
    assert links["name"] == "企业名称：请填写企业名称"
    assert links["kind-0"] == "类型：请选择类型"
    assert "years-0-year" in links
    for target in links:
        assert page.find(id=target), target
    heading = page.select_one("#error-summary h2")
    assert heading is not None
    assert f"{len(page.select('#error-summary li'))} 处" in heading.get_text()
    field = page.select_one("#name")
    assert field is not None
    assert field["aria-invalid"] == "true"
    message = page.find(id="name-error")
    assert message is not None
    order = [tag.get("id") for tag in page.select("#name-error, #name")]
    assert order == ["name-error", "name"]


def test_what_was_typed_stays_in_a_refused_number_field() -> None:
    field = draw_form(refused(revenue="3,0O0")).select_one("#revenue")
    assert field is not None
    assert (field["value"], field["type"], field["inputmode"]) == ("3,0O0", "text", "decimal")


def test_without_errors_there_is_no_summary() -> None:
    page = draw_form(SampleForm(MultiDict()))
    assert page.select_one("#error-summary") is None
    assert not page.select("[aria-invalid]")


def test_errors_of_the_whole_form_stand_in_the_summary() -> None:
    form = SampleForm(MultiDict())
    form.form_errors.append("账号或密码不正确，请核对后重试。")
    assert "账号或密码不正确" in draw_form(form).select_one("#error-summary").get_text()  # type: ignore[union-attr]


def test_the_form_carries_token_hidden_fields_and_multipart() -> None:
    form = draw_form(SampleForm(MultiDict({"version": "7"}))).form
    assert form is not None
    assert form["enctype"] == "multipart/form-data"
    assert form.select_one("input[name=csrf_token][value]")
    assert [str(tag["value"]) for tag in form.select("input[name=version]")][0] == "7"
    assert form.has_attr("data-guard")


def test_chosen_options_are_marked() -> None:
    page = draw_form(
        SampleForm(MultiDict([("town", "b"), ("kind", "b"), ("chains", "a"), ("chains", "b"), ("agree", "y")]))
    )
    assert [o["value"] for o in page.select("#town option[selected]")] == ["b"]
    assert [i["value"] for i in page.select("input[name=kind][checked]")] == ["b"]
    assert [i["value"] for i in page.select("input[name=chains][checked]")] == ["a", "b"]
    assert page.select_one("#agree[checked]")


def test_labels_and_errors_are_escaped() -> None:
    form = SampleForm(MultiDict())
    form.name.errors = ["<script>x</script>"]
    page = draw_form(form)
    assert page.find("script") is None
    assert "<script>x</script>" in page.get_text()


def test_problems_without_a_form() -> None:
    page = draw(
        '{% from "shared/forms.html" import problem_summary %}{{ problem_summary(problems) }}',
        problems=["第 <3> 行没有信用代码", ("第 4 行：日期不对", "#row-4")],
    )
    assert page.select_one('a[href="#row-4"]').get_text() == "第 4 行：日期不对"  # type: ignore[union-attr]
    assert "第 <3> 行" in page.get_text()


def test_addresses_keep_filters_and_drop_cursors_whatever_they_contain() -> None:
    link = draw('{% from "shared/lists.html" import here %}<a href="{{ here(sort="name", town=none) }}">x</a>').a
    assert link is not None
    assert link["href"] == "/office/firms/?q=a%26b&endpoint=e&_external=1&sort=name"


def test_head_cells_say_how_they_sort() -> None:
    page = draw(
        '{% from "shared/lists.html" import th %}<table><tr>{{ th("名称", "name", "-name") }}'
        '{{ th("收入", "revenue", "-name") }}{{ th("镇街") }}</tr></table>'
    )
    cells = page.select("th")
    assert [cell.get("aria-sort") for cell in cells] == ["descending", None, None]
    assert "sort=name" in str(cells[0].a["href"])  # type: ignore[index]
    assert "sort=revenue" in str(cells[1].a["href"])  # type: ignore[index]
    assert cells[2].a is None


def test_paging_counts_and_leads_on() -> None:
    source = '{% from "shared/lists.html" import paging %}{{ paging(page, "家") }}'
    both = draw(source, page=Page(items=[1, 2], total=12345, after="A", before="B", is_capped=True))
    assert "本页 2 家，共 12,345 家以上" in both.get_text()
    assert [str(a["href"]).split("&")[-1] for a in both.select("nav a")] == ["sort=-name", "before=B", "after=A"]
    alone = draw(source, page=Page(items=[1], total=1))
    assert "共 1 家" in alone.get_text()
    assert alone.nav is None


class Outcome(Choice):
    MET = "met", N_("符合")
    ODD = "something_new", N_("新情形")


@pytest.mark.parametrize(
    "value", ["met", "unmet", "unknown", "needs_review", "not_applicable", "pending", "frozen", "void"]
)
def test_a_state_is_told_by_word_and_picture(value: str) -> None:
    page = draw('{% from "shared/status.html" import status %}{{ status(value) }}', value=value)
    words = page.select_one(".x-status > span")
    assert words is not None
    assert words.get_text()
    assert words.get_text() != value
    assert page.select_one(".x-status svg use")


def test_a_choice_brings_its_own_word_and_an_unknown_one_is_still_drawn() -> None:
    source = '{% from "shared/status.html" import status %}{{ status(value) }}'
    assert draw(source, value=Outcome.MET).select_one(".x-status--ok").get_text() == "符合"  # type: ignore[union-attr]
    assert draw(source, value=Outcome.ODD).select_one(".x-status--mute").get_text() == "新情形"  # type: ignore[union-attr]


def test_unknown_is_never_shown_as_nothing_or_zero() -> None:
    page = draw(
        '{% from "shared/parts.html" import fact %}{% from "shared/gauges.html" import bar, spark %}'
        '<dl>{{ fact("职工总数") }}{{ fact("亏损", 0, unit="万元", year=2025) }}</dl>'
        "{{ bar(none) }}{{ spark([none, none]) }}"
    )
    values = page.select("dd")
    assert values[0].get_text(strip=True) == "资料不足"
    assert values[1].get_text(" ", strip=True).startswith("0 万元")
    assert page.get_text().count("—") == 2
    assert page.select_one(".x-bar svg") is None


def test_a_gap_in_a_spark_breaks_the_line() -> None:
    page = draw('{% from "shared/gauges.html" import spark %}{{ spark([1, 2, none, 4, 5]) }}')
    path = page.select_one("path")
    assert path is not None
    assert str(path["d"]).count("M") == 2


@pytest.mark.parametrize(
    ("low", "high", "place"), [(72, 80, "ok"), (60, 71, "bad"), (66, 81, "warn"), (71, 90, "warn")]
)
def test_an_interval_passes_only_when_its_low_end_is_above_the_line(low: int, high: int, place: str) -> None:
    page = draw('{% from "shared/gauges.html" import interval %}{{ interval(low, high, 71) }}', low=low, high=high)
    assert page.select_one(f".x-interval--{place}")
    svg = page.select_one("svg")
    assert svg is not None
    assert f"得分区间 {low} 至 {high}" in str(svg["aria-label"])


def test_an_event_shows_old_and_new_and_names_what_was_empty() -> None:
    page = draw(
        '{% from "shared/parts.html" import timeline, event %}{% call timeline() %}'
        '{{ event(at, "王敏", "修改企业", changes=[("镇街", none, "杜阮镇")]) }}{% endcall %}',
        at=datetime(2026, 5, 8, 6, 32, tzinfo=UTC),
    )
    assert page.select_one("del") is None, "nothing was there, so nothing is struck out"
    assert "原值 空" in page.select_one("ul.x-changes").get_text(" ", strip=True)  # type: ignore[union-attr]
    assert page.select_one("ins").get_text(" ", strip=True) == "新值 杜阮镇"  # type: ignore[union-attr]
    assert page.select_one("time").get_text() == "2026-05-08 14:32"  # type: ignore[union-attr]


def test_progress_is_asked_for_until_the_job_ends() -> None:
    source = (
        '{% from "shared/parts.html" import progress %}'
        '{{ progress("/office/jobs/1/progress", "进行中", 1, 3, finished=finished) }}'
    )
    running, ended = draw(source, finished=False), draw(source, finished=True)
    assert running.select_one("[data-progress-url='/office/jobs/1/progress']")
    assert running.select_one("a[href]"), "without JavaScript there is a link to look again"
    assert ended.select_one("[data-progress-url]") is None
