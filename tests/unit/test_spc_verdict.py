import math

import numpy as np
import pytest

from data.indicators.spc import verdict
from data.vocabulary import Direction
from data.vocabulary.review_terms import ChartKind, Doubt, Verdict

CALM = [10.0, 12.0, 9.0, 11.0, 10.0, 8.0, 11.0, 9.0, 12.0, 10.0, 11.0, 9.0]
MEAN = 122 / 12


def told(after, *, expected="lower", before=CALM, **more):
    return verdict([*before, *after], len(before), expected=expected, **more)


def test_seven_weeks_on_the_wanted_side_are_an_improvement():
    assert told([8.0] * 7) == (Verdict.IMPROVED, None, pytest.approx(MEAN), 8.0, 7)
    assert told([8.0] * 7, expected="higher")[0] is Verdict.WORSE
    assert told([8.0] * 7, expected=Direction.LOWER)[0] is Verdict.IMPROVED


def test_one_week_beyond_the_limits_against_the_promise_is_worse():
    assert told([10.0, 11.0, 9.0, 30.0])[0] is Verdict.WORSE


def test_nothing_but_chance_is_no_sign():
    assert told([9.0, 11.0, 10.0, 12.0, 9.0])[:2] == (Verdict.NO_SIGN, None)


def test_a_run_that_had_begun_before_is_no_effect():
    falling = [*CALM[:8], 9.0, 9.0, 9.0, 9.0]
    assert told([9.0] * 4, before=falling)[0] is Verdict.NO_SIGN


def test_an_old_spike_is_no_sign_when_the_weeks_lie_on_the_other_side():
    assert told([3.0, 12.0, 11.0, 12.0, 12.0, 12.0])[0] is Verdict.NO_SIGN


def test_a_run_hardly_off_the_mean_is_no_sign():
    assert told([MEAN - 0.3] * 7)[0] is Verdict.NO_SIGN
    assert told([MEAN - 1.5] * 7)[0] is Verdict.IMPROVED


def test_a_year_of_chance_is_seldom_called_an_effect():
    rng = np.random.default_rng(11)
    drawn = rng.normal(50, 5, (400, 78))
    verdicts = [verdict(row, 26, expected="lower")[0] for row in drawn]
    # Some 5 % each way; three standard errors more.
    assert verdicts.count(Verdict.IMPROVED) < 400 * 0.085
    assert verdicts.count(Verdict.WORSE) < 400 * 0.085
    shifted = np.where(np.arange(78) < 26, drawn, drawn - 5)
    found = [verdict(row, 26, expected="lower")[0] for row in shifted]
    assert found.count(Verdict.IMPROVED) > 400 * 0.94


def test_the_newest_signal_counts():
    assert told([30.0, 3.0, 4.0, 3.0, 4.0, 3.0, 4.0, 3.0])[0] is Verdict.IMPROVED


def test_under_four_weeks_is_too_early():
    assert told([1.0, 1.0, 1.0]) == (Verdict.TOO_EARLY, None, pytest.approx(MEAN), 1.0, 3)
    assert told([])[:2] == (Verdict.TOO_EARLY, None)
    assert told([])[3:] == (None, 0)


def test_too_little_before_is_unknown():
    assert told([8.0] * 7, before=CALM[:11])[:2] == (Verdict.UNKNOWN, Doubt.TOO_FEW)
    assert told([8.0] * 7, before=[math.nan] * 12)[:2] == (Verdict.UNKNOWN, Doubt.NO_DATA)
    assert told([8.0] * 7, before=[5.0] * 12)[:2] == (Verdict.UNKNOWN, Doubt.ALL_EQUAL)


def test_weeks_that_are_over_and_were_not_told_are_no_verdict():
    gone = [math.nan] * 5
    assert told(gone)[:2] == (Verdict.UNKNOWN, Doubt.NO_DATA)
    assert told([8.0, *gone, 8.0])[:2] == (Verdict.UNKNOWN, Doubt.GAP)


def test_another_definition_after_the_promise_ends_the_comparison():
    after = [9.0, 11.0, *[90.0] * 10]
    assert told(after, breaks=[14])[:2] == (Verdict.UNKNOWN, Doubt.BREAK)
    longer = [8.0] * 7 + [90.0] * 10
    assert told(longer, breaks=[19]) == (Verdict.IMPROVED, None, pytest.approx(MEAN), 8.0, 7)


def test_another_definition_shortly_before_leaves_too_few_weeks():
    assert told([8.0] * 7, breaks=[5])[:2] == (Verdict.UNKNOWN, Doubt.BREAK)
    twice = [*[90.0, 70.0] * 6, *CALM]
    assert told([8.0] * 7, before=twice, breaks=[12])[0] is Verdict.IMPROVED


def test_shares_are_parts_over_wholes():
    num, den = [10, 14] * 6 + [4] * 7, [100, 140] * 6 + [80] * 7
    found = verdict(num, 12, expected="lower", kind=ChartKind.P, denominators=den, scale=100)
    assert found == (Verdict.IMPROVED, None, pytest.approx(10.0), pytest.approx(5.0), 7)


def test_a_week_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="not among"):
        verdict(CALM, 13, expected="lower")
