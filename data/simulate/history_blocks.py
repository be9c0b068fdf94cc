"""How history is cut: contiguous periods, and one block of values per indicator and grain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from data.catalogue import catalogue
from data.catalogue.addresses import simulated
from data.catalogue.entries import Indicator
from data.simulate.places import areas
from data.simulate.rhythm import DAY_S, midnight
from data.vocabulary import Grain

HOUR_S = 3600


@dataclass(frozen=True)
class HistoryBlock:
    """Values of one indicator at one grain; all arrays have one place a value.

    area: area codes. period_start: epoch seconds, int64. denominator: None for
    plain totals. Values that a source did not give are left out.
    """

    indicator: str
    grain: Grain
    area: np.ndarray
    period_start: np.ndarray
    numerator: np.ndarray
    denominator: np.ndarray | None


@dataclass(frozen=True)
class Periods:
    """Periods without gaps, of whole local days or of hours. edges has one more."""

    grain: Grain
    first_day: int
    edges: np.ndarray

    @property
    def starts(self) -> np.ndarray:
        """Return when each begins, epoch seconds."""
        return np.asarray(self.edges[:-1])

    @property
    def ends(self) -> np.ndarray:
        """Return the last second of each."""
        return np.asarray(self.edges[1:] - 1)

    @property
    def days(self) -> range:
        """Return the local days they lie in, the last one perhaps in part."""
        last = int((self.edges[-1] - 1 - midnight(self.first_day)) // DAY_S)
        return range(self.first_day, self.first_day + last + 1) if len(self.starts) else range(0)

    def cut(self, hourly: np.ndarray, how: str) -> np.ndarray:
        """Return (areas, periods) of values by (days, 24, areas): sum or last of each period."""
        if self.grain is Grain.HOUR:
            flat = hourly.reshape(-1, hourly.shape[2])[: len(self.starts)]
            return np.asarray(flat.T)
        return np.asarray((hourly.sum(axis=1) if how == "sum" else hourly[:, -1]).T)


def day_periods(first: int, end: int) -> Periods:
    """Return the local days from `first` up to and without `end` (ordinals)."""
    return Periods(Grain.DAY, first, midnight(first) + DAY_S * np.arange(end - first + 1))


def hour_periods(first: int, until: int) -> Periods:
    """Return the whole hours from the local day `first` up to the epoch second `until`."""
    return Periods(
        Grain.HOUR, first, np.arange(midnight(first), until // HOUR_S * HOUR_S + 1, HOUR_S)
    )


def of_kind(kind: str) -> list[Indicator]:
    """Return the indicators fed in one way."""
    known = catalogue()
    told = [i for i in known.indicators.values() if simulated(known.sources[i.source])]
    return [i for i in told if i.feed.kind == kind]


def codes_of(indicator: Indicator) -> list[str]:
    """Return the areas an indicator is given for: the city too when it does not roll up."""
    own = [] if indicator.rolls_up else [catalogue().city.code]
    return [a.code for a in areas()] + own


def block(
    indicator: Indicator, periods: Periods, numerator: np.ndarray, denominator: Any = None
) -> HistoryBlock:
    """Return values given by (areas, periods) as a block; what is not finite is left out."""
    codes = np.array(codes_of(indicator))
    many = len(periods.starts)
    wanted = np.isfinite(numerator)
    below = None
    if denominator is not None:
        below = np.asarray(denominator, dtype=float)
        wanted = wanted & np.isfinite(below) & (below > 0)
        below = below[wanted]
    return HistoryBlock(
        indicator=indicator.code,
        grain=periods.grain,
        area=np.repeat(codes, many).reshape(len(codes), many)[wanted],
        period_start=np.broadcast_to(periods.starts, (len(codes), many))[wanted],
        numerator=np.asarray(numerator, dtype=float)[wanted],
        denominator=below,
    )


Blocks = Iterator[HistoryBlock]
