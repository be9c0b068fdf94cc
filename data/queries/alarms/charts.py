"""What control charts say of the last whole week or day, made anew when it is over."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy import Connection, Engine

from data.alarms.facts import Charted, Doubt
from data.alarms.judging import City
from data.calendar.week import Week
from data.catalogue.entries import Indicator
from data.indicators.spc import Chart, chart
from data.queries.keys import Keys
from data.queries.review.weeks import breaks_in_store, day_counts, hidden_days, week_series
from data.review.charted import charted
from data.review.window import cuts_of, history_first
from data.vocabulary import LOCAL, Aggregation

KEPT = timedelta(minutes=10)
"""Corrections of weeks that are over are seen after so long at most."""
DAYS = 84
Key = tuple[str, str, str]
"""indicator, area, grain"""


@dataclass(frozen=True)
class _Kept:
    period: date
    at: datetime
    found: dict[str, Charted]


_kept: WeakKeyDictionary[Engine, dict[tuple[str, str], _Kept]] = WeakKeyDictionary()


def charts(
    conn: Connection, city: City, keys: Keys, wanted: Collection[tuple[str, str]], now: datetime
) -> dict[Key, Charted]:
    """Return what the last whole period says of each (indicator, grain) in every area."""
    kept = _kept.setdefault(conn.engine, {})
    found: dict[Key, Charted] = {}
    for code, grain in sorted(wanted):
        period = last_period(grain, now)
        one = kept.get((code, grain))
        if one is None or one.period != period or not timedelta(0) <= now - one.at < KEPT:
            one = _Kept(period, now, _made(conn, city, keys, code, grain, period))
            kept[code, grain] = one
        found |= {(code, area, grain): told for area, told in one.found.items()}
    return found


def last_period(grain: str, now: datetime) -> date:
    """Return the first day of the last whole week, or the last whole day."""
    today = now.astimezone(LOCAL).date()
    if grain == "day":
        return today - timedelta(days=1)
    return today - timedelta(days=today.weekday() + 7)


def _made(
    conn: Connection, city: City, keys: Keys, code: str, grain: str, period: date
) -> dict[str, Charted]:
    make = weekly_charts if grain == "week" else daily_charts
    names = dict(make(conn, city, keys, code, period))
    end, label = ends_of(grain, period), label_of(grain, period)
    return {area: said(one, hidden, end, label) for area, (one, hidden) in names.items()}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL).astimezone(UTC)


def ends_of(grain: str, period: date) -> datetime:
    """Return when a week or day is over."""
    return _midnight(period + timedelta(days=7 if grain == "week" else 1))


def label_of(grain: str, period: date) -> str:
    """Return what a week or day is called."""
    return str(Week.of(period)) if grain == "week" else period.isoformat()


def weekly_charts(
    conn: Connection, city: City, keys: Keys, code: str, last: date
) -> Iterator[tuple[str, tuple[Chart, bool]]]:
    """Yield each area's chart of whole weeks up to one, and whether that one must not be told."""
    indicator, areas = city.catalogue.indicators[code], (city.code, *city.counties)
    first = history_first(Week.of(last))
    series = week_series(conn, city.catalogue, keys, [code], areas, first, last)
    versions = breaks_in_store(conn, keys, [code]).get(code, ())
    cuts = {code: cuts_of(indicator, versions, first)}
    weeks = (last - first).days // 7 + 1
    drawn = charted({code: indicator}, series, cuts, weeks=weeks, judged=True)
    for area in areas:
        yield area, (drawn[code, area].chart, bool(series[code, area].hidden[-1]))


def daily_charts(
    conn: Connection, city: City, keys: Keys, code: str, last: date, days: int = DAYS
) -> Iterator[tuple[str, tuple[Chart, bool]]]:
    """Yield the same of whole days, an XmR chart of the values shown."""
    indicator, areas = city.catalogue.indicators[code], (city.code, *city.counties)
    window = [last - timedelta(days=n) for n in range(days - 1, -1, -1)]
    told = day_counts(conn, keys, [code], areas, window)
    veiled = hidden_days(conn, city.catalogue, [code], window)
    for area in areas:
        counts = told.get((code, area), {})
        values = [
            np.nan if (code, area, day) in veiled or day not in counts
            else _value(indicator, counts[day]) for day in window
        ]  # fmt: skip
        drawn = chart(np.array(values), direction=indicator.direction)
        yield area, (drawn, (code, area, last) in veiled)


def _value(indicator: Indicator, counted: tuple[float, float | None, float | None]) -> float:
    num, den, last = counted
    if indicator.aggregation is Aggregation.LAST:
        return float("nan") if last is None else last * indicator.factor
    if indicator.denominator is not None:
        return num / den * indicator.factor if den else float("nan")
    return num * indicator.factor


def said(one: Chart, hidden: bool, end: datetime, label: str, place: int = -1) -> Charted:
    """Return what one point of a chart says; hidden: it must not be told."""
    if hidden:
        return Charted(None, "hidden", end, period=label)
    value, centre = (float(x[place]) if one.n else np.nan for x in (one.values, one.centre))
    if np.isnan(value) or np.isnan(centre):
        doubt: Doubt = "no_data" if np.isnan(value) else "too_few"
        return Charted(None, doubt, end, period=label)
    lower, upper = float(one.lower[place]), float(one.upper[place])
    return Charted(
        one.signals[place].value, "", end, value, centre,
        None if np.isnan(lower) else lower, None if np.isnan(upper) else upper,
        tuple(sorted(r.value for r in one.rules[place])), label, one.points,
    )  # fmt: skip
