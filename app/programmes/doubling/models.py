"""The target of a firm in the doubling plan, fixed on entry."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import CreatedAt, ExactDecimal, Key
from app.core.db import Base


class DoublingTarget(Base):
    """Baseline, multiple and years of one enrolment.

    ``metric`` is the catalogue key whose yearly facts count; ``baseline`` (万元) is the value on entry and stays, even
    when the fact behind it is restated. ``scheme`` names the document that sets base year, multiple and years; the
    district's own document is not published, so an empty ``scheme`` is shown as 未定义.
    """

    __tablename__ = "doubling_target"
    __table_args__ = (CheckConstraint("years > 0", name="years_positive"),)

    id: Mapped[Key]
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id", ondelete="CASCADE"), unique=True)
    metric: Mapped[str] = mapped_column(String(60))
    baseline_year: Mapped[int]
    baseline: Mapped[Decimal] = mapped_column(ExactDecimal)
    baseline_source: Mapped[str] = mapped_column(String(300))
    multiple: Mapped[Decimal] = mapped_column(ExactDecimal)
    years: Mapped[int]
    scheme: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[CreatedAt]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    @property
    def target_year(self) -> int:
        return self.baseline_year + self.years

    @property
    def target(self) -> Decimal:
        """The value to reach in the target year, 万元."""
        return self.baseline * self.multiple
