"""What the store knows about how complete a week's data is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection, func, select

from data import models as m
from data.catalogue import Catalogue
from data.catalogue.addresses import waits
from data.indicators.freshness import source_state
from data.queries.debts import debts
from data.queries.findings import findings
from data.queries.keys import Keys
from data.review.facts import Heard
from data.review.gaps import Flaws, Owed, Received
from data.vocabulary import SourceState

HOUR_S = 3600.0
INCOMPLETE = frozenset({"incomplete", "quiet"})
"""Findings that say something is missing; others say that something looks wrong."""
States = dict[str, tuple[str, float | None]]


def states_at(conn: Connection, catalogue: Catalogue, keys: Keys, at: datetime) -> States:
    """Return how each source stood at an instant, and hours since it was heard.

    What was heard after that instant was heard in time: only the newest is kept.
    """
    rows = {r.source_id: r for r in conn.execute(select(m.source_state)).all()}
    found: States = {}
    for key, source in catalogue.sources.items():
        row = rows.get(keys.sources[key])
        if row is None and waits(source):
            continue
        heard = row.last_ok_at if row else None
        state = source_state(
            last_ok_at=heard,
            failures=row.failures if row and heard is not None and heard < at else 0,
            every_s=source.every,
            stale_after_s=source.stale_after,
            now=max(at, heard) if heard else at,
        )
        hours = max(0.0, (at - heard).total_seconds() / HOUR_S) if heard else None
        found[key] = state.value, None if hours is None else round(hours, 1)
    return found


def heard(conn: Connection, states: States, keys: Keys) -> dict[str, Heard]:
    """Return when every source was last heard, and which were silent."""
    s = m.source_state.c
    codes = {i: key for key, i in keys.sources.items()}
    last = {codes[i]: at for i, at in conn.execute(select(s.source_id, s.last_ok_at)).all()}
    quiet = (SourceState.SILENT.value, SourceState.NEVER.value)
    return {
        key: Heard(at.timestamp() if (at := last.get(key)) else None,
                   states.get(key, (SourceState.NEVER.value, None))[0] in quiet)
        for key in keys.sources
    }  # fmt: skip


def flaws(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    states: States,
    start: datetime,
    end: datetime,
    now: datetime,
) -> Flaws:
    """Return what is known of the data between two instants."""
    found: Mapping[str, list[str]] = _found(conn, keys, start, end)
    return Flaws(
        states=states,
        received=_received(conn, keys, start, end),
        refused=_refused(conn, keys, start, end),
        found=found,
        owed=[
            Owed(d["id"], d["source"], d["department"], d["owner"], d["due"], d["overdue"])
            for d in debts(conn, catalogue, keys, now=now)
            if d["created_at"] < end.timestamp()
        ],
    )


def _found(conn: Connection, keys: Keys, start: datetime, end: datetime) -> Mapping[str, list[str]]:
    kinds: dict[str, list[str]] = defaultdict(list)
    for one in findings(conn, keys, ended_since=start):
        began = datetime.fromtimestamp(one["first"], UTC)
        if began < end and one["kind"] in INCOMPLETE:
            kinds[one["source"]].append(one["kind"])
    return kinds


def _received(conn: Connection, keys: Keys, start: datetime, end: datetime) -> list[Received]:
    """Return by source, and by source and county, the periods that were due and came."""
    t = m.reception.c
    sources, areas = {i: key for key, i in keys.sources.items()}, keys.area_codes()
    query = (
        select(t.source_id, t.area_id, func.sum(t.expected), func.sum(t.received))
        .where(
            t.grain.in_((3, 4)),
            t.bucket >= start,
            t.bucket < end,
            t.source_id.in_(list(sources)),
            t.indicator_id == 0,
        )
        .group_by(t.source_id, t.area_id)
    )
    return [
        Received(sources[s], areas.get(a), int(expected or 0), int(received or 0))
        for s, a, expected, received in conn.execute(query).all()
    ]


def _refused(conn: Connection, keys: Keys, start: datetime, end: datetime) -> dict[str, int]:
    """Return by source the rows that were refused between two instants and still are."""
    q, r = m.quarantine.c, m.ingest_run.c
    query = (
        select(r.source_id, func.count())
        .join_from(m.quarantine, m.ingest_run, r.id == q.run_id)
        .where(q.resolved_at.is_(None), q.refused == 1, r.recorded_at >= start, r.recorded_at < end)
        .group_by(r.source_id)
    )
    codes = {i: key for key, i in keys.sources.items()}
    return {codes[s]: int(n) for s, n in conn.execute(query).all()}


__all__ = ["flaws", "heard", "states_at"]
