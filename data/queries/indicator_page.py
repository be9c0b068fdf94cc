"""One indicator over time in some areas: its roll-ups, what is not shown, versions and targets."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Integer,
    cast,
    func,
    select,
    type_coerce,
)

from data import models as m
from data.catalogue import Catalogue
from data.catalogue.entries import Indicator
from data.indicators.value import Counts
from data.models.columns import EPOCH_DAY
from data.queries.hidden import few, hidden
from data.queries.keys import Keys
from data.queries.periods import midnight
from data.review.spans import next_first
from data.vocabulary import LOCAL, Aggregation, Grain

TABLES = {Grain.DAY: m.rollup_day, Grain.WEEK: m.rollup_week, Grain.MONTH: m.rollup_month}


class Told(NamedTuple):
    """What one area told of one period. counts: of a gauge its last value. facts: how many."""

    counts: Counts
    facts: int


@dataclass(frozen=True)
class Asked:
    """One indicator, some areas (codes), periods that begin from `first` up to `last`."""

    indicator: Indicator
    areas: Sequence[str]
    grain: Grain
    first: date
    last: date


Series = dict[str, dict[date, Told]]
"""By area, then by the first day of the period; what was not told is not there."""


def told(conn: Connection, keys: Keys, asked: Asked) -> Series:
    """Return the stored roll-ups in one query; every area asked for has a place."""
    t = TABLES[asked.grain].c
    names = {keys.areas[a]: a for a in asked.areas if a in keys.areas}
    query = select(t.area_id, t.bucket, t.num, t.den, t.last, t.n).where(
        t.indicator_id == keys.indicators.get(asked.indicator.code, -1),
        t.area_id.in_(sorted(names)),
        t.bucket.between(asked.first, asked.last),
    )
    found: Series = {area: {} for area in asked.areas}
    gauge = asked.indicator.aggregation is Aggregation.LAST
    for area, bucket, num, den, last, n in conn.execute(query).all():
        value = last if gauge and last is not None else num
        found[names[area]][bucket] = Told((value, None if gauge else den), n)
    return found


def unshown(
    conn: Connection, catalogue: Catalogue, asked: Asked, series: Series
) -> set[tuple[str, date]]:
    """Return the (area, first day) of periods that must not be shown, also of untold ones."""
    indicator = asked.indicator
    if not indicator.small_count:
        return set()
    start, end = midnight(asked.first), midnight(asked.last) + timedelta(seconds=1)
    cells = hidden(
        conn, catalogue, indicators=[indicator.code], grain=asked.grain, start=start, end=end
    )
    here = set(asked.areas)
    found = {(area, at.astimezone(LOCAL).date()) for _code, area, at in cells if area in here}
    for area, periods in series.items():
        found |= {(area, day) for day, x in periods.items() if few(indicator, *x.counts)}
    return found


def short(conn: Connection, keys: Keys, asked: Asked) -> dict[tuple[str, date], int]:
    """Return of how many days were told, for every (area, first day) that may not be whole."""
    names = {keys.areas[a]: a for a in asked.areas if a in keys.areas}
    if asked.grain is Grain.DAY or not names:
        return {}
    t = m.rollup_day.c
    first, most = (_MONDAY, 7) if asked.grain is Grain.WEEK else (_FIRST_OF_MONTH, 31)
    begins = first[conn.dialect.name](t.bucket).label("begins")
    query = (
        select(t.area_id, begins, func.count())
        .where(
            t.indicator_id == keys.indicators.get(asked.indicator.code, -1),
            t.area_id.in_(sorted(names)),
            t.bucket >= asked.first,
            t.bucket < next_first(asked.last, asked.grain),
        )
        .group_by(t.area_id, begins)
        .having(func.count() < most)
    )
    return {(names[area], _day(at)): int(n) for area, at, n in conn.execute(query).all()}


Bucket = Callable[[Any], ColumnElement[Any]]
_MONDAY: dict[str, Bucket] = {
    "sqlite": lambda day: (type_coerce(day, Integer) + 3) // 7 * 7 - 3,
    "postgresql": lambda day: func.date_trunc("week", day).cast(Date),
}
"""Days since 1970, which began on a Thursday, on SQLite."""
_FIRST_OF_MONTH: dict[str, Bucket] = {
    "sqlite": lambda day: cast(
        func.julianday(type_coerce(day, Integer) * 86400, "unixepoch", "start of month")
        - 2440587.5,
        Integer,
    ),
    "postgresql": lambda day: func.date_trunc("month", day).cast(Date),
}


def _day(at: Any) -> date:
    return date.fromordinal(at + EPOCH_DAY) if isinstance(at, int) else at


@dataclass(frozen=True)
class Reach:
    """When an indicator begins and ends in an area. None: it was never told there."""

    first: date
    last: date


def reach(
    conn: Connection, keys: Keys, indicator: Indicator, area: str, grain: Grain
) -> Reach | None:
    """Return the first days of the first and the last period told of; day by day if it can be."""
    t = TABLES[max(indicator.grain, Grain.DAY) if indicator.grain < Grain.QUARTER else grain].c
    here = (
        t.indicator_id == keys.indicators.get(indicator.code, -1),
        t.area_id == keys.areas.get(area, -1),
    )
    first = conn.scalar(select(t.bucket).where(*here).order_by(t.bucket).limit(1))
    if first is None:
        return None
    last = conn.scalar(select(t.bucket).where(*here).order_by(t.bucket.desc()).limit(1))
    return Reach(first, last or first)


def areas_that_tell(
    conn: Connection, keys: Keys, indicator: Indicator, areas: Collection[str]
) -> set[str]:
    """Return which of these areas, or any place below them, ever told of an indicator."""
    lt, ac = m.latest.c, m.area_closure.c
    ids = {keys.areas[a]: a for a in areas if a in keys.areas}
    told_by = select(lt.area_id).where(lt.indicator_id == keys.indicators.get(indicator.code, -1))
    query = select(ac.ancestor_id).where(
        ac.ancestor_id.in_(sorted(ids)), ac.descendant_id.in_(told_by)
    )
    if not indicator.rolls_up:
        query = query.where(ac.depth == 0)
    return {ids[i] for i in conn.scalars(query.distinct()).all()}


def heard(conn: Connection, keys: Keys, indicator: Indicator) -> datetime | None:
    """Return when a value of an indicator was last known to hold anywhere."""
    lt = m.latest.c
    query = select(func.max(lt.known_at)).where(
        lt.indicator_id == keys.indicators.get(indicator.code, -1)
    )
    at: datetime | None = conn.scalar(query)
    return at


def versions(conn: Connection, keys: Keys, indicator: Indicator) -> list[Any]:
    """Return (version, valid_from, entry) of every definition, oldest first."""
    v = m.indicator_version.c
    query = select(v.version, v.valid_from, v.entry).where(
        v.indicator_id == keys.indicators.get(indicator.code, -1)
    )
    return list(conn.execute(query.order_by(v.valid_from, v.version)).all())


def targets(conn: Connection, keys: Keys, indicator: Indicator, area: str) -> list[Any]:
    """Return (kind, limits, set_by, valid_from) of every target, oldest first.

    Those of the area itself if it has any, else those of the whole city.
    """
    t = m.target.c
    query = select(t.area_id, t.kind, t.limits, t.set_by, t.valid_from).where(
        t.indicator_id == keys.indicators.get(indicator.code, -1),
        t.area_id.is_(None) | (t.area_id == keys.areas.get(area, -1)),
    )
    rows = list(conn.execute(query.order_by(t.valid_from, t.id)).all())
    own = [r for r in rows if r.area_id is not None]
    return own or rows
