"""Value, limits and age to a state with its reason. Pure: (indicator, value, band, age) in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from data.catalogue.entries import Indicator, Target
from data.indicators.band import Band
from data.vocabulary import Direction, Level, Names, Status

SIGMAS = {Level.BLUE: 3.0, Level.YELLOW: 5.0, Level.ORANGE: 8.0}
"""How far outside its band, in sigmas, a value takes a level; red is never given by statistics."""

NO_REASON: Names = {"zh": "", "en": ""}


@dataclass(frozen=True)
class Judgement:
    """State, level (0 none, 1 red .. 4 blue) and why."""

    status: Status
    level: Level
    why: Names


def judge(
    indicator: Indicator,
    value: float | None,
    band: Band | None,
    *,
    age_s: float | None,
    stale_after_s: float,
) -> Judgement:
    """Return the state of a value. No data and stale outrank every level.

    Args:
        indicator: what was measured, with its target.
        value: in shown units, None when never observed.
        band: its normal band, None when the past is too short.
        age_s: seconds since the value was known to hold, None when never.
        stale_after_s: more than this many seconds make it stale.
    """
    if value is None or age_s is None:
        return Judgement(Status.NO_DATA, Level.NONE, NO_REASON)
    if age_s > stale_after_s:
        return Judgement(Status.STALE, Level.NONE, NO_REASON)
    level, why = _level(indicator, value, band)
    return Judgement(_status(level), level, why)


def _status(level: Level) -> Status:
    if level in (Level.RED, Level.ORANGE):
        return Status.ALERT
    return Status.WATCH if level else Status.NORMAL


def _level(indicator: Indicator, value: float, band: Band | None) -> tuple[Level, Names]:
    target = indicator.target
    if target.kind == "band":
        return _outside(indicator, value, band)
    if target.kind == "floor":
        return _worst(target.levels, lambda limit: value < limit, "低于", "below")
    if target.kind == "ceiling":
        return _worst(target.levels, lambda limit: value >= limit, "达到", "at or above")
    if target.kind == "range":
        return _range(target, value)
    return Level.NONE, NO_REASON


def _worst(
    levels: dict[int, float], hit: Callable[[float], bool], zh: str, en: str
) -> tuple[Level, Names]:
    for level in sorted(levels):
        if hit(levels[level]):
            limit = f"{levels[level]:g}"
            return Level(level), {"zh": f"{zh} {limit}", "en": f"{en} {limit}"}
    return Level.NONE, NO_REASON


def _range(target: Target, value: float) -> tuple[Level, Names]:
    high = _worst(target.levels, lambda limit: value >= limit, "达到", "at or above")
    low = _worst(target.low, lambda limit: value < limit, "低于", "below")
    if not high[0]:
        return low
    return high if not low[0] or high[0] <= low[0] else low


def _outside(indicator: Indicator, value: float, band: Band | None) -> tuple[Level, Names]:
    """Judge against the band, only on the side that is worse; volumes only when they rise."""
    if band is None or band.sigma <= 0:
        return Level.NONE, NO_REASON
    distance = (value - band.centre) / band.sigma
    if indicator.direction is Direction.HIGHER:
        distance = -distance
    elif indicator.direction is Direction.RANGE:
        distance = abs(distance)
    reached = [level for level, limit in SIGMAS.items() if distance >= limit]
    if not reached:
        return Level.NONE, NO_REASON
    level = min(reached)
    if indicator.direction is Direction.NEUTRAL:
        level = max(level, Level.YELLOW)  # more work is a signal, not yet a failure
    text = f"{band.low:.{indicator.decimals}f}–{band.high:.{indicator.decimals}f}"
    return level, {"zh": f"超出常态区间 {text}", "en": f"outside the normal band {text}"}
