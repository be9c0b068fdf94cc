"""One segment of a block of series: limits, marks and what weakens them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.indicators.spc.arrays import Bools, Counts, Floats
from data.indicators.spc.limits import Limits, Method, limits_of
from data.indicators.spc.rules import Marks, marks_of
from data.vocabulary.review_terms import ChartKind, Doubt

NO_DOUBT, NO_DATA, TOO_FEW, ALL_EQUAL = range(4)
DOUBTS: list[Doubt | None] = [None, Doubt.NO_DATA, Doubt.TOO_FEW, Doubt.ALL_EQUAL]


@dataclass(frozen=True)
class Piece:
    """A segment of a block.

    limits, marks and base, the points the limits stand on (series, weeks); points: how many;
    doubt: places in `DOUBTS`, both (series,).
    """

    limits: Limits
    marks: Marks
    points: Counts
    doubt: Counts
    base: Bools


@dataclass(frozen=True)
class Plan:
    """How limits are made.

    baseline: from the first places of a segment; None: from all. late: a series that begins late
    has its baseline from its first value, else from the first place, told or not.
    """

    kind: ChartKind
    method: Method
    baseline: int | None
    min_points: int
    late: bool = True


def piece(points: Floats, weights: Floats | None, plan: Plan) -> Piece:
    """Return one segment of a block, every value of which is from one definition."""
    base = base_of(points, plan)
    seen = base.any(axis=1)
    count = base.sum(axis=1)
    enough = count >= plan.min_points
    base &= enough[:, None]
    limits = limits_of(plan.kind, points, weights, base, plan.method)
    width = ~np.isnan(limits.sigma).all(axis=1)
    doubt = np.select([~seen, ~enough, ~width], [NO_DATA, TOO_FEW, ALL_EQUAL], NO_DOUBT)
    # Neighbours that are never both there give no moving range: that is too little, not equal.
    lonely = ~(base[:, 1:] & base[:, :-1]).any(axis=1)
    doubt[lonely & (doubt == ALL_EQUAL)] = TOO_FEW
    return Piece(limits, marks_of(limits), count, doubt, base)


def base_of(points: Floats, plan: Plan) -> Bools:
    """Return the points of a segment that its limits may stand on."""
    there: Bools = ~np.isnan(points)
    if plan.baseline is None:
        return there
    first = np.argmax(there, axis=1)[:, None] if plan.late else 0
    within: Bools = there & (np.arange(points.shape[1]) < first + plan.baseline)
    return within
