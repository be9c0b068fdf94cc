"""The parts of a CAP alert that may be poor without making the alert useless."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import datetime

from data.connectors.connector import Findings
from data.connectors.instants import optional_instant, parse_instant
from data.connectors.positions import Position, number, on_earth
from data.connectors.privacy import mask
from data.connectors.records import AlertArea, AlertInfo
from data.connectors.xml_document import children, text, texts

UNKNOWN = "Unknown"
DEFAULT_LANGUAGE = "en-US"  # CAP 1.2, 3.2.2: implied where none is given
HALF_EARTH_KM = 20038.0

_CLASSES = {
    "urgency": ("Immediate", "Expected", "Future", "Past", UNKNOWN),
    "severity": ("Extreme", "Severe", "Moderate", "Minor", UNKNOWN),
    "certainty": ("Observed", "Likely", "Possible", "Unlikely", UNKNOWN),
}

Reference = tuple[str, str, datetime]


def references(written: str, row: int, tz: str, findings: Findings) -> tuple[Reference, ...]:
    """Return the (sender, identifier, sent) triples that can be read; warn of the others."""
    linked = []
    for triple in written.split():
        sender, _, rest = triple.partition(",")
        identifier, _, sent = rest.rpartition(",")
        try:
            if not sender or not identifier or "," in identifier:
                raise ValueError("not sender,identifier,sent")
            linked.append((sender, identifier, parse_instant(sent, tz)))
        except ValueError as error:
            findings.warn("bad_reference", row, "references", triple, str(error))
    return tuple(linked)


def read_info(info: ET.Element, row: int, tz: str, findings: Findings) -> AlertInfo:
    """Return one info block; what it does not say is "", None or Unknown."""

    def grade(name: str) -> str:
        return _class(info, name, row, findings)

    def moment(name: str) -> datetime | None:
        return optional_instant(text(info, name), tz, findings, row, name)

    if not text(info, "event"):
        findings.warn("no_event", row, "event", detail="the alert does not name the event")
    return AlertInfo(
        language=text(info, "language") or DEFAULT_LANGUAGE,
        event=text(info, "event"),
        categories=_filled(texts(info, "category")),
        urgency=grade("urgency"),
        severity=grade("severity"),
        certainty=grade("certainty"),
        headline=mask(text(info, "headline")),
        description=mask(text(info, "description")),
        instruction=mask(text(info, "instruction")),
        sender_name=text(info, "senderName"),
        response_types=_filled(texts(info, "responseType")),
        effective=moment("effective"),
        onset=moment("onset"),
        expires=moment("expires"),
        parameters=_pairs(info, "parameter"),
        areas=tuple(_area(area, row, findings) for area in children(info, "area")),
    )


def _class(info: ET.Element, name: str, row: int, findings: Findings) -> str:
    value = text(info, name)
    if value in _CLASSES[name]:
        return value
    detail = f"not one of {', '.join(_CLASSES[name])}; taken as {UNKNOWN}"
    findings.warn(f"bad_{name}" if value else f"no_{name}", row, name, value or None, detail)
    return UNKNOWN


def _filled(values: list[str]) -> tuple[str, ...]:
    return tuple(value for value in values if value)


def _pairs(parent: ET.Element, name: str) -> tuple[tuple[str, str], ...]:
    pairs = ((text(c, "valueName"), text(c, "value")) for c in children(parent, name))
    return tuple((key, value) for key, value in pairs if key and value)


def _area(area: ET.Element, row: int, findings: Findings) -> AlertArea:
    """Return one area; a polygon or circle that is none is left out with a warning."""
    polygons, circles = [], []
    for written in _filled(texts(area, "polygon")):
        try:
            polygons.append(_polygon(written))
        except ValueError as error:
            findings.warn("bad_polygon", row, "polygon", written, f"{error}; left out")
    for written in _filled(texts(area, "circle")):
        try:
            circles.append(_circle(written))
        except ValueError as error:
            findings.warn("bad_circle", row, "circle", written, f"{error}; left out")
    return AlertArea(
        description=text(area, "areaDesc"),
        polygons=tuple(polygons),
        circles=tuple(circles),
        geocodes=_pairs(area, "geocode"),
    )


def _polygon(written: str) -> tuple[Position, ...]:
    """Return the closed ring; "lat,lon lat,lon ..." with at least three corners."""
    ring = [_position(pair) for pair in written.split()]
    if ring[0] != ring[-1]:
        # The standard wants the first pair repeated; without it the shape is still certain.
        ring.append(ring[0])
    if len(set(ring)) < 3:
        raise ValueError("fewer than three corners")
    return tuple(ring)


def _circle(written: str) -> tuple[float, float, float]:
    """Return (lat, lon, km) of "lat,lon km"."""
    parts = written.split()
    if len(parts) != 2:
        raise ValueError("not lat,lon and a radius")
    radius = number(parts[1])
    if not 0 <= radius <= HALF_EARTH_KM:
        raise ValueError("not a radius in km")
    return *_position(parts[0]), radius


def _position(pair: str) -> Position:
    lat, _, lon = pair.partition(",")
    place = number(lat), number(lon)
    if not on_earth(*place):
        raise ValueError(f"{pair[:40]!r} is not a lat,lon on earth")
    return place
