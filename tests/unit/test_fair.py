"""A fair comparison: exact limits, a funnel that holds, bands that claim no more than is sure."""

import math

import numpy as np
import pytest

from data.indicators import exact
from data.indicators.fair import FairKind, Unit, fair, kind_of
from data.vocabulary import Aggregation, Direction
from data.vocabulary.review_terms import Doubt


def shares(*pairs, **more):
    units = [Unit(f"u{i}", part, whole) for i, (part, whole) in enumerate(pairs)]
    return fair(units, kind=FairKind.SHARE, factor=100, **more)


def bands(result):
    return [point["band"] for point in result.points]


def _binomial_at_least(x, n, p):
    return sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(x, n + 1))


def _poisson_at_least(x, mu):
    return 1 - sum(math.exp(-mu) * mu**k / math.factorial(k) for k in range(x))


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        # Clopper and Pearson 1934, as every statistics package gives them.
        (0, 10, 0.0, 0.3084971),
        (10, 10, 0.6915029, 1.0),
        (5, 10, 0.1870860, 0.8129140),
        (10, 11, 0.5872201, 0.9977010),
        (1, 100, 0.0002531, 0.0544594),
    ],
)
def test_the_interval_of_a_share_is_that_of_clopper_and_pearson(part, whole, low, high):
    found = exact.share_interval(np.array([part * 1.0]), np.array([whole * 1.0]), 0.05)
    np.testing.assert_allclose([found[0][0], found[1][0]], [low, high], atol=5e-7)


@pytest.mark.parametrize(
    ("count", "low", "high"),
    # The table of Garwood 1936.
    [(0, 0.0, 3.689), (1, 0.025, 5.572), (10, 4.795, 18.390), (100, 81.364, 121.627)],
)
def test_the_interval_of_a_count_is_that_of_garwood(count, low, high):
    found = exact.rate_interval(np.array([count * 1.0]), np.array([1.0]), 0.05)
    np.testing.assert_allclose([found[0][0], found[1][0]], [low, high], atol=6e-4)


@pytest.mark.parametrize("n", [5, 17, 60, 240])
@pytest.mark.parametrize("p", [0.02, 0.5, 0.95])
def test_a_share_is_beyond_its_limit_when_chance_gives_it_less_often(n, p):
    low, high = exact.share_limits(np.array([n * 1.0]), p, 0.001)
    for x in range(n + 1):
        assert (x / n > high[0]) == (_binomial_at_least(x, n, p) < 0.001)
        assert (x / n < low[0]) == (1 - _binomial_at_least(x + 1, n, p) < 0.001)


@pytest.mark.parametrize("mu", [0.0004, 0.3, 4.0, 31.0])
def test_a_count_is_beyond_its_limit_when_chance_gives_it_less_often(mu):
    low, high = exact.rate_limits(np.array([20.0]), mu / 20, 0.001)
    for x in range(90):
        assert (x / 20 > high[0]) == (_poisson_at_least(x, mu) < 0.001)
        assert (x / 20 < low[0]) == (1 - _poisson_at_least(x + 1, mu) < 0.001)


def test_ten_of_eleven_is_no_first_place():
    """DOMAIN: small units fill the first and last places by luck."""
    found = shares((11, 11), (285, 300), (380, 400), (10, 12), (190, 200))
    assert bands(found) == [1, 1, 1, 1, 1]
    assert [point["outside"] for point in found.points] == [""] * 5
    assert found.centre == pytest.approx(100 * 876 / 923)
    assert found.points[0]["ranks"] == (1, 5)


def test_a_unit_that_is_surely_worse_has_a_band_of_its_own():
    found = shares((190, 200), (380, 400), (60, 100), (285, 300))
    assert bands(found) == [1, 1, 2, 1]
    assert found.points[2]["outside"] == "below"
    assert [point["ranks"] for point in found.points] == [(1, 3), (1, 3), (4, 4), (1, 3)]
    assert found.bands == 2


def test_band_one_is_the_best_by_the_direction():
    pairs = [(190, 200), (60, 100)]
    assert bands(shares(*pairs, direction=Direction.HIGHER)) == [1, 2]
    assert bands(shares(*pairs, direction=Direction.LOWER)) == [2, 1]
    assert bands(shares(*pairs)) == [1, 2]
    assert shares(*pairs, direction=Direction.LOWER).points[1]["ranks"] == (1, 1)


def test_a_unit_between_two_bands_is_in_neither_and_says_why():
    found = shares((970, 1000), (960, 1000), (700, 1000), (690, 1000), (16, 20), (695, 1000))
    assert bands(found) == [1, 1, 2, 2, 0, 2]
    assert found.points[4]["doubt"] is Doubt.BETWEEN_BANDS
    assert found.points[4]["ranks"] == (1, 6)


def test_under_the_floor_there_is_no_place_and_no_bottom():
    found = shares((0, 9), (95, 100), (190, 200), floor=10)
    first = found.points[0]
    assert (first["band"], first["doubt"], first["ranks"]) == (0, Doubt.UNDER_FLOOR, None)
    assert (first["value"], first["outside"]) == (0, "")
    assert first["high"] == pytest.approx(33.627, abs=1e-3)
    assert (found.floor, found.doubt) == (10, None)


