"""A table of any size from a path to the store: hash, frames, raw parts, roll-ups, one run."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, cast

from sqlalchemy import Connection, func, select

from data import models as m
from data.catalogue import Catalogue
from data.catalogue.entries import Source
from data.catalogue.mapping import Mapping
from data.connectors.connector import Options, PayloadError
from data.ingest import run as small
from data.ingest.due import settle
from data.ingest.frames import (
    RUNNING,
    Load,
    Totals,
    batch_of,
    ingest_frames,
    progress,
    run_counts,
    store_frame,
)
from data.ingest.ledger import note_failure, note_heard
from data.ingest.parts import WHOLE, Kept, file_hash
from data.ingest.run import Outcome, Publish, no_publish
from data.queries.keys import read_keys
from data.store import Store
from data.tables.stream import Reading, read_frames

BATCH_ROWS = 30_000
"""Rows a transaction: half a second of the writer's place, and what memory a frame may cost."""

FEW = 8
"""Parts that may wait in memory."""


class BrokenOff(Exception):  # noqa: N818 - no error: it was asked for
    """The load was told to stop; given the file again it goes on after its last batch."""


def never() -> bool:
    """Say that nobody wants a load to stop."""
    return False


@dataclass
class TableOutcome(Outcome):
    """As of any file; of very many refused rows only the first are in words."""

    refused: int = 0

    @property
    def quarantined(self) -> int:
        """How many rows were refused."""
        return self.refused


@dataclass(frozen=True)
class Given:
    """A file as it was handed in."""

    path: Path
    size: int
    sha: str
    origin: str
    mapping: Mapping | None


def ingest_table(
    store: Store,
    catalogue: Catalogue,
    source: Source,
    path: Path,
    *,
    origin: str,
    now: datetime,
    publish: Publish = no_publish,
    batch_rows: int = BATCH_ROWS,
    stopped: Callable[[], bool] = never,
) -> Outcome:
    """Store a table of any size; return what it did. Never raises for bad content.

    Bytes ever stored before change nothing; finding that out costs their hash.
    A run that was broken off goes on after its last whole batch.

    Raises:
        OSError: the file cannot be opened.
        BrokenOff: `stopped` said so between two batches.
    """
    mapping = catalogue.mappings.get(source.mapping or "")
    given = Given(path, path.stat().st_size, file_hash(path), origin, mapping)
    with store.write() as conn:
        known = _duplicate(conn, source, given, now)
        if known is not None:
            publish(conn, source, now)
            return known
        load = _begin(conn, source, catalogue, given, batch_rows, now)
    with path.open("rb") as file:
        kept = Kept(file)
        try:
            reading = _reading(kept, given, source, batch_rows)
            return _taken(store, load, given, _until(reading, stopped), kept, publish)
        except PayloadError as refused:
            return _failed(store, load, given, kept, str(refused), publish)


def _reading(kept: Kept, given: Given, source: Source, batch_rows: int) -> Reading:
    if given.mapping is None:
        raise PayloadError("a table needs a mapping: name one, or let `profile` propose one")
    options = Options(tz=source.time_zone)
    file = cast(BinaryIO, kept)
    return read_frames(file, given.mapping, options=options, batch_rows=batch_rows)


@dataclass(frozen=True)
class Watched:
    """A reading, and its frames until somebody wants it to stop."""

    read: Reading
    frames: Iterator[Any]


def _until(reading: Reading, stopped: Callable[[], bool]) -> Watched:
    def frames() -> Iterator[Any]:
        for frame in reading:
            if stopped():
                raise BrokenOff
            yield frame

    return Watched(reading, frames())


def _taken(
    store: Store, load: Load, given: Given, reading: Watched, kept: Kept, publish: Publish
) -> Outcome:
    frames: Iterator[Any] = reading.frames
    first = list(islice(frames, 2))
    if len(first) < 2:
        return _one(store, load, given, reading, kept, first, publish)
    _, problems = ingest_frames(store, load, chain(first, frames), kept)
    _check_hash(store, load, kept, given)
    settle(store, load.run_id)
    outcome = TableOutcome("ok", load.run_id, load.source.key, problems=problems)
    with store.write() as conn:
        _keep(conn, load, given, kept)
        _finish(conn, load, given, progress(conn, load), outcome, reading.read.summary)
        publish(conn, load.source, load.now)
    return outcome


def _one(
    store: Store,
    load: Load,
    given: Given,
    reading: Watched,
    kept: Kept,
    frames: list[Any],
    publish: Publish,
) -> Outcome:
    """Store a table of one frame in one transaction."""
    _check_hash(store, load, kept, given)
    outcome = TableOutcome("ok", load.run_id, load.source.key)
    with store.write() as conn:
        totals = progress(conn, load)
        if totals.frames == 0:
            for frame in frames:
                outcome.problems = store_frame(conn, load, frame, totals, later=False, whole=True)
            _keep(conn, load, given, kept)
        _finish(conn, load, given, totals, outcome, reading.read.summary)
        publish(conn, load.source, load.now)
    return outcome


def _check_hash(store: Store, load: Load, kept: Kept, given: Given) -> None:
    """Read what the reader left, keep it too, and make sure that it was one file all the time."""
    _drain(store, load, kept, given)
    if kept.hash() != given.sha:
        raise PayloadError("the file changed while it was read: give it again when it is whole")


def _drain(store: Store, load: Load, kept: Kept, given: Given) -> None:
    more = True
    while more:
        more = kept.more()
        if given.size > WHOLE and (len(kept.waiting) > FEW or not more):
            with store.write(load=True) as conn:
                kept.store(conn, load.fetch_id)


