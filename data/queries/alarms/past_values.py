"""When thresholds, comparisons with the normal band and control charts held in the past."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Table, select

from data import models as m
from data.alarms.conditions import baseline, threshold
from data.alarms.judging import City
from data.alarms.spans import Span, Spans, following
from data.catalogue.alarm_entries import Baseline, Spc, Threshold
from data.catalogue.entries import Indicator
from data.indicators.band import Band, slot
from data.indicators.calendar import is_day_off
from data.indicators.value import value_of
from data.queries.alarms.charts import daily_charts, last_period, weekly_charts
from data.queries.hidden import hidden
from data.queries.keys import Keys
from data.vocabulary import LOCAL, Aggregation, Grain, period_end

Point = tuple[datetime, datetime, float | None]
Bucket = tuple[datetime, float, float | None, float | None]
LONG: dict[Grain, Table] = {Grain.DAY: m.rollup_day, Grain.WEEK: m.rollup_week}
HOUR = timedelta(hours=1)


def table_of(indicator: Indicator) -> tuple[Grain, Table]:
    """Return the finest roll-up that holds an indicator, and its grain."""
    if indicator.grain <= Grain.HOUR:
        return Grain.HOUR, m.rollup_hour
    grain = indicator.grain if indicator.grain in LONG else Grain.MONTH
    return grain, LONG.get(grain, m.rollup_month)


def series(
    conn: Connection, city: City, keys: Keys, code: str, areas: Sequence[str], window: str,
    since: datetime, until: datetime,
) -> dict[str, list[Point]]:  # fmt: skip
    """Return the values of an indicator by area, period by period, as a window counts them.

    A value that must not be told is None. One statement for all areas.
    """
    indicator = city.catalogue.indicators[code]
    grain, table = table_of(indicator)
    found = _buckets(conn, keys, code, areas, table, grain, since, until)
    veiled: set[tuple[str, datetime]] = set()
    if indicator.small_count:
        cells = hidden(conn, city.catalogue, indicators=[code], grain=grain, start=since, end=until)
        veiled = {(area, at) for _code, area, at in cells}
    make = _today if window == "today" and grain is Grain.HOUR else _each
    late = HOUR if window == "hour" else timedelta(0)
    return {
        area: list(make(indicator, grain, found.get(area, []), area, veiled, late))
        for area in areas
    }


def _buckets(
    conn: Connection, keys: Keys, code: str, areas: Sequence[str], table: Table, grain: Grain,
    since: datetime, until: datetime,
) -> dict[str, list[Bucket]]:  # fmt: skip
    t, ids = table.c, {keys.areas[a]: a for a in areas}
    hourly = grain is Grain.HOUR
    lo: Any = since if hourly else since.astimezone(LOCAL).date()
    hi: Any = until if hourly else until.astimezone(LOCAL).date()
    query = (
        select(t.area_id, t.bucket, t.num, t.den, t.last)
        .where(t.indicator_id == keys.indicators[code], t.area_id.in_(list(ids)))
        .where(t.bucket >= lo, t.bucket <= hi)
        .order_by(t.area_id, t.bucket)
    )
    found: dict[str, list[Bucket]] = defaultdict(list)
    for area, bucket, num, den, last in conn.execute(query):
        start = bucket if hourly else _midnight(bucket)
        found[ids[area]].append((start, num, den, last))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL).astimezone(UTC)


def _each(
    indicator: Indicator, grain: Grain, buckets: list[Bucket], area: str,
    veiled: set[tuple[str, datetime]], late: timedelta,
) -> Iterator[Point]:  # fmt: skip
    gauge = indicator.aggregation is Aggregation.LAST
    for start, num, den, last in buckets:
        counts = (last or 0.0, None) if gauge else (num, den)
        value = value_of(counts, indicator.aggregation, indicator.factor)
        if (area, start) in veiled:
            value = None
        yield start + late, period_end(start, grain) + late, value


def _today(
    indicator: Indicator, grain: Grain, buckets: list[Bucket], area: str,
    veiled: set[tuple[str, datetime]], late: timedelta,
) -> Iterator[Point]:  # fmt: skip
    """Yield the total of the local day up to the end of each hour."""
    day, num, den, dark = None, 0.0, 0.0, False
    for start, more, of, _last in buckets:
        local = start.astimezone(LOCAL).date()
        if local != day:
            day, num, den, dark = local, 0.0, 0.0, False
        num, den = num + more, den + (of or 0.0)
        dark = dark or (area, start) in veiled
        counts = (num, den if indicator.denominator else None)
        value = None if dark else value_of(counts, indicator.aggregation, indicator.factor)
        yield start + late, period_end(start, grain) + late, value


def past_threshold(
    conn: Connection, city: City, keys: Keys, condition: Threshold, areas: Sequence[str],
    since: datetime, until: datetime,
) -> Spans:  # fmt: skip
    """Return when a threshold held in each area, by whole hours."""
    told = series(conn, city, keys, condition.indicator, areas, condition.window, since, until)
    worst = max if condition.side == "above" else min
    return {
        (area, ""): following(
            points, lambda value, was: threshold.crossed(condition, value, was=was), worst
        )
        for area, points in told.items()
    }


def past_baseline(
    conn: Connection, city: City, keys: Keys, condition: Baseline, areas: Sequence[str],
    since: datetime, until: datetime,
) -> Spans:  # fmt: skip
    """Return when values were that far from the normal band, as the band is today."""
    indicator = city.catalogue.indicators[condition.indicator]
    window = baseline.window_of(indicator)
    told = series(conn, city, keys, condition.indicator, areas, window, since, until)
    bands = bands_of(conn, keys, condition.indicator, areas)
    late = HOUR if window == "hour" else timedelta(0)
    found: Spans = {}
    for area, points in told.items():
        offs = (
            (start, end, _off(condition, value, bands.get((area, slot_of(start - late, city)))))
            for start, end, value in points
        )
        spans = following(offs, lambda x, was: x >= (condition.clear_share if was else 1.0), max)
        found[area, ""] = _with_values(spans, points)
    return found


def _off(condition: Baseline, value: float | None, band: Band | None) -> float | None:
    """Return how far a value is from the centre, 1 at the distance where the condition begins."""
    far = baseline.reach(condition, band) if band else None
    if value is None or band is None or far is None:
        return None
    off = value - band.centre
    return {"above": off, "below": -off, "both": abs(off)}[condition.side] / far


def _with_values(spans: list[Span], points: list[Point]) -> list[Span]:
    """Return spans with the value that stood where each was worst, near enough: its extreme."""
    told = []
    for span in spans:
        own = [
            v
            for s, _e, v in points
            if v is not None and s >= span.start and (span.end is None or s < span.end)
        ]
        told.append(span._replace(worst=max(own, default=None)))  # fmt: skip
    return told


def bands_of(
    conn: Connection, keys: Keys, code: str, areas: Sequence[str]
) -> dict[tuple[str, int], Band]:
    """Return the normal bands of an indicator by area and slot."""
    b, ids = m.baseline.c, {keys.areas[a]: a for a in areas}
    query = select(m.baseline).where(
        b.indicator_id == keys.indicators[code], b.area_id.in_(list(ids))
    )
    rows = conn.execute(query)
    return {(ids[r.area_id], r.slot): Band(r.centre, r.low, r.high, r.n) for r in rows}


def slot_of(at: datetime, city: City) -> int:
    """Return the slot of the normal band of an hour."""
    local = at.astimezone(LOCAL)
    off = is_day_off(local.date(), city.catalogue.city.calendar_country)
    return slot(local.hour, day_off=off)


def past_spc(
    conn: Connection, city: City, keys: Keys, condition: Spc, areas: Sequence[str],
    since: datetime, until: datetime,
) -> Spans:  # fmt: skip
    """Return the periods whose point was a signal, from their end for as long as the next took."""
    last = last_period(condition.grain, until)
    step = timedelta(days=7 if condition.grain == "week" else 1)
    if condition.grain == "week":
        drawn = weekly_charts(conn, city, keys, condition.indicator, last)
    else:
        days = (until - since).days + 84
        drawn = daily_charts(conn, city, keys, condition.indicator, last, days)
    found: Spans = {}
    for area, (one, _hidden) in drawn:
        if area not in areas:
            continue
        points = []
        for place in range(one.n):
            ends = _midnight(last - (one.n - 1 - place) * step + step)
            if ends + step > since and one.values[place] == one.values[place]:
                hit = one.signals[place].value in condition.signals
                points.append((ends, ends + step, 1.0 if hit else 0.0))
        spans = following(points, lambda x, _was: x > 0, max)
        found[area, ""] = [s._replace(worst=None) for s in spans]
    return found
