"""Where a point lies: counties, coordinate systems. Pure; shapes come from the catalogue."""

from __future__ import annotations

import math
from functools import cache
from typing import Any, cast

from shapely.geometry import MultiPolygon, Point, Polygon, mapping, shape
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient
from shapely.prepared import PreparedGeometry, prep

from data.catalogue import catalogue

ZONE_RADIUS_KM = 2.0
"""A functional zone has no drawn outline: a point this near to its centre is in it."""

OUTLINE_SLACK = 0.05
"""Degrees by which a drawn outline may be wrong: it is a scheme, not an authority on borders."""

_A, _EE = 6378245.0, 0.00669342162296594323  # Krasovsky 1940, as the GCJ-02 offset uses it


@cache
def county_shapes() -> dict[str, Any]:
    """Return the county outlines as GeoJSON, outer rings clockwise.

    d3-geo, which plotly draws with, fills the rest of the globe when a ring
    follows RFC 7946 (counter-clockwise), so rings are turned at load.
    """
    features = []
    for feature in catalogue().shapes["features"]:
        turned = _clockwise(shape(feature["geometry"]))
        features.append({**feature, "geometry": mapping(turned)})
    return {"type": "FeatureCollection", "features": features}


def _clockwise(geometry: BaseGeometry) -> BaseGeometry:
    if isinstance(geometry, Polygon):
        return orient(geometry, sign=-1.0)
    parts = cast(MultiPolygon, geometry).geoms
    return MultiPolygon([orient(part, sign=-1.0) for part in parts])


@cache
def _outlines() -> list[tuple[str, PreparedGeometry[BaseGeometry]]]:
    features = catalogue().shapes["features"]
    return [(str(f["id"]), prep(shape(f["geometry"]))) for f in features]


@cache
def bounds() -> tuple[float, float, float, float]:
    """Return (west, south, east, north) of the city with a margin of 0.1 degrees."""
    boxes = [shape(f["geometry"]).bounds for f in catalogue().shapes["features"]]
    west, south = min(b[0] for b in boxes), min(b[1] for b in boxes)
    east, north = max(b[2] for b in boxes), max(b[3] for b in boxes)
    return west - 0.1, south - 0.1, east + 0.1, north + 0.1


def in_city(lon: float, lat: float) -> bool:
    """Return whether the point is plausible for this city at all."""
    west, south, east, north = bounds()
    return west <= lon <= east and south <= lat <= north


def county_of(lon: float, lat: float) -> str | None:
    """Return the code of the county or functional zone that holds a WGS-84 point, or None."""
    for area in catalogue().counties():
        near = area.kind == "zone" and area.lon is not None and area.lat is not None
        if near and _km(lon, lat, area.lon or 0, area.lat or 0) <= ZONE_RADIUS_KM:
            return area.code
    point = Point(lon, lat)
    for code, outline in _outlines():
        if outline.covers(point):
            return code
    return None


def beside(county: str, lon: float, lat: float) -> bool:
    """Return whether a point lies in a county or near its outline; a zone without one: True."""
    drawn = _shape_of(county)
    return drawn is None or bool(drawn.distance(Point(lon, lat)) <= OUTLINE_SLACK)


@cache
def _shape_of(county: str) -> BaseGeometry | None:
    features = catalogue().shapes["features"]
    return next((shape(f["geometry"]) for f in features if str(f["id"]) == county), None)


def area_of(address: str, lon: float | None, lat: float | None) -> str | None:
    """Return the most exact area that an address text and a point tell, or None.

    A town named in the text wins when it does not contradict the county that
    text or point give; then the county named; then the county of the point.
    """
    by_point = county_of(lon, lat) if lon is not None and lat is not None else None
    by_name = next((c for c, names in _county_names() if any(n in address for n in names)), None)
    county = by_name or by_point
    for code, name, parent in _towns():
        if name in address and (county is None or parent in (county, by_point)):
            return code
    return county


