"""The shape of each catalogue entry, checked when it is read."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from data.vocabulary import Aggregation, Direction, Grain, Names, Stage

GrainName = Annotated[
    Grain,
    BeforeValidator(lambda v: Grain.__members__.get(v.upper(), v) if isinstance(v, str) else v),
]


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
    """One panel of the wall."""

    key: str
    name: Names
    department: str


class Category(Entry):
    """What a case can be, who leads it and how long it may take."""

    code: str
    domain: str
    matter: bool
    level: Literal[1, 2, 3, 4]
    limit_h: float = Field(gt=0)
    department: str
    name: Names


class Feed(Entry):
    """How an indicator's counts are taken from what a connector yields."""

    kind: Literal["cases", "transit", "measure_report", "alerts", "push"]
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
    small_count: int = 0
    version: int = 1
    valid_from: date = date(2020, 1, 1)

    @model_validator(mode="after")
    def _ratio_needs_denominator(self) -> Indicator:
        if (self.aggregation in (Aggregation.RATIO, Aggregation.MEAN)) != bool(self.denominator):
            raise ValueError(f"{self.code}: a ratio or mean, and only these, name a denominator")
        return self


class Source(Entry):
    """One feed: where it is, how often it is asked, when its silence makes values stale.

    A source with connector "push" has no urls: its department brings the data to the API.
    waits: not shown, not asked and not judged before its first file has come, or a token is made.
    """

    key: str
    name: Names
    platform: str
    department: str
    connector: Literal["cap", "gtfs", "gtfs-rt", "fhir", "open311", "push"]
    urls: tuple[str, ...]
    waits: bool = False
    every: int = Field(gt=0)
    timeout: int = Field(gt=0)
    stale_after: int = Field(gt=0)
    time_zone: str = ""
    crs: Literal["WGS84", "GCJ02", "BD09"] = "WGS84"
    static: str | None = None
    sites: str | None = None
    categories: dict[str, str] = {}
    default_category: str | None = None
    stages: dict[str, Stage] = {}
    max_mb: int = 64
    catch_up: str = ""


class City(Entry):
    """The city itself."""

    code: str
    name: Names
    title: Names
    time_zone: str
    calendar_country: str
    map: dict[str, Any]
