"""What did the table say in one row? Only the columns its mapping names, masked."""

from __future__ import annotations

import io

from data.catalogue.mapping import Mapping
from data.connectors.connector import Options, clean
from data.connectors.excerpt import LENGTH
from data.connectors.privacy import mask
from data.tables.grid import text_of
from data.tables.open import open_table
from data.tables.stream import Reading

TOP = 60
"""Rows read at least, so that the header is among them."""


def table_excerpt(payload: bytes, mapping: Mapping, row: int) -> str | None:
    """Return the named cells of the 1-based `row`, None if there is none. Never raises."""
    try:
        opened = open_table(
            io.BytesIO(payload),
            sheet=mapping.sheet,
            encoding=mapping.encoding,
            delimiter=mapping.delimiter,
            most=max(row, TOP) + 1,
        )
        reading = Reading(io.BytesIO(payload), mapping, Options(tz="UTC"), 1)
        columns, names = reading.columns_in(opened.grid)
        if row not in opened.grid.rows:
            return None
        cells = opened.grid.row(row)
        said = [(names[c], text_of(cells[c])) for c in columns if text_of(cells[c])]
        text = clean("\n".join(f"{name}: {mask(value)}" for name, value in said))
    except Exception:  # an excerpt explains a number; it must not take the page down with it
        return None
    return text if len(text) <= LENGTH else f"{text[: LENGTH - 1]}…"
