"""The closed vocabulary: what a clause may measure and how it may test it (pure).

A new kind of condition is a new class here, a reader in ``rulebooks.vocabulary`` and an evaluator in
``eligibility.engine``; there are no expressions to be evaluated.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from app.rulebooks.answers import CountAtLevel, Lists, NoRecord
from app.rulebooks.bases import Change, Multiple, OnPath
from app.rulebooks.spans import GrowthRate, OverYears


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """One comparison with a threshold; ``operator`` is >=, <=, > or <. Told apart by identity (cheap to look up)."""

    operator: str
    value: Decimal
    exact: Fraction

    def admits(self, number: Fraction) -> bool:
        """Tell whether the number keeps the bound, exactly."""
        bar = self.exact  # in whole numbers: two Fractions look at each other's types first, which takes longer
        side = number.numerator * bar.denominator - bar.numerator * number.denominator
        if self.operator in (">=", "<="):
            return side >= 0 if self.operator == ">=" else side <= 0
        return side > 0 if self.operator == ">" else side < 0


# --- measures: what number a test looks at -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: of the last fiscal year if it is told by year, else the current one."""

    key: str


@dataclass(frozen=True, slots=True)
class Total:
    """Several current figures added together."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ratio:
    """Sum of ``of`` over the last ``years`` fiscal years, divided by the sum of ``to`` less ``to_less``; ``share`` says
    that ``of`` is a part of ``to``: more than the whole is a contradiction a person must look at."""

    of: tuple[str, ...]
    to: tuple[str, ...]
    to_less: tuple[str, ...]
    years: int
    share: bool


@dataclass(frozen=True, slots=True)
class DaysSince:
    """Calendar days from a date to the application date."""

    key: str


@dataclass(frozen=True, slots=True)
class YearsSince:
    """Whole years from a date: anniversaries up to the application, or to the end of the last fiscal year."""

    key: str
    until: str


@dataclass(frozen=True, slots=True)
class PerYear:
    """A count over a window of ``years``, divided by the years the firm has operated within it."""

    key: str
    years: int


@dataclass(frozen=True, slots=True)
class Growth:
    """Mean of the yearly growth ratios, less one, of ``of`` minus ``less`` (or of ``direct`` where that is known); the
    last four fields name the rule at each edge."""

    of: tuple[str, ...]
    less: tuple[str, ...]
    direct: str
    label: str
    first_zero: str
    second_zero: str
    one_year: str
    negative_base: str


@dataclass(frozen=True, slots=True)
class Score:
    """The total of the score table, or of one group of it."""

    part: str


@dataclass(frozen=True, slots=True)
class CountMet:
    """How many of these tests are met (in score items only)."""

    tests: tuple[Test, ...]


Measure = (
    Figure
    | Total
    | Ratio
    | DaysSince
    | YearsSince
    | PerYear
    | Growth
    | Score
    | OverYears
    | GrowthRate
    | CountMet
    | Multiple
    | Change
    | CountAtLevel
)


# --- tests ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Compare:
    """A measure within its bounds (all of them)."""

    measure: Measure
    bounds: tuple[Bound, ...]


@dataclass(frozen=True, slots=True)
class Holds:
    """A yes/no figure has the expected value."""

    key: str
    expected: bool


@dataclass(frozen=True, slots=True)
class OneOf:
    """A text or option is one of the allowed ones."""

    key: str
    allowed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LevelAtLeast:
    """An option stands at or above ``level`` in the catalogue's order of options."""

    key: str
    level: str


@dataclass(frozen=True, slots=True)
class InField:
    """A field code belongs to one of the fields and goes below the first level."""

    key: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InIndustry:
    """An industry lies in one of the sections or divisions of GB/T 4754 (codes); ``said`` is how the policy says it."""

    key: str
    codes: tuple[str, ...]
    said: str


