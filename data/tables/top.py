"""The first rows of a table as its mapping reads them: its named columns alone, masked."""

from __future__ import annotations

import io
from dataclasses import dataclass

from data.catalogue.mapping import Mapping
from data.connectors.connector import Options, clean
from data.connectors.privacy import mask
from data.tables.grid import text_of
from data.tables.open import open_table
from data.tables.stream import Reading

ROWS, READ, LETTERS = 12, 80, 60
"""Rows shown; rows of a text read at least, for its header is among them; letters of a cell."""


@dataclass(frozen=True)
class Top:
    """The top of a table. names: of the columns the mapping names, in the order of the file.

    rows: place in the file and cells, one a name. header: rows of the file that name columns.
    """

    names: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    header: tuple[int, ...]
    sheet: str | None = None


def top_of(payload: bytes, mapping: Mapping) -> Top | None:
    """Return the first rows, None where the table cannot be read so. Never raises."""
    try:
        opened = open_table(
            io.BytesIO(payload),
            sheet=mapping.sheet,
            encoding=mapping.encoding,
            delimiter=mapping.delimiter,
            most=READ,
        )
        reading = Reading(io.BytesIO(payload), mapping, Options(tz="UTC"), 1)
        columns, names = reading.columns_in(opened.grid)
        header = tuple(reading.layout.header) if reading.layout else ()
        below = [n for n in sorted(opened.grid.rows) if n > max(header, default=0)]
        rows = [(n, opened.grid.row(n)) for n in below if n not in mapping.skip_rows][:ROWS]
        shown = tuple((n, tuple(_cell(cells[c]) for c in columns)) for n, cells in rows)
    except Exception:  # it explains a file; it must not take the page down with it
        return None
    if not columns:
        return None
    return Top(tuple(clean(names[c]) for c in columns), shown, header, opened.grid.sheet)


def _cell(cell: object) -> str:
    text = clean(str(mask(text_of(cell))))
    return text if len(text) <= LETTERS else f"{text[: LETTERS - 1]}…"
