"""The numbers behind the wall: newest values, last day by hour, today, normal bands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, Integer, select, type_coerce

from data import models as m
from data.indicators.band import Band
from data.indicators.value import Counts

Key = tuple[int, int]
"""indicator id, area id"""


@dataclass(frozen=True)
class Newest:
    """The newest observation of one native area."""

    period_start: datetime
    known_at: datetime
    grain: int
    counts: Counts
    run_id: int


@dataclass(frozen=True)
class WallFacts:
    """Everything the tiles of some indicators need."""

    newest: dict[Key, Newest]
    hours: dict[Key, dict[int, tuple[float, float | None, float | None]]]
    today: dict[Key, Counts]
    bands: dict[Key, dict[int, Band]]


def wall_facts(
    conn: Connection,
    indicators: Sequence[int],
    areas: Sequence[int],
    *,
    slots: Sequence[int],
    today: date,
    now: datetime,
) -> WallFacts:
    """Return the facts of `indicators` for `areas` (city and counties) in four statements.

    slots: which slots of the normal band are wanted.
    """
    return WallFacts(
        newest=_newest(conn, indicators),
        hours=_hours(conn, indicators, areas, now),
        today=_today(conn, indicators, areas, today),
        bands=_bands(conn, indicators, areas, slots),
    )


def _newest(conn: Connection, indicators: Sequence[int]) -> dict[Key, Newest]:
    t = m.latest.c
    query = select(
        t.indicator_id, t.area_id, t.period_start, t.known_at, t.grain, t.num, t.den, t.run_id
    ).where(t.indicator_id.in_(indicators), t.flag < 9)
    return {(i, a): Newest(p, k, g, (n, d), r) for i, a, p, k, g, n, d, r in conn.execute(query)}


def _hours(
    conn: Connection, indicators: Sequence[int], areas: Sequence[int], now: datetime
) -> dict[Key, dict[int, tuple[float, float | None, float | None]]]:
    """Return the last 25 hours by epoch second.

    Two thousand rows a call: the bucket is taken as the driver gives it, since
    turning each into a datetime and back was half of the cost of a tick.
    """
    t = m.rollup_hour.c
    bucket = type_coerce(t.bucket, Integer)
    query = select(t.indicator_id, t.area_id, bucket, t.num, t.den, t.last).where(
        t.indicator_id.in_(indicators),
        t.area_id.in_(areas),
        t.bucket >= now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=24),
    )
    found: dict[Key, dict[int, tuple[float, float | None, float | None]]] = defaultdict(dict)
    for i, a, at, num, den, last in conn.execute(query).all():
        second = at if type(at) is int else int(at.timestamp())
        found[i, a][second] = (num, den, last)
    return found


def _today(
    conn: Connection, indicators: Sequence[int], areas: Sequence[int], today: date
) -> dict[Key, Counts]:
    t = m.rollup_day.c
    query = select(t.indicator_id, t.area_id, t.num, t.den).where(
        t.indicator_id.in_(indicators), t.area_id.in_(areas), t.bucket == today
    )
    return {(i, a): (num, den) for i, a, num, den in conn.execute(query)}


def _bands(
    conn: Connection, indicators: Sequence[int], areas: Sequence[int], slots: Sequence[int]
) -> dict[Key, dict[int, Band]]:
    t = m.baseline.c
    query = select(t.indicator_id, t.area_id, t.slot, t.centre, t.low, t.high, t.n).where(
        t.indicator_id.in_(indicators), t.area_id.in_(areas), t.slot.in_(slots)
    )
    found: dict[Key, dict[int, Band]] = defaultdict(dict)
    for row in conn.execute(query).all():
        i, a, slot, centre, low, high, n = row
        found[i, a][slot] = Band(centre, low, high, n)
    return found
