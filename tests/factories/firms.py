"""Firms for tests."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session
from stdnum.cn import uscc

from app.access.actor import SYSTEM, Actor
from app.firms import service
from app.firms.models import Firm
from app.firms.service import FirmDraft
from app.firms.taxonomy import Town

_numbers = itertools.count(1)


def credit_code(number: int) -> str:
    """Return a code with a right check digit, made from a number."""
    stem = f"91440703MA{number:07d}"
    return stem + uscc.calc_check_digit(stem + "0")


def make_draft(**changes: Any) -> FirmDraft:
    """Return a draft of an invented firm with a name and code of its own."""
    number = next(_numbers)
    draft = FirmDraft(name=f"虚构{number:04d}号机电有限公司", credit_code=credit_code(number), town=Town.DURUAN)
    return replace(draft, **changes)


def make_firm(session: Session, *, by: Actor = SYSTEM, **changes: Any) -> Firm:
    """Create and commit a firm; ``changes`` are fields of ``FirmDraft``."""
    firm = service.create(session, make_draft(**changes), by=by)
    session.commit()
    return firm
