"""How an exercise went: first reports and dispatches against the limits of the duties."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median


class Mark(StrEnum):
    """How one step of one matter stands."""

    IN_TIME = "in_time"
    LATE = "late"
    RUNNING = "running"
    """Not done, and its limit is not over."""
    MISSED = "missed"
    """Not done, and its limit is over."""


@dataclass(frozen=True)
class Step:
    """One step of a matter: since when it runs, when it was due, when it was done."""

    since: datetime
    due: datetime
    done: datetime | None

    def mark(self, now: datetime) -> Mark:
        """Return how it stands."""
        if self.done is not None:
            return Mark.IN_TIME if self.done <= self.due else Mark.LATE
        return Mark.RUNNING if now <= self.due else Mark.MISSED

    @property
    def took(self) -> timedelta | None:
        """How long it took, None while it is not done. A clock that was set back takes nothing."""
        return max(self.done - self.since, timedelta()) if self.done is not None else None


@dataclass(frozen=True)
class Drilled:
    """One matter of an exercise. dispatch: None until there was a first report."""

    case_no: str
    title: str
    level: int
    county: str
    first: Step
    dispatch: Step | None


@dataclass(frozen=True)
class Score:
    """All steps of one kind. took: of those done. n counts those whose limit is over or done."""

    n: int
    in_time: int
    late: int
    missed: int
    running: int
    middle: timedelta | None
    worst: timedelta | None

    @property
    def share(self) -> float | None:
        """Share in time, None while nothing can be judged."""
        return self.in_time / self.n if self.n else None


def score(steps: Iterable[Step], now: datetime) -> Score:
    """Return the score of steps at `now`."""
    every = list(steps)
    marks = [step.mark(now) for step in every]
    took: Sequence[timedelta] = [t for step in every if (t := step.took) is not None]
    count = marks.count
    seconds = [t.total_seconds() for t in took]
    return Score(
        n=len(every) - count(Mark.RUNNING),
        in_time=count(Mark.IN_TIME),
        late=count(Mark.LATE),
        missed=count(Mark.MISSED),
        running=count(Mark.RUNNING),
        middle=timedelta(seconds=median(seconds)) if seconds else None,
        worst=max(took, default=None),
    )
