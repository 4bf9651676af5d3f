"""What a verdict leads to is data: every programme has its entry, and every entry means something in the register."""

from __future__ import annotations

from app.recognitions.models import RecognitionKind, RecognitionLevel
from app.recognitions.standing import PROGRAMMES
from app.rulebooks.leads import branch_of, lead_of, leads
from app.rulebooks.loader import load_all
from app.rulebooks.schemes import load_scheme, scheme_ids


def test_every_edition_says_what_it_leads_to() -> None:
    lacking = [one.id for one in load_all() if lead_of(one.programme, one.region) is None]
    assert not lacking
    assert {load_scheme(name).id for name in scheme_ids()} <= {one.programme for one in leads()}


def test_recognitions_and_levels_are_those_of_the_register() -> None:
    kinds, levels = {one.value for one in RecognitionKind}, {one.value for one in RecognitionLevel}
    assert {one.recognition for one in leads()} <= kinds | {""}
    assert {one.level for one in leads()} <= levels | {""}
    assert PROGRAMMES[RecognitionKind.CHAMPION] == ("champion",)
    assert PROGRAMMES[RecognitionKind.GREEN_FACTORY] == ()


def test_versions_compete_and_different_things_do_not() -> None:
    assert branch_of("specialised_sme", "全国") == branch_of("specialised_sme", "广东省")
    assert branch_of("champion", "全国") != branch_of("champion", "广东省")
