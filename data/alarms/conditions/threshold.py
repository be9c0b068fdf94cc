"""A value on one side of a limit, with hysteresis."""

from __future__ import annotations

from datetime import datetime

from data.alarms.conditions.verdict import Verdict, rows_of, unknown
from data.alarms.conditions.words import both, measure
from data.alarms.facts import Measured, past
from data.catalogue.alarm_entries import Threshold
from data.catalogue.entries import Indicator
from data.vocabulary import Aggregation, Names

WINDOWS: dict[str, Names] = {
    "now": both("当前值", "now"),
    "hour": both("上一整点小时", "last whole hour"),
    "today": both("今日累计", "today"),
}
ADDED = (Aggregation.SUM, Aggregation.LAST)


def crossed(condition: Threshold, value: float, *, was: bool) -> bool:
    """Return whether the condition holds for a value.

    It begins at the limit (above: at or above it; below: under it) and ends at `clear`; between
    the two it stays what it was. Without `clear` it ends where it begins.
    """
    above, clear = condition.side == "above", condition.clear
    begun = value >= condition.limit if above else value < condition.limit
    if not was or clear is None:
        return begun
    return begun or (value > clear if above else value < clear)


def judge(
    condition: Threshold, indicator: Indicator, measured: Measured, *, was: bool, now: datetime,
    area: str = "",
) -> Verdict:  # fmt: skip
    """Return what a threshold says of one value; was: whether its alarm is active."""
    known = {"limit": condition.limit, "unit": indicator.unit, "area": area}
    if measured.value is None:
        return unknown(measured.doubt or "no_data", now, **known)
    holds = crossed(condition, measured.value, was=was)
    short = measured.partial and indicator.aggregation in ADDED
    if short and (not holds or condition.side == "below"):
        return unknown("partial", now, **known)
    return Verdict(
        holds,
        past(measured.at, now),
        _said(condition, indicator, measured.value, holds=holds),
        measured.value,
        condition.limit,
        indicator.unit,
        area,
        evidence={
            "kind": "threshold",
            "indicator": condition.indicator,
            "side": condition.side,
            "window": condition.window,
            "limit": condition.limit,
            "clear": condition.clear,
            **rows_of(measured),
        },
    )


def _said(condition: Threshold, indicator: Indicator, value: float, *, holds: bool) -> Names:
    told, limit = measure(indicator, value), measure(indicator, condition.limit)
    window, above = WINDOWS[condition.window], condition.side == "above"
    if holds and crossed(condition, value, was=False):
        zh, en = ("达到", "at or above") if above else ("低于", "below")
    elif holds:
        zh, en = ("尚未回落至解除值，限值", "not yet back past its clear value, limit")
    else:
        zh, en = ("未达", "under") if above else ("不低于", "not below")
    return both(
        f"{indicator.name['zh']}（{window['zh']}）{told['zh']}，{zh}{limit['zh']}",
        f"{indicator.name['en']} ({window['en']}) {told['en']}, {en} {limit['en']}",
    )
