"""Reads hospital availability in OASIS EDXL-HAVE 1.0 and 2.0, bare or inside an envelope.

What is absent is unknown, never 0. Sub-categories of a bed type are part of it
and are not counted beside it. Names of people and telephone numbers are not read.

Source: OASIS EDXL-HAVE v1.0 (3.2 HospitalStatus), v2.0.
"""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from data.connectors.connector import (
    Connector,
    Findings,
    Options,
    Parsed,
    PayloadError,
    RefusedError,
    clean,
)
from data.connectors.fhir_places import Bounds, plausible
from data.connectors.instants import parse_instant
from data.connectors.positions import number
from data.connectors.records import Facility, Measure
from data.connectors.xml_document import read_xml, split_tag

MEASURE = "EDXL-HAVE"
ALL = "all"
"""Group of the sum over the bed types that give both counts."""

STALE = timedelta(hours=24)
"""A hospital silent for longer than this before the newest one tells nothing of now."""

_FACILITIES = ("hospital", "facility")
_COUNTS = {
    "availablecount": "available",
    "baselinecount": "baseline",
    "additionalcapacitycount24hr": "additional24h",
    "additionalcapacitycount72hr": "additional72h",
}
_BED_TYPES = ("bedtype", "bedcategory")
_LOOSE_TYPES = ("code", "name", "kind")
"""Name a bed type where none of the proper names is used; the first one counts."""

_TIMES = ("lastupdatetime", "lastupdated", "lastupdatedtime", "datereported", "reporttime")
_IDS = ("organizationid", "organisationid", "facilityid", "hospitalid", "identifier", "id")
_NAMES = ("organizationname", "organisationname", "facilityname", "hospitalname", "nameelement",
          "nameline", "name", "commonname")  # fmt: skip
_POSITIONS = ("pos", "coordinates")
_STATES = ("facilitystatus", "hospitalfacilitystatus", "hospitaleocstatus", "operationalstatus",
           "status")  # fmt: skip
_INNER = re.compile("hospitalbedcapacity|bedcapacity|capacity|service|contact|person|author")
"""Parts whose names, codes and states are not those of the hospital."""

_MAX_COUNT = 1_000_000

Record = Facility | Measure


def parse(payload: bytes, options: Options) -> Parsed[Record]:
    """Return the hospitals and their bed counts; raise PayloadError if there are none.

    options.extra may hold "bbox", where the hospitals of this source lie. Times
    without an offset are those of options.tz; without one such a hospital is refused.
    """
    root = read_xml(payload, options)
    found = hospital_elements(root)
    if not found and "have" not in split_tag(root)[0].lower():
        name = split_tag(root)[1][:60]
        raise PayloadError(f"not EDXL-HAVE: the root is <{name}> and holds no hospital")
    reader = _Reader(options, Findings())
    hospitals = []
    for row, element in enumerate(found, 1):
        try:
            hospitals.append(reader.hospital(element, row))
        except RefusedError as refusal:
            reader.findings.refuse(refusal, row)
    hospitals = reader.fresh(hospitals)
    newest = max((h.at for h in hospitals), default=None)
    records = [r for h in hospitals for r in _records(h, newest or h.at)]
    facts = {
        "version": _version(root),
        "hospitals": len(hospitals),
        "as_of": newest.isoformat() if newest else None,
        "beds": [h.facts() for h in hospitals],
    }
    return reader.findings.conclude(records, facts, usable_rows=len(hospitals))


def hospital_elements(root: ET.Element) -> list[ET.Element]:
    """Return the hospitals of the document, in order; one inside another is a part of it.

    An envelope may carry the document as text (CDATA, escaped, or base64): it is opened once.
    """
    return _hospitals(root) or [h for inner in _packed(root) for h in _hospitals(inner)]


def _packed(root: ET.Element) -> Iterator[ET.Element]:
    """Yield the documents that stand as text in leaves of an envelope."""
    for element in root.iter():
        text = (element.text or "").strip() if not len(element) else ""
        raw = text.encode()
        if _local(element) == "contentdata" and not text.startswith("<"):
            try:
                raw = base64.b64decode("".join(text.split()), validate=True).strip()
            except ValueError:
                continue
        if raw.startswith((b"<", b"\xef\xbb\xbf<")) and b"have" in raw.lower():
            yield read_xml(raw, Options())


