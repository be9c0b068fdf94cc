"""Opens a file of any kind as a grid: workbook, or text in any encoding."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import BinaryIO

from data.connectors.connector import PayloadError
from data.tables.encoding import Encoding, named
from data.tables.grid import Grid
from data.tables.text import MAX_COLUMNS, Splitter, TextFile, delimiter_of
from data.tables.workbook import is_workbook, read_workbook

MAX_BOOK = 64 << 20


@dataclass
class Opened:
    """A table in memory, or the first rows of it, and how it was read."""

    grid: Grid
    kind: str
    encoding: str | None = None
    delimiter: str | None = None
    doubts: list[str] = field(default_factory=list)


def open_table(
    file: BinaryIO,
    *,
    sheet: Sequence[str] = (),
    encoding: str | None = None,
    delimiter: str | None = None,
    most: int | None = None,
) -> Opened:
    """Return the rows of a table, at most `most` of a text table; raise PayloadError."""
    head = file.read(8)
    if is_workbook(head):
        payload = head + file.read(MAX_BOOK + 1)
        if len(payload) > MAX_BOOK:
            raise PayloadError(f"the workbook has more than {MAX_BOOK >> 20} MB")
        kind = "xls" if head[:1] == b"\xd0" else _zip_kind(payload)
        return Opened(read_workbook(payload, sheet), kind)
    if not head:
        raise PayloadError("the file is empty")
    text = open_text(Rewound(head, file), encoding)
    return _text_grid(text, delimiter, most)


def open_text(file: BinaryIO, encoding: str | None = None) -> TextFile:
    """Return a text table ready to be read; raise PayloadError for HTML, XML, JSON, binary."""
    given: Encoding | None = named(encoding) if encoding else None
    text = TextFile(file, given)
    start = text.head[:400].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").replace(b"\x00", b"").lower()
    if start.startswith((b"<html", b"<!doctype", b"<table", b"<meta", b"<head", b"<style")):
        raise PayloadError("the file is a web page (HTML), whatever its name says: save it as CSV")
    if start.startswith(b"<"):
        raise PayloadError("the file is XML, whatever its name says: save it as CSV or XLSX")
    if start.startswith((b"{", b"[{")):
        raise PayloadError("the file is JSON, not a table")
    if start.startswith((b"%pdf", b"\x89png", b"\xff\xd8\xff", b"gif8", b"rar!", b"7z\xbc\xaf")):
        raise PayloadError("not a text table: the file is binary")
    return text


def _zip_kind(payload: bytes) -> str:
    if b"content.xml" in payload[-65536:] or b"opendocument" in payload[:200]:
        return "ods"
    return "xlsb" if b"workbook.bin" in payload else "xlsx"


def _text_grid(text: TextFile, delimiter: str | None, most: int | None) -> Opened:
    blocks = text.blocks()
    first = next(blocks)
    sign, unsure = (delimiter, False) if delimiter else delimiter_of(first)
    splitter, rows, width, grid_problems, whole = Splitter(sign), {}, 0, [], True
    last = 0
    for block in chain([first], blocks):
        grid_problems += block.refused
        for record in splitter.feed(block):
            last = record.line
            if any(cell.strip() for cell in record.cells):
                rows[record.line] = record.cells
                width = max(width, len(record.cells))
        check_width(width)
        if most is not None and len(rows) >= most:
            whole = False
            break
    for record in splitter.finish() if whole else ():
        rows[record.line] = record.cells
        width = max(width, len(record.cells))
    grid = Grid(rows=rows, width=width, whole=whole, last=last)
    grid.problems = grid_problems + splitter.problems
    doubts = [text.encoding.doubt] if text.encoding.doubt else []
    if unsure:
        doubts.append(f"the sign between cells is {sign!r} or another")
    kind = "tsv" if sign == "\t" else "csv"
    return Opened(grid, kind, text.encoding.name, sign, doubts)


def check_width(width: int) -> None:
    """Raise PayloadError for a table with more columns than a workbook can hold."""
    if width > MAX_COLUMNS:
        raise PayloadError(f"the table has {width} columns, more than {MAX_COLUMNS} allowed")


class Rewound(io.RawIOBase, BinaryIO):
    """A file whose first bytes were read already, read again from its start."""

    def __init__(self, head: bytes, file: BinaryIO) -> None:
        self._head, self._file = head, file

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes."""
        head, self._head = self._head, b""
        return head + (self._file.read(size) if size < 0 else self._file.read(size - len(head)))
