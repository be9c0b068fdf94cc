"""Value, limits and age to a state."""

import pytest

from data.catalogue.entries import Target
from data.indicators.band import Band
from data.indicators.judge import judge
from data.vocabulary import Direction, Level, Status

BAND = Band(centre=100, low=70, high=130, n=20)  # a sigma of 10


@pytest.fixture
def of(catalogue):
    """Return an indicator with the target and direction asked for."""

    def make(kind, direction=Direction.LOWER, **target):
        change = {"target": Target(kind=kind, **target), "direction": direction, "decimals": 0}
        return catalogue.indicators["PS-01"].model_copy(update=change)

    return make


def level(indicator, value, band=BAND, age=10):
    judged = judge(indicator, value, band, age_s=age, stale_after_s=60)
    return judged.status, judged.level


FLOOR = {"levels": {4: 95, 3: 90, 2: 80, 1: 50}}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (95, (Status.NORMAL, Level.NONE)),
        (94.9, (Status.WATCH, Level.BLUE)),
        (89, (Status.WATCH, Level.YELLOW)),
        (79, (Status.ALERT, Level.ORANGE)),
        (0, (Status.ALERT, Level.RED)),
    ],
)
def test_below_a_floor_is_bad(of, value, expected):
    assert level(of("floor", **FLOOR), value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (9, (Status.NORMAL, Level.NONE)),
        (10, (Status.WATCH, Level.BLUE)),
        (15, (Status.WATCH, Level.YELLOW)),
        (99, (Status.ALERT, Level.ORANGE)),
    ],
)
def test_at_a_ceiling_is_bad(of, value, expected):
    assert level(of("ceiling", levels={4: 10, 3: 15, 2: 30}), value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (75, Level.NONE),
        (60, Level.NONE),
        (59, Level.BLUE),
        (39, Level.YELLOW),
        (93, Level.BLUE),
        (99, Level.ORANGE),
    ],
)
def test_a_range_is_bad_on_both_sides(of, value, expected):
    limits = {"low": {4: 60, 3: 40}, "levels": {4: 93, 3: 96, 2: 99}}
    assert level(of("range", Direction.RANGE, **limits), value)[1] == expected


def test_a_target_of_none_is_never_coloured(of):
    assert level(of("none"), 1e9) == (Status.NORMAL, Level.NONE)


@pytest.mark.parametrize(
    ("direction", "value", "expected"),
    [
        (Direction.LOWER, 129, Level.NONE),
        (Direction.LOWER, 130, Level.BLUE),
        (Direction.LOWER, 150, Level.YELLOW),
        (Direction.LOWER, 500, Level.ORANGE),
        (Direction.LOWER, 0, Level.NONE),
        (Direction.HIGHER, 500, Level.NONE),
        (Direction.HIGHER, 70, Level.BLUE),
        (Direction.HIGHER, 20, Level.ORANGE),
        (Direction.RANGE, 70, Level.BLUE),
        (Direction.RANGE, 130, Level.BLUE),
        (Direction.NEUTRAL, 0, Level.NONE),
        (Direction.NEUTRAL, 130, Level.BLUE),
        (Direction.NEUTRAL, 500, Level.YELLOW),
    ],
)
def test_outside_its_band_is_judged_on_the_worse_side_only(of, direction, value, expected):
    assert level(of("band", direction), value)[1] == expected


def test_statistics_never_give_red(of):
    assert level(of("band"), 1e12)[1] == Level.ORANGE


def test_without_a_band_or_with_one_of_no_width_nothing_is_said(of):
    assert level(of("band"), 1e9, band=None) == (Status.NORMAL, Level.NONE)
    assert level(of("band"), 1e9, band=Band(5, 5, 5, 20)) == (Status.NORMAL, Level.NONE)


def test_no_data_and_stale_outrank_every_level(of):
    worst = of("ceiling", levels={1: 0})
    assert level(worst, 10) == (Status.ALERT, Level.RED)
    assert level(worst, None) == (Status.NO_DATA, Level.NONE)
    assert level(worst, 10, age=None) == (Status.NO_DATA, Level.NONE)
    assert level(worst, 10, age=60) == (Status.ALERT, Level.RED)
    assert level(worst, 10, age=60.1) == (Status.STALE, Level.NONE)
    assert level(worst, None, age=999) == (Status.NO_DATA, Level.NONE)


def test_zero_is_a_value(of):
    assert level(of("floor", levels={1: 5}), 0) == (Status.ALERT, Level.RED)


def test_the_reason_is_said_in_both_languages(of):
    def why(indicator, value):
        return judge(indicator, value, BAND, age_s=0, stale_after_s=1).why

    assert why(of("floor", **FLOOR), 70) == {"zh": "低于 80", "en": "below 80"}
    assert why(of("ceiling", levels={4: 2.5}), 3) == {"zh": "达到 2.5", "en": "at or above 2.5"}
    assert why(of("band"), 200) == {
        "zh": "超出常态区间 70–130",
        "en": "outside the normal band 70–130",
    }
    assert why(of("floor", **FLOOR), 99) == {"zh": "", "en": ""}
