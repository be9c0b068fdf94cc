"""What every connector promises: never an escape, never half a record."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

R = TypeVar("R")

VALUE_LENGTH = 200
"""A problem shows this much of the value it complains about."""

_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""NUL breaks PostgreSQL text, lone surrogates break UTF-8 output, controls break terminals."""

_DECLARED = re.compile(rb"""<\?xml[^>]{0,100}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")


class PayloadError(ValueError):
    """The whole file is of the wrong kind or unreadable. The message is one line for a person."""

    def __init__(self, message: str) -> None:
        super().__init__(clean(" ".join(message.split()))[:400])


@dataclass(frozen=True)
class Problem:
    """One record that was refused, or kept with something left out, and why.

    row is the 1-based place of the record in the file (alert, entity, request,
    resource, line), None when the file gives no place. reason is a short
    permanent code such as "no_identifier"; detail is for a person. refused is
    False for a warning: the record was kept, without the part complained about.
    """

    reason: str
    row: int | None = None
    field: str | None = None
    value: str | None = None
    detail: str = ""
    refused: bool = True


@dataclass(frozen=True)
class Options:
    """What a parser may need besides the bytes. All optional.

    tz: IANA zone for times without an offset ("" refuses them).
    max_bytes: a larger file is refused before parsing, also after unpacking.
    static: bytes of the GTFS static zip beside a GTFS-RT file.
    date: YYYY-MM-DD asked by `check gtfs --date`.
    """

    tz: str = ""
    max_bytes: int = 64 * 1024 * 1024
    static: bytes | None = None
    date: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Parsed(Generic[R]):
    """What was understood of one file.

    records are complete and valid; problems hold one entry per refused record
    and one per warning. summary has the facts of the format itself, JSON-ready.
    usable_rows is set where one record stands for many rows (a GTFS feed).
    """

    records: tuple[R, ...]
    problems: tuple[Problem, ...]
    summary: dict[str, Any]
    usable_rows: int | None = None

    @property
    def accepted(self) -> int:
        """How many records can be stored."""
        return len(self.records) if self.usable_rows is None else self.usable_rows

    @property
    def quarantined(self) -> int:
        """How many records were refused."""
        return sum(p.refused for p in self.problems)

    @property
    def reasons(self) -> dict[str, int]:
        """Refused records counted by reason."""
        return dict(sorted(Counter(p.reason for p in self.problems if p.refused).items()))


class RefusedError(Exception):
    """One record cannot be taken; the rest of the file can. Never leaves a connector."""

    def __init__(
        self, reason: str, field: str | None = None, value: str | None = None, detail: str = ""
    ) -> None:
        super().__init__(reason)
        self.reason, self.field, self.value, self.detail = reason, field, value, detail


@dataclass
class Findings:
    """Collects what is wrong while one file is read."""

    problems: list[Problem] = field(default_factory=list)

    def refuse(self, refusal: RefusedError, row: int | None) -> None:
        """Note that the record at `row` is not taken."""
        value = shorten(refusal.value)
        self.problems.append(Problem(refusal.reason, row, refusal.field, value, refusal.detail))

    def warn(
        self,
        reason: str,
        row: int | None = None,
        field: str | None = None,
        value: str | None = None,
        detail: str = "",
    ) -> None:
        """Note that the record at `row` is taken without the part named by `field`."""
        self.problems.append(Problem(reason, row, field, shorten(value), detail, refused=False))

    def conclude(
        self, records: list[R], summary: dict[str, Any], usable_rows: int | None = None
    ) -> Parsed[R]:
        """Return the outcome; the warnings are counted in the summary."""
        counts = Counter(p.reason for p in self.problems if not p.refused)
        summary = {**summary, "warnings": dict(sorted(counts.items()))}
        return Parsed(tuple(records), tuple(self.problems), summary, usable_rows)


@dataclass(frozen=True)
class Connector(Generic[R]):
    """One format: its key on the command line, the word for a row, and its parser."""

    key: str
    row_word: str
    parse: Callable[[bytes, Options], Parsed[R]]


def refuse_oversize(payload: bytes, options: Options) -> None:
    """Raise PayloadError when the file is empty or larger than allowed."""
    if not payload.strip():
        raise PayloadError("the file is empty")
    if len(payload) > options.max_bytes:
        size, cap = len(payload) / 1e6, options.max_bytes / 1e6
        raise PayloadError(f"the file has {size:.1f} MB, more than the {cap:.1f} MB allowed")


def shorten(value: str | None) -> str | None:
    """Return `value` cut to what a problem may show."""
    return value if value is None else clean(value)[:VALUE_LENGTH]


def clean(text: str) -> str:
    """Return `text` trimmed and without characters no store or screen can take."""
    return _UNSTORABLE.sub("", text).strip()


def declared_encoding(payload: bytes) -> str | None:
    """Return the encoding the XML declaration names, None if it names none."""
    found = _DECLARED.match(payload.lstrip()[:200])
    return found[1].decode("ascii").lower() if found else None


def decode_text(payload: bytes) -> str | None:
    """Return a text payload as text, None for a binary one."""
    codec = declared_encoding(payload) or "utf-8-sig"
    if payload.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        codec = "utf-32"
    elif payload.startswith((b"\xff\xfe", b"\xfe\xff")):
        codec = "utf-16"
    # GBK and GB 2312 files carry GB 18030 characters more often than not.
    codec = "gb18030" if codec in ("gbk", "gb2312", "cp936") else codec
    try:
        text = payload.decode(codec)
    except (LookupError, ValueError):
        return None
    return None if _UNSTORABLE.search(text) else text


def locate(payload: bytes, key_text: str) -> int | None:
    """Return the 1-based line on which `key_text` first stands, None if binary or absent."""
    text, key = decode_text(payload), key_text.strip()
    if text is None or not key:
        return None
    escaped = key.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    spellings = dict.fromkeys((key, escaped, json.dumps(key)[1:-1]))
    for spelling in spellings:
        # "12" does not stand in "112" or "12-3", as long as it stands alone elsewhere.
        whole = re.search(rf"(?<![\w-]){re.escape(spelling)}(?![\w-])", text)
        place = whole.start() if whole else text.find(spelling)
        if place >= 0:
            line_end = "\n" if "\n" in text else "\r"
            return text.count(line_end, 0, place) + 1
    return None
