"""The noise budget: how many signals chance alone gives, to be shown beside how many there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from data.indicators.spc.arrays import Floats
from data.indicators.spc.budget_table import FROZEN, MOVING
from data.indicators.spc.rules import RULES_OF
from data.vocabulary.review import MIN_POINTS, SpcRule

ALL_RULES = frozenset(SpcRule)


def expected(
    points: ArrayLike,
    rules: Iterable[SpcRule] = ALL_RULES,
    *,
    frozen: bool | Sequence[bool] = False,
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
