"""From a source to its runs, from a run to its refused rows and its file, down to the bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, select

from data import models as m
from data.catalogue import Catalogue
from data.catalogue.entries import Source
from data.connectors.excerpt import excerpt
from data.connectors.privacy import mask
from data.connectors.registry import connector_of
from data.queries.keys import Keys
from data.queries.raw import mapping_of, raw_bytes, raw_parts
from data.sharing.words import (
    FetchDetail,
    Line,
    Mended,
    Refusal,
    RunDetail,
    RunPage,
    TableTop,
)
from data.tables.registry import row_word
from data.tables.top import top_of
from data.vocabulary import RunRow

PAGE = 50
SPANS = {"24h": timedelta(hours=24), "12w": timedelta(weeks=12)}
PROBLEMS = 200
PREVIEW_LINES, LINE_LENGTH, PREVIEW_BYTES = 60, 300, 256 * 1024
RECORDS, LARGE = 12, 1024 * 1024
"""Records shown of a file that is not made of lines; of a large one fewer, each costs a reading."""
WHOLE, BOOK = 64 * 1024 * 1024, 8 * 1024 * 1024
"""A larger file is never held whole: its beginning is shown, and it is handed out in parts."""

r, f = m.ingest_run.c, m.fetch.c


def run_page(
    conn: Connection, keys: Keys, key: str, *, span: str, before: int, every: bool, now: datetime
) -> RunPage:
    """Return one page of runs of a source, newest first.

    span is "24h" or "12w", anything else is 24 hours; before: run id to go on
    behind, 0 for the newest; every: also the polls that brought nothing new.
    """
    since = now - SPANS.get(span, SPANS["24h"])
    query = _runs().where(r.source_id == keys.sources[key], r.recorded_at >= since)
    if not every:
        query = query.where(r.status != "duplicate")
    if before:
        at = conn.execute(select(r.recorded_at).where(r.id == before)).scalar()
        if at is not None:
            query = query.where(r.recorded_at <= at, (r.recorded_at < at) | (r.id < before))
    query = query.order_by(r.recorded_at.desc(), r.id.desc()).limit(PAGE + 1)
    rows = [_run_row(x) for x in conn.execute(query)]
    older = rows[PAGE - 1]["run_id"] if len(rows) > PAGE else None
    return {"runs": rows[:PAGE], "older": older, "newer": before > 0}


def _runs() -> Select[Any]:
    return select(m.ingest_run, f.origin).outerjoin(m.fetch, f.id == r.fetch_id)


def _run_row(x: Any) -> RunRow:
    return {
        "run_id": x.id,
        "at": x.recorded_at.timestamp(),
        "status": x.status,
        "records": x.records,
        "new": x.new,
        "changed": x.changed,
        "same": x.same,
        "quarantined": x.quarantined,
        "origin": x.origin,
        "sha256": x.sha256,
        "error": x.error,
    }


def run_detail(conn: Connection, catalogue: Catalogue, keys: Keys, number: int) -> RunDetail | None:
    """Return one run with its refused rows first, then its warnings; None if there is none."""
    row = conn.execute(_runs().where(r.id == number)).first()
    source = _source_of(row, keys)
    if row is None or source is None or source not in catalogue.sources:
        return None
    q = m.quarantine.c
    chosen = q.run_id == number
    found = conn.execute(
        select(m.quarantine).where(chosen).order_by(q.refused.desc(), q.seq).limit(PROBLEMS)
    ).all()
    word = row_word(connector_of(catalogue.sources[source].connector, row.origin))
    return {
        "run": _run_row(row),
        "source": source,
        "as_of": row.as_of.timestamp(),
        "outdated": row.outdated,
        "fetch_id": row.fetch_id,
        "summary": {
            str(k): _short(v)
            for k, v in (row.summary or {}).items()
            if v not in ({}, []) and k != "mapping"
        },
        "problems": [_problem(x, word) for x in found],
        "mended": _mended(conn, number),
    }


def _source_of(row: Any, keys: Keys) -> str | None:
    if row is None:
        return None
    return next((key for key, i in keys.sources.items() if i == row.source_id), None)


def _short(value: Any) -> str:
    if isinstance(value, dict):
        value = ", ".join(f"{k} {v}" for k, v in value.items())
    written = mask(str(value))
    return written if len(written) <= 120 else f"{written[:119]}…"


def _problem(x: Any, word: str) -> Refusal:
    return {
        "row_word": word,
        "row": x.row_no,
        "field": x.field,
        "reason": x.reason,
        "value": None if x.value is None else mask(x.value),
        "detail": mask(x.detail),
        "refused": bool(x.refused),
        "settled": x.resolved_at is not None,
    }


def _mended(conn: Connection, run: int) -> list[Mended]:
    c = m.correction.c
    rows = conn.execute(select(m.correction).where(c.run_id == run).order_by(c.id).limit(PROBLEMS))
    return [
        {
            "row": x.row_no,
            "field": x.field,
            "was": None if x.old is None else mask(x.old),
            "now": mask(x.new),
            "by": x.made_by,
            "why": x.why,
            "at": x.made_at.timestamp(),
        }
        for x in rows
    ]


def fetch_detail(
    conn: Connection, catalogue: Catalogue, keys: Keys, number: int
) -> FetchDetail | None:
    """Return one file as it came in, with a masked preview; None if there is none."""
    row = conn.execute(select(m.fetch).where(f.id == number)).first()
    source = _source_of(row, keys)
    if row is None or source is None or source not in catalogue.sources:
        return None
    entry = catalogue.sources[source]
    near = (
        r.source_id == row.source_id,
        r.recorded_at >= row.received_at,
        r.recorded_at <= row.received_at + timedelta(days=1),
        r.fetch_id == number,
    )
    runs = conn.execute(_runs().where(*near).order_by(r.recorded_at).limit(5)).all()
    payload = _beginning(conn, row)
    refused = _refused(conn, [x.id for x in runs])
    lines = (
        preview(payload, connector_of(entry.connector, row.origin), refused)
        if payload is not None
        else []
    )
    return {
        "id": row.id,
        "source": source,
        "sha256": row.sha256,
        "size": row.size,
        "received_at": row.received_at.timestamp(),
        "last_seen_at": row.last_seen_at.timestamp(),
        "seen": row.seen,
        "origin": row.origin,
        "raw": raw_kind(payload, personal=entry.personal),
        "lines": lines,
        "runs": [_run_row(x) for x in runs],
        "table": _table(conn, catalogue, row, entry, runs, refused),
    }


def _table(
    conn: Connection,
    catalogue: Catalogue,
    row: Any,
    entry: Source,
    runs: Sequence[Any],
    refused: Mapping[int, tuple[str, str | None]],
) -> TableTop | None:
    """Return the first rows of a table by the mapping of the run that read it, else by today's.

    None of a source that names persons: its bytes are not shown either.
    """
    if entry.personal:
        return None
    if connector_of(entry.connector, row.origin) != "table" or row.size > BOOK:
        return None
    used = next((x for x in (mapping_of(run.summary) for run in reversed(runs)) if x), None)
    mapping = used or catalogue.mappings.get(entry.mapping or "")
    payload = raw_bytes(conn, row.id) if mapping else None
    top = top_of(payload, mapping) if payload and mapping else None
    if top is None:
        return None
    return {
        "sheet": top.sheet or "",
        "header": list(top.header),
        "names": list(top.names),
        "rows": [(n, list(cells)) for n, cells in top.rows],
        "refused": {n: refused[n][0] for n, _cells in top.rows if n in refused},
    }


def _refused(conn: Connection, runs: list[int]) -> dict[int, tuple[str, str | None]]:
    """Return reason and field of refused rows by their place in the file."""
    q = m.quarantine.c
    query = (
        select(q.row_no, q.reason, q.field)
        .where(q.run_id.in_(runs), q.refused == 1, q.row_no.is_not(None))
        .order_by(q.run_id, q.seq)
        .limit(PROBLEMS)
    )
    return {row: (reason, field) for row, reason, field in conn.execute(query)} if runs else {}


def raw_kind(payload: bytes | None, *, personal: bool) -> str:
    """Return what may be handed out: kept, masked (a copy), withheld or gone.

    Files of a source that tells of single persons leave as a masked copy of
    their text; what is no text cannot be masked and stays.
    """
    if payload is None:
        return "gone"
    if not personal:
        return "kept"
    return "masked" if _text(payload) is not None else "withheld"


def _text(payload: bytes) -> str | None:
    """Return a file as text, None if it is none."""
    if b"\0" in payload[:PREVIEW_BYTES] or payload[:2] == b"PK":
        return None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return payload.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def preview(
    payload: bytes, connector: str, refused: Mapping[int, tuple[str, str | None]]
) -> list[Line]:
    """Return the first lines, or records, of a file, masked, with the refused ones marked."""
    if row_word(connector) == "line":
        text = _text(payload[:PREVIEW_BYTES])
        if text is not None:
            return [_line(n, t, refused) for n, t in _first_lines(text)]
    most = RECORDS if len(payload) < LARGE else 3
    chosen = sorted({*list(refused)[:most], *range(1, most + 1)})
    found: list[Line] = []
    for number in chosen:
        field = refused.get(number, ("", None))[1]
        text = excerpt(payload, connector, number, field)
        if text:
            found.append(_line(number, text, refused))
    return found


def _first_lines(text: str) -> Iterable[tuple[int, str]]:
    return enumerate(text.splitlines()[:PREVIEW_LINES], 1)


def _line(number: int, text: str, refused: Mapping[int, tuple[str, str | None]]) -> Line:
    plain = mask(text)
    cut = plain if len(plain) <= LINE_LENGTH else f"{plain[: LINE_LENGTH - 1]}…"
    return {
        "number": number,
        "text": cut,
        "refused": refused[number][0] if number in refused else None,
    }


def _beginning(conn: Connection, row: Any) -> bytes | None:
    """Return the bytes of a file, of a large one its first part; None when they were let go."""
    if row.size <= WHOLE:
        return raw_bytes(conn, row.id)
    return next(raw_parts(conn, row.id), None)


def raw_file(
    conn: Connection, catalogue: Catalogue, keys: Keys, number: int
) -> tuple[str, bytes, str] | None:
    """Return (kind, bytes, file name) of a kept file, None if it never was.

    The bytes are empty when they are gone or withheld, or come in parts (`raw_parts`).
    """
    row = conn.execute(select(m.fetch).where(f.id == number)).first()
    source = _source_of(row, keys)
    if row is None or source is None or source not in catalogue.sources:
        return None
    name = f"{source}-{number}-{row.sha256[:12]}"
    if row.size > WHOLE and not catalogue.sources[source].personal:
        return ("gone" if _beginning(conn, row) is None else "parts"), b"", f"{name}.bin"
    payload = raw_bytes(conn, number) if row.size <= WHOLE else _beginning(conn, row)
    kind = raw_kind(payload, personal=catalogue.sources[source].personal)
    if kind == "masked" and row.size > WHOLE:
        return "withheld", b"", f"{name}.bin"
    if kind == "masked":
        return kind, mask(_text(payload or b"") or "").encode(), f"{name}-masked.txt"
    ending = "txt" if payload is not None and _text(payload) is not None else "bin"
    return kind, payload if kind == "kept" and payload else b"", f"{name}.{ending}"
