import itertools
import math

import numpy as np
import pytest

from data.indicators.spc import assurance, chart, chart_of, grid, strength
from data.vocabulary import Direction
from data.vocabulary.review_terms import Assurance, ChartKind, Doubt, Signal, SpcRule

CALM = [10.0, 12.0, 9.0, 11.0, 10.0, 8.0, 11.0, 9.0, 12.0, 10.0, 11.0, 9.0]
"""Mean 122/12, moving ranges 2 3 2 1 2 3 2 3 2 1 2: mean 23/11, none of them wild."""
HALF = 2.66 * 23 / 11


def aim(kind, low=None, high=None):
    return {"kind": kind, "low": low, "high": high, "set_by": "", "since": ""}


def test_limits_are_2_66_mean_moving_ranges_from_the_mean():
    found = chart(CALM)
    assert found.centre[0] == pytest.approx(122 / 12)
    assert found.upper[5] == pytest.approx(122 / 12 + HALF)
    assert found.lower[-1] == pytest.approx(122 / 12 - HALF)
    assert (found.points, found.doubt, strength(found)) == (12, None, 0.0)
    assert set(found.signals) == {Signal.COMMON}


def test_a_wild_range_is_screened_once_and_the_mean_keeps_its_point():
    values = [*CALM, 60.0, *CALM]
    found = chart(values)
    moves = [abs(b - a) for a, b in itertools.pairwise(values)]
    kept = [m for m in moves if m < 3.267 * sum(moves) / len(moves)]
    assert len(moves) - len(kept) == 2
    assert found.centre[0] == pytest.approx(sum(values) / 25)
    assert found.upper[0] - found.centre[0] == pytest.approx(2.66 * sum(kept) / len(kept))
    assert found.rules[12] == {SpcRule.OUTSIDE}


def test_better_and_worse_depend_on_the_direction():
    values = [*CALM, 30.0]
    told = {d: chart(values, direction=d, baseline=12).signal for d in Direction}
    assert told == {
        Direction.HIGHER: Signal.IMPROVEMENT,
        Direction.LOWER: Signal.CONCERN,
        Direction.NEUTRAL: Signal.NEUTRAL,
        Direction.RANGE: Signal.NEUTRAL,
    }


def test_a_baseline_freezes_the_limits():
    later = [*CALM, 13.0, 14.0, 25.0, 11.0]
    found = chart(later, baseline=12)
    assert (found.centre == chart(CALM).centre[0]).all()
    assert (found.upper == chart(CALM).upper[0]).all()
    assert found.points == 12


def test_a_break_restarts_limits_and_runs():
    second = [v + 50 for v in CALM]
    found = chart([*CALM, *second], breaks=[12])
    assert [(s.start, s.end, s.points) for s in found.segments] == [(0, 12, 12), (12, 24, 12)]
    assert found.centre[12] == pytest.approx(found.centre[11] + 50)
    assert set(found.signals) == {Signal.COMMON}
    assert set(chart([*CALM, *second]).signals) == {Signal.NEUTRAL}


def test_after_a_break_there_are_no_limits_until_there_are_twelve_points():
    found = chart([*CALM, 60.0, 61.0], breaks=[12])
    assert np.isnan(found.upper[12:]).all()
    assert found.upper[11] == pytest.approx(122 / 12 + HALF)
    assert (found.doubt, found.signal) == (Doubt.TOO_FEW, Signal.COMMON)


def test_eleven_points_give_no_limits_unless_asked():
    few = chart(CALM[:11])
    assert np.isnan(few.centre).all()
    assert (few.doubt, few.points) == (Doubt.TOO_FEW, 11)
    assert np.isfinite(chart(CALM[:11], min_points=2).upper).all()


def test_equal_values_have_no_limits_and_no_signal():
    found = chart([0.1] * 30)
    assert np.isnan(found.lower).all()
    assert found.centre[0] == 0.1
    assert (found.doubt, set(found.signals)) == (Doubt.ALL_EQUAL, {Signal.COMMON})


def test_nothing_told_is_no_data():
    assert chart([math.nan] * 20).doubt is Doubt.NO_DATA
    assert chart([]).doubt is Doubt.NO_DATA
    assert chart([]).segments == []


def test_a_missing_point_keeps_its_limits_and_ends_every_run():
    high = [15.0] * 6
    found = chart([*CALM, *high, math.nan, *high], baseline=12)
    assert np.isfinite(found.upper[18])
    assert all(SpcRule.SHIFT not in r for r in found.rules)
    assert SpcRule.SHIFT in chart([*CALM, *high, 15.0, *high], baseline=12).rules[18]


