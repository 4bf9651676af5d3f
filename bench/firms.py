"""A database with many invented firms, for measuring: ``python -m bench.firms 10000``."""

from __future__ import annotations

import sys
from datetime import timedelta

from sqlalchemy import insert

from app.access.actor import SYSTEM
from app.access.roles import Role
from app.access.towns import Town
from app.accounts import service as accounts
from app.core import clock
from app.core.db import Database
from app.demo.invented import CLUSTERS, PRODUCTS, WORDS, credit_code
from app.firms import keys, search_text
from app.firms.models import Contact, Firm, FirmCluster, RosterEntry
from app.schema import migrate
from config import Settings


def fill(database: Database, count: int) -> None:
    """Make ``count`` firms with cluster, roster and contact, and an account to look at them."""
    migrate(database)
    towns = [town for town in Town if town is not Town.OUTSIDE]
    with database.transaction() as session:
        user, _ = accounts.create(
            session, login="bench", name="测量", role=Role.REVIEWER, by=SYSTEM, password="bench-only-9137"
        )
        rows = []
        for number in range(1, count + 1):
            cluster = CLUSTERS[number % 5]
            name = f"虚构{WORDS[number % 40]}{PRODUCTS[cluster][number // 5 % 4]}{number:05d}有限公司"
            code = credit_code(number % 10_000)
            rows.append(
                {
                    "id": number,
                    "name": name,
                    "short_name": name[:4],
                    "credit_code": code,
                    "town": towns[number % 6],
                    "name_key": search_text.sort_key(name),
                    "caseworker_id": user.id,
                    "search_text": search_text.build([name], [code]),
                    "is_demo": True,
                    "updated_at": clock.now() - timedelta(minutes=number),
                }
            )
        session.execute(insert(Firm), rows)
        called = ((str(one["name"]), str(one["short_name"])) for one in rows)
        keys.fill(session, ((number, name, short, ()) for number, (name, short) in enumerate(called, 1)))
        ids = range(1, count + 1)
        session.execute(
            insert(FirmCluster), [{"firm_id": i, "cluster": CLUSTERS[i % 5], "is_primary": True} for i in ids]
        )
        session.execute(insert(RosterEntry), [{"firm_id": i, "year": 2025, "source": "测量"} for i in ids])
        session.execute(insert(Contact), [{"firm_id": i, "name": "王测", "is_primary": True} for i in ids])


if __name__ == "__main__":
    fill(Database(Settings.from_env().database_url), int(sys.argv[1]))
