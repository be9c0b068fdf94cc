"""Where do things happen? A stock of points inside each county, each with a town and an address."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import shapely
from numpy.random import Generator
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from data.catalogue import catalogue
from data.catalogue.entries import Area
from data.simulate.randomness import generator

WEIGHTS = {
    "441602": 0.25, "4416JD": 0.05, "4416GX": 0.04, "441621": 0.17,
    "441622": 0.20, "441623": 0.09, "441624": 0.11, "441625": 0.09,
}  # fmt: skip
"""Share of the city's people and affairs."""

CITY_LINES = ("441602", "4416JD", "4416GX")
"""Where the city bus lines run."""

PER_AREA = 2000
_SEAT_SHARE, _SEAT_SPREAD = 0.3, 0.018
_ZONE_KM, _CLEAR_KM, _KM_PER_DEGREE = 1.8, 2.3, 111.195
_STREETS = (
    "建设路",
    "沿江路",
    "文明路",
    "兴业路",
    "朝阳路",
    "红星路",
    "永福路",
    "长安街",
    "公园路",
    "学前路",
    "市场路",
    "河滨路",
    "迎宾大道",
    "创业路",
    "友谊路",
    "团结村委会旁",
    "新村小组",
    "中心小学门口",
    "卫生院附近",
    "农贸市场",
    "文化广场",
    "老车站路口",
)


@dataclass(frozen=True)
class Spots:
    """Points by number; PER_AREA in a row for each area, in the order of `areas()`."""

    lon: np.ndarray
    lat: np.ndarray
    town: tuple[str | None, ...]


@cache
def areas() -> tuple[Area, ...]:
    """Return counties and zones in catalogue order; an area's number is its place here."""
    return tuple(catalogue().counties())


@cache
def weights() -> np.ndarray:
    """Return each area's share, adding up to 1; an area unknown here gets a small one."""
    raw = np.array([WEIGHTS.get(a.code, 0.05) for a in areas()])
    return np.asarray(raw / raw.sum())


def area_of_spot(spot: int) -> Area:
    """Return the county or zone of a spot."""
    return areas()[spot // PER_AREA]


@lru_cache(maxsize=4)
def spots(seed: int) -> Spots:
    """Return the stock of points; drawn once per seed."""
    lon, lat, town = [], [], list[str | None]()
    for area in areas():
        x, y, names = _zone(seed, area) if area.kind == "zone" else _county(seed, area)
        lon.append(x)
        lat.append(y)
        town += names
    return Spots(np.concatenate(lon), np.concatenate(lat), tuple(town))


def address(seed: int, spot: int) -> str:
    """Return the address text of a spot, e.g. 河源市东源县灯塔镇建设路12号."""
    area, town = area_of_spot(spot), spots(seed).town[spot]
    street = _STREETS[spot % len(_STREETS)]
    number = f"{spot % 188 + 1}号" if street[-1] in "路街道" else ""
    place = catalogue().areas[town].name["zh"] if town else ""
    return f"{catalogue().city.name['zh']}{area.name['zh']}{place}{street}{number}"


def town_name(seed: int, spot: int) -> str:
    """Return the short name of the town of a spot, or of its zone."""
    town = spots(seed).town[spot]
    return catalogue().areas[town].short["zh"] if town else area_of_spot(spot).short["zh"]


@cache
def outline(code: str) -> BaseGeometry:
    """Return the shape of a county."""
    return next(
        shape(f["geometry"]) for f in catalogue().shapes["features"] if str(f["id"]) == code
    )


def _zone(seed: int, area: Area) -> tuple[np.ndarray, np.ndarray, list[str | None]]:
    chance = generator(seed, "spots", area.code)
    radius = _ZONE_KM * np.sqrt(chance.random(PER_AREA)) / _KM_PER_DEGREE
    angle = 2 * np.pi * chance.random(PER_AREA)
    lat = (area.lat or 0) + radius * np.sin(angle)
    lon = (area.lon or 0) + radius * np.cos(angle) / np.cos(np.radians(area.lat or 0))
    return lon.round(5), lat.round(5), [None] * PER_AREA


def _county(seed: int, area: Area) -> tuple[np.ndarray, np.ndarray, list[str | None]]:
    """Draw a dense county seat (its first town) and the other towns as cells around centres."""
    chance = generator(seed, "spots", area.code)
    towns = [a.code for a in catalogue().areas.values() if a.parent == area.code]
    at_seat = int(PER_AREA * _SEAT_SHARE)
    spread = (area.lon or 0, area.lat or 0, _SEAT_SPREAD)
    seat = _inside(chance, area, at_seat, spread)
    open_land = _inside(chance, area, PER_AREA - at_seat, None)
    centres = _centres(open_land, np.array([[area.lon, area.lat]], dtype=float), len(towns))
    gaps = ((open_land[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
    names: list[str | None] = [towns[0] if towns else None] * at_seat
    names += [towns[k] if towns else None for k in gaps.argmin(axis=1)]
    points = np.concatenate([seat, open_land])
    return points[:, 0], points[:, 1], names


def _centres(points: np.ndarray, first: np.ndarray, count: int) -> np.ndarray:
    """Return `count` centres, each next one the point farthest from those chosen."""
    chosen = first
    while len(chosen) < count:
        gaps = ((points[:, None, :] - chosen[None, :, :]) ** 2).sum(axis=2).min(axis=1)
        chosen = np.concatenate([chosen, points[gaps.argmax()][None, :]])
    return chosen


def _inside(
    chance: Generator, area: Area, count: int, around: tuple[float, float, float] | None
) -> np.ndarray:
    """Return points within the county and clear of functional zones, by rejection."""
    ring = outline(area.code)
    west, south, east, north = ring.bounds
    kept, found = [], 0
    while found < count:
        if around:
            drawn = chance.normal(around[:2], around[2], (count, 2))
        else:
            drawn = chance.uniform((west, south), (east, north), (2 * count, 2))
        drawn = drawn.round(5)
        good = drawn[shapely.contains_xy(ring, drawn[:, 0], drawn[:, 1]) & _clear(drawn)]
        kept.append(good)
        found += len(good)
    return np.concatenate(kept)[:count]


def _clear(points: np.ndarray) -> np.ndarray:
    free = np.ones(len(points), dtype=bool)
    for zone in (a for a in areas() if a.kind == "zone"):
        east = (points[:, 0] - (zone.lon or 0)) * np.cos(np.radians(zone.lat or 0))
        free &= np.hypot(east, points[:, 1] - (zone.lat or 0)) * _KM_PER_DEGREE > _CLEAR_KM
    return free
