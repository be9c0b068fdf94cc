"""What became of an indicator after a promise. It says what followed, never what caused it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from data.indicators.spc.arrays import Bools, Floats
from data.indicators.spc.given import Given, given
from data.indicators.spc.limits import Limits, Method, limits_of
from data.indicators.spc.pieces import Plan, base_of
from data.indicators.spc.rules import marks_of
from data.vocabulary import Direction
from data.vocabulary.review_terms import MIN_POINTS, ChartKind, Doubt, Verdict

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
    plan = Plan(kind, Method.MDC, baseline, min_points)
    weeks = _around(given(values, denominators, kind), at, breaks, plan)
    here, told = weeks.here, int((~np.isnan(weeks.points[:, weeks.here :])).sum())
    before = _mean(weeks, slice(0, here), scale)
    after = _mean(weeks, slice(here, None), scale)
    found, doubt = _concluded(weeks, told, min_after, plan, expected)
    return found, doubt, before, after, told


@dataclass(frozen=True)
class _Around:
    """Weeks (1, weeks) of one definition around a promise.

    here: place of the first week after it. base: weeks the limits stand on. begun, cut: whether
    another definition was before, or comes after. empty: no value before the promise at all. over:
    weeks after it, of any definition.
    """

    points: Floats
    weights: Floats | None
    here: int
    base: Bools
    begun: bool
    cut: bool
    empty: bool
    over: int


def _around(told: Given, at: int, breaks: Sequence[int], plan: Plan) -> _Around:
    weeks = told.points.shape[1]
    if not 0 <= at <= weeks:
        raise ValueError(f"week {at} is not among {weeks}")
    start = max((b for b in breaks if 0 < b <= at), default=0)
    stop = min((b for b in breaks if at < b < weeks), default=weeks)
    points = told.points[:, start:stop]
    base = base_of(points, plan)
    base[:, at - start :] = False
    return _Around(
        points=points,
        weights=None if told.weights is None else told.weights[:, start:stop],
        here=at - start,
        base=base,
        begun=start > 0,
        cut=stop < weeks,
        empty=bool(np.isnan(told.points[:, :at]).all()),
        over=weeks - at,
    )


def _doubt(weeks: _Around, told: int, min_points: int, min_after: int) -> Doubt | None:
    """Return why nothing can be said: too little before, or too little of what came after."""
    if weeks.empty:
        return Doubt.NO_DATA
    if weeks.base.sum() < min_points:
        return Doubt.BREAK if weeks.begun else Doubt.TOO_FEW
    if told >= min_after:
        return None
    if weeks.cut:
        return Doubt.BREAK
    return Doubt.GAP if told else Doubt.NO_DATA


def _mean(weeks: _Around, part: slice, scale: float) -> float | None:
    """Return the mean of some weeks: Σ numerator ÷ Σ denominator where there are denominators."""
    points = weeks.points[:, part]
    there = ~np.isnan(points)
    if not there.any():
        return None
    if weeks.weights is None:
        return float(points[there].mean()) * scale
    below = weeks.weights[:, part][there]
    return float((points[there] * below).sum() / below.sum()) * scale


def _from(limits: Limits, here: int) -> Limits:
    """Return the same limits over the weeks after only."""

    def cut(x: Floats) -> Floats:
        return x if x.shape[1] == 1 and limits.judged.shape[1] > 1 else x[:, here:]

    return Limits(
        limits.judged[:, here:],
        *(cut(x) for x in (limits.side, limits.middle, limits.sigma)),
        *(cut(x) for x in (limits.centre, limits.lower, limits.upper)),
    )


def _concluded(
    weeks: _Around, told: int, min_after: int, plan: Plan, wanted: Direction | str
) -> tuple[Verdict, Doubt | None]:
    """Return the verdict by the limits of the weeks before, or why there is none."""
    if weeks.over < min_after:
        return Verdict.TOO_EARLY, None
    doubt = _doubt(weeks, told, plan.min_points, min_after)
    if doubt is not None:
        return Verdict.UNKNOWN, doubt
    limits = limits_of(plan.kind, weeks.points, weeks.weights, weeks.base, plan.method)
    if np.isnan(limits.sigma).all():
        return Verdict.UNKNOWN, Doubt.ALL_EQUAL
    return _judged(_from(limits, weeks.here), int(weeks.base.sum()), Direction(wanted)), None


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
