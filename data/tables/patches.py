"""Cells that a steward put right: laid over a table as it is read, the bytes stay as they came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from data.connectors.connector import PayloadError
from data.tables.fit import Fit
from data.tables.grid import Grid, text_of
from data.tables.headers import Header


@dataclass(frozen=True)
class Patch:
    """What one cell is to say. field: its column, by name or place, as a mapping names it."""

    row: int
    field: str
    new: str


@dataclass
class Patches:
    """The patches of one reading; `was` is what stood there, in their order, after it."""

    asked: Sequence[Patch]
    was: dict[int, str | None] = field(default_factory=dict)
    _by_row: dict[int, list[tuple[int, int]]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.asked)

    def fit(self, header: Header) -> None:
        """Find the columns; raise PayloadError with those that look like one that lacks."""
        fit = Fit(header)
        self._by_row = {}
        for at, patch in enumerate(self.asked):
            column = fit.need((patch.field,))
            if column >= 0:
                self._by_row.setdefault(patch.row, []).append((at, column))
        if fit.missing:
            raise PayloadError("; ".join(dict.fromkeys(fit.missing)))

    def lay_over(self, row: int, cells: list[Any]) -> list[Any]:
        """Return the cells of a row with what was put right in it."""
        told = self._by_row.get(row)
        if not told:
            return cells
        width = max(column for _, column in told) + 1
        cells = [*cells, *[""] * (width - len(cells))]
        for at, column in told:
            self.was[at] = text_of(cells[column])
            cells[column] = self.asked[at].new
        return cells

    def lay_over_grid(self, grid: Grid, rows: Sequence[int]) -> None:
        """Put right what is asked of the given rows of a sheet."""
        for row in sorted(set(self._by_row) & set(rows)):
            grid.rows[row] = self.lay_over(row, grid.row(row))

    def conclude(self) -> None:
        """Raise PayloadError if a row was never met."""
        for at, patch in enumerate(self.asked):
            if at not in self.was:
                raise PayloadError(f"there is no row {patch.row} among the rows of data")
