"""The collector's regular chores: normal bands, retention, the write-ahead log."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from data import models as m
from data.catalogue import Catalogue
from data.ingest.baselines import refresh_baselines
from data.ingest.reference import prepare_partitions
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
        _prune(conn, settings, now)


def _prune(conn: Connection, settings: Settings, now: datetime) -> None:
    """Empty old raw bytes (hashes stay); drop minute facts whose hours are rolled up."""
    f, o = m.fetch.c, m.observation.c
    old = f.received_at < now - timedelta(days=settings.raw_days)
    conn.execute(m.fetch.update().where(old, f.raw.is_not(None)).values(raw=None))
    ids = [i for (i,) in conn.execute(select(m.indicator.c.id))]
    past = now - timedelta(days=settings.minute_days)
    minute = (o.grain == int(Grain.MINUTE), o.period_start < past)
    conn.execute(m.observation.delete().where(o.indicator_id.in_(ids), *minute))
    h = m.rollup_hour.c
    keep = now - timedelta(days=settings.hour_days)
    conn.execute(m.rollup_hour.delete().where(h.indicator_id.in_(ids), h.bucket < keep))
    r = m.ingest_run.c
    conn.execute(m.ingest_run.delete().where(r.status == "duplicate", r.recorded_at < past))
