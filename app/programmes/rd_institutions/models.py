"""The register of R&D institutions of firms."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.choices import Choice
from app.core.columns import ChoiceText, CreatedAt, Key
from app.core.db import Base
from app.core.text import N_


class InstitutionKind(Choice):
    """Kinds that the plan names (section 六(三), 六(七)), and a firm's own."""

    ENGINEERING_CENTRE = "engineering_centre", N_("工程技术研究中心")
    TECHNOLOGY_CENTRE = "technology_centre", N_("企业技术中心")
    KEY_LABORATORY = "key_laboratory", N_("重点实验室")
    NEW_RD_INSTITUTION = "new_rd_institution", N_("新型研发机构")
    ACADEMICIAN_STATION = "academician_station", N_("院士工作站")
    POSTDOC_STATION = "postdoc_station", N_("博士（博士后）科研平台")
    COMMISSIONER_STATION = "commissioner_station", N_("科技特派员工作站")
    OWN = "own", N_("企业自建研发机构")


class InstitutionLevel(Choice):
    """Who recognised it."""

    NATIONAL = "national", N_("国家级")
    PROVINCIAL = "provincial", N_("省级")
    CITY = "city", N_("市级")
    DISTRICT = "district", N_("区级")
    OWN = "own", N_("未经认定")


class RdInstitution(Base):
    """An institution of a firm: kind, level, day and document of recognition, validity. Ended ones stay readable."""

    __tablename__ = "rd_institution"

    id: Mapped[Key]
    firm_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="RESTRICT"), index=True, info={"merge": "move"})
    name: Mapped[str] = mapped_column(String(160))
    kind: Mapped[InstitutionKind] = mapped_column(ChoiceText(InstitutionKind), index=True)
    level: Mapped[InstitutionLevel] = mapped_column(ChoiceText(InstitutionLevel), index=True)
    recognised_on: Mapped[date | None] = mapped_column(Date)
    document_number: Mapped[str] = mapped_column(String(120), default="")
    valid_until: Mapped[date | None] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)
    source: Mapped[str] = mapped_column(String(300))
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[CreatedAt]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
