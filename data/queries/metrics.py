"""The figures of the store that a monitoring system collects. No person is in any of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from data import models as m
from data.queries import health

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class SourceFigures:
    """One source; ages in seconds, None if it never happened."""

    ok_age: float | None
    try_age: float | None
    failures: int
    runs: Mapping[str, int]
    """Runs of the last hour by status."""


@dataclass(frozen=True)
class StoreFigures:
    """The whole store; ages in seconds, sizes in bytes, None if unknown."""

    size: int
    beat_age: float | None
    panel_age: float | None
    clock_apart: float
    sources: Mapping[str, SourceFigures]


def store_figures(conn: Connection, *, now: datetime) -> StoreFigures:
    """Return all figures as of one moment."""
    beat, newest = health.collector_beat(conn), health.newest_snapshot(conn)
    return StoreFigures(
        size=store_size(conn),
        beat_age=_age(beat, now),
        panel_age=now.timestamp() - newest if newest else None,
        clock_apart=health.database_clock(conn),
        sources=_sources(conn, now),
    )


def store_size(conn: Connection) -> int:
    """Return the bytes the store takes on its disk."""
    if conn.dialect.name == "postgresql":
        return int(
            conn.execute(select(func.pg_database_size(func.current_database()))).scalar_one()
        )
    pages = int(conn.exec_driver_sql("pragma page_count").scalar_one())
    return pages * int(conn.exec_driver_sql("pragma page_size").scalar_one())


def _sources(conn: Connection, now: datetime) -> dict[str, SourceFigures]:
    s, state = m.source.c, m.source_state.c
    runs = _runs(conn, now)
    query = (
        select(s.id, s.code, state.last_ok_at, state.last_try_at, state.failures)
        .join(m.source_state, state.source_id == s.id)
        .where(s.retired == 0)
    )
    return {
        code: SourceFigures(_age(ok, now), _age(tried, now), failures, runs.get(id_, {}))
        for id_, code, ok, tried, failures in conn.execute(query).all()
    }


def _runs(conn: Connection, now: datetime) -> dict[int, dict[str, int]]:
    r = m.ingest_run.c
    query = (
        select(r.source_id, r.status, func.count())
        .where(r.source_id.in_(select(m.source.c.id)), r.recorded_at > now - HOUR)
        .group_by(r.source_id, r.status)
    )
    found: dict[int, dict[str, int]] = {}
    for source, status, count in conn.execute(query).all():
        found.setdefault(source, {})[status] = count
    return found


def _age(at: datetime | None, now: datetime) -> float | None:
    return (now - at).total_seconds() if at else None
