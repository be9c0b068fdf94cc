"""The books of the way in: raw bytes, refused rows, how each source is doing."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, text

from data import models as m
from data.catalogue.entries import Source
from data.connectors.connector import Problem
from data.connectors.privacy import mask
from data.queries.keys import Keys

MAX_PROBLEMS = 1000
"""Refused rows kept one by one for a run; the run still counts them all."""


def keep_raw(
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


def keep_problems(conn: Connection, run_id: int, problems: Sequence[Problem]) -> int:
    """Keep what was refused or warned of, values masked; return how many found no place.

    Refused rows come first: a warning must not push one off the list.
    """
    problems = sorted(problems, key=lambda p: not p.refused)
    rows = [
        {
            "run_id": run_id,
            "seq": seq,
            "row_no": p.row,
            "field": p.field[:80] if p.field else None,
            "value": mask(p.value)[:500] if p.value else None,
            "reason": p.reason[:40],
            "detail": mask(p.detail)[:500],
            "refused": int(p.refused),
        }
        for seq, p in enumerate(problems[:MAX_PROBLEMS])
    ]
    if rows:
        conn.execute(m.quarantine.insert(), rows)
    return len(problems) - len(rows)


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
