"""Own indicators and their definitions. Neither is ever deleted: figures of old years are read with them."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.columns import CreatedAt, Key
from app.core.db import Base


class CustomIndicator(Base):
    """An indicator of the office beside the built-in catalogue.

    ``key`` begins with ``c_``. ``kind`` and ``period`` never change: another kind of figure is another indicator.
    ``owner`` is the department that answers for it. From ``retired_on`` it takes no new values and stays readable.
    """

    __tablename__ = "custom_indicator"

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(String(60), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    period: Mapped[str] = mapped_column(String(20))
    owner: Mapped[str] = mapped_column(String(60))
    retired_on: Mapped[date | None] = mapped_column(Date)
    retired_reason: Mapped[str] = mapped_column(String(300), default="")
    created_by_name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[CreatedAt]
    version: Mapped[int] = mapped_column(default=1)

    definitions: Mapped[list[IndicatorDefinition]] = relationship(
        lazy="raise", order_by="IndicatorDefinition.number", back_populates="indicator"
    )

    __mapper_args__ = {"version_id_col": version}


class IndicatorDefinition(Base):
    """What an own indicator means for the years from ``effective_year`` on; numbered from 1, never overwritten.

    ``formula`` is ``{"operation": "ratio", "of": [["rd_expense", 0], ["sales_revenue", 0]]}`` where the value is
    computed. ``document``, ``article`` and ``url`` name the paper that asks for the figure.
    """

    __tablename__ = "indicator_definition"
    __table_args__ = (UniqueConstraint("indicator_id", "number"),)

    id: Mapped[Key]
    indicator_id: Mapped[int] = mapped_column(ForeignKey("custom_indicator.id", ondelete="RESTRICT"))
    number: Mapped[int]
    effective_year: Mapped[int]
    label: Mapped[str] = mapped_column(String(80))
    short: Mapped[str] = mapped_column(String(40))
    unit: Mapped[str] = mapped_column(String(20), default="")
    choices: Mapped[list[Any]] = mapped_column(JSON, default=list)
    group_name: Mapped[str] = mapped_column(String(40))
    hint: Mapped[str] = mapped_column(String(300), default="")
    document: Mapped[str] = mapped_column(String(200))
    article: Mapped[str] = mapped_column(String(80), default="")
    url: Mapped[str] = mapped_column(String(300), default="")
    formula: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    why: Mapped[str] = mapped_column(Text, default="")
    made_by_name: Mapped[str] = mapped_column(String(60))
    made_at: Mapped[CreatedAt]

    indicator: Mapped[CustomIndicator] = relationship(lazy="raise", back_populates="definitions")
