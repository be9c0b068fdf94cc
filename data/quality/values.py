"""Can this be? Declared ranges, jumps against the normal band. Over one value or an array."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.catalogue.entries import Indicator
from data.indicators.band import Band
from data.vocabulary import Aggregation, Grain

Floats = NDArray[np.float64]

JUMP_SIGMAS = 8.0
"""Sigmas from the centre of the normal band: where the wall turns orange, far past any noise."""

SECONDS = {
    Grain.MINUTE: 60,
    Grain.HOUR: 3600,
    Grain.DAY: 86400,
    Grain.WEEK: 604800,
    Grain.MONTH: 2678400,
}


def shown(indicator: Indicator, num: Any, den: Any) -> Floats:
    """Return the values in shown units; NaN where there is none (0 over 0)."""
    top = np.asarray(num, dtype=float)
    if indicator.aggregation not in (Aggregation.RATIO, Aggregation.MEAN):
        return top * indicator.factor
    bottom = np.asarray(den, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(bottom == 0, np.nan, top / bottom * indicator.factor)
    return np.asarray(value, dtype=float)


def limits(indicator: Indicator, grain: Grain) -> tuple[float, float] | None:
    """Return the declared range of a value of `grain`, None if none is declared.

    The range of a sum is declared for the indicator's own period; a longer
    period may hold as many times more.
    """
    declared = indicator.plausible
    if declared is None:
        return None
    low = -np.inf if declared.low is None else declared.low
    high = np.inf if declared.high is None else declared.high
    if indicator.aggregation is Aggregation.SUM:
        times = max(1.0, SECONDS[grain] / SECONDS[indicator.grain])
        low, high = min(low, low * times), max(high, high * times)
    return low, high


def out_of_range(indicator: Indicator, grain: Grain, num: Any, den: Any) -> NDArray[np.bool_]:
    """Return which values lie outside the declared range. No value is never outside."""
    value, range_ = shown(indicator, num, den), limits(indicator, grain)
    if range_ is None:
        return np.zeros(value.shape, dtype=bool)
    # written so that NaN compares as inside
    return np.asarray((value < range_[0]) | (value > range_[1]), dtype=bool)


def value_out_of_range(indicator: Indicator, grain: Grain, num: float, den: float | None) -> bool:
    """Return the same for one value, without the cost of an array."""
    range_ = limits(indicator, grain)
    if range_ is None:
        return False
    if indicator.aggregation in (Aggregation.RATIO, Aggregation.MEAN):
        if not den:
            return False
        num = num / den
    return not range_[0] <= num * indicator.factor <= range_[1]


def range_words(indicator: Indicator, grain: Grain) -> str:
    """Return the declared range for a person: `0..100 %`."""
    range_ = limits(indicator, grain)
    if range_ is None:
        return ""
    low, high = ("" if not np.isfinite(x) else f"{x:g}" for x in range_)
    return f"{low}..{high} {indicator.unit['en']}"


def jump(value: float | None, band: Band | None) -> float | None:
    """Return how many sigmas a value lies from its aligned baseline, None when that is usual.

    A floor under sigma (5 % of the centre) keeps a very even series from
    calling each ripple a jump.
    """
    if value is None or band is None:
        return None
    sigma = max(band.sigma, abs(band.centre) * 0.05, 1e-9)
    distance = (value - band.centre) / sigma
    return distance if abs(distance) >= JUMP_SIGMAS else None
