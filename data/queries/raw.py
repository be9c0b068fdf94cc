"""The bytes of a file as it was received, whole or in parts."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from data import models as m
from data.catalogue.mapping import Mapping
from data.connectors.excerpt import excerpt
from data.connectors.privacy import mask
from data.tables.excerpt import table_excerpt

LENGTH, LONGEST, LARGE = 1200, 8 << 20, 16 << 20
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def mapping_of(summary: dict[str, Any] | None) -> Mapping | None:
    """Return the mapping a run was read by, as it was then; None for what was no table."""
    told = (summary or {}).get("mapping")
    try:
        return Mapping(**told) if isinstance(told, dict) else None
    except ValueError:  # written by another version
        return None


def raw_parts(conn: Connection, fetch_id: int) -> Iterator[bytes]:
    """Yield the bytes of a fetch piece by piece; nothing when they were let go."""
    whole = conn.execute(select(m.fetch.c.raw).where(m.fetch.c.id == fetch_id)).scalar()
    if whole is not None:
        yield zlib.decompress(whole)
        return
    p = m.fetch_part.c
    seqs = conn.execute(select(p.seq).where(p.fetch_id == fetch_id).order_by(p.seq)).all()
    for (seq,) in seqs:
        part = select(p.raw).where(p.fetch_id == fetch_id, p.seq == seq)
        yield zlib.decompress(conn.execute(part).scalar_one())


def raw_bytes(conn: Connection, fetch_id: int) -> bytes | None:
    """Return all bytes of a fetch, None when they were let go."""
    return b"".join(raw_parts(conn, fetch_id)) or None


def excerpt_of(
    conn: Connection, fetch_id: int, connector: str, row: int, mapping: Mapping | None = None
) -> str | None:
    """Return one record of a kept file as a person can read it; of a large table its line."""
    size = conn.execute(select(m.fetch.c.size).where(m.fetch.c.id == fetch_id)).scalar()
    if connector == "table" and (mapping is None or (size or 0) > LARGE):
        return _line(conn, fetch_id, row)
    raw = raw_bytes(conn, fetch_id)
    if mapping is not None:
        return table_excerpt(raw, mapping, row) if raw else None
    return excerpt(raw, connector, row) if raw else None


def _line(conn: Connection, fetch_id: int, row: int) -> str | None:
    """Return a line of a text table; workbooks have none."""
    line, tail = 1, b""
    for part in raw_parts(conn, fetch_id):
        if line == 1 and not tail and part.startswith(_WORKBOOKS):
            return None
        data = tail + part
        count = data.count(b"\n")
        if line + count > row:
            return _shown(data.split(b"\n", row - line + 1)[row - line])
        line, tail = line + count, data[data.rfind(b"\n") + 1 :]
        if len(tail) > LONGEST:
            return None
    return _shown(tail) if line == row else None


def _shown(line: bytes) -> str | None:
    for encoding in ("utf-8", "gb18030", "latin-1"):
        try:
            found = str(mask(line.decode(encoding))).strip()
        except UnicodeDecodeError:
            continue
        return found[:LENGTH] or None
    return None
