"""What conditions are judged on: values, bands, charts, sources, warnings and cases. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from data.indicators.band import Band
from data.vocabulary import Names

Window = Literal["now", "hour", "today"]
Doubt = Literal["", "no_data", "stale", "hidden", "future", "partial", "no_baseline", "too_few"]
"""Why nothing can be judged: never told, not heard for too long, too few to be told, from the
future, not all areas heard, no normal band, too few points for a chart."""

AHEAD = timedelta(minutes=5)
"""A value so far in the future is not believed; less is a clock that is a little off."""


class Row(NamedTuple):
    """The key of one observation. start: epoch seconds of its period; grain: of Grain."""

    indicator: str
    area: str
    grain: int
    start: int


@dataclass(frozen=True)
class Measured:
    """A value of one indicator in one area, in shown units, None with the reason why.

    at: up to when it is about. known_at: when it was last known to hold. reported of expected
    areas are in it.
    """

    value: float | None
    doubt: Doubt = ""
    at: datetime | None = None
    known_at: datetime | None = None
    reported: int = 1
    expected: int = 1
    rows: tuple[Row, ...] = ()

    @property
    def partial(self) -> bool:
        """Whether areas that report usually are missing."""
        return self.reported < self.expected


NOTHING = Measured(None, "no_data")


@dataclass(frozen=True)
class Charted:
    """What the control chart of one indicator in one area says of its last whole period.

    signal: concern, improvement, neutral or common; rules: which ones it met.
    """

    signal: str | None
    doubt: Doubt = ""
    at: datetime | None = None
    value: float | None = None
    centre: float | None = None
    lower: float | None = None
    upper: float | None = None
    rules: tuple[str, ...] = ()
    period: str = ""
    points: int = 0


@dataclass(frozen=True)
class Heard:
    """How a source, or one county's share of it, was last heard.

    last_at: newest good answer, or new content where this is what counts. rhythm_s: a gap longer
    than this is late by its own rhythm; None: none is known. content: last_at is new content.
    """

    source: str
    area: str
    last_at: datetime | None
    rhythm_s: float | None
    content: bool = False


@dataclass(frozen=True)
class Warned:
    """One warning in force. level: 1 red .. 4 blue. areas: codes, the city's own for all of it."""

    identifier: str
    source: str
    level: int
    event: str
    headline: str
    effective: datetime
    expires: datetime | None
    areas: frozenset[str]


@dataclass(frozen=True)
class OneCase:
    """A case as conditions see it. since: when it came into the hands that do not take it yet."""

    no: str
    category: str
    county: str
    level: int
    reported_at: datetime
    due_at: datetime | None = None
    since: datetime | None = None
    taken: bool = True
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True)
class Facts:
    """Everything a look asks the store for.

    measured: by indicator, area and window. bands: by indicator and area, of the hour judged.
    charts: by indicator, area and grain. late, untaken, recent: open cases over their limit, open
    cases nobody took, cases reported lately. open_counts: by category, county and level.
    quiet: sources whose values are stale. last_held: when parts of combinations held.
    """

    now: datetime
    city: str
    measured: Mapping[tuple[str, str, str], Measured] = field(default_factory=dict)
    bands: Mapping[tuple[str, str], Band] = field(default_factory=dict)
    charts: Mapping[tuple[str, str, str], Charted] = field(default_factory=dict)
    sources: Mapping[str, Heard] = field(default_factory=dict)
    units: Mapping[str, Sequence[Heard]] = field(default_factory=dict)
    warnings: Sequence[Warned] = ()
    late: Sequence[OneCase] = ()
    untaken: Sequence[OneCase] = ()
    recent: Sequence[OneCase] = ()
    open_counts: Mapping[tuple[str, str, int], int] = field(default_factory=dict)
    quiet: frozenset[str] = frozenset()
    last_held: Mapping[str, datetime] = field(default_factory=dict)
    names: Mapping[str, Names] = field(default_factory=dict)
    """Of areas and sources, for what is said."""


def past(at: datetime | None, now: datetime) -> datetime:
    """Return an instant, never later than now."""
    return now if at is None else min(at, now)


def age_s(at: datetime, now: datetime) -> float:
    """Return how long ago something was, in seconds; never less than 0."""
    return max(0.0, (now - at).total_seconds())
