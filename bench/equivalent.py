"""Changes to the engine that change nothing anybody could notice, each with the reason.

Strictly: no input that can reach the place can tell them apart. A change that nobody has noticed yet does not belong
here, and where the code can be written so that there is nothing to change, that is better.
"""

from __future__ import annotations

_SHOWN = "the digits are cut off long before the fiftieth, and what is compared is compared exactly"
_OPEN = "whoever asks looks only at whether the condition is met or unmet; what is open comes out as the clause's own"
_MONTH = "December has 31 days in every year"
_TYPED = "the figure's kind lets nothing else in; the filter says so to the type checker"
_LEAST = "unmet is among what is weighed already, and nothing added to it is nothing"
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
    ("score", "open_items = [item for item in items if item.low != item.high] if low != high else []",
     "without the filter", 0): "a row whose points are settled names nothing that is missing",
    ("score", "allowed = choice.nothing and points == 0 or any(band.low <= points <= band.high for band in"
     " choice.bands)", "without part 1", 1): "what is then allowed too much is refused by the next line",
    ("score", 'reading.review = "；".join(check.sentence for check in left if check.outcome is Outcome.NEEDS_REVIEW)',
     "without the filter", 0): "while something is unknown the missing figures are named instead",
    ("score", "break", "break→continue", 0): "only the last band has no condition",
    ("setting", "applied_on = application.value if application and isinstance(application.value, date) else as_of",
     "without part 1", 0): _TYPED,
    ("setting", "if first is not None and isinstance(first.value, int):", "without part 1", 0): _TYPED,
    ("setting", "if registered is not None and isinstance(registered.value, date):", "without part 1", 0): _TYPED,
    ("setting", "if sales is not None and isinstance(sales.value, Decimal) and sales.value > 0:",
     "without part 1", 0): _TYPED,
    ("span_words", "if value < 0:", "Lt→LtE", 0): "the root of nought is nought, which is a loss of everything too",
    ("span_words", "return amounts[0] * (1 + bound.exact) ** measure.years - amounts[-1]", "without USub",
     0): "a compound rate is read from two amounts",
    ("span_words", "before = sum((after / base for base, after in zip(amounts[:-2], amounts[1:-1], strict=False)),"
     " Fraction(0))", "False→True", 0): "both have two fewer than there are amounts",
    ("spans", "reading.series = tuple((one.year, one.value) for one in known if one.value is not None)",
     "without the filter", 0): "the years that are known have a value; the filter says so to the type checker",
    ("spans", "chosen = pick(known, key=lambda one: one.value or Fraction(0))", "without part 1",
     0): "the years that are known have a value; nought in its place is nought",
    ("wording", _QUICK := "whole, rest = divmod(value.numerator * 10**8, value.denominator)"
     " if isinstance(value, Fraction) else (0, 1)", "always the second", 0): "the long way gives the same digits",
    ("wording", _QUICK, "0→1", 0): "what stands there is not used where there is a rest",
    ("wording", _QUICK, "1→2", 0): "any rest but nought leads the same way",
    ("registers", "return Outcome.UNMET", "return None", 0): _LEAST,
    ("registers", "return Outcome.UNMET", "return None", 1): _LEAST,
    ("registers", "good = [fact for fact in facts if isinstance(fact.value, Decimal) and fact.value <= test.at_most]",
     "without part 0", 0): _TYPED,
    ("registers", "best = min((fact.value for fact in facts if isinstance(fact.value, Decimal)), default=None)",
     "without the filter", 0): _TYPED,
    ("registers", "return f\"{year}第 {wording.amount(fact.value, '名') if isinstance(fact.value, Decimal)"
     " else fact.value}\"", "always the first", 0): _TYPED,
}  # fmt: skip
