"""Two small pictures of where a case is: in the city, and what is within two kilometres.

Drawn as SVG images without text, so that nothing is loaded from anywhere; words stand beside them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from dash import html

from components.i18n import _
from components.theme import LEVELS, image
from data.cases.page import Brief, CasePage, Head, Point
from data.geo import county_shapes


@dataclass(frozen=True)
class Look:
    """Colours of a picture. levels: fills that stand in for those of the screen."""

    ground: str
    land: str
    here: str
    line: str
    mark: str
    edge: str
    other: str
    levels: Mapping[int, str] = field(default_factory=dict, hash=False)


SCREEN = Look("#171C22", "#242C35", "#3F4C59", "#7A8896", "#E8ECEF", "#101418", "#95A1AD")
PAPER = Look(
    "#FFFFFF", "#EEF1F4", "#C3CED9", "#66717C", "#1B2127", "#1B2127", "#66717C",
    {1: "#C22F38", 2: "#E58A2E", 3: "#F4DB63", 4: "#2F78BD"},
)  # fmt: skip
LOOKS = (("screen", SCREEN), ("sheet", PAPER))

SIDE = 240
REACH_M = 2000.0
RINGS_M = (500.0, 1000.0, 2000.0)
DEGREE_M = 111195.0


def city_map(head: Head) -> html.Figure:
    """Return the city with its counties and the place of the case."""
    drawn = {kind: _city(head.area[:6], head.at, look) for kind, look in LOOKS}
    return _figure(drawn, _("Place in the city"))


def _figure(drawn: Mapping[str, str], said: str) -> html.Figure:
    """Return one picture twice: in the colours of the screen and in those of paper."""
    pictures = [html.Img(src=image(_svg(svg)), alt=said, className=k) for k, svg in drawn.items()]
    return html.Figure([*pictures, html.Figcaption(said)])


@lru_cache(maxsize=256)
def _city(county: str, at: Point | None, look: Look) -> str:
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
        fill = look.here if code == county else look.land
        path = "".join(_path([place(p) for p in _thin(ring)]) for ring in outline)
        drawn.append(f'<path d="{path}" fill="{fill}" stroke="{look.line}" stroke-width="1"/>')
    if at is not None:
        x, y = place(at)
        drawn.append(_dot(x, y, look))
    return _ground(look) + "".join(drawn)


def _thin(ring: list[Point]) -> list[Point]:
    """Return as much of an outline as a small picture can show."""
    return ring[:: max(1, len(ring) // 200)]


def _polygons(feature: Mapping[str, Any]) -> list[Any]:
    geometry = feature["geometry"]
    found = geometry["coordinates"]
    return [found] if geometry["type"] == "Polygon" else list(found)


def _path(points: list[tuple[float, float]]) -> str:
    return "M" + " ".join(f"{x:.1f} {y:.1f}" for x, y in points) + "Z"


def _dot(x: float, y: float, look: Look) -> str:
    pen = f'fill="{look.mark}" stroke="{look.ground}" stroke-width="2"'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" {pen}/>'


def near_map(page: CasePage) -> html.Figure:
    """Return the two kilometres about the case: rings, open cases by level, hospitals."""
    drawn = {kind: _surroundings(page, look) for kind, look in LOOKS}
    return _figure(drawn, _("Rings: 0.5, 1 and 2 km"))


def _surroundings(page: CasePage, look: Look) -> str:
    at = page.head.at
    assert at is not None  # noqa: S101 - asked for only with a position
    inside = [b for b in page.around.near if b.at and b.metres is not None]
    drawn = [_ground(look), *(_ring(r, look) for r in RINGS_M)]
    drawn += [_level(b, at, look) for b in reversed(inside)]
    drawn += [
        _plus(*_near(h.at, at), look)
        for h in page.around.hospitals
        if h.at and h.metres is not None and h.metres <= REACH_M
    ]
    return "".join([*drawn, _own(page.head.level, look)])


def _near(point: Point, at: Point) -> tuple[float, float]:
    """Return pixels of a point on the near map."""
    scale = (SIDE / 2 - 6) / REACH_M
    east = (point[0] - at[0]) * math.cos(math.radians(at[1])) * DEGREE_M
    return SIDE / 2 + east * scale, SIDE / 2 - (point[1] - at[1]) * DEGREE_M * scale


def _ground(look: Look) -> str:
    return f'<rect width="{SIDE}" height="{SIDE}" fill="{look.ground}"/>'


def _ring(metres: float, look: Look) -> str:
    r = metres * (SIDE / 2 - 6) / REACH_M
    dash = "" if metres == REACH_M else ' stroke-dasharray="3 4"'
    pen = f'fill="none" stroke="{look.line}" stroke-width="1"{dash}'
    return f'<circle cx="{SIDE / 2}" cy="{SIDE / 2}" r="{r:.1f}" {pen}/>'


def _level(brief: Brief, at: Point, look: Look) -> str:
    return _shape(brief.level, *_near(brief.at, at), 0.55, look) if brief.at else ""


def _own(level: int, look: Look) -> str:
    half = SIDE / 2
    pen = f'fill="none" stroke="{look.mark}" stroke-width="2"'
    return f'<circle cx="{half}" cy="{half}" r="17" {pen}/>' + _shape(level, half, half, 0.9, look)


def _shape(level: int, x: float, y: float, size: float, look: Look) -> str:
    found = LEVELS.get(level)
    if found is None:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{look.other}"/>'
    move = f"translate({x - 12 * size:.1f} {y - 12 * size:.1f}) scale({size})"
    pen = f'fill="{look.levels.get(level, found.fill)}" stroke="{look.edge}" stroke-width="1.5"'
    return f'<path d="{found.outline}" transform="{move}" {pen}/>'


def _plus(x: float, y: float, look: Look) -> str:
    return (
        f'<path d="M{x - 6:.1f} {y:.1f}H{x + 6:.1f}M{x:.1f} {y - 6:.1f}V{y + 6:.1f}" '
        f'stroke="{look.mark}" stroke-width="3" fill="none"/>'
    )


def _svg(inside: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}">{inside}</svg>'
