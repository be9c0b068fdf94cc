"""How often does something new come, and has it stopped? Declared, or learned from the past."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise

import numpy as np

from data.catalogue.entries import DeclaredRhythm
from data.indicators.calendar import is_day_off
from data.vocabulary import LOCAL

WEEKS = 12
MIN_GAPS, MIN_CLASS_GAPS = 6, 4
"""Fewer gaps than this teach nothing, of all and of one class."""
SLOW_S = 20 * 3600.0
"""From here on the weekday decides (a Friday is followed by a weekend), below it the hour does."""
SILENT_TIMES = 3.0


class UnitState(StrEnum):
    """How a reporting unit keeps its rhythm. UNKNOWN: heard, but no rhythm is known yet."""

    NEVER = "never"
    FRESH = "fresh"
    LATE = "late"
    SILENT = "silent"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Gap:
    """The usual gap in seconds: median, robust spread, of how many, and how long one may be."""

    median_s: float
    spread_s: float
    n: int

    @property
    def limit_s(self) -> float:
        """A gap longer than this is late: five spreads, half the gap and a minute at least."""
        return self.median_s + max(5 * self.spread_s, self.median_s / 2, 60.0)


@dataclass(frozen=True)
class Learned:
    """What the past teaches: all gaps together, and by class of the time a gap begins."""

    whole: Gap
    classes: dict[str, Gap] = field(default_factory=dict)

    def after(self, last: datetime, country: str) -> Gap:
        """Return the gap to expect after something came at `last`."""
        return self.classes.get(class_of(last, self.whole.median_s, country), self.whole)


def class_of(at: datetime, median_s: float, country: str) -> str:
    """Return the class of an instant: weekday for slow rhythms, else kind of day and quarter."""
    local = at.astimezone(LOCAL)
    if median_s >= SLOW_S:
        return f"weekday {local.isoweekday()}"
    kind = "off" if is_day_off(local.date(), country) else "work"
    return f"{kind} {local.hour // 6 * 6:02d}"


def learn(arrivals: Sequence[datetime], country: str) -> Learned | None:
    """Return the rhythm of the instants at which something new came, None for too few.

    Medians, so that outages and a burst of corrections do not move it.
    """
    ordered = sorted(set(arrivals))
    gaps = [(a, (b - a).total_seconds()) for a, b in pairwise(ordered)]
    if len(gaps) < MIN_GAPS:
        return None
    whole = gap_of([s for _, s in gaps])
    by_class: dict[str, list[float]] = defaultdict(list)
    for start, seconds in gaps:
        by_class[class_of(start, whole.median_s, country)].append(seconds)
    classes = {k: gap_of(v) for k, v in by_class.items() if len(v) >= MIN_CLASS_GAPS}
    return Learned(whole, classes)


def gap_of(seconds: Sequence[float]) -> Gap:
    """Return median and spread of some gaps.

    The spread is robust (median absolute deviation); with many gaps it also
    covers the long ones that are usual, for arrivals by chance have a long tail.
    """
    array = np.asarray(seconds, dtype=float)
    median = float(np.median(array))
    spread = 1.4826 * float(np.median(np.abs(array - median)))
    if len(array) >= 50:
        spread = max(spread, (1.5 * float(np.quantile(array, 0.98)) - median) / 5)
    return Gap(median, spread, len(array))


def judge_learned(
    last: datetime | None, learned: Learned | None, now: datetime, country: str
) -> UnitState:
    """Return the state of a unit that last brought something new at `last`."""
    if last is None:
        return UnitState.NEVER
    if learned is None:
        return UnitState.UNKNOWN
    limit = learned.after(last, country).limit_s
    age = (now - last).total_seconds()
    if age > SILENT_TIMES * limit:
        return UnitState.SILENT
    return UnitState.LATE if age > limit else UnitState.FRESH


# ---- declared ----


def dues(rhythm: DeclaredRhythm, now: datetime, count: int = 4) -> list[datetime]:
    """Return the last `count` instants at which something was due, newest first."""
    day = now.astimezone(LOCAL).date()
    at = time.fromisoformat(rhythm.due)
    found: list[datetime] = []
    while len(found) < count:
        moment = datetime.combine(day, at, LOCAL)
        if moment <= now and _falls_on(rhythm, moment):
            found.append(moment)
        day -= timedelta(days=1)
    return found


def next_due(rhythm: DeclaredRhythm, after: datetime) -> datetime:
    """Return the first instant at or after `after` at which something is due."""
    day, at = after.astimezone(LOCAL).date(), time.fromisoformat(rhythm.due)
    while True:
        moment = datetime.combine(day, at, LOCAL)
        if moment >= after and _falls_on(rhythm, moment):
            return moment
        day += timedelta(days=1)


def _falls_on(rhythm: DeclaredRhythm, moment: datetime) -> bool:
    if rhythm.every == "weekly":
        return moment.isoweekday() == rhythm.weekday
    if rhythm.every == "monthly":
        last = (moment.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        return moment.day == min(rhythm.day, last.day)
    return True


def judge_declared(last: datetime | None, rhythm: DeclaredRhythm, now: datetime) -> UnitState:
    """Return the state: late after one due time without anything new, silent after two more."""
    if last is None:
        return UnitState.NEVER
    missed = sum(1 for _, before in pairwise(dues(rhythm, now)) if last <= before)
    if missed >= 3:
        return UnitState.SILENT
    return UnitState.LATE if missed else UnitState.FRESH
