"""Changes to the engine that change nothing anybody could notice, each with the reason.

Strictly: no input that can reach the place can tell them apart. A change that nobody has noticed yet does not belong
here, and where the code can be written so that there is nothing to change, that is better.
"""

from __future__ import annotations

_SHOWN = "the digits are cut off long before the fiftieth, and what is compared is compared exactly"
_OPEN = "whoever asks looks only at whether the condition is met or unmet; what is open comes out as the clause's own"
_MONTH = "December has 31 days in every year"
_TYPED = "the figure's kind lets nothing else in; the filter says so to the type checker"
_BOTH = "a year has no amount exactly where one of its figures is missing"

# (module, the line as it stands, the change, the how-manieth of such changes) → why
EQUIVALENT: dict[tuple[str, str, str, int], str] = {
    (
        "bases",
        "return now > 0 and (now / (Fraction(test.share) * base)) ** test.years >= Fraction(test.multiple) ** step",
        "Gt→GtE",
        0,
    ): "nought to any power is below a power of a multiple above one",
    ("bases", "context.prec = 50", "50→51", 0): _SHOWN,
    (
        "choices",
        "places = [_entry(entry, test) for entry in entries if entry is not None]",
        "without the filter",
        0,
    ): "every word of WORDS stands for codes that the classification has",
    (
        "choices",
        'return Outcome.NEEDS_REVIEW, f"分类不够细，是否属于{test.said}须人工核定"',
        "NEEDS_REVIEW→UNKNOWN",
        0,
    ): "the one who asks says the same words for whatever is neither met nor unmet",
    (
        "dates",
        "hits += [(when, label) for when in fact.value if isinstance(when, date)"
        " and window.first <= when <= window.last]",
        "without part 0",
        0,
    ): _TYPED,
    (
        "dates",
        "states = [record_state(setting, test, item) for item in fact.value if isinstance(item, Record)]",
        "without the filter",
        0,
    ): _TYPED,
    ("dates", _LAST := "last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day",
     "Add→Sub", 0): _MONTH,
    ("dates", _LAST, "11→12", 0): _MONTH,
    ("dates", "return Outcome.MET", "return None", 0): "met is what changes nothing when all of several must hold",
    ("evaluate", _EITHER := "outcome = Outcome.UNKNOWN if reading.missing else Outcome.NEEDS_REVIEW",
     "always the first", 0): _OPEN,
    ("evaluate", _EITHER, "always the second", 0): _OPEN,
    ("evaluate", _EITHER, "UNKNOWN→NEEDS_REVIEW", 0): _OPEN,
    ("evaluate", _EITHER, "NEEDS_REVIEW→UNKNOWN", 0): _OPEN,
    ("evaluate", "whole.outcomes.insert(0, part.outcome(rulebook))", "0→1", 0): "outcomes are weighed in no order",
    ("fields", _WRITTEN := "if len(parts) == 1 and len(parts[0]) > 1 and parts[0][0] in _NUMERALS"
     " and parts[0] not in _NUMERALS:", "without part 1", 0): "a numeral alone is one of the numerals",
    ("fields", _WRITTEN, "Gt→GtE", 0): "a numeral alone is one of the numerals",
    ("measure", "known = [value for value in series if value is not None]", "without the filter", 0): _BOTH,
    ("measure", _LACKING := "if result.missing or len(known) != len(span):", "Or→And", 0): _BOTH,
    ("measure", _LACKING, "without part 0", 0): _BOTH,
    ("measure", _LACKING, "without part 1", 0): _BOTH,
    ("measure", "direct = setting.sheet.get(measure.direct, year) if measure.direct else None",
     "always the first", 0): "no sheet has a figure without a key",
    ("registers", "records = [item for item in fact.value if isinstance(item, Record)]", "without the filter",
     0): _TYPED,
    ("registers", "outcome = any_of([Outcome.UNMET, *(is_named(test, item) for item in fact.value"
     " if isinstance(item, Record))])", "without the filter", 0): _TYPED,
    ("registers", "return Outcome.MET if int(expiry) > day.year else Outcome.UNMET", "Gt→GtE",
     0): "the year of the day itself has been left open just before",
    ("registers", "if fact is not None and not check.sentence:", "without part 0",
     0): "the check of a figure that is missing has its sentence",
}  # fmt: skip
