"""Read the kept bytes of a run again with the rules of today, and store what was refused.

Nothing is deleted and nothing newer undone: the replay carries the original's as_of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from data import models as m
from data.catalogue import Catalogue
from data.catalogue.entries import Source
from data.connectors.amend import amend
from data.connectors.connector import Parsed, PayloadError, Problem, clean
from data.connectors.registry import connector_of
from data.ingest.run import (
    Outcome,
    Publish,
    Understood,
    as_of_file,
    no_publish,
    store_parsed,
    understand,
)
from data.ingest.steps import Batch
from data.queries.keys import read_keys
from data.queries.raw import mapping_of, raw_bytes
from data.store import Store
from data.tables.patches import Patch

WHOLE = ("gtfs",)
"""Formats whose file replaces everything its source said before."""


class ReplayError(ValueError):
    """The run cannot be replayed. One line for the steward."""


@dataclass(frozen=True)
class Fix:
    """One field of one row put right, by whom and why."""

    row: int
    field: str
    new: str
    by: str
    why: str


@dataclass
class Replayed:
    """What a replay did. resolved, still: refused rows of before, now taken or not."""

    outcome: Outcome
    root: int
    resolved: int = 0
    still: int = 0
    dry: bool = False
    fixes: list[tuple[Fix, str | None]] = field(default_factory=list)


Done = list[tuple[Fix, str | None]]
"""Fixes with what stood there before."""


class _UndoneError(Exception):
    """A dry run is taken back."""


def replay(
    store: Store,
    catalogue: Catalogue,
    run_id: int,
    *,
    now: datetime,
    fixes: Sequence[Fix] = (),
    dry_run: bool = False,
    publish: Publish = no_publish,
) -> Replayed:
    """Parse the stored bytes of a run again and store the rows that were refused.

    Corrections made before are made again, so that a later replay keeps them.

    Raises:
        ReplayError: no such run, bytes let go, the file still unreadable, a
            newer whole file in force, a fix that names no row or field.
    """
    with store.read() as conn:
        root, source = _root(conn, catalogue, run_id)
        reads = _format(conn, root, source)
        payload = _payload(conn, root)
        made = _made(conn, root.id)
    if reads == "table":
        understood, done = _patched(source, catalogue, payload, made, fixes)
    else:
        payload, done = _amended(root.id, reads, payload, made, fixes)
        understood = understand(source, catalogue, reads, payload)
    if understood.parsed is None:
        raise ReplayError(f"run {root.id}: the file is still refused: {understood.error}")
    found: list[Replayed] = []
    try:
        with store.write() as conn:
            found.append(_store(conn, catalogue, source, root, understood, done, now))
            if dry_run:
                raise _UndoneError
            publish(conn, source, now)
    except _UndoneError:
        found[0].dry = True
    return found[0]


def _root(conn: Connection, catalogue: Catalogue, run_id: int) -> tuple[Row[Any], Source]:
    """Return the run that first read the bytes, and its source."""
    r = m.ingest_run.c
    run = conn.execute(select(m.ingest_run).where(r.id == run_id)).first()
    if run is not None and run.replay_of is not None:
        run = conn.execute(select(m.ingest_run).where(r.id == run.replay_of)).first()
    if run is None:
        raise ReplayError(f"there is no run {run_id}")
    if run.status == "duplicate":
        first = select(r.id).where(r.source_id == run.source_id, r.sha256 == run.sha256)
        taken = conn.execute(first.where(r.status == "ok").order_by(r.id.desc()).limit(1)).scalar()
        raise ReplayError(f"run {run_id} brought nothing new; its bytes were read by run {taken}")
    key = conn.execute(select(m.source.c.code).where(m.source.c.id == run.source_id)).scalar_one()
    if key not in catalogue.sources:
        raise ReplayError(f"run {run_id}: the catalogue has no source {key} any more")
    source = catalogue.sources[key]
    later = select(r.id).where(r.source_id == run.source_id, r.status == "ok", r.id > run.id)
    newer = conn.execute(later.order_by(r.id.desc()).limit(1)).scalar()
    if source.connector in WHOLE and newer is not None:
        raise ReplayError(f"run {run.id}: run {newer} replaced all it said; replay that one")
    return run, source


def _format(conn: Connection, root: Row[Any], source: Source) -> str:
    """Return what read the file: a mapping, the source's connector, or that of its push."""
    if mapping_of(root.summary) is not None:
        return "table"
    f = m.fetch.c
    origin = conn.execute(select(f.origin).where(f.id == root.fetch_id)).scalar()
    return connector_of(source.connector, origin)


def _in_scope(understood: Understood, standing: Sequence[Row[Any]]) -> Parsed[Any]:
    """Leave out what the token of a push was not for: no replay widens what a sender may say."""
    parsed = understood.parsed
    if parsed is None:
        raise ReplayError("the file is still refused")
    beyond = {q.row_no: q for q in standing if q.reason == "out_of_scope"}
    kept = tuple(x for x in parsed.records if getattr(x, "row", None) not in beyond)
    again = [Problem(q.reason, q.row_no, q.field, q.value, q.detail or "") for q in beyond.values()]
    return replace(parsed, records=kept, problems=(*parsed.problems, *again))


