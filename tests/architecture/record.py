"""What the firm record adds to the world: an own indicator, a recognition of every firm, two versions of the chains."""

from __future__ import annotations

from datetime import date

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM
from app.firms.models import (
    Firm,
)
from app.imports import saved
from app.imports.layouts.profile import profile
from app.indicators import service as indicators
from app.indicators.draft import IndicatorDraft
from app.recognitions import service as recognitions
from app.recognitions.models import RecognitionKind, RecognitionLevel
from app.recognitions.service import RecognitionDraft
from app.taxonomies import service as taxonomies
from app.taxonomies.models import Chain, FirmChain, Reclassified
from app.taxonomies.service import EditionDraft


def fill(session: Session, app: Flask) -> None:
    """Add an indicator of the office's own, a recognition of every firm."""
    own = IndicatorDraft(
        label="工业总产值（本区口径）", document="统计报表制度", owner="区科工商务局", unit="万元", key="output"
    )
    indicators.create(session, own, by=SYSTEM)
    saved.save(session, "区统计局月报", base=profile("annual-firms"), mapping={}, by=SYSTEM)
    store = app.extensions["yuqi_store"]
    for firm in session.scalars(select(Firm).order_by(Firm.id)).all():
        draft = RecognitionDraft(
            RecognitionKind.GREEN_FACTORY, RecognitionLevel.PROVINCIAL, date(2024, 5, 1), "粤工信公告〔2024〕1号"
        )
        certificate = recognitions.Certificate("证书.pdf", b"%PDF-1.4\n%%EOF\n")
        recognitions.register(session, firm, draft, by=SYSTEM, store=store, certificate=certificate)
    _chains(session)


def _chains(session: Session) -> None:
    """Two versions of the chains, and every firm moved from the first to the second."""
    for title, day, name in (("旧版产业链", date(2021, 1, 1), "旧链"), ("新版产业链", date(2026, 1, 1), "新链")):
        draft = EditionDraft(title=title, effective_from=day, document="示例文件", chains=(name,))
        made = taxonomies.add_edition(session, draft, by=SYSTEM)
    old, new = session.scalars(select(Chain).order_by(Chain.id)).all()
    ids = session.scalars(select(Firm.id)).all()
    session.add_all(FirmChain(firm_id=firm_id, chain_id=old.id, is_primary=True) for firm_id in ids)
    session.flush()
    rules = {old.id: new.id}
    taxonomies.apply(
        session, Reclassified.CHAIN, rules, title=made.title, reason="示例文件", expected=len(ids), by=SYSTEM
    )
