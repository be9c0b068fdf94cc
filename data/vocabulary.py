"""The words every other module uses, and nothing else: no I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Literal, NotRequired
from zoneinfo import ZoneInfo

from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

LOCAL = ZoneInfo("Asia/Shanghai")
"""Screens, days and weeks are local; the store is UTC."""

LANGUAGES = ("zh", "en")
CITY_LEVEL, COUNTY_LEVEL, TOWN_LEVEL = 1, 2, 3


class Status(StrEnum):
    """State of one value. STALE and NO_DATA outrank every other."""

    NORMAL = "normal"
    WATCH = "watch"
    ALERT = "alert"
    STALE = "stale"
    NO_DATA = "no_data"


class Level(IntEnum):
    """The four statutory colours; 0 is none. 1 is the gravest."""

    NONE = 0
    RED = 1
    ORANGE = 2
    YELLOW = 3
    BLUE = 4


class Grain(IntEnum):
    """Length of the period an observation is about."""

    MINUTE = 1
    HOUR = 2
    DAY = 3
    WEEK = 4
    MONTH = 5
    QUARTER = 6
    YEAR = 7


class Aggregation(StrEnum):
    """How values of one indicator combine, over time and over areas.

    SUM adds over both. RATIO is sum of numerators over sum of denominators.
    MEAN is the same with a denominator that counts. LAST is a gauge: it adds
    over areas and never over time.
    """

    SUM = "sum"
    RATIO = "ratio"
    MEAN = "mean"
    LAST = "last"


class Direction(StrEnum):
    """Which way is better. NEUTRAL is never coloured by a fixed limit."""

    HIGHER = "higher"
    LOWER = "lower"
    NEUTRAL = "neutral"
    RANGE = "range"


class Stage(StrEnum):
    """Where a case stands in the closed loop."""

    REPORTED = "reported"
    OPENED = "opened"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    CHECKING = "checking"
    CLOSED = "closed"


OPEN_STAGES = (Stage.REPORTED, Stage.OPENED, Stage.DISPATCHED, Stage.HANDLING, Stage.CHECKING)


class Disposition(StrEnum):
    """What a warning message asks of us."""

    RAISE = "raise"
    UPDATE = "update"
    CANCEL = "cancel"
    TEST = "test"
    IGNORE = "ignore"


class SourceState(StrEnum):
    """How a source is doing, judged on its own rhythm."""

    NEVER = "never"
    FRESH = "fresh"
    LATE = "late"
    SILENT = "silent"
    FAILED = "failed"


class Names(TypedDict):
    """One name in every language shown."""

    zh: str
    en: str


@dataclass(frozen=True)
class Observed:
    """One value as a source gave it: counts, never a rate.

    numerator/denominator are finite; denominator is None for plain totals.
    period_start is an aware instant; row is the place in the source's file.
    """

    indicator: str
    area: str
    grain: Grain
    period_start: datetime
    numerator: float
    denominator: float | None = None
    row: int | None = None


def period_end(start: datetime, grain: Grain) -> datetime:
    """Return the instant the period that begins at `start` is over, on local calendars."""
    if grain is Grain.MINUTE:
        return start + timedelta(minutes=1)
    if grain is Grain.HOUR:
        return start + timedelta(hours=1)
    local = start.astimezone(LOCAL)
    if grain is Grain.DAY:
        return local + timedelta(days=1)
    if grain is Grain.WEEK:
        return local + timedelta(days=7)
    months = {Grain.QUARTER: 3, Grain.YEAR: 12}.get(grain, 1)
    return (local + timedelta(days=31 * months + 1)).replace(day=1)


# ---- what a wall panel carries from the collector to the screen (JSON) ----

StatusWord = Literal["normal", "watch", "alert", "stale", "no_data"]


class Tile(TypedDict):
    """One indicator on the wall. Times are epoch seconds; missing is None, never 0."""

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


class DomainPanel(TypedDict):
    """Four tiles of one domain."""

    domain: str
    name: Names
    tiles: list[Tile]


class CaseRow(TypedDict):
    """One open matter in the queue."""

    case_no: str
    level: int
    title: str
    category: Names
    county: Names
    town: Names | None
    department: Names
    stage: str
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
    """Open matters by place and by level."""

    areas: list[MapArea]
    points: list[MapPoint]
    total: int
    overdue: int
    by_level: dict[str, int]


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


# ---- where a number comes from (the evidence drawer) ----


class EvidenceLink(TypedDict):
    """One fact behind a value, walked back to the file it came from."""

    area: Names
    period_start: float
    period_end: float
    value: float | None
    numerator: float | None
    denominator: float | None
    revision: int
    recorded_at: float
    source: Names
    run_id: int
    fetch_id: int | None
    sha256: str | None
    received_at: float | None
    origin: str | None
    row_word: str
    row: int | None
    line: int | None
    excerpt: str | None


class Revision(TypedDict):
    """One value that was replaced: was, now, when."""

    area: Names
    period_start: float
    was: float | None
    now: float | None
    recorded_at: float
    superseded_at: float


class Evidence(TypedDict):
    """Everything behind one number of one area."""

    code: str
    area: Names
    tile: Tile
    domain: Names
    department: Names
    source: SourceRow
    definition: Names
    numerator_name: Names
    denominator_name: Names | None
    aggregation: str
    direction: str
    target: Names
    version: int
    valid_from: str
    standard: str
    links: list[EvidenceLink]
    revisions: list[Revision]


class ProblemRow(TypedDict):
    """One refused row as the sources panel shows it."""

    run_id: int
    at: float
    origin: str | None
    row_word: str
    row: int | None
    field: str | None
    reason: str
    value: str | None
    detail: str


class RunRow(TypedDict):
    """One collection run."""

    run_id: int
    at: float
    status: str
    records: int
    new: int
    changed: int
    same: int
    quarantined: int
    origin: str | None
    sha256: str | None
    error: str | None


class SourceDetail(TypedDict):
    """One source with its latest runs and refused rows."""

    source: SourceRow
    runs: list[RunRow]
    problems: list[ProblemRow]
