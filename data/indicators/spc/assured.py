"""Whether a process, left as it is, meets its target."""

from __future__ import annotations

import math

from data.indicators.spc.charts import Chart
from data.vocabulary.review import Aim
from data.vocabulary.review_terms import Assurance


def assurance(of: Chart | tuple[float, float], aim: Aim) -> Assurance:
    """Return whether the limits of the last point lie on the good side of the target.

    Args:
        of: a chart, or the limits (lower, upper) in the units of the aim.
        aim: floor and ceiling have one end, a range one or two; other kinds are no target.
    """
    low, high = _ends(aim)
    if low is None and high is None:
        return Assurance.NO_TARGET
    lower, upper = _last(of) if isinstance(of, Chart) else of
    if math.isnan(lower) or math.isnan(upper):
        return Assurance.TOO_FEW
    if (low is not None and upper < low) or (high is not None and lower > high):
        return Assurance.MISS
    if (low is None or lower > low) and (high is None or upper < high):
        return Assurance.HIT
    return Assurance.EITHER


def _ends(aim: Aim) -> tuple[float | None, float | None]:
    """Return the least and the most that are good."""
    low, high = aim["low"], aim["high"]
    if aim["kind"] == "floor":
        return (high if low is None else low), None
    if aim["kind"] == "ceiling":
        return None, (low if high is None else high)
    return (low, high) if aim["kind"] == "range" else (None, None)


def _last(chart: Chart) -> tuple[float, float]:
    if not chart.n:
        return math.nan, math.nan
    return float(chart.lower[-1]), float(chart.upper[-1])
