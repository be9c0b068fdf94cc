"""An indicator of an area week by week, from its roll-ups."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from data import models as m
from data.catalogue import Catalogue
from data.queries.hidden import hidden
from data.queries.keys import Keys
from data.vocabulary import LOCAL, Aggregation, Grain

Floats = NDArray[np.float64]


def weekly_series(
    conn: Connection,
    keys: Keys,
    catalogue: Catalogue,
    code: str,
    area: str,
    first: date,
    last: date,
) -> tuple[Floats, Floats]:
    """Return numerators and denominators of the weeks whose Mondays are first to last.

    nan: nothing was told of the week, or it is a small count that is not shown. Of a gauge the
    numerator is its last value; without a denominator the second array is nan.
    """
    indicator, r = catalogue.indicators[code], m.rollup_week.c
    size = (last - first).days // 7 + 1
    num, den = np.full(max(size, 0), np.nan), np.full(max(size, 0), np.nan)
    query = select(r.bucket, r.num, r.den, r.last).where(
        r.indicator_id == keys.indicators[code],
        r.area_id == keys.areas[area],
        r.bucket >= first,
        r.bucket <= last,
    )
    gauge = indicator.aggregation is Aggregation.LAST
    for bucket, n, d, x in conn.execute(query).all():
        told = x if gauge else n
        if told is not None:
            place = (bucket - first).days // 7
            num[place], den[place] = told, np.nan if d is None else d
    for place in _hidden(conn, catalogue, code, area, first, last):
        num[place] = den[place] = np.nan
    return num, den


def _hidden(
    conn: Connection, catalogue: Catalogue, code: str, area: str, first: date, last: date
) -> list[int]:
    if not catalogue.indicators[code].small_count:
        return []
    start, end = _midnight(first), _midnight(last + timedelta(days=7))
    found = hidden(conn, catalogue, indicators=[code], grain=Grain.WEEK, start=start, end=end)
    days = (at.astimezone(LOCAL).date() for _, where, at in found if where == area)
    return [(day - first).days // 7 for day in days]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), LOCAL).astimezone(UTC)
