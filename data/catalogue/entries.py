"""The shape of each catalogue entry, checked when it is read."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from data.vocabulary import (
    STATE_OF_STAGE,
    Aggregation,
    CaseState,
    Direction,
    Grain,
    Names,
    Stage,
)
from data.vocabulary.review_terms import MIN_COMPARED, MIN_POINTS, ChartKind

GrainName = Annotated[
    Grain,
    BeforeValidator(lambda v: Grain.__members__.get(v.upper(), v) if isinstance(v, str) else v),
]

StateName = Annotated[
    CaseState,
    BeforeValidator(lambda v: STATE_OF_STAGE[Stage.CHECKING] if v == Stage.CHECKING else v),
]
"""A state of the closed loop; the coarse "checking" is the first of its states."""


class Entry(BaseModel):
    """Frozen; an unknown field is an error, so a typing slip cannot pass in silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Area(Entry):
    """One place of the city -> county or functional zone -> town tree."""

    code: str
    name: Names
    short: Names
    parent: str | None
    level: Literal[1, 2, 3]
    kind: Literal["city", "county", "zone", "town", "township", "subdistrict"]
    lon: float | None = None
    lat: float | None = None
    valid_from: date = date(2020, 1, 1)

    @property
    def statutory(self) -> bool:
        """A functional zone is no division of GB/T 2260."""
        return self.kind != "zone"


class Department(Entry):
    """One answerable department. short: for narrow columns, the name if not given."""

    key: str
    name: Names
    short: Names | None = None


class Domain(Entry):
    """One field of the city's work; a panel of the wall if its indicators have slots there.

    small_count: what its indicators have that name none themselves.
    """

    key: str
    name: Names
    department: str
    small_count: int = Field(default=0, ge=0)


class Category(Entry):
    """What a case can be and who leads it.

    limit_h: hours that a platform of the demonstration gives itself; our limits are the duties'.
    """

    code: str
    domain: str
    matter: bool
    level: Literal[1, 2, 3, 4]
    limit_h: float = Field(gt=0)
    department: str
    name: Names


class Feed(Entry):
    """How an indicator's counts are taken from what a connector yields."""

    kind: Literal["cases", "transit", "measure_report", "alerts", "stations", "table", "push"]
    measure: str = ""
    categories: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    group: str = ""
    numerator: str = ""
    denominator: str = ""
    max_level: int = 4


class Target(Entry):
    """What is aimed at. levels: level -> limit in shown units; low: lower limits of a range.

    floor: below the limit is bad; ceiling: at or above it; range: both; band:
    outside the indicator's own normal band; none: shown without colour.
    """

    kind: Literal["floor", "ceiling", "range", "band", "none"]
    levels: dict[int, float] = {}
    low: dict[int, float] = {}
    set_by: str = "demo"
    valid_from: date = date(2020, 1, 1)


class WallSlot(Entry):
    """Place on the wall. window: the value of now, of the last whole hour, or since midnight."""

    slot: Literal[1, 2, 3, 4]
    window: Literal["now", "hour", "today"]
    name: Names | None = None


class Plausible(Entry):
    """What a value can be at all, in shown units; None is no limit. Sums: of one period."""

    low: float | None = None
    high: float | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Plausible:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"plausible: low {self.low:g} is above high {self.high:g}")
        return self


