"""A stretch of rows, column by column, as every converter wants it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from data.connectors.connector import Problem
from data.tables.grid import text_of


@dataclass
class Chunk:
    """Rows of a table. cells: column place -> array of cells, or a pandas Categorical.

    lines: the 1-based line or row of each; blank: rows with no cell at all. whole: the
    chunk is all there is, so that rows may be compared with each other.
    """

    lines: Any
    cells: dict[int, Any]
    blank: Any
    whole: bool = False
    problems: list[Problem] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.lines)

    def factor(self, column: int) -> tuple[Any, list[Any]]:
        """Return (place of each cell in the list, the distinct cells) of a column."""
        cells = self.cells[column]
        if isinstance(cells, pd.Categorical):
            return np.asarray(cells.codes, dtype=np.int64), list(cells.categories)
        cells = np.asarray(cells, dtype=object)
        known: dict[Any, int] = {}
        keys = [(type(c), c) for c in cells]
        codes = np.fromiter((known.setdefault(k, len(known)) for k in keys), np.int64, len(keys))
        return codes, [key[1] for key in known]

    def texts(self, column: int) -> tuple[Any, list[str]]:
        """Return as factor does, every cell as the text a person reads."""
        codes, cells = self.factor(column)
        return codes, [text_of(c) for c in cells]

    def plain(self, column: int) -> Any:
        """Return the cells of a column as an array."""
        cells = self.cells[column]
        return np.asarray(cells) if isinstance(cells, pd.Categorical) else cells

    def text_at(self, column: int, row: int) -> str:
        """Return one cell as text."""
        return text_of(self.cells[column][row])


def of_rows(lines: list[int], rows: list[list[Any]], columns: list[int]) -> Chunk:
    """Return a chunk of the named columns of rows that may be too short."""
    cells = {}
    for column in columns:
        array = np.empty(len(rows), dtype=object)
        array[:] = [row[column] if column < len(row) else "" for row in rows]
        cells[column] = array
    blank = np.array([not any(text_of(c) for c in row) for row in rows], dtype=bool)
    return Chunk(np.array(lines, dtype=np.int64), cells, blank)
