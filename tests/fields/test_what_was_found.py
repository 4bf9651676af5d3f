"""What the trial of every field brought to light, each by itself."""

from __future__ import annotations

import base64

import pytest

from tests.fields.register import Field
from tests.fields.trial import Trial
from tests.support.markup import Page

pytestmark = pytest.mark.slow
WHY = "why-value-tech_staff_month_avg"
FOUND = (
    (Field("office.facts.state", "form", "source"), "甲\r乙"),
    (Field("portal.mandates.end", "form", "reason"), "甲\r\n乙"),
    (Field("office.facts.accept_chosen", "form", "bulk_reason"), "[" * 3000 + "]" * 2000),
    (Field("portal.assessments.assign", "form", "person"), "a" * 5000),
)


@pytest.mark.parametrize(("one", "text"), FOUND, ids=[one.told for one, _text in FOUND])
def test_line_ends_are_of_one_kind_and_what_is_too_long_is_refused_and_told(
    trial: Trial, one: Field, text: str
) -> None:
    with trial.opened(one.endpoint) as opened:
        trial.begin(opened, one, one.name)
        assert trial.attempt(opened, one, one.name, text) == []


def test_a_refused_return_shows_the_words_with_their_first_line_end(trial: Trial) -> None:
    with trial.opened("office.assessments.give_back") as opened:
        name = next(name for name in opened.data if name.startswith(WHY))
        answer = opened.client.post(opened.place, data={**opened.data, name: "\n甲", "due_on": "x"})
        assert answer.status_code == 422
        assert Page(answer.get_data(as_text=True)).fields[name] == ["\n甲"]


@pytest.mark.parametrize("code", [".", "..", "a/b", "甲", "a?b", "a#b", "%2e%2e"])
def test_a_verification_code_that_is_none_is_told_at_its_field_and_leads_nowhere(trial: Trial, code: str) -> None:
    with trial.opened("public.dossiers.start") as opened:
        answer = opened.client.post(opened.place, data={"code": code})
        assert answer.status_code == 422
        assert Page(answer.get_data(as_text=True)).fields["code"] == [code]


@pytest.mark.parametrize(("length", "status"), [(100, 201), (101, 422)])
def test_the_title_of_a_file_in_pieces_is_kept_whole_or_refused(trial: Trial, length: int, status: int) -> None:
    said = {"filename": "证明.pdf", "title": "字" * length}
    coded = ",".join(f"{key} {base64.b64encode(text.encode()).decode()}" for key, text in said.items())
    with trial.opened("portal.facts.documents.begin") as opened:
        headers = {"Upload-Length": "100", "Upload-Metadata": coded, "Tus-Resumable": "1.0.0"}
        answer = opened.client.post(opened.place, headers=headers)
        assert answer.status_code == status
        assert answer.get_json().get("title", "字" * length) == "字" * length
