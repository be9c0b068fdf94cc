"""What the performance page says of the alarm log, in no language. Times are epoch seconds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Load(StrEnum):
    """How one figure stands against what is asked of it."""

    GOOD = "good"
    """Within what is very likely acceptable."""
    LIMIT = "limit"
    """Beyond that, not yet beyond the most that can be managed."""
    OVER = "over"
    UNKNOWN = "unknown"
    """Nothing to judge by."""
    FREE = "free"
    """A figure without a target."""


@dataclass(frozen=True)
class Figure:
    """One figure. value None: nothing to say it of, never 0. parts: what it was made of.

    good, most: the targets it is judged by, in its own unit; None: no such target.
    """

    key: str
    value: float | None
    load: Load = Load.FREE
    good: float | None = None
    most: float | None = None
    parts: tuple[int, int] | None = None


@dataclass(frozen=True)
class Flood:
    """More alarms than somebody can read: ten in ten minutes, until there are fewer than five."""

    start: float
    end: float | None
    """None: it goes on at the end of the period."""
    alarms: int
    peak: int
    """The most within any ten minutes of it."""


@dataclass(frozen=True)
class RuleShare:
    """One rule in the log. said: what its alarms turned out to be, by outcome; tests are none."""

    rule: str
    alarms: int
    share: float
    acted_on: int
    real: int
    false: int
    unsaid: int
    acknowledged_s: float | None
    """Median of the time to acknowledge."""
    chattering: int


@dataclass(frozen=True)
class Position:
    """The load of one desk. key: area code; "" is everything seen from one desk."""

    key: str
    alarms: int
    figures: tuple[Figure, ...]
    floods: tuple[Flood, ...]


@dataclass(frozen=True)
class Performance:
    """What the log of a period says. seconds: how long it could be observed.

    positions: the whole first. reasons: keys of the figures that are over, gravest first; limits:
    of those beyond the acceptable only.
    """

    start: float
    end: float
    seconds: float
    positions: tuple[Position, ...]
    rules: tuple[RuleShare, ...]
    priorities: tuple[Figure, ...]
    days: tuple[tuple[float, int], ...]
    """Alarms by local day (its beginning)."""
    load: Load
    reasons: tuple[str, ...]
    limits: tuple[str, ...]

    @property
    def whole(self) -> Position:
        """Return everything seen from one desk."""
        return self.positions[0]
