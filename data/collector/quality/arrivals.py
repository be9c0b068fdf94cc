"""What came in since the last look: runs, refused rows, new content by unit. Only what is new."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from data import models as m
from data.catalogue import Catalogue
from data.queries.keys import Keys

MAX_RUNS = 5000
Unit = tuple[int, int, int]
"""source id, indicator id or 0, area id or 0"""


@dataclass
class Arrivals:
    """Runs and refused rows after a mark.

    news: instants of new content by unit. read, refused: rows by source and
    hour. reasons: refused rows and warnings by source and reason, with one
    example. ran: sources with a run that read a file.
    """

    last_run: int
    news: dict[Unit, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    rows: dict[tuple[int, datetime], list[int]] = field(default_factory=dict)
    reasons: dict[tuple[int, str], Reason] = field(default_factory=dict)
    ran: set[int] = field(default_factory=set)
    same: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    unlisted: dict[int, tuple[int, int]] = field(default_factory=dict)
    failed: dict[int, Reason] = field(default_factory=dict)


@dataclass(frozen=True)
class Reason:
    """How often a reason was given, and one row for an example."""

    times: int
    run_id: int
    value: str | None
    detail: str


def hour_of(at: datetime) -> datetime:
    """Return the start of the hour."""
    return at.replace(minute=0, second=0, microsecond=0)


def read_arrivals(conn: Connection, catalogue: Catalogue, keys: Keys, after: int) -> Arrivals:
    """Return everything that runs after `after` brought; at most MAX_RUNS of them a look."""
    r = m.ingest_run.c
    query = (
        select(r.id, r.source_id, r.recorded_at, r.status, r.records, r.new, r.changed,
               r.quarantined, r.unlisted, r.error)
        .where(r.id > after).order_by(r.id).limit(MAX_RUNS)
    )  # fmt: skip
    runs = conn.execute(query).all()
    found = Arrivals(runs[-1].id if runs else after)
    for run in runs:
        _run(found, run)
    _units(conn, found, catalogue, keys, after)
    _cases(conn, found, catalogue, keys, runs)
    _reasons(conn, found, after)
    return found


def _run(found: Arrivals, run: Any) -> None:
    if run.status == "replayed":
        return
    if run.status == "duplicate":
        found.same[run.source_id] += 1
        return
    if run.status == "failed":
        before = found.failed.get(run.source_id)
        times = 1 + (before.times if before else 0)
        found.failed[run.source_id] = Reason(times, run.id, None, run.error or "")
        return
    rows = found.rows.setdefault((run.source_id, hour_of(run.recorded_at)), [0, 0])
    found.ran.add(run.source_id)
    rows[0] += run.records + run.quarantined  # most are refused before they become records
    rows[1] += run.quarantined
    if run.new + run.changed:
        found.news[(run.source_id, 0, 0)].append(run.recorded_at)
    if run.unlisted:
        found.unlisted[run.source_id] = (run.unlisted, run.id)


def _units(conn: Connection, found: Arrivals, catalogue: Catalogue, keys: Keys, after: int) -> None:
    """Add what moved the newest value of each indicator and county since.

    Derived indicators are written while the source is heard, new or not, so
    they tell nothing here.
    """
    lt, r = m.latest.c, m.ingest_run.c
    told = {
        keys.indicators[i.code]: keys.sources[i.source]
        for i in catalogue.indicators.values() if i.feed.kind not in ("cases", "alerts")
    }  # fmt: skip
    query = (
        select(lt.indicator_id, lt.area_id, r.recorded_at)
        .join(m.ingest_run, r.id == lt.run_id)
        .where(lt.run_id > after, lt.run_id <= found.last_run, r.status == "ok")
    )
    for indicator, area, at in conn.execute(query):
        if indicator in told:
            source = told[indicator]
            found.news[(source, indicator, 0)].append(at)
            found.news[(source, 0, keys.county_of[area])].append(at)


def _cases(
    conn: Connection, found: Arrivals, catalogue: Catalogue, keys: Keys, runs: Iterable[Any]
) -> None:
    """Add the counties whose cases were reported meanwhile; answered by an index alone."""
    times = [run.recorded_at for run in runs]
    if not times:
        return
    c = m.cases.c
    for source in (s for s in catalogue.sources.values() if s.connector == "open311"):
        query = (
            select(c.county_id, func.max(c.reported_at))
            .where(c.source_id == keys.sources[source.key])
            .where(c.reported_at > min(times), c.reported_at <= max(times))
            .group_by(c.county_id)
        )
        for county, at in conn.execute(query):
            found.news[(keys.sources[source.key], 0, county)].append(at)


def _reasons(conn: Connection, found: Arrivals, after: int) -> None:
    q, r = m.quarantine.c, m.ingest_run.c
    query = (
        select(r.source_id, q.reason, func.count(), func.max(q.id), func.max(q.run_id))
        .join(m.ingest_run, r.id == q.run_id)
        .where(q.run_id > after, q.run_id <= found.last_run)
        .group_by(r.source_id, q.reason)
    )
    grouped = conn.execute(query).all()
    examples = select(q.id, q.value, q.detail).where(q.id.in_([row[3] for row in grouped]))
    shown = {row.id: row for row in conn.execute(examples)} if grouped else {}
    for source, reason, times, newest, run in grouped:
        example = shown[newest]
        found.reasons[(source, reason)] = Reason(times, run, example.value, example.detail)