def test_a_point_on_the_mean_ends_a_run():
    values = [0.0, 4.0] * 6
    run = [3.0] * 3 + [2.0] + [3.0] * 3
    assert all(not r for r in chart([*values, *run], baseline=12).rules)
    assert chart([*values, *[3.0] * 7], baseline=12).rules[12] == {SpcRule.SHIFT}


def test_equal_neighbours_end_a_trend():
    values = [0.0, 9.0] * 6
    rising = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    found = chart([*values, *rising], baseline=12, direction=Direction.LOWER)
    assert found.rules[12] == found.rules[18] == {SpcRule.TREND}
    assert found.signals[12] is Signal.CONCERN
    flat = [1.0, 2.0, 3.0, 3.0, 4.0, 5.0, 6.0]
    assert all(SpcRule.TREND not in r for r in chart([*values, *flat], baseline=12).rules)


def test_where_a_trend_turns_the_later_one_names_the_point():
    peak = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0]
    found = chart([*[0.0, 9.0] * 6, *peak], baseline=12)
    assert found.toward[12:18] == [1] * 6
    assert found.toward[18:] == [-1] * 7


def test_two_of_three_marks_the_near_points_only():
    values = [0.0, 4.0] * 6
    wide = [2.0 - 8, 2.0 + 10, 2.0 + 1, 2.0 + 10, 2.0 - 8]
    found = chart([*values, *wide], baseline=12)
    assert found.centre[0] == 2.0
    # The limits are 2 ± 10.64, the outer third begins at 2 ± 7.09.
    assert [SpcRule.TWO_OF_THREE in r for r in found.rules[12:]] == [
        False,
        True,
        False,
        True,
        False,
    ]
    other = chart([*values, 12.0, 1.0, 12.0], baseline=12)
    assert all(not r for r in other.rules)


def test_a_share_of_nothing_is_no_point_and_says_so():
    found = chart([5] * 12 + [0], kind=ChartKind.P, denominators=[50] * 12 + [0])
    assert math.isnan(found.values[-1])
    assert math.isnan(found.upper[-1])
    assert found.doubt is Doubt.ZERO_DENOMINATOR


def test_what_cannot_be_is_left_out_and_told():
    found = chart([5] * 12 + [9, -1], kind=ChartKind.P, denominators=[50] * 12 + [8, 50])
    assert found.refused == [12, 13]
    assert found.centre[0] == pytest.approx(0.1)
    assert chart([1.0, 0.0] * 6, kind=ChartKind.T).refused == [1, 3, 5, 7, 9, 11]
    with pytest.raises(ValueError, match="denominators"):
        chart(CALM, kind=ChartKind.U)
    with pytest.raises(ValueError, match="baseline"):
        chart(CALM, baseline=0)


def test_counts_rates_and_scale():
    counts = chart([4, 9, 6, 7] * 3, kind=ChartKind.C)
    assert (counts.centre[0], counts.upper[0], counts.lower[0]) == pytest.approx(
        (6.5, 6.5 + 3 * math.sqrt(6.5), 0.0)
    )
    rates = chart([2, 6] * 6, kind=ChartKind.U, denominators=[10, 30] * 6, scale=100)
    assert rates.values[0] == pytest.approx(20)
    assert rates.centre[0] == pytest.approx(48 / 240 * 100)
    assert rates.upper[1] == pytest.approx(100 * (0.2 + 3 * math.sqrt(0.2 / 30)))
    assert math.isnan(rates.segments[0].upper)


def test_p_prime_widens_by_what_is_between_the_weeks():
    num, den = [10, 30] * 6, [100] * 12
    plain, prime = (chart(num, kind=k, denominators=den) for k in (ChartKind.P, ChartKind.PPRIME))
    sigma = math.sqrt(0.2 * 0.8 / 100)
    between = 0.2 / sigma / 1.128  # every z differs from the next by 0.2 ÷ sigma
    assert plain.upper[0] == pytest.approx(0.2 + 3 * sigma)
    assert prime.upper[0] == pytest.approx(0.2 + 3 * sigma * between)
    assert prime.lower[0] == 0.0


def test_times_and_chances_between_rare_events():
    times = [3.0, 10.0, 5.0, 8.0] * 3
    found = chart(times, kind=ChartKind.T)
    roots = [t ** (1 / 3.6) for t in times]
    moves = [abs(b - a) for a, b in itertools.pairwise(roots)]
    middle, off = sum(roots) / 12, 3 * sum(moves) / 11 / 1.128
    assert found.centre[0] == pytest.approx(middle**3.6)
    assert found.upper[0] == pytest.approx((middle + off) ** 3.6)
    assert found.lower[0] == pytest.approx(max(middle - off, 0) ** 3.6)
    chances = chart([1, 4, 10, 5] * 3, kind=ChartKind.G)
    assert chances.centre[0] == 4.5  # the median; the limits stand on the mean
    assert chances.upper[0] == pytest.approx(5 + 3 * math.sqrt(30))
    assert chances.lower[0] == 0.0


