"""Can a place lie where its source says? Needs no list of places, only the data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from data.connectors.positions import Position, known_place

Bounds = tuple[float, float, float, float]
"""min_lon, min_lat, max_lon, max_lat."""

# Rough outlines, meant for lost signs and swapped pairs, not for borders.
_UNITED_STATES: tuple[Bounds, ...] = (
    (-180, -15, -64, 72),  # all states, Puerto Rico, Virgin Islands, American Samoa
    (172, 51, 180, 54),  # Aleutians beyond the date line
    (144, 13, 147, 21),  # Guam and the Northern Marianas
)
_CHINA: tuple[Bounds, ...] = ((73, 3, 136, 54),)
_COUNTRIES = {
    "us": _UNITED_STATES,
    "usa": _UNITED_STATES,
    "united states": _UNITED_STATES,
    "united states of america": _UNITED_STATES,
    "cn": _CHINA,
    "chn": _CHINA,
    "china": _CHINA,
    "中国": _CHINA,
}
_SYSTEMS = {
    "census.gov/": _UNITED_STATES,
    "hl7.org/fhir/sid/us-": _UNITED_STATES,
    ".gov.cn": _CHINA,
    "oid:2.16.156.": _CHINA,
}
"""Identifier systems that number places of one country only."""


def plausible(
    lat: Any, lon: Any, country: str, systems: Iterable[str], bounds: Bounds | None
) -> Position | None:
    """Return (lat, lon), or None when the place cannot lie there.

    Args:
        lat: as written in the JSON, of any type.
        lon: likewise.
        country: of the place's address, "" if it has none.
        systems: of the place's identifiers; some belong to one country.
        bounds: where this source's places lie; overrules country and systems.
    """
    if not _number(lat) or not _number(lon):
        return None
    try:
        place = float(lat), float(lon)
    except OverflowError:
        return None
    if not known_place(*place):
        return None
    allowed = (bounds,) if bounds else _allowed(country, systems)
    return place if allowed is None or any(_inside(place, b) for b in allowed) else None


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _allowed(country: str, systems: Iterable[str]) -> tuple[Bounds, ...] | None:
    by_country = _COUNTRIES.get(country.lower())
    if by_country or country:
        return by_country
    return next((b for s in systems for part, b in _SYSTEMS.items() if part in f"{s}/"), None)


def _inside(place: Position, bounds: Bounds) -> bool:
    min_lon, min_lat, max_lon, max_lat = bounds
    return min_lat <= place[0] <= max_lat and min_lon <= place[1] <= max_lon
