"""How the firm list shows what a firm is: labels, tones and the options of its filters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.core.text import N_, tr
from app.firms.taxonomy import ChainRole, ClusterCode, FirmStatus, Town

TONES = dict(zip((member.value for member in ClusterCode), ("blue", "purple", "azure", "orange", "teal"), strict=True))
KINDS = (Town, ClusterCode, ChainRole, FirmStatus)
STEPS = {"active": 4, "moved_out": 3, "cancelled": 0, "revoked": 0}
OPTIONS = {
    "clusters": ClusterCode.options(),
    "towns": Town.options(),
    "chain_roles": ChainRole.options(),
    "statuses": FirmStatus.options(),
    "sorts": [("name", N_("排序：名称（拼音）")), ("town", N_("排序：镇街")), ("code", N_("排序：信用代码"))],
}


def list_words(say: Callable[[object], str], this_year: int) -> dict[str, Any]:
    """Return what the list's templates look up by value; ``say`` translates."""
    return {
        "labels": {member.value: say(member) for kind in KINDS for member in kind},
        "tones": TONES,
        "steps": STEPS,
        "years": [(year, say(tr("%(year)s 年", year=year))) for year in range(this_year, this_year - 6, -1)],
        **OPTIONS,
    }
