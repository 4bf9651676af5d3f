"""One condition for very many values: ``IN`` with a parameter for each of them takes longer to write than to answer."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, any_, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session


def one_of(session: Session, column: InstrumentedAttribute[Any], values: Collection[str | int]) -> ColumnElement[bool]:
    """Return the condition that a column of texts or whole numbers holds one of the values, given as one parameter."""
    given = sorted(values)
    if session.get_bind().dialect.name == "postgresql":
        condition: ColumnElement[bool] = column == any_(literal(given, ARRAY(column.type)))
        return condition
    each = func.json_each(json.dumps(given, ensure_ascii=False)).table_valued("value")
    return column.in_(select(each.c.value))
