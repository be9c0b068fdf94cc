"""A source that answers well and has nothing new: heard, and its open questions asked again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from data import models as m
from data.catalogue import Catalogue
from data.catalogue.entries import Source
from data.ingest.ledger import note_heard
from data.ingest.run import Outcome, Publish, ask_again, no_publish
from data.ingest.steps import Batch
from data.queries.keys import read_keys
from data.store import Store


def unchanged(
    store: Store,
    catalogue: Catalogue,
    source: Source,
    sha: str,
    *,
    now: datetime,
    publish: Publish = no_publish,
    caught_up: bool = False,
) -> Outcome | None:
    """Count an answer that is what the source said before, without reading it again.

    sha is the SHA-256 of the payload that still holds; caught_up is as in `ingest`.
    Returns None if the store never took that payload, so that it must be fetched whole.
    """
    r, f = m.ingest_run.c, m.fetch.c
    with store.write() as conn:
        keys = read_keys(conn)
        source_id = keys.sources[source.key]
        known = (
            select(r.id, r.fetch_id)
            .where(r.source_id == source_id, r.sha256 == sha, r.status == "ok")
            .order_by(r.id.desc())
            .limit(1)
        )
        last = conn.execute(known).first()
        if last is None:
            return None
        seen = m.fetch.update().where(f.id == last.fetch_id)
        conn.execute(seen.values(last_seen_at=now, seen=f.seen + 1))
        values = {
            "source_id": source_id,
            "fetch_id": last.fetch_id,
            "sha256": sha,
            "as_of": now,
            "recorded_at": now,
            "status": "duplicate",
        }
        run = m.ingest_run.insert().values(values).returning(r.id)
        run_id = conn.execute(run).scalar_one()
        batch = Batch(conn, source, catalogue, keys, run_id, now, now, caught_up)
        ask_again(batch)
        note_heard(conn, keys, source, now=now)
        publish(conn, source, now)
    return Outcome("duplicate", run_id, source.key)
