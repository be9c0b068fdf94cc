"""Fill the weeks before the first look, a day a look, from the hours that are rolled up."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, select

from data import models as m
from data.catalogue import Catalogue
from data.collector.quality.marks import read_mark, set_mark
from data.quality.rhythm import WEEKS
from data.queries.keys import Keys
from data.vocabulary import LOCAL, Grain

MARK = "backfilled"


def backfill(conn: Connection, catalogue: Catalogue, keys: Keys, *, now: datetime) -> bool:
    """Write one more past day of reception; return whether there was one to write.

    Hours in which any county of a source told something were expected of all
    its counties: what a source as a whole should have sent then, nobody knows
    any more. When it came is not looked at: such a past is mostly loaded in one go.
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
    own = and_(
        h.indicator_id == lt.indicator_id, h.area_id == lt.area_id, h.native == 1,
        h.bucket >= day, h.bucket < day + timedelta(days=1),
    )  # fmt: skip
    query = (
        select(h.indicator_id, h.area_id, h.bucket).select_from(m.latest)
        .join(m.rollup_hour, own).where(lt.grain <= int(Grain.HOUR))
    )  # fmt: skip
    sources = {keys.indicators[i.code]: keys.sources[i.source]
               for i in catalogue.indicators.values()}  # fmt: skip
    told: dict[int, dict[int, set[datetime]]] = defaultdict(lambda: defaultdict(set))
    for indicator, area, bucket in conn.execute(query):
        if indicator in sources:
            told[sources[indicator]][keys.county_of[area]].add(bucket)
    rows = []
    for source, areas in told.items():
        expected = len(set().union(*areas.values()))
        counts = [(area, expected, len(hours)) for area, hours in areas.items()]
        counts.append((0, expected * len(areas), sum(n for _, _, n in counts)))
        rows += [
            {"grain": 3, "bucket": day, "source_id": source, "indicator_id": 0, "area_id": area,
             "expected": due, "received": received}
            for area, due, received in counts
        ]  # fmt: skip
    return rows
