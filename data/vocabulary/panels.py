"""What a wall panel carries from the collector to the screen, as JSON. Times are epoch seconds."""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from data.vocabulary.terms import Names

StatusWord = Literal["normal", "watch", "alert", "stale", "no_data"]


class Tile(TypedDict):
    """One indicator on the wall. Times are epoch seconds; missing is None, never 0.

    hidden: there may be a value, and it must not be shown; `why` says so.
    grain: in a replay, what the value is of, where shorter is not kept any more; kept: why.
    """

    code: str
    name: Names
    unit: Names
    decimals: int
    value: float | None
    status: StatusWord
    level: int
    why: Names
    observed_at: float | None
    known_at: float | None
    ttl: int
    source: str
    trend: list[float | None]
    band: list[tuple[float, float] | None]
    reported: int
    expected: int
    hidden: NotRequired[bool]
    grain: NotRequired[Names]
    kept: NotRequired[Names]


class DomainPanel(TypedDict):
    """Four tiles of one domain."""

    domain: str
    name: Names
    tiles: list[Tile]


class CaseRow(TypedDict):
    """One open matter in the queue. state: the step of the loop, finer than its stage."""

    case_no: str
    level: int
    title: str
    category: Names
    county: Names
    town: Names | None
    department: Names
    stage: str
    state: NotRequired[str]
    step: int
    due_at: float | None


class QueuePanel(TypedDict):
    """The open matters, gravest first, and the loop's counts of today."""

    rows: list[CaseRow]
    total: int
    waiting: int
    handling: int
    checking: int
    closed_today: int
    due_today: int
    on_time_today: int


class MapPoint(TypedDict):
    """One open matter on the map (WGS-84 degrees)."""

    case_no: str
    level: int
    lon: float
    lat: float
    title: str


class MapArea(TypedDict):
    """One county or functional zone on the map."""

    code: str
    name: Names
    lon: float
    lat: float
    statutory: bool
    open: int
    overdue: int


class MapPanel(TypedDict):
    """Open matters by place and by level. undrawn: with a position, but not among the points."""

    areas: list[MapArea]
    points: list[MapPoint]
    total: int
    overdue: int
    by_level: dict[str, int]
    undrawn: NotRequired[int]


class DeskPanel(TypedDict):
    """That cases moved: how often, and the numbers of the last ones, the newest first."""

    seq: int
    cases: list[str]


class WarningRow(TypedDict):
    """One external warning in force."""

    level: int
    headline: str
    event: str
    sent_at: float
    expires_at: float | None
    areas: list[str]
    response: NotRequired[bool]
    verified: bool


class HeaderPanel(TypedDict):
    """What the header says beside title and clock."""

    demo: bool
    scenario: Names | None
    response: WarningRow | None
    warnings: list[WarningRow]
    red: CaseRow | None


class SourceRow(TypedDict):
    """One source as the footer and the sources panel show it."""

    key: str
    name: Names
    department: Names
    connector: str
    every: int
    stale_after: int
    state: str
    last_ok_at: float | None
    last_try_at: float | None
    error: str | None
    records: int
    quarantined: int


class SourcesPanel(TypedDict):
    """Every source, worst first."""

    sources: list[SourceRow]
