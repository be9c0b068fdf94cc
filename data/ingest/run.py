"""One file in: parse, check, store, derive, roll up, publish. One transaction, all or nothing."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from data import geo
from data import models as m
from data.catalogue import Catalogue
from data.catalogue.entries import Source
from data.catalogue.mapping import Mapping
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
from data.ingest.steps import STEPS, Batch, parser_extra
from data.queries.keys import read_keys
from data.queries.sources import last_heard
from data.settings import settings
from data.store import Store
from data.tables.registry import CONNECTORS
from data.vocabulary import Observed

__all__ = ["Outcome", "ingest", "note_failure", "note_heard"]

BAD = ("failed", "refused")
"""What a run that brought nothing of what it should ends with."""

MAX_GAP = timedelta(days=14)
"""Hours further back than this are not asked again after an outage."""

Publish = Callable[[Connection, Source, datetime], None]
"""Called inside the transaction, so that screens and facts can never disagree."""


@dataclass
class Outcome:
    """What one file did. status: ok, duplicate, failed, refused (not one row could be taken)."""

    status: str
    run_id: int
    source: str
    records: int = 0
    counts: Counts = field(default_factory=Counts)
    problems: list[Problem] = field(default_factory=list)
    error: str | None = None
    unlisted: int = 0
    verdicts: dict[int, str] = field(default_factory=dict)
    """By row, where one is known: new, changed, same, outdated."""

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
    connector: str = "",
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
    connector: what reads the file, if not the source's own.
    """
    understood = understand(source, catalogue, connector or source.connector, payload)
    with store.write() as conn:
        outcome = ingest_in(
            conn, catalogue, source, payload, understood,
            origin=origin, now=now, once=once, caught_up=caught_up,
        )  # fmt: skip
        publish(conn, source, now)
    return outcome


def ingest_in(
    conn: Connection,
    catalogue: Catalogue,
    source: Source,
    payload: bytes,
    understood: Understood,
    *,
    origin: str,
    now: datetime,
    once: bool = False,
    caught_up: bool = False,
    fresh: bool = False,
    areas: frozenset[str] | None = None,
) -> Outcome:
    """Store one file that was read already, in the caller's transaction; see ingest().

    fresh: bytes seen before are looked at again; facts that stand stay as they are.
    areas: where the sender may change known cases; None is everywhere.
    """
    sha = hashlib.sha256(payload).hexdigest()
    parsed, error = understood.parsed, understood.error
    batch = _begin(conn, source, catalogue, payload, sha, origin, now, as_of_file(parsed, now))
    batch = replace(batch, caught_up=caught_up, connector=understood.connector, areas=areas)
    if parsed is None:
        outcome = Outcome("failed", batch.run_id, source.key, error=error)
        _finish(batch, outcome, None)
        note_failure(conn, batch.keys, source, error, now=now)
        return outcome
    outcome = store_parsed(batch, parsed, sha, once=once, fresh=fresh)
    if outcome.status == "refused":
        note_failure(conn, batch.keys, source, outcome.error or "", now=now)
    else:
        _note_success(batch, outcome)
    return outcome


@dataclass(frozen=True)
class Understood:
    """What a connector made of a file; parsed is None, with the error, if it could not be read."""

    connector: str
    parsed: Parsed[Any] | None
    error: str = ""


def understand(
    source: Source, catalogue: Catalogue, connector: str, payload: bytes, **extra: Any
) -> Understood:
    """Read a file of `source` as `connector` does. extra: more hints for the parser."""
    try:
        parsed = CONNECTORS[connector].parse(payload, _options(source, catalogue, extra))
    except PayloadError as refused:
        return Understood(connector, None, str(refused))
    return Understood(connector, parsed)


def _options(source: Source, catalogue: Catalogue, more: dict[str, Any]) -> Options:
    cap = min(source.max_mb, settings().max_mb) * 1024 * 1024
    mapping = catalogue.mappings.get(source.mapping or "")
    extra = {"bbox": geo.bounds(), "mapping": mapping, **parser_extra(source), **more}
    return Options(tz=source.time_zone, max_bytes=cap, extra=extra)


def as_of_file(parsed: Parsed[Any] | None, now: datetime) -> datetime:
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


def store_parsed(
    batch: Batch, parsed: Parsed[Any], sha: str, *, once: bool, fresh: bool = False
) -> Outcome:
    """Store what was understood of one file and close its run."""
    problems = list(parsed.problems)
    status = "ok" if batch.replay_of is None else "replayed"
    outcome = Outcome(
        status, batch.run_id, batch.source.key, len(parsed.records), Counts(), problems
    )
    again = fresh or batch.replay_of is not None
    if not again and _seen_before(batch, sha, once=once):
        outcome.status = "duplicate"
        _derive(batch, set())
        _finish(batch, outcome, parsed.summary)
        return outcome
    facts = STEPS[batch.format](batch, parsed)
    rows, refused = check(facts.observed, batch.catalogue, batch.keys, now=batch.now)
    rows, mixed = refuse_mixed_levels(batch.conn, rows, batch.catalogue, batch.keys)
    counts = _observations(batch, rows, batch.as_of)
    outcome.problems += facts.problems + refused + mixed
    outcome.verdicts = facts.verdicts
    outcome.counts = Counts(
        facts.counts.new + counts.new,
        facts.counts.changed + counts.changed,
        facts.counts.same + counts.same,
        facts.counts.outdated + counts.outdated,
    )
    if batch.replay_of is None and not outcome.counts.total:
        outcome.error = all_refused(outcome.problems, outcome.quarantined)
        outcome.status = "refused" if outcome.error else status
    before = _refused_before(batch, sha) if outcome.error and not fresh else None
    if before is not None:  # a source that says so every minute must not fill the quarantine
        outcome.error = f"{outcome.error}; they are listed in run {before}"
        outcome.problems = []
    if outcome.status != "refused":  # who is not understood is not heard: no zero is true
        _derive(batch, facts.hours)
    _finish(batch, outcome, parsed.summary)
    return outcome


