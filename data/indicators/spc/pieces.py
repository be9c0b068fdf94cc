"""One segment of a block of series: limits, marks and what weakens them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.indicators.spc.arrays import Counts, Floats
from data.indicators.spc.limits import Limits, Method, limits_of
from data.indicators.spc.rules import Marks, marks_of
from data.vocabulary.review import ChartKind, Doubt

NO_DOUBT, NO_DATA, TOO_FEW, ALL_EQUAL = range(4)
DOUBTS: list[Doubt | None] = [None, Doubt.NO_DATA, Doubt.TOO_FEW, Doubt.ALL_EQUAL]


@dataclass(frozen=True)
class Piece:
    """A segment of a block.

    limits and marks (series, weeks); points: how many values the limits stand on; doubt: places
    in `DOUBTS`, both (series,).
    """

    limits: Limits
    marks: Marks
    points: Counts
    doubt: Counts


@dataclass(frozen=True)
class Plan:
    """How limits are made. baseline: from the first points of a segment; None: from all."""

    kind: ChartKind
    method: Method
    baseline: int | None
    min_points: int


def piece(points: Floats, weights: Floats | None, plan: Plan) -> Piece:
    """Return one segment of a block, every value of which is from one definition."""
    base = ~np.isnan(points)
    seen = base.any(axis=1)
    if plan.baseline is not None:
        base[:, plan.baseline :] = False
    count = base.sum(axis=1)
    enough = count >= plan.min_points
    base &= enough[:, None]
    limits = limits_of(plan.kind, points, weights, base, plan.method)
    width = ~np.isnan(limits.sigma).all(axis=1)
    doubt = np.select([~seen, ~enough, ~width], [NO_DATA, TOO_FEW, ALL_EQUAL], NO_DOUBT)
    # Neighbours that are never both there give no moving range: that is too little, not equal.
    lonely = ~(base[:, 1:] & base[:, :-1]).any(axis=1)
    doubt[lonely & (doubt == ALL_EQUAL)] = TOO_FEW
    return Piece(limits, marks_of(limits), count, doubt)
