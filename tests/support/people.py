"""People for tests: users of each post and browsers signed in as them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from flask import Flask

from app.access.actor import SYSTEM, Reach
from app.access.roles import Role
from app.accounts import service
from app.accounts.models import User
from app.core.db import Database
from tests.support.browser import Browser

PASSWORD = "tong-xin-7731"


class People:
    """Makes users of any post, and browsers signed in as them."""

    def __init__(self, app: Flask, database: Database) -> None:
        self.app = app
        self.database = database
        self._numbers = itertools.count(1)

    def make(
        self,
        role: Role,
        *,
        name: str = "",
        reach: Reach = Reach.DISTRICT,
        towns: Sequence[str] = (),
        firm_id: int | None = None,
    ) -> User:
        """Create a user with the password of all tests."""
        number = next(self._numbers)
        with self.database.transaction() as session:
            user, _ = service.create(
                session,
                login=f"{role.value.replace('_', '-')}-{number}",
                name=name or f"{role.label}{number}",
                role=role,
                by=SYSTEM,
                password=PASSWORD,
                reach=reach,
                towns=towns,
                firm_id=firm_id,
            )
            session.refresh(user, ["mandates"])  # ``as_actor`` asks for them after the session is gone
        return user

    def caseworker(self, **changes: object) -> User:
        return self.make(Role.CASEWORKER, **changes)  # type: ignore[arg-type]

    def reviewer(self, **changes: object) -> User:
        return self.make(Role.REVIEWER, **changes)  # type: ignore[arg-type]

    def admin(self) -> User:
        return self.make(Role.ADMIN)

    def browser(self, user: User | None = None) -> Browser:
        """Return a browser, signed in as ``user`` when given."""
        browser = Browser(self.app)
        if user is not None:
            browser.get("/sign-in")
            browser.submit({"login": user.login, "password": PASSWORD})
        return browser
