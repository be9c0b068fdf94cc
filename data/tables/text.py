"""The lines of a text table, in blocks of UTF-8, whatever its encoding; numbers of lines kept."""

from __future__ import annotations

import codecs
import csv
import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from data.connectors.connector import PayloadError, Problem
from data.tables.encoding import Encoding, detect, foreign_lines

BLOCK = 4 << 20
MAX_LINE = 4 << 20
MAX_COLUMNS = 16_384
"""As many as a workbook can have; a table with more is none."""
JOINED = 1000
"""A quoted cell spans at most this many lines; a longer one was never closed."""
_LIMIT = threading.Lock()


@dataclass
class Block:
    """Whole lines as UTF-8, each with its line end. refused: problems of lines made empty here."""

    first: int
    raw: bytes
    refused: list[Problem] = field(default_factory=list)

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return self.raw.count(b"\n")


class TextFile:
    """A text table opened for one reading from its start."""

    def __init__(self, file: BinaryIO, encoding: Encoding | None = None) -> None:
        self.file = file
        self.head = file.read(BLOCK)
        if not self.head.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
            raise PayloadError("the file is empty")
        found = detect(self.head, cut=len(self.head) == BLOCK)
        # A mark in the file, or text that is plainly UTF-8, knows better than a mapping.
        plainly = found.bom or (
            found.codec == "utf-8" and not self.head.isascii() and not found.doubt
        )
        if encoding and plainly and encoding.codec.split("-sig")[0] != found.codec.split("-sig")[0]:
            found = Encoding(found.codec, found.bom, f"the mapping says {encoding.name}, it is not")
        self.encoding = encoding if encoding and not plainly else found
        self.fixed = bool(encoding or found.bom)

    def blocks(self) -> Iterator[Block]:
        """Yield the file from its first line to its last."""
        first = 1
        for raw in self._pieces():
            block = self._plain(first, raw)
            first += block.lines
            yield block

    def _pieces(self) -> Iterator[bytes]:
        """Yield bytes that end where a line ends, without the byte order mark."""
        rest, part = b"", self.head[self.encoding.bom :]
        wide = self.encoding.codec.startswith("utf-16")
        decode = codecs.getincrementaldecoder(self.encoding.codec)("strict") if wide else None
        while part:
            if decode:
                part = _as_utf8(decode, part)
            rest += part
            lone = b"\n" not in rest and b"\r" in rest
            end = rest.rfind(b"\r" if lone else b"\n") + 1
            if end and not (lone and end == len(rest)):
                yield rest[:end]
                rest = rest[end:]
            elif len(rest) > MAX_LINE:
                raise PayloadError("not a table: a line longer than 4 MB")
            part = self.file.read(BLOCK)
        if decode:
            rest += _as_utf8(decode, b"", final=True)
        if rest:
            yield rest

    def _plain(self, first: int, raw: bytes) -> Block:
        """Return a piece as UTF-8; lines of another encoding or with zero bytes are emptied."""
        wide = self.encoding.codec.startswith("utf-16")
        if b"\r" in raw:
            raw = re.sub(rb"\r\n?", b"\n", raw) if b"\n" not in raw else raw.replace(b"\r\n", b"\n")
            raw = raw.replace(b"\r", b" ")
        raw = raw if raw.endswith(b"\n") else raw + b"\n"
        if raw.isascii() and b"\x00" not in raw:
            return Block(first, raw)
        codec = "utf-8" if wide else self.encoding.codec
        if not self.fixed and codec == "utf-8" and self.head.isascii() and not raw.isascii():
            # Nothing but ASCII so far: this is the first piece that can tell.
            self.encoding, self.head = detect(raw), raw
            codec = self.encoding.codec
        codec = "utf-8" if codec == "utf-8-sig" else codec
        bad = dict.fromkeys(foreign_lines(raw, codec), "mixed_encoding")
        if b"\x00" in raw:
            bad |= {at: "zero_bytes" for at, line in enumerate(raw.split(b"\n")) if b"\0" in line}
        problems = []
        if bad:
            lines = raw.split(b"\n")
            for at in sorted(bad):
                problems.append(self._foreign(first + at, bad[at], lines[at]))
                lines[at] = b""
            raw = b"\n".join(lines)
        return Block(first, raw if codec == "utf-8" else raw.decode(codec).encode(), problems)

    def _foreign(self, line: int, reason: str, raw: bytes) -> Problem:
        shown = raw[:80].decode("ascii", "replace").replace("\ufffd", "?").replace("\0", "?")
        detail = f"the file is {self.encoding.name}, this line is not"
        if reason == "zero_bytes":
            detail = "the line holds zero bytes"
        return Problem(reason, line, None, shown, detail)