class DeclaredRhythm(Entry):
    """When something new is due from a source filled by hand. Local time.

    weekday: 1 Monday to 7 Sunday (weekly). day: of the month, the last one if
    the month is shorter (monthly).
    """

    every: Literal["daily", "weekly", "monthly"]
    due: str = Field(default="18:00", pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")
    weekday: int = Field(default=1, ge=1, le=7)
    day: int = Field(default=1, ge=1, le=31)


class SeriesBreak(Entry):
    """From this day on values are not to be compared with those before: other stations, say.

    bridged: how the two were made comparable after all; then limits go on.
    """

    on: date
    why: Names
    bridged: Names | None = None


class Indicator(Entry):
    """One measured thing. Counts are stored; factor turns the quotient into shown units."""

    code: str
    domain: str
    name: Names
    unit: Names
    decimals: int = 0
    factor: float = 1.0
    direction: Direction
    aggregation: Aggregation
    rolls_up: bool = True
    grain: GrainName
    numerator: Names
    denominator: Names | None = None
    definition: Names
    department: str
    source: str
    feed: Feed
    target: Target
    wall: WallSlot | None = None
    standard: str = ""
    small_count: int = Field(default=0, ge=0)
    plausible: Plausible | None = None
    weekly: bool = False
    """Stands in the scorecard of the weekly review."""
    week_target: Target | None = None
    """What a week is measured by, where that is another than the target of the moment."""
    chart: ChartKind | None = None
    """Its control chart; XmR if none is said."""
    baseline_weeks: int | None = Field(default=None, ge=MIN_POINTS)
    """Limits are frozen after so many weeks of a series, and of each part after a break."""
    breaks: tuple[SeriesBreak, ...] = ()
    per_capita: int = Field(default=0, ge=0)
    """A count is compared between areas by so many residents; 0: it is not."""
    compare_floor: int = Field(default=MIN_COMPARED, ge=1)
    """The n under which an area is in no ranking."""
    version: int = 1
    valid_from: date = date(2020, 1, 1)

    @model_validator(mode="after")
    def _ratio_needs_denominator(self) -> Indicator:
        if (self.aggregation in (Aggregation.RATIO, Aggregation.MEAN)) != bool(self.denominator):
            raise ValueError(f"{self.code}: a ratio or mean, and only these, name a denominator")
        return self


class GasState(Entry):
    """At which temperature (°C) and pressure (hPa) a source turns ppm into µg/m³."""

    celsius: float = Field(gt=-100, lt=100)
    hectopascal: float = Field(gt=300, lt=1200)


class SqlQuery(Entry):
    """A question to another database, asked again from where the last answer ended.

    address: environment variable that holds the SQLAlchemy URL. query: one SELECT or
    WITH, ordered by the watermark column, with :since where it goes on. overlap: seconds
    (or units of a number) asked again each time, for rows that come late.
    """

    address: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$")
    query: str
    watermark: str
    start: datetime | int | str = "1970-01-01T00:00:00"
    overlap: int = Field(default=0, ge=0)
    max_rows: int = Field(default=100_000, gt=0, le=5_000_000)


class Source(Entry):
    """One feed: where it is, how often it is asked, when its silence makes values stale.

    urls may name an environment variable as ${NAME}: without a value the address is not
    there, and a source without any address is not asked. key_header, key_env: header that
    carries the key of a platform, and the variable that holds it. places: id of a station
    or hospital -> area.
    sensors: OpenAQ sensor id -> "pm25 µg/m³". stamp: which end of its hour a time marks.
    mapping: a file of sources/ without its ending, for tables. waits: not shown, not
    asked and not judged before its first file has come (a folder or an address that is not
    there yet).
    connector "push": its department brings the data to the API; it has no urls.
    """

    key: str
    name: Names
    platform: str
    department: str
    connector: Literal[
        "cap",
        "gtfs",
        "gtfs-rt",
        "fhir",
        "open311",
        "cma-warning",
        "cnemc",
        "openaq",
        "edxl-have",
        "nhsn",
        "table",
        "push",
    ]
    urls: tuple[str, ...] = ()
    every: int = Field(gt=0)
    timeout: int = Field(gt=0)
    stale_after: int = Field(gt=0)
    time_zone: str = ""
    crs: Literal["WGS84", "GCJ02", "BD09"] = "WGS84"
    static: str | None = None
    sites: str | None = None
    categories: dict[str, str] = {}
    default_category: str | None = None
    stages: dict[str, StateName] = {}
    max_mb: int = 64
    table_mb: int = Field(default=4096, gt=0)
    """The largest table of a watched folder: it is read where it lies, batch by batch."""
    catch_up: str = ""
    personal: bool = False
    """Its files tell of single persons: they leave only as masked copies, and are kept a day."""
    raw_days: int | None = Field(default=None, ge=0)
    rhythm: DeclaredRhythm | None = None
    areas: tuple[str, ...] = ()
    mapping: str | None = None
    waits: bool = False
    key_header: str = Field(default="", pattern=r"^[A-Za-z0-9-]*$")
    key_env: str = Field(default="", pattern=r"^([A-Z][A-Z0-9_]*)?$")
    sql: SqlQuery | None = None
    places: dict[str, str] = {}
    sensors: dict[str, str] = {}
    gas_state: GasState | None = None
    stamp: Literal["end", "start"] = "end"

    @model_validator(mode="after")
    def _key_is_whole(self) -> Source:
        if bool(self.key_header) != bool(self.key_env):
            raise ValueError(f"{self.key}: key_header and key_env belong together")
        return self

    @model_validator(mode="after")
    def _table_needs_mapping(self) -> Source:
        if (self.connector == "table") != (self.mapping is not None):
            raise ValueError(f"{self.key}: a table, and only a table, names a mapping")
        return self

    def tells_cases(self, connector: str) -> bool:
        """Return whether a file read by `connector` holds cases or their progress."""
        by_format = connector in ("open311", "push-requests", "push-events")
        return by_format or (connector == "table" and bool(self.categories))

    @property
    def brings_cases(self) -> bool:
        """Whether its files hold cases: requests, or a table with categories."""
        return self.connector == "open311" or bool(self.categories)

    def kept_days(self, usual: int) -> int:
        """Return the days raw bytes are kept: of personal data one at most, unless said."""
        if self.raw_days is not None:
            return self.raw_days
        return min(usual, 1) if self.personal else usual


class City(Entry):
    """The city itself. issuer, readers: by whom and for whom its printed reports are."""

    code: str
    name: Names
    title: Names
    time_zone: str
    calendar_country: str
    issuer: Names = Names(zh="城市运行指挥中心", en="City operations centre")
    readers: Names = Names(zh="市委、市政府主要领导", en="the leaders of the city")
    map: dict[str, Any]