def test_an_xmr_chart_of_quotients():
    found = chart([1, 2, 3] * 4, denominators=[10, 10, 10] * 4, scale=100)
    assert found.values[:3] == pytest.approx([10, 20, 30])
    assert found.upper[0] == pytest.approx(100 * chart([0.1, 0.2, 0.3] * 4).upper[0])


def test_strength_is_in_sigmas_of_a_point_or_as_rare_as_one():
    outside = chart([*CALM, 122 / 12 + 2 * HALF], baseline=12)
    assert strength(outside) == pytest.approx(6.0)
    seven, nine = (chart([*CALM, *[12.0] * n], baseline=12) for n in (7, 9))
    assert strength(seven) == pytest.approx(2.4176, abs=1e-4)  # 2 ÷ 2⁷ two-sided
    assert strength(nine) > strength(seven)
    assert strength(chart([*CALM, *[12.0] * 7, 9.0], baseline=12)) == 0.0


def test_assurance_by_the_limits_of_the_last_point():
    floor, ceiling = aim("floor", low=90), aim("ceiling", high=90)
    assert assurance((91.0, 99.0), floor) is Assurance.HIT
    assert assurance((70.0, 89.0), floor) is Assurance.MISS
    assert assurance((85.0, 95.0), floor) is Assurance.EITHER
    assert assurance((91.0, 99.0), ceiling) is Assurance.MISS
    assert assurance((70.0, 89.0), ceiling) is Assurance.HIT
    assert assurance((40.0, 60.0), aim("range", 30, 70)) is Assurance.HIT
    assert assurance((40.0, 80.0), aim("range", 30, 70)) is Assurance.EITHER
    assert assurance((75.0, 80.0), aim("range", 30, 70)) is Assurance.MISS
    assert assurance((40.0, 80.0), aim("band")) is Assurance.NO_TARGET
    assert assurance((40.0, 80.0), aim("floor")) is Assurance.NO_TARGET
    assert assurance((math.nan, math.nan), floor) is Assurance.TOO_FEW
    assert assurance(chart(CALM), aim("floor", low=4)) is Assurance.HIT
    assert assurance(chart([]), floor) is Assurance.TOO_FEW


def test_a_grid_of_many_and_one_that_does_not_fit():
    many = grid([CALM, CALM[::-1]], directions=[Direction.HIGHER, Direction.LOWER])
    assert many.centre.shape == (2, 12)
    assert many.signalled.tolist() == [False, False]
    with pytest.raises(ValueError, match="direction"):
        grid([CALM], directions=[Direction.HIGHER, Direction.LOWER])
    with pytest.raises(ValueError, match="breaks"):
        grid([CALM], breaks=[[], []])
    with pytest.raises(ValueError, match="denominator"):
        grid([CALM], denominators=[[1.0]])


def test_a_series_that_begins_late_has_its_baseline_from_its_first_value():
    late = [math.nan] * 5 + [*CALM, 13.0, 14.0]
    found = chart(late, baseline=12)
    assert found.upper[-1] == pytest.approx(122 / 12 + HALF)
    assert (found.points, found.doubt) == (12, None)
    by_place = chart(late, baseline=12, late=False)
    assert (by_place.points, by_place.doubt) == (7, Doubt.TOO_FEW)


def test_a_grid_says_why_and_gives_each_chart():
    rows = [[*CALM, 30.0], [*CALM, 10.0], [*CALM, 4.0]]
    many = grid(rows, baseline=12, directions=Direction.HIGHER)
    assert [many.signal(at) for at in range(3)] == [
        Signal.IMPROVEMENT,
        Signal.COMMON,
        Signal.CONCERN,
    ]
    assert (many.why(0), many.why(1)) == ({SpcRule.OUTSIDE}, frozenset())
    assert chart_of(many, 2).rules == chart(rows[2], baseline=12).rules
    assert many.frozen.all()


def test_a_last_week_that_was_not_told_says_nothing():
    found = chart([*CALM, math.nan])
    assert (found.doubt, found.signal) == (Doubt.NO_DATA, Signal.COMMON)
    assert np.isfinite(found.upper[-1])


def test_large_numbers_with_small_moves_are_judged_as_small_ones():
    rules = chart([*CALM, *[12.0] * 7, 30.0], baseline=12).rules
    assert chart([1e9 + v / 1024 for v in (*CALM, *[12.0] * 7, 30.0)], baseline=12).rules == rules
    assert any(rules)
