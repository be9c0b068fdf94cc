"""Past values of the indicators that count requests, from the same life cycles as the feeds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.catalogue.entries import Indicator
from data.simulate.history_blocks import Blocks, Periods, block, of_kind
from data.simulate.kinds import kinds
from data.simulate.places import PER_AREA, areas
from data.simulate.requests import LOOKBACK, Batch, day_batch, draw_day

_KEPT_DAYS = 62


@dataclass(frozen=True)
class Past:
    """What counting needs of every request, column by column."""

    kind: np.ndarray
    area: np.ndarray
    created: np.ndarray
    closed: np.ndarray
    due: np.ndarray

    def only(self, wanted: np.ndarray) -> Past:
        """Return the requests wanted."""
        return Past(
            self.kind[wanted], self.area[wanted], self.created[wanted],
            self.closed[wanted], self.due[wanted],
        )  # fmt: skip


def past(seed: int, first: int, last: int) -> Past:
    """Return every request that matters for the local days `first` to `last`."""
    days = range(first - LOOKBACK, last + 1)
    found = [_day(seed, day, last) for day in days]
    return Past(
        np.concatenate([b.kind for b in found]),
        np.concatenate([b.spot for b in found]) // PER_AREA,
        np.concatenate([b.created for b in found]),
        np.concatenate([b.closed for b in found]),
        np.concatenate([b.due for b in found]),
    )


def _day(seed: int, day: int, last: int) -> Batch:
    return day_batch(seed, day) if day > last - _KEPT_DAYS else draw_day(seed, day)


def case_blocks(found: Past, periods: Periods) -> Blocks:
    """Yield the block of every indicator fed by cases."""
    for indicator in of_kind("cases"):
        counts = counted(indicator, found, periods)
        yield block(indicator, periods, *counts)


def counted(
    indicator: Indicator, found: Past, periods: Periods
) -> tuple[np.ndarray] | tuple[np.ndarray, np.ndarray]:
    """Return (numerator,) or (numerator, denominator), each by (areas, periods)."""
    feed = indicator.feed
    mine = found.only(_among(found, feed.categories))
    measure = feed.measure
    if measure == "received":
        return (_in(periods, mine.area, mine.created),)
    if measure == "closed":
        return (_in(periods, mine.area, mine.closed),)
    if measure == "open":
        opened = _by(periods, mine.area, mine.created)
        return (opened - _by(periods, mine.area, mine.closed),)
    if measure == "overdue":
        late = mine.only(mine.closed > mine.due)
        return (_by(periods, late.area, late.due + 1) - _by(periods, late.area, late.closed),)
    if measure == "due_on_time":
        kept = mine.only(mine.closed <= mine.due)
        return _in(periods, kept.area, kept.due), _in(periods, mine.area, mine.due)
    if measure == "handling_hours":
        hours = (mine.closed - mine.created) / 3600
        return _in(periods, mine.area, mine.closed, hours), _in(periods, mine.area, mine.closed)
    if measure == "share":
        whole = found.only(_among(found, feed.of))
        return _in(periods, mine.area, mine.created), _in(periods, whole.area, whole.created)
    raise ValueError(f"{indicator.code}: cannot simulate the measure {measure!r}")


def _among(found: Past, categories: tuple[str, ...]) -> np.ndarray:
    numbers = [n for n, kind in enumerate(kinds()) if kind.category in categories]
    return np.isin(found.kind, numbers)


def _in(
    periods: Periods, area: np.ndarray, when: np.ndarray, weight: np.ndarray | None = None
) -> np.ndarray:
    """Return how many (or how much) fell into each period, by (areas, periods)."""
    many = len(periods.starts)
    place = np.searchsorted(periods.edges, when, side="right") - 1
    inside = (place >= 0) & (place < many)
    flat = area[inside] * many + place[inside]
    part = None if weight is None else weight[inside]
    counts = np.bincount(flat, weights=part, minlength=len(areas()) * many)
    return np.asarray(counts.reshape(len(areas()), many), dtype=float)


def _by(periods: Periods, area: np.ndarray, when: np.ndarray) -> np.ndarray:
    """Return how many had happened by the end of each period, by (areas, periods)."""
    many = len(periods.starts)
    place = np.searchsorted(periods.ends, when, side="left")
    flat = area * (many + 1) + place
    counts = np.bincount(flat, minlength=len(areas()) * (many + 1))
    steps = counts.reshape(len(areas()), many + 1)[:, :many]
    return np.asarray(steps.cumsum(axis=1), dtype=float)