def test_a_count_needs_so_many_expected_events():
    """15 events among 60 000 people is 2.5 by 10 000; ten expected need 40 000."""
    units = [Unit("a", 5, 20_000), Unit("b", 10, 40_000)]
    found = fair(units, kind=FairKind.COUNT, floor=10, factor=10_000)
    assert found.centre == pytest.approx(2.5)
    assert found.floor == pytest.approx(40_000)
    assert [p["doubt"] for p in found.points] == [Doubt.UNDER_FLOOR, None]
    assert found.points[1]["low"] == pytest.approx(10_000 * 4.7954 / 40_000, abs=1e-4)


@pytest.mark.parametrize(
    ("unit", "doubt", "value"),
    [
        (Unit("x", 0, 0), Doubt.ZERO_DENOMINATOR, None),
        (Unit("x", None, 40), Doubt.NO_DATA, None),
        (Unit("x", 3, 40, Doubt.HIDDEN), Doubt.HIDDEN, None),
        (Unit("x", 41, 40), Doubt.NOT_A_SHARE, 102.5),
        (Unit("x", -1, 40), Doubt.NOT_A_SHARE, -2.5),
        (Unit("x", 3, math.nan), Doubt.ZERO_DENOMINATOR, None),
        (Unit("x", 3, math.inf), Doubt.ZERO_DENOMINATOR, None),
        (Unit("x", math.nan, 40), Doubt.NO_DATA, None),
    ],
)
def test_a_unit_without_a_share_is_listed_and_spoils_nothing(unit, doubt, value):
    others = [Unit("a", 94, 100), Unit("b", 190, 200)]
    found = fair([unit, *others], kind=FairKind.SHARE, factor=100)
    assert found.points[0] == {
        "area": "x",
        "n": 40 if unit.n == 40 else 0,
        "value": None if value is None else pytest.approx(value),
        "low": None,
        "high": None,
        "outside": "",
        "band": 0,
        "ranks": None,
        "doubt": doubt,
    }
    assert found.points[1:] == fair(others, kind=FairKind.SHARE, factor=100).points
    assert found.doubt is None


@pytest.mark.parametrize(
    ("units", "doubt"),
    [
        ([], Doubt.NO_DATA),
        ([Unit("a", 0, 0), Unit("b", 0, 0)], Doubt.ZERO_DENOMINATOR),
        ([Unit("a", None, 50)], Doubt.NO_DATA),
        ([Unit("a", 40, 50)], Doubt.UNDER_FLOOR),
        ([Unit("a", 4, 5), Unit("b", 40, 50)], Doubt.UNDER_FLOOR),
        ([Unit("a", 50, 50), Unit("b", 20, 20)], Doubt.ALL_EQUAL),
        ([Unit("a", 0, 50), Unit("b", 0, 20)], Doubt.ALL_EQUAL),
    ],
)
@pytest.mark.parametrize("kind", FairKind)
def test_what_cannot_be_compared_says_why(units, doubt, kind):
    found = fair(units, kind=kind)
    assert found.doubt is doubt
    assert all(point["outside"] == "" for point in found.points)


def test_the_funnel_spans_the_units_and_narrows():
    found = shares((9, 10), (95, 100), (940, 1000))
    funnel = found.funnel
    assert len(funnel["n"]) == 40
    assert (funnel["n"][0], funnel["n"][-1]) == (pytest.approx(10), pytest.approx(1000))
    assert funnel["low998"] == sorted(funnel["low998"])
    assert funnel["high998"][-1] < funnel["high998"][0] == 100
    for place in range(40):
        line = [funnel[k][place] for k in ("low998", "low95", "high95", "high998")]
        assert line == sorted(line)
        assert line[0] < found.centre < line[3]


def test_units_of_one_size_have_one_place_in_the_funnel():
    assert shares((9, 10), (8, 10)).funnel["n"] == [10]


def test_ordinary_differences_widen_the_funnel():
    """Large units differ a little for many reasons; the limits of chance alone would call each."""
    rng = np.random.default_rng(5)
    truth = rng.normal(0.8, 0.04, 60)
    pairs = [(int(rng.binomial(5000, p)), 5000) for p in truth]
    found = shares(*pairs)
    chance = exact.share_limits(np.array([5000.0]), found.centre / 100, 0.001)
    alone = sum(not chance[0][0] <= part / whole <= chance[1][0] for part, whole in pairs)
    assert alone > 30
    assert sum(point["outside"] != "" for point in found.points) <= 1
    assert 3 < found.spread < 5


def test_ordinary_differences_do_not_blur_what_can_be_told_apart():
    found = shares(*[(3750, 5000), (4250, 5000)] * 15)
    assert bands(found) == [2, 1] * 15
    assert {point["outside"] for point in found.points} == {""}
    assert found.spread == pytest.approx(5, abs=0.2)


def test_an_outlier_does_not_hide_itself():
    found = shares(*[(900, 1000), (905, 1000), (896, 1000)] * 5, (700, 1000))
    assert found.points[-1]["outside"] == "below"
    assert [point["outside"] for point in found.points[:-1]] == [""] * 15


@pytest.mark.parametrize(
    ("aggregation", "factor", "per", "kind"),
    [
        (Aggregation.RATIO, 100, 0, FairKind.SHARE),
        (Aggregation.RATIO, 1, 0, FairKind.COUNT),
        (Aggregation.SUM, 1, 10_000, FairKind.COUNT),
        (Aggregation.SUM, 1, 0, None),
        (Aggregation.MEAN, 1, 0, None),
        (Aggregation.LAST, 1, 10_000, None),
    ],
)
def test_how_an_indicator_is_compared_follows_from_what_it_is(aggregation, factor, per, kind):
    assert kind_of(aggregation, factor, per) is kind
