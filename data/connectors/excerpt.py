"""What did the source write? One record of a stored file, as a person can read it."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from itertools import islice
from typing import Any

from google.protobuf import text_format

from data.connectors.cap import alert_elements
from data.connectors.cma_rows import cma_items
from data.connectors.connector import Options, clean
from data.connectors.csv_text import read_table
from data.connectors.edxl_have import hospital_elements
from data.connectors.fhir_resources import READ, read_resources
from data.connectors.gtfs import READ as GTFS_READ
from data.connectors.gtfs_rt import read_message
from data.connectors.json_document import as_dict, as_list, read_json
from data.connectors.jsonp import read_jsonp
from data.connectors.open311_items import read_items
from data.connectors.privacy import mask
from data.connectors.push_documents import read_document
from data.connectors.xml_document import read_xml, split_tag
from data.connectors.zip_tables import Table, ZipTables, cell

LENGTH = 1200
_GTFS_WITH_ROWS = ("routes", "stops", "trips", "stop_times")
"""Tables a record of ours may name a row of."""


def excerpt(payload: bytes, connector_key: str, row: int, field: str | None = None) -> str | None:
    """Return the record at the 1-based `row` as short text, None if there is none. Never raises.

    Args:
        payload: the file as it was received.
        connector_key: a key of the registry.
        row: as in a record or a problem of that file.
        field: as in a problem; tells the table of a GTFS feed ("stop_times.trip_id").
    """
    show = _SHOW.get(connector_key)
    if show is None or row < 1:
        return None
    try:
        text = show(payload, row, (field or "").partition(".")[0])
    except Exception:  # an excerpt explains a number; it must not take the page down with it
        return None
    if not text:
        return None
    text = mask(clean(text))
    return text if len(text) <= LENGTH else f"{text[: LENGTH - 1]}…"


def _cap(payload: bytes, row: int, _table: str) -> str | None:
    alerts = alert_elements(read_xml(payload, Options()))
    return "\n".join(_lines(alerts[row - 1], "")) if row <= len(alerts) else None


def _lines(element: ET.Element, indent: str) -> list[str]:
    """Return an element as indented lines, without namespaces and signatures."""
    name = split_tag(element)[1]
    if name in ("", "Signature"):
        return []
    text = " ".join((element.text or "").split())
    if not len(element):
        return [f"{indent}<{name}>{text}</{name}>"]
    inner = [line for child in element for line in _lines(child, f"{indent}  ")]
    return [f"{indent}<{name}>{text}", *inner, f"{indent}</{name}>"]


def _gtfs(payload: bytes, row: int, table: str) -> str | None:
    tables = ZipTables(payload, Options(), GTFS_READ)
    shown = []
    for name in [table] if table in GTFS_READ else _GTFS_WITH_ROWS:
        found = tables.table(name)
        cells = next((c for line, c in found.rows() if line == row), None) if found else None
        if found and cells:
            pairs = (f"{column}={cell(cells, at)}" for column, at in _in_order(found))
            shown.append(f"{name}.txt:{row}: {', '.join(pairs)}")
    return "\n".join(shown)


def _in_order(table: Table) -> list[tuple[str, int]]:
    return sorted(table.columns.items(), key=lambda column: column[1])


def _gtfs_rt(payload: bytes, row: int, _table: str) -> str | None:
    for entity in islice(read_message(payload, Options()).entity, row - 1, row):
        return text_format.MessageToString(entity, as_utf8=True)
    return None


def _fhir(payload: bytes, row: int, _table: str) -> str | None:
    found = dict(read_resources(payload, Options())).get(row, {})
    # Anything else in a Bundle may be about a person.
    if found.get("resourceType") not in READ:
        return None
    return _pretty({key: value for key, value in found.items() if key not in ("text", "contained")})


def _open311(payload: bytes, row: int, _table: str) -> str | None:
    items = read_items(payload, Options())[1]
    if row > len(items):
        return None
    return _pretty(items[row - 1])


def _cma(payload: bytes, row: int, _table: str) -> str | None:
    item = cma_items(read_jsonp(payload, Options())[0])[row - 1 : row]
    return mask(_pretty(item[0])) if item else None


def _csv(payload: bytes, row: int, _table: str) -> str | None:
    """Return the line that begins at `row`, each cell with the name of its column."""
    table = read_table(payload, Options())
    cells = next((cells for line, cells in table.rows if line == row), None)
    if cells is None:
        return None
    named = zip(table.header, cells, strict=False)
    return mask(", ".join(f"{name}={cell}" for name, cell in named if cell))


def _openaq(payload: bytes, row: int, _table: str) -> str | None:
    value = read_json(payload, Options())
    pages = map(as_dict, value if isinstance(value, list) else [value])
    results = [result for page in pages for result in as_list(page.get("results"))]
    return _pretty(results[row - 1]) if row <= len(results) else None


def _have(payload: bytes, row: int, _table: str) -> str | None:
    hospitals = hospital_elements(read_xml(payload, Options()))
    if row > len(hospitals):
        return None
    lines = _lines(hospitals[row - 1], "")
    return mask("\n".join(line for line in lines if "Contact" not in line))


def _pushed(name: str, payload: bytes, row: int) -> str | None:
    rows = read_document(payload, Options(), name).rows
    if row > len(rows) or not isinstance(rows[row - 1], dict):
        return None
    return _pretty({k: mask(v) if isinstance(v, str) else v for k, v in rows[row - 1].items()})


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


_SHOW: dict[str, Callable[[bytes, int, str], str | None]] = {
    "cap": _cap,
    "gtfs": _gtfs,
    "gtfs-rt": _gtfs_rt,
    "fhir": _fhir,
    "open311": _open311,
    "cma-warning": _cma,
    "cnemc": _csv,
    "nhsn": _csv,
    "openaq": _openaq,
    "edxl-have": _have,
    "push-observations": lambda payload, row, _table: _pushed("observations", payload, row),
    "push-events": lambda payload, row, _table: _pushed("events", payload, row),
    "push-requests": _open311,
}
