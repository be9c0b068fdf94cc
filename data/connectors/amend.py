"""Puts one field of one row of a kept file right, where the format lets a row be named.

Returns new bytes; the kept ones stay as they came. Pure.
"""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from data.connectors.connector import Options, PayloadError, clean, decode_text
from data.connectors.json_document import as_list, read_json
from data.connectors.xml_document import read_xml, split_tag


@dataclass(frozen=True)
class Amended:
    """The bytes with one field changed, and what stood there before (None: nothing)."""

    payload: bytes
    old: str | None


def amend(connector: str, payload: bytes, row: int, field: str, new: str) -> Amended:
    """Return `payload` with `field` of the 1-based `row` set to `new`.

    Raises:
        PayloadError: the format has no rows to be fixed, or there is no such row or field.
    """
    if connector not in _FORMATS:
        raise PayloadError(
            f"a {connector} file cannot be put right row by row; mend the mapping or the catalogue"
        )
    if row < 1:
        raise PayloadError(f"there is no row {row}; rows are counted from 1")
    return _FORMATS[connector](payload, row, field, clean(new))


def _open311(payload: bytes, row: int, field: str, new: str) -> Amended:
    start = payload.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1]
    return (_xml if start == b"<" else _json)(payload, row, field, new)


# ---- JSON ----


def _json(payload: bytes, row: int, field: str, new: str) -> Amended:
    lines = payload.split(b"\n")
    if len(lines) > 1 and _is_object(lines[0]):  # one JSON object a line
        return _json_line(lines, row, field, new)
    document = read_json(payload, _options(payload))
    rows = _json_rows(document)
    if row > len(rows):
        raise PayloadError(f"there is no row {row}; the file has {len(rows)}")
    old = _set(rows[row - 1], field.split("."), new)
    return Amended(json.dumps(document, ensure_ascii=False).encode(), old)


def _pushed(payload: bytes, row: int, field: str, new: str) -> Amended:
    return (_json if payload.lstrip()[:1] in (b"[", b"{") else _text)(payload, row, field, new)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(read_json(line, _options(line)), dict)
    except PayloadError:
        return False


def _json_line(lines: list[bytes], row: int, field: str, new: str) -> Amended:
    if row > len(lines) or not lines[row - 1].strip():
        raise PayloadError(f"there is no row {row}")
    done = _json(lines[row - 1].strip(), 1, field, new)
    return Amended(b"\n".join([*lines[: row - 1], done.payload, *lines[row:]]), done.old)


def _json_rows(document: Any) -> list[Any]:
    """Return the list of rows as the parsers count them."""
    if isinstance(document, dict):
        if isinstance(document.get("entry"), list):
            return [e.get("resource") if isinstance(e, dict) else e for e in document["entry"]]
        for name in ("service_requests", "requests", "services", "observations", "events"):
            if isinstance(document.get(name), list):
                return as_list(document[name])
        return [document]
    return as_list(document)


def _set(place: Any, path: list[str], new: str) -> str | None:
    for step in path[:-1]:
        place = _step(place, step)
    name = path[-1]
    if isinstance(place, list) and name.isdigit() and int(name) < len(place):
        old, place[int(name)] = place[int(name)], _typed(place[int(name)], new)
    elif isinstance(place, dict):
        old = place.get(name)
        place[name] = _typed(old, new)
    else:
        raise PayloadError(f"the row has no field {'.'.join(path)}")
    return None if old is None else old if isinstance(old, str) else json.dumps(old)


def _step(place: Any, step: str) -> Any:
    if isinstance(place, list) and step.isdigit() and int(step) < len(place):
        return place[int(step)]
    if isinstance(place, dict) and step in place:
        return place[step]
    raise PayloadError(f"the row has no field {step}")


def _typed(old: Any, new: str) -> Any:
    """Return `new` as the kind of value it replaces; codes that were text keep their zeros."""
    if isinstance(old, dict | list):
        raise PayloadError(
            "the field holds several values; name the one within, as in group.0.code"
        )
    if isinstance(old, str):
        return new
    try:
        number = json.loads(new)
    except ValueError:
        return new
    return number if isinstance(number, bool | int | float) else new


# ---- XML ----


def _xml(payload: bytes, row: int, field: str, new: str) -> Amended:
    root = read_xml(payload, _options(payload))
    rows = [c for c in root if split_tag(c)[1] in ("request", "service")]
    if row > len(rows):
        raise PayloadError(f"there is no row {row}; the file has {len(rows)}")
    entry = rows[row - 1]
    element = next((c for c in entry if split_tag(c)[1] == field), None)
    if element is None:
        namespace = split_tag(entry)[0]
        element = ET.SubElement(entry, f"{{{namespace}}}{field}" if namespace else field)
        old = None
    else:
        old = "".join(element.itertext())
        for child in list(element):
            element.remove(child)
    element.text = new
    return Amended(bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)), old)


# ---- delimited text; a row is a line of the file ----


def _text(payload: bytes, row: int, field: str, new: str) -> Amended:
    text = decode_text(payload) or _chinese(payload)
    if text is None:
        raise PayloadError("a workbook cannot be put right row by row; mend the mapping")
    delimiter = max("\t;|,", key=text.count)
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    if row > len(lines):
        raise PayloadError(f"there is no row {row}; the file has {len(lines)}")
    place = next(
        (cells.index(name) for line in lines[: row - 1] for cells in [[c.strip() for c in line]]
         for name in [field] if name in cells),
        None,
    )  # fmt: skip
    if place is None:
        raise PayloadError(f"no heading above row {row} is called {field}")
    cells = lines[row - 1]
    cells += [""] * (place + 1 - len(cells))
    old, cells[place] = cells[place], new
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(lines)
    return Amended(out.getvalue().encode(), old)


def _chinese(payload: bytes) -> str | None:
    try:
        text = payload.decode("gb18030")
    except ValueError:
        return None
    return None if "\x00" in text else text


def _options(payload: bytes) -> Options:
    return Options(max_bytes=len(payload) + 1)


_FORMATS: dict[str, Callable[[bytes, int, str, str], Amended]] = {
    "open311": _open311,
    "fhir": _json,
    "table": _text,
    "cnemc": _text,
    "nhsn": _text,
    "push-requests": _open311,
    "push-observations": _pushed,
    "push-events": _pushed,
}
"""What else is read (warnings, timetables, protobuf) is signed, joined or binary as a whole."""