def _hospitals(root: ET.Element) -> list[ET.Element]:
    found, ours, waiting = list[ET.Element](), _is_have(root), [root]
    while waiting:
        element = waiting.pop()
        if _local(element) in _FACILITIES and (ours or _is_have(element)):
            found.append(element)
        else:
            waiting += reversed(element)
    return found


def _is_have(element: ET.Element) -> bool:
    namespace, name = split_tag(element)
    if namespace:
        return "have" in namespace.lower()
    return name.lower() in ("hospitalstatus", "have", "haveresponse")


def _version(root: ET.Element) -> str | None:
    inner = [] if _hospitals(root) else list(_packed(root))
    named = [split_tag(e)[0] for one in (root, *inner) for e in one.iter()]
    spaces = [s for s in named if "have" in s.lower()]
    return next((s.rsplit(":", 1)[-1][:20] for s in spaces if s.endswith((":1.0", ":2.0"))), None)


class _Hospital:
    """One hospital as it was read."""

    def __init__(self, row: int, place: Facility, at: datetime, status: str) -> None:
        self.row, self.place, self.at, self.status = row, place, at, status
        self.beds: dict[str, dict[str, float]] = {}

    def facts(self) -> dict[str, Any]:
        """Return what it says, JSON-ready."""
        return {
            "id": self.place.location_id,
            "name": self.place.name,
            "updated": self.at.isoformat(),
            "status": self.status,
            "types": self.beds,
        }


class _Reader:
    """Reads hospital by hospital and remembers which were there."""

    def __init__(self, options: Options, findings: Findings) -> None:
        self.tz, self.findings = options.tz, findings
        self.bounds: Bounds | None = options.extra.get("bbox")
        self.seen: set[str] = set()

    def hospital(self, element: ET.Element, row: int) -> _Hospital:
        """Return the hospital; raise RefusedError for one without a name or a time."""
        key, name = _first(element, _IDS) or element.get("id", ""), _first(element, _NAMES)
        key = clean(key or name)[:200]
        if not key:
            raise RefusedError("no_id", "OrganizationID", detail="neither an id nor a name")
        if key in self.seen:
            raise RefusedError("duplicate", "OrganizationID", key, "stands earlier in the file")
        at = self._time(element)
        self.seen.add(key)
        lat, lon = self._position(element, row)
        place = Facility(row, key, name or key, lat, lon, (("EDXL-HAVE", key),))
        found = _Hospital(row, place, at, _status(element))
        for kind, counts in self._blocks(element, row):
            if kind in found.beds:
                self.findings.warn("duplicate", row, "BedType", kind, "the first one counts")
            else:
                found.beds[kind] = counts
        if not found.beds:
            self.findings.warn("no_beds", row, "BedCapacity", detail="no bed count is given")
        return found

    def _time(self, element: ET.Element) -> datetime:
        text = _first(element, _TIMES)
        if not text:
            raise RefusedError("no_time", "LastUpdateTime", detail="nobody can say how old it is")
        try:
            return parse_instant(text, self.tz).astimezone(UTC)
        except ValueError as error:
            raise RefusedError("bad_time", "LastUpdateTime", text, str(error)) from error

    def _position(self, element: ET.Element, row: int) -> tuple[float, float] | tuple[None, None]:
        text = _first(element, _POSITIONS)
        if not text:
            return None, None
        parts = text.replace(",", " ").split()
        lat, lon = (number(p) for p in parts[:2]) if len(parts) >= 2 else (0.0, 0.0)
        place = plausible(lat, lon, "", (), self.bounds)
        if place is None:
            detail = "not a place where this source's hospitals lie; left out"
            self.findings.warn("implausible_position", row, "pos", text, detail)
            return None, None
        return place

    def _blocks(
        self, parent: ET.Element, row: int, kind: str | None = "", *, top: bool = True
    ) -> Iterator[tuple[str, dict[str, float]]]:
        """Yield (bed type, counts) of every block of counts that is no sub-category.

        HAVE 1.0 writes a type before each block inside one BedCapacity, HAVE 2.0 beside it.
        kind: the type named so far, "" for none, None inside a sub-category.
        """
        own, loose = False, () if top else _LOOSE_TYPES
        for child in parent:
            name, text = _local(child), clean(child.text or "")[:80]
            if name == "subcategorybedtype":
                kind = None
            elif text and (name in _BED_TYPES or (name in loose and not own)):
                kind, own = text, True
            elif any(_local(part) in _COUNTS for part in child):
                inner = _named(child) or kind
                if inner:
                    yield inner, self._counts(child, inner, row)
                elif inner == "":
                    self.findings.warn("no_bed_type", row, split_tag(child)[1], detail="of what?")
            else:
                yield from self._blocks(child, row, kind, top=False)

    def _counts(self, block: ET.Element, kind: str, row: int) -> dict[str, float]:
        counts: dict[str, float] = {}
        for child in block:
            name, text = _COUNTS.get(_local(child), ""), clean("".join(child.itertext()))
            if not name or not text:
                continue
            value = number(text)
            if not 0 <= value <= _MAX_COUNT or value != int(value):
                detail = f"not a count of {kind}; left out"
                self.findings.warn("bad_count", row, split_tag(child)[1], text, detail)
            else:
                counts[name] = value
        available, baseline = counts.get("available"), counts.get("baseline")
        if available is not None and baseline is not None:
            if available <= baseline:
                counts["occupied"] = baseline - available
            else:
                detail = f"{kind}: more beds free than there are ({baseline:g}); none counted"
                self.findings.warn("available_above_baseline", row, "AvailableCount",
                                   f"{available:g}", detail)  # fmt: skip
                return {}
        return counts

    def fresh(self, hospitals: list[_Hospital]) -> list[_Hospital]:
        """Leave out hospitals that were silent long before the newest one spoke."""
        newest = max((h.at for h in hospitals), default=None)
        kept = []
        for hospital in hospitals:
            if newest and newest - hospital.at > STALE:
                said = hospital.at.isoformat()
                detail = "a day older than the newest hospital of the file"
                refusal = RefusedError("too_old", "LastUpdateTime", said, detail)
                self.findings.refuse(refusal, hospital.row)
            else:
                kept.append(hospital)
        return kept


