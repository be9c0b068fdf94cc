"""The forms in which relays hand out Chinese weather warnings, brought to one row shape."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from data.connectors.connector import PayloadError
from data.connectors.json_document import as_dict, as_list, as_text
from data.connectors.jsonp import Several

FIELDS = {
    "identifier": ("identifier", "alertid", "alarmid", "warningid", "msgid", "id", "w10", "w16",
                   "pid"),
    "headline": ("headline", "head", "title", "w13", "name"),
    "province": ("province", "provincename", "w1"),
    "city": ("city", "cityname", "w2"),
    "county": ("stationname", "county", "district", "districtname", "w3"),
    "area": ("areadesc", "areaname", "area", "location", "region"),
    "type": ("signaltype", "typename", "eventtypename", "eventtypecn", "eventname", "event", "w5"),
    "type_code": ("typecode", "signaltypecode", "eventtype", "eventcode", "type", "w4"),
    "level": ("signallevel", "levelname", "color", "colour", "severitycolor", "severity",
              "yjyc_en", "level", "w7"),
    "level_code": ("levelcode", "signallevelcode", "w6"),
    "issued": ("issuetime", "sendtime", "sent", "pubtime", "publishtime", "effective", "time",
               "starttime", "w8"),
    "expires": ("relievetime", "expires", "expiretime", "endtime", "validtime"),
    "content": ("issuecontent", "content", "description", "text", "w9"),
    "instruction": ("instruction", "guide", "defense", "defence"),
    "msg_type": ("msgtype", "messagetype", "alerttype"),
    "references": ("references", "reference", "refid"),
    "adcode": ("adcode", "areacode", "geocode", "districtcode", "citycode", "regioncode",
               "areaid"),
    "sender": ("sender", "sendername", "underwriter", "source", "publisher", "issuer"),
    "status": ("status",),
    "lon": ("lon", "lng", "longitude"),
    "lat": ("lat", "latitude"),
    "file": ("file", "filename", "url", "w11"),
}  # fmt: skip
"""Names of each field, in lower case, the surest first."""

_LISTS = ("data", "alertdata", "alerts", "alarms", "warnings", "warning", "list", "rows", "items",
          "records", "w", "result", "detail")  # fmt: skip
_DEPTH = 5
_FILE = re.compile(
    r"(?P<area>[0-9A-Za-z]{5,14})-(?P<at>[0-9]{12,14})-(?P<t>[0-9]{2})(?P<l>[0-9]{2})"
)
_IDENTIFIER = re.compile(r"[0-9]{12,16}_[0-9]{8,14}(?:_[0-9A-Za-z]+)*")


@dataclass(frozen=True)
class Rows:
    """What a file lists. rows are (1-based place, field -> text, rings as (lon, lat)).

    form: detail or list; count: how many the relay says there are, None if it does not;
    complete: the list is everything in force, so that what is missing from it is over;
    broken: (1-based place, what stands there) of the items that name no warning.
    """

    form: str
    rows: tuple[tuple[int, dict[str, str], Any], ...]
    count: str | None
    complete: bool
    broken: tuple[tuple[int, str], ...] = ()


def read_rows(value: Any) -> Rows:
    """Return the warnings of a relay's answer; raise PayloadError if it holds none."""
    items, count, form = _items(value)
    read = [(at, *_row(item)) for at, item in enumerate(items, 1)]
    rows = tuple(one for one in read if one[1])
    if items and not rows:
        raise PayloadError("not weather warnings: nothing in the file names a warning")
    complete = form == "list" and count is not None and count == str(len(items))
    broken = tuple((at, str(items[at - 1])) for at, fields, _ in read if not fields)
    return Rows(form, rows, count, complete and not broken, broken)


def file_parts(text: str) -> dict[str, str]:
    """Return what a page name such as 101131007-20261006212927-0902.html tells."""
    found = _FILE.search(text)
    if not found:
        return {}
    return {"at": found["at"], "type_code": found["t"], "level_code": found["l"]}


def cma_items(value: Any) -> list[Any]:
    """Return what the file lists, as it stands there."""
    return _items(value)[0]


