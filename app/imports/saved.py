"""Profiles that the office made itself: kept in the database, recognised like built-in ones, retired not deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.service import Subject, record
from app.core import clock
from app.core.errors import Conflict, Invalid, NotFound
from app.core.text import N_, tr
from app.facts.catalogue import load_catalogue
from app.facts.definitions import current
from app.imports.layouts.profile import Profile, ProfileColumn, Spelling, extended, profile, profiles
from app.imports.models import ImportProfile

PREFIX = "saved-"
LONGEST_NAME = 60
LARGEST_ID = 2**31 - 1
_LONGEST_NUMBER = 9
_LEFT_OUT = N_("这个样式设定为不导入")


def live(session: Session) -> Sequence[ImportProfile]:
    """Return the profiles in use, newest first."""
    wanted = select(ImportProfile).where(ImportProfile.retired_at.is_(None)).order_by(ImportProfile.id.desc())
    return session.scalars(wanted).all()


def all_of(session: Session) -> Sequence[ImportProfile]:
    """Return all profiles, retired ones last."""
    return session.scalars(
        select(ImportProfile).order_by(ImportProfile.retired_at.is_not(None), ImportProfile.id.desc())
    ).all()


def known(session: Session) -> list[Profile]:
    """Return the profiles in use as reading needs them."""
    return [as_profile(one) for one in live(session)]


def named(session: Session, profile_id: str) -> Profile:
    """Return a profile, built-in or saved, retired ones too. Raises ``Invalid`` when there is none."""
    if not profile_id.startswith(PREFIX):
        return profile(profile_id)
    number = profile_id.removeprefix(PREFIX)
    written = number.isascii() and number.isdigit() and len(number) <= _LONGEST_NUMBER
    found = session.get(ImportProfile, int(number)) if written else None
    if found is None:
        raise Invalid("profile", tr("没有“%(id)s”这种表格样式。", id=profile_id))
    return as_profile(found)


def titles(session: Session) -> dict[str, str]:
    """Return the titles of all profiles by id."""
    own = {f"{PREFIX}{one.id}": one.name for one in all_of(session)}
    return {**{one.id: one.title for one in profiles().values()}, **own}


def as_profile(kept: ImportProfile) -> Profile:
    """Return a kept profile as one that extends the built-in one it was made from."""
    columns: list[ProfileColumn] = []
    spellings: dict[str, Spelling] = {}
    ignored: dict[str, str] = {}
    for written, chosen in kept.mapping.items():
        column = _column(chosen)
        if column is None:
            ignored[written] = _LEFT_OUT
        else:
            columns.append(column)
            spellings[written] = Spelling(column, chosen["unit"] if chosen["says_unit"] else "")
    base = profile(kept.base)
    own = Profile(
        id=f"{PREFIX}{kept.id}",
        title=kept.name,
        note="",
        source=kept.name,
        source_code=kept.source_code,
        unit=base.unit,
        words=(),
        fingerprint=tuple(kept.mapping),
        roster=base.roster,
        columns=tuple(columns),
        spellings=MappingProxyType(spellings),
        ignored=MappingProxyType(ignored),
        vague=MappingProxyType({}),
    )
    return extended(own, base)


def _column(chosen: Mapping[str, Any]) -> ProfileColumn | None:
    kind, _, name = str(chosen["target"]).partition(":")
    if not kind:
        return None
    if kind == "field":
        return ProfileColumn(
            header=chosen["label"], field=name, key="registration_date" if name == "registered_on" else ""
        )
    own = None
    if name not in load_catalogue():
        if name not in current().own:
            return None
        own = current().get(name)
    return ProfileColumn(header=chosen["label"], key=name, unit=chosen["unit"], own=own)


def save(
    session: Session, name: str, *, base: Profile, mapping: Mapping[str, Mapping[str, Any]], by: Actor
) -> ImportProfile:
    """Keep a mapping for the next file with these headers. Raises ``Invalid`` (``name``) when it cannot be told apart.

    ``mapping`` is ``{header as compared: {"target", "label", "unit", "says_unit"}}``; an empty target leaves it out.
    """
    name = " ".join(name.split())
    if not name:
        raise Invalid("name", tr("请给样式起一个名称，例如“区统计局规上企业月报”。"))
    if len(name) > LONGEST_NAME:
        raise Invalid("name", tr("样式名称最多 %(n)s 个字。", n=LONGEST_NAME))
    if name in titles(session).values():
        raise Invalid("name", tr("已有名为“%(name)s”的样式，请换一个名称，或先停用原来的。", name=name))
    built_in = base.id if base.id in profiles() else "annual-firms"
    kept = ImportProfile(
        name=name,
        base=built_in,
        source_code=base.source_code,
        mapping={key: dict(one) for key, one in mapping.items()},
        created_by=by.id,
        created_by_name=by.name,
    )
    session.add(kept)
    session.flush()
    record(session, by, Action.IMPORT_PROFILE, subject(kept), changes={"name": [None, name]})
    return kept


def one(session: Session, number: int) -> ImportProfile:
    """Return one saved profile, or raise ``NotFound``."""
    found = session.get(ImportProfile, number) if 0 < number <= LARGEST_ID else None
    if found is None:
        raise NotFound(tr("没有找到这个表格样式。"))
    return found


def retire(session: Session, kept: ImportProfile, *, by: Actor) -> None:
    """Take a profile out of use: files are no longer recognised by it, what was imported by it stays as it is."""
    if kept.retired_at is not None:
        raise Conflict(tr("样式“%(name)s”已经停用。", name=kept.name))
    kept.retired_at, kept.retired_by_name = clock.now(), by.name
    session.flush()
    record(session, by, Action.IMPORT_PROFILE, subject(kept), changes={"retired": [False, True]})


def subject(kept: ImportProfile) -> Subject:
    """Return a profile as the log names it."""
    return Subject("import_profile", kept.id, kept.name)
