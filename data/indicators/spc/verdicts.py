"""What became of an indicator after a promise. It says what followed, never what caused it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from data.indicators.spc.arrays import Floats
from data.indicators.spc.given import given
from data.indicators.spc.limits import Limits, Method, limits_of
from data.indicators.spc.pieces import Plan, base_of
from data.indicators.spc.rules import marks_of
from data.vocabulary import Direction
from data.vocabulary.review import MIN_POINTS, ChartKind, Doubt, Verdict

MIN_AFTER = 4
"""Fewer weeks after a promise say nothing yet."""
SURE = 1.645
"""Standard errors that the mean of stable weeks lies off, one way, once in twenty times."""
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
    signal goes the wanted way and the mean of the weeks lies farther that way than chance takes it.

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
    base = base_of(points, Plan(kind, Method.MDC, baseline, min_points))
    base[:, here:] = False
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
    return _judged(_from(limits, here), many, Direction(expected)), None, *shown


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


def _judged(after: Limits, before: int, wanted: Direction) -> Verdict:
    """Return the verdict of weeks after a promise, by the newest signal and their mean.

    before: how many weeks the limits stand on.
    """
    toward = marks_of(after).toward[0]
    found = np.flatnonzero(toward)
    if not len(found):
        return Verdict.NO_SIGN
    way = int(toward[found[-1]])
    if _off(after, before) * way < SURE:
        return Verdict.NO_SIGN
    good = 1 if wanted is Direction.HIGHER else -1
    return Verdict.IMPROVED if way == good else Verdict.WORSE


def _off(after: Limits, before: int) -> float:
    """Return how many standard errors the mean of the weeks after lies off the mean before."""
    there = ~np.isnan(after.judged[0])
    sigma = np.broadcast_to(after.sigma, after.judged.shape)[0]
    middle = np.broadcast_to(after.middle, after.judged.shape)[0]
    error = math.sqrt(float(np.mean(sigma[there] ** 2)) * (1 / before + 1 / int(there.sum())))
    return float((after.judged[0] - middle)[there].mean()) / error
