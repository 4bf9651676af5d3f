"""What happened is of few kinds that people know; every action of the log belongs to one of them (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from app.access.actions import Action
from app.core.choices import Choice
from app.core.text import N_


class EventKind(Choice):
    """The kinds by which a timeline is filtered."""

    IDENTITY = "identity", N_("企业信息")
    FIGURES = "figures", N_("指标数据")
    IMPORTS = "imports", N_("导入")
    VERDICTS = "verdicts", N_("资格判定")
    LISTS = "lists", N_("推荐名单")
    DOSSIERS = "dossiers", N_("申报材料")
    PROGRAMMES = "programmes", N_("培育专项")
    RECOGNITIONS = "recognitions", N_("资质认定")
    NOTES = "notes", N_("备注")
    TASKS = "tasks", N_("任务")
    ACCOUNTS = "accounts", N_("企业账号")
    OTHER = "other", N_("其他")


ICONS = {
    EventKind.IDENTITY: "building-factory-2",
    EventKind.FIGURES: "chart-bar",
    EventKind.IMPORTS: "file-import",
    EventKind.VERDICTS: "gavel",
    EventKind.LISTS: "award",
    EventKind.DOSSIERS: "file-certificate",
    EventKind.PROGRAMMES: "target-arrow",
    EventKind.RECOGNITIONS: "certificate",
    EventKind.NOTES: "notes",
    EventKind.TASKS: "checklist",
    EventKind.ACCOUNTS: "user",
    EventKind.OTHER: "history",
}

# the noun of an action says its kind
_NOUNS = {
    "account": EventKind.ACCOUNTS,
    "claim": EventKind.FIGURES,
    "document": EventKind.FIGURES,
    "dossier": EventKind.DOSSIERS,
    "eligibility": EventKind.VERDICTS,
    "evidence": EventKind.FIGURES,
    "fact": EventKind.FIGURES,
    "firm": EventKind.IDENTITY,
    "import": EventKind.IMPORTS,
    "nomination": EventKind.LISTS,
    "note": EventKind.NOTES,
    "own": EventKind.FIGURES,
    "programme": EventKind.PROGRAMMES,
    "recognition": EventKind.RECOGNITIONS,
    "session": EventKind.ACCOUNTS,
    "task": EventKind.TASKS,
    "taxonomy": EventKind.IDENTITY,
}


def kind_of(action: Action) -> EventKind:
    """Return the kind of an action; what nobody thought of is 其他, never lost."""
    return _NOUNS.get(action.value.split(":")[0], EventKind.OTHER)


def actions_of(kind: EventKind) -> Sequence[Action]:
    """Return the actions of a kind."""
    return [action for action in Action if kind_of(action) is kind]
