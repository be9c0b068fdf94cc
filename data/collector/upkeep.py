"""The collector's regular chores: normal bands, retention, the write-ahead log."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from data import models as m
from data import veil
from data.catalogue import Catalogue
from data.ingest.baselines import refresh_baselines
from data.ingest.reference import prepare_partitions
from data.queries.keys import read_keys
from data.settings import Settings
from data.store import Store
from data.vocabulary import Grain

CHUNK = 20000


def hourly(store: Store, catalogue: Catalogue, settings: Settings, now: datetime) -> None:
    """Refresh normal bands and let go of what is older than its time."""
    with store.write() as conn:
        refresh_baselines(conn, catalogue, now=now)
        prepare_partitions(conn, now, now + timedelta(days=40))
    with store.write() as conn:
        _prune(conn, catalogue, settings, now)


def _prune(conn: Connection, catalogue: Catalogue, settings: Settings, now: datetime) -> None:
    """Empty old raw bytes (hashes stay); drop minute facts whose hours are rolled up."""
    f, o = m.fetch.c, m.observation.c
    keys = read_keys(conn)
    for key, source in catalogue.sources.items():
        old = f.received_at < now - timedelta(days=source.kept_days(settings.raw_days))
        own = f.source_id == keys.sources[key]
        conn.execute(m.fetch.update().where(own, old, f.raw.is_not(None)).values(raw=None))
    gone = f.source_id.not_in([keys.sources[key] for key in catalogue.sources])
    old = f.received_at < now - timedelta(days=settings.raw_days)
    conn.execute(m.fetch.update().where(gone, old, f.raw.is_not(None)).values(raw=None))
    ids = [i for (i,) in conn.execute(select(m.indicator.c.id))]
    past = now - timedelta(days=settings.minute_days)
    minute = (o.grain == int(Grain.MINUTE), o.period_start < past)
    conn.execute(m.observation.delete().where(o.indicator_id.in_(ids), *minute))
    h = m.rollup_hour.c
    keep = now - timedelta(days=settings.hour_days)
    let_go = m.rollup_hour.delete().where(h.indicator_id.in_(ids), h.bucket < keep)
    if conn.execute(let_go).rowcount:
        veil.raise_marks(conn, ids, always=True)
    r = m.ingest_run.c
    conn.execute(m.ingest_run.delete().where(r.status == "duplicate", r.recorded_at < past))
