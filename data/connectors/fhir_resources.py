"""Which FHIR resources does a file hold? One, a Bundle, an array, or one a line (NDJSON)."""

from __future__ import annotations

import json
from typing import Any

from data.connectors.connector import Options, PayloadError
from data.connectors.json_document import as_dict, as_list, as_text, json_text, load_json

Resource = dict[str, Any]
READ = ("MeasureReport", "Location")


def read_resources(payload: bytes, options: Options) -> list[tuple[int, Resource]]:
    """Return (row, resource) in order; raise PayloadError if the file holds no FHIR."""
    text = json_text(payload, options)
    rows = _lines(text)
    if rows is None:
        value = load_json(text)
        if isinstance(value, dict) and value.get("resourceType") != "Bundle":
            kind = as_text(value.get("resourceType"))
            if kind not in READ:
                raise PayloadError(f"not MeasureReport or Location: {_called(kind)}")
        rows = _listed(value)
    if rows and not any(as_text(resource.get("resourceType")) for _, resource in rows):
        raise PayloadError("not FHIR: nothing in the file has a resourceType")
    return rows


def _called(kind: str) -> str:
    return f"the resource is a {kind[:60]}" if kind else "the JSON has no FHIR resourceType"


def _listed(value: Any) -> list[tuple[int, Resource]]:
    """Return the resources of a Bundle, of an array, or the one there is."""
    if isinstance(value, dict):
        if value.get("resourceType") != "Bundle":
            return [(1, value)]
        entries = enumerate(as_list(value.get("entry")), 1)
        # An entry without a resource is a deletion or a bare search answer.
        inner = ((row, as_dict(entry).get("resource")) for row, entry in entries)
        return [(row, as_dict(resource)) for row, resource in inner if resource is not None]
    if isinstance(value, list):
        return [(row, as_dict(resource)) for row, resource in enumerate(value, 1)]
    raise PayloadError("not FHIR: the JSON is neither an object nor a list")


def _lines(text: str) -> list[tuple[int, Resource]] | None:
    """Return one resource a line, {} for a broken line; None if the file is not NDJSON."""
    lines = [(row, line) for row, line in enumerate(text.split("\n"), 1) if line.strip()]
    if len(lines) < 2:
        return None
    # Only a first line that is whole by itself tells lines of JSON from one broken document.
    try:
        first = json.loads(lines[0][1])
    except (ValueError, RecursionError):
        return None
    if not isinstance(first, dict):
        return None
    return [(row, _line(line)) for row, line in lines]


def _line(line: str) -> Resource:
    try:
        return as_dict(load_json(line))
    except PayloadError:
        return {}
