"""Which source was heard when, as it was known at an instant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, bindparam, func, select

from data import models as m
from data.catalogue import Catalogue
from data.catalogue.addresses import waits
from data.indicators.freshness import source_state
from data.queries.keys import Keys
from data.queries.sources import ORDER
from data.vocabulary import SourceRow, SourceState

r, t = m.ingest_run.c, m.source_then.c
ANSWERED = ("ok", "replayed", "duplicate")
"""A source that answered; only the first two brought facts."""


@dataclass(frozen=True)
class Polls:
    """When a source last brought facts, and when it last answered at all."""

    brought: datetime | None = None
    answered: datetime | None = None


_LAST = (
    select(r.recorded_at)
    .where(
        r.source_id == bindparam("source"),
        r.recorded_at <= bindparam("known"),
        r.status.in_(bindparam("statuses", expanding=True)),
    )
    .order_by(r.recorded_at.desc())
    .limit(1)
)


def polls(conn: Connection, sources: Iterable[int], known: datetime) -> dict[int, Polls]:
    """Return the last polls of some sources up to an instant."""
    found = {}
    for source in sources:
        values: dict[str, Any] = {"source": source, "known": known}
        brought = conn.scalar(_LAST, {**values, "statuses": list(ANSWERED[:2])})
        answered = conn.scalar(_LAST, {**values, "statuses": list(ANSWERED)})
        found[source] = Polls(brought, answered)
    return found


# ---- the states that the wall was told, kept as they changed ----

Said = tuple[str, datetime | None, str | None]
"""state, when it last answered well where that is said, its error"""
_kept: WeakKeyDictionary[Engine, dict[int, Said]] = WeakKeyDictionary()


def note_states(
    conn: Connection, keys: Keys, rows: Iterable[SourceRow], now: datetime, *, sure: bool
) -> int:
    """Keep what is now said of each source where that is something else; return how many.

    sure: compare with the store, not with what this process wrote last: a transaction that
    did not happen took its rows with it.
    """
    before = _kept.get(conn.engine)
    if before is None or sure:
        before = _newest(conn)
    said = {keys.sources[row["key"]]: _said(row) for row in rows}
    moved = {source: told for source, told in said.items() if before.get(source) != told}
    if moved:
        conn.execute(
            m.source_then.insert(),
            [
                {"source_id": s, "at": now, "state": state, "last_ok_at": ok, "error": error}
                for s, (state, ok, error) in moved.items()
            ],
        )
    _kept[conn.engine] = {**before, **said}
    return len(moved)


def _said(row: SourceRow) -> Said:
    at, error = row["last_ok_at"], row["error"]
    ok = None if at is None else datetime.fromtimestamp(int(at), UTC)
    return row["state"], ok, None if error is None else error[:300]


def _newest(conn: Connection) -> dict[int, Said]:
    return {x.source_id: (x.state, x.last_ok_at, x.error) for x in _states(conn, None)}


def _states(conn: Connection, known: datetime | None) -> list[Any]:
    last = select(t.source_id, func.max(t.id).label("id")).group_by(t.source_id)
    if known is not None:
        last = last.where(t.at <= known)
    newest = last.subquery()
    query = select(m.source_then).join(newest, newest.c.id == t.id)
    return list(conn.execute(query).all())


def source_rows_then(
    conn: Connection, catalogue: Catalogue, keys: Keys, known: datetime
) -> list[SourceRow]:
    """Return every source as the wall said it at an instant, worst first.

    Of times before states were kept its answered polls tell whether it was heard.
    """
    states = {x.source_id: x for x in _states(conn, known)}
    missing = [i for key, i in keys.sources.items() if key in catalogue.sources and i not in states]
    heard = polls(conn, missing, known)
    rows = []
    for key, source in catalogue.sources.items():
        own = keys.sources[key]
        told, ok = states.get(own), heard.get(own, Polls()).answered
        if told is None and waits(source) and ok is None:
            continue
        state = told.state if told else source_state(
            last_ok_at=ok, failures=0, every_s=source.every, stale_after_s=source.stale_after,
            now=known,
        ).value  # fmt: skip
        quiet = state in (SourceState.FRESH.value, SourceState.NEVER.value)
        at = told.last_ok_at if told else (None if quiet else ok)
        row: SourceRow = {
            "key": key,
            "name": source.name,
            "department": catalogue.departments[source.department].name,
            "connector": source.connector,
            "every": source.every,
            "stale_after": source.stale_after,
            "state": state,
            "last_ok_at": at.timestamp() if at else None,
            "last_try_at": None,
            "error": told.error if told else None,
            "records": 0,
            "quarantined": 0,
        }
        rows.append(row)
    return sorted(rows, key=lambda x: ORDER.index(SourceState(x["state"])))
