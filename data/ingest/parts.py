"""The bytes of large files, kept in parts while they are read; found again by line."""

from __future__ import annotations

import hashlib
import zlib
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Connection, text

WHOLE = 4 << 20
"""Files up to this size stay whole in `fetch`; larger ones lie in parts of as much."""

CHUNK = 1 << 20


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file: all that bytes known already cost."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Kept:
    """A file that remembers what was read of it: hash, and compressed parts to be stored."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._hash = file, hashlib.sha256()
        self._open = bytearray()
        self.seq = 0
        self.waiting: list[dict[str, Any]] = []

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        found = self._file.read(size)
        self._hash.update(found)
        self._open += found
        while len(self._open) >= WHOLE:
            self._cut(bytes(self._open[:WHOLE]))
            del self._open[:WHOLE]
        return found

    def _cut(self, part: bytes) -> None:
        packed = zlib.compress(part, 1)
        self.waiting.append({"seq": self.seq, "size": len(part), "raw": packed})
        self.seq += 1

    def more(self) -> bool:
        """Read on where the reader stopped; False when all is read and the last part is cut."""
        if self.read(CHUNK):
            return True
        if self._open:
            self._cut(bytes(self._open))
            self._open.clear()
        return False

    def hash(self) -> str:
        """Return the SHA-256 of what was read."""
        return self._hash.hexdigest()

    def store(self, conn: Connection, fetch_id: int) -> None:
        """Write the parts that wait; one that is there already stays."""
        if self.waiting:
            conn.execute(_PART, [{"fetch": fetch_id, **part} for part in self.waiting])
            self.waiting = []


_PART = text(
    """insert into fetch_part (fetch_id, seq, size, raw) values (:fetch, :seq, :size, :raw)
      on conflict do nothing"""
)