@dataclass(frozen=True, slots=True)
class NoneDated:
    """No date of these lists lies in the one window that is set; both ends of it count."""

    keys: tuple[str, ...]
    days: int = 0  # before the application
    calendar_years: int = 0  # up to the year of judgement
    since: str = ""  # the date from which it runs to the day of judgement
    years: int = 0  # before the application, by anniversaries


@dataclass(frozen=True, slots=True)
class ValidOn:
    """An expiry date is not before the date of judgement."""

    key: str


@dataclass(frozen=True, slots=True)
class ValidFor:
    """A date of issue lies less than ``years`` years back."""

    key: str
    years: int


@dataclass(frozen=True, slots=True)
class AnyRecord:
    """A register holds an entry of one of the levels, ranked high enough (0: any rank), in the last ``years`` years."""

    key: str
    levels: tuple[str, ...]
    rank_at_most: int
    years: int


@dataclass(frozen=True, slots=True)
class RecordValid:
    """A register holds an entry that has not expired and whose name contains one of the words."""

    key: str
    named: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordNamed:
    """A register holds an entry of one of the levels whose name contains one of the words, whenever it was given."""

    key: str
    named: tuple[str, ...]
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnyListed:
    """A list is not empty."""

    key: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """A rank of ``at_most`` or better in a yearly contest, within the last ``years`` years."""

    key: str
    at_most: int
    years: int


@dataclass(frozen=True, slots=True)
class ByDay:
    """Something is done in the year of judgement on or before a day of the calendar."""

    key: str
    month: int
    day: int


@dataclass(frozen=True, slots=True)
class WithinMonths:
    """One date follows another within so many months."""

    start: str
    end: str
    months: int


@dataclass(frozen=True, slots=True)
class OperatingYears:
    """The firm has operated fewer than ``years`` fiscal years (then windows are shortened to what there is)."""

    years: int


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every test is met."""

    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one test is met."""

    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class NoneOf:
    """No circumstance is present; ``hit`` is the outcome when one is (unmet, or needs_review)."""

    tests: tuple[Test, ...]
    hit: str


@dataclass(frozen=True, slots=True)
class ByKind:
    """One test for a new application, another one for a review."""

    new: Test
    review: Test


@dataclass(frozen=True, slots=True)
class When:
    """One test where the condition holds, another where it does not; ``said`` tells the two cases apart in words."""

    condition: Test
    then: Test
    otherwise: Test
    said: tuple[str, str]


@dataclass(frozen=True, slots=True)
class IndustryRow:
    """The test of one industry of a table: codes of GB/T 4754, and how the policy calls it."""

    codes: tuple[str, ...]
    said: str
    test: Test


@dataclass(frozen=True, slots=True)
class ByIndustry:
    """The test of the row in which the industry lies; for other industries the source does not say (``otherwise``)."""

    key: str
    rows: tuple[IndustryRow, ...]
    otherwise: str


@dataclass(frozen=True, slots=True)
class Told:
    """A number is told and nothing is asked of it, for the source does not say what is; ``why`` says so."""

    measure: Measure
    why: str


@dataclass(frozen=True, slots=True)
class ByExpert:
    """A person decides (expert score 1 or 0 under ``item``) who looks at these figures; until then it needs review."""

    item: str
    looks_at: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InPrinciple:
    """A demand "in principle": a firm below it is not refused but a person decides (as in ``ByExpert``)."""

    test: Test
    item: str


@dataclass(frozen=True, slots=True)
class Undefined:
    """The source does not say; nothing is computed and a person must look."""

    why: str


Test = (
    Compare
    | Holds
    | OneOf
    | LevelAtLeast
    | InField
    | InIndustry
    | NoneDated
    | ValidOn
    | ValidFor
    | AnyRecord
    | RecordValid
    | RecordNamed
    | AnyListed
    | Lists
    | NoRecord
    | Ranked
    | ByDay
    | WithinMonths
    | OperatingYears
    | AllOf
    | AnyOf
    | NoneOf
    | ByKind
    | When
    | ByIndustry
    | OnPath
    | Told
    | ByExpert
    | InPrinciple
    | Undefined
)
