"""Whole columns to PostgreSQL by binary COPY: bytes made by numpy, no Python step a row.

A row of COPY BINARY is its number of fields, then for each its length and its bytes, big-endian.
Rows in which the same fields are missing have the same length, so they are one structured array.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection

Array = np.ndarray[Any, np.dtype[Any]]

HEAD = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TAIL = b"\xff\xff"
SINCE_2000 = 946684800
"""Instants and days begin to count in 2000 on PostgreSQL."""

_FORMS = {
    "smallint": ">i2",
    "integer": ">i4",
    "bigint": ">i8",
    "double": ">f8",
    "instant": ">i8",
    "day": ">i4",
}


@dataclass(frozen=True)
class Column:
    """One column: what PostgreSQL calls its type, its values, which of them are missing.

    instant: epoch seconds; day: days since 1970. One number stands for all rows.
    """

    name: str
    kind: str
    values: Any
    missing: Array | None = None


def copy_columns(conn: Connection, table: str, columns: Sequence[Column], rows: int) -> None:
    """Append `rows` rows to a table, in their order as far as missing fields allow."""
    if not rows:
        return
    driver: Any = conn.connection.driver_connection
    cursor = driver.cursor()
    names = ", ".join(f'"{c.name}"' for c in columns)
    with cursor.copy(f"copy {table} ({names}) from stdin (format binary)") as copy:
        copy.write(HEAD)
        for part in _parts(columns, rows):
            copy.write(part)
        copy.write(TAIL)


def copy_rows(conn: Connection, table: str, rows: Sequence[dict[str, Any]]) -> None:
    """Append rows of any types; all must have the keys of the first."""
    if not rows:
        return
    names = list(rows[0])
    quoted = ", ".join(f'"{name}"' for name in names)
    driver: Any = conn.connection.driver_connection
    cursor = driver.cursor()
    with cursor.copy(f"copy {table} ({quoted}) from stdin") as copy:
        for row in rows:
            copy.write_row([row[name] for name in names])


def _parts(columns: Sequence[Column], rows: int) -> Iterator[memoryview]:
    """Yield the bytes of the rows, those with the same missing fields together."""
    pattern = np.zeros(rows, dtype=np.int64)
    for place, column in enumerate(columns):
        if column.missing is not None:
            pattern |= column.missing.astype(np.int64) << place
    for found in np.unique(pattern).tolist():
        chosen = None if found == 0 and not pattern.any() else np.flatnonzero(pattern == found)
        absent = {i for i in range(len(columns)) if found >> i & 1}
        count = rows if chosen is None else len(chosen)
        yield _block(columns, absent, chosen, count).view(np.uint8).data


def _block(columns: Sequence[Column], absent: set[int], chosen: Array | None, rows: int) -> Array:
    fields: list[tuple[str, str]] = [("fields", ">i2")]
    for i, column in enumerate(columns):
        fields.append((f"l{i}", ">i4"))
        if i not in absent:
            fields.append((f"v{i}", _FORMS[column.kind]))
    block = np.empty(rows, dtype=np.dtype(fields))
    block["fields"] = len(columns)
    for i, column in enumerate(columns):
        block[f"l{i}"] = -1 if i in absent else np.dtype(_FORMS[column.kind]).itemsize
        if i not in absent:
            values = column.values
            if chosen is not None and np.ndim(values):
                values = np.asarray(values)[chosen]
            block[f"v{i}"] = _stored(column.kind, values)
    return block


def _stored(kind: str, values: Any) -> Any:
    if kind == "instant":
        return (np.asarray(values) - SINCE_2000) * 1_000_000
    if kind == "day":
        return np.asarray(values) - SINCE_2000 // 86400
    return values


def epoch(at: datetime) -> int:
    """Return whole epoch seconds, as columns of instants hold them."""
    return int(at.timestamp())


def missing(values: Iterable[Any]) -> Array:
    """Return which of some floats are missing."""
    return np.asarray(np.isnan(np.asarray(values, dtype=float)))
