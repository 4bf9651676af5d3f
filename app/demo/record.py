"""Recognitions, a note and an own indicator of the demo firms. All are invented."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.core import clock
from app.facts.definitions import Formula, Operand, Operation
from app.firms.models import Firm
from app.indicators import service as indicators
from app.indicators.draft import IndicatorDraft
from app.notes import service as notes
from app.recognitions import service as recognitions
from app.recognitions.models import RecognitionKind, RecognitionLevel
from app.recognitions.service import RecognitionDraft

SOURCE = "演示数据（虚构）"
# kind, level, years of validity, days since it began: by the last digit of the firm's number
HELD: Mapping[int, tuple[tuple[RecognitionKind, RecognitionLevel, int, int], ...]] = {
    1: (
        (RecognitionKind.TECH_SME, RecognitionLevel.NATIONAL, 1, 500),
        (RecognitionKind.TECH_SME, RecognitionLevel.NATIONAL, 1, 130),
        (RecognitionKind.HITECH, RecognitionLevel.NATIONAL, 3, 980),
        (RecognitionKind.INNOVATIVE_SME, RecognitionLevel.PROVINCIAL, 3, 700),
        (RecognitionKind.ENGINEERING_CENTRE, RecognitionLevel.PROVINCIAL, 0, 900),
    ),
    2: ((RecognitionKind.HITECH, RecognitionLevel.NATIONAL, 3, 1300),),
    3: ((RecognitionKind.TECH_SME, RecognitionLevel.NATIONAL, 1, 60),),
    5: (
        (RecognitionKind.HITECH, RecognitionLevel.NATIONAL, 3, 400),
        (RecognitionKind.SPECIALISED_SME, RecognitionLevel.PROVINCIAL, 3, 300),
    ),
}


def load(session: Session, firms: Mapping[int, Firm], *, caseworker: Actor, reviewer: Actor) -> None:
    """Give some firms recognitions, the first a note, and define one own indicator."""
    for number, firm in firms.items():
        for kind, level, years, since in HELD.get(number % 10, ()):
            recognitions.register(session, firm, _draft(kind, level, years, since, number), by=caseworker)
    notes.write(session, firms[1], "电话核实：新厂房已投产，研发人员比去年多 4 人，材料月底前补齐。", by=caseworker)
    indicators.create(
        session,
        IndicatorDraft(
            label="研发费用占销售收入比重（本区监测）",
            short="研发占比（本区监测）",
            key="rd_share",
            unit="比例",
            group="研发投入",
            document=f"区级监测口径，{SOURCE}",
            owner="区科工商务局",
            formula=Formula(Operation.RATIO, (Operand("rd_expense_hnte"), Operand("sales_revenue"))),
        ),
        by=reviewer,
    )


def _draft(kind: RecognitionKind, level: RecognitionLevel, years: int, since: int, number: int) -> RecognitionDraft:
    begin = clock.today() - timedelta(days=since)
    until = date(begin.year + years, begin.month, min(begin.day, 28)) if years else None
    return RecognitionDraft(
        kind=kind, level=level, granted_on=begin, valid_until=until, number=f"YS{begin.year}{number:04d}",
        source=SOURCE,
    )  # fmt: skip
