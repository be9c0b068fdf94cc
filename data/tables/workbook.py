"""Opens workbooks that nobody vouches for: weighed first, read in a limited child process."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from data.connectors.connector import PayloadError, clean
from data.tables.grid import Grid, Sheet

MAX_ENTRIES = 5_000
MAX_UNPACKED = 512 << 20
MAX_RATIO = 150  # sheets of equal rows pack about 60:1
_SMALL = 4 << 20  # below this no ratio is a bomb
MEMORY = 1536 << 20
SECONDS = 60
OUTPUT = 1 << 30
CELLS = 20_000_000
COLUMNS = 16_384
_CHILD = Path(__file__).with_name("workbook_child.py")


def is_workbook(head: bytes) -> bool:
    """Return whether a file begins like a workbook (zip or compound file)."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"))


def read_workbook(payload: bytes, sheet: Sequence[str] = ()) -> Grid:
    """Return one sheet of a workbook, whole, and what else the workbook holds.

    Args:
        payload: the file.
        sheet: names to look for, or "[2]" for the second; the first visible one if empty.

    Raises:
        PayloadError: damaged, encrypted, too big, no such sheet.
    """
    if payload[:2] == b"PK":
        weigh(payload)
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as answer:
        given.write(payload)
        given.seek(0)
        _run(given, answer, sheet)
        answer.seek(0)
        return _grid(answer, sheet)


def weigh(payload: bytes) -> None:
    """Raise PayloadError when a zip promises more than is allowed; nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as book:
            entries = book.infolist()
    except Exception as error:  # zipfile raises a dozen kinds for broken archives
        said = clean(str(error))[:120]
        raise PayloadError(f"the workbook is damaged: not a whole zip file ({said})") from error
    if len(entries) > MAX_ENTRIES:
        raise PayloadError(f"the workbook holds {len(entries)} files, more than allowed")
    unpacked = sum(e.file_size for e in entries)
    packed = max(sum(e.compress_size for e in entries), 1)
    if unpacked > MAX_UNPACKED or (unpacked > _SMALL and unpacked / packed > MAX_RATIO):
        words = f"{unpacked / 1e6:.0f} MB from {packed / 1e6:.1f} MB"
        raise PayloadError(f"the workbook would unpack to {words}: refused as a zip bomb")
    if any(e.flag_bits & 1 for e in entries):
        raise PayloadError("the workbook is encrypted: save it without a password")
    names = {e.filename for e in entries}
    if not any(n.startswith("xl/") or n == "content.xml" for n in names):
        raise PayloadError("a zip file that is no workbook")


def _run(given: IO[bytes], answer: IO[bytes], sheet: Sequence[str]) -> None:
    limits = [str(n) for n in (MEMORY, SECONDS, OUTPUT, CELLS)]
    words = [sys.executable, "-I", str(_CHILD), *limits, json.dumps(list(sheet))]
    with subprocess.Popen(  # noqa: S603 - our own interpreter and script, no shell
        words, stdin=given, stdout=answer, stderr=subprocess.DEVNULL, env={"LC_ALL": "C.UTF-8"}
    ) as child:
        try:
            code = child.wait(timeout=2 * SECONDS)
        except subprocess.TimeoutExpired as error:
            child.kill()
            raise PayloadError("the workbook took too long to read: refused") from error
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        raise PayloadError("the workbook took too much time or memory to read: refused")
    if code:
        words_ = "the workbook is damaged, or needs more memory than is allowed"
        raise PayloadError(f"{words_} (the reader ended with {code})")


def _grid(answer: IO[bytes], wanted: Sequence[str]) -> Grid:
    try:
        meta = json.loads(answer.readline())
        if "error" in meta:
            raise PayloadError(meta["error"])
        sheets = [Sheet(**s) for s in meta["sheets"]]
        if meta["sheet"] is None:
            raise PayloadError(_no_sheet(sheets, wanted))
        rows: dict[int, list[Any]] = {}
        ended = False
        for line in answer:
            row = json.loads(line, object_hook=_moment)
            if isinstance(row, dict):
                if "error" in row:
                    raise PayloadError(row["error"])
                ended = bool(row.get("end"))
                break
            rows[row[0]] = row[1]
    except PayloadError:
        raise
    except (ValueError, KeyError, TypeError) as error:
        raise PayloadError("the workbook could not be read to its end") from error
    if not ended:
        raise PayloadError("the workbook could not be read to its end")
    width = max((len(cells) for cells in rows.values()), default=0)
    if width > COLUMNS:
        raise PayloadError(f"the sheet has {width} columns, more than {COLUMNS} allowed")
    merged = tuple((a + 1, b, c + 1, d) for a, b, c, d in meta["merged"])
    found = Grid(rows=rows, width=width, merged=merged, sheets=sheets, sheet=meta["sheet"])
    found.epoch = int(meta["epoch"])
    return found


def _moment(value: dict[str, Any]) -> Any:
    return datetime.fromisoformat(value["d"]) if set(value) == {"d"} else value


def _no_sheet(sheets: list[Sheet], wanted: Sequence[str]) -> str:
    names = ", ".join(s.name for s in sheets[:20])
    if not wanted:
        return "the workbook has no sheet with cells"
    return f"there is no sheet {' or '.join(wanted)}; the workbook has: {names}"
