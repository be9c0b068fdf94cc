"""Counts to the value shown."""

import pytest

from data.indicators.value import add_areas, value_of
from data.vocabulary import Aggregation

RATIO, MEAN, SUM, LAST = Aggregation.RATIO, Aggregation.MEAN, Aggregation.SUM, Aggregation.LAST


@pytest.mark.parametrize(
    ("counts", "kind", "factor", "value"),
    [
        (None, SUM, 1, None),
        ((3, 4), RATIO, 100, 75),
        ((0, 4), RATIO, 100, 0),
        ((0, 0), RATIO, 100, None),
        ((3, None), RATIO, 100, None),
        ((36, 2), MEAN, 3.6, 64.8),
        ((0, 0), MEAN, 1, None),
        ((0, None), SUM, 1, 0),
        ((7, None), SUM, 2, 14),
        ((7, None), LAST, 1, 7),
    ],
)
def test_a_value_is_made_of_its_counts(counts, kind, factor, value):
    assert value_of(counts, kind, factor) == value


def test_areas_add_up_as_sum_over_sum():
    assert add_areas([(9, 10), (50, 100), (1, 1)]) == (60, 111)
    assert add_areas([(2, None), (3, None)]) == (5, None)


def test_no_areas_are_missing_and_not_zero():
    assert add_areas([]) is None
    assert add_areas([(0, None)]) == (0, None)


def test_an_area_with_nothing_to_count_adds_nothing():
    assert add_areas([(0, 0), (3, 4)]) == (3, 4)
    assert add_areas([(0, 0)]) == (0, 0)
    assert add_areas([(1, None), (3, 4)]) == (4, 4)


def test_any_iterable_will_do():
    assert add_areas((n, None) for n in range(4)) == (6, None)
