"""What an Open311 file lists: the same flat items whether it came as XML or as JSON."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any, Literal

from data.connectors.connector import Options, PayloadError, clean, refuse_oversize
from data.connectors.json_document import as_dict, as_list, as_text, read_json
from data.connectors.xml_document import read_xml, split_tag

Kind = Literal["requests", "services"]
Item = dict[str, str]

FIELDS = (
    "service_request_id",
    "token",
    "status",
    "status_notes",
    "service_name",
    "service_code",
    "description",
    "agency_responsible",
    "requested_datetime",
    "updated_datetime",
    "expected_datetime",
    "address",
    "lat",
    "long",
    "priority",
    "severity",
    "level",
    "group",
    "call_back",
    "satisfaction",
)
"""All that is ever read. Mail, phone, names, account and device are not among them."""

_OTHER_NAMES = {"lon": "long", "lng": "long"}
_ROOTS: dict[str, tuple[Kind, str]] = {
    "service_requests": ("requests", "request"),
    "requests": ("requests", "request"),
    "services": ("services", "service"),
}
_OF_A_REQUEST = {"service_request_id", "token", "status", "requested_datetime"}


def read_items(payload: bytes, options: Options) -> tuple[Kind, list[Item]]:
    """Return what the file lists and its items; raise PayloadError if it is not Open311."""
    refuse_oversize(payload, options)
    start = payload.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1]
    if start == b"<":
        return _from_xml(read_xml(payload, options))
    return _from_json(read_json(payload, options))


def _from_xml(root: ET.Element) -> tuple[Kind, list[Item]]:
    name = split_tag(root)[1]
    if name == "errors":
        raise PayloadError(f"the city answered with an error: {_words(root)[:150]}")
    if name not in _ROOTS:
        raise PayloadError(f"not Open311: the root is <{name[:60]}>")
    kind, word = _ROOTS[name]
    return kind, [_xml_item(child) for child in root if split_tag(child)[1] == word]


def _words(root: ET.Element) -> str:
    return " ".join(" ".join(root.itertext()).split())


def _xml_item(element: ET.Element) -> Item:
    return _item({split_tag(c)[1]: clean("".join(c.itertext())) for c in reversed(element)})


def _from_json(value: Any) -> tuple[Kind, list[Item]]:
    if isinstance(value, dict):
        name = next((name for name in _ROOTS if isinstance(value.get(name), list)), None)
        if name:
            return _ROOTS[name][0], _json_items(value[name])
        value = [value]
    if not isinstance(value, list):
        raise PayloadError("not Open311: the JSON is neither a list nor an object")
    fields = {key for entry in value for key in as_dict(entry)}
    if fields & _OF_A_REQUEST and "resourceType" not in fields:
        return "requests", _json_items(value)
    if "service_code" in fields:
        return "services", _json_items(value)
    if {"code", "description"} <= fields:
        said = as_text(as_dict(value[0]).get("description"))
        raise PayloadError(f"the city answered with an error: {said[:150]}")
    if value:
        raise PayloadError("not Open311: the JSON lists neither requests nor services")
    return "requests", []


def _json_items(value: Any) -> list[Item]:
    return [
        _item({key: as_text(field) for key, field in as_dict(entry).items()})
        for entry in as_list(value)
    ]


def _item(fields: dict[str, str]) -> Item:
    """Return only the fields that may be read, under the standard's names."""
    named = {_OTHER_NAMES.get(key, key): value for key, value in fields.items()}
    return {key: named[key] for key in FIELDS if named.get(key)}
