"""What the made-up city's sources sent in the weeks before: mostly whole, with its weak spots.

Twelve weeks by day and two days by hour, for every source and every county
that reports to it. One county has a weak source, one source was out for a
while some weeks ago, here and there an hour came in part. No person and no
real event stands behind any of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from data.catalogue import Catalogue
from data.catalogue.entries import Indicator, Source
from data.quality.figures import expected_in_hour
from data.simulate.randomness import generator
from data.vocabulary import LOCAL, Aggregation, Grain

DAYS, HOURLY_DAYS = 84, 2
"""Local days before today in all, and how many of them also stand by the hour."""
WEAK, WEAK_AREA, WEAK_DAYS, WEAK_SHARE = "health_capacity", "441623", 12, 0.78
"""One county of one source has been sending too little for so many days."""
FLAWED = 0.3
"""Share of the hours in which a source lacked something."""
OUT, OUT_AGO, OUT_HOURS = "bus_vehicles", 37, 52
"""One source sent nothing for so many hours, so many days ago."""
WHOLE = ""
"""The area of a row that counts a source as a whole."""


SELDOM = -1.0


@dataclass(frozen=True)
class Pace:
    """How often something new came in an hour, of the source and of each county; rows read.

    SELDOM: every one to five hours. 0: nobody can tell a rhythm from it.
    """

    news: float
    county_news: float
    read: int


PACES = {
    "warnings": Pace(0.0, 0.0, 2),
    "bus_static": Pace(0.0, 0.0, 1),
    "bus_vehicles": Pace(118.0, 118.0, 2400),
    "bus_trips": Pace(118.0, 118.0, 2400),
    "bus_alerts": Pace(SELDOM, SELDOM, 60),
    "health_sites": Pace(0.0, 0.0, 28),
    "health_capacity": Pace(20.0, 20.0, 18000),
    "yuepingan": Pace(12.0, SELDOM, 2600),
    "hotline": Pace(12.0, SELDOM, 5600),
    "approvals": Pace(0.0, 0.0, 240),
}
"""Slower than the live city, so that what is learned from it calls nothing of today late."""
OTHER = Pace(0.0, 0.0, 240)

Row = dict[str, Any]
"""A row of reception without ids: grain, source, area, bucket (epoch seconds) and the counts."""


def receptions(seed: int, catalogue: Catalogue, *, now: datetime) -> Iterator[Row]:
    """Yield the rows of every source that is not waiting, up to `now`.

    Periods are counted up to the hour that holds `now`; what that hour brings
    anew is told, so that nothing looks as if it had stopped. first_at, last_at:
    epoch seconds, None where nothing new came. grain 3 are local days (today's
    as far as it has come), grain 2 hours.
    """
    midnight = now.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    start = int((midnight - timedelta(days=DAYS)).timestamp())
    end = int(now.replace(minute=0, second=0, microsecond=0).timestamp())
    hours = Hours(np.arange(start, end + 1, 3600), int(now.timestamp()))
    for source in catalogue.sources.values():
        if source.waits:
            continue
        pace = PACES.get(source.key, OTHER)
        asked = expected_by_area(catalogue, source)
        counts = {area: _county(seed, source, area, n, hours, pace) for area, n in asked.items()}
        counts[WHOLE] = _whole(seed, source, counts, hours, pace)
        for area, found in counts.items():
            yield from _rows(source.key, area, hours, found)


@dataclass(frozen=True)
class Hours:
    """The starts of all hours, the last one still running, and the present; epoch seconds."""

    starts: np.ndarray
    now: int

    def whole(self, values: np.ndarray) -> np.ndarray:
        """Return counts of periods without those of the hour that is not over."""
        return np.where(self.starts + 3600 <= self.now, values, 0)

    def news(self, rng: np.random.Generator, pace: float) -> np.ndarray:
        """Return how often something new came in each hour."""
        size = len(self.starts)
        if pace == SELDOM:
            back = np.cumsum(rng.integers(1, 6, size))
            found = np.zeros(size, dtype=np.int64)
            found[size - 1 - back[back < size]] = 1
            found[-2] = 1
            return found
        drawn = rng.poisson(pace, size) if pace else np.zeros(size, dtype=np.int64)
        drawn[-1] = pace * (self.now - self.starts[-1]) // 3600
        return drawn


def expected_by_area(catalogue: Catalogue, source: Source) -> dict[str, int]:
    """Return how many periods an hour each county owes a source."""
    counties, city = [a.code for a in catalogue.counties()], catalogue.city.code
    found: dict[str, int] = {}
    for indicator in catalogue.of_source(source.key):
        a_period = expected_in_hour(_grain(indicator), source.every)
        for area in counties if indicator.rolls_up else [*counties, city]:
            found[area] = found.get(area, 0) + a_period
    return found


def _grain(indicator: Indicator) -> Grain:
    """Return whether the live feed tells an indicator by the minute or by the hour."""
    gauge = indicator.feed.kind == "cases" and indicator.aggregation is Aggregation.LAST
    minute = gauge or indicator.feed.kind in ("transit", "alerts")
    return Grain.MINUTE if minute else Grain.HOUR


Counts = dict[str, np.ndarray]


def _county(seed: int, source: Source, area: str, asked: int, hours: Hours, pace: Pace) -> Counts:
    """Return the counts of one county by hour."""
    rng = generator(seed, "reception", source.key, area)
    size = len(hours.starts)
    flawed = generator(seed, "reception", source.key, "hours").random(size) < FLAWED
    share = np.where(flawed, rng.uniform(0.9, 1.0, size), 1.0)
    if (source.key, area) == (WEAK, WEAK_AREA):
        share[-24 * WEAK_DAYS :] = rng.uniform(WEAK_SHARE - 0.06, WEAK_SHARE + 0.06, size)[
            -24 * WEAK_DAYS :
        ]
    out = is_out(source.key, hours.starts)
    expected = hours.whole(np.full(size, asked))
    received = hours.whole(np.where(out, 0, rng.binomial(asked, share)))
    timely = rng.binomial(received, rng.uniform(0.97, 1.0, size))
    runs = np.where(out, 0, hours.news(rng, pace.county_news))
    nothing = np.zeros(size, dtype=np.int64)
    return {"expected": expected, "received": received, "due": received, "timely": timely,
            "read": nothing, "runs": runs}  # fmt: skip


def _whole(
    seed: int, source: Source, counties: dict[str, Counts], hours: Hours, pace: Pace
) -> Counts:
    """Return the counts of a source: periods are the sum of its counties, rows its own."""
    rng = generator(seed, "reception", source.key)
    size = len(hours.starts)
    nothing, out = np.zeros(size, dtype=np.int64), is_out(source.key, hours.starts)
    summed = {
        name: sum((c[name] for c in counties.values()), nothing)
        for name in ("expected", "received", "due", "timely")
    }
    runs = np.where(out, 0, hours.news(rng, pace.news))
    read = hours.whole(np.where(out, 0, rng.poisson(pace.read, size)))
    return {**summed, "read": read, "runs": runs}


def is_out(source: str, hours: np.ndarray) -> np.ndarray:
    """Return in which hours a source sent nothing at all."""
    if source != OUT:
        return np.zeros(len(hours), dtype=bool)
    begun = hours[0] + (DAYS - OUT_AGO) * 86400 + 9 * 3600
    return np.asarray((hours >= begun) & (hours < begun + OUT_HOURS * 3600))


def _rows(source: str, area: str, told: Hours, counts: Counts) -> Iterator[Row]:
    """Yield the days, then the hours of the last days."""
    hours = told.starts
    first, last = _instants(told, counts["runs"])
    days = np.arange(0, len(hours), 24)
    sums = {name: np.add.reduceat(values, days).tolist() for name, values in counts.items()}
    for n, at in enumerate(days.tolist()):
        part = slice(at, at + 24)
        yield {
            "grain": int(Grain.DAY), "source": source, "area": area, "bucket": int(hours[at]),
            "first_at": next((t for t in first[part] if t), None),
            "last_at": next((t for t in reversed(last[part]) if t), None),
            **{name: values[n] for name, values in sums.items()},
        }  # fmt: skip
    lists = {name: values.tolist() for name, values in counts.items()}
    for at in range(24 * (DAYS - HOURLY_DAYS), len(hours)):
        yield {
            "grain": int(Grain.HOUR), "source": source, "area": area, "bucket": int(hours[at]),
            "first_at": first[at], "last_at": last[at],
            **{name: values[at] for name, values in lists.items()},
        }  # fmt: skip


def _instants(hours: Hours, runs: np.ndarray) -> tuple[list[int | None], list[int | None]]:
    """Return when the first and the last new content of each hour came: evenly spread."""
    ends = np.minimum(hours.starts + 3600, hours.now)
    step = (ends - hours.starts) // np.maximum(runs, 1)
    first = (hours.starts + step // 2).tolist()
    last = (hours.starts + step // 2 + step * np.maximum(runs - 1, 0)).tolist()
    some = (runs > 0).tolist()
    return (
        [t if s else None for t, s in zip(first, some, strict=True)],
        [t if s else None for t, s in zip(last, some, strict=True)],
    )
