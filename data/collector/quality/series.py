"""Follow every series hour by hour: how long it says the same, whether it jumped. Incremental."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, and_, func, literal, select

from data import models as m
from data.catalogue import Catalogue
from data.catalogue.entries import Indicator
from data.collector.quality.arrivals import hour_of
from data.indicators.band import Band, slot
from data.indicators.calendar import is_day_off
from data.indicators.value import value_of
from data.models.columns import Instant
from data.quality.streaks import Hour, Streak, extend
from data.quality.values import jump
from data.queries.keys import Keys
from data.vocabulary import LOCAL, Aggregation

HOURS = 5000
"""Hours read in one look at most; the rest follows with the next."""
PAST = timedelta(weeks=5)
FRESH = timedelta(hours=26)
"""Only hours this young are judged for jumps; the past is read for its streaks alone."""
SETTLED = timedelta(minutes=10)
"""An hour is final this long after its end: counts of cases are made again with the next poll."""

Pair = tuple[int, int]


@dataclass(frozen=True)
class Jump:
    """One hour far outside its normal band."""

    pair: Pair
    hour: datetime
    value: float
    band: Band
    sigmas: float


@dataclass
class Followed:
    """Streaks that moved on, jumps among the newest hours, and which pairs were judged."""

    streaks: dict[Pair, Streak]
    jumps: list[Jump]
    judged: set[Pair]


def follow(conn: Connection, catalogue: Catalogue, keys: Keys, *, now: datetime) -> Followed:
    """Return what the whole hours since the last look say."""
    by_id = {keys.indicators[i.code]: i for i in catalogue.indicators.values()}
    rows = _rows(conn, now)
    known = read_streaks(conn)
    found = Followed({}, [], set())
    newest: list[tuple[Pair, Any]] = []
    for pair, group in groupby(rows, key=lambda r: (r.indicator_id, r.area_id)):
        indicator = by_id.get(pair[0])
        if indicator is None:
            continue
        hours = list(group)
        told = [h for row in hours if (h := _hour(row, indicator)) is not None]
        found.streaks[pair] = _extended(known.get(pair), told, hours)
        found.judged.add(pair)
        if hours[-1].bucket >= now - FRESH:
            newest.append((pair, hours[-1]))
    found.jumps = _jumps(conn, newest, by_id, catalogue.city.calendar_country)
    return found


def _extended(known: Streak | None, told: list[Hour], hours: list[Any]) -> Streak:
    """Return the streak up to the last hour read, also when hours said nothing."""
    streak = extend(None if known is None or not known.length else known, told)
    if streak is None:
        return Streak(hours[-1].bucket, None, None, hours[-1].bucket, 0, seen=0)
    return replace(streak, bucket=hours[-1].bucket)


def _rows(conn: Connection, now: datetime) -> list[Any]:
    lt, s, h = m.latest.c, m.streak.c, m.rollup_hour.c
    streak = and_(s.indicator_id == lt.indicator_id, s.area_id == lt.area_id)
    last = func.coalesce(s.bucket, literal(now - PAST, Instant()))
    hours = and_(
        h.indicator_id == lt.indicator_id, h.area_id == lt.area_id, h.native == 1,
        h.bucket > last, h.bucket < hour_of(now - SETTLED),
    )  # fmt: skip
    query = (
        select(h.indicator_id, h.area_id, h.bucket, h.num, h.den, h.n, h.vmin, h.vmax, h.last)
        .select_from(m.latest).outerjoin(m.streak, streak).join(m.rollup_hour, hours)
        .where(h.flag < 9)
        .order_by(lt.indicator_id, lt.area_id, h.bucket).limit(HOURS)
    )  # fmt: skip
    return list(conn.execute(query))


def read_streaks(conn: Connection) -> dict[Pair, Streak]:
    """Return the streak of every series."""
    return {
        (row["indicator_id"], row["area_id"]): Streak(
            **{k: v for k, v in row.items() if k not in ("indicator_id", "area_id")}
        )
        for row in conn.execute(select(m.streak)).mappings()
    }


def _hour(row: Any, indicator: Indicator) -> Hour | None:
    """Return an hour as streaks count it; None for 0 over 0, which is no value."""
    if indicator.aggregation is Aggregation.LAST:
        return Hour(row.bucket, row.last, None, steady=row.vmin == row.vmax)
    if indicator.denominator and not row.den:
        return None
    return Hour(row.bucket, row.num, row.den)


def _jumps(
    conn: Connection, newest: list[tuple[Pair, Any]], by_id: dict[int, Indicator], country: str
) -> list[Jump]:
    bands = _bands(conn) if newest else {}
    found = []
    for pair, row in newest:
        indicator, local = by_id[pair[0]], row.bucket.astimezone(LOCAL)
        place = slot(local.hour, day_off=is_day_off(local.date(), country))
        gauge = indicator.aggregation is Aggregation.LAST
        counts = (row.last or 0.0, None) if gauge else (row.num, row.den)
        value = value_of(counts, indicator.aggregation, indicator.factor)
        band = bands.get((*pair, place))
        sigmas = jump(value, band)
        if sigmas is not None and value is not None and band is not None:
            found.append(Jump(pair, row.bucket, value, band, sigmas))
    return found


def _bands(conn: Connection) -> dict[tuple[int, int, int], Band]:
    b = m.baseline.c
    query = select(b.indicator_id, b.area_id, b.slot, b.centre, b.low, b.high, b.n)
    return {(i, a, s): Band(c, low, high, n) for i, a, s, c, low, high, n in conn.execute(query)}


def write_streaks(conn: Connection, streaks: dict[Pair, Streak]) -> None:
    """Put the streaks that moved on in place of those of before."""
    by_indicator: dict[int, list[int]] = defaultdict(list)
    for indicator, area in streaks:
        by_indicator[indicator].append(area)
    s = m.streak.c
    for indicator, areas in by_indicator.items():
        conn.execute(m.streak.delete().where(s.indicator_id == indicator, s.area_id.in_(areas)))
    rows = [{"indicator_id": i, "area_id": a, **asdict(streak)}
            for (i, a), streak in streaks.items()]  # fmt: skip
    if rows:
        conn.execute(m.streak.insert(), rows)
