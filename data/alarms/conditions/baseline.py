"""A change against the aligned baseline: this hour of such a day."""

from __future__ import annotations

from datetime import datetime

from data.alarms.conditions.verdict import Verdict, rows_of, unknown
from data.alarms.conditions.words import both, measure
from data.alarms.facts import Measured, past
from data.catalogue.alarm_entries import Baseline
from data.catalogue.entries import Indicator
from data.indicators.band import Band
from data.vocabulary import Aggregation, Names

ADDED = (Aggregation.SUM, Aggregation.LAST)


def window_of(indicator: Indicator) -> str:
    """Return which value is compared: totals by whole hours, since a part of one is less."""
    return "hour" if indicator.aggregation is Aggregation.SUM else "now"


def reach(condition: Baseline, band: Band) -> float | None:
    """Return how far from the centre the condition begins, in shown units; None: no such distance.

    Where both sigmas and per cent are named the farther one counts: it must be unusual and large.
    """
    parts = []
    if condition.sigmas is not None:
        parts.append(condition.sigmas * band.sigma)
    if condition.percent is not None:
        parts.append(condition.percent / 100 * abs(band.centre))
    found = max([*parts, condition.least], default=0.0)
    return found if found > 0 else None


def beyond(condition: Baseline, value: float, band: Band, *, was: bool) -> bool | None:
    """Return whether a value is far enough from the centre; None: there is no such distance."""
    far = reach(condition, band)
    if far is None:
        return None
    off = value - band.centre
    distance = {"above": off, "below": -off, "both": abs(off)}[condition.side]
    return distance >= (far * condition.clear_share if was else far)


def judge(
    condition: Baseline, indicator: Indicator, measured: Measured, band: Band | None,
    *, was: bool, now: datetime, area: str = "",
) -> Verdict:  # fmt: skip
    """Return what a comparison with the normal band says; was: whether its alarm is active."""
    if measured.value is None:
        return unknown(measured.doubt or "no_data", now, unit=indicator.unit, area=area)
    if band is None or (far := reach(condition, band)) is None:
        return unknown("no_baseline", now, unit=indicator.unit, area=area)
    off = measured.value - band.centre
    holds = bool(beyond(condition, measured.value, band, was=was))
    short = measured.partial and indicator.aggregation in ADDED
    if short and (not holds or off < 0):
        return unknown("partial", now, unit=indicator.unit, area=area)
    up = condition.side == "above" or (condition.side == "both" and off >= 0)
    limit = band.centre + (far if up else -far)
    return Verdict(
        holds, past(measured.at, now), _said(indicator, measured.value, band), measured.value,
        limit, indicator.unit, area,
        evidence={
            "kind": "baseline",
            "indicator": condition.indicator,
            "side": condition.side,
            "limit": limit,
            "centre": band.centre,
            "low": band.low,
            "high": band.high,
            "n": band.n,
            "sigmas": off / band.sigma if band.sigma > 0 else None,
            **rows_of(measured),
        },
    )  # fmt: skip


def _said(indicator: Indicator, value: float, band: Band) -> Names:
    told, usual = measure(indicator, value), measure(indicator, band.centre)
    share = f"{(value / band.centre - 1) * 100:+.0f}%" if band.centre else ""
    zh, en = (f"，{share}", f", {share}") if share else ("", "")
    return both(
        f"{indicator.name['zh']} {told['zh']}，同时段常态 {usual['zh']}{zh}",
        f"{indicator.name['en']} {told['en']}, usual at this hour {usual['en']}{en}",
    )
