"""Where a county's name stands on the map: inside where it fits, else beside it with a line."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

FRAME = (616.0, 810.0)
"""Size of the map on the design canvas of 1920 by 1080, px."""

NAME_PX, COUNT_PX, LINE_PX = 26, 22, 60
_INSIDE = [(dx, dy) for dx in range(-90, 91, 18) for dy in range(-90, 91, 18)]
_OUTSIDE = [(angle, reach) for reach in range(100, 301, 20) for angle in range(0, 360, 15)]

Box = tuple[float, float, float, float]
Point = tuple[float, float]


@dataclass(frozen=True)
class View:
    """A piece of the earth on the screen; px from its left upper corner."""

    west: float
    east: float
    south: float
    north: float

    @classmethod
    def fitted(cls, west: float, east: float, south: float, north: float) -> View:
        """Return the least view that holds these bounds and fills the frame."""
        tight = cls(west, east, south, north)
        wide = FRAME[0] / tight.scale / 2
        tall = FRAME[1] / tight.scale / tight._stretch / 2
        lon, lat = (west + east) / 2, (south + north) / 2
        return cls(lon - wide, lon + wide, lat - tall, lat + tall)

    @property
    def scale(self) -> float:
        """Pixels per degree of longitude."""
        wide = FRAME[0] / (self.east - self.west)
        tall = FRAME[1] / ((self.north - self.south) * self._stretch)
        return min(wide, tall)

    @property
    def _stretch(self) -> float:
        return 1 / math.cos(math.radians((self.north + self.south) / 2))

    def px(self, lon: float, lat: float) -> Point:
        """Return where a point of the earth stands."""
        x = FRAME[0] / 2 + (lon - (self.west + self.east) / 2) * self.scale
        middle = (self.north + self.south) / 2
        return x, FRAME[1] / 2 - (lat - middle) * self.scale * self._stretch

    def degrees(self, x: float, y: float) -> Point:
        """Return which point of the earth stands at (x, y)."""
        lon = (x - FRAME[0] / 2) / self.scale + (self.west + self.east) / 2
        lat = (FRAME[1] / 2 - y) / self.scale / self._stretch + (self.north + self.south) / 2
        return lon, lat


@dataclass(frozen=True)
class Label:
    """One label: where it stands, and whether a line must lead to its county."""

    code: str
    x: float
    y: float
    leader: bool


def text_width(text: str, size: float) -> float:
    """Return about how wide a text is: hanzi are square, other letters half of that."""
    return sum(size if ord(c) > 0x2E80 else size * 0.56 for c in text)


def rings(feature: dict[str, Any]) -> list[list[Point]]:
    """Return the outer rings of a GeoJSON feature."""
    geometry = feature["geometry"]
    parts = [geometry["coordinates"]]
    if geometry["type"] == "MultiPolygon":
        parts = geometry["coordinates"]
    return [[(p[0], p[1]) for p in part[0]] for part in parts]


def place_labels(
    wanted: Sequence[tuple[str, Point, float, float]],
    outlines: dict[str, list[list[Point]]],
    busy: Sequence[Point],
    taken: Sequence[Box],
) -> list[Label]:
    """Return a place for each (code, home, width of its name, width of its count), px.

    Args:
        wanted: labels with the place they would like best.
        outlines: rings of every county, px.
        busy: markers; a label avoids them where it can.
        taken: boxes no label may stand on.
    """
    boxes = list(taken)
    placed: dict[str, Label] = {}
    for code, home, *widths in sorted(wanted, key=lambda w: -_width(outlines.get(w[0], []))):
        width = max(widths)
        outside = width > 1.25 * _width(outlines.get(code, [])) > 0
        if outside:
            spot = _outside(home, widths, outlines, busy, boxes)
        else:
            spot = _inside(home, widths, outlines.get(code, []), busy, boxes)
        placed[code] = Label(code, *spot, leader=outside)
        boxes.append(_box(*spot, width))
    return [placed[w[0]] for w in wanted]


def _hidden(x: float, y: float, widths: Sequence[float], markers: Iterable[Point]) -> float:
    """Return how much markers would lie on a label; on its name is worse than on its count."""
    name, count = (w / 2 + 13 for w in widths)
    reach, low = max(name, count), LINE_PX / 2 + 13
    total = 0.0
    for px, py in markers:
        dx, dy = abs(px - x), py - y
        if dx >= reach or not -low < dy < low:
            continue
        if dx < name and dy < 13:
            total += 1.6
        elif dx < count and dy > -13:
            total += 1.0
    return total


def _inside(
    home: Point,
    widths: Sequence[float],
    county: list[list[Point]],
    busy: Iterable[Point],
    boxes: list[Box],
) -> Point:
    """Return the place nearest to home that hides no marker and stays in the county."""
    markers, width = list(busy), max(widths)
    best, least = home, math.inf
    for (dx, dy), fixed in zip(_INSIDE, _beyond(_frozen(county), home, width), strict=True):
        if fixed >= least:
            continue  # the rest only adds to it
        box = _box(home[0] + dx, home[1] + dy, width)
        hidden = _hidden(home[0] + dx, home[1] + dy, widths, markers)
        cost = fixed + hidden + 3 * sum(_overlap(box, b) for b in boxes)
        if cost < least:
            best, least = (home[0] + dx, home[1] + dy), cost
    return best


Outline = tuple[tuple[Point, ...], ...]


def _frozen(county: list[list[Point]]) -> Outline:
    return tuple(tuple(ring) for ring in county)


@lru_cache(maxsize=512)
def _beyond(county: Outline, home: Point, width: float) -> tuple[float, ...]:
    """Return the cost of each place inside that does not depend on the markers of the moment."""
    found = []
    for dx, dy in _INSIDE:
        box = _box(home[0] + dx, home[1] + dy, width)
        beyond = sum(not any(_in_ring(p, ring) for ring in county) for p in _probe(box))
        found.append(0.3 * beyond + 3 * (not _framed(box)) + math.hypot(dx, dy) / 200)
    return tuple(found)


def _outside(
    home: Point,
    widths: Sequence[float],
    outlines: dict[str, list[list[Point]]],
    busy: Iterable[Point],
    boxes: list[Box],
) -> Point:
    """Return the place round a small county that hides least, best where no county is at all."""
    markers, width = list(busy), max(widths)
    best, least = home, math.inf
    every = tuple(tuple(ring) for rings in outlines.values() for ring in rings)
    for (x, y), fixed in _round(every, home, width):
        if fixed >= least:
            continue
        box = _box(x, y, width)
        hidden = _hidden(x, y, widths, markers)
        cost = fixed + hidden + 3 * sum(_overlap(box, b) for b in boxes)
        if cost < least:
            best, least = (x, y), cost
    return best


@lru_cache(maxsize=512)
def _round(every: Outline, home: Point, width: float) -> tuple[tuple[Point, float], ...]:
    """Return the places round a county, with the cost that does not depend on the markers."""
    found = []
    for angle, reach in _OUTSIDE:
        x = home[0] + reach * math.cos(math.radians(angle))
        x = min(max(x, width / 2 + 8), FRAME[0] - width / 2 - 8)
        y = home[1] - reach * math.sin(math.radians(angle))
        covers = sum(_in_ring(p, ring) for p in _probe(_box(x, y, width + 40)) for ring in every)
        unframed = 9 * (not _framed(_box(x, y, width)))
        found.append(((x, y), 0.6 * covers + unframed + math.dist((x, y), home) / 300))
    return tuple(found)


Side = tuple[str, Box]


def beside(home: Point, width: float, busy: Iterable[Point], boxes: Iterable[Box]) -> Side:
    """Return on which side of its mark a zone's name stands (plotly's word), and its box."""
    markers, taken = list(busy), list(boxes)
    rows = {"middle": (-14.0, 14.0), "bottom": (4.0, 32.0), "top": (-32.0, -4.0)}
    sides = {"right": (8.0, width + 12), "left": (-12 - width, -8.0)}
    places = {
        f"{row} {side}": (home[0] + x1, home[1] + y1, home[0] + x2, home[1] + y2)
        for row, (y1, y2) in rows.items()
        for side, (x1, x2) in sides.items()
    }

    def cost(place: str) -> int:
        box = places[place]
        hidden = sum(_inside_box(m, box, 9) for m in markers)
        return hidden + 3 * sum(_overlap(box, b) for b in taken) + 9 * (not _framed(box))

    best = min(places, key=cost)
    return best, places[best]


def _width(county: list[list[Point]]) -> float:
    xs = [x for ring in county for x, _y in ring]
    return max(xs) - min(xs) if xs else 0.0


def _box(x: float, y: float, width: float) -> Box:
    return x - width / 2, y - LINE_PX / 2, x + width / 2, y + LINE_PX / 2


def _framed(box: Box) -> bool:
    return box[0] >= 0 and box[1] >= 0 and box[2] <= FRAME[0] and box[3] <= FRAME[1]


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _inside_box(point: Point, box: Box, margin: float) -> bool:
    return (
        box[0] - margin < point[0] < box[2] + margin
        and box[1] - margin < point[1] < box[3] + margin
    )


def _probe(box: Box) -> Iterable[Point]:
    for part in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = box[0] + part * (box[2] - box[0])
        yield from ((x, box[1]), (x, (box[1] + box[3]) / 2), (x, box[3]))


def _in_ring(point: Point, ring: Sequence[Point]) -> bool:
    """Return whether a point lies in a ring (ray casting)."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], *ring[:1]], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def spread(points: Sequence[Point], gap: float) -> list[Point]:
    """Return the points with those nearer than `gap` px moved apart, so every digit can be read."""
    moved = [list(p) for p in points]
    for _round in range(6):
        for i, a in enumerate(moved):
            for j in range(i):
                b = moved[j]
                dx, dy = a[0] - b[0], a[1] - b[1]
                near = math.hypot(dx, dy)
                if near >= gap:
                    continue
                if near < 0.01:
                    dx, dy, near = math.cos(i * 2.4), math.sin(i * 2.4), 1.0
                push = (gap - min(near, gap)) / 2 + 0.01
                for point, sign in ((a, 1), (b, -1)):
                    point[0] += sign * push * dx / near
                    point[1] += sign * push * dy / near
    return [(x, y) for x, y in moved]
