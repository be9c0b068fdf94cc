"""What a weekly review says, as data: everything on the page and in its print, in no language.

Days are ISO dates ("2026-11-16"), weeks "2026-W47", instants epoch seconds. Values are in
shown units. A number that cannot be concluded from is None and its `doubt` says why.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NotRequired

from typing_extensions import TypedDict

from data.vocabulary.supervision import GroupLine
from data.vocabulary.terms import Names


class ChartKind(StrEnum):
    """Control charts. T and G are of the time, or the chances, between rare events."""

    XMR = "xmr"
    P = "p"
    PPRIME = "pprime"
    U = "u"
    C = "c"
    T = "t"
    G = "g"


class Signal(StrEnum):
    """What a point says. Special cause: improvement, concern, or neutral without a better way."""

    COMMON = "common"
    IMPROVEMENT = "improvement"
    CONCERN = "concern"
    NEUTRAL = "neutral"


class SpcRule(StrEnum):
    """Why a point is a special cause (NHS Making Data Count)."""

    OUTSIDE = "outside"
    SHIFT = "shift"
    TREND = "trend"
    TWO_OF_THREE = "two_of_three"


class Assurance(StrEnum):
    """Whether the process, left as it is, meets its target."""

    HIT = "will_hit"
    MISS = "will_miss"
    EITHER = "hit_and_miss"
    NO_TARGET = "no_target"
    TOO_FEW = "too_few"


class Doubt(StrEnum):
    """Why nothing, or less, can be concluded from a figure or a comparison."""

    NO_DATA = "no_data"
    HIDDEN = "hidden"
    """A small count that is not shown."""
    PARTIAL = "partial"
    """The week is not over, or not all of its days were told."""
    FUTURE = "future"
    BEFORE_DATA = "before_data"
    NOT_HERE = "not_here"
    """The area does not have this indicator."""
    TOO_FEW = "too_few"
    """Fewer than twelve points: no limits."""
    ZERO_DENOMINATOR = "zero_denominator"
    ALL_EQUAL = "all_equal"
    """Every value is the same: limits without width say nothing."""
    BREAK = "break"
    """The definition changed between the two."""
    GAP = "gap"
    """A week between is missing."""
    NO_MATCH = "no_match"
    """No day of the other year is like the days of this week."""
    UNDER_FLOOR = "under_floor"
    """Too small an n to be compared."""
    STALE = "stale"
    """The source is not heard."""
    NO_NOTICE = "no_notice"
    """A year's holidays and make-up days are not published yet: only the days the law fixes."""
    BETWEEN_BANDS = "between_bands"
    """A unit that cannot be told from units of more than one band, so it is in none."""
    NOT_A_SHARE = "not_a_share"
    """More in the part than in the whole: records came late, or the two do not belong together."""
    NO_RESIDENTS = "no_residents"
    """Nobody says how many people live there, so a count cannot be compared."""


class Unlike(StrEnum):
    """Why a day is like no day of the period a week is compared with."""

    NO_WEEK_53 = "no_week_53"
    """The other year has 52 weeks."""
    NO_LUNAR = "no_lunar"
    """The city's calendar has no lunar year."""
    OUT_OF_TABLE = "out_of_table"
    """The table of lunar months does not reach so far."""
    LONGER_HOLIDAY = "longer_holiday"
    """The holiday had fewer days then."""
    NO_SUCH_HOLIDAY = "no_such_holiday"
    """The holiday was not one of its own in the two years before."""
    BEFORE_HOLIDAY = "before_holiday"
    AFTER_HOLIDAY = "after_holiday"
    MAKE_UP = "make_up"
    """A weekend that is worked is only like another one for the same holiday."""
    FESTIVAL_THEN = "festival_then"
    """The days near by were holidays, or near the Spring Festival, then."""


class Verdict(StrEnum):
    """What became of an indicator after a promise; never "caused"."""

    IMPROVED = "improved"
    NO_SIGN = "no_sign"
    WORSE = "worse"
    TOO_EARLY = "too_early"
    UNKNOWN = "unknown"
    """It cannot be said, and `doubt` says why."""


MIN_POINTS = 12
"""Fewer points give no limits."""
MIN_COMPARED = 10
"""The floor of n under which a unit is not placed in a comparison, unless the indicator says."""


class Figure(TypedDict):
    """One number.

    told, of: days of the period that were told of how many; n is always beside a rate. low,
    high: Wilson interval of a share in shown units. heard: when its source was last heard.
    """

    value: float | None
    num: float | None
    n: float | None
    low: float | None
    high: float | None
    told: int
    of: int
    heard: float | None
    doubt: Doubt | None


