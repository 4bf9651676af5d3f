"""What is different in the columns from the last file of the same kind: new, gone, renamed, another unit (pure)."""

from __future__ import annotations

from collections.abc import Mapping

from app.core.text import Message, tr
from app.imports.layouts.layout import ColumnNote, Layout
from app.imports.layouts.spelling import folded


def changes(now: Mapping[str, Layout], before: Mapping[str, Layout]) -> list[Message]:
    """Return one sentence for each difference, those of columns that are read first; empty between other forms."""
    new, old = _columns(now), _columns(before)
    if not _comparable(new, old):
        return []  # another form altogether: a list of everything would tell nothing
    found: list[Message] = []
    gone = {name: note for name, note in old.items() if name not in new}
    for name, note in new.items():
        if name in old:
            if note.target and note.unit != old[name].unit and old[name].target:
                told = tr(
                    "“%(name)s”的单位由%(old)s变为%(new)s", name=note.header, old=_unit(old[name]), new=_unit(note)
                )
                found.append(told)
            continue
        renamed = next((one for one in gone.values() if note.target and one.target == note.target), None)
        if renamed is not None:
            gone = {key: one for key, one in gone.items() if one is not renamed}
            found.append(tr("“%(old)s”改名为“%(new)s”", old=renamed.header, new=note.header))
        elif note.state == "used":
            found.append(tr("新增一列“%(name)s”，读作%(target)s", name=note.header, target=note.target))
        else:
            found.append(tr("新增一列“%(name)s”，没有读取", name=note.header))
    found += [
        tr("少了一列“%(name)s”（上次读作%(target)s）", name=note.header, target=note.target)
        if note.target
        else tr("少了一列“%(name)s”", name=note.header)
        for note in gone.values()
    ]
    return found


def _comparable(new: Mapping[str, ColumnNote], old: Mapping[str, ColumnNote]) -> bool:
    """Whether half of the smaller form is called the same, or more than half of the greater one is read the same."""
    targets = {note.target for note in old.values() if note.target}
    alike = sum(name in old or note.target in targets for name, note in new.items())
    return 2 * len(new.keys() & old.keys()) >= min(len(new), len(old)) > 0 or 2 * alike > max(len(new), len(old))


def _columns(layouts: Mapping[str, Layout]) -> dict[str, ColumnNote]:
    return {folded(note.header): note for layout in layouts.values() for note in layout.notes}


def _unit(note: ColumnNote) -> str:
    return note.unit or "—"
