"""Writes hospitals and their counts as FHIR R4 Bundles."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from data.catalogue import catalogue
from data.simulate.health import HOUR_S, denominators, groups, report
from data.simulate.places import PER_AREA, areas, spots
from data.simulate.rhythm import iso, local
from data.simulate.scenario import Story

_SYSTEM = "urn:heyuan:health:populations"
_ROLES = "http://terminology.hl7.org/CodeSystem/measure-population"
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_REASONS = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
_HOSPITALS = ("人民医院", "中医院", "妇幼保健院")


def measure_reports(seed: int, now: float, story: Story) -> bytes:
    """Return one MeasureReport an area for the hour before and for this hour so far."""
    minute = int(now) // 60 * 60
    this = minute // HOUR_S * HOUR_S
    told = tuple(r for r in story if r.told(now))
    reports = [
        _report(seed, hour, number, minute, told)
        for hour in (this - HOUR_S, this)
        for number in range(len(areas()))
    ]
    return _bundle(reports, minute)


def _report(seed: int, hour: int, number: int, now: int, story: Story) -> dict[str, Any]:
    area = areas()[number]
    counts = report(seed, hour, number, now, story)
    return {
        "resourceType": "MeasureReport",
        "id": f"heyuan-{area.code}-{local(hour):%Y%m%d%H}",
        "meta": {"tag": [{"system": "urn:heyuan:demo", "code": "demo", "display": "演示数据"}]},
        "identifier": [{"system": "urn:adcode", "value": area.code}],
        "status": "complete",
        "type": "summary",
        "measure": "urn:heyuan:health:capacity",
        "subject": {"reference": f"Location/heyuan-{area.code}", "display": area.name["zh"]},
        "date": iso(now),
        "reporter": {"display": "河源市卫生健康局（演示数据）"},
        "period": {"start": iso(hour), "end": iso(hour + HOUR_S - 1)},
        "group": [
            {
                "code": {"coding": [{"system": _SYSTEM, "code": group}]},
                "population": [_population(group, c, counts[group, c]) for c in codes],
            }
            for group, codes in groups().items()
        ],
    }


def _population(group: str, code: str, count: int | None) -> dict[str, Any]:
    role = "denominator" if (group, code) in denominators() else "numerator"
    coding = [{"system": _SYSTEM, "code": code}, {"system": _ROLES, "code": role}]
    if count is not None:
        return {"code": {"coding": coding}, "count": count}
    unknown = {"coding": [{"system": _REASONS, "code": "unknown", "display": "Unknown"}]}
    extension = [{"url": _ABSENT, "valueCodeableConcept": unknown}]
    return {"code": {"coding": coding}, "_count": {"extension": extension}}


def locations(seed: int) -> bytes:
    """Return counties, zones and their hospitals."""
    return _locations(seed)


@lru_cache(maxsize=4)
def _locations(seed: int) -> bytes:
    city, found = catalogue().city.code, []
    points = spots(seed)
    for number, area in enumerate(areas()):
        place = (area.lon or 0.0, area.lat or 0.0)
        found.append(
            _location(f"heyuan-{area.code}", area.name["zh"], "urn:adcode", area.code, place)
        )
        for k, name in enumerate(_HOSPITALS[: 1 if area.kind == "zone" else 3]):
            spot = number * PER_AREA + k
            place = (float(points.lon[spot]), float(points.lat[spot]))
            key = f"heyuan-hospital-{area.code}-{k + 1}"
            title = f"{area.name['zh']}{name}（演示）"
            found.append(
                _location(key, title, "urn:heyuan:hospital", f"{city}-{area.code}-{k}", place)
            )
    return _bundle(found, 0)


def _location(
    key: str, name: str, system: str, value: str, place: tuple[float, float]
) -> dict[str, Any]:
    return {
        "resourceType": "Location",
        "id": key,
        "identifier": [{"system": system, "value": value}],
        "status": "active",
        "name": name,
        "address": {"country": "CN"},
        "position": {"longitude": place[0], "latitude": place[1]},
    }


def _bundle(resources: list[dict[str, Any]], stamp: int) -> bytes:
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "collection"}
    if stamp:
        bundle["timestamp"] = iso(stamp)
    bundle["entry"] = [
        {"fullUrl": f"urn:heyuan:{r['resourceType']}:{r['id']}", "resource": r} for r in resources
    ]
    return json.dumps(bundle, ensure_ascii=False, separators=(",", ":")).encode()
