"""Take the frames of a table in, however long: batch by batch, each all or nothing.

A file of one frame is one transaction, as every small file is. A longer one is a run that is
"running" until its last batch: facts, raw bytes and how far it came are written together, so a
worker that dies leaves whole batches, and whoever is given the file again goes on after them.
Two workers with the same file help each other: a batch that is stored already is passed over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import pandas as pd
from sqlalchemy import Connection

from data import models as m
from data.catalogue import Catalogue
from data.catalogue.entries import Source
from data.connectors.connector import Problem
from data.connectors.privacy import mask
from data.connectors.records import ServiceRequest
from data.ingest import cases
from data.ingest.due import make_now, note_due
from data.ingest.frame_check import Verdicts, check_frame
from data.ingest.frame_rollups import Stretch, roll_new
from data.ingest.frame_store import Origin, Stored, refuse_mixed, store_columns
from data.ingest.observations import Counts
from data.ingest.parts import Kept
from data.ingest.steps import Batch
from data.queries.keys import read_keys
from data.store import Store


class Frame(Protocol):
    """A stretch of a table; see data.tables.facts.Frame."""

    values: pd.DataFrame
    requests: list[ServiceRequest]
    problems: list[Problem]


@dataclass
class Totals:
    """What the batches of one run did so far; kept in the run, so that a redo goes on from it."""

    frames: int = 0
    records: int = 0
    counts: Counts = field(default_factory=Counts)
    refused: int = 0
    listed: int = 0
    hours: set[datetime] = field(default_factory=set)

    def add(self, records: int, counts: Counts, refused: int) -> None:
        """Count one batch more."""
        a, b = self.counts, counts
        self.frames += 1
        self.records += records
        self.refused += refused
        self.counts = Counts(
            a.new + b.new, a.changed + b.changed, a.same + b.same, a.outdated + b.outdated
        )


@dataclass(frozen=True)
class Load:
    """One table on its way in."""

    source: Source
    catalogue: Catalogue
    run_id: int
    fetch_id: int
    now: datetime
    as_of: datetime
    mark: str = ""
    """What the batches depend on beside the bytes: another mapping cuts them otherwise."""


RUNNING = "running"
LISTED = 1000
"""Refused rows of a run that are kept one by one; all are counted."""


def ingest_frames(
    store: Store, load: Load, frames: Iterable[Frame], kept: Kept | None = None
) -> tuple[Totals, list[Problem]]:
    """Store the frames of a run that is under way, a transaction each.

    Returns what all its batches did, and the problems in words that this call
    met. Roll-ups are noted as due: `settle` makes them.

    Raises:
        PayloadError: the table cannot be read further; what was stored stays.
    """
    totals, problems = Totals(), list[Problem]()
    for place, frame in enumerate(frames):
        with store.write(load=True) as conn:
            totals = progress(conn, load)
            if totals.frames <= place:
                told = store_frame(conn, load, frame, totals, later=place > 0)
                problems += told[: max(0, LISTED - len(problems))]
                note_progress(conn, load, totals)
            if kept is not None:
                kept.store(conn, load.fetch_id)
    return totals, problems


def store_frame(
    conn: Connection, load: Load, frame: Frame, totals: Totals, *, later: bool, whole: bool = False
) -> list[Problem]:
    """Store one frame, add what it did to `totals`, and return its problems in words.

    later: the file has told something before; a key it told otherwise is refused.
    whole: roll-ups are made at once, not noted as due.
    """
    verdicts = Verdicts()
    verdicts.add(frame.problems, sum(p.refused for p in frame.problems))
    counts = Counts()
    if len(frame.values):
        stored, left = _facts(conn, load, frame.values, verdicts, later=later, whole=whole)
        counts = stored.counts
        if whole:
            make_now(conn, left)
        else:
            note_due(conn, load.run_id, left)
    if frame.requests:
        done = _cases(conn, load, frame.requests)
        counts = _plus(counts, done.counts)
        verdicts.add(done.problems, sum(p.refused for p in done.problems))
        totals.hours |= done.hours
    totals.add(len(frame.values) + len(frame.requests), counts, verdicts.refused)
    room = max(0, LISTED - totals.listed)
    _list(conn, load.run_id, verdicts.problems[:room], totals.listed)
    totals.listed += len(verdicts.problems[:room])
    return verdicts.problems


def _facts(
    conn: Connection,
    load: Load,
    values: pd.DataFrame,
    verdicts: Verdicts,
    *,
    later: bool,
    whole: bool,
) -> tuple[Stored, list[Stretch]]:
    """Store facts; return what they did and the stretches whose roll-ups are still due."""
    keys = read_keys(conn)
    facts, found = check_frame(values, load.catalogue, keys, now=load.now)
    verdicts.add(found.problems, found.refused)
    facts = refuse_mixed(conn, facts, verdicts, load.catalogue, keys)
    origin = Origin(keys.sources[load.source.key], load.run_id, load.as_of, load.now)
    stored = store_columns(conn, facts, origin, verdicts, later=later)
    if not stored.fresh:
        return stored, stored.moved
    added_up = {keys.indicators[i.code] for i in load.catalogue.indicators.values() if i.rolls_up}
    return stored, roll_new(conn, facts, keys, added_up, edges=not whole)


def _cases(conn: Connection, load: Load, requests: list[ServiceRequest]) -> cases.CaseBatch:
    keys = read_keys(conn)
    intake = cases.Intake(load.source, load.catalogue, keys, load.run_id, load.now)
    return cases.store_requests(conn, tuple(requests), intake)


def _plus(a: Counts, b: Counts) -> Counts:
    return Counts(a.new + b.new, a.changed + b.changed, a.same + b.same, a.outdated + b.outdated)


def batch_of(conn: Connection, load: Load) -> Batch:
    """Return the run as the steps of small files know it."""
    return Batch(
        conn, load.source, load.catalogue, read_keys(conn), load.run_id, load.now, load.as_of
    )


def _list(conn: Connection, run_id: int, problems: list[Problem], start: int) -> None:
    rows = [
        {
            "run_id": run_id,
            "seq": start + n,
            "row_no": p.row,
            "field": p.field[:80] if p.field else None,
            "value": mask(p.value)[:500] if p.value else None,
            "reason": p.reason[:40],
            "detail": mask(p.detail)[:500],
            "refused": int(p.refused),
        }
        for n, p in enumerate(problems)
    ]
    if rows:
        conn.execute(m.quarantine.insert(), rows)


# ---- how far a run came ----


def progress(conn: Connection, load: Load) -> Totals:
    """Return how far the run is, as its last batch wrote it."""
    r = m.ingest_run.c
    run = conn.execute(m.ingest_run.select().where(r.id == load.run_id)).one()
    told = (run.summary or {}).get("progress", {})
    return Totals(
        frames=told.get("frames", 0) if run.status == RUNNING else 1 << 60,
        records=run.records,
        counts=Counts(run.new, run.changed, run.same, run.outdated),
        refused=run.quarantined,
        listed=told.get("listed", 0),
        hours={datetime.fromisoformat(h) for h in told.get("hours", ())},
    )


def note_progress(conn: Connection, load: Load, totals: Totals) -> None:
    """Write how far the run is, in the transaction of its batch."""
    told = {
        "frames": totals.frames,
        "listed": totals.listed,
        "mark": load.mark,
        "hours": sorted(h.isoformat() for h in totals.hours),
    }
    values = {**run_counts(totals), "summary": {"progress": told}}
    conn.execute(m.ingest_run.update().where(m.ingest_run.c.id == load.run_id).values(values))


def run_counts(totals: Totals) -> dict[str, Any]:
    """Return the columns of a run that count."""
    c = totals.counts
    return {
        "records": totals.records,
        "new": c.new,
        "changed": c.changed,
        "same": c.same,
        "outdated": c.outdated,
        "quarantined": totals.refused,
    }
