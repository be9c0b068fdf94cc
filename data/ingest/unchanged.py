"""A source that answers well and has nothing new: heard, and its open questions asked again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

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
    with store.write() as conn:
        keys = read_keys(conn)
        fetch_id = _seen_again(conn, keys.sources[source.key], sha, now)
        if fetch_id is None:
            return None
        values = {
            "source_id": keys.sources[source.key],
            "fetch_id": fetch_id,
            "sha256": sha,
            "as_of": now,
            "recorded_at": now,
            "status": "duplicate",
        }
        run = m.ingest_run.insert().values(values).returning(m.ingest_run.c.id)
        run_id = conn.execute(run).scalar_one()
        ask_again(Batch(conn, source, catalogue, keys, run_id, now, now, caught_up))
        note_heard(conn, keys, source, now=now)
        publish(conn, source, now)
    return Outcome("duplicate", run_id, source.key)


def _seen_again(conn: Connection, source_id: int, sha: str, now: datetime) -> int | None:
    """Note that a payload was given again; return its fetch, None if it was never taken."""
    r, f = m.ingest_run.c, m.fetch.c
    known = (
        select(r.fetch_id)
        .where(r.source_id == source_id, r.sha256 == sha, r.status == "ok")
        .order_by(r.id.desc())
        .limit(1)
    )
    fetch_id = conn.execute(known).scalar()
    if fetch_id is None:
        return None
    conn.execute(m.fetch.update().where(f.id == fetch_id).values(last_seen_at=now, seen=f.seen + 1))
    return int(fetch_id)
