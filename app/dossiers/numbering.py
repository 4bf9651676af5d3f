"""Numbers and verification codes of dossiers."""

from __future__ import annotations

import secrets

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.dossiers.models import DossierSeries

PREFIX = "蓬科资"
CODE_SIGNS = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without 0, 1, i, l and o, which people confuse when they type a code from paper."""
CODE_LENGTH = 16


def next_number(session: Session, year: int) -> str:
    """Return the next number of a year, as 蓬科资〔2026〕000123.

    The row of the year stays locked until the transaction ends and goes back with it, so that numbers are unique and
    follow each other without gaps, whoever else is asking.
    """
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(insert(DossierSeries).values(year=year, last=0).on_conflict_do_nothing())
    last = session.scalar(
        update(DossierSeries)
        .where(DossierSeries.year == year)
        .values(last=DossierSeries.last + 1)
        .returning(DossierSeries.last)
        .execution_options(synchronize_session=False)
    )
    return f"{PREFIX}〔{year}〕{last:06d}"


def new_code() -> str:
    """Return a code nobody can guess (79 bits), made of signs that can be typed from paper."""
    return "".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH))
