"""A sheet in memory: cells by row number, as found."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from data.connectors.connector import Problem

Merge = tuple[int, int, int, int]
"""First row, first column, last row, last column; rows from 1, columns from 0."""


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook. rows and columns count from A1."""

    name: str
    hidden: bool
    rows: int
    columns: int
    merged: int
    hidden_rows: int = 0
    hidden_columns: int = 0


@dataclass
class Grid:
    """Cells (text, number, datetime) by 1-based row; rows without cells are not in `rows`.

    whole: the grid holds the file to its end. problems: lines that could not be read.
    """

    rows: dict[int, list[Any]]
    width: int
    merged: tuple[Merge, ...] = ()
    sheets: list[Sheet] = field(default_factory=list)
    sheet: str | None = None
    epoch: int = 1900
    whole: bool = True
    last: int = 0
    problems: list[Problem] = field(default_factory=list)

    def row(self, number: int) -> list[Any]:
        """Return the cells of a row, padded to the width of the grid."""
        cells = self.rows.get(number, [])
        return [*cells, *[""] * (self.width - len(cells))]


def text_of(cell: Any) -> str:
    """Return a cell as a person reads it; a whole number has no decimal point."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        midnight = cell.hour == cell.minute == cell.second == 0
        return cell.date().isoformat() if midnight else cell.isoformat(sep=" ", timespec="seconds")
    return "" if cell is None else str(cell)


def is_blank(cell: Any) -> bool:
    """Return whether a cell holds nothing."""
    return cell is None or (isinstance(cell, str) and not cell.strip())
