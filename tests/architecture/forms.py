"""Self-assessments of the small district: of the firm that has accounts, and of another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.access.roles import Role
from app.accounts.models import Mandate, User
from app.assessments import service
from app.assessments.models import Assessment, Consent, ConsentKind, Submission
from app.assessments.offline.bringing import READ, XLSX
from app.assessments.offline.found import Found
from app.assessments.offline.models import BroughtBack, ReturnState, TakenOut
from app.assessments.receipts import service as receipts
from app.assessments.receipts.models import Occasion
from app.assessments.submitting import STATEMENT
from app.core import clock
from app.facts.models import Document, Transfer
from app.files import service as files
from app.files.models import ScanState, StoredFile
from app.files.store import FileStore
from app.firms.models import Firm
from app.jobs.models import Job, JobState

SECTION, STAFF = "staff", "tech_staff_month_avg"


def begin(session: Session, store: FileStore) -> None:
    """Begin a form of both firms, a workbook taken out and brought back, a consent."""
    own = session.scalars(
        select(Mandate.firm_id).join(User, User.id == Mandate.user_id).where(User.login == "demo-filler")
    ).first()
    other = session.scalars(select(Firm.id).where(Firm.id != own).order_by(Firm.id)).first()
    for firm_id in (own, other):
        person = Actor(id=None, login="filler", name="演示", role=Role.FIRM_FILLER, firm_id=firm_id)
        year = clock.today().year - 1
        form = service.start(session, "hitech_recognition", "new", year, by=person)
        content = [{"key": STAFF, "year": year, "section": SECTION, "text": "20", "value": "20",
                    "reason": "", "confirmed": False, "reply": "", "held": ""}]  # fmt: skip
        made = Submission(assessment_id=form.id, number=1, edition_id=form.edition_id, content=content, digest="0" * 64,
                          statement=STATEMENT, signed_by_name="演示", submitted_at=clock.now())  # fmt: skip
        session.add(made)
        session.add(Transfer(firm_id=firm_id, name="半份.pdf", size=10))
        _bring_back(session, store, form, year, person)
        large = files.keep(session, store, name="大.pdf", media_type="application/pdf", content=b"%PDF-", by=person)
        large.scan = ScanState.OVERSIZE
        session.add(Document(firm_id=firm_id, file=large, title="大.pdf", by_firm=True, added_by_name="演示"))
        paper = files.keep(session, store, name="委托书.pdf", media_type="application/pdf", content=b"%PDF", by=person)
        session.add(
            Consent(assessment_id=form.id, kind=ConsentKind.PAPER, statement="同意", person="演示", file=paper,
                    signed_on=clock.today(), until=clock.today() + timedelta(days=30), recorded_by_name="演示")
        )  # fmt: skip
        session.flush()


def receive(session: Session) -> None:
    """Let both firms have the receipt of what they submitted; its job prints it."""
    for form in session.scalars(select(Assessment).where(Assessment.programme == "hitech_recognition")).all():
        person = Actor(id=None, login="filler", name="演示", role=Role.FIRM_FILLER, firm_id=form.firm_id)
        receipts.follow(session, form.id, 1, by=person, public_url="http://yuqi.test")


def _bring_back(session: Session, store: FileStore, form: Assessment, year: int, person: Actor) -> None:
    name = f"value-{STAFF}-{year}"
    taken = TakenOut(assessment_id=form.id, code=f"CODE{form.id}", revision=0, cells=[(name, "", 0)],
                     made_by_name="演示")  # fmt: skip
    session.add(taken)
    file = files.keep(session, store, name="自评.xlsx", media_type=XLSX, content=b"PK", by=person)
    job = Job(name=READ, title="读取填好的自评", state=JobState.DONE)
    session.add(job)
    session.flush()
    session.add(
        BroughtBack(assessment_id=form.id, workbook=taken, file=file, state=ReturnState.WAITING, strays=["人员!Z9"],
                    job_id=job.id,
                    found=[Found(name, "人员!H3", "20").as_json()], brought_by_name="演示")
    )  # fmt: skip
    session.flush()


def places(session: Session) -> Iterator[tuple[str, list[tuple[dict[str, Any], int | None]]]]:
    """Yield what addresses of forms may name, and whose it is."""
    rows = session.scalars(select(Assessment).order_by(Assessment.id)).all()
    yield "assessments:assessment_id", [({"assessment_id": row.id}, row.firm_id) for row in rows]
    yield "form_id", [({"form_id": row.id}, row.firm_id) for row in rows]
    yield (
        "assessments:assessment_id+number",
        [({"assessment_id": row.id, "number": 1}, row.firm_id) for row in rows],
    )
    yield (
        "assessments:assessment_id+number+occasion",
        [({"assessment_id": row.id, "number": 1, "occasion": Occasion.SUBMITTED.value}, row.firm_id) for row in rows],
    )
    uploads = session.scalars(select(BroughtBack).order_by(BroughtBack.id)).all()
    whose = {row.id: row.firm_id for row in rows}
    yield (
        "assessments:assessment_id+upload_id",
        [({"assessment_id": one.assessment_id, "upload_id": one.id}, whose[one.assessment_id]) for one in uploads],
    )
    given = session.scalars(select(Consent).order_by(Consent.id)).all()
    yield (
        "assessments:assessment_id+consent_id",
        [({"assessment_id": one.assessment_id, "consent_id": one.id}, whose[one.assessment_id]) for one in given],
    )
    held = session.execute(
        select(StoredFile.id, Document.firm_id)
        .join(Document, Document.file_id == StoredFile.id)
        .where(StoredFile.scan == ScanState.OVERSIZE)
        .order_by(StoredFile.id)
    )
    yield "file_id", [({"file_id": file_id}, firm_id) for file_id, firm_id in held]
    coming = session.scalars(select(Transfer).order_by(Transfer.id)).all()
    yield "portal:transfer_id", [({"transfer_id": row.id}, row.firm_id) for row in coming]
    yield (
        "assessments:assessment_id+place",
        [({"assessment_id": row.id, "place": f"tech_staff_month_avg-{row.year}"}, row.firm_id) for row in rows],
    )
    yield (
        "assessments:assessment_id+section",
        [({"assessment_id": row.id, "section": SECTION}, row.firm_id) for row in rows],
    )
