"""The last runs of all sources up to an instant."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from data import models as m
from data.queries.keys import Keys
from data.vocabulary.then import SourceRun

MOST = 40


def runs_then(conn: Connection, keys: Keys, known: datetime) -> list[SourceRun]:
    """Return the newest runs that brought something or failed, newest first."""
    r = m.ingest_run.c
    codes = {i: code for code, i in keys.sources.items()}
    found: list[SourceRun] = []
    for source in sorted(codes):
        query = (
            select(m.ingest_run)
            .where(r.source_id == source, r.recorded_at <= known, r.status != "duplicate")
            .order_by(r.recorded_at.desc())
            .limit(3)
        )
        found += [
            {
                "source": codes[source],
                "at": x.recorded_at.timestamp(),
                "status": x.status,
                "records": x.records,
                "new": x.new,
                "changed": x.changed,
                "quarantined": x.quarantined,
                "error": x.error,
            }
            for x in conn.execute(query).all()
        ]
    return sorted(found, key=lambda x: -x["at"])[:MOST]