@cache
def _county_names() -> list[tuple[str, tuple[str, ...]]]:
    return [(a.code, (a.name["zh"], a.name["en"])) for a in catalogue().counties()]


@cache
def _towns() -> list[tuple[str, str, str]]:
    towns = [a for a in catalogue().areas.values() if a.level == 3]
    return sorted(((a.code, a.name["zh"], a.parent or "") for a in towns), key=lambda t: -len(t[1]))


def county_code(area: str) -> str | None:
    """Return the county above an area (itself for a county), None for the city."""
    entry = catalogue().areas[area]
    return entry.parent if entry.level == 3 else (area if entry.level == 2 else None)


def to_wgs84(lon: float, lat: float, crs: str) -> tuple[float, float]:
    """Return a point in WGS-84; crs is WGS84, GCJ02 or BD09 as the source declares."""
    if crs == "BD09":
        lon, lat = _bd09_to_gcj02(lon, lat)
    return _gcj02_to_wgs84(lon, lat) if crs in ("GCJ02", "BD09") else (lon, lat)


def from_wgs84(lon: float, lat: float, crs: str) -> tuple[float, float]:
    """Return a WGS-84 point as crs (WGS84, GCJ02 or BD09) writes it: the way back."""
    if crs not in ("GCJ02", "BD09"):
        return lon, lat
    east, north = _gcj02_offset(lon, lat)
    lon, lat = lon + east, lat + north
    return _gcj02_to_bd09(lon, lat) if crs == "BD09" else (lon, lat)


def metres(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Return the distance of two near points."""
    return 1000 * _km(lon1, lat1, lon2, lat2)


def _km(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    east = (lon2 - lon1) * math.cos(math.radians((lat1 + lat2) / 2))
    return math.hypot(east, lat2 - lat1) * 111.195


def _bd09_to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    x, y, k = lon - 0.0065, lat - 0.006, math.pi * 3000.0 / 180.0
    z = math.hypot(x, y) - 0.00002 * math.sin(y * k)
    theta = math.atan2(y, x) - 0.000003 * math.cos(x * k)
    return z * math.cos(theta), z * math.sin(theta)


def _gcj02_to_bd09(lon: float, lat: float) -> tuple[float, float]:
    k = math.pi * 3000.0 / 180.0
    z = math.hypot(lon, lat) + 0.00002 * math.sin(lat * k)
    theta = math.atan2(lat, lon) + 0.000003 * math.cos(lon * k)
    return z * math.cos(theta) + 0.0065, z * math.sin(theta) + 0.006


def _gcj02_to_wgs84(lon: float, lat: float) -> tuple[float, float]:
    """Undo the offset by iteration; the published formula only goes the other way."""
    x, y = lon, lat
    for _ in range(5):
        dx, dy = _gcj02_offset(x, y)
        x, y = lon - dx, lat - dy
    return x, y


def _gcj02_offset(lon: float, lat: float) -> tuple[float, float]:
    x, y = lon - 105.0, lat - 35.0
    root = math.sqrt(abs(x))
    wave = (20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave
    north += (20 * math.sin(y * math.pi) + 40 * math.sin(y / 3 * math.pi)) * 2 / 3
    north += (160 * math.sin(y / 12 * math.pi) + 320 * math.sin(y * math.pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave
    east += (20 * math.sin(x * math.pi) + 40 * math.sin(x / 3 * math.pi)) * 2 / 3
    east += (150 * math.sin(x / 12 * math.pi) + 300 * math.sin(x / 30 * math.pi)) * 2 / 3
    rad = math.radians(lat)
    magic = 1 - _EE * math.sin(rad) ** 2
    east_deg = math.degrees(east / (_A / math.sqrt(magic) * math.cos(rad)))
    return east_deg, math.degrees(north / (_A * (1 - _EE) / (magic * math.sqrt(magic))))
