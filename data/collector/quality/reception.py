"""Write what came in to the small table that the pages read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, text

from data import models as m
from data.collector.quality.arrivals import Arrivals, hour_of
from data.collector.quality.expected import Expected
from data.vocabulary import LOCAL

KEPT = timedelta(weeks=13)
"""Hours are kept as long as a rhythm is learned from; days stay."""

_KEY = "(grain, bucket, source_id, indicator_id, area_id)"

_ADD = f"""insert into reception (grain, bucket, source_id, indicator_id, area_id, runs, first_at,
    last_at, read, refused)
  values (2, :bucket, :source, :indicator, :area, :runs, :first, :last, :read, :refused)
  on conflict {_KEY} do update set runs = reception.runs + excluded.runs,
    first_at = coalesce(reception.first_at, excluded.first_at),
    last_at = coalesce(excluded.last_at, reception.last_at),
    read = reception.read + excluded.read, refused = reception.refused + excluded.refused"""

_SET = f"""insert into reception (grain, bucket, source_id, indicator_id, area_id, expected,
    received, due, timely, corrected)
  values (:grain, :bucket, :source, :indicator, :area, :expected, :received, :due, :timely,
    :corrected)
  on conflict {_KEY} do update set expected = excluded.expected, received = excluded.received,
    due = excluded.due, timely = excluded.timely, corrected = excluded.corrected"""


def write_arrivals(conn: Connection, found: Arrivals) -> set[datetime]:
    """Add runs, new content and rows to their hours; return the hours."""
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}

    def row(bucket: datetime, source: int, indicator: int, area: int) -> dict[str, Any]:
        key = (bucket, source, indicator, area)
        empty = {"runs": 0, "first": None, "last": None, "read": 0, "refused": 0}
        return rows.setdefault(key, {
            "bucket": bucket, "source": source, "indicator": indicator, "area": area, **empty,
        })  # fmt: skip

    for unit, instants in found.news.items():
        for at in sorted(set(instants)):
            one = row(hour_of(at), *unit)
            one["runs"] += 1
            one["first"], one["last"] = one["first"] or at, at
    for (source, bucket), (read, refused) in found.rows.items():
        one = row(bucket, source, 0, 0)
        one["read"], one["refused"] = read, refused
    if rows:
        typed = text(_ADD).bindparams(*m.instants("bucket", "first", "last"))
        conn.execute(typed, list(rows.values()))
    return {key[0] for key in rows}


def write_expected(conn: Connection, found: Expected) -> set[datetime]:
    """Put the tallies in place of those of before; return the hours."""
    rows = [
        {
            "grain": grain, "bucket": bucket, "source": unit[0], "indicator": unit[1],
            "area": unit[2], "expected": t.expected, "received": t.received, "due": t.due,
            "timely": t.timely, "corrected": t.corrected,
        }
        for (unit, bucket, grain), t in found.tallies.items()
    ]  # fmt: skip
    if rows:
        conn.execute(text(_SET).bindparams(*m.instants("bucket")), rows)
    return {bucket for _, bucket, grain in found.tallies if grain < 3}


SUMMED = ("runs", "expected", "received", "due", "timely", "read", "refused", "corrected")


def fold_days(conn: Connection, hours: Iterable[datetime]) -> None:
    """Make the local days of some hours again from all their hours."""
    for start in sorted({_day(at) for at in hours}):
        conn.execute(
            m.reception.delete().where(m.reception.c.grain == 3, m.reception.c.bucket == start)
        )
        rows = _sums(conn, start)
        if rows:
            conn.execute(m.reception.insert(), rows)


def _sums(conn: Connection, start: datetime) -> Sequence[dict[str, Any]]:
    t = m.reception.c
    query = (
        select(t.source_id, t.indicator_id, t.area_id, func.min(t.first_at), func.max(t.last_at),
               *(func.sum(t[name]) for name in SUMMED))
        .where(t.grain.in_([1, 2]), t.bucket >= start, t.bucket < start + timedelta(days=1))
        .group_by(t.source_id, t.indicator_id, t.area_id)
    )  # fmt: skip
    return [
        {
            "grain": 3, "bucket": start, "source_id": s, "indicator_id": i, "area_id": a,
            "first_at": first, "last_at": last,
            **{name: int(n) for name, n in zip(SUMMED, sums, strict=True)},
        }
        for s, i, a, first, last, *sums in conn.execute(query)
    ]  # fmt: skip


def _day(at: datetime) -> datetime:
    local = at.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    return local.astimezone(UTC)


def forget_hours(conn: Connection, now: datetime) -> None:
    """Let go of hours older than rhythms look back."""
    t = m.reception.c
    conn.execute(m.reception.delete().where(t.grain.in_([1, 2]), t.bucket < now - KEPT))
