"""Numbers of a week with what belongs beside them: n, interval, days told, doubt. Pure."""

from __future__ import annotations

from data.catalogue.entries import Indicator, Target
from data.indicators.interval import wilson
from data.review.series import Counted, n_of, shown
from data.vocabulary import Aggregation
from data.vocabulary.review import Aim, Figure
from data.vocabulary.review_terms import Doubt

SPARE = 2
"""Decimals kept beyond those shown, so that a difference of two rounds as it should."""


def figure(
    indicator: Indicator,
    counted: Counted | None,
    *,
    told: int,
    of: int,
    heard: float | None,
    doubt: Doubt | None = None,
) -> Figure:
    """Return the figure of what was counted; told, of: days. Without a value it has a doubt."""
    value = shown(indicator, counted)
    if counted is None or value is None:
        return nothing(doubt or _why(indicator, counted), told=told, of=of, heard=heard)
    low, high = _interval(indicator, counted)
    num = counted[2] if indicator.aggregation is Aggregation.LAST else counted[0]
    return Figure(
        value=rounded(indicator, value),
        num=None if num is None else round(num, 3),
        n=n_of(indicator, counted),
        low=low,
        high=high,
        told=told,
        of=of,
        heard=heard,
        doubt=doubt,
    )


def nothing(doubt: Doubt, *, told: int = 0, of: int = 7, heard: float | None = None) -> Figure:
    """Return a figure without a number and why there is none."""
    return Figure(
        value=None, num=None, n=None, low=None, high=None, told=told, of=of, heard=heard,
        doubt=doubt,
    )  # fmt: skip


def _why(indicator: Indicator, counted: Counted | None) -> Doubt:
    divided = indicator.denominator is not None
    return Doubt.ZERO_DENOMINATOR if counted is not None and divided else Doubt.NO_DATA


def _interval(indicator: Indicator, counted: Counted) -> tuple[float | None, float | None]:
    """Return the Wilson interval of a share of things that are counted, in shown units."""
    num, den, _ = counted
    if indicator.aggregation is not Aggregation.RATIO or indicator.factor != 100 or not den:
        return None, None
    part, whole = round(num), round(den)
    found = wilson(part, whole) if 0 <= part <= whole else None
    if found is None:
        return None, None
    return rounded(indicator, found[0] * 100), rounded(indicator, found[1] * 100)


def rounded(indicator: Indicator, value: float) -> float:
    """Return a value with as many decimals as are kept."""
    return round(value, indicator.decimals + SPARE)


def target_of(indicator: Indicator) -> Target:
    """Return what a week of an indicator is measured by."""
    return indicator.week_target or indicator.target


def aim_of(indicator: Indicator) -> Aim:
    """Return the target of a week: the mildest of its limits."""
    target = target_of(indicator)
    mild = target.levels[max(target.levels)] if target.levels else None
    least = target.low[max(target.low)] if target.low else None
    if target.kind == "floor":
        least, mild = mild, None
    elif target.kind not in ("ceiling", "range"):
        least = mild = None
    return Aim(
        kind=target.kind,
        low=least,
        high=mild,
        set_by=target.set_by,
        since=target.valid_from.isoformat(),
    )


def misses(aim: Aim, value: float) -> bool:
    """Return whether a value misses a target; at a ceiling it does, at a floor it does not."""
    low = aim["low"] is not None and value < aim["low"]
    high = aim["high"] is not None and value >= aim["high"]
    return low or high


def surely_misses(aim: Aim, shown_: Figure) -> bool:
    """Return whether it misses its target wherever in its interval it truly lies.

    Without an interval nothing of it is chance that could be known here, so it does not.
    """
    low, high = shown_["low"], shown_["high"]
    if low is None or high is None:
        return False
    over = aim["high"] is not None and low >= aim["high"]
    return over or (aim["low"] is not None and high < aim["low"])


def level_of(target: Target, value: float) -> int:
    """Return the gravest level whose limit a value is past, 0 for none."""
    floors = target.levels if target.kind == "floor" else target.low
    ceilings = target.levels if target.kind in ("ceiling", "range") else {}
    past = [level for level, limit in floors.items() if value < limit]
    past += [level for level, limit in ceilings.items() if value >= limit]
    return min(past, default=0)
