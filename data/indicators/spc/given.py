"""What a chart is drawn from: which values are possible, and which are none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from data.indicators.spc.arrays import Bools, Floats, divide
from data.vocabulary.review_terms import ChartKind

DIVIDED = frozenset({ChartKind.P, ChartKind.PPRIME, ChartKind.U})
"""Charts of a numerator over a denominator."""
_COUNTS = frozenset({ChartKind.C, ChartKind.G, ChartKind.U, ChartKind.P, ChartKind.PPRIME})

HUGE = 1e100
"""What is larger is a slip, and its square has no number."""


@dataclass(frozen=True)
class Given:
    """Points (series, weeks) to draw, nan where there is none, and their denominators.

    refused: what cannot be, such as a part that is more than its whole; it is left out. empty:
    a denominator of nought.
    """

    points: Floats
    weights: Floats | None
    refused: Bools
    empty: Bools


def given(values: ArrayLike, denominators: ArrayLike | None, kind: ChartKind) -> Given:
    """Return the points of a block; raise ValueError where shapes or columns do not fit."""
    raw = np.atleast_2d(np.asarray(values, np.float64))
    if raw.ndim != 2:
        raise ValueError("values are one series, or (series, weeks)")
    if denominators is None:
        if kind in DIVIDED:
            raise ValueError(f"a {kind} chart needs denominators")
        refused = impossible(raw, None, kind)
        return Given(np.where(refused, np.nan, raw), None, refused, np.zeros(raw.shape, bool))
    den = np.atleast_2d(np.asarray(denominators, np.float64))
    if den.shape != raw.shape:
        raise ValueError("there is not one denominator to each value")
    refused = impossible(raw, den, kind)
    empty = ~refused & (den == 0)
    points = divide(np.where(refused, np.nan, raw), den)
    return Given(points, np.where(np.isnan(points), np.nan, den), refused, empty)


def impossible(values: Floats, denominators: Floats | None, kind: ChartKind) -> Bools:
    """Return which values cannot be: counts below nought, parts above their whole, no end."""
    bad: Bools = np.abs(values) > HUGE
    if kind in _COUNTS:
        bad |= values < 0
    if kind is ChartKind.T:
        bad |= values <= 0
    if denominators is not None:
        bad |= (denominators > HUGE) | (denominators < 0)
        if kind in (ChartKind.P, ChartKind.PPRIME):
            bad |= values > denominators
    return bad