def _items(value: Any, depth: int = 0) -> tuple[list[Any], str | None, str]:
    """Return (items, count the relay states, form)."""
    if isinstance(value, Several):
        return _together(value)
    if depth > _DEPTH:
        raise PayloadError("not weather warnings: the JSON holds no list of them")
    if isinstance(value, list):
        return value, None, "details"
    if not isinstance(value, dict):
        raise PayloadError("not weather warnings: the JSON is neither an object nor a list")
    if _is_detail(value):
        return [value], None, "detail"
    names = {name.lower(): name for name in value}
    count = next((as_text(value[names[n]]) for n in ("count", "total") if n in names), None)
    for name in _LISTS:
        inner = value.get(names.get(name, ""))
        if isinstance(inner, list):
            rows = any(isinstance(item, list) for item in inner)
            listed = rows or (count is not None and not inner)
            return inner, count, "list" if listed else "details"
        if isinstance(inner, dict) and inner:
            items, own, form = _items(inner, depth + 1)
            return items, own if own is not None else count, form
    _refuse(value)
    raise PayloadError("not weather warnings: the JSON holds no list of them")


def _together(values: Several) -> tuple[list[Any], str | None, str]:
    """Return the items of several lists, or several warnings, of one file as one."""
    read = [_items(value) for _, value in values]
    forms = {"details" if form == "detail" else form for _, _, form in read}
    if len(forms) > 1:
        kinds = ", ".join(f"{n} a {f}" for (n, _), (_, _, f) in zip(values, read, strict=True))
        raise PayloadError(f"not weather warnings of one kind: the file assigns {kinds}")
    items = [item for part, _, _ in read for item in part]
    counts = [int(count) for _, count, _ in read if count is not None and count.isdigit()]
    count = str(sum(counts)) if len(counts) == len(read) else None
    return items, count, forms.pop()


def _refuse(value: dict[str, Any]) -> None:
    said = next((t for n in ("errMsg", "message", "msg") if (t := as_text(value.get(n)))), "")
    if said:
        raise PayloadError(f"the relay answers with an error: {said[:200]}")


def _is_detail(value: dict[str, Any]) -> bool:
    names = {name.lower() for name in value}
    marks = {"identifier", "issuecontent", "signaltype", "issuetime", "w13", "alertid", "headline"}
    return len(names & marks) >= 2


def _row(item: Any) -> tuple[dict[str, str], Any]:
    """Return (field -> text, geometry) of one item, ({}, None) for one that is none."""
    if isinstance(item, list):
        return _listed(item)
    if not isinstance(item, dict):
        return {}, None
    plain = {str(name).lower(): inner for name, inner in item.items()}
    fields = {}
    for field, names in FIELDS.items():
        text = next((t for n in names if (t := as_text(plain.get(n)))), "")
        if text:
            fields[field] = text
    shape = next((plain[n] for n in ("geometry", "polygon", "coordinates") if n in plain), None)
    useful = {"identifier", "headline", "type", "type_code", "issued", "file"} & set(fields)
    return (fields, shape) if len(useful) >= 2 else ({}, None)


def _listed(cells: list[Any]) -> tuple[dict[str, str], Any]:
    """Return the fields of a row of strings, by what each cell looks like."""
    fields: dict[str, str] = {}
    numbers = []
    for at, cell in enumerate(cells):
        text = as_text(cell)
        if not text:
            continue
        if at == 0:
            fields["area"] = text
        elif _IDENTIFIER.fullmatch(text):
            fields["references" if "identifier" in fields else "identifier"] = text
        elif _FILE.search(text):
            fields["file"] = text
        elif re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]+)?", text):
            numbers.append(text)
        elif "预警" in text or "警报" in text or "解除" in text:
            fields["headline"] = text
    if len(numbers) >= 2:
        fields["lon"], fields["lat"] = numbers[:2]
    shape = next((c for c in cells if isinstance(c, dict)), None)
    named = "identifier" in fields or "file" in fields
    return (fields, shape) if named else ({}, None)


def rings(shape: Any) -> list[list[tuple[float, float]]]:
    """Return the outer rings of a GeoJSON geometry as (lat, lon); raise ValueError if broken."""
    value = as_dict(shape).get("coordinates", shape)
    found: list[list[tuple[float, float]]] = []

    def walk(node: Any, depth: int) -> None:
        points = as_list(node)
        if depth > 4:
            raise ValueError("nested too deep")
        first = as_list(points[0]) if points else []
        if first and not isinstance(first[0], list):
            found.append([_point(p) for p in points])
        else:
            for inner in points:
                walk(inner, depth + 1)

    walk(value, 0)
    return found


def _point(pair: Any) -> tuple[float, float]:
    lon, lat = [*as_list(pair), None, None][:2]
    if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in (lon, lat)):
        raise ValueError("a corner is no pair of numbers")
    return float(lat), float(lon)
