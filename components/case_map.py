"""Two small pictures of where a case is: in the city, and what is within two kilometres.

Drawn as SVG images without text, so that nothing is loaded from anywhere; words stand beside them.
"""

from __future__ import annotations

import math
from functools import lru_cache

from dash import html

from components.i18n import _
from components.theme import INK, LEVELS, MAP_LINE, TEXT, image
from data.cases.page import Brief, CasePage, Head, Point
from data.geo import county_shapes

SIDE = 240
REACH_M = 2000.0
RINGS_M = (500.0, 1000.0, 2000.0)
DEGREE_M = 111195.0


def city_map(head: Head) -> html.Figure:
    """Return the city with its counties and the place of the case."""
    svg = _city(head.area[:6], head.at)
    said = _("Place in the city")
    return html.Figure([html.Img(src=image(svg), alt=said), html.Figcaption(said)])


@lru_cache(maxsize=256)
def _city(county: str, at: Point | None) -> str:
    shapes = county_shapes()["features"]
    rings = {str(f["id"]): [r for p in _polygons(f) for r in p[:1]] for f in shapes}
    points = [p for rs in rings.values() for r in rs for p in r]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    narrow = math.cos(math.radians((south + north) / 2))
    scale = (SIDE - 12) / max((east - west) * narrow, north - south)
    left = (SIDE - (east - west) * narrow * scale) / 2
    top = (SIDE - (north - south) * scale) / 2

    def place(p: Point) -> tuple[float, float]:
        return left + (p[0] - west) * narrow * scale, top + (north - p[1]) * scale

    drawn = []
    for code, outline in rings.items():
        fill = "#3F4C59" if code == county else "#242C35"
        path = "".join(_path([place(p) for p in _thin(ring)]) for ring in outline)
        drawn.append(f'<path d="{path}" fill="{fill}" stroke="{MAP_LINE}" stroke-width="1"/>')
    if at is not None:
        x, y = place(at)
        drawn.append(_cross(x, y))
    return _svg("".join(drawn))


def _thin(ring: list[Point]) -> list[Point]:
    """Return as much of an outline as a small picture can show."""
    return ring[:: max(1, len(ring) // 200)]


def _polygons(feature: dict) -> list:  # type: ignore[type-arg]
    geometry = feature["geometry"]
    found = geometry["coordinates"]
    return [found] if geometry["type"] == "Polygon" else list(found)


def _path(points: list[tuple[float, float]]) -> str:
    return "M" + " ".join(f"{x:.1f} {y:.1f}" for x, y in points) + "Z"


def _cross(x: float, y: float) -> str:
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{TEXT}" stroke="{INK}" stroke-width="2"/>'
    )


def near_map(page: CasePage) -> html.Figure:
    """Return the two kilometres about the case: rings, open cases by level, hospitals, stops."""
    at = page.head.at
    assert at is not None  # noqa: S101 - asked for only with a position
    inside = [b for b in page.around.near if b.at and b.metres is not None]
    drawn = [_ring(r) for r in RINGS_M]
    drawn += [_level(b, at) for b in reversed(inside)]
    drawn += [
        _plus(*_near(h.at, at))
        for h in page.around.hospitals
        if h.at and h.metres is not None and h.metres <= REACH_M
    ]
    drawn.append(_own(page.head.level))
    said = _("Rings: 0.5, 1 and 2 km")
    return html.Figure([html.Img(src=image(_svg("".join(drawn))), alt=said), html.Figcaption(said)])


def _near(point: Point, at: Point) -> tuple[float, float]:
    """Return pixels of a point on the near map."""
    scale = (SIDE / 2 - 6) / REACH_M
    east = (point[0] - at[0]) * math.cos(math.radians(at[1])) * DEGREE_M
    return SIDE / 2 + east * scale, SIDE / 2 - (point[1] - at[1]) * DEGREE_M * scale


def _ring(metres: float) -> str:
    r = metres * (SIDE / 2 - 6) / REACH_M
    dash = "" if metres == REACH_M else ' stroke-dasharray="3 4"'
    return (
        f'<circle cx="{SIDE / 2}" cy="{SIDE / 2}" r="{r:.1f}" fill="none" '
        f'stroke="{MAP_LINE}" stroke-width="1"{dash}/>'
    )


def _level(brief: Brief, at: Point) -> str:
    if brief.at is None:
        return ""
    x, y = _near(brief.at, at)
    return _shape(brief.level, x, y, 0.55)


def _own(level: int) -> str:
    half = SIDE / 2
    ring = f'<circle cx="{half}" cy="{half}" r="17" fill="none" stroke="{TEXT}" stroke-width="2"/>'
    return ring + _shape(level, half, half, 0.9)


def _shape(level: int, x: float, y: float, size: float) -> str:
    found = LEVELS.get(level)
    if found is None:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="#95A1AD"/>'
    move = f"translate({x - 12 * size:.1f} {y - 12 * size:.1f}) scale({size})"
    return (
        f'<path d="{found.outline}" transform="{move}" fill="{found.fill}" '
        f'stroke="{INK}" stroke-width="1.5"/>'
    )


def _plus(x: float, y: float) -> str:
    return (
        f'<path d="M{x - 6:.1f} {y:.1f}H{x + 6:.1f}M{x:.1f} {y - 6:.1f}V{y + 6:.1f}" '
        f'stroke="{TEXT}" stroke-width="3" fill="none"/>'
    )


def _svg(inside: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}">'
        f'<rect width="{SIDE}" height="{SIDE}" fill="#171C22"/>{inside}</svg>'
    )
