"""The register of recognitions. A row is never deleted: what ended says when, what was entered wrongly says so."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.choices import Choice
from app.core.columns import ChoiceText, CreatedAt, Key
from app.core.db import Base
from app.core.text import N_
from app.files.models import StoredFile


class RecognitionKind(Choice):
    """What a firm is recognised as. The first six form the ladder, in its order."""

    TECH_SME = "tech_sme", N_("科技型中小企业")
    HITECH = "hitech", N_("高新技术企业")
    INNOVATIVE_SME = "innovative_sme", N_("创新型中小企业")
    SPECIALISED_SME = "specialised_sme", N_("专精特新中小企业")
    LITTLE_GIANT = "little_giant", N_("专精特新“小巨人”企业")
    CHAMPION = "champion", N_("制造业单项冠军企业")
    ENGINEERING_CENTRE = "engineering_centre", N_("工程技术研究中心")
    TECHNOLOGY_CENTRE = "technology_centre", N_("企业技术中心")
    NEW_RD_INSTITUTION = "new_rd_institution", N_("新型研发机构")
    KEY_LABORATORY = "key_laboratory", N_("重点实验室")
    DESIGN_CENTRE = "design_centre", N_("工业设计中心")
    GREEN_FACTORY = "green_factory", N_("绿色工厂")
    QUALITY_AWARD = "quality_award", N_("政府质量奖")
    OTHER = "other", N_("其他资质")


LADDER = (
    RecognitionKind.TECH_SME,
    RecognitionKind.HITECH,
    RecognitionKind.INNOVATIVE_SME,
    RecognitionKind.SPECIALISED_SME,
    RecognitionKind.LITTLE_GIANT,
    RecognitionKind.CHAMPION,
)


class RecognitionLevel(Choice):
    """Who recognises."""

    NATIONAL = "national", N_("国家级")
    PROVINCIAL = "provincial", N_("省级")
    MUNICIPAL = "municipal", N_("市级")
    DISTRICT = "district", N_("区级")


class Recognition(Base):
    """A firm was recognised: as what, by which level, number, validity, and from where it is known.

    ``valid_until`` null means that the paper names no end. ``revoked_on`` is the authority's act; ``void_reason`` says
    that the row itself was entered wrongly: it stays readable and counts for nothing.
    """

    __tablename__ = "recognition"
    __table_args__ = (
        Index("ix_recognition_firm_id_kind", "firm_id", "kind"),
        Index("ix_recognition_kind_valid_until_id", "kind", "valid_until", "id"),
    )

    id: Mapped[Key]
    firm_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="RESTRICT"), info={"merge": "move"})
    kind: Mapped[RecognitionKind] = mapped_column(ChoiceText(RecognitionKind))
    level: Mapped[RecognitionLevel] = mapped_column(ChoiceText(RecognitionLevel))
    title: Mapped[str] = mapped_column(String(120), default="")
    number: Mapped[str] = mapped_column(String(60), default="")
    granted_on: Mapped[date] = mapped_column(Date)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    revoked_on: Mapped[date | None] = mapped_column(Date)
    revoked_reason: Mapped[str] = mapped_column(String(300), default="")
    void_reason: Mapped[str] = mapped_column(String(300), default="")
    source: Mapped[str] = mapped_column(String(200))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id", ondelete="RESTRICT"))
    note: Mapped[str] = mapped_column(Text, default="")
    created_by_name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[CreatedAt]
    version: Mapped[int] = mapped_column(default=1)

    file: Mapped[StoredFile | None] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}
