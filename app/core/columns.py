"""Column types that behave the same on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Annotated, Any, TypeVar

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, String, Text, TypeDecorator
from sqlalchemy.orm import mapped_column

from app.core import clock
from app.core.choices import Choice
from app.core.digest import canonical_json
from app.core.errors import Invalid
from app.core.steps import STEPS, unscaled
from app.core.text import tr

C = TypeVar("C", bound=Choice)

_LIMIT = 2**63 - 1


class ExactDecimal(TypeDecorator[Decimal]):
    """A decimal number kept as an integer of 10⁻⁸: exact, sortable, alike on both databases.

    Money is in 万元, so the smallest step is far below 分. Numbers beyond ±9.2×10¹⁰ are refused, not cut.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        if value is None:
            return None
        scaled = (Decimal(value) * STEPS).to_integral_value(rounding=ROUND_HALF_EVEN)
        if abs(scaled) > _LIMIT:
            raise Invalid("value", tr("数值 %(value)s 超出可保存的范围，请核对单位", value=value))
        return int(scaled)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else unscaled(int(value))


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment; refuses naive ones, always returns UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ChoiceText(TypeDecorator[C]):
    """A ``Choice`` kept as its value."""

    impl = String(40)
    cache_ok = True

    def __init__(self, choices: type[C]) -> None:
        super().__init__()
        self.choices = choices
        self._members: dict[str, C] = {member.value: member for member in choices}

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else self.choices(value).value

    def process_result_value(self, value: Any, dialect: Dialect) -> C | None:
        # a plain look-up: calling the enum costs as much as the rest of a row when thousands are read
        return None if value is None else self._members[value]


class SealedJson(TypeDecorator[Any]):
    """JSON kept as the text it was first written as, so that its hash can be checked for ever.

    A text that is already JSON is taken as it is (bulk work serialises once); anything else is written canonically.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return value if isinstance(value, str) else canonical_json(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


Key = Annotated[int, mapped_column(primary_key=True)]
CreatedAt = Annotated[datetime, mapped_column(UtcDateTime, default=clock.now)]
LongText = Annotated[str, mapped_column(Text)]
JsonObject = Annotated[dict[str, Any], mapped_column(JSON)]
JsonList = Annotated[list[Any], mapped_column(JSON)]
