"""Is the store fit to serve: reachable, at head, its collector alive, its panels fresh."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, func, select

from data import models as m
from data.models import schema
from data.store import utc_now

COLLECTOR_S, SNAPSHOT_S, DISK_FREE = 30, 120, 0.02
CLOCK_S = 5.0
"""Two clocks may differ by so much; a lease lapses after 15 s."""


def reasons_not_ready(conn: Connection, *, now: datetime, var: Path) -> list[str]:
    """Return why the store cannot serve the wall; an empty list when it can."""
    if not schema.at_head(conn):
        return ["schema is not at head: run `python -m data migrate`"]
    found = []
    beat = collector_beat(conn)
    if beat is None or (now - beat).total_seconds() > COLLECTOR_S:
        found.append("collector is not alive")
    newest = newest_snapshot(conn)
    if not newest or now.timestamp() - newest > SNAPSHOT_S:
        found.append("no fresh panel snapshot")
    free, total = disk(var)
    if free / total < DISK_FREE:
        found.append(f"disk is nearly full: {free / 1e9:.1f} GB free")
    return found + clock_reasons(conn, beat, now)


def collector_beat(conn: Connection) -> datetime | None:
    """Return when the leading collector was last heard."""
    lease = m.lease.c
    return conn.execute(select(lease.beat_at).where(lease.name == "collector")).scalar()


def newest_snapshot(conn: Connection) -> float | None:
    """Return when the newest panel was made, in epoch seconds."""
    newest: float | None = conn.execute(select(func.max(m.panel_snapshot.c.as_of))).scalar()
    return newest or None


def disk(var: Path) -> tuple[int, int]:
    """Return the bytes that are free where the files lie, and all bytes there."""
    usage = shutil.disk_usage(var if var.exists() else Path("/"))
    return usage.free, usage.total


def clock_reasons(conn: Connection, beat: datetime | None, now: datetime) -> list[str]:
    """Return what is wrong with the clocks: of this machine, the collector's, the database's.

    A beat of the future would make a dead collector look alive.
    """
    if beat is not None and (beat - now).total_seconds() > CLOCK_S:
        ahead = (beat - now).total_seconds()
        return [f"clock: the collector's is {ahead:.0f} s ahead of this machine's"]
    apart = database_clock(conn)
    if abs(apart) <= CLOCK_S:
        return []
    way = "ahead of" if apart > 0 else "behind"
    return [f"clock: the database's is {abs(apart):.0f} s {way} this machine's"]


def database_clock(conn: Connection) -> float:
    """Return by how many seconds the database's clock is ahead; SQLite has this machine's."""
    if conn.dialect.name != "postgresql":
        return 0.0
    before = utc_now()
    there: datetime = conn.execute(select(func.clock_timestamp())).scalar_one()
    return (there - before - (utc_now() - before) / 2).total_seconds()
