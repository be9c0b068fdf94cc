"""What a weekly review says, as data: everything on the page and in its print, in no language.

Days are ISO dates ("2026-11-16"), weeks "2026-W47", instants epoch seconds. Values are in
shown units. A number that cannot be concluded from is None and its `doubt` says why.
"""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from data.vocabulary.review_terms import Assurance, ChartKind, Doubt, Signal, SpcRule
from data.vocabulary.supervision import GroupLine
from data.vocabulary.terms import Names


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


def evidence_code(code: str, area: str, week: str) -> str:
    """Return the short code of a number: GS-06, 441600, 2026-W47 -> "GS-06.441600.26W47"."""
    return f"{code}.{area}.{week[2:4]}{week[5:]}"


def read_evidence_code(text: str) -> tuple[str, str, str]:
    """Return indicator, area and week. Raises ValueError on what is no such code."""
    code, area, week = text.rsplit(".", 2)
    if len(week) != 5 or week[2] != "W" or not (week[:2] + week[3:]).isdecimal():
        raise ValueError(f"{text!r} is no code of a number")
    return code, area, f"20{week[:2]}-{week[2:]}"
