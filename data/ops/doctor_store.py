"""What can be seen in the store."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection

from data.catalogue import Catalogue
from data.models import schema
from data.ops.findings import BAD, OK, WARN, Finding
from data.queries import health
from data.queries.keys import read_keys
from data.queries.sources import source_rows
from data.settings import Settings
from data.vocabulary import SourceState

GOOD = (SourceState.FRESH,)
NAMED = 5


def every(
    conn: Connection, config: Settings, facts: Catalogue, *, now: datetime, stopped: bool
) -> Iterator[Finding]:
    """Look at the store; without tables there is nothing more to see."""
    yield _database(conn, config)
    if not schema.at_head(conn):
        words = "not what this version expects: run `python -m data migrate`"
        yield Finding("schema", BAD, words)
        return
    yield Finding("schema", OK, "at head")
    yield from _clock(conn, now)
    yield _collector(conn, now, stopped=stopped)
    yield _snapshot(conn, now, stopped=stopped)
    if not stopped:
        yield from _sources(conn, facts, now)


def _database(conn: Connection, config: Settings) -> Finding:
    if conn.dialect.name == "postgresql":
        said = str(conn.exec_driver_sql("show server_version").scalar())
        level = OK if int(said.split(".", 1)[0].split()[0]) >= 15 else WARN
        older = "" if level is OK else ": 15 or newer is needed"
        return Finding("store", level, f"PostgreSQL {said}{older}")
    said = f"SQLite {sqlite3.sqlite_version}, for one machine"
    if config.demo:
        return Finding("store", OK, said)
    return Finding("store", OK, f"{said}; a real centre takes PostgreSQL 15 or newer")


def _clock(conn: Connection, now: datetime) -> Iterator[Finding]:
    reasons = health.clock_reasons(conn, health.collector_beat(conn), now)
    for said in reasons:
        yield Finding("clock", BAD, said.removeprefix("clock: ") + ": set them by NTP")
    if not reasons:
        yield Finding("clock", OK, f"{now:%Y-%m-%d %H:%M:%S} UTC, agrees with the store's")


def _collector(conn: Connection, now: datetime, *, stopped: bool) -> Finding:
    beat = health.collector_beat(conn)
    age = (now - beat).total_seconds() if beat else None
    alive = age is not None and age <= health.COLLECTOR_S
    if stopped:
        words = "still leads: stop it" if alive else "stopped"
        return Finding("collector", BAD if alive else OK, words)
    if alive:
        return Finding("collector", OK, f"heard {age:.0f} s ago")
    ago = f"last heard {_long(age)} ago" if age is not None else "never heard"
    return Finding("collector", BAD, f"{ago}: start `python -m data collect`")


def _snapshot(conn: Connection, now: datetime, *, stopped: bool) -> Finding:
    newest = health.newest_snapshot(conn)
    if newest is None:
        return Finding("panels", OK if stopped else BAD, "none was ever made")
    age = now.timestamp() - newest
    fresh = stopped or age <= health.SNAPSHOT_S
    return Finding("panels", OK if fresh else BAD, f"the newest is {_long(age)} old")


def _sources(conn: Connection, facts: Catalogue, now: datetime) -> Iterator[Finding]:
    rows = source_rows(conn, facts, read_keys(conn), now=now, counted=False, waiting=False)
    states = Counter(SourceState(row["state"]) for row in rows)
    late = [row["key"] for row in rows if SourceState(row["state"]) not in GOOD]
    words = ", ".join(f"{count} {state.value}" for state, count in sorted(states.items()))
    if late:
        more = f" and {len(late) - NAMED} more" if len(late) > NAMED else ""
        words += f": {', '.join(late[:NAMED])}{more}"
    yield Finding("sources", WARN if late else OK, words or "none is connected")


def _long(seconds: float | None) -> str:
    whole = max(0.0, seconds or 0.0)
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if whole >= 2 * size:
            return f"{whole / size:.0f} {unit}"
    return f"{whole:.0f} s"
