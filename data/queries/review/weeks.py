"""Weeks and days of many indicators and areas at once, from the roll-ups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
from sqlalchemy import Connection, TextClause, bindparam, select, text

from data import models as m
from data.catalogue import Catalogue
from data.models.columns import EPOCH_DAY, LocalDay
from data.queries.hidden import hidden
from data.queries.keys import Keys
from data.review.series import Counted, Pair, Series
from data.vocabulary import LOCAL, Grain

Days = dict[Pair, dict[date, Counted]]
WEEK = timedelta(days=7)


def week_series(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    codes: Sequence[str],
    areas: Sequence[str],
    first: date,
    last: date,
) -> dict[Pair, Series]:
    """Return the weeks from Monday `first` to Monday `last` of every indicator in every area.

    Also of pairs that told nothing. What may not be shown is left out and marked.
    """
    weeks = (last - first).days // 7 + 1
    places = {(keys.indicators[c], keys.areas[a]): (c, a) for c in codes for a in areas}
    empty = {pair: _empty(*pair, weeks) for pair in places.values()}
    start = first.toordinal()
    for i, a, bucket, num, den, newest in _rows(conn, "week", keys, codes, areas, first, last):
        series, place = empty[places[i, a]], (_ordinal(bucket) - start) // 7
        series.num[place] = num
        series.den[place] = np.nan if den is None else den
        series.last[place] = np.nan if newest is None else newest
    for code, area, place in _hidden_weeks(conn, catalogue, codes, set(areas), first, last):
        series = empty[code, area]
        series.hidden[place] = not np.isnan(series.num[place])
        series.num[place] = series.den[place] = series.last[place] = np.nan
    return empty


def _empty(code: str, area: str, weeks: int) -> Series:
    num, den, last = (np.full(weeks, np.nan) for _ in range(3))
    return Series(code, area, num, den, last, np.zeros(weeks, dtype=bool))


def _hidden_weeks(
    conn: Connection,
    catalogue: Catalogue,
    codes: Iterable[str],
    areas: Collection[str],
    first: date,
    last: date,
) -> Iterable[tuple[str, str, int]]:
    guarded = [c for c in codes if catalogue.indicators[c].small_count]
    cells = hidden(
        conn,
        catalogue,
        indicators=guarded,
        grain=Grain.WEEK,
        start=_midnight(first),
        end=_midnight(last + WEEK),
    )
    for code, area, at in cells:
        if area in areas:
            yield code, area, (at.astimezone(LOCAL).date() - first).days // 7


def day_counts(
    conn: Connection, keys: Keys, codes: Sequence[str], areas: Sequence[str], days: Iterable[date]
) -> Days:
    """Return what was counted on some days; days that were not told are not there.

    Nothing is hidden here: ask `hidden_days` before a number is shown.
    """
    wanted = sorted(set(days))
    places = {(keys.indicators[c], keys.areas[a]): (c, a) for c in codes for a in areas}
    found: Days = defaultdict(dict)
    for first, last in _stretches(wanted):
        for i, a, bucket, num, den, newest in _rows(conn, "day", keys, codes, areas, first, last):
            found[places[i, a]][date.fromordinal(_ordinal(bucket))] = (num, den, newest)
    return found


def hidden_days(
    conn: Connection, catalogue: Catalogue, codes: Iterable[str], days: Iterable[date]
) -> set[tuple[str, str, date]]:
    """Return the (indicator, area, day) that may not be shown."""
    guarded = [c for c in codes if catalogue.indicators[c].small_count]
    found: set[tuple[str, str, date]] = set()
    for first, last in _stretches(sorted(set(days))) if guarded else ():
        cells = hidden(
            conn,
            catalogue,
            indicators=guarded,
            grain=Grain.DAY,
            start=_midnight(first),
            end=_midnight(last + timedelta(days=1)),
        )
        found |= {(code, area, at.astimezone(LOCAL).date()) for code, area, at in cells}
    return found


def _stretches(days: Sequence[date]) -> Iterable[tuple[date, date]]:
    """Yield runs of days that are a week apart at most, as first and last day."""
    first = before = None
    for day in days:
        if first is not None and before is not None and day - before > WEEK:
            yield first, before
            first = None
        first, before = first or day, day
    if first is not None and before is not None:
        yield first, before


def began(conn: Connection, keys: Keys, codes: Sequence[str], area: str) -> dict[str, date]:
    """Return the first week that each indicator told of an area, if it ever did."""
    w = m.rollup_week.c
    found = {}
    for code in codes:  # one look into the primary key; a group would read every week
        own = (w.indicator_id == keys.indicators[code], w.area_id == keys.areas[area])
        first = conn.scalar(select(w.bucket).where(*own).order_by(w.bucket).limit(1))
        if first is not None:
            found[code] = first
    return found


def breaks_in_store(conn: Connection, keys: Keys, codes: Sequence[str]) -> dict[str, list[date]]:
    """Return from which days on later versions of each definition hold."""
    v = m.indicator_version.c
    ids = [keys.indicators[c] for c in codes]
    names = keys.indicator_codes()
    query = select(v.indicator_id, v.valid_from).where(v.indicator_id.in_(ids), v.version > 1)
    found: dict[str, list[date]] = defaultdict(list)
    for i, day in conn.execute(query.order_by(v.version)).all():
        found[names[i]].append(day)
    return found


def _rows(
    conn: Connection,
    table: str,
    keys: Keys,
    codes: Sequence[str],
    areas: Sequence[str],
    first: date,
    last: date,
) -> Sequence[Any]:
    if not codes or not areas or last < first:
        return ()
    values = {
        "ids": [keys.indicators[c] for c in codes],
        "areas": [keys.areas[a] for a in areas],
        "first": first,
        "last": last,
    }
    return conn.execute(_statement(table, conn.dialect.name == "postgresql"), values).all()


@cache
def _statement(table: str, postgres: bool) -> TextClause:
    """Return one walk of the primary key for each indicator and area."""
    chosen = "= any(cast(:{} as smallint[]))" if postgres else "in :{}"
    sql = f"""select indicator_id, area_id, bucket, num, den, last from rollup_{table}
      where indicator_id {chosen.format("ids")} and area_id {chosen.format("areas")}
        and bucket between :first and :last"""
    typed: list[Any] = [bindparam(name, type_=LocalDay()) for name in ("first", "last")]
    if not postgres:
        typed += [bindparam(name, expanding=True) for name in ("ids", "areas")]
    return text(sql).bindparams(*typed)


def _ordinal(bucket: Any) -> int:
    """Return a bucket as the driver gives it: this reads tens of thousands of rows."""
    return bucket + EPOCH_DAY if type(bucket) is int else int(bucket.toordinal())


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), LOCAL).astimezone(UTC)