def _records(hospital: _Hospital, newest: datetime) -> Iterator[Record]:
    """Yield the place and its counts, all about the hour of the newest report."""
    yield hospital.place
    start = newest.replace(minute=0, second=0, microsecond=0)
    end = start + timedelta(hours=1)
    key = hospital.place.location_id
    for kind, counts in {**hospital.beds, ALL: _total(hospital.beds)}.items():
        for name, value in counts.items():
            yield Measure(hospital.row, f"{key}@{hospital.at.isoformat()}", MEASURE, key,
                          start, end, kind, name, "", value)  # fmt: skip


def _total(beds: dict[str, dict[str, float]]) -> dict[str, float]:
    """Add the bed types that give both counts: others would bend the share."""
    whole = [counts for counts in beds.values() if "occupied" in counts]
    names = ("available", "baseline", "occupied")
    return {name: sum(counts[name] for counts in whole) for name in names} if whole else {}


def _named(block: ET.Element) -> str:
    """Return the bed type that stands inside a block of counts, "" if none does."""
    texts = (clean(child.text or "")[:80] for child in block if _local(child) in _BED_TYPES)
    return next(filter(None, texts), "")


def _status(element: ET.Element) -> str:
    return _first(element, _STATES)[:40]


def _first(element: ET.Element, names: tuple[str, ...]) -> str:
    """Return the first filled text of the surest of `names`, not of beds, services or people."""
    texts: dict[str, str] = {}
    for child in _outer(element):
        name = _local(child)
        text = clean(child.text or "") if name in names else ""
        if text:
            texts.setdefault(name, text)
    return next((texts[name] for name in names if name in texts), "")


def _outer(element: ET.Element) -> Iterator[ET.Element]:
    for child in element:
        if not _INNER.match(_local(child)):
            yield child
            yield from _outer(child)


def _local(element: ET.Element) -> str:
    return split_tag(element)[1].lower()


CONNECTOR = Connector(key="edxl-have", row_word="resource", parse=parse)