def _as_utf8(decode: codecs.IncrementalDecoder, part: bytes, *, final: bool = False) -> bytes:
    try:
        return decode.decode(part, final).encode()
    except UnicodeError as error:
        raise PayloadError(f"the text breaks off or is not UTF-16: {error}") from error


@dataclass(frozen=True)
class Record:
    """The cells of one record and the line it begins on."""

    line: int
    cells: list[str]


class Splitter:
    """Cuts lines into records; cells may hold line ends. Keeps an open record between blocks."""

    def __init__(self, delimiter: str) -> None:
        self.delimiter, self.problems = delimiter, list[Problem]()
        self._open: list[str] = []
        self._line = 0
        self._starts = re.compile(rf'(?:^|{re.escape(delimiter)}) *"')

    @property
    def pending(self) -> bool:
        """Whether a quoted cell is still open."""
        return bool(self._open)

    def feed(self, block: Block) -> Iterator[Record]:
        """Yield the records that end in this block."""
        lines = block.raw.decode("utf-8", "replace").split("\n")[:-1]
        for at, line in enumerate(lines, block.first):
            yield from self._one(at, line)

    def finish(self) -> Iterator[Record]:
        """Yield what is left; a quote that was never closed is a problem."""
        while self._open:
            yield from self._give_up()

    def _one(self, at: int, line: str) -> Iterator[Record]:
        if not self._open:
            if line.count('"') % 2 and self._starts.search(line):
                self._open, self._line = [line], at
            else:
                yield Record(at, self._cells(line))
            return
        self._open.append(line)
        if line.count('"') % 2:
            record = Record(self._line, self._cells("\n".join(self._open)))
            self._open = []
            yield record
        elif len(self._open) > JOINED:
            yield from self._give_up()

    def _give_up(self) -> Iterator[Record]:
        """Refuse the line whose quote is never closed and read on with the next."""
        first, rest = self._open[0], self._open[1:]
        detail = "a quote opens here and is never closed"
        self.problems.append(Problem("unclosed_quote", self._line, None, first[:200], detail))
        start, self._open = self._line + 1, []
        for at, line in enumerate(rest, start):
            yield from self._one(at, line)

    def _cells(self, text: str) -> list[str]:
        if '"' not in text:
            return text.split(self.delimiter)
        try:
            lines = text.split("\n")
            rows = _rows((f"{part}\n" for part in lines), self.delimiter)
        except csv.Error as error:
            raise PayloadError(f"the text breaks as CSV: {error}") from error
        cells = [cell for row in rows for cell in row]
        return [cell.rstrip("\n") for cell in cells]


def _rows(lines: Iterable[str], delimiter: str) -> list[list[str]]:
    """Read with room for a cell as long as a line may be; other readers keep their own limit."""
    with _LIMIT:
        usual = csv.field_size_limit(MAX_LINE)
        try:
            return list(csv.reader(lines, delimiter=delimiter))
        finally:
            csv.field_size_limit(usual)


def delimiter_of(block: Block) -> tuple[str, bool]:
    """Return the sign between cells that cuts most lines alike, and whether it is in doubt."""
    text = block.raw[:200_000].decode("utf-8", "replace")
    lines = [re.sub(r'"[^"]*"', '""', line) for line in text.split("\n")[:200] if line.strip()]
    scores: dict[str, float] = {}
    for sign in ",;\t|":
        counts = Counter(line.count(sign) for line in lines if sign in line)
        if counts:
            number, often = max(counts.items(), key=lambda item: item[1] * (item[0] ** 0.5))
            scores[sign] = often * number**0.5 if often > 1 or len(lines) < 3 else often * 0.5
    if not scores:
        return ",", False
    best = max(scores, key=lambda sign: scores[sign])
    rivals = [s for sign, s in scores.items() if sign != best and s > 0.7 * scores[best]]
    # A decimal comma is in every line too; then ; or tab is what cuts.
    if best == "," and scores.get(";", 0) > 0.5 * scores[","]:
        return ";", True
    return best, bool(rivals)
