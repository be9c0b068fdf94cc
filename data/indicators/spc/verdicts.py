"""What became of an indicator after a promise. It says what followed, never what caused it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from data.indicators.spc.arrays import Floats
from data.indicators.spc.given import given
from data.indicators.spc.limits import Limits, Method, limits_of
from data.indicators.spc.rules import marks_of
from data.vocabulary import Direction
from data.vocabulary.review import MIN_POINTS, ChartKind, Doubt, Verdict

MIN_AFTER = 4
"""Fewer weeks after a promise say nothing yet."""
Told = tuple[Verdict, Doubt | None, float | None, float | None, int]


def verdict(
    values: ArrayLike,
    at: int,
    *,
    expected: Direction | str,
    kind: ChartKind = ChartKind.XMR,
    denominators: ArrayLike | None = None,
    breaks: Sequence[int] = (),
    baseline: int | None = None,
    scale: float = 1.0,
    min_points: int = MIN_POINTS,
    min_after: int = MIN_AFTER,
) -> Told:
    """Return (verdict, doubt, before, after, weeks after) of a promise.

    Limits stand on the weeks of the same definition before `at`; rules look only at the weeks
    from `at` on, so that a run that had begun before is no effect. It improved when the newest
    signal goes the wanted way and the weeks together lie on that side of the centre before.

    Args:
        values: (weeks,), the newest last; numerators where there are denominators.
        at: place of the first week after the promise.
        expected: higher or lower, the way that was promised.
        kind: of the chart.
        denominators: (weeks,) for p, pprime and u.
        breaks: weeks where another definition begins; one after `at` ends the comparison.
        baseline: limits stand on the first so many weeks of the definition; None: on all before.
        scale: shown value of a quotient of 1.
        min_points: fewer weeks before give no limits.
        min_after: fewer weeks after say nothing yet.
    """
    told = given(values, denominators, kind)
    weeks = told.points.shape[1]
    if not 0 <= at <= weeks:
        raise ValueError(f"week {at} is not among {weeks}")
    start = max((b for b in breaks if 0 < b <= at), default=0)
    stop = min((b for b in breaks if at < b < weeks), default=weeks)
    points = told.points[:, start:stop]
    weights = None if told.weights is None else told.weights[:, start:stop]
    here = at - start
    base = ~np.isnan(points)
    base[:, here:] = False
    if baseline is not None:
        base[:, baseline:] = False
    many = int(base.sum())
    cut = stop < weeks
    before = _mean(points[:, :here], weights, slice(0, here))
    after = _mean(points[:, here:], weights, slice(here, None))
    shown = (_shown(before, scale), _shown(after, scale), int((~np.isnan(points[:, here:])).sum()))
    if weeks - at < min_after:
        return Verdict.TOO_EARLY, None, *shown
    if many < min_points:
        none = not np.isfinite(told.points[:, :at]).any()
        doubt = Doubt.NO_DATA if none else Doubt.BREAK if start else Doubt.TOO_FEW
        return Verdict.UNKNOWN, doubt, *shown
    if shown[2] < min_after:
        return Verdict.UNKNOWN, _why_few(cut, shown[2]), *shown
    limits = limits_of(kind, points, weights, base, Method.MDC)
    if np.isnan(limits.sigma).all():
        return Verdict.UNKNOWN, Doubt.ALL_EQUAL, *shown
    return _judged(_from(limits, here), Direction(expected)), None, *shown


def _why_few(cut: bool, there: int) -> Doubt:
    """Return why too few of the weeks after can be used though they are over."""
    if cut:
        return Doubt.BREAK
    return Doubt.GAP if there else Doubt.NO_DATA


def _mean(points: Floats, weights: Floats | None, weeks: slice) -> float | None:
    """Return the mean of some weeks: Σ numerator ÷ Σ denominator where there are denominators."""
    there = ~np.isnan(points)
    if not there.any():
        return None
    if weights is None:
        return float(points[there].mean())
    below = weights[:, weeks][there]
    return float((points[there] * below).sum() / below.sum())


def _shown(value: float | None, scale: float) -> float | None:
    return None if value is None else value * scale


def _from(limits: Limits, here: int) -> Limits:
    """Return the same limits over the weeks after only."""

    def cut(x: Floats) -> Floats:
        return x if x.shape[1] == 1 and limits.judged.shape[1] > 1 else x[:, here:]

    return Limits(
        limits.judged[:, here:],
        *(cut(x) for x in (limits.side, limits.middle, limits.sigma)),
        *(cut(x) for x in (limits.centre, limits.lower, limits.upper)),
    )


def _judged(after: Limits, wanted: Direction) -> Verdict:
    """Return the verdict of weeks after a promise, by the newest signal and their middle."""
    toward = marks_of(after).toward[0]
    found = np.flatnonzero(toward)
    if not len(found):
        return Verdict.NO_SIGN
    way = int(toward[found[-1]])
    there = after.judged[~np.isnan(after.judged)]
    if (float(there.mean()) - float(after.side[0, 0])) * way <= 0:
        return Verdict.NO_SIGN
    good = 1 if wanted is Direction.HIGHER else -1
    return Verdict.IMPROVED if way == good else Verdict.WORSE
