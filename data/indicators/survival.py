"""How long things take when some are not over yet: Kaplan-Meier, with open ones as censored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Survival:
    """Time to the end of a group.

    n: all; ended: of these; median, p90: seconds after which half and nine in ten are
    over; None when the curve does not come down that far yet. longest: the longest time
    looked at, so that one can say "more than".
    """

    n: int
    ended: int
    median: float | None
    p90: float | None
    longest: float


def survival(durations: Sequence[float], ended: Sequence[bool]) -> Survival:
    """Return the time to the end; what is still open counts for as long as it was seen.

    Args:
        durations: (n,) seconds from the start to the end, or to now for what is open.
        ended: (n,) whether it is over.

    Source: Kaplan and Meier 1958; quantile = the smallest time with S(t) ≤ 1 − q.
    """
    if not len(durations):
        return Survival(0, 0, None, None, 0.0)
    times = np.asarray(durations, dtype=float)
    over = np.asarray(ended, dtype=bool)
    moments, place = np.unique(times, return_inverse=True)
    ends = np.bincount(place, weights=over, minlength=len(moments))
    at_risk = len(times) - np.concatenate([[0], np.cumsum(np.bincount(place))[:-1]])
    left = np.cumprod(1 - ends / at_risk)
    return Survival(
        n=len(times),
        ended=int(over.sum()),
        median=_quantile(moments, left, 0.5),
        p90=_quantile(moments, left, 0.9),
        longest=float(times.max()),
    )


def _quantile(moments: np.ndarray, left: np.ndarray, share: float) -> float | None:
    below = np.flatnonzero(left <= 1 - share + 1e-12)
    return float(moments[below[0]]) if len(below) else None
