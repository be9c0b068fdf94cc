"""Which open cases look like one matter told twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data.cases.twice import Told, told_twice
from tests.conftest import NOW


def told(number, *, minutes=0, lon=114.7, lat=23.7, category=1, area=1):
    return Told(number, category, area, NOW + timedelta(minutes=minutes), lon, lat)


def test_the_same_kind_at_the_same_place_within_a_day_is_a_pair():
    assert told_twice([told(1), told(2, minutes=24 * 60)]) == {1, 2}


def test_of_three_each_has_a_twin():
    assert told_twice([told(1), told(2, minutes=900), told(3, minutes=1800)]) == {1, 2, 3}


def test_another_kind_place_or_day_is_no_pair():
    others = [told(2, category=2), told(3, lon=114.72), told(5, minutes=24 * 60 + 1)]
    for other in others:
        assert told_twice([told(1), other]) == set()


@pytest.mark.parametrize("lon", [114.6995, 114.7003, 114.7022])
@pytest.mark.parametrize("lat", [23.6985, 23.7, 23.7011])
def test_near_is_near_on_whichever_side_and_over_the_border_of_a_town(lon, lat):
    assert told_twice([told(1), told(2, lon=lon, lat=lat, area=2)]) == {1, 2}


@pytest.mark.parametrize(("lon", "lat"), [(114.7031, 23.7), (114.7, 23.7028), (114.697, 23.698)])
def test_past_300_m_is_not_near(lon, lat):
    assert told_twice([told(1), told(2, lon=lon, lat=lat)]) == set()


def test_without_a_point_the_town_decides_and_a_whole_county_says_nothing():
    bare = {"lon": None, "lat": None}
    assert told_twice([told(1, **bare), told(2, **bare)]) == {1, 2}
    assert told_twice([told(1), told(2, **bare)]) == {1, 2}
    assert told_twice([told(1, **bare), told(2)]) == {1, 2}
    assert told_twice([told(1, **bare), told(2, area=2)]) == set()
    assert told_twice([told(1, area=None, **bare), told(2, area=None, **bare)]) == set()


def test_what_somebody_settled_stays_settled():
    assert told_twice([told(1), told(2)], {frozenset((1, 2))}) == set()
    assert told_twice([told(1), told(2), told(3)], {frozenset((1, 2))}) == {1, 2, 3}
