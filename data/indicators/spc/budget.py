"""The noise budget: how many signals chance alone gives, to be shown beside how many there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from data.indicators.spc.arrays import Bools, Floats
from data.indicators.spc.budget_table import FROZEN, MOVING
from data.indicators.spc.rules import RULES_OF
from data.vocabulary.review import Noise
from data.vocabulary.review_terms import MIN_POINTS, SpcRule

if TYPE_CHECKING:
    from data.indicators.spc.grids import Grid

ALL_RULES = frozenset(SpcRule)


def expected(
    points: ArrayLike,
    rules: Iterable[SpcRule] = ALL_RULES,
    *,
    frozen: bool | Sequence[bool] | Bools = False,
    min_points: int = MIN_POINTS,
) -> float:
    """Return how many of some stable series have a signal at their last point by chance.

    Args:
        points: how many points the limits of each series stand on; series with fewer than
            `min_points` have no limits and give no signal.
        rules: that are looked at.
        frozen: whether the last point comes after the points of the limits.
        min_points: fewer give no limits.
    """
    many: Floats = np.atleast_1d(np.asarray(points, np.float64))
    after = np.broadcast_to(np.asarray(frozen, bool), many.shape)
    wanted = frozenset(rules)
    each = np.where(after, _chance(many, wanted, True), _chance(many, wanted, False))
    return float(each[many >= min_points].sum())


def _chance(points: Floats, rules: frozenset[SpcRule], frozen: bool) -> Floats:
    """Return the chance of a signal by number of points: a line in 1 ÷ points between entries."""
    at, share = _column(rules, frozen)
    chance: Floats = np.interp(1 / np.maximum(points, 1), at, share)
    return chance


@cache
def _column(rules: frozenset[SpcRule], frozen: bool) -> tuple[Floats, Floats]:
    table = FROZEN if frozen else MOVING
    hit = np.array([bool(found & rules) for found in RULES_OF])
    keys = sorted(table, reverse=True)
    return 1 / np.array(keys, float), np.array(
        [np.array(table[k])[hit].sum() / sum(table[k]) for k in keys]
    )


def noise(many: Grid) -> Noise:
    """Return how many signals chance gives at the last points of many charts, and how many are.

    Only series with a last point and a centre can signal; without limits chance gives none.
    """
    there = ~np.isnan(many.values[:, -1]) & ~np.isnan(many.centre[:, -1])
    limited = there & ~np.isnan(many.upper[:, -1])
    chance = expected(many.points[limited], frozen=many.frozen[limited], min_points=1)
    found = int((many.signalled & there).sum())
    return {"series": int(there.sum()), "expected": chance, "found": found}
