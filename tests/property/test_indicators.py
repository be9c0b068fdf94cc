"""Sums are sums whatever the order; a band holds its centre."""

import math

from hypothesis import given
from hypothesis import strategies as st

from data.indicators.band import normal_band, together
from data.indicators.value import add_areas, value_of
from data.vocabulary import Aggregation

COUNTS = st.tuples(st.integers(0, 10**6), st.one_of(st.none(), st.integers(0, 10**6)))
PAIRS = st.tuples(st.integers(0, 1000), st.integers(0, 1000)).map(lambda p: (min(p), max(p)))
VALUES = st.lists(st.floats(0, 1e6), min_size=8, max_size=60)
KINDS = st.sampled_from(list(Aggregation))


@given(st.lists(COUNTS, min_size=1), st.randoms())
def test_the_order_of_areas_does_not_matter(parts, random):
    mixed = list(parts)
    random.shuffle(mixed)
    assert add_areas(mixed) == add_areas(parts)


@given(st.lists(PAIRS, min_size=2), st.data())
def test_adding_in_two_steps_is_adding_at_once(parts, data):
    cut = data.draw(st.integers(1, len(parts) - 1))
    halves = [add_areas(parts[:cut]), add_areas(parts[cut:])]
    assert add_areas(halves) == add_areas(parts)


@given(st.lists(PAIRS, min_size=1))
def test_a_ratio_of_areas_lies_between_the_ratios(parts):
    whole = value_of(add_areas(parts), Aggregation.RATIO, 100)
    values = [v for p in parts if (v := value_of(p, Aggregation.RATIO, 100)) is not None]
    assert (whole is None) == (not values)
    if whole is not None:
        assert min(values) - 1e-9 <= whole <= max(values) + 1e-9


@given(COUNTS, KINDS)
def test_a_value_is_finite_or_missing(counts, kind):
    value = value_of(counts, kind, 100)
    assert value is None or math.isfinite(value)


@given(VALUES, KINDS)
def test_a_band_holds_its_centre_and_is_never_below_zero(values, kind):
    band = normal_band(values, kind)
    assert 0 <= band.low <= band.centre <= band.high
    assert min(values) <= band.centre <= max(values)
    assert band.sigma > 0
    assert band.n == len(values)


@given(VALUES, KINDS, st.randoms())
def test_the_order_of_the_past_does_not_matter(values, kind, random):
    mixed = list(values)
    random.shuffle(mixed)
    one, other = normal_band(values, kind), normal_band(mixed, kind)
    assert math.isclose(one.high, other.high, rel_tol=1e-9)


@given(st.lists(VALUES, min_size=1, max_size=6))
def test_hours_together_are_narrower_than_their_widths_added(found):
    bands = [normal_band(v, Aggregation.SUM) for v in found]
    whole = together(bands, [1.0] * len(bands))
    assert math.isclose(whole.centre, sum(b.centre for b in bands), rel_tol=1e-9, abs_tol=1e-9)
    assert whole.high <= sum(b.high for b in bands) + 1e-6
