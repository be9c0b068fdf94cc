"""Reads HL7 FHIR R4 JSON: MeasureReport counts, and the Locations that report them.

A count that is absent is None, never 0. A position that cannot be true is never used.

Source: hl7.org/fhir/R4 measurereport.html, location.html, datatypes.html#Period.
"""

from __future__ import annotations

from typing import Any

from data.connectors.connector import Connector, Findings, Options, Parsed, RefusedError
from data.connectors.fhir_measures import group_scores, read_report
from data.connectors.fhir_places import Bounds, plausible
from data.connectors.fhir_resources import read_resources
from data.connectors.instants import parse_instant, zone
from data.connectors.json_document import as_dict, as_list, as_text
from data.connectors.records import Facility, Measure

Record = Measure | Facility


def parse(payload: bytes, options: Options) -> Parsed[Record]:
    """Return the counts and places of one file; raise PayloadError if it is not FHIR.

    options.extra may hold "bbox", (min_lon, min_lat, max_lon, max_lat) of where
    the places of this source lie.
    """
    tz = zone(options.tz or "UTC")
    resources = read_resources(payload, options)
    findings, records = Findings(), list[Record]()
    reader = _Reader(findings, options.extra.get("bbox"))
    for row, resource in resources:
        kind = as_text(resource.get("resourceType"))
        try:
            if kind == "Location":
                records.append(reader.location(resource, row))
            elif kind == "MeasureReport":
                key = reader.key(resource, kind)
                records += read_report(resource, key, row, tz, options.tz, findings)
                reader.seen.add((kind, key))
            else:
                reader.other(resource)
        except RefusedError as refusal:
            findings.refuse(refusal, row)
    return findings.conclude(records, _facts(resources, records, reader))


class _Reader:
    """What is remembered from one resource to the next."""

    def __init__(self, findings: Findings, bounds: Bounds | None) -> None:
        self.findings, self.bounds = findings, bounds
        self.seen: set[tuple[str, str]] = set()
        self.others = self.positions = self.implausible = 0

    def key(self, resource: dict[str, Any], kind: str) -> str:
        """Return the id of the resource; raise RefusedError without one, or for a second one."""
        identifiers = _identifiers(resource)
        key = as_text(resource.get("id")) or (identifiers[0][1] if identifiers else "")
        if not key:
            raise RefusedError("no_id", "id", detail=f"the {kind} has neither id nor identifier")
        if (kind, key) in self.seen:
            detail = f"a {kind} of the same id stands earlier in the file"
            raise RefusedError("duplicate", "id", key, detail)
        return key

    def other(self, resource: dict[str, Any]) -> None:
        """Count a resource that is not read."""
        if not resource:
            raise RefusedError("not_a_resource", detail="broken, or not a JSON object")
        if not as_text(resource.get("resourceType")):
            raise RefusedError("no_resource_type", "resourceType", detail="not a FHIR resource")
        self.others += 1

    def location(self, resource: dict[str, Any], row: int) -> Facility:
        """Return the place, without a position that cannot be true."""
        key, identifiers = self.key(resource, "Location"), _identifiers(resource)
        self.seen.add(("Location", key))
        lat, lon = self._position(resource, row, [system for system, _ in identifiers])
        name = as_text(resource.get("name")) or key
        return Facility(row, key, name, lat, lon, identifiers)

    def _position(
        self, resource: dict[str, Any], row: int, systems: list[str]
    ) -> tuple[float, float] | tuple[None, None]:
        if resource.get("position") is None:
            return None, None
        self.positions += 1
        position = as_dict(resource["position"])
        lat, lon = position.get("latitude"), position.get("longitude")
        country = as_text(as_dict(resource.get("address")).get("country"))
        place = plausible(lat, lon, country, systems, self.bounds)
        if place is None:
            self.implausible += 1
            detail = "the place cannot lie there (sign lost or swapped?); position left out"
            written = f"{as_text(lat)}, {as_text(lon)}"
            self.findings.warn("implausible_position", row, "position", written, detail)
            return None, None
        return place


def _identifiers(resource: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    pairs = (
        (as_text(i.get("system")), as_text(i.get("value")))
        for i in map(as_dict, as_list(resource.get("identifier")))
    )
    return tuple((system, value) for system, value in pairs if value)


def _facts(
    resources: list[tuple[int, dict[str, Any]]], records: list[Record], reader: _Reader
) -> dict[str, Any]:
    reports = [r for _, r in resources if r.get("resourceType") == "MeasureReport"]
    measures = [r for r in records if isinstance(r, Measure)]
    return {
        "measure_reports": len(reports),
        "measures": len(measures),
        "locations": sum(r.get("resourceType") == "Location" for _, r in resources),
        "locations_with_position": reader.positions,
        "absent_values": sum(m.value is None for m in measures),
        "implausible_locations": reader.implausible,
        "other_resources": reader.others,
        "as_of": _written(reports),
        "scores": [score for report in reports for score in group_scores(report)],
    }


def _written(reports: list[dict[str, Any]]) -> str | None:
    """Return when the newest report was written, if every report says so to the second."""
    found = []
    for report in reports:
        try:
            found.append(parse_instant(as_text(report.get("date")), ""))
        except ValueError:
            return None
    return max(found).isoformat() if found else None


CONNECTOR = Connector(key="fhir", row_word="resource", parse=parse)