class Basis(TypedDict):
    """What a week is compared with.

    key: last, year or lunar. pairs: (day, like which day); unmatched: days of this week that no
    day of the other period is like, with the reason (`Unlike`). first, last: of the days it is
    compared with, "" if there are none.
    """

    key: str
    first: str
    last: str
    words: Names
    """Such as "春节后第2周（正月初九—十五）"."""
    pairs: list[tuple[str, str]]
    unmatched: list[tuple[str, str]]
    doubt: Doubt | None


class Compared(TypedDict):
    """A week beside another period, both over the matched days only. change: now - then."""

    now: Figure
    then: Figure
    change: float | None
    doubt: Doubt | None


class Spark(TypedDict):
    """The last 26 weeks.

    first: Monday of the oldest week; lists have one place a week, None: no value. breaks: places
    where limits begin anew.
    """

    first: str
    values: list[float | None]
    centre: list[float | None]
    lower: list[float | None]
    upper: list[float | None]
    breaks: list[int]


class Aim(TypedDict):
    """A target in shown units: kind is floor, ceiling, range, band or none."""

    kind: str
    low: float | None
    high: float | None
    set_by: str
    since: str


class Measure(TypedDict):
    """What an indicator is, as rows and pages need it."""

    code: str
    domain: str
    name: Names
    unit: Names
    decimals: int
    direction: str
    aggregation: str
    department: Names
    source: Names
    version: int
    definition: Names


class ScoreRow(TypedDict):
    """One indicator of one area in one week.

    strength: how far beyond chance, the larger the stronger, 0 without a signal; rows are
    ordered by it inside a domain. points: weeks the limits stand on.
    """

    measure: Measure
    area: str
    now: Figure
    last: Compared
    year: Compared
    lunar: Compared
    aim: Aim
    chart: ChartKind
    points: int
    signal: Signal
    rules: list[SpcRule]
    strength: float
    assurance: Assurance
    spark: Spark
    doubts: list[Doubt]
    evidence: str
    """Short code that opens where the number comes from, see `evidence_code`."""


class MatrixCell(TypedDict):
    """One indicator in one area below the looked-at one."""

    area: str
    figure: Figure
    signal: Signal
    rules: list[SpcRule]
    strength: float


class MatrixRow(TypedDict):
    """One indicator over the areas below."""

    code: str
    cells: list[MatrixCell]


class FairPoint(TypedDict):
    """One unit in a comparison.

    outside: above, below or "" (within what chance gives). band: 1 the best; any two units of
    different bands are told apart, those of one band are not ranked; 0: in no band, and doubt says
    why (under the floor, or between bands). ranks: the first and the last place the unit may have
    among those compared, all units' at once with 95 %.
    """

    area: str
    n: float
    value: float | None
    low: float | None
    high: float | None
    outside: str
    band: int
    ranks: NotRequired[tuple[int, int] | None]
    doubt: Doubt | None


class Funnel(TypedDict):
    """Exact limits around the common value by n: one place an n, 95 % and 99.8 %."""

    n: list[float]
    low95: list[float]
    high95: list[float]
    low998: list[float]
    high998: list[float]


class Fair(TypedDict):
    """A fair comparison of units of one level.

    per: residents a count is taken by, 0 for shares. population: year of the residents. floor:
    the n under which a unit is in no band. spread: how much units ordinarily differ beyond chance
    (one standard deviation, shown units); the funnel is wider by it; 0: no more than chance.
    """

    measure: Measure
    level: int
    centre: float | None
    per: int
    population: str
    floor: float
    spread: NotRequired[float]
    points: list[FairPoint]
    funnel: Funnel
    bands: int
    doubt: Doubt | None


class Totals(TypedDict):
    """Cases of the area in the week: before + new + reopened - closed = open.

    of `open`, late are past their limit. due, on_time: limits that fell into the week.
    """

    before: int
    new: int
    reopened: int
    closed: int
    open: int
    late: int
    due: int
    on_time: int
    last_new: int
    last_closed: int
    last_due: int
    last_on_time: int
    last_open: int


class Noise(TypedDict):
    """expected: signals that chance alone gives among so many series; found: signals there are.

    series: those with limits.
    """

    series: int
    expected: float
    found: int


class Message(TypedDict):
    """One key message.

    rule, fields: what to say; key: the same week after week of one matter. level: 1-4 as
    everywhere, how grave. until: an ISO day. evidence: code of its number.
    """

    key: str
    rule: str
    fields: dict[str, object]
    level: int
    strength: float
    department: Names
    until: str | None
    evidence: str


class Gap(TypedDict):
    """What weakens the page. kind: late, silent, never, partial, quarantined, debt, no_history."""

    kind: str
    source: Names
    department: Names
    detail: dict[str, object]
    codes: list[str]


