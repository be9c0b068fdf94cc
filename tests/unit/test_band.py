"""The normal band: robust, never too narrow, never below zero."""

import pytest

from data.indicators.band import MIN_POINTS, Band, normal_band, slot, together
from data.vocabulary import Aggregation


def test_too_few_values_give_no_band():
    assert normal_band([5.0] * (MIN_POINTS - 1), Aggregation.SUM) is None
    assert normal_band([5.0] * MIN_POINTS, Aggregation.SUM).n == MIN_POINTS


def test_one_storm_does_not_widen_the_band():
    calm = normal_band([100.0, 101.0, 99.0, 102.0] * 5, Aggregation.SUM)
    storm = normal_band([100.0, 101.0, 99.0, 102.0] * 5 + [5000.0], Aggregation.SUM)
    assert storm.high - calm.high < 10


def test_small_counts_have_at_least_the_spread_of_chance():
    band = normal_band([4.0] * 20, Aggregation.SUM)
    assert (band.centre, band.low, band.high) == (4.0, 0.0, 10.0)
    assert normal_band([0.0] * 20, Aggregation.SUM).high == pytest.approx(3 * 0.5**0.5)


def test_a_ratio_that_never_moved_still_has_some_width():
    band = normal_band([95.0] * 20, Aggregation.RATIO)
    assert band.low < 95 < band.high
    assert normal_band([0.0] * 20, Aggregation.RATIO).sigma > 0


def test_a_band_is_never_below_zero():
    assert normal_band([0.0, 10.0] * 10, Aggregation.MEAN).low == 0


def test_a_slot_is_an_hour_of_a_workday_or_of_a_day_off():
    assert [slot(0, day_off=False), slot(23, day_off=False)] == [0, 23]
    assert [slot(0, day_off=True), slot(23, day_off=True)] == [24, 47]


def test_hours_together_add_their_centres_and_their_variances():
    whole = together([Band(10, 4, 16, 20), Band(20, 12, 28, 9)], [1, 1])
    assert (whole.centre, whole.n) == (30, 9)
    assert (whole.low, whole.high) == pytest.approx((30 - 10, 30 + 10))


def test_a_part_of_an_hour_counts_as_its_part():
    part = together([Band(10, 4, 16, 20)], [0.25])
    assert part.centre == 2.5
    assert part.high == pytest.approx(2.5 + 3)
    assert part.low == 0


def test_no_hours_have_no_band():
    assert together([], []) is None
