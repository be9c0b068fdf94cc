"""Reads the columns of a table that a control chart is drawn from."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from data.cli.refused import Refused, no_such
from data.connectors.connector import PayloadError
from data.tables.grid import Grid, is_blank, text_of
from data.tables.moments import MomentError, order_of, read_span
from data.tables.numerals import BAD, HIDDEN, Numerals, read_number
from data.tables.open import open_table

HEADER_WITHIN = 20
"""Rows from the top among which the header is looked for."""


@dataclass
class Columns:
    """Columns of a table, in order.

    rows: their numbers in the file. names: of the points; named: from the file, else they are
    counted. order: turns such a name into what points are ordered by, None where names tell no
    order. said: what a reader should know.
    """

    rows: list[int]
    names: list[str]
    values: dict[str, list[float]]
    order: Callable[[str], Any] | None = None
    said: list[str] = field(default_factory=list)
    named: bool = False


def read_columns(file: Path, numbers: Sequence[str], date: str | None) -> Columns:
    """Return the asked columns; raise Refused naming the row and the column that is wrong."""
    grid = _grid(file)
    header, places = _header(grid, [*numbers, *([date] if date else [])])
    rows = [
        row
        for row in sorted(grid.rows)
        if row > header and not all(is_blank(c) for c in grid.rows[row])
    ]
    if not rows:
        raise Refused(f"{file.name}: no row of data under the header in row {header}")
    wide = len(grid.rows[header])
    for row in rows:
        if any(not is_blank(cell) for cell in grid.rows[row][wide:]):
            raise Refused(f"row {row}: {len(grid.rows[row])} cells, the header has {wide}")
    out = Columns(rows, [str(at + 1) for at in range(len(rows))], {})
    for name in numbers:
        out.values[name] = _numbers(grid, rows, name, places[name], out.said)
    if date:
        _in_order(out, [text_of(grid.row(row)[places[date]]) for row in rows], date)
    return out


def _grid(file: Path) -> Grid:
    try:
        with file.open("rb") as opened:
            grid = open_table(opened).grid
    except OSError as error:
        raise Refused(f"{file}: {error.strerror}") from error
    except PayloadError as error:
        raise Refused(f"{file}: {error}") from error
    for problem in grid.problems:
        raise Refused(f"{file.name}: row {problem.row}: {problem.reason}: {problem.detail}")
    return grid


def _header(grid: Grid, asked: Sequence[str]) -> tuple[int, dict[str, int]]:
    """Return the row of the names and the place of each asked column."""
    first: tuple[int, list[str]] | None = None
    for row in sorted(grid.rows)[:HEADER_WITHIN]:
        names = [text_of(cell) for cell in grid.rows[row]]
        if set(asked) <= set(names):
            twice = next((n for n in asked if names.count(n) > 1), None)
            if twice is not None:
                raise Refused(f"row {row}: the column {twice} is there {names.count(twice)} times")
            return row, {name: names.index(name) for name in asked}
        first = first or (row, names)
    known = [n for n in first[1] if n] if first else []
    missing = next(name for name in asked if name not in known)
    raise Refused(no_such("column", missing, known))


def _numbers(grid: Grid, rows: list[int], name: str, place: int, said: list[str]) -> list[float]:
    reader, values, hidden = Numerals(), [], []
    for row in rows:
        cell = grid.row(row)[place]
        value, state = reader.read(cell)
        if state == BAD:
            raise Refused(f"row {row}, column {name}: {text_of(cell)!r} is no number")
        if state == HIDDEN:
            hidden.append(row)
        values.append(value)
    if hidden:
        said.append(f"column {name}: suppressed values are taken as missing (rows {few(hidden)})")
    return values


def _in_order(out: Columns, names: list[str], date: str) -> None:
    """Put the points in the order of their dates, if those tell one."""
    for row, name in zip(out.rows, names, strict=True):
        if not name:
            raise Refused(f"row {row}, column {date}: there is no date")
    out.names, out.named = names, True
    out.order = _order(names, out.rows, date)
    if out.order is None:
        return
    keys = [out.order(name) for name in names]
    places = sorted(range(len(keys)), key=lambda at: keys[at])
    for a, b in pairwise(places):
        if keys[a] == keys[b]:
            raise Refused(
                f"column {date}: rows {out.rows[a]} and {out.rows[b]} are both of {names[b]}"
            )
    if places != list(range(len(keys))):
        out.said.append(f"the rows were put in the order of {date}")
    out.rows = [out.rows[at] for at in places]
    out.names = [names[at] for at in places]
    out.values = {key: [column[at] for at in places] for key, column in out.values.items()}


def _order(names: list[str], rows: list[int], date: str) -> Callable[[str], Any] | None:
    """Return what reads a date of this column: as periods, as numbers, or None as mere names."""
    told = order_of(names).told

    def moment(text: str) -> Any:
        start, _, _ = read_span(text, told)
        return start.replace(tzinfo=None)

    wrong = [row for name, row in zip(names, rows, strict=True) if not _reads(moment, name)]
    if not wrong:
        return moment
    if all(_reads(_number, name) for name in names):
        return _number
    if len(wrong) == len(names):
        return None
    at = rows.index(wrong[0])
    raise Refused(f"row {wrong[0]}, column {date}: {names[at]!r} is no date")


def _number(text: str) -> float:
    found = read_number(text)
    if found is None or not math.isfinite(found[0]):
        raise ValueError(f"{text!r} is no number")
    return found[0]


def _reads(read: Callable[[str], Any], text: str) -> bool:
    try:
        read(text)
    except (MomentError, ValueError):
        return False
    return True


def place_of(columns: Columns, asked: str, date: str) -> int:
    """Return the place of the first point on or after a date; raise Refused if there is none."""
    if asked in columns.names:
        return columns.names.index(asked)
    if columns.order is None:
        raise Refused(no_such(date, asked, columns.names))
    try:
        key = columns.order(asked)
    except (MomentError, ValueError) as error:
        raise Refused(f"--rebase: {asked!r} is no date as in column {date}") from error
    for at, name in enumerate(columns.names):
        if columns.order(name) >= key:
            return at
    raise Refused(f"--rebase {asked}: the last point is {columns.names[-1]}")


def few(rows: list[int], most: int = 5) -> str:
    """Return the first of some row numbers in words."""
    shown = ", ".join(map(str, rows[:most]))
    return shown + (f" and {len(rows) - most} more" if len(rows) > most else "")
