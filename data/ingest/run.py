"""One file in: parse, check, store, derive, roll up, publish. One transaction, all or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from data import geo
from data import models as m
from data.catalogue import Catalogue
from data.catalogue.entries import Source
from data.connectors.connector import Options, Parsed, PayloadError, Problem
from data.ingest import alerts, derive
from data.ingest.ledger import (
    cases_complete_since,
    keep_problems,
    keep_raw,
    note_failure,
    note_heard,
)
from data.ingest.observations import (
    Counts,
    Row,
    check,
    refuse_mixed_levels,
    store_observations,
)
from data.ingest.steps import STEPS, Batch
from data.queries.keys import read_keys
from data.queries.sources import last_heard
from data.settings import settings
from data.store import Store
from data.tables.registry import CONNECTORS
from data.vocabulary import Observed

__all__ = ["Outcome", "ingest", "note_failure", "note_heard"]

MAX_GAP = timedelta(days=14)
"""Hours further back than this are not asked again after an outage."""

Publish = Callable[[Connection, Source, datetime], None]
"""Called inside the transaction, so that screens and facts can never disagree."""


@dataclass
class Outcome:
    """What one file did. status: ok, duplicate, failed."""

    status: str
    run_id: int
    source: str
    records: int = 0
    counts: Counts = field(default_factory=Counts)
    problems: list[Problem] = field(default_factory=list)
    error: str | None = None

    @property
    def quarantined(self) -> int:
        """How many rows were refused."""
        return sum(1 for p in self.problems if p.refused)


def no_publish(_conn: Connection, _source: Source, _now: datetime) -> None:
    """Publish nothing: for loads that the caller publishes once at the end."""


def ingest(
    store: Store,
    catalogue: Catalogue,
    source: Source,
    payload: bytes,
    *,
    origin: str,
    now: datetime,
    publish: Publish = no_publish,
    once: bool = False,
    caught_up: bool = False,
) -> Outcome:
    """Store one file of one source and return what it did. Never raises for bad content.

    The same bytes as last time change no fact; they only say that the source
    is alive. A file of the wrong kind is kept with its error and touches
    nothing else.

    once: bytes ever stored before change nothing either. For files given by
    hand: an old file must not undo what newer ones corrected, while a live
    source that goes back to an earlier answer is to be believed.
    caught_up: the file holds all that happened since the source was last
    heard, so hours in which nothing came are true zeros and no gaps.
    """
    sha = hashlib.sha256(payload).hexdigest()
    parsed, error = _parsed(source, catalogue, payload)
    with store.write() as conn:
        batch = _begin(conn, source, catalogue, payload, sha, origin, now, _as_of(parsed, now))
        batch = replace(batch, caught_up=caught_up)
        if parsed is None:
            outcome = Outcome("failed", batch.run_id, source.key, error=error)
            _finish(batch, outcome, None)
            note_failure(conn, batch.keys, source, error, now=now)
        else:
            outcome = _store(batch, parsed, sha, once=once)
            _note_success(batch, outcome)
        publish(conn, source, now)
    return outcome


def _parsed(source: Source, catalogue: Catalogue, payload: bytes) -> tuple[Parsed[Any] | None, str]:
    """Return what was understood, or None and why nothing was."""
    try:
        return CONNECTORS[source.connector].parse(payload, _options(source, catalogue)), ""
    except PayloadError as refused:
        return None, str(refused)


def _options(source: Source, catalogue: Catalogue) -> Options:
    cap = min(source.max_mb, settings().max_mb) * 1024 * 1024
    extra = {"bbox": geo.bounds(), "mapping": catalogue.mappings.get(source.mapping or "")}
    return Options(tz=source.time_zone, max_bytes=cap, extra=extra)


def _as_of(parsed: Parsed[Any] | None, now: datetime) -> datetime:
    """Return when the source says the file was written, now when it does not say."""
    said = (parsed.summary.get("as_of") or parsed.summary.get("header_time")) if parsed else None
    return min(datetime.fromisoformat(said), now) if said else now


def _begin(
    conn: Connection,
    source: Source,
    catalogue: Catalogue,
    payload: bytes,
    sha: str,
    origin: str,
    now: datetime,
    as_of: datetime,
) -> Batch:
    keys = read_keys(conn)
    source_id = keys.sources[source.key]
    fetch_id = keep_raw(conn, source_id, payload, sha, origin, now)
    values = {
        "source_id": source_id,
        "fetch_id": fetch_id,
        "sha256": sha,
        "as_of": as_of,
        "recorded_at": now,
        "status": "running",
    }
    run = m.ingest_run.insert().values(values).returning(m.ingest_run.c.id)
    run_id = conn.execute(run).scalar_one()
    return Batch(conn, source, catalogue, keys, run_id, now, as_of)


def _store(batch: Batch, parsed: Parsed[Any], sha: str, *, once: bool) -> Outcome:
    problems = list(parsed.problems)
    outcome = Outcome("ok", batch.run_id, batch.source.key, len(parsed.records), Counts(), problems)
    if _seen_before(batch, sha, once=once):
        outcome.status = "duplicate"
        _derive(batch, set())
        _finish(batch, outcome, parsed.summary)
        return outcome
    facts = STEPS[batch.source.connector](batch, parsed)
    rows, refused = check(facts.observed, batch.catalogue, batch.keys, now=batch.now)
    rows, mixed = refuse_mixed_levels(batch.conn, rows, batch.catalogue, batch.keys)
    counts = _observations(batch, rows, batch.as_of)
    _derive(batch, facts.hours)
    outcome.problems += facts.problems + refused + mixed
    outcome.counts = Counts(
        facts.counts.new + counts.new,
        facts.counts.changed + counts.changed,
        facts.counts.same + counts.same,
        facts.counts.outdated + counts.outdated,
    )
    _finish(batch, outcome, parsed.summary)
    return outcome


def _seen_before(batch: Batch, sha: str, *, once: bool) -> bool:
    """Return whether these bytes are what the source said last, or for `once` ever said."""
    r = m.ingest_run.c
    chosen = [r.source_id == batch.keys.sources[batch.source.key], r.status == "ok"]
    if once:
        found = select(r.sha256).where(*chosen, r.sha256 == sha).limit(1)
    else:
        found = select(r.sha256).where(*chosen).order_by(r.id.desc()).limit(1)
    return batch.conn.execute(found).scalar() == sha


def _observations(batch: Batch, rows: list[Row], as_of: datetime) -> Counts:
    return store_observations(
        batch.conn,
        rows,
        source_id=batch.keys.sources[batch.source.key],
        run_id=batch.run_id,
        as_of=as_of,
        now=batch.now,
    )


def _derive(batch: Batch, hours: set[datetime]) -> None:
    """Answer the indicators that are questions about what this source has told so far."""
    conn, key, facts, keys, now = (
        batch.conn, batch.source.key, batch.catalogue, batch.keys, batch.now,
    )  # fmt: skip
    observed: list[Observed] = []
    if batch.source.brings_cases:
        since = cases_complete_since(conn, key, now)
        unheard = {h for h in _unheard_hours(batch) if h >= since}
        asked = {h for h in hours if h >= since} | (unheard if batch.caught_up else set())
        observed = derive.case_indicators(
            conn, key, asked, due_hours=unheard, catalogue=facts, keys=keys, now=now
        )
    elif batch.source.connector == "cap":
        observed = alerts.alert_indicators(conn, key, catalogue=facts, keys=keys, now=now)
    rows, _ = check(observed, batch.catalogue, batch.keys, now=batch.now)
    _observations(batch, rows, batch.now)


def _unheard_hours(batch: Batch) -> set[datetime]:
    """Return the hours since the source was last heard."""
    heard = last_heard(batch.conn).get(batch.source.key)
    if heard is None:
        return set()
    hour = max(heard, batch.now - MAX_GAP).replace(minute=0, second=0, microsecond=0)
    found = set()
    while hour < batch.now:
        found.add(hour)
        hour += timedelta(hours=1)
    return found


def _finish(batch: Batch, outcome: Outcome, summary: dict[str, Any] | None) -> None:
    if outcome.status != "duplicate":
        keep_problems(batch.conn, batch.run_id, outcome.problems)
    values = {
        "status": outcome.status,
        "records": outcome.records,
        "new": outcome.counts.new,
        "changed": outcome.counts.changed,
        "same": outcome.counts.same,
        "outdated": outcome.counts.outdated,
        "quarantined": outcome.quarantined,
        "error": outcome.error,
        "summary": _short(summary),
    }
    batch.conn.execute(
        m.ingest_run.update().where(m.ingest_run.c.id == batch.run_id).values(values)
    )


def _short(summary: dict[str, Any] | None) -> dict[str, Any] | None:
    """Keep the figures of a summary; its long lists stand in the raw file."""
    if summary is None:
        return None
    return {k: len(v) if isinstance(v, list) else v for k, v in summary.items()}


def _note_success(batch: Batch, outcome: Outcome) -> None:
    """A poll answered and understood; last_new_at moves only when it brought something."""
    moved = outcome.counts.new + outcome.counts.changed > 0
    note_heard(batch.conn, batch.keys, batch.source, now=batch.now, new=moved)
