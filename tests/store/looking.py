"""A look at data quality, and what a test sends before it."""

from __future__ import annotations

from datetime import timedelta

from data.catalogue import catalogue
from data.collector.quality.inspector import Inspector
from data.ingest.ledger import note_heard
from data.queries.keys import read_keys
from data.queries.quality import findings, unit_quality
from tests.conftest import NOW
from tests.store.support import (
    ZIJIN,
    hour,
    observed,
    put,
)

AMBULANCES, VISITS, BEDS = "HE-04", "HE-07", "HE-05"


def look(store, now=NOW, *, facts=None, inspector=None):
    """Take a look and return the open findings as (kind, source, indicator, area)."""
    facts = facts or catalogue()
    (inspector or Inspector(store, facts)).look(now)
    with store.read() as conn:
        found = findings(conn, read_keys(conn))
    return {(f["kind"], f["source"], f["indicator"], f["area"]) for f in found}


def kinds(found, source):
    return {kind for kind, key, _, _ in found if key == source}


def heard(store, *sources, now=NOW):
    facts = catalogue()
    with store.write() as conn:
        for key in sources or facts.sources:
            note_heard(conn, read_keys(conn), facts.sources[key], now=now)


def units(store, now=NOW, *, facts=None, weeks=0, source=None):
    with store.read() as conn:
        rows = unit_quality(conn, facts or catalogue(), read_keys(conn), now=now, weeks=weeks,
                            source=source)  # fmt: skip
    return {(u["source"], u["area"]): u for u in rows}


def hospital(first: int, last: int, area=ZIJIN, indicator=VISITS, late=None, skip=()):
    """Hourly visits from `first` to `last` hours ago, each known ten minutes after its end."""
    return [
        (observed(indicator, area, hour(-n), 10 + (n * 7) % 5),
         hour(-n + 1) + timedelta(minutes=10 if late is None or n not in late else 300))
        for n in range(first, last, -1) if n not in skip
    ]  # fmt: skip


def send(store, rows):
    for row, at in rows:
        put(store, row, as_of=at, now=at)
