import math

import numpy as np
import pytest

from data.indicators.spc import expected, grid, noise
from data.indicators.spc.budget_table import FROZEN, MOVING
from data.indicators.spc.simulated import BEYOND, POINTS, found_by_chance
from data.vocabulary.review_terms import SpcRule


def test_612_series_give_some_23_signals_by_chance():
    """68 indicators of 9 units with limits frozen after half a year."""
    assert expected([26] * 612, frozen=True) == pytest.approx(23, abs=1)
    assert 3 < expected([26] * 612, [SpcRule.OUTSIDE]) < 5
    assert 5 < expected([26] * 612, [SpcRule.OUTSIDE], frozen=True) < 8


def test_series_without_limits_give_no_signal():
    assert expected([0, 5, 11]) == 0.0
    assert expected([]) == 0.0
    assert expected([11], min_points=2) > 0.0


def test_more_points_give_fewer_false_signals_and_more_rules_give_more():
    assert (
        expected(12, [SpcRule.OUTSIDE])
        > expected(30, [SpcRule.OUTSIDE])
        > expected(156, [SpcRule.OUTSIDE])
    )
    assert expected(52) > expected(52, [SpcRule.SHIFT]) > 0
    assert expected(10_000) == pytest.approx(expected(312))
    assert expected([26, 52], frozen=[True, False]) == pytest.approx(
        expected(26, frozen=True) + expected(52)
    )


def test_seven_on_one_side_of_a_known_centre_are_one_in_64():
    """Of seven points all on one side: 2 · (1/2)⁷."""
    assert expected(312, [SpcRule.SHIFT]) == pytest.approx(1 / 64, rel=0.1)
    assert expected(312, [SpcRule.TREND]) == pytest.approx(2 / 5040, rel=0.25)


def test_the_table_is_what_a_stable_process_gives():
    assert set(MOVING) == set(FROZEN) == set(POINTS)
    assert BEYOND > 7
    for points, frozen in ((12, False), (26, True), (52, False)):
        series = 20_000
        found = found_by_chance(points, frozen=frozen, series=series, seed=1)
        told = expected([points] * series, frozen=frozen)
        # Some 300 to 750 of 20 000: five standard errors are a fifth to a third of it.
        assert series - found[0] == pytest.approx(told, abs=5 * told**0.5)


def test_the_noise_of_a_grid_counts_what_can_signal():
    calm = [10.0, 12.0, 9.0, 11.0] * 7
    rows = [
        calm,
        [*calm[:-1], 60.0],
        [*calm[:-1], math.nan],
        [5.0] * 28,
        [math.nan] * 17 + calm[:11],
    ]
    moving = noise(grid(rows))
    assert (moving["series"], moving["found"]) == (3, 1)
    assert moving["expected"] == pytest.approx(expected([28, 28]))
    frozen = noise(grid(rows, baseline=26))
    assert frozen["expected"] == pytest.approx(expected([26, 26], frozen=True))


def test_stable_series_give_about_what_is_expected():
    rows = np.random.default_rng(5).normal(50, 4, (6000, 40))
    told = noise(grid(rows, baseline=26))
    assert told["found"] == pytest.approx(told["expected"], abs=5 * told["expected"] ** 0.5)
