"""What is wrong with the data now, and what became of the rows that were refused."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import TypedDict

from sqlalchemy import Connection, or_, select

from data import models as m
from data.queries.keys import Keys


class Finding(TypedDict):
    """One finding. first, last, ended: epoch seconds; ended None while it still holds."""

    id: int
    source: str
    indicator: str | None
    area: str | None
    kind: str
    first: float
    last: float
    ended: float | None
    times: int
    value: str | None
    detail: str
    run_id: int | None


def findings(
    conn: Connection,
    keys: Keys,
    *,
    source: str | None = None,
    ended_since: datetime | None = None,
    limit: int = 500,
) -> list[Finding]:
    """Return open findings, newest first; ended_since: also those that ended after it."""
    f = m.quality_finding.c
    holds = f.ended_at.is_(None)
    query = select(m.quality_finding).order_by(f.first_seen.desc(), f.id.desc()).limit(limit)
    query = query.where(or_(holds, f.ended_at >= ended_since) if ended_since else holds)
    if source is not None:
        query = query.where(f.source_id == keys.sources[source])
    sources = {v: k for k, v in keys.sources.items()}
    indicators, areas = keys.indicator_codes(), keys.area_codes()
    return [
        {
            "id": r.id,
            "source": sources[r.source_id],
            "indicator": indicators.get(r.indicator_id) if r.indicator_id else None,
            "area": areas.get(r.area_id) if r.area_id else None,
            "kind": r.kind,
            "first": r.first_seen.timestamp(),
            "last": r.last_seen.timestamp(),
            "ended": r.ended_at.timestamp() if r.ended_at else None,
            "times": r.times,
            "value": r.value,
            "detail": r.detail,
            "run_id": r.run_id,
        }
        for r in conn.execute(query)
    ]


class RefusedRow(TypedDict):
    """One row of a run's quarantine and what became of it.

    resolved_by: the replay that took it; tried_by: the newest replay that refused
    it again; both None while nobody replayed. fixes: corrections of this row as
    "field: old -> new (who, why)". refused False: kept, without the part named.
    """

    run_id: int
    row: int | None
    field: str | None
    value: str | None
    reason: str
    detail: str
    refused: bool
    resolved_at: float | None
    resolved_by: int | None
    tried_by: int | None
    fixes: list[str]


def run_exists(conn: Connection, run_id: int) -> bool:
    """Return whether there is a run of that number."""
    runs = select(m.ingest_run.c.id).where(m.ingest_run.c.id == run_id)
    return conn.execute(runs).first() is not None


def refused_rows(conn: Connection, run_id: int, *, limit: int = 1000) -> list[RefusedRow]:
    """Return the quarantine of a run in the order of the file."""
    q, c = m.quarantine.c, m.correction.c
    fixes: dict[int, list[str]] = defaultdict(list)
    for fix in conn.execute(select(m.correction).where(c.run_id == run_id).order_by(c.id)):
        said = f"{fix.field}: {fix.old} -> {fix.new} ({fix.made_by}, {fix.why})"
        fixes[fix.row_no].append(said)
    query = select(m.quarantine).where(q.run_id == run_id).order_by(q.seq).limit(limit)
    return [
        {
            "run_id": r.run_id,
            "row": r.row_no,
            "field": r.field,
            "value": r.value,
            "reason": r.reason,
            "detail": r.detail,
            "refused": bool(r.refused),
            "resolved_at": r.resolved_at.timestamp() if r.resolved_at else None,
            "resolved_by": r.resolved_by,
            "tried_by": r.tried_by,
            "fixes": fixes.get(r.row_no, []) if r.row_no is not None else [],
        }
        for r in conn.execute(query)
    ]