def _payload(conn: Connection, root: Row[Any]) -> bytes:
    """Return the bytes of a run as they came."""
    raw = raw_bytes(conn, root.fetch_id) if root.fetch_id is not None else None
    if raw is None:
        raise ReplayError(
            f"run {root.id}: its bytes were let go (ZHIZHI_RAW_DAYS); only their hash is kept."
            " Ask the source to send the file again"
        )
    return raw


def _made(conn: Connection, root: int) -> list[Patch]:
    """Return the corrections made before, in their order."""
    c = m.correction.c
    rows = conn.execute(select(m.correction).where(c.run_id == root).order_by(c.id))
    return [Patch(row.row_no, row.field, row.new) for row in rows]


def _patched(
    source: Source, catalogue: Catalogue, raw: bytes, made: Sequence[Patch], fixes: Sequence[Fix]
) -> tuple[Understood, Done]:
    """Read a table with every correction laid over it: a workbook has no lines to rewrite."""
    patches = (*made, *(Patch(fix.row, fix.field, clean(fix.new)) for fix in fixes))
    understood = understand(source, catalogue, "table", raw, patches=patches)
    was = understood.parsed.summary.pop("was", []) if understood.parsed else []
    return understood, list(zip(fixes, was[len(made) :], strict=False))


def _amended(
    root: int, reads: str, raw: bytes, made: Sequence[Patch], fixes: Sequence[Fix]
) -> tuple[bytes, Done]:
    """Return the bytes with every correction made, and the new ones with what stood there."""
    done: Done = []
    try:
        for old in made:
            raw = amend(reads, raw, old.row, old.field, old.new).payload
        for fix in fixes:
            amended = amend(reads, raw, fix.row, fix.field, fix.new)
            raw = amended.payload
            done.append((fix, amended.old))
    except PayloadError as error:
        raise ReplayError(f"run {root}: {error}") from error
    return raw, done


def _store(
    conn: Connection,
    catalogue: Catalogue,
    source: Source,
    root: Row[Any],
    understood: Understood,
    fixes: list[tuple[Fix, str | None]],
    now: datetime,
) -> Replayed:
    _keep_fixes(conn, root.id, fixes, now)
    standing = _standing(conn, root.id)
    parsed = _in_scope(understood, standing)
    as_of = as_of_file(parsed, root.as_of)
    values = {
        "source_id": root.source_id,
        "fetch_id": root.fetch_id,
        "sha256": root.sha256,
        "as_of": as_of,
        "recorded_at": now,
        "status": "running",
        "replay_of": root.id,
    }
    run = m.ingest_run.insert().values(values).returning(m.ingest_run.c.id)
    batch = Batch(
        conn, source, catalogue, read_keys(conn), conn.execute(run).scalar_one(), now, as_of,
        replay_of=root.id, connector=understood.connector,
        listed=frozenset((q.row_no, q.field, q.reason) for q in standing),
    )  # fmt: skip
    outcome = store_parsed(batch, parsed, root.sha256, once=False)
    resolved, still = _settle(conn, standing, outcome, now)
    return Replayed(outcome, root.id, resolved, still, fixes=fixes)


def _keep_fixes(
    conn: Connection, run_id: int, fixes: list[tuple[Fix, str | None]], now: datetime
) -> None:
    rows = [
        {
            "run_id": run_id,
            "row_no": fix.row,
            "field": fix.field,
            "old": old,
            "new": fix.new,
            "made_by": fix.by,
            "why": fix.why,
            "made_at": now,
        }
        for fix, old in fixes
    ]
    if rows:
        conn.execute(m.correction.insert(), rows)


def _standing(conn: Connection, root: int) -> list[Row[Any]]:
    """Return the open rows of a run's quarantine, and of its replays."""
    q, r = m.quarantine.c, m.ingest_run.c
    family = select(r.id).where(or_(r.id == root, r.replay_of == root))
    query = select(m.quarantine).where(q.run_id.in_(family), q.resolved_at.is_(None))
    return list(conn.execute(query))


def _settle(
    conn: Connection, standing: Sequence[Row[Any]], outcome: Outcome, now: datetime
) -> tuple[int, int]:
    """Say of each open row whether it was taken now; return (resolved, still refused)."""
    refused = {p.row for p in outcome.problems if p.refused and p.row is not None}
    told = {(p.row, p.reason) for p in outcome.problems}
    still = [
        row for row in standing
        if (row.row_no, row.reason) in told or (row.refused and row.row_no in refused)
    ]  # fmt: skip
    kept = {row.id for row in still}
    taken = [row for row in standing if row.id not in kept]
    _mark(conn, [row.id for row in still], tried_by=outcome.run_id)
    _mark(conn, [row.id for row in taken], resolved_at=now, resolved_by=outcome.run_id)
    return sum(row.refused for row in taken), sum(row.refused for row in still)


def _mark(conn: Connection, ids: Sequence[int], **values: Any) -> None:
    q = m.quarantine
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        conn.execute(q.update().where(q.c.id.in_(part)).values(**values))
