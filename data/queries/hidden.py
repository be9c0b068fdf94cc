"""Which cells must not be shown because so few people stand behind them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import Connection, select

from data import models as m
from data.catalogue import Catalogue
from data.queries.keys import read_keys
from data.vocabulary import CITY_LEVEL, LOCAL, Grain

Cell = tuple[str, str, datetime]
"""indicator code, area code, start of the period"""

_TABLES = {
    Grain.HOUR: m.rollup_hour,
    Grain.DAY: m.rollup_day,
    Grain.WEEK: m.rollup_week,
    Grain.MONTH: m.rollup_month,
}


def hidden(
    conn: Connection,
    catalogue: Catalogue,
    *,
    indicators: Iterable[str],
    grain: Grain,
    start: datetime,
    end: datetime,
) -> set[Cell]:
    """Return every cell of the periods beginning in [start, end) that must not be shown.

    Below the city a count from 1 up to the indicator's small_count is hidden.
    """
    keys, found = read_keys(conn), set()
    codes = keys.area_codes()
    for code in indicators:
        indicator = catalogue.indicators[code]
        if not indicator.small_count:
            continue
        for area_id, at, num in _counts(conn, keys.indicators[code], grain, start, end):
            area = catalogue.areas[codes[area_id]]
            if 0 < num < indicator.small_count and area.level > CITY_LEVEL:
                found.add((code, area.code, at))
    return found


def _counts(
    conn: Connection, indicator: int, grain: Grain, start: datetime, end: datetime
) -> list[tuple[int, datetime, float]]:
    if grain is Grain.MINUTE:
        o = m.observation.c
        wanted = (o.indicator_id == indicator, o.grain == int(grain))
        query = select(o.area_id, o.period_start, o.num).where(*wanted)
        return list(conn.execute(query.where(o.period_start >= start, o.period_start < end)).all())
    t = _TABLES[grain].c
    by_day = grain is not Grain.HOUR
    low = start.astimezone(LOCAL).date() if by_day else start
    high = end.astimezone(LOCAL).date() if by_day else end
    rows = conn.execute(
        select(t.area_id, t.bucket, t.num).where(
            t.indicator_id == indicator, t.bucket >= low, t.bucket <= high
        )
    )
    return [(area, _instant(bucket), num) for area, bucket, num in rows]


def _instant(bucket: date | datetime) -> datetime:
    if isinstance(bucket, datetime):
        return bucket
    return datetime.combine(bucket, datetime.min.time(), LOCAL)
