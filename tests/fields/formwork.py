"""The self-assessment: its fields, who fills them in, evidence, the workbook, writing for a firm, its answer."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.assessments import reviewing
from app.assessments.models import (
    AnswerText,
    Assessment,
    AssessmentState,
    Consent,
    ReturnItem,
    SectionOwner,
    Submission,
)
from app.assessments.places import Place
from app.assessments.reviewing import Draft
from app.core import clock
from app.facts.models import Document
from tests.architecture.forms import SECTION, STAFF
from tests.architecture.world import World
from tests.fields.doors import Arranged, Door, Text, titled
from tests.fields.entrances import CASEWORKER, FILLER, HEAD, REVIEWER, newest
from tests.support.hostile import typed

YEAR = clock.today().year - 1
FIELD = f"value-{STAFF}-{YEAR}"
SOON = (clock.today() + timedelta(days=20)).isoformat()
TYPED = Text(AnswerText.text, (FILLER, "/portal/assessments/{assessment_id}/texts"), kept=typed)
SAID = {"value-*": TYPED, "reason-*": TYPED, "reply-*": TYPED}
EVIDENCE = ("", "/portal/assessments/{assessment_id}/evidence/{place}")
CONSENTS = ("", "/portal/assessments/{assessment_id}/behalf/")
BEHALF = ("", "/office/assessments/behalf/{assessment_id}")
SEEN = frozenset({"form seen-value-*", "form seen-reason-*", "form seen-reply-*", "form seen-confirm-*",
                  "form confirm-*"})  # fmt: skip
SENT = {"name": FIELD, "seen": "0", "text": "20"}
SAVED = Text(AnswerText.text, kept=typed)
ITEM = {"item": FIELD, f"why-{FIELD}": "请核对", f"clause-{FIELD}": "", f"example-{FIELD}": "", "due_on": SOON}
CARD = ("", "/portal/assessments/{assessment_id}")


def own(world: World, session: Session) -> Arranged:
    """The form of the firm that has accounts."""
    found = session.scalars(select(Assessment.id).where(Assessment.firm_id == newest(session, FILLER))).one()
    return {"assessment_id": found}


def unentrusted(world: World, session: Session) -> Arranged:
    """That form without a consent to write in it."""
    session.execute(update(Consent).values(ended_at=clock.now(), ended_by_name="演示"))
    return own(world, session)


def returned(world: World, session: Session) -> Arranged:
    """That form with one thing to mend."""
    made, form = own(world, session), session.get_one(Assessment, own(world, session)["assessment_id"])
    reviewer = world.people[REVIEWER]
    drafts = [Draft(Place(STAFF, YEAR), "请核对")]
    session.execute(update(Assessment).where(Assessment.id == form.id).values(state=AssessmentState.SUBMITTED))
    reviewing.return_for_correction(session, form, 1, drafts, clock.today() + timedelta(days=20), by=reviewer)
    return {**made, "section": SECTION}


DOORS = (
    Door("portal.assessments.start", FILLER, data={"programme": "sme_digital", "kind": "new", "year": str(YEAR)},
         fixed=frozenset({"form programme", "form kind", "form year"})),
    Door("portal.assessments.section", FILLER, SAID, fixed=SEEN | {"form stay", "path section"},
         arrange=returned),
    Door("portal.assessments.save", FILLER, {"text": SAVED}, SENT, fixed=frozenset({"form name", "form seen"}),
         arrange=own),
    Door("portal.assessments.changes", FILLER, fixed=frozenset({"query since"}), arrange=own),
    Door("portal.assessments.assign", FILLER, {"person": Text(SectionOwner.person, CARD)}, {"owner": "finance"},
         fixed=frozenset({"path section"}), arrange=own),
    Door("portal.assessments.sign", HEAD, fixed=frozenset({"form agrees", "form seen"}), arrange=own),
    Door("portal.assessments.evidence.show", FILLER, fixed=frozenset({"path place"}), arrange=own),
    Door("portal.assessments.evidence.attach", FILLER, {"title": Text(Document.title, EVIDENCE, kept=titled)}, {},
         {"files": "证明.pdf"},
         fixed=frozenset({"path place", "form document", "form kind", "form files", "form photo"}), arrange=own),
    Door("portal.assessments.evidence.detach", FILLER, fixed=frozenset({"path place", "form document"}), arrange=own),
    Door("portal.assessments.offline.bring_back", FILLER, files={"file": "自评.xlsx"}, arrange=own,
         fixed=frozenset({"form file"})),
    Door("portal.assessments.offline.take_over", FILLER, data={"take": FIELD, f"seen-{FIELD}": "0"},
         fixed=frozenset({"form take", "form seen-value-*"})),
    Door("portal.assessments.behalf.give", HEAD, data={"agrees": "y", "until": SOON},
         page="/portal/assessments/{assessment_id}/behalf/", fixed=frozenset({"form reason"}), arrange=unentrusted),
    Door("portal.assessments.behalf.end", HEAD, {"reason": Text(Consent.end_reason, CONSENTS)}),
    Door("portal.assessments.reasons", FILLER, fixed=frozenset({"form name"}), arrange=own),
    Door("portal.assessments.receipts.make", FILLER, fixed=frozenset({"form occasion"})),
    Door("portal.assessments.receipts.file", FILLER, fixed=frozenset({"path occasion"})),
    Door("portal.assessments.receipts.progress", FILLER, fixed=frozenset({"path occasion"})),
    Door("portal.reminders.ask_to_sign", FILLER, fixed=frozenset({"form until"})),
    Door("office.assessments.receipts.make", REVIEWER, fixed=frozenset({"form occasion"})),
    Door("office.assessments.receipts.file", REVIEWER, fixed=frozenset({"path occasion"})),
    Door("office.assessments.receipts.progress", REVIEWER, fixed=frozenset({"path occasion"})),
    Door("office.assessments.index", REVIEWER, fixed=frozenset({"query state"})),
    Door("office.assessments.submission", REVIEWER, fixed=frozenset({"query show"})),
    Door("office.assessments.give_back", REVIEWER,
         {"note": Text(Submission.note, (FILLER, "/portal/assessments/{assessment_id}")),
          "why-*": Text(ReturnItem.reason, (FILLER, "/portal/assessments/{assessment_id}")),
          "example-*": Text(ReturnItem.example, (FILLER, "/portal/assessments/{assessment_id}"))}, ITEM,
         fixed=frozenset({"form item", "form reason", "form clause-value-*", "query show"})),
    Door("office.assessments.accept", REVIEWER, {"reason": Text(Submission.note)},
         fixed=frozenset({"query show", "form note", "form due_on"})),
    Door("office.assessments.editions", REVIEWER, fixed=frozenset({"form before", "form after"})),
    Door("office.assessments.behalf.register", REVIEWER, {"person": Text(Consent.person, BEHALF)},
         {"person": "钱总", "signed_on": clock.today().isoformat(), "until": SOON}, {"file": "委托书.pdf"},
         page="/office/assessments/behalf/{assessment_id}", fixed=frozenset({"form reason"}), arrange=unentrusted),
    Door("office.assessments.behalf.end", REVIEWER, {"reason": Text(Consent.end_reason, BEHALF)},
         {"reason": "到期"}),
    Door("office.assessments.behalf.fill", CASEWORKER, SAID, fixed=SEEN | {"path section"}, arrange=returned),
    Door("office.assessments.behalf.save", CASEWORKER, {"text": SAVED}, SENT,
         fixed=frozenset({"form name", "form seen"})),
    Door("office.assessments.behalf.offline.bring_back", CASEWORKER, files={"file": "自评.xlsx"}),
    Door("office.assessments.behalf.offline.take_over", CASEWORKER, data={"take": FIELD, f"seen-{FIELD}": "0"},
         fixed=frozenset({"form take", "form seen-value-*"})),
    Door("office.assessments.behalf.changes", CASEWORKER, fixed=frozenset({"query since"})),
)  # fmt: skip
