"""Weekly and daily counts of one indicator in one area, and the value they make."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from data.catalogue.entries import Indicator
from data.indicators.value import value_of
from data.vocabulary import Aggregation

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Pair = tuple[str, str]
"""indicator code, area code"""
Counted = tuple[float, float | None, float | None]
"""numerator, denominator, newest value of a gauge; of one bucket"""


@dataclass(frozen=True)
class Series:
    """Weeks of one indicator in one area, the oldest first; all arrays (weeks,).

    num, den, last: nan where nothing was told. hidden: may not be shown, and is nan.
    """

    code: str
    area: str
    num: Floats
    den: Floats
    last: Floats
    hidden: Bools

    def counted(self, place: int) -> Counted | None:
        """Return what a week counts, None where nothing was told or it may not be shown."""
        if np.isnan(self.num[place]):
            return None
        den, last = float(self.den[place]), float(self.last[place])
        return (
            float(self.num[place]),
            None if np.isnan(den) else den,
            None if np.isnan(last) else last,
        )

    @property
    def began(self) -> int:
        """Place of the first week that was told: limits are counted from there."""
        there = np.flatnonzero(~np.isnan(self.num))
        return int(there[0]) if len(there) else 0

    @property
    def told(self) -> bool:
        """Whether any week was told, shown or not."""
        return bool(self.hidden.any() or (~np.isnan(self.num)).any())


def shown(indicator: Indicator, counted: Counted | None) -> float | None:
    """Return a bucket's value in shown units; of a gauge the newest it told."""
    if counted is None:
        return None
    num, den, last = counted
    if indicator.aggregation is Aggregation.LAST:
        return None if last is None else last * indicator.factor
    return value_of((num, den), indicator.aggregation, indicator.factor)


def together(days: Iterable[tuple[date, Counted]]) -> Counted | None:
    """Return several days as one: sums of both, of a gauge the newest; None of no days."""
    parts = sorted(days)
    if not parts:
        return None
    dens = [den for _, (_, den, _) in parts if den is not None]
    lasts = [last for _, (_, _, last) in parts if last is not None]
    num = sum(counted[0] for _, counted in parts)
    return num, (sum(dens) if dens else None), (lasts[-1] if lasts else None)


def n_of(indicator: Indicator, counted: Counted) -> float | None:
    """Return the n that stands beside a value: what it is a share of; a total has none."""
    return counted[1] if indicator.denominator is not None else None
