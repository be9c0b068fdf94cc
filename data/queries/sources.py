"""How each source is doing, its latest runs, and the rows that were refused."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from data import models as m
from data.catalogue import Catalogue
from data.catalogue.addresses import waits
from data.catalogue.entries import Source
from data.indicators.freshness import source_state
from data.queries.keys import Keys
from data.tables.registry import row_word
from data.vocabulary import ProblemRow, RunRow, SourceDetail, SourceRow, SourceState

ORDER = [
    SourceState.SILENT,
    SourceState.NEVER,
    SourceState.FAILED,
    SourceState.LATE,
    SourceState.FRESH,
]


_STATES = select(m.source_state)


def source_rows(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    *,
    now: datetime,
    counted: bool = True,
    waiting: bool = True,
) -> list[SourceRow]:
    """Return every source of the catalogue, worst first.

    counted: with the last day's rows. waiting: also those that wait for their first file.
    """
    states = {r.source_id: r for r in conn.execute(_STATES).all()}
    counts = _last_day(conn, now) if counted else {}
    rows = [
        _row(source, catalogue, states.get(keys.sources[key]),
             counts.get(keys.sources[key], (0, 0)), now)
        for key, source in catalogue.sources.items()
        if waiting or not waits(source) or keys.sources[key] in states
    ]  # fmt: skip
    return sorted(rows, key=lambda r: ORDER.index(SourceState(r["state"])))


def last_heard(conn: Connection) -> dict[str, datetime]:
    """Return when each source last answered well."""
    s = m.source_state.c
    query = select(m.source.c.code, s.last_ok_at).join(m.source, m.source.c.id == s.source_id)
    return dict(conn.execute(query.where(s.last_ok_at.is_not(None))).all())


def _last_day(conn: Connection, now: datetime) -> dict[int, tuple[int, int]]:
    r = m.ingest_run.c
    query = (
        select(r.source_id, func.sum(r.records), func.sum(r.quarantined))
        .where(r.recorded_at >= now - timedelta(days=1), r.status.in_(("ok", "refused")))
        .group_by(r.source_id)
    )
    return {s: (int(n or 0), int(q or 0)) for s, n, q in conn.execute(query)}


def _row(
    source: Source, catalogue: Catalogue, state: Any, counts: tuple[int, int], now: datetime
) -> SourceRow:
    return {
        "key": source.key,
        "name": source.name,
        "department": catalogue.departments[source.department].name,
        "connector": source.connector,
        "every": source.every,
        "stale_after": source.stale_after,
        "state": source_state(
            last_ok_at=state.last_ok_at if state else None,
            failures=state.failures if state else 0,
            every_s=source.every,
            stale_after_s=source.stale_after,
            now=now,
        ).value,
        "last_ok_at": _epoch(state.last_ok_at) if state else None,
        "last_try_at": _epoch(state.last_try_at) if state else None,
        "error": state.error if state else None,
        "records": counts[0],
        "quarantined": counts[1],
    }


def _epoch(at: datetime | None) -> float | None:
    return at.timestamp() if at else None


def source_detail(
    conn: Connection, catalogue: Catalogue, keys: Keys, key: str, *, now: datetime, limit: int = 30
) -> SourceDetail:
    """Return one source with its latest runs and refused rows, newest first."""
    rows = source_rows(conn, catalogue, keys, now=now)
    row = next(r for r in rows if r["key"] == key)
    source_id = keys.sources[key]
    word = row_word(catalogue.sources[key].connector)
    return {
        "source": row,
        "runs": _runs(conn, source_id, limit),
        "problems": _problems(conn, source_id, word, limit),
    }


def _runs(conn: Connection, source_id: int, limit: int) -> list[RunRow]:
    r, f = m.ingest_run.c, m.fetch.c
    query = (
        select(m.ingest_run, f.origin)
        .outerjoin(m.fetch, f.id == r.fetch_id)
        .where(r.source_id == source_id)
        .order_by(r.recorded_at.desc(), r.id.desc())
        .limit(limit)
    )
    return [
        {
            "run_id": x.id,
            "at": x.recorded_at.timestamp(),
            "status": x.status,
            "records": x.records,
            "new": x.new,
            "changed": x.changed,
            "same": x.same,
            "quarantined": x.quarantined,
            "origin": x.origin,
            "sha256": x.sha256,
            "error": x.error,
        }
        for x in conn.execute(query)
    ]


def _problems(conn: Connection, source_id: int, word: str, limit: int) -> list[ProblemRow]:
    q, r, f = m.quarantine.c, m.ingest_run.c, m.fetch.c
    query = (
        select(m.quarantine, r.recorded_at, f.origin)
        .join(m.ingest_run, r.id == q.run_id)
        .outerjoin(m.fetch, f.id == r.fetch_id)
        .where(r.source_id == source_id, q.refused == 1)
        .order_by(q.id.desc())
        .limit(limit)
    )
    return [
        {
            "run_id": x.run_id,
            "at": x.recorded_at.timestamp(),
            "origin": x.origin,
            "row_word": word,
            "row": x.row_no,
            "field": x.field,
            "reason": x.reason,
            "value": x.value,
            "detail": x.detail,
        }
        for x in conn.execute(query)
    ]
