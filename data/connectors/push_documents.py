"""Takes a pushed document apart into rows: JSON, JSON lines, or CSV with a header line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from data.connectors.connector import Options, PayloadError, clean, decode_text, refuse_oversize
from data.connectors.json_document import json_text, load_json
from data.connectors.positions import number

FORMS = ("json", "ndjson", "csv")


@dataclass(frozen=True)
class Document:
    """Rows as they were written, in order, and what the document says about all of them."""

    rows: list[Any]
    form: str
    as_of: str = ""


def read_document(
    payload: bytes,
    options: Options,
    name: str,
    *,
    columns: frozenset[str] = frozenset(),
    numbers: frozenset[str] = frozenset(),
) -> Document:
    """Return the rows of a document; raise PayloadError if it is none.

    Args:
        payload: the bytes.
        options: extra["form"] names the form (of FORMS) if the sender said it.
        name: the key of the list in a JSON object, "observations" or "events".
        columns: what the header line of a CSV must name.
        numbers: columns of a CSV that hold numbers.
    """
    refuse_oversize(payload, options)
    form = options.extra.get("form") or _form(payload)
    if form == "ndjson":
        return Document(list(_lines(json_text(payload, options))), form)
    if form == "csv":
        return Document(list(_table(payload, columns, numbers)), form)
    return _json(load_json(json_text(payload, options)), name)


def _form(payload: bytes) -> str:
    """Return what the bytes look like; a first line that is a whole object begins JSON lines."""
    start = payload.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")
    if start[:1] not in (b"[", b"{"):
        return "csv"
    line, _, rest = start.partition(b"\n")
    whole = start[:1] == b"{" and line.rstrip().endswith(b"}")
    return "ndjson" if whole and rest.lstrip()[:1] == b"{" else "json"


def _json(value: Any, name: str) -> Document:
    if isinstance(value, list):
        return Document(value, "json")
    if not isinstance(value, dict):
        raise PayloadError(f'not a list of {name}, nor an object with "{name}"')
    as_of = value.get("as_of", "")
    unknown = sorted(set(value) - {name, "as_of"})
    if unknown:
        raise PayloadError(f"the document has an unknown part: {clean(unknown[0])[:60]}")
    if not isinstance(value.get(name), list):
        raise PayloadError(f'the object has no list called "{name}"')
    if as_of is not None and not isinstance(as_of, str):
        raise PayloadError("as_of is not a time")
    return Document(value[name], "json", as_of or "")


def _lines(text: str) -> Iterator[Any]:
    for place, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield load_json(line)
            except PayloadError as error:
                raise PayloadError(f"line {place}: {error}") from error


def _table(
    payload: bytes, columns: frozenset[str], numbers: frozenset[str]
) -> Iterator[dict[str, Any]]:
    """Yield the lines of a CSV as objects; an empty cell is a value that is not there."""
    reader = csv.reader(io.StringIO(_text(payload), newline=""), strict=True)
    try:
        header = [clean(name).lower() for name in next(reader, [])]
        if len(header) < 2 or len(set(header)) < len(header):
            raise PayloadError("not a CSV with a header line of different names")
        missing = sorted(columns - set(header))
        if missing:
            named = clean(", ".join(header))[:100]
            raise PayloadError(f"the header line lacks {', '.join(missing)}; it names {named}")
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(header):
                yield {"": "more cells than the header names"}
                continue
            pairs = zip(header, map(clean, cells), strict=False)
            yield {k: _cell(k, v, numbers) for k, v in pairs if v}
    except csv.Error as error:
        raise PayloadError(f"not CSV: {error} at line {reader.line_num}") from error


def _text(payload: bytes) -> str:
    text = decode_text(payload)
    if text is None:
        try:
            text = payload.decode("gb18030")  # what a spreadsheet in Chinese saves
        except UnicodeError as error:
            raise PayloadError("not CSV: neither UTF-8 nor GB 18030 text") from error
    return text


def _cell(name: str, text: str, numbers: frozenset[str]) -> Any:
    if name not in numbers:
        return text
    value = number(text)
    return text if value != value else value
