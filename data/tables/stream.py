"""Reads a table of any size by a mapping, in frames. Memory is bounded by a batch.

Text goes block by block through the C parser of pandas wherever a line is a record; what is
odd (line ends inside quotes, too many cells, an open quote) goes record by record.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import numpy as np

from data.catalogue import catalogue
from data.catalogue.entries import Area
from data.catalogue.mapping import TODO, Mapping
from data.connectors.connector import Options, PayloadError, Problem, shorten
from data.tables.areas import AreaNames
from data.tables.case_rows import CaseReader
from data.tables.chunk import Chunk, of_rows
from data.tables.facts import FactReader
from data.tables.fast import blank_lines, cells_per_line, column, parse, without_lines
from data.tables.frame import Frame
from data.tables.grid import Grid, text_of
from data.tables.headers import Header, read_header
from data.tables.layout import Layout, find_layout
from data.tables.moments import order_of
from data.tables.open import Rewound, check_width, open_table, open_text
from data.tables.patches import Patches
from data.tables.periods import Periods, year_in
from data.tables.plan import make_plan
from data.tables.summary import summary_of
from data.tables.text import Block, Record, Splitter, delimiter_of
from data.tables.workbook import is_workbook

BATCH = 50_000
PREVIEW = 2_000
"""Records from the top by which the order of dates is told."""
TOP = 300
"""Rows from the top in which the header is looked for."""


class Reading:
    """Frames of one table, to be gone through once; summary is complete after the last."""

    def __init__(
        self,
        file: BinaryIO,
        mapping: Mapping,
        options: Options,
        batch_rows: int,
        areas: dict[str, Area] | None = None,
    ) -> None:
        self.mapping, self.options, self.batch = mapping, options, max(1, batch_rows)
        self._areas = AreaNames(
            areas if areas is not None else catalogue().areas, mapping.area.names
        )
        self.kind, self.encoding, self.delimiter = "", "", ""
        self.header: Header | None = None
        self.layout: Layout | None = None
        self.sheet: str | None = None
        self.doubts: list[str] = []
        self.warnings: list[Problem] = []
        self.reader: FactReader | CaseReader | None = None
        self.patches = Patches(tuple(options.extra.get("patches", ())))
        self._file = file

    def __iter__(self) -> Iterator[Frame]:
        head = self._file.read(8)
        if not head:
            raise PayloadError("the file is empty")
        file = Rewound(head, self._file)
        try:
            frames = self._workbook(file) if is_workbook(head) else self._text(file)
            found = False
            for frame in frames:
                found = found or frame.rows > 0
                yield frame
        except PayloadError:
            raise
        except (OSError, ValueError, OverflowError, IndexError, KeyError, MemoryError) as error:
            raise PayloadError(
                f"the table cannot be read: {error or type(error).__name__}"
            ) from error
        if not found:
            raise PayloadError("the table holds no row of data")
        self.patches.conclude()

    @property
    def summary(self) -> dict[str, Any]:
        """What the whole table holds, JSON-ready."""
        return summary_of(self)

    # ---- workbooks ----

    def _workbook(self, file: BinaryIO) -> Iterator[Frame]:
        opened = open_table(file, sheet=self.mapping.sheet)
        grid = opened.grid
        self.kind, self.sheet = opened.kind, grid.sheet
        self._begin(grid)
        rows = [n for n in sorted(grid.rows) if self._below(n)]
        columns = self._columns()
        _spread_merges(grid, rows, columns)
        self.patches.lay_over_grid(grid, rows)
        for start in range(0, max(len(rows), 1), self.batch):
            part = rows[start : start + self.batch]
            chunk = of_rows(part, [grid.rows[n] for n in part], columns)
            chunk.whole = len(rows) <= self.batch
            yield self._read(chunk)

    def _begin(self, grid: Grid) -> None:
        """Find header and layout in the top of the table and fit the mapping to it."""
        mapping = self.mapping
        check_width(grid.width)
        layout = find_layout(_top(grid), mapping.header)
        if mapping.header and not layout.header:
            self._misses_header(grid, mapping.header[0])
        try:
            self._fit(grid, layout)
        except PayloadError:
            # Rows of nothing but words look like more of the header: the mapping knows better.
            if mapping.header or not self._fits_one_row(grid, layout.header):
                raise

    def _misses_header(self, grid: Grid, row: int) -> NoReturn:
        """Raise PayloadError with what lacks in the header that does stand there."""
        said, found = f"header row {row} is empty", find_layout(_top(grid), None)
        try:
            self._fit(grid, found)
        except PayloadError as error:
            told = str(error).removeprefix("the mapping does not fit: ")
            raise PayloadError(f"the mapping does not fit: {said}; {told}") from error
        rows = ", ".join(map(str, found.header))
        raise PayloadError(f"the mapping does not fit: {said}; its columns stand in row {rows}")

    def _fits_one_row(self, grid: Grid, rows: Sequence[int]) -> bool:
        """Return whether one of several header rows alone fits the mapping; it is taken then."""
        for row in rows if len(rows) > 1 else ():
            try:
                self._fit(grid, find_layout(_top(grid), (row,)))
            except PayloadError:
                continue
            return True
        return False

    def _fit(self, grid: Grid, layout: Layout) -> None:
        """Make the reader of a table with this layout; raise PayloadError if it does not fit."""
        mapping, self.layout = self.mapping, layout
        self.header = read_header(grid, self.layout)
        self.patches.fit(self.header)
        title = f"{self.header.title} {self.sheet or ''}"
        header = Header(**{**vars(self.header), "title": title})
        if mapping.layout == "cases":
            self.reader = CaseReader(mapping, header, self._tz())
            self.warnings += [
                Problem("no_column", None, name, None, f"no column for {name}", refused=False)
                for name in self.reader.absent
            ]
            return
        year = year_in(mapping.period.value or title)
        periods = Periods(mapping.period, tz=self._tz(), order=None, year=year)
        plan = make_plan(mapping, header, self._areas, periods)
        if len(plan.period) == 1:
            cells = [grid.row(n)[plan.period[0]] for n in grid.rows if self._below(n)]
            periods.look(cells)
            seen = order_of(map(text_of, cells))
            periods.order = mapping.period.order or (seen.told if seen.sure else None)
        self.reader = FactReader(mapping, header, plan, self._areas, periods)

    def columns_in(self, grid: Grid) -> tuple[list[int], tuple[str, ...]]:
        """Return the columns the mapping names in a grid, and the names of all its columns."""
        self._begin(grid)
        return self._columns(), self.header.names if self.header else ()

    def _tz(self) -> str:
        return self.mapping.time_zone or self.options.tz

    def _columns(self) -> list[int]:
        if isinstance(self.reader, CaseReader):
            return self.reader.columns()
        return self.reader.plan.columns() if self.reader else []

    def _below(self, row: int) -> bool:
        top = max(self.layout.header, default=0) if self.layout else 0
        return row > top and row not in self.mapping.skip_rows

    def _read(self, chunk: Chunk) -> Frame:
        if self.reader is None:
            raise PayloadError("the table was not begun")
        frame = self.reader.read(chunk)
        frame.problems = [*self.warnings, *frame.problems]
        self.warnings = []
        return frame

    # ---- text ----

    def _text(self, file: BinaryIO) -> Iterator[Frame]:
        text = open_text(file, self.mapping.encoding)
        blocks = text.blocks()
        first = next(blocks)
        self.delimiter = self.mapping.delimiter or delimiter_of(first)[0]
        self.kind = "tsv" if self.delimiter == "\t" else "csv"
        self.encoding = text.encoding.name
        if text.encoding.doubt:
            self.doubts.append(text.encoding.doubt)
        if TODO in self.mapping.indicators():
            self.doubts.append(f"the mapping still says {TODO} where an indicator must stand")
        self._begin(_preview(first, self.delimiter))
        yield from self._blocks(chain([first], blocks))
        self.encoding = text.encoding.name

    def _blocks(self, blocks: Iterator[Block]) -> Iterator[Frame]:
        splitter = Splitter(self.delimiter)
        ahead = next(blocks, None)
        begun = False
        while ahead is not None:
            block, ahead = ahead, next(blocks, None)
            only = not begun and ahead is None
            begun = True
            chunk = None if splitter.pending or self.patches else self._fast(block)
            if chunk is not None:
                chunk.whole = only and len(chunk) <= self.batch
                chunk.problems = block.refused
                yield from self._in_batches(chunk)
                continue
            records = list(splitter.feed(block))
            if ahead is None:
                records += splitter.finish()
            problems = block.refused + splitter.problems
            splitter.problems = []
            chunk = self._careful(records, problems)
            chunk.whole = only and len(chunk) <= self.batch
            yield from self._in_batches(chunk)

    def _in_batches(self, chunk: Chunk) -> Iterator[Frame]:
        if len(chunk) <= self.batch:
            yield self._read(chunk)
            return
        for start in range(0, len(chunk), self.batch):
            part = slice(start, start + self.batch)
            cells = {c: v[part] for c, v in chunk.cells.items()}
            piece = Chunk(chunk.lines[part], cells, chunk.blank[part])
            piece.problems = chunk.problems if start == 0 else []
            yield self._read(piece)

    def _careful(self, records: list[Record], problems: list[Problem]) -> Chunk:
        """Return records as a chunk; one with more cells than there are columns is refused."""
        width = len(self.header.names) if self.header else 0
        kept = []
        known = {p.row for p in problems}
        for record in records:
            if not self._below(record.line) or record.line in known:
                continue
            extra = [c for c in record.cells[width:] if c.strip()]
            if extra:
                detail = f"{len(record.cells)} cells where the header has {width}"
                value = shorten(extra[0])
                problems.append(Problem("too_many_cells", record.line, None, value, detail))
            else:
                kept.append(Record(record.line, self.patches.lay_over(record.line, record.cells)))
        chunk = of_rows([r.line for r in kept], [r.cells for r in kept], self._columns())
        problems = [p for p in problems if p.row is None or self._below(p.row)]
        chunk.problems = problems
        short = sum(len(r.cells) < width for r in kept) - int(chunk.blank.sum())
        self._note_short(max(short, 0))
        return chunk

    def _note_short(self, rows: int) -> None:
        if self.reader is not None:
            self.reader.tally.short_rows += rows

    def _fast(self, block: Block) -> Chunk | None:
        """Return a block parsed in C, None if a line of it might not be a record."""
        width = len(self.header.names) if self.header else 0
        counts = cells_per_line(block.raw, self.delimiter)
        if counts is None:
            return None
        lines = np.arange(block.first, block.first + len(counts), dtype=np.int64)
        top = max(self.layout.header, default=0) if self.layout else 0
        cut = max(0, min(top - block.first + 1, len(lines)))
        raw, counts, lines = without_lines(block.raw, cut), counts[cut:], lines[cut:]
        if not len(lines) or (counts > width).any():
            return None
        columns = self._columns()
        frame = parse(raw, self.delimiter, width, columns, self._kinds())
        if frame is None or len(frame) != len(lines):
            return None
        blank = blank_lines(raw, self.delimiter, counts)
        refused = {p.row for p in block.refused} | set(self.mapping.skip_rows)
        keep = (
            ~np.isin(lines, [n for n in refused if n is not None])
            if refused
            else np.ones(len(lines), dtype=bool)
        )
        self._note_short(int(((counts < width) & ~blank & keep).sum()))
        cells = {c: column(frame[c]) for c in columns}
        if keep.all():
            return Chunk(lines, cells, blank)
        return Chunk(lines[keep], {c: v[keep] for c, v in cells.items()}, blank[keep])

    def _kinds(self) -> dict[int, str]:
        """Return how the C parser is to hold each column: keys as categories, times as text."""
        columns = self._columns()
        if isinstance(self.reader, FactReader):
            numbers = self.reader.plan.numbers()
            # "1.234" is a thousand and more where the comma is the decimal sign.
            kinds = dict.fromkeys(numbers, "object") if self.mapping.decimal == "," else {}
            return kinds | {c: "category" for c in columns if c not in numbers}
        return dict.fromkeys(columns, "object")


def read_frames(
    file: Path | str | BinaryIO | bytes,
    mapping: Mapping,
    *,
    options: Options,
    batch_rows: int = BATCH,
) -> Reading:
    """Return the frames of a table as they are read; raise PayloadError on the way.

    Args:
        file: path, bytes, or binary file.
        mapping: how to read it.
        options: tz for times without an offset where the mapping names none.
        batch_rows: rows a frame holds at most.
    """
    if isinstance(file, bytes):
        file = io.BytesIO(file)
    if isinstance(file, str | Path):
        return _Opened(Path(file), mapping, options, batch_rows)
    return Reading(file, mapping, options, batch_rows)


class _Opened(Reading):
    """A reading that opens and closes its file."""

    def __init__(self, path: Path, mapping: Mapping, options: Options, batch_rows: int) -> None:
        super().__init__(io.BytesIO(), mapping, options, batch_rows)
        self._path = path

    def __iter__(self) -> Iterator[Frame]:
        try:
            with self._path.open("rb") as file:
                self._file = file
                yield from super().__iter__()
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            raise PayloadError(f"cannot be read: {reason}") from error


def _preview(block: Block, delimiter: str) -> Grid:
    rows, width, last = {}, 0, 0
    splitter = Splitter(delimiter)
    for record in splitter.feed(block):
        last = record.line
        if any(cell.strip() for cell in record.cells):
            rows[record.line] = record.cells
            width = max(width, len(record.cells))
        if len(rows) >= PREVIEW:
            break
    layout = Grid(rows=rows, width=width, whole=False, last=last)
    if not rows:
        raise PayloadError("the table holds no row of data")
    return _as_wide_as_usual(layout)


def _top(grid: Grid) -> Grid:
    """Return the first rows of a grid: enough to find the header."""
    rows = dict(sorted(grid.rows.items())[:TOP])
    return replace(grid, rows=rows, last=max(rows, default=0), whole=False)


def _as_wide_as_usual(grid: Grid) -> Grid:
    """One broken row with more cells than all others must not widen the table."""
    widths = sorted(len(c) for c in grid.rows.values())
    usual = widths[int(0.98 * (len(widths) - 1))]
    top = max(len(grid.rows[n]) for n in list(grid.rows)[:30])
    if len(grid.rows) >= 10 and grid.width > max(usual, 1):
        head = max(len(grid.rows[n]) for n in list(grid.rows)[:1])
        grid.width = max(usual, head) if top > usual else usual
    grid.rows = {n: c[: grid.width] for n, c in grid.rows.items()}
    return grid


def _spread_merges(grid: Grid, rows: list[int], columns: list[int]) -> None:
    """Give every row of a cell merged downwards its value, in the columns that are read."""
    inside, wanted = set(rows), set(columns)
    for first, left, last, right in grid.merged:
        if last == first or first not in inside:
            continue
        value = grid.row(first)[left]
        for row in range(first + 1, last + 1):
            if row in inside and left in wanted and left == right:
                cells = grid.row(row)
                cells[left] = value
                grid.rows[row] = cells
