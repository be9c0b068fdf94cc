"""Opens a zip of CSV tables that nobody vouches for: nothing is unpacked before it is weighed."""

from __future__ import annotations

import csv
import io
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from data.connectors.connector import Options, PayloadError, refuse_oversize

MAX_ENTRIES = 500
MAX_RATIO = 200  # CSV packs about 10:1, and 50:1 where it repeats itself
_SMALL = 1_000_000  # below this no ratio is a bomb

_BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,  # NotImplementedError too: encrypted, or an unknown compression
    ValueError,
    OverflowError,
    IndexError,
)


@dataclass(frozen=True)
class Table:
    """One CSV file of the zip. rows yields (line number, cells), blank lines left out."""

    name: str
    columns: dict[str, int]
    text: str

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the line a row starts on and its cells; raise PayloadError where CSV breaks."""
        reader = csv.reader(io.StringIO(self.text, newline=""))
        start, header = 1, True
        try:
            for cells in reader:
                if not header and any(cells):
                    yield start, cells
                header = header and not any(cells)
                start = reader.line_num + 1
        except csv.Error as error:
            raise PayloadError(f"{self.name}.txt breaks at line {start}: {error}") from error

    def need(self, *columns: str) -> None:
        """Raise PayloadError if one of `columns` is not there."""
        missing = [column for column in columns if column not in self.columns]
        if missing:
            raise PayloadError(f"{self.name}.txt has no column {', '.join(missing)}")


def cell(cells: list[str], place: int | None) -> str:
    """Return one trimmed cell, "" where the row is too short or the column is not there."""
    return cells[place].strip() if place is not None and place < len(cells) else ""


class ZipTables:
    """The CSV tables at the root of a zip, or in its one folder."""

    def __init__(self, payload: bytes, options: Options, known: Collection[str]) -> None:
        refuse_oversize(payload, options)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(payload))
        except _BROKEN as error:
            raise PayloadError(f"not a zip file, or broken: {error}") from error
        _weigh(self._zip.infolist(), options)
        self._entries = _tables(self._zip.infolist(), known)

    @property
    def names(self) -> list[str]:
        """The tables there are, without .txt, in alphabetical order."""
        return sorted(self._entries)

    def table(self, name: str) -> Table | None:
        """Return one table, None if the zip has none of that name."""
        if name not in self._entries:
            return None
        try:
            raw = self._zip.read(self._entries[name])
        except _BROKEN as error:
            raise PayloadError(f"{name}.txt cannot be unpacked: {error}") from error
        try:
            text = raw.decode("utf-8-sig").replace("\0", "")
        except UnicodeDecodeError as error:
            raise PayloadError(f"{name}.txt is not UTF-8 at byte {error.start}") from error
        return Table(name, _columns(name, text), text)


def _columns(name: str, text: str) -> dict[str, int]:
    """Return the place of each column, from the first line that is not blank."""
    try:
        header = next((c for c in csv.reader(io.StringIO(text, newline="")) if any(c)), [])
    except csv.Error as error:
        raise PayloadError(f"{name}.txt has a broken header: {error}") from error
    # Read backwards: of two columns with one name the first counts.
    return {column.strip(): place for place, column in reversed([*enumerate(header)])}


def _weigh(entries: list[zipfile.ZipInfo], options: Options) -> None:
    if len(entries) > MAX_ENTRIES:
        raise PayloadError(f"the zip has {len(entries)} entries, more than {MAX_ENTRIES}")
    size, cap = sum(entry.file_size for entry in entries), options.max_bytes
    if size > cap:
        raise PayloadError(f"the zip unpacks to {size / 1e6:.1f} MB, more than {cap / 1e6:.1f} MB")
    for entry in entries:
        if entry.file_size > _SMALL and entry.file_size > MAX_RATIO * max(1, entry.compress_size):
            raise PayloadError("the zip holds a file packed so tightly that it must be a bomb")
        if entry.flag_bits & 1:
            raise PayloadError("the zip is encrypted")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise PayloadError("the zip uses a compression other than deflate")


def _tables(entries: list[zipfile.ZipInfo], known: Collection[str]) -> dict[str, zipfile.ZipInfo]:
    """Return the known tables of the root, or of the folder that has most of them."""
    folders: dict[str, dict[str, zipfile.ZipInfo]] = {"": {}}
    for entry in entries:
        folder, _, name = entry.filename.replace("\\", "/").rpartition("/")
        stem, dot, kind = name.rpartition(".")
        hidden = folder.startswith(("__MACOSX", ".")) or "/." in folder
        if dot and kind.lower() == "txt" and stem in known and not hidden:
            folders.setdefault(folder, {})[stem] = entry
    return max(folders.values(), key=len)
