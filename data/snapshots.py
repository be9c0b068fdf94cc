"""What the screens are pushed: publish() where facts are written, Watch where they are served."""

from __future__ import annotations

import hashlib
import json
import re
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, case, select, text

from data import models as m
from data.store import Store

CHANNEL = "zhizhi_panel"
p = m.panel_snapshot.c


def publish(
    conn: Connection,
    panels: Mapping[tuple[str, str], Any],
    *,
    now: float,
    ttl: int,
    moving: frozenset[str] = frozenset(),
) -> int:
    """Publish panels by (panel, area); return how many changed.

    Unchanged content moves only its as_of and wakes nobody; fields named in
    `moving` do not count as content. The row lock on live_rev makes revisions
    commit in order on every database.
    """
    names, areas = sorted({k[0] for k in panels}), sorted({k[1] for k in panels})
    own = (p.panel.in_(names), p.area.in_(areas))
    confirmed = m.panel_snapshot.update().where(*own).values(as_of=now)
    marks = conn.execute(confirmed.returning(p.panel, p.area, p.fingerprint)).all()
    known = {(panel, area): mark for panel, area, mark in marks}
    changed: list[dict[str, Any]] = []
    pattern = _pattern(moving)
    for (panel, area), payload in panels.items():
        body = _dump(payload)
        mark = _fingerprint(body, pattern)
        if known.get((panel, area)) != mark:
            row = {"b_panel": panel, "b_area": area, "b_mark": mark, "b_body": body.decode()}
            changed.append(row)
    if changed:
        rev = next_rev(conn)
        conn.execute(text(_UPSERT), [{**r, "rev": rev, "now": now, "ttl": ttl} for r in changed])
        _wake(conn)
    return len(changed)


def _dump(payload: Any) -> bytes:
    return orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)


def _fingerprint(body: bytes, moving: re.Pattern[bytes] | None) -> str:
    still = moving.sub(b"", body) if moving else body
    return hashlib.blake2b(still, digest_size=12).hexdigest()


def _pattern(names: frozenset[str]) -> re.Pattern[bytes] | None:
    """Return what finds the moving fields, all of them plain numbers or null, in dumped JSON."""
    if not names:
        return None
    return re.compile(rb'"(?:%s)":[^,}]*' % "|".join(sorted(names)).encode())


def confirm(conn: Connection, known: Mapping[tuple[str, str], Mapping[str, float]]) -> None:
    """Say when each value was last known to hold, by (part, area). Wakes nobody.

    Kept beside the panels with revision 0, so it never counts as a change; the
    heartbeat carries it to the screens.
    """
    values = [
        {"n": f"{KNOWN}{part}", "a": area, "body": json.dumps(dict(codes))}
        for (part, area), codes in known.items()
        if codes
    ]
    if values:
        conn.execute(text(_CONFIRM), values)


KNOWN = "known:"
_CONFIRM = """insert into panel_snapshot (panel, area, rev, as_of, ttl, fingerprint, payload)
  values (:n, :a, 0, 0, 0, '', :body)
  on conflict (panel, area) do update set payload = excluded.payload"""

_UPSERT = """insert into panel_snapshot (panel, area, rev, as_of, ttl, fingerprint, payload)
  values (:b_panel, :b_area, :rev, :now, :ttl, :b_mark, :b_body)
  on conflict (panel, area) do update set rev = excluded.rev, as_of = excluded.as_of,
    ttl = excluded.ttl, fingerprint = excluded.fingerprint, payload = excluded.payload"""


def next_rev(conn: Connection) -> int:
    """Advance and return the store's revision; the first call makes the row and the epoch."""
    advance = text("update live_rev set rev = rev + 1 returning rev")
    rev = conn.execute(advance).scalar()
    if rev is None:
        first = {"e": uuid.uuid4().hex[:12]}
        conn.execute(text("insert into live_rev (one, rev, epoch) values (1, 0, :e)"), first)
        rev = conn.execute(advance).scalar_one()
    return int(rev)


def _wake(conn: Connection) -> None:
    if conn.dialect.name == "postgresql":
        conn.execute(text("select pg_notify(:c, '')"), {"c": CHANNEL})


WATCH_S = 30
"""How long a county counts as looked at after a web worker last said so."""


def watch_areas(conn: Connection, areas: Iterable[str], *, now: datetime) -> None:
    """Say which areas are looked at: their panels are then made with every poll."""
    rows = [{"a": area, "until": now + timedelta(seconds=WATCH_S)} for area in sorted(areas)]
    if rows:
        statement = text(
            """insert into watched_area (area, until) values (:a, :until)
              on conflict (area) do update set until = excluded.until"""
        ).bindparams(*m.instants("until"))
        conn.execute(statement, rows)


def watched_areas(conn: Connection, *, now: datetime) -> set[str]:
    """Return the areas that somebody looks at."""
    w = m.watched_area.c
    return set(conn.scalars(select(w.area).where(w.until > now)))


@dataclass(frozen=True)
class Snapshot:
    """One published panel. as_of in epoch seconds, ttl in seconds."""

    panel: str
    area: str
    rev: int
    as_of: float
    ttl: int
    payload: str


@dataclass(frozen=True)
class Changes:
    """What is new since a revision."""

    rev: int
    epoch: str
    as_of: dict[str, float]
    known: dict[str, dict[str, float]]
    panels: list[Snapshot]


class Watch:
    """One kept connection of a web worker: tells when something changed and reads what did."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.conn = store.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._version: int | None = None
        if not store.sqlite:
            self.conn.exec_driver_sql(f"listen {CHANNEL}")

    def changed(self, since: int) -> Changes:
        """Return every panel newer than `since`."""
        head = self.conn.execute(select(m.live_rev.c.rev, m.live_rev.c.epoch)).first()
        rev, epoch = (head.rev, head.epoch) if head else (0, "")
        as_of: dict[str, float] = {}
        known: dict[str, dict[str, float]] = {}
        kept = case((p.rev == 0, p.payload))
        for panel, area, at, body in self.conn.execute(select(p.panel, p.area, p.as_of, kept)):
            if body is not None:
                known.setdefault(area, {}).update(json.loads(body))
            else:
                as_of[panel] = max(at, as_of.get(panel, 0.0))
        rows = self.conn.execute(
            select(m.panel_snapshot).where(p.rev > max(since, 0)).order_by(p.rev)
        )
        panels = [Snapshot(r.panel, r.area, r.rev, r.as_of, r.ttl, r.payload) for r in rows]
        return Changes(rev, epoch, as_of, known, panels)

    def wait(self, timeout: float) -> bool:
        """Return True at the first sign of a change, False after `timeout` seconds."""
        if self.store.sqlite:
            return self._wait_sqlite(timeout)
        driver: Any = self.conn.connection.driver_connection
        woken = False
        for _ in driver.notifies(timeout=timeout, stop_after=1):
            woken = True
        for _ in driver.notifies(timeout=0):
            woken = True
        return woken

    def _wait_sqlite(self, timeout: float) -> bool:
        """SQLite's data_version moves when another connection commits; a look costs 2 us."""
        end = time.monotonic() + timeout
        cursor = self.conn.connection.cursor()
        while time.monotonic() < end:
            version = cursor.execute("pragma data_version").fetchone()[0]
            if version != self._version:
                self._version = version
                return True
            time.sleep(0.1)
        return False

    def close(self) -> None:
        """Give the connection up for good; it may be in any state."""
        try:
            self.conn.invalidate()
        finally:
            self.conn.close()
