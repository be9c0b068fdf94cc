"""Reads one CSV table that nobody vouches for: any encoding offices use, any usual delimiter."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from data.connectors.connector import Options, PayloadError, clean, refuse_oversize

MAX_COLUMNS = 5000
MAX_CELL = 100_000
_DELIMITERS = ",;\t|，"
_BINARY = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b", b"\x89PNG")


@dataclass(frozen=True)
class CsvTable:
    """One table. rows are (1-based line the row starts on, trimmed cells), blank lines left out."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_table(payload: bytes, options: Options) -> CsvTable:
    """Return the table of a CSV file; the first line that is not blank is the header.

    Raises:
        PayloadError: empty, too big, binary, or a quote that is never closed.
    """
    refuse_oversize(payload, options)
    text = csv_text(payload)
    lines = _records(text)
    _, header = next(lines, (0, ()))
    if not header:
        raise PayloadError("the file has no header line")
    if len(header) > MAX_COLUMNS:
        raise PayloadError(f"the file has {len(header)} columns, more than {MAX_COLUMNS}")
    return CsvTable(header, tuple(lines))


def csv_text(payload: bytes) -> str:
    """Return the text of a CSV file: by its mark, else UTF-8, else GB 18030."""
    if payload.startswith(_BINARY):
        raise PayloadError("not text: the file is binary (a workbook, an archive or a picture)")
    marked = payload.startswith((b"\xff\xfe", b"\xfe\xff"))
    for codec in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = payload.decode(codec)
        except ValueError:
            continue
        if "\0" in text:
            raise PayloadError("not text: the file is binary (it holds zero bytes)")
        return text
    raise PayloadError("not CSV: neither UTF-8, UTF-16 nor GB 18030 text")


def _records(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    start = 1
    try:
        for cells in reader:
            row = tuple(clean(cell) for cell in cells)
            if any(row):
                if max(map(len, row)) > MAX_CELL:
                    raise PayloadError(f"line {start} holds a cell of absurd length")
                yield start, row
            start = reader.line_num + 1
    except csv.Error as error:
        raise PayloadError(f"the CSV breaks at line {start}: {error}") from error


def _delimiter(text: str) -> str:
    """Return what parts the cells of the first line that is not blank."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    found = max(_DELIMITERS, key=first.count)
    return found if first.count(found) else ","


def folded(name: str) -> str:
    """Return a column name as it is compared: half-width, lower case, no blanks or joints."""
    text = unicodedata.normalize("NFKC", name).lower()
    return "".join(c for c in text if c not in " \t\u00a0_-.·・/\\")
