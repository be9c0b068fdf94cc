"""Any units: bands claim only what intervals that hold at once allow; identical units are one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.indicators import exact
from data.indicators.fair import FairKind, Unit, fair
from data.indicators.standing import MISS
from data.vocabulary import Direction
from data.vocabulary.review_terms import Doubt

pairs = st.lists(
    st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=2,
    max_size=40,
)


def _fair(drawn, kind=FairKind.SHARE, **more):
    return fair([Unit(f"u{i:03}", *pair) for i, pair in enumerate(drawn)], kind=kind, **more)


@given(pairs, st.sampled_from(FairKind), st.sampled_from(Direction))
def test_two_units_of_different_bands_are_told_apart(drawn, kind, direction):
    found = _fair(drawn, kind, direction=direction)
    placed = [p for p in found.points if p["ranks"]]
    if not placed:
        return
    interval = exact.share_interval if kind is FairKind.SHARE else exact.rate_interval
    place = [i for i, p in enumerate(found.points) if p["ranks"]]
    num, n = (np.array([drawn[i][k] for i in place], dtype=float) for k in (0, 1))
    low, high = interval(num, n, 1 - (1 - MISS) ** (1 / len(n)))
    worse = 1 if direction is not Direction.LOWER else -1
    for i, a in enumerate(placed):
        for j, b in enumerate(placed):
            if a["band"] and b["band"] and a["band"] < b["band"]:
                assert (low[i] > high[j]) if worse == 1 else (high[i] < low[j])
                assert a["ranks"][1] < b["ranks"][1]
            if a["band"] == b["band"]:
                assert a["ranks"][0] <= a["ranks"][1]


@given(pairs, st.sampled_from(FairKind))
def test_a_point_outside_is_outside_of_the_drawn_funnel(drawn, kind):
    found = _fair(drawn, kind, factor=100)
    funnel = found.funnel
    for point in (p for p in found.points if p["doubt"] is not Doubt.UNDER_FLOOR):
        at = int(np.abs(np.array(funnel["n"]) - point["n"]).argmin())
        if abs(funnel["n"][at] / point["n"] - 1) < 1e-9:
            side = "above" if point["value"] > funnel["high998"][at] + 1e-9 else ""
            side = "below" if point["value"] < funnel["low998"][at] - 1e-9 else side
            assert side in (point["outside"], "")


@given(pairs, st.randoms(use_true_random=False))
def test_the_order_of_units_changes_nothing(drawn, rng):
    units = [Unit(f"u{i:03}", *pair) for i, pair in enumerate(drawn)]
    shuffled = rng.sample(units, len(units))
    one, other = (fair(given, kind=FairKind.SHARE) for given in (units, shuffled))
    assert {p["area"]: p["band"] for p in one.points} == {
        p["area"]: p["band"] for p in other.points
    }


@given(pairs)
def test_nobody_is_ranked_under_the_floor_and_each_without_a_band_says_why(drawn):
    for point in _fair(drawn, floor=30).points:
        assert (point["band"] == 0) == (point["doubt"] is not None)
        assert (point["n"] < 30) == (point["doubt"] is Doubt.UNDER_FLOOR)


@pytest.mark.parametrize("kind", FairKind)
def test_identical_units_are_one_band(kind):
    """DOMAIN: 101 towns, each 95 % satisfied, 5 to 60 answers a month."""
    rng = np.random.default_rng(20260101)
    alone = 0
    outside = 0
    for _ in range(100):
        n = rng.integers(5, 61, 101)
        num = rng.binomial(n, 0.95) if kind is FairKind.SHARE else rng.poisson(n * 0.95)
        found = _fair(list(zip(num.tolist(), n.tolist(), strict=True)), kind)
        alone += found.bands == 1
        outside += sum(point["outside"] != "" for point in found.points)
    assert alone >= 99
    # 99.8 % limits call 0.2 % at most: 20 of 10,100.
    assert outside <= 30
