"""Where a point lies, and in which datum."""

import math
from itertools import pairwise

import pytest

from data import geo

POINTS = {
    "441602": (114.60, 23.66),
    "441621": (115.05, 23.52),
    "441622": (115.35, 24.33),
    "441623": (114.53, 24.33),
    "441624": (115.00, 24.45),
    "441625": (114.81, 23.93),
}


@pytest.mark.parametrize("code", POINTS)
def test_a_point_lies_in_its_county(code):
    assert geo.county_of(*POINTS[code]) == code


def test_every_county_and_zone_holds_its_own_label(catalogue):
    for area in catalogue.counties():
        assert geo.county_of(area.lon, area.lat) == area.code, area.name["en"]


def test_a_zone_reaches_two_kilometres_and_no_further(catalogue):
    zone = catalogue.areas["4416GX"]
    step = 1.9 / 111.195
    assert geo.county_of(zone.lon, zone.lat + step) == zone.code
    assert geo.county_of(zone.lon, zone.lat - step) == zone.code
    east = step / math.cos(math.radians(zone.lat))
    assert geo.county_of(zone.lon + east, zone.lat) == zone.code
    assert geo.county_of(zone.lon, zone.lat + 2.2 / 111.195) != zone.code


def test_a_point_outside_lies_nowhere():
    for lon, lat in ((113.26, 23.13), (0, 0), (23.66, 114.60), (-114.6, -23.66)):
        assert geo.county_of(lon, lat) is None
        assert not geo.in_city(lon, lat)


def test_the_edge_belongs_to_a_county():
    assert geo.county_of(114.76, 23.74) is not None


def test_two_counties_do_not_overlap(catalogue):
    from shapely.geometry import shape

    outlines = [shape(f["geometry"]) for f in catalogue.shapes["features"]]
    for i, one in enumerate(outlines):
        assert one.is_valid
        for other in outlines[i + 1 :]:
            assert one.intersection(other).area < 1e-9


def test_outer_rings_turn_clockwise_as_the_drawing_wants():
    for feature in geo.county_shapes()["features"]:
        ring = feature["geometry"]["coordinates"][0]
        turn = sum((b[0] - a[0]) * (b[1] + a[1]) for a, b in pairwise(ring))
        assert turn > 0, feature["id"]


@pytest.mark.parametrize("crs", ["GCJ02", "BD09"])
@pytest.mark.parametrize("code", POINTS)
def test_a_chinese_datum_is_undone_to_within_a_metre(crs, code):
    lon, lat = POINTS[code]
    there = _gcj02(lon, lat) if crs == "GCJ02" else _bd09(*_gcj02(lon, lat))
    assert abs(there[0] - lon) > 0.003
    back = geo.to_wgs84(*there, crs)
    metres = math.hypot((back[0] - lon) * math.cos(math.radians(lat)), back[1] - lat) * 111195
    assert metres < 1


def test_a_known_pair_of_the_published_formula():
    """Tiananmen, as the open converters give it."""
    lon, lat = geo.to_wgs84(116.403847, 39.915526, "GCJ02")
    assert (lon, lat) == pytest.approx((116.397605, 39.914123), abs=5e-5)


def test_our_own_datum_is_left_as_it_is():
    assert geo.to_wgs84(114.6, 23.7, "WGS84") == (114.6, 23.7)


def _gcj02(lon, lat):
    x, y = geo._gcj02_offset(lon, lat)
    return lon + x, lat + y


def _bd09(lon, lat):
    k = math.pi * 3000 / 180
    z = math.hypot(lon, lat) + 0.00002 * math.sin(lat * k)
    theta = math.atan2(lat, lon) + 0.000003 * math.cos(lon * k)
    return z * math.cos(theta) + 0.0065, z * math.sin(theta) + 0.006


def test_an_area_is_named_by_its_town_its_county_or_its_point(catalogue):
    town = next(a for a in catalogue.areas.values() if a.parent == "441621")
    name = town.name["zh"]
    assert geo.area_of(f"河源市紫金县{name}人民路1号", None, None) == town.code
    assert geo.area_of("紫金县人民路", None, None) == "441621"
    assert geo.area_of("Zijin County, 1 Main Road", None, None) == "441621"
    assert geo.area_of("", *POINTS["441622"]) == "441622"
    assert geo.area_of("某路", None, None) is None


def test_a_town_named_in_the_text_does_not_contradict_the_county(catalogue):
    town = next(a for a in catalogue.areas.values() if a.parent == "441621")
    assert geo.area_of(f"龙川县{town.name['zh']}", None, None) == "441622"
    assert geo.area_of(town.name["zh"], *POINTS["441621"]) == town.code


def test_every_town_is_found_by_its_county_and_name(catalogue):
    lost = []
    for town in (a for a in catalogue.areas.values() if a.level == 3):
        county = catalogue.areas[town.parent].name["zh"]
        if geo.area_of(f"河源市{county}{town.name['zh']}", None, None) != town.code:
            lost.append(town.name["zh"])
    assert lost == []


def test_the_county_above_an_area():
    assert geo.county_code("441600") is None
    assert geo.county_code("441602") == "441602"
    assert geo.county_code("441602001") == "441602"
