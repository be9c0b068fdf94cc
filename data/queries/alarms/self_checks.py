"""Every self-check as the page of sources lists it: figures only, their words are the page's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from data import models as m
from data.catalogue import Catalogue
from data.models import schema
from data.queries import health
from data.queries.alarms.marks import JUMP, instant, read_mark
from data.queries.alarms.notices import target_states
from data.queries.alarms.screens import screen_rows
from data.queries.alarms.self_check import DAY, DISK_LOW, PERIOD, WAL_BYTES, wal_bytes
from data.queries.metrics import store_size
from data.settings import settings
from data.vocabulary.screens import CheckRow, ScreenState

OK, WARN, BAD, UNKNOWN = "ok", "warn", "bad", "unknown"
TICK_S = 90
"""The rules are looked at every 20 s at the latest."""


def self_checks(conn: Connection, catalogue: Catalogue, now: datetime) -> list[CheckRow]:
    """Return the checks in the order of the chain: collector, rules, panels, store, notices."""
    if not schema.at_head(conn):
        return [_row("schema", BAD, good=False)]
    return [
        _collector(conn, now),
        _tick(conn, catalogue, now),
        _panels(conn, now),
        _store(conn),
        _disk(),
        _clock(conn, now),
        _row("schema", OK, good=True),
        _notices(conn, catalogue, now),
        _heartbeat(conn, catalogue, now),
        _screens(conn, now),
    ]


def troubles(checks: list[CheckRow]) -> int:
    """Return how many checks are not well."""
    return sum(1 for check in checks if check["level"] in (WARN, BAD))


def _row(key: str, level: str, at: float | None = None, **values: Any) -> CheckRow:
    return {"key": key, "level": level, "values": values, "at": at}


def _aged(key: str, at: datetime | None, most: float, now: datetime, **values: Any) -> CheckRow:
    """Return a check of something that should be recent; what was never heard of is bad too."""
    if at is None:
        return _row(key, BAD, **values)
    age = max(0.0, (now - at).total_seconds())
    return _row(key, OK if age <= most else BAD, at.timestamp(), age=age, **values)


def _collector(conn: Connection, now: datetime) -> CheckRow:
    one = m.lease.c
    row = conn.execute(select(m.lease).where(one.name == "collector")).first()
    holder = row.holder if row is not None else ""
    beat = row.beat_at if row is not None else None
    return _aged("collector", beat, health.COLLECTOR_S, now, holder=holder)


def _tick(conn: Connection, catalogue: Catalogue, now: datetime) -> CheckRow:
    p = m.panel_snapshot.c
    mine = (p.panel == "alarms", p.area == catalogue.city.code)
    made = conn.execute(select(p.as_of).where(*mine)).scalar()
    return _aged("tick", _at(made, now), TICK_S, now)


def _panels(conn: Connection, now: datetime) -> CheckRow:
    return _aged("panels", _at(health.newest_snapshot(conn), now), health.SNAPSHOT_S, now)


def _at(epoch: float | None, now: datetime) -> datetime | None:
    return datetime.fromtimestamp(epoch, now.tzinfo) if epoch else None


def _store(conn: Connection) -> CheckRow:
    wal = wal_bytes(conn)
    level = BAD if wal is not None and wal > WAL_BYTES else OK
    return _row("store", level, kind=conn.dialect.name, size=store_size(conn), wal=wal)


def _disk() -> CheckRow:
    free, total = health.disk(settings().var)
    share = free / total
    level = BAD if share < health.DISK_FREE else WARN if share < DISK_LOW else OK
    return _row("disk", level, free=free, total=total)


def _clock(conn: Connection, now: datetime) -> CheckRow:
    apart = health.clock_reasons(conn, health.collector_beat(conn), now)
    jump = read_mark(conn, JUMP)
    at = instant(jump)
    recent = at is not None and abs(now - at) < DAY
    seconds = jump.get("seconds") if recent else None
    level = BAD if apart else WARN if recent else OK
    return _row("clock", level, at.timestamp() if recent and at else None, jump=seconds,
                apart=bool(apart))  # fmt: skip


def _notices(conn: Connection, catalogue: Catalogue, now: datetime) -> CheckRow:
    states = [s for s in _targets(conn, catalogue, now) if s.connected]
    waiting, late = sum(s.waiting for s in states), sum(s.undelivered for s in states)
    names = [catalogue.notices[s.key].name for s in states if s.undelivered]
    level = BAD if late else OK if states else WARN
    known = sum(1 for t in catalogue.notices.values() if t.kind != "heartbeat")
    return _row("notices", level, used=len(states), known=known, waiting=waiting, late=late,
                names=names)  # fmt: skip


def _targets(conn: Connection, catalogue: Catalogue, now: datetime) -> Iterator[Any]:
    for state in target_states(conn, catalogue, now):
        if catalogue.notices[state.key].kind != "heartbeat":
            yield state


def _heartbeat(conn: Connection, catalogue: Catalogue, now: datetime) -> CheckRow:
    found = [
        s.sent_at for s in target_states(conn, catalogue, now)
        if s.connected and catalogue.notices[s.key].kind == "heartbeat"
    ]  # fmt: skip
    known = [at for at in found if at is not None]
    if not known or len(known) < len(found):
        return _row("heartbeat", UNKNOWN)
    return _aged("heartbeat", min(known), 2 * PERIOD.total_seconds(), now)


def _screens(conn: Connection, now: datetime) -> CheckRow:
    states = Counter(row["state"] for row in screen_rows(conn, now))
    bad = states[ScreenState.LOST.value] + states[ScreenState.FROZEN.value]
    known = sum(states.values()) - states[ScreenState.RETIRED.value]
    known -= states[ScreenState.CLOSED.value]
    level = BAD if bad else WARN if states[ScreenState.LATE.value] else OK if known else UNKNOWN
    return _row("screens", level, lost=bad, known=known)
