"""Centre and limits of a block of series, by kind of chart.

Each function takes points (series, weeks), which of them the limits stand on, and gives columns
(series, 1) where limits are straight or whole arrays where they follow the denominator.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from data.indicators.spc.arrays import (
    Bools,
    Floats,
    divide,
    mean,
    moves_of,
    moving_range,
    total,
)
from data.vocabulary.review_terms import ChartKind

MDC = 2.66
"""Making Data Count: limits are mean ± 2.66 · mean moving range."""
D2 = 1.128
"""Shewhart: a sigma is mean moving range ÷ 1.128, limits are three of them (2.659574…)."""
SCREEN = 3.267
"""A moving range not below so many mean moving ranges is no everyday range."""
T_POWER = 3.6
"""Times between rare events are like a normal variable after this root (Nelson 1994)."""
EPS = 1e-14
"""Rounding: nearer than this share of the numbers around it is equal."""


class Method(StrEnum):
    """How limits of an XmR chart are made."""

    MDC = "mdc"
    """NHS Making Data Count: 2.66 moving ranges, wild ranges screened once."""
    UNSCREENED = "unscreened"
    """The same, no range screened."""
    SHEWHART = "shewhart"
    """3 ÷ 1.128 moving ranges, no range screened, as the package qicharts2."""


@dataclass(frozen=True)
class Limits:
    """Limits of a block.

    judged: the points on the scale the limits are straight on; middle ± 3 sigma are the limits
    there; side: the line points are above or below of. centre, lower, upper: as they are drawn.
    """

    judged: Floats
    side: Floats
    middle: Floats
    sigma: Floats
    centre: Floats
    lower: Floats
    upper: Floats

    @property
    def tolerance(self) -> Floats:
        """How near to a line is on the line."""
        span = np.where(np.isfinite(self.sigma), self.sigma, 0.0)
        off: Floats = EPS * (np.abs(self.middle) + 3 * span)
        return off


def limits_of(
    kind: ChartKind, points: Floats, weights: Floats | None, base: Bools, method: Method
) -> Limits:
    """Return the limits of a block.

    Args:
        kind: of the chart.
        points: what is drawn, nan where missing.
        weights: denominators, nan where points are; only p, pprime and u look at them.
        base: points the limits stand on; none of them is missing.
        method: how a moving range becomes a limit, only of XmR charts.
    """
    if kind is ChartKind.XMR:
        centre, sigma = _xmr(points, base, method)
        return _plain(points, centre, sigma)
    if kind is ChartKind.T:
        return _t(points, base)
    if kind is ChartKind.G:
        return _g(points, base)
    if kind is ChartKind.C:
        centre = mean(points, base)
        return _plain(points, centre, np.sqrt(centre), floor=0.0)
    if weights is None:
        raise ValueError(f"a {kind} chart needs denominators")
    return _shares(kind, points, weights, base)


def _plain(
    points: Floats, centre: Floats, sigma: Floats, floor: float = -np.inf, roof: float = np.inf
) -> Limits:
    sigma = np.where(sigma > 0, sigma, np.nan)  # limits without width are no limits
    lower = np.maximum(centre - 3 * sigma, floor)
    upper = np.minimum(centre + 3 * sigma, roof)
    return Limits(points, centre, centre, sigma, centre, lower, upper)


def _xmr(points: Floats, base: Bools, method: Method) -> tuple[Floats, Floats]:
    """Return mean and sigma. Moving ranges are screened once, not until none is wild."""
    moves, both = moves_of(points, base)
    average = mean(moves, both)
    if method is Method.MDC:
        average = mean(moves, both & (moves < SCREEN * average))
    sigma = average / D2 if method is Method.SHEWHART else average * (MDC / 3)
    return mean(points, base), sigma


def _t(points: Floats, base: Bools) -> Limits:
    judged = points ** (1 / T_POWER)
    centre, sigma = _xmr(judged, base, Method.SHEWHART)
    flat = _plain(judged, centre, sigma)
    lower = np.maximum(flat.lower, 0.0) ** T_POWER
    return Limits(judged, centre, centre, flat.sigma, centre**T_POWER, lower, flat.upper**T_POWER)


def _g(points: Floats, base: Bools) -> Limits:
    """Return limits of chances between events: they are skewed, so the middle is the median."""
    average = mean(points, base)
    flat = _plain(points, average, np.sqrt(average * (average + 1)), floor=0.0)
    median = _median(points, base)
    return Limits(points, median, average, flat.sigma, median, flat.lower, flat.upper)


def _median(points: Floats, base: Bools) -> Floats:
    """Return the median of the used values of each row as a column."""
    ordered = np.sort(np.where(base, points, np.inf), axis=1)
    count = base.sum(axis=1, keepdims=True)
    low = np.take_along_axis(ordered, np.maximum(count - 1, 0) // 2, axis=1)
    high = np.take_along_axis(ordered, np.minimum(count // 2, points.shape[1] - 1), axis=1)
    return np.where(count > 0, (low + high) / 2, np.nan)


def _shares(kind: ChartKind, points: Floats, weights: Floats, base: Bools) -> Limits:
    """Return limits of shares (p, pprime) or rates (u): each point by its own denominator."""
    centre = divide(total(points * weights, base), total(weights, base))
    spread = centre if kind is ChartKind.U else centre * np.maximum(1 - centre, 0.0)
    sigma = np.sqrt(divide(spread, weights))
    if kind is ChartKind.PPRIME:
        z = divide(points - centre, sigma)
        sigma = sigma * (moving_range(z, base) / D2)
    return _plain(points, centre, sigma, 0.0, np.inf if kind is ChartKind.U else 1.0)
