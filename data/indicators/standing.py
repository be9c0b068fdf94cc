"""Bands and ranks of units from limits that hold for all of them at once. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from data.indicators.exact import Floats

MISS = 0.05
"""How often, at most, any two units of one table are told apart that are the same."""


class Standing(NamedTuple):
    """Where a unit stands, 1 the lowest value.

    band: 0 for one between bands. first, last: the ranks it may have.
    """

    band: int
    first: int
    last: int


def standings(
    num: Floats, n: Floats, interval: Callable[[Floats, Floats, float], tuple[Floats, Floats]]
) -> list[Standing]:
    """Return where each unit stands among all of them.

    A rank is as sure as a band: at least one more than the units surely below. Source: Klein,
    Wright and Wieczorek 2020, A joint confidence region for an overall ranking of populations.

    Args:
        num: (units,) of the numerator.
        n: (units,) above 0.
        interval: exact limits of num / n that miss so often; Šidák makes them hold at once.
    """
    if not len(n):
        return []
    low, high = interval(num, n, 1 - (1 - MISS) ** (1 / len(n)))
    below = np.searchsorted(np.sort(high), low, side="left")
    above = len(n) - np.searchsorted(np.sort(low), high, side="right")
    rows = zip(bands(low, high), below, above, strict=True)
    return [Standing(band, int(b) + 1, len(n) - int(a)) for band, b, a in rows]


def bands(low: Floats, high: Floats) -> list[int]:
    """Return each unit's band, 1 the lowest; 0 for one that is between bands.

    low, high: limits that hold for all units at once, so that every claim made of them holds. A
    cut parts units whose limits are wholly below from those wholly above, so any two of different
    bands are told apart. Units it goes through are in no band: a cut is made only where it leaves
    fewer so than it puts on either side.
    """
    cuts: list[float] = []
    parts = [np.arange(len(low))]
    while parts:
        units = parts.pop()
        cut = _cut(low[units], high[units])
        if cut is not None:
            cuts.append(cut)
            parts += [units[high[units] <= cut], units[low[units] > cut]]
    under = np.searchsorted(np.sort(cuts), low, side="left")
    over = np.searchsorted(np.sort(cuts), high, side="left")
    return [int(a) + 1 if a == b else 0 for a, b in zip(under, over, strict=True)]


def _cut(low: Floats, high: Floats) -> float | None:
    """Return the best place to part units, None if there is no good one."""
    if len(low) < 2:
        return None
    places = np.sort(high)
    below = np.searchsorted(places, places, side="right")
    above = len(low) - np.searchsorted(np.sort(low), places, side="right")
    gain = np.minimum(below, above) - (len(low) - below - above)
    best = int(gain.argmax())
    return float(places[best]) if gain[best] > 0 else None
