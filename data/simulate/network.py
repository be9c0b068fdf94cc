"""The made-up bus network: stops, lines, trips of a service day. Depends on the seed only."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from shapely.geometry import Point

from data.simulate.places import PER_AREA, area_of_spot, areas, outline, spots
from data.simulate.randomness import generator

DAILY, WORKDAY = "DAILY", "WORKDAY"
"""Services: every day; and the extra trips of workdays."""

_STOP_WORDS = (
    "客运总站",
    "人民医院",
    "市政府",
    "图书馆",
    "万隆广场",
    "文化广场",
    "中心市场",
    "公园东门",
    "职业学校",
    "产业园",
    "新城大道",
    "滨江路口",
    "火车站",
    "体育馆",
    "法院",
    "供销社",
    "水厂",
    "中学",
    "妇幼保健院",
    "建材城",
    "桥头",
    "老街口",
    "行政中心",
    "汽车城",
    "客家公园",
)
_CITY_STOPS = {"441602": 92, "4416JD": 24, "4416GX": 24}
_NEW_AREA_LINES = (18, 20)
_CITY_LINE_STOPS, _COUNTY_LINE_STOPS = 16, 14
_SEATS = (
    ("441602", "441621", ""), ("441602", "441625", ""), ("441602", "441624", ""),
    ("441602", "441623", ""), ("441602", "441622", ""), ("441623", "441602", "441623"),
    ("441624", "441602", "441624"), ("441622", "441602", "441622"),
)  # fmt: skip
"""County lines: from one seat towards another, and the county they do not leave, if any."""


@dataclass(frozen=True)
class Stops:
    """Every stop: identifier, name, place and county, one list each."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    lon: np.ndarray
    lat: np.ndarray
    area: np.ndarray


@dataclass(frozen=True)
class Line:
    """One line: its stops in order and the running time between two of them in seconds."""

    route_id: str
    short_name: str
    long_name: str
    stops: tuple[int, ...]
    hop_s: int


@dataclass(frozen=True)
class Trips:
    """All trips of a service day by departure; seconds after local midnight, may pass 24:00."""

    ids: tuple[str, ...]
    line: np.ndarray
    back: np.ndarray
    service: np.ndarray
    start: np.ndarray
    end: np.ndarray
    vehicle: tuple[str, ...]


@lru_cache(maxsize=4)
def stops(seed: int) -> Stops:
    """Return city stops and, along the county lines, about a hundred more."""
    chance, points = generator(seed, "stops"), spots(seed)
    lon, lat, area = [], [], list[int]()
    codes = [a.code for a in areas()]
    for code, many in _CITY_STOPS.items():
        number = codes.index(code)
        seat = PER_AREA * (3 if code == "441602" else 10) // 10
        chosen = number * PER_AREA + chance.choice(seat, many, replace=False)
        lon.append(points.lon[chosen])
        lat.append(points.lat[chosen])
        area += [number] * many
    for ends in _SEATS:
        x, y, where = _corridor(*ends)
        lon.append(x)
        lat.append(y)
        area += where
    numbers = [_STOP_WORDS[k % len(_STOP_WORDS)] for k in range(len(area))]
    names = tuple(
        f"{area_of_spot(a * PER_AREA).short['zh']}{word}{k // len(_STOP_WORDS) + 1}站"
        for k, (a, word) in enumerate(zip(area, numbers, strict=True))
    )
    ids = tuple(f"S{k + 1:03d}" for k in range(len(area)))
    return Stops(ids, names, np.concatenate(lon), np.concatenate(lat), np.array(area))


