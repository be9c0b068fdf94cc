"""Looks at an unknown table and says what it holds, what is unsure, and how it could be mapped."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from data.catalogue import Catalogue
from data.connectors.connector import PayloadError
from data.tables.areas import AreaNames
from data.tables.columns import Column, describe
from data.tables.grid import Grid, Sheet, text_of
from data.tables.headers import Header, read_header
from data.tables.layout import Layout, arithmetic_totals, find_layout
from data.tables.numerals import Numerals
from data.tables.open import Opened, open_table
from data.tables.propose import propose

ROWS = 100_000
"""Rows of a text table that are looked at."""


@dataclass
class Profile:
    """Everything found, JSON-ready by as_json()."""

    file: str
    opened: Opened
    layout: Layout
    header: Header
    columns: list[Column]
    mapping: dict[str, Any]
    doubts: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the finding with stable keys."""
        grid, layout = self.opened.grid, self.layout
        data = [*layout.data, *layout.totals]
        return {
            "file": self.file,
            "kind": self.opened.kind,
            "encoding": self.opened.encoding,
            "delimiter": self.opened.delimiter,
            "sheets": [asdict(s) for s in grid.sheets],
            "sheet": grid.sheet,
            "date_system": grid.epoch if grid.sheets else None,
            "preamble_rows": layout.preamble,
            "header_rows": layout.header,
            "data_first_row": layout.first,
            "data_last_row": max(data, default=None),
            "rows": len(layout.data),
            "columns": [c.as_json() for c in self.columns],
            "total_rows": layout.totals,
            "note_rows": layout.notes,
            "blank_rows": layout.blank[:1000],
            "duplicate_headers": self.header.doubled,
            "refused_rows": [p.row for p in grid.problems[:1000]],
            "doubts": self.doubts,
            "mapping": self.mapping,
        }


def profile(path: Path, catalogue: Catalogue, *, sheet: str | None = None) -> Profile:
    """Look at a file; raise PayloadError if it is no table or cannot be read whole."""
    try:
        with path.open("rb") as file:
            opened = open_table(file, sheet=(sheet,) if sheet else (), most=ROWS)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise PayloadError(f"cannot be read: {reason}") from error
    return look_at(path.name, opened, catalogue)


def look_at(name: str, opened: Opened, catalogue: Catalogue) -> Profile:
    """Return the finding for a table that is open."""
    grid = opened.grid
    layout = find_layout(grid)
    header = read_header(grid, layout)
    areas = AreaNames(catalogue.areas)
    rows = [grid.rows[n] for n in layout.data]
    columns = describe(header, rows, areas)
    _city_among_others(grid, layout, columns, areas)
    doubts = [*opened.doubts, *layout.doubts, *_about(grid, layout, header)]
    doubts += _sums(grid, layout, columns)
    doubts += [f"{c.name}: {doubt}" for c in columns for doubt in c.doubts][:200]
    mapping, unsure = propose(opened, layout, header, columns, catalogue)
    return Profile(name, opened, layout, header, columns, mapping, [*doubts, *unsure])


def _about(grid: Grid, layout: Layout, header: Header) -> list[str]:
    """Return what a person should know about the whole table."""
    found = []
    if not grid.whole:
        found.append(f"only the first {ROWS} rows were looked at")
    if not layout.data:
        found.append("there is no row of data")
    for name, changed in header.doubled.items():
        found.append(f"the name {name!r} stands {len(changed)} times: now {', '.join(changed)}")
    hidden = [s.name for s in grid.sheets if s.hidden]
    if hidden:
        found.append(f"hidden sheets: {', '.join(hidden)}")
    others = [s.name for s in grid.sheets if not s.hidden and s.name != grid.sheet and s.rows]
    if others:
        found.append(f"other sheets with cells: {', '.join(others)}")
    found += _hidden(next((s for s in grid.sheets if s.name == grid.sheet), None))
    if grid.epoch == 1904:
        found.append("the workbook counts days from 1904")
    short = [n for n in layout.data if len(grid.rows[n]) < grid.width]
    if short and not grid.sheets:
        found.append(f"{len(short)} rows have fewer cells than the header")
    if layout.totals:
        rows = ", ".join(map(str, layout.totals[:10]))
        found.append(f"rows that add up others, not counted: {rows}")
    if grid.problems:
        first = grid.problems[0]
        found.append(
            f"{len(grid.problems)} lines cannot be read ({first.reason} at line {first.row})"
        )
    return found


def _hidden(sheet: Sheet | None) -> list[str]:
    found = []
    if sheet and sheet.hidden_rows:
        found.append(f"{sheet.hidden_rows} rows are hidden in the sheet and are read all the same")
    if sheet and sheet.hidden_columns:
        found.append(f"{sheet.hidden_columns} groups of columns are hidden in the sheet")
    return found


def _city_among_others(grid: Grid, layout: Layout, columns: list[Column], areas: AreaNames) -> None:
    """In a table of counties the row of the whole city is a total."""
    column = next((c.index - 1 for c in columns if c.kind == "area"), None)
    if column is None:
        return
    codes = {n: areas.find(text_of(grid.row(n)[column])) for n in layout.data}
    levels = {areas.level(c) for c in codes.values() if c}
    if 1 in levels and len(levels) > 1:
        above = [n for n, c in codes.items() if c and areas.level(c) == 1]
        layout.data = [n for n in layout.data if n not in above]
        layout.totals = sorted([*layout.totals, *above])


def _sums(grid: Grid, layout: Layout, columns: list[Column]) -> list[str]:
    """Return what does not add up: labelled totals that differ from the sum of their rows."""
    if len(layout.totals) != 1 or not layout.data or len(layout.data) > 5000:
        return []
    total, found = layout.totals[0], []
    for column in (c for c in columns if c.kind == "number" and c.sum is not None):
        at = column.index - 1
        said = Numerals(column.decimal).read(grid.row(total)[at])[0]
        percent = column.unit in ("%", "‰") or (column.max is not None and _small(column.max))
        added = column.sum if column.sum is not None else said
        if said == said and not percent and abs(said - added) > 1e-6 * max(abs(said), 1.0):
            found.append(f"{column.name}: row {total} says {said:g}, the rows add up to {added:g}")
    return found[:20]


def _small(value: float | str) -> bool:
    return isinstance(value, float | int) and abs(value) <= 1


__all__ = ["Profile", "arithmetic_totals", "look_at", "profile"]
