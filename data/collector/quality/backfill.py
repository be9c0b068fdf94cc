"""Fill the weeks before the first look, a day a look, from the hours that are rolled up."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, select

from data import models as m
from data.catalogue import Catalogue
from data.collector.quality.marks import read_mark, set_mark
from data.quality.rhythm import WEEKS
from data.queries.keys import Keys
from data.vocabulary import LOCAL, Grain

MARK = "backfilled"


def backfill(conn: Connection, catalogue: Catalogue, keys: Keys, *, now: datetime) -> bool:
    """Write one more past day of reception; return whether there was one to write.

    An hour counts as received when it holds any fact. When it came is not
    looked at: most of such a past was loaded in one go.
    """
    today = now.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    mark = read_mark(conn, MARK)
    day = datetime.fromtimestamp(mark, UTC) if mark is not None else today.astimezone(UTC)
    day -= timedelta(days=1)
    if day < now - timedelta(weeks=WEEKS):
        return False
    rows = _rows(conn, catalogue, keys, day)
    known = m.reception.c.grain == 3, m.reception.c.bucket == day
    if rows and conn.execute(select(m.reception.c.grain).where(*known).limit(1)).first() is None:
        conn.execute(m.reception.insert(), rows)
    set_mark(conn, MARK, int(day.timestamp()))
    return True


def _rows(
    conn: Connection, catalogue: Catalogue, keys: Keys, day: datetime
) -> list[dict[str, Any]]:
    lt, h = m.latest.c, m.rollup_hour.c
    own = and_(h.indicator_id == lt.indicator_id, h.area_id == lt.area_id)
    first = select(func.min(h.bucket)).where(own, h.bucket < day + timedelta(days=1))
    hours = select(func.count()).where(
        own, h.bucket >= day, h.bucket < day + timedelta(days=1), h.native == 1
    )
    query = select(
        lt.indicator_id, lt.area_id,
        first.correlate(m.latest).scalar_subquery(), hours.correlate(m.latest).scalar_subquery(),
    ).where(lt.grain <= int(Grain.HOUR))  # fmt: skip
    sources = {keys.indicators[i.code]: keys.sources[i.source]
               for i in catalogue.indicators.values()}  # fmt: skip
    tallies: dict[tuple[int, int, int], list[int]] = defaultdict(lambda: [0, 0])
    for indicator, area, began, received in conn.execute(query):
        if began is None or indicator not in sources:
            continue
        source = sources[indicator]
        whole = min(24, int((day + timedelta(days=1) - max(began, day)).total_seconds() // 3600))
        for unit in ((source, indicator, 0), (source, 0, keys.county_of[area]), (source, 0, 0)):
            tallies[unit][0] += whole
            tallies[unit][1] += received
    return [
        {"grain": 3, "bucket": day, "source_id": s, "indicator_id": i, "area_id": a,
         "expected": expected, "received": received}
        for (s, i, a), (expected, received) in tallies.items()
    ]  # fmt: skip
