import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.indicators.spc import chart, grid
from data.indicators.spc.labels import label
from data.vocabulary import Direction
from data.vocabulary.review_terms import ChartKind, Signal, SpcRule
from tests.spc_samples import plain_labels, plain_limits

QUICK = settings(max_examples=80, deadline=None)
whole = st.integers(-40, 40).map(float)
sparse = st.one_of(whole, st.just(math.nan))
series = st.lists(whole, min_size=12, max_size=60)
holey = st.lists(sparse, min_size=12, max_size=60)
counted = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 60)).map(lambda x: (min(x), x[1])),
    min_size=12,
    max_size=50,
)


def same(a, b):
    np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)


@QUICK
@given(st.one_of(series, holey))
def test_limits_and_labels_are_those_of_the_definitions(values):
    there = sum(not math.isnan(v) for v in values)
    moves = [abs(b - a) for a, b in itertools.pairwise(values) if not math.isnan(b - a)]
    if there < 2 or not any(moves):
        return
    centre, lower, upper, near_lower, near_upper = plain_limits(values)
    edges = (centre, lower, upper, near_lower, near_upper)
    if any(0 < abs(v - edge) < 1e-9 for v in values for edge in edges):
        return  # on the line but for rounding: the loops do not forgive what the chart does
    found = chart(values, min_points=2)
    if math.isclose(lower, upper):
        assert np.isnan(found.upper).all()
        return
    same(found.centre, centre)
    same(found.lower, lower)
    same(found.upper, upper)
    labels = [label(*point) for point in zip(found.rules, found.toward, strict=True)]
    assert labels == plain_labels(values, *edges)


@QUICK
@given(st.lists(st.lists(sparse, min_size=30, max_size=30), min_size=1, max_size=6), st.data())
def test_a_grid_is_the_charts_of_its_series(rows, data):
    breaks = [data.draw(st.lists(st.integers(-2, 32), max_size=3)) for _ in rows]
    ways = [data.draw(st.sampled_from(list(Direction))) for _ in rows]
    kind = data.draw(st.sampled_from([ChartKind.XMR, ChartKind.C, ChartKind.T, ChartKind.G]))
    base = data.draw(st.one_of(st.none(), st.integers(1, 20)))
    many = grid(rows, kind=kind, directions=ways, breaks=breaks, baseline=base, min_points=3)
    for at, row in enumerate(rows):
        one = chart(
            row, kind=kind, direction=ways[at], breaks=breaks[at], baseline=base, min_points=3
        )
        same(many.centre[at], one.centre)
        same(many.upper[at], one.upper)
        same(many.strength[at], one.strength)
        assert [many.signal(at, week) for week in range(30)] == one.signals
        assert many.doubts[at] == one.doubt


@QUICK
@given(st.lists(counted.filter(lambda r: len(r) >= 20), min_size=1, max_size=4))
def test_a_grid_of_shares_is_the_charts_of_its_series(rows):
    num = np.array([[a for a, _ in r[:20]] for r in rows], float)
    den = np.array([[b for _, b in r[:20]] for r in rows], float)
    for kind in (ChartKind.P, ChartKind.PPRIME, ChartKind.U):
        many = grid(num, kind=kind, denominators=den)
        for at in range(len(rows)):
            one = chart(num[at], kind=kind, denominators=den[at])
            same(many.lower[at], one.lower)
            assert [many.signal(at, week) for week in range(20)] == one.signals


@QUICK
@given(holey, st.integers(-6, 6).map(lambda n: 2.0**n), st.integers(-64, 64).map(float))
def test_limits_move_with_the_unit_and_the_zero(values, times, plus):
    plain = chart(values)
    moved = chart([times * v + plus for v in values])
    same(moved.centre, times * plain.centre + plus)
    same(moved.lower, times * plain.lower + plus)
    same(moved.upper, times * plain.upper + plus)
    assert moved.rules == plain.rules
    assert moved.strength == pytest.approx(plain.strength, rel=1e-6)


@QUICK
@given(holey)
def test_turned_upside_down_the_same_points_are_marked(values):
    plain = chart(values, direction=Direction.HIGHER)
    turned = chart([-v for v in values], direction=Direction.LOWER)
    assert turned.rules == plain.rules
    assert turned.signals == plain.signals
    assert [-t for t in turned.toward] == plain.toward
    same(turned.upper, -plain.lower)


@QUICK
@given(series, series, st.one_of(st.none(), st.integers(1, 30)))
def test_a_break_is_two_charts(first, second, baseline):
    both = chart([*first, *second], breaks=[len(first)], baseline=baseline)
    parts = [chart(part, baseline=baseline) for part in (first, second)]
    same(both.upper, np.concatenate([p.upper for p in parts]))
    assert both.rules == parts[0].rules + parts[1].rules
    assert both.strength == parts[1].strength
    assert both.doubt == parts[1].doubt


@QUICK
@given(st.floats(-1e9, 1e9), st.integers(1, 80), st.sampled_from(list(ChartKind)))
def test_a_series_of_equal_values_is_never_a_signal(value, n, kind):
    if kind is ChartKind.XMR:
        found = chart([value] * n, min_points=1)
    else:
        den = [100.0] * n if kind in (ChartKind.P, ChartKind.PPRIME, ChartKind.U) else None
        found = chart([abs(value) % 90] * n, kind=kind, denominators=den, min_points=1)
    assert set(found.signals) == {Signal.COMMON}
    assert found.strength == 0.0


@QUICK
@given(holey)
def test_a_signal_has_a_rule_and_a_strength_at_its_end(values):
    found = chart(values)
    for signal, rules, toward in zip(found.signals, found.rules, found.toward, strict=True):
        assert (signal is Signal.COMMON) == (not rules) == (toward == 0)
    assert (found.strength > 0) == (found.signal is not Signal.COMMON)
    if SpcRule.OUTSIDE in found.rules[-1]:
        assert found.strength > 3 - 1e-9


@QUICK
@given(counted)
def test_shares_stay_between_nought_and_one(pairs):
    num, den = [a for a, _ in pairs], [b for _, b in pairs]
    found = chart(num, kind=ChartKind.P, denominators=den)
    drawn = ~np.isnan(found.upper)
    assert (found.lower[drawn] >= 0).all()
    assert (found.upper[drawn] <= 1).all()
    assert not (drawn & (np.array(den) == 0)).any()
