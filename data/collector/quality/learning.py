"""Learn the rhythm of some units at a time from their hours of reception."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from data import models as m
from data.quality.rhythm import MIN_GAPS, WEEKS, Gap, Learned, learn

UNITS, AGAIN, SOON = 4, timedelta(hours=20), timedelta(hours=1)
"""Units learned in one look, how long what was learned holds, and nothing learned yet."""

Unit = tuple[int, int, int]


def learn_some(conn: Connection, *, now: datetime, country: str) -> list[dict[str, Any]]:
    """Return rows of `rhythm` for the units that were never learned or the longest ago."""
    t, y = m.reception.c, m.rhythm.c
    units = (
        select(t.source_id, t.indicator_id, t.area_id)
        .where(t.grain == 3, t.runs > 0, t.bucket >= now - timedelta(days=2))
        .distinct().subquery()
    )  # fmt: skip
    same = and_(y.source_id == units.c.source_id, y.indicator_id == units.c.indicator_id,
                y.area_id == units.c.area_id)  # fmt: skip
    query = (
        select(units).outerjoin(m.rhythm, same)
        .where(or_(y.learned_at.is_(None), y.learned_at < now - AGAIN,
                   and_(y.n == 0, y.learned_at < now - SOON)))
        .limit(UNITS)
    )  # fmt: skip
    rows = []
    for unit in conn.execute(query).all():
        learned = _learn(conn, (unit[0], unit[1], unit[2]), now=now, country=country)
        rows.append(_row((unit[0], unit[1], unit[2]), learned, now))
    return rows


def _learn(conn: Connection, unit: Unit, *, now: datetime, country: str) -> Learned | None:
    """Learn from arrivals an hour or more apart, or from how many an hour brings if faster."""
    t = m.reception.c
    query = (
        select(t.bucket, t.runs, t.first_at, t.last_at)
        .where(t.source_id == unit[0], t.indicator_id == unit[1], t.area_id == unit[2])
        .where(t.grain == 2, t.bucket >= now - timedelta(weeks=WEEKS), t.runs > 0)
        .order_by(t.bucket)
    )
    hours = conn.execute(query).all()
    busy = sum(1 for h in hours if h.runs > 1)
    if hours and busy > len(hours) / 2:
        return _fast(hours)
    return learn([h.last_at for h in hours if h.last_at is not None], country)


def _fast(hours: Any) -> Learned | None:
    """Return the gap within the hours: what lies between the first and the last, evenly shared."""
    gaps = [
        (h.last_at - h.first_at).total_seconds() / (h.runs - 1)
        for h in hours
        if h.runs > 1 and h.first_at is not None and h.last_at > h.first_at
    ]  # fmt: skip
    if len(gaps) < MIN_GAPS:
        return None
    ordered = sorted(gaps)
    middle = ordered[len(ordered) // 2]
    spread = 1.4826 * sorted(abs(g - middle) for g in gaps)[len(gaps) // 2]
    # means of many gaps hide how long a single one may be: by chance five times the mean
    return Learned(Gap(middle, max(spread, middle), sum(h.runs - 1 for h in hours)))


def _row(unit: Unit, learned: Learned | None, now: datetime) -> dict[str, Any]:
    whole = learned.whole if learned else Gap(0.0, 0.0, 0)
    return {
        "source_id": unit[0],
        "indicator_id": unit[1],
        "area_id": unit[2],
        "median_s": whole.median_s,
        "spread_s": whole.spread_s,
        "n": whole.n,
        "classes": {k: [g.median_s, g.spread_s, g.n] for k, g in learned.classes.items()}
        if learned else {},
        "learned_at": now,
    }  # fmt: skip


def write_rhythms(conn: Connection, rows: list[dict[str, Any]]) -> None:
    """Put what was learned in place of what was learned before."""
    y = m.rhythm.c
    for row in rows:
        own = (y.source_id == row["source_id"], y.indicator_id == row["indicator_id"],
               y.area_id == row["area_id"])  # fmt: skip
        conn.execute(m.rhythm.delete().where(*own))
    if rows:
        conn.execute(m.rhythm.insert(), rows)
