"""What a scenario is, and how far it has come at an instant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from data.vocabulary import Names

AFTERGLOW_S = 6 * 3600
"""How long the feeds still tell of a scenario that is over."""


@dataclass(frozen=True)
class Scripted:
    """One matter of the story."""

    after_s: int
    category: str
    level: int
    area: str
    text: str


@dataclass(frozen=True)
class Bulletin:
    """One warning of the story: raised, updated and cancelled under the same `chain`.

    action: Alert, Update or Cancel. level: colour 1-4. response: roman numeral of
    an emergency response level, "" for a weather warning.
    """

    after_s: int
    chain: str
    action: str
    level: int
    event: Names
    areas: tuple[str, ...]
    response: str = ""


@dataclass(frozen=True)
class Outage:
    """Feeds that answer with `status` for a while; 504 also keeps the caller waiting."""

    paths: tuple[str, ...]
    from_s: int
    until_s: int
    status: int


@dataclass(frozen=True)
class Corruption:
    """Feeds that send rubbish for a while: truncated, wrong_kind or half_bad."""

    paths: tuple[str, ...]
    from_s: int
    until_s: int
    how: str


@dataclass(frozen=True, eq=False)
class Scenario:
    """One story as data, the same only as itself.

    curve: (second, intensity 0-1) points, straight lines between. calls: extra
    calls at full intensity, as a multiple of an ordinary daytime rate. health:
    likewise for counts; stock: share gained or lost. late_buses: share of trips
    made late. notices: service alerts raised one after the other.
    """

    key: str
    name: Names
    curve: tuple[tuple[int, float], ...]
    areas: tuple[str, ...] = ()
    calls: tuple[tuple[str, float], ...] = ()
    matters: tuple[Scripted, ...] = ()
    bulletins: tuple[Bulletin, ...] = ()
    outages: tuple[Outage, ...] = ()
    corruptions: tuple[Corruption, ...] = ()
    health: tuple[tuple[str, str, float], ...] = ()
    stock: tuple[tuple[str, str, float], ...] = ()
    late_buses: float = 0.0
    notices: int = 0

    @property
    def length_s(self) -> int:
        """When the last effect is over."""
        return self.curve[-1][0]


@dataclass(frozen=True)
class Running:
    """A scenario that was started, and perhaps stopped by hand. Epoch seconds."""

    scenario: Scenario
    start: int
    stopped: int | None = None

    def elapsed(self, now: float) -> float:
        """Return seconds since the start; after a stop the story goes no further."""
        return now - self.start

    def going(self, now: float) -> bool:
        """Return whether it has begun, is not over and was not stopped."""
        over = self.stopped is not None and now >= self.stopped
        return 0 <= self.elapsed(now) < self.scenario.length_s and not over

    def intensity(self, now: float) -> float:
        """Return how strong it is, 0-1."""
        return float(self.intensities(np.array([now]))[0])

    def intensities(self, moments: np.ndarray) -> np.ndarray:
        """Return how strong it is at each epoch second."""
        seconds, values = zip(*self.scenario.curve, strict=True)
        found = np.interp(moments - self.start, seconds, values, left=0.0, right=0.0)
        if self.stopped is not None:
            found = np.where(moments >= self.stopped, 0.0, found)
        return np.asarray(found)

    def told(self, now: float) -> bool:
        """Return whether the feeds still carry anything of it."""
        return 0 <= self.elapsed(now) < self.scenario.length_s + AFTERGLOW_S

    def stop(self, now: float) -> Running:
        """Return it as stopped at `now`; one already over stays as it is."""
        return replace(self, stopped=int(now)) if self.going(now) else self


Story = tuple[Running, ...]
"""All that was started in this process, oldest first."""


def begin(story: Story, scenario: Scenario, start: datetime, now: datetime) -> Story:
    """Return the story with `scenario` begun at `start`; what was going on stops at `now`."""
    kept = tuple(r.stop(now.timestamp()) for r in story if r.told(now.timestamp()))
    return (*kept, Running(scenario, int(start.timestamp())))


def end(story: Story, now: datetime) -> Story:
    """Return the story with everything stopped at `now`."""
    return tuple(r.stop(now.timestamp()) for r in story if r.told(now.timestamp()))


def current(story: Story, now: float) -> Running | None:
    """Return what is going on, None when all is ordinary."""
    return next((r for r in reversed(story) if r.going(now)), None)
