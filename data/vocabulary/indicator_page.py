"""What the page of one indicator shows, as data: in no language, values in shown units.

Days are ISO dates, weeks "2026-W47", instants epoch seconds, as in `vocabulary.review`.
"""

from __future__ import annotations

from typing_extensions import TypedDict

from data.vocabulary.meeting import Remark
from data.vocabulary.review import Aim, Basis, Compared, Fair, Figure, Measure, Spark
from data.vocabulary.review_terms import Assurance, ChartKind, Doubt, Signal, SpcRule
from data.vocabulary.terms import Names


class Point(TypedDict):
    """One period of the chart.

    period: as it is written in an address. heard days `told` of `of`. then: the same period after
    the lunar calendar a year before, over `matched` days that are alike.
    """

    period: str
    first: str
    last: str
    value: float | None
    num: float | None
    den: float | None
    n: float | None
    told: int
    of: int
    doubt: Doubt | None
    centre: float | None
    lower: float | None
    upper: float | None
    signal: Signal
    rules: list[SpcRule]
    then: float | None
    matched: int
    version: int


class BreakLine(TypedDict):
    """Where values before and after are not the same thing. at: the first point after it.

    kind: definition (another version), series (other stations, say).
    """

    on: str
    at: int
    kind: str
    why: Names
    bridged: Names | None


class AimLine(TypedDict):
    """A target while it was in force: from the point `start` up to before `end`."""

    start: int
    end: int
    aim: Aim


class VersionLine(TypedDict):
    """One version of the definition. changed: fields that differ from the version before."""

    version: int
    since: str
    until: str | None
    definition: Names
    numerator: Names
    denominator: Names | None
    unit: Names
    aggregation: str
    factor: float
    standard: str
    changed: list[str]


class AreaLine(TypedDict):
    """The chosen period in one area below. band, outside, unbanded: as in `FairPoint`."""

    area: str
    figure: Figure
    before: float | None
    signal: Signal
    rules: list[SpcRule]
    strength: float
    spark: Spark
    band: int
    outside: str
    unbanded: Doubt | None
    doubt: Doubt | None


class PagePlace(TypedDict):
    """Which indicator, area and period the page is of, and where one can go from there.

    above: areas above this one, the city first. areas: names of every area spoken of. newest: the
    newest whole period. before, after: periods to step to, "" where there is none.
    """

    measure: Measure
    domain: Names
    area: str
    level: int
    areas: dict[str, Names]
    above: list[str]
    grain: str
    period: str
    newest: str
    before: str
    after: str


class PageChart(TypedDict):
    """What is drawn. chosen: place of the chosen period in `points`, -1 if it is none of them."""

    points: list[Point]
    chosen: int
    chart: ChartKind
    based_on: int
    breaks: list[BreakLine]
    aims: list[AimLine]
    hidden: int


class PageFigure(TypedDict):
    """The chosen period: its figure, beside other periods and the target, and what it says."""

    aim: Aim
    now: Figure
    last: Compared
    year: Compared
    lunar: Compared
    bases: dict[str, Basis]
    signal: Signal
    rules: list[SpcRule]
    strength: float
    assurance: Assurance
    doubts: list[Doubt]


class PageBelow(TypedDict):
    """The areas. sides: those in `below` are sisters of this one, since it has none below."""

    below: list[AreaLine]
    sides: bool
    fair: Fair | None


class PageFacts(TypedDict):
    """What is told around the figure. cases: domain of the cases it counts, "" if none."""

    versions: list[VersionLine]
    remarks: list[Remark]
    small_count: int
    state: str
    heard: float | None
    cases: str
    evidence: str
    as_of: float
    demo: bool


class IndicatorPage(PagePlace, PageChart, PageFigure, PageBelow, PageFacts):
    """Everything on the page but the evidence, which is asked for by itself."""
