"""How strong a signal is, so that signals of different charts and rules can be put in order.

The measure is sigmas: of a point outside its limits, how many it lies off the middle; of a run, as
many sigmas as a single point would have to lie off to be as rare by chance.
"""

from __future__ import annotations

from math import factorial
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from data.indicators.spc.arrays import Floats
from data.indicators.spc.rules import BIT
from data.vocabulary.review_terms import SpcRule

if TYPE_CHECKING:
    from data.indicators.spc.charts import Chart
    from data.indicators.spc.pieces import Piece

LONGEST = 60
"""Longer runs are no stronger: sixteen sigmas are enough."""


def strength(chart: Chart) -> float:
    """Return how strong the signal of the last point is, in sigmas; 0 without a signal."""
    return chart.strength


def _as_sigmas(chance: float) -> float:
    """Return how far off a normal value is that lies farther, either way, with this chance."""
    return -NormalDist().inv_cdf(chance / 2)


def _two_of_three() -> float:
    """Chance of two of three between two and three sigmas, all three on one side, either way."""
    normal = NormalDist()
    outer = normal.cdf(3) - normal.cdf(2)
    inner = normal.cdf(2) - 0.5
    return 2 * (3 * outer**2 * inner + outer**3)


SHIFT = np.array([_as_sigmas(min(1.0, 2 * 0.5**n)) for n in range(LONGEST + 1)])
"""By length of a run on one side: either side with chance 1/2 each point."""
TREND = np.array([_as_sigmas(min(1.0, 2 / factorial(n))) for n in range(LONGEST + 1)])
"""By length of a run up or down: one order of n! has them all rise, one has them all fall."""
TWO = _as_sigmas(_two_of_three())


def last_strengths(part: Piece) -> Floats:
    """Return the strength of the last point of each series of a block (series,)."""
    limits, marks = part.limits, part.marks
    bits = marks.rules[:, -1]
    sigma = np.broadcast_to(limits.sigma, limits.judged.shape)[:, -1]
    off = np.abs(limits.judged[:, -1] - limits.middle[:, 0]) / sigma
    side, trend = (np.minimum(run, LONGEST) for run in marks.runs)
    found = np.stack(
        [
            np.where(bits & BIT[SpcRule.OUTSIDE], off, 0.0),
            np.where(bits & BIT[SpcRule.TWO_OF_THREE], TWO, 0.0),
            np.where(bits & BIT[SpcRule.TREND], TREND[trend], 0.0),
            np.where(bits & BIT[SpcRule.SHIFT], SHIFT[side], 0.0),
        ]
    )
    strongest: Floats = np.max(found, axis=0)
    return strongest