def _corridor(start: str, end: str, home: str) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Return stops on the way from one seat to another, only those within `home` if given."""
    a, b = (areas()[_number(code)] for code in (start, end))
    steps = np.linspace(0.02, 0.98, 84)
    lon = ((a.lon or 0) + ((b.lon or 0) - (a.lon or 0)) * steps).round(5)
    lat = ((a.lat or 0) + ((b.lat or 0) - (a.lat or 0)) * steps + 0.012 * np.sin(steps * 19)).round(
        5
    )
    held = [_holder(x, y) for x, y in zip(lon, lat, strict=True)]
    codes = [a.code for a in areas()]
    kept = [k for k, n in enumerate(held) if n is not None and home in ("", codes[n])]
    even = [kept[k] for k in np.linspace(0, len(kept) - 1, _COUNTY_LINE_STOPS).astype(int)]
    return lon[even], lat[even], [held[k] or 0 for k in even]


def _holder(lon: float, lat: float) -> int | None:
    """Return the number of the county that holds a point, None outside all."""
    point = Point(lon, lat)
    counties = ((n, c.code) for n, c in enumerate(areas()) if c.statutory)
    return next((n for n, code in counties if outline(code).covers(point)), None)


@lru_cache(maxsize=4)
def lines(seed: int) -> tuple[Line, ...]:
    """Return city lines 1-20 and the county lines 201-208."""
    found, all_stops = [], stops(seed)
    city = np.arange(sum(_CITY_STOPS.values()))
    new_area = np.flatnonzero(all_stops.area[: len(city)] == _number("4416JD"))
    chance = generator(seed, "lines")
    for number in range(1, 21):
        path = _city_path(chance, all_stops, new_area if number in _NEW_AREA_LINES else city)
        name = f"{all_stops.names[path[0]]} — {all_stops.names[path[-1]]}"
        found.append(Line(f"R{number}", f"{number}路", name, path, 165))
    first = len(city)
    for number, (start, end, home) in enumerate(_SEATS, 201):
        path = tuple(range(first, first + _COUNTY_LINE_STOPS))
        first += _COUNTY_LINE_STOPS
        seats = "—".join(areas()[_number(c)].short["zh"] for c in (start, end))
        name = f"{areas()[_number(start)].short['zh']}县内公交" if home else f"{seats}城际公交"
        found.append(Line(f"R{number}", f"{number}路", name, path, 5400 // _COUNTY_LINE_STOPS))
    return tuple(found)


def _number(code: str) -> int:
    return [a.code for a in areas()].index(code)


def _city_path(chance: np.random.Generator, found: Stops, city: np.ndarray) -> tuple[int, ...]:
    """Return the stops nearest to a straight way between two drawn ends, in order along it."""
    one = int(chance.integers(len(city)))
    x = found.lon[city] - found.lon[city[one]]
    y = found.lat[city] - found.lat[city[one]]
    other = int(chance.choice(np.argsort(np.hypot(x, y))[len(city) // 2 :]))
    way = np.array([x[other], y[other]]) / np.hypot(x[other], y[other])
    along, aside = x * way[0] + y * way[1], np.abs(x * way[1] - y * way[0])
    between = np.flatnonzero((along >= 0) & (along <= along[other]))
    near = between[np.argsort(aside[between])][: _CITY_LINE_STOPS - 2]
    path = sorted({one, other, *(int(k) for k in near)}, key=lambda k: float(along[k]))
    return tuple(int(city[k]) for k in path)


@lru_cache(maxsize=4)
def trips(seed: int) -> Trips:
    """Return the trips of a service day, both services, in order of departure."""
    rows = [row for number, line in enumerate(lines(seed)) for row in _line_trips(number, line)]
    rows.sort()
    start, line, back, service, end = (np.array(c) for c in zip(*rows, strict=True))
    count = np.zeros(len(lines(seed)), dtype=int)
    ids, vehicle = [], []
    for number, turned, kind in zip(line, back, service, strict=True):
        route = lines(seed)[number].route_id
        ids.append(f"{route}-{'DW'[kind]}{count[number] + 1:03d}-{turned}")
        vehicle.append(f"B{route[1:].zfill(3)}{count[number] % 48 + 1:02d}")
        count[number] += 1
    return Trips(tuple(ids), line, back, service, start, end, tuple(vehicle))


def _line_trips(number: int, line: Line) -> list[tuple[int, int, int, int, int]]:
    """Return (start, line, back, service, end) of one line; ten lines also run all night."""
    city = line.route_id[1:] in {str(n) for n in range(1, 21)}
    length = line.hop_s * (len(line.stops) - 1)
    headway = length // 4
    shift = number * 97 % 600
    found = []
    for back in (0, 1):
        day = range(5 * 3600 + 2700 + shift + back * headway // 2, 22 * 3600, headway)
        found += [(s, number, back, int(k % 3 == 2), s + length) for k, s in enumerate(day)]
        if city and number % 2 == 0:
            night = range(22 * 3600 + shift, 29 * 3600 + 1800, length + 120)
            found += [(s, number, back, 0, s + length) for s in night]
    return found


@lru_cache(maxsize=4)
def home_areas(seed: int) -> np.ndarray:
    """Return the number of the area in which each line has most of its stops."""
    area = stops(seed).area
    return np.array([np.bincount(area[list(line.stops)]).argmax() for line in lines(seed)])
