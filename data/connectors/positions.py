"""Can this be a place on earth? (0, 0) is what software writes when it knows none."""

from __future__ import annotations

import math

from data.connectors.connector import Findings

Position = tuple[float, float]


def on_earth(lat: float, lon: float) -> bool:
    """Return whether both are degrees that exist (WGS-84)."""
    return math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180


def known_place(lat: float, lon: float) -> bool:
    """Return whether the pair is on earth and is not the (0, 0) of missing data."""
    return on_earth(lat, lon) and not (lat == 0 and lon == 0)


def number(text: str) -> float:
    """Return the number `text` writes, NaN if it writes none."""
    try:
        # Python would read "1_0" as ten.
        return math.nan if "_" in text else float(text)
    except ValueError:
        return math.nan


def optional_position(
    lat: str, lon: str, findings: Findings, row: int, field: str
) -> Position | tuple[None, None]:
    """Return (lat, lon), or (None, None), with a warning unless both were left empty."""
    if not lat and not lon:
        return None, None
    place = number(lat), number(lon)
    if known_place(*place):
        return place
    findings.warn("bad_position", row, field, f"{lat}, {lon}", "not a place on earth; left out")
    return None, None
