"""Which open cases look like one matter told twice."""

from __future__ import annotations

from datetime import timedelta

from data.cases.twice import Told, told_twice
from tests.conftest import NOW


def told(number, *, minutes=0, lon=114.7, lat=23.7, category=1, area=1):
    return Told(number, category, area, NOW + timedelta(minutes=minutes), lon, lat)


def test_the_same_kind_at_the_same_place_within_hours_is_a_pair():
    assert told_twice([told(1), told(2, minutes=200)]) == {1, 2}


def test_of_three_each_has_a_twin():
    assert told_twice([told(1), told(2, minutes=300), told(3, minutes=600)]) == {1, 2, 3}


def test_another_kind_place_area_or_day_is_no_pair():
    others = [
        told(2, category=2), told(3, lon=114.72), told(4, area=2), told(5, minutes=500),
    ]  # fmt: skip
    for other in others:
        assert told_twice([told(1), other]) == set()


def test_without_a_point_nothing_is_said():
    assert told_twice([told(1, lon=None, lat=None), told(2, lon=None, lat=None)]) == set()


def test_what_somebody_settled_stays_settled():
    assert told_twice([told(1), told(2)], {frozenset((1, 2))}) == set()
    assert told_twice([told(1), told(2), told(3)], {frozenset((1, 2))}) == {1, 2, 3}