def all_refused(problems: Sequence[Problem], refused: int) -> str | None:
    """Return in one line that nothing was taken and the most frequent reason; None if 0 were."""
    if not refused:
        return None
    reasons = Counter(p.reason for p in problems if p.refused).most_common(1)
    first = next((p for p in problems if p.refused), None)
    where = f": {reasons[0][0]}" if reasons else ""
    if first is not None and first.detail:
        where += (
            f", first {'row' if first.row else 'file'} {first.row or ''} {first.detail}".rstrip()
        )
    return f"not one row could be taken, {refused} refused{where}"


def _seen_before(batch: Batch, sha: str, *, once: bool) -> bool:
    """Return whether these bytes are what the source said last, or for `once` ever said."""
    r = m.ingest_run.c
    chosen = [r.source_id == batch.keys.sources[batch.source.key], r.status == "ok"]
    if once:
        found = select(r.sha256).where(*chosen, r.sha256 == sha).limit(1)
    else:
        found = select(r.sha256).where(*chosen).order_by(r.id.desc()).limit(1)
    return batch.conn.execute(found).scalar() == sha


def _refused_before(batch: Batch, sha: str) -> int | None:
    """Return the run that refused every row of these bytes, if no other came since."""
    r = m.ingest_run.c
    query = select(r.id, r.sha256, r.status).where(
        r.source_id == batch.keys.sources[batch.source.key],
        r.id != batch.run_id,
        r.status.in_(("ok", "refused", "failed", "replayed")),
    )
    last = batch.conn.execute(query.order_by(r.recorded_at.desc(), r.id.desc()).limit(1)).first()
    same = last is not None and last.sha256 == sha and last.status == "refused"
    return int(last.id) if last is not None and same else None


def _observations(batch: Batch, rows: list[Row], as_of: datetime) -> Counts:
    return store_observations(
        batch.conn,
        rows,
        source_id=batch.keys.sources[batch.source.key],
        run_id=batch.run_id,
        as_of=as_of,
        now=batch.now,
    )


def ask_again(batch: Batch) -> None:
    """Answer what depends on the passing of time, though the source brought nothing new."""
    _derive(batch, set())


def _derive(batch: Batch, hours: set[datetime]) -> None:
    """Answer the indicators that are questions about what this source has told so far."""
    conn, key, facts, keys, now = (
        batch.conn, batch.source.key, batch.catalogue, batch.keys, batch.now,
    )  # fmt: skip
    observed: list[Observed] = []
    live = batch.replay_of is None
    if batch.source.tells_cases(batch.format):
        since = cases_complete_since(conn, key, now)
        unheard = {h for h in _unheard_hours(batch) if h >= since} if live else set()
        asked = {h for h in hours if h >= since} | (unheard if batch.caught_up else set())
        observed = derive.case_indicators(
            conn, key, asked, due_hours=unheard, catalogue=facts, keys=keys, now=now, live=live
        )
    elif batch.format in ("cap", "cma-warning") and live:
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
        fresh = [p for p in outcome.problems if (p.row, p.field, p.reason) not in batch.listed]
        outcome.unlisted = keep_problems(batch.conn, batch.run_id, fresh)
    mapping = None
    if batch.format == "table":
        mapping = batch.catalogue.mappings.get(batch.source.mapping or "")
    values = {
        "status": outcome.status,
        "records": outcome.records,
        "new": outcome.counts.new,
        "changed": outcome.counts.changed,
        "same": outcome.counts.same,
        "outdated": outcome.counts.outdated,
        "quarantined": outcome.quarantined,
        "error": outcome.error,
        "unlisted": outcome.unlisted,
        "summary": _short(summary) if mapping is None else with_mapping(_short(summary), mapping),
    }
    batch.conn.execute(
        m.ingest_run.update().where(m.ingest_run.c.id == batch.run_id).values(values)
    )


def _short(summary: dict[str, Any] | None) -> dict[str, Any] | None:
    """Keep the figures of a summary; its long lists stand in the raw file."""
    if summary is None:
        return None
    return {k: len(v) if isinstance(v, list) else v for k, v in summary.items()}


def with_mapping(summary: dict[str, Any] | None, mapping: Mapping) -> dict[str, Any]:
    """Return a summary with how the table was read: the mapping may be another tomorrow."""
    return {**(summary or {}), "mapping": mapping.model_dump(mode="json", exclude_defaults=True)}


def _note_success(batch: Batch, outcome: Outcome) -> None:
    """A poll answered and understood; last_new_at moves only when it brought something."""
    moved = outcome.counts.new + outcome.counts.changed > 0
    note_heard(batch.conn, batch.keys, batch.source, now=batch.now, new=moved)