def _keep(conn: Connection, load: Load, given: Given, kept: Kept) -> None:
    """Keep the bytes: a small file whole, as every other payload; a large one lies in parts."""
    if given.size > WHOLE or not kept.waiting:
        return
    raw = zlib.compress(b"".join(zlib.decompress(p["raw"]) for p in kept.waiting), 6)
    conn.execute(m.fetch.update().where(m.fetch.c.id == load.fetch_id).values(raw=raw))


def _duplicate(conn: Connection, source: Source, given: Given, now: datetime) -> Outcome | None:
    """Return the outcome of bytes that were stored before, None for new ones."""
    r, f = m.ingest_run.c, m.fetch.c
    keys = read_keys(conn)
    mine = (r.source_id == keys.sources[source.key], r.sha256 == given.sha, r.status == "ok")
    fetch_id = conn.execute(select(r.fetch_id).where(*mine).limit(1)).scalar()
    if fetch_id is None:
        return None
    seen = m.fetch.update().where(f.id == fetch_id)
    conn.execute(seen.values(last_seen_at=now, seen=f.seen + 1))
    run_id = _run(conn, source, given, fetch_id, now, "duplicate", None)
    note_heard(conn, keys, source, now=now)
    return Outcome("duplicate", run_id, source.key)


def _run(
    conn: Connection,
    source: Source,
    given: Given,
    fetch_id: int,
    now: datetime,
    status: str,
    summary: dict[str, Any] | None,
) -> int:
    values = {
        "source_id": read_keys(conn).sources[source.key],
        "fetch_id": fetch_id,
        "sha256": given.sha,
        "as_of": now,
        "recorded_at": now,
        "status": status,
        "summary": summary,
    }
    run = m.ingest_run.insert().values(values).returning(m.ingest_run.c.id)
    return int(conn.execute(run).scalar_one())


def _begin(
    conn: Connection,
    source: Source,
    catalogue: Catalogue,
    given: Given,
    batch_rows: int,
    now: datetime,
) -> Load:
    """Begin a run, or take up one that was broken off in the same state of things."""
    said = given.mapping.model_dump_json() if given.mapping else ""
    shape = f"{said}|{batch_rows}"
    mark = hashlib.sha256(shape.encode()).hexdigest()[:16]
    r, source_id = m.ingest_run.c, read_keys(conn).sources[source.key]
    chosen = (r.source_id == source_id, r.sha256 == given.sha, r.status == RUNNING)
    for run in conn.execute(m.ingest_run.select().where(*chosen).order_by(r.id)).all():
        if (run.summary or {}).get("progress", {}).get("mark") == mark:
            return Load(source, catalogue, run.id, run.fetch_id, now, run.as_of, mark)
    values = {
        "source_id": source_id,
        "received_at": now,
        "last_seen_at": now,
        "origin": given.origin,
        "sha256": given.sha,
        "size": given.size,
    }
    fetch = m.fetch.insert().values(values).returning(m.fetch.c.id)
    fetch_id = int(conn.execute(fetch).scalar_one())
    begun = {"progress": {"frames": 0, "mark": mark}}
    run_id = _run(conn, source, given, fetch_id, now, RUNNING, begun)
    return Load(source, catalogue, run_id, fetch_id, now, now, mark)


def _listed(conn: Connection, run_id: int) -> int:
    """Return how many refused rows of a run are kept one by one."""
    q = m.quarantine.c
    query = select(func.count()).where(q.run_id == run_id, q.refused == 1)
    return int(conn.execute(query).scalar_one())


def _finish(
    conn: Connection,
    load: Load,
    given: Given,
    totals: Totals,
    outcome: TableOutcome,
    summary: dict[str, Any],
) -> None:
    """Close the run, unless another worker with the same file has done so."""
    outcome.records, outcome.counts = totals.records, totals.counts
    outcome.refused = totals.refused
    run = m.ingest_run.c
    status = conn.execute(select(run.status).where(run.id == load.run_id)).scalar_one()
    if status != RUNNING:
        return
    if load.source.brings_cases:
        small._derive(batch_of(conn, load), totals.hours)
    outcome.unlisted = max(0, totals.refused - _listed(conn, load.run_id))
    summary = small._short(summary) or {}
    if given.mapping is not None:
        summary = small.with_mapping(summary, given.mapping)
    if not totals.counts.total:
        outcome.error = small.all_refused(outcome.problems, totals.refused)
        outcome.status = "refused" if outcome.error else outcome.status
    values = {
        **run_counts(totals),
        "unlisted": outcome.unlisted,
        "status": outcome.status,
        "error": outcome.error,
        "summary": summary,
    }
    conn.execute(m.ingest_run.update().where(run.id == load.run_id).values(values))
    if outcome.error:
        note_failure(conn, read_keys(conn), load.source, outcome.error, now=load.now)
        return
    moved = totals.counts.new + totals.counts.changed > 0
    note_heard(conn, read_keys(conn), load.source, now=load.now, new=moved)


def _failed(
    store: Store, load: Load, given: Given, kept: Kept, error: str, publish: Publish
) -> Outcome:
    """Close a run that cannot go on. What its whole batches stored stays, and is said."""
    _drain(store, load, kept, given)
    settle(store, load.run_id)
    with store.write() as conn:
        _keep(conn, load, given, kept)
        totals = progress(conn, load)
        if totals.records:
            error = f"{error} (the {totals.records} records before it are stored)"
        values = {**run_counts(totals), "status": "failed", "error": error[:1000]}
        conn.execute(m.ingest_run.update().where(m.ingest_run.c.id == load.run_id).values(values))
        note_failure(conn, read_keys(conn), load.source, error, now=load.now)
        publish(conn, load.source, load.now)
    return TableOutcome(
        "failed", load.run_id, load.source.key, totals.records, totals.counts,
        error=error, refused=totals.refused,
    )  # fmt: skip