class LateCase(TypedDict):
    """A case past its limit, or about to be. was_due: before an extension.

    area_code, department_code: for who may see it.
    """

    no: str
    level: int
    title: str
    department: Names
    area: Names
    was_due: float | None
    due: float
    late: bool
    stage: str
    area_code: str
    department_code: str


class Review(TypedDict):
    """All of one area's week that follows from the store.

    What people added is `Minutes`.  whole: the week is over. doubts: of the week as a whole.
    bases: last, year, lunar. areas: names of every area that rows, cells and points speak of.
    mark: what it was made of. noise: of the rows; noise_below: of the cells of the matrix.
    """

    week: str
    first: str
    last: str
    area: str
    level: int
    areas: dict[str, Names]
    domains: dict[str, Names]
    as_of: float
    mark: str
    whole: bool
    demo: bool
    doubts: list[Doubt]
    totals: Totals
    noise: Noise
    noise_below: Noise
    messages: list[Message]
    bases: dict[str, Basis]
    rows: list[ScoreRow]
    below: list[str]
    matrix: list[MatrixRow]
    fair: list[Fair]
    departments: list[GroupLine]
    days: list[tuple[str, int, int]]
    """day, new, closed"""
    late: list[LateCase]
    more_late: int
    gaps: list[Gap]


class Edit(TypedDict):
    """A message as somebody wrote it anew. text: by language."""

    key: str
    text: dict[str, str]
    by: str
    at: float


class PromiseLine(TypedDict):
    """What somebody promised in a review.

    Of an indicator (code, area, expected: higher, lower) or of a case. made, due: weeks. state:
    open, kept, broken, withdrawn. carried: how many meetings. verdict: SPC before and after,
    with n weeks after; numbers in shown units. case_state, case_closed: of a case, how it stands
    now and when it was closed.
    """

    id: int
    version: int
    state: str
    text: str
    made: str
    due: str
    made_by: str
    made_at: float
    owner: str
    department: Names
    code: str | None
    area: str | None
    case_no: str | None
    expected: str
    carried: int
    overdue: bool
    verdict: Verdict
    doubt: Doubt | None
    before: float | None
    after: float | None
    weeks_after: int
    case_state: str | None
    case_closed: float | None
    history: list[PromiseEvent]


class PromiseEvent(TypedDict):
    """What was done about a promise.

    action: made, carried, moved, kept, broken, withdrawn, reopened, note.
    """

    at: float
    week: str
    action: str
    by: str
    note: str


class Restated(TypedDict):
    """A number that is another now than when the week was frozen."""

    code: str
    area: str
    was: float | None
    now: float | None
    late_records: int
    decimals: int
    reason: str
    """late: records came late; corrected; definition: another version; hidden.

    late_records: records of that week that were new or other after it was frozen. Of small counts
    no number is told, neither was nor now.
    """


class Frozen(TypedDict):
    """A pack: the week as it was shown.

    sha256 of its bytes; intact: they still are those that were frozen.
    """

    week: str
    area: str
    frozen_at: float
    frozen_by: str
    sha256: str
    intact: bool
    restated: list[Restated]


class Reminder(TypedDict):
    """What is due in the rhythm of the review.

    kind: preread (48 h before), meeting, followup (2 days after). at: epoch seconds; state:
    done, due, late, ahead.
    """

    kind: str
    at: float
    state: str


class Minutes(TypedDict):
    """What people added to a week: edits, promises to follow, the frozen pack, reminders.

    promises: those to look at first, before the new ones; see `queries.review.meeting`.
    earlier: packs of the weeks before, newest first, with what is shown otherwise since.
    """

    edits: list[Edit]
    promises: list[PromiseLine]
    frozen: Frozen | None
    earlier: list[Frozen]
    reminders: list[Reminder]


class Remark(TypedDict):
    """A word about an indicator. day: set, it is drawn into the chart there."""

    id: int
    at: float
    by: str
    text: str
    day: str | None
    withdrawn: bool


def evidence_code(code: str, area: str, week: str) -> str:
    """Return the short code of a number: GS-06, 441600, 2026-W47 -> "GS-06.441600.26W47"."""
    return f"{code}.{area}.{week[2:4]}{week[5:]}"


def read_evidence_code(text: str) -> tuple[str, str, str]:
    """Return indicator, area and week. Raises ValueError on what is no such code."""
    code, area, week = text.rsplit(".", 2)
    if len(week) != 5 or week[2] != "W" or not (week[:2] + week[3:]).isdecimal():
        raise ValueError(f"{text!r} is no code of a number")
    return code, area, f"20{week[:2]}-{week[2:]}"
