"""One file in: parse, check, store, derive, roll up, publish. One transaction, all or nothing."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, text

from data import geo
from data import models as m
from data.catalogue import Catalogue
from data.catalogue.entries import Source
from data.connectors.connector import Options, Parsed, PayloadError, Problem
from data.connectors.records import Facility, Measure, ServiceRequest, StaticFeed
from data.connectors.registry import CONNECTORS
from data.ingest import alerts, cases, derive, measures, transit
from data.ingest.observations import Counts, Row, check, store_observations
from data.queries.keys import Keys, read_keys
from data.settings import settings
from data.store import Store
from data.vocabulary import Observed

Publish = Callable[[Connection, Source, datetime], None]
"""Called inside the transaction, so that screens and facts can never disagree."""

MAX_PROBLEMS = 1000
"""Refused rows kept one by one for a run; the run still counts them all."""


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


@dataclass(frozen=True)
class Batch:
    """Everything the format-specific steps need."""

    conn: Connection
    source: Source
    catalogue: Catalogue
    keys: Keys
    run_id: int
    now: datetime


@dataclass
class Facts:
    """What a file says, ready for the common steps."""

    observed: list[Observed] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    hours: set[datetime] = field(default_factory=set)


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
) -> Outcome:
    """Store one file of one source and return what it did. Never raises for bad content.

    The same bytes again change no fact; they only say that the source is alive.
    A file of the wrong kind is kept with its error and touches nothing else.
    """
    sha = hashlib.sha256(payload).hexdigest()
    parsed: Parsed[Any] | None = None
    error = None
    try:
        parsed = CONNECTORS[source.connector].parse(payload, _options(source))
    except PayloadError as refused:
        error = str(refused)
    with store.write() as conn:
        batch = _begin(conn, source, catalogue, payload, sha, origin, now)
        if parsed is None:
            outcome = Outcome("failed", batch.run_id, source.key, error=error)
            _finish(batch, outcome, None)
            note_failure(conn, batch.keys, source, error or "", now=now)
        else:
            outcome = _store(batch, parsed, sha)
            _note_success(batch, outcome)
        publish(conn, source, now)
    return outcome


def _options(source: Source) -> Options:
    cap = min(source.max_mb, settings().max_mb) * 1024 * 1024
    return Options(tz=source.time_zone, max_bytes=cap, extra={"bbox": geo.bounds()})


def _begin(
    conn: Connection,
    source: Source,
    catalogue: Catalogue,
    payload: bytes,
    sha: str,
    origin: str,
    now: datetime,
) -> Batch:
    keys = read_keys(conn)
    source_id = keys.sources[source.key]
    fetch_id = _keep_raw(conn, source_id, payload, sha, origin, now)
    values = {
        "source_id": source_id,
        "fetch_id": fetch_id,
        "sha256": sha,
        "as_of": now,
        "recorded_at": now,
        "status": "running",
    }
    run = m.ingest_run.insert().values(values).returning(m.ingest_run.c.id)
    return Batch(conn, source, catalogue, keys, conn.execute(run).scalar_one(), now)


def _keep_raw(
    conn: Connection, source_id: int, payload: bytes, sha: str, origin: str, now: datetime
) -> int:
    """Keep the bytes once; the same bytes again only count as seen again."""
    f = m.fetch.c
    chosen = (f.source_id == source_id, f.sha256 == sha)
    newest = select(f.id).where(*chosen).order_by(f.id.desc()).limit(1)
    known = conn.execute(newest).scalar()
    if known is not None:
        seen = m.fetch.update().where(f.id == known)
        conn.execute(seen.values(last_seen_at=now, seen=f.seen + 1))
        return int(known)
    values = {
        "source_id": source_id,
        "received_at": now,
        "last_seen_at": now,
        "origin": origin,
        "sha256": sha,
        "size": len(payload),
        "raw": zlib.compress(payload, 6),
    }
    return int(conn.execute(m.fetch.insert().values(values).returning(f.id)).scalar_one())


def _store(batch: Batch, parsed: Parsed[Any], sha: str) -> Outcome:
    problems = list(parsed.problems)
    outcome = Outcome("ok", batch.run_id, batch.source.key, len(parsed.records), Counts(), problems)
    if _seen_before(batch, sha):
        outcome.status = "duplicate"
        _derive(batch, set())
        _finish(batch, outcome, parsed.summary)
        return outcome
    facts = STEPS[batch.source.connector](batch, parsed)
    rows, refused = check(facts.observed, batch.catalogue, batch.keys, now=batch.now)
    counts = _observations(batch, rows)
    _derive(batch, facts.hours)
    outcome.problems += facts.problems + refused
    outcome.counts = Counts(
        facts.counts.new + counts.new,
        facts.counts.changed + counts.changed,
        facts.counts.same + counts.same,
        facts.counts.outdated + counts.outdated,
    )
    _finish(batch, outcome, parsed.summary)
    return outcome


def _seen_before(batch: Batch, sha: str) -> bool:
    r = m.ingest_run.c
    chosen = (r.source_id == batch.keys.sources[batch.source.key], r.sha256 == sha)
    found = select(r.id).where(*chosen, r.status == "ok").limit(1)
    return batch.conn.execute(found).first() is not None


def _observations(batch: Batch, rows: list[Row]) -> Counts:
    return store_observations(
        batch.conn,
        rows,
        source_id=batch.keys.sources[batch.source.key],
        run_id=batch.run_id,
        as_of=batch.now,
        now=batch.now,
    )


def _derive(batch: Batch, hours: set[datetime]) -> None:
    """Answer the indicators that are questions about what this source has told so far."""
    conn, key, facts, keys, now = (
        batch.conn, batch.source.key, batch.catalogue, batch.keys, batch.now,
    )  # fmt: skip
    observed: list[Observed] = []
    if batch.source.connector == "open311":
        since = cases_complete_since(conn, key, now)
        asked = {h for h in hours if h >= since}
        observed = derive.case_indicators(conn, key, asked, catalogue=facts, keys=keys, now=now)
    elif batch.source.connector == "cap":
        observed = alerts.alert_indicators(conn, key, catalogue=facts, keys=keys, now=now)
    rows, _ = check(observed, batch.catalogue, batch.keys, now=batch.now)
    _observations(batch, rows)


def cases_complete_since(conn: Connection, source: str, now: datetime) -> datetime:
    """Return from when the store holds every case of a source; earlier hours are never recounted.

    Set at the first file of a source (or by a bulk load), because counting the
    few old cases that trickle in would replace true totals by false ones.
    """
    i, key = m.store_info.c, f"cases_since:{source}"
    known = conn.execute(select(i.value).where(i.key == key)).scalar()
    if known is None:
        start = now.replace(minute=0, second=0, microsecond=0)
        conn.execute(m.store_info.insert().values(key=key, value=start.isoformat()))
        return start
    return datetime.fromisoformat(known)


def _finish(batch: Batch, outcome: Outcome, summary: dict[str, Any] | None) -> None:
    refused = [
        {
            "run_id": batch.run_id,
            "seq": seq,
            "row_no": p.row,
            "field": p.field[:80] if p.field else None,
            "value": p.value[:500] if p.value else None,
            "reason": p.reason[:40],
            "detail": p.detail[:500],
            "refused": int(p.refused),
        }
        for seq, p in enumerate(outcome.problems[:MAX_PROBLEMS])
    ]
    if refused and outcome.status != "duplicate":
        batch.conn.execute(m.quarantine.insert(), refused)
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


def note_heard(
    conn: Connection, keys: Keys, source: Source, *, now: datetime, new: bool = False
) -> None:
    """Remember that a source answered well, and whether with something new."""
    values = {"try": now, "new": now if new else None}
    _state(conn, keys.sources[source.key], _SUCCESS, values)


def note_failure(
    conn: Connection, keys: Keys, source: Source, error: str, *, now: datetime
) -> None:
    """Remember that a poll failed, and why."""
    _state(conn, keys.sources[source.key], _FAILURE, {"try": now, "error": error[:1000]})


_SUCCESS = """update source_state set last_try_at = :try, last_ok_at = :try, failures = 0,
  error = null, last_new_at = coalesce(:new, last_new_at) where source_id = :source"""
_FAILURE = """update source_state set last_try_at = :try, failures = failures + 1,
  error = :error where source_id = :source"""


def _state(conn: Connection, source_id: int, sql: str, values: dict[str, Any]) -> None:
    conn.execute(
        text("insert into source_state (source_id) values (:source) on conflict do nothing"),
        {"source": source_id},
    )
    typed = text(sql).bindparams(*m.instants("try", "new") if ":new" in sql else m.instants("try"))
    conn.execute(typed, {**values, "source": source_id})


def _cap(batch: Batch, parsed: Parsed[Any]) -> Facts:
    counts = alerts.store_alerts(
        batch.conn,
        parsed.records,
        source_id=batch.keys.sources[batch.source.key],
        run_id=batch.run_id,
        keys=batch.keys,
        catalogue=batch.catalogue,
        now=batch.now,
    )
    return Facts(counts=counts)


def _gtfs(batch: Batch, parsed: Parsed[Any]) -> Facts:
    feed: StaticFeed = parsed.records[0]
    counts = transit.store_static(
        batch.conn, feed, source=batch.source, run_id=batch.run_id, keys=batch.keys
    )
    return Facts(counts=counts)


def _gtfs_rt(batch: Batch, parsed: Parsed[Any]) -> Facts:
    static = batch.source.static
    routes = transit.route_areas(batch.conn, batch.keys.sources[static]) if static else {}
    header = parsed.summary["header_time"]
    observed, problems = transit.realtime_facts(
        parsed.records,
        source=batch.source,
        header_time=datetime.fromisoformat(header) if header else batch.now,
        routes=routes,
        catalogue=batch.catalogue,
    )
    return Facts(observed=observed, problems=problems)


def _fhir(batch: Batch, parsed: Parsed[Any]) -> Facts:
    places = [r for r in parsed.records if isinstance(r, Facility)]
    counts = measures.store_facilities(
        batch.conn, places, source=batch.source, run_id=batch.run_id, keys=batch.keys
    )
    sites = batch.keys.sources[batch.source.sites or batch.source.key]
    observed, problems = measures.measure_facts(
        [r for r in parsed.records if isinstance(r, Measure)],
        source=batch.source,
        places=measures.facility_areas(batch.conn, sites),
        catalogue=batch.catalogue,
    )
    return Facts(observed=observed, problems=problems, counts=counts)


def _open311(batch: Batch, parsed: Parsed[Any]) -> Facts:
    intake = cases.Intake(batch.source, batch.catalogue, batch.keys, batch.run_id, batch.now)
    requests = tuple(r for r in parsed.records if isinstance(r, ServiceRequest))
    done = cases.store_requests(batch.conn, requests, intake)
    return Facts(problems=done.problems, counts=done.counts, hours=done.hours)


STEPS: dict[str, Callable[[Batch, Parsed[Any]], Facts]] = {
    "cap": _cap,
    "gtfs": _gtfs,
    "gtfs-rt": _gtfs_rt,
    "fhir": _fhir,
    "open311": _open311,
}


def source_for(catalogue: Catalogue, connector: str, key: str | None) -> Source:
    """Return the source a hand-given file belongs to: named, or the first of its connector.

    Raises:
        PayloadError: no such source.
    """
    if key is not None:
        if key not in catalogue.sources:
            raise PayloadError(f"no such source: {key}")
        return _speaking(catalogue.sources[key], connector)
    for source in catalogue.sources.values():
        if source.connector == connector:
            return source
    raise PayloadError(f"no source in the catalogue uses {connector}")


def _speaking(source: Source, connector: str) -> Source:
    """Return `source`, refusing a connector that is not its own."""
    if source.connector != connector:
        raise PayloadError(f"source {source.key} speaks {source.connector}, not {connector}")
    return source
