"""What an unknown column might be: by its header, by headers that are spelt nearly so, by what stands in it (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from app.core.text import Message, tr
from app.facts.definitions import current
from app.firms import credit_code
from app.firms.taxonomy import Town
from app.imports.layouts import units
from app.imports.layouts.profile import Profile
from app.imports.layouts.spelling import folded, split_unit
from app.imports.layouts.titles import timed
from app.imports.mapping.targets import target_of

FEWEST = 3
"""Shorter names stand inside of others by chance."""
NEAR, SURE = 70, 85
"""Likeness, of 100, from which a header is named, and from which it is chosen beforehand."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A target with its reason; ``is_sure`` when it may stand chosen before a person has looked."""

    target: str
    why: Message
    is_sure: bool


def suggest(header: str, samples: Sequence[str], profile: Profile) -> Suggestion | None:
    """Return what a column that no profile knows might be; None when nothing speaks for anything."""
    return _by_content(samples) or _by_header(header, profile)


def _by_content(samples: Sequence[str]) -> Suggestion | None:
    texts = [text for text in samples if text.strip()]
    if not texts:
        return None

    def share(test: object) -> float:
        return sum(bool(test(text)) for text in texts) / len(texts)  # type: ignore[operator]

    towns = {folded(town.label) for town in Town}
    if share(lambda text: credit_code.check(text).problem is None) > 0.5:
        return Suggestion("field:credit_code", tr("内容是 18 位统一社会信用代码"), True)
    if share(lambda text: text.strip().endswith(("公司", "厂", "合作社", "研究院", "中心"))) > 0.6:
        return Suggestion("field:name", tr("内容多为企业名称"), True)
    if share(lambda text: folded(text) in towns) > 0.5:
        return Suggestion("field:town", tr("内容是本区镇街"), True)
    return None


def _by_header(header: str, profile: Profile) -> Suggestion | None:
    name, _unit = split_unit(timed(header)[0], units.KNOWN)
    spelt = {written: target_of(spelling.column) for written, spelling in profile.spellings.items()}
    for indicator in current():
        if not indicator.derived:
            spelt.setdefault(folded(indicator.short), f"key:{indicator.key}")
            spelt.setdefault(folded(indicator.label), f"key:{indicator.key}")
    if name in spelt:
        return Suggestion(spelt[name], tr("与指标目录中的名称相同"), True)
    found = process.extractOne(name, spelt.keys(), scorer=fuzz.ratio, score_cutoff=NEAR)
    if found is None:
        inside = max((written for written in spelt if len(written) >= FEWEST and written in name), key=len, default="")
        if inside:
            return Suggestion(spelt[inside], tr("含有“%(name)s”", name=inside), False)
        around = min((written for written in spelt if len(name) > 1 and name in written), key=len, default="")
        return Suggestion(spelt[around], tr("“%(name)s”里有这个词", name=around), False) if around else None
    written, score, _place = found
    why = tr("与“%(name)s”相近（%(score)s%%）", name=written, score=round(score))
    return Suggestion(spelt[written], why, score >= SURE)
