"""ISO weeks: reading, counting across years of 52 and 53 weeks, completeness, series, breaks."""

from datetime import date, timedelta

import numpy as np
import pytest

from data.catalogue.entries import SeriesBreak
from data.indicators.value import per_head
from data.indicators.weeks import (
    Week,
    WeekError,
    breaks_of,
    series,
    told_days,
    weeks_between,
    weeks_of,
)
from data.vocabulary import Aggregation

W47 = Week(2026, 47)


@pytest.mark.parametrize("text", ["2026-W47", "2026W47", " 2026-w47 "])
def test_a_week_is_read(text):
    assert Week.parse(text) == W47
    assert str(W47) == "2026-W47"
    assert (W47.first, W47.last) == (date(2026, 11, 16), date(2026, 11, 22))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2025-W53", "2025 has weeks 1 to 52"),
        ("2026-W54", "2026 has weeks 1 to 53"),
        ("2026-W00", "2026 has weeks 1 to 53"),
        ("0000-W01", "year 0"),
        ("9999-W10", "year 9999"),
        ("2026-47", "write it as 2026-W47"),
        ("2026-W4", "write it as"),
        ("", "write it as"),
        ("2026-W47; drop", "write it as"),
        ("２０２６-W47", "write it as"),
    ],
)
def test_no_week_is_refused_with_what_is_allowed(text, said):
    with pytest.raises(WeekError, match=said):
        Week.parse(text)


@pytest.mark.parametrize(
    ("day", "week"),
    [
        ("2026-12-31", "2026-W53"),
        ("2027-01-03", "2026-W53"),
        ("2027-01-04", "2027-W01"),
        ("2024-12-30", "2025-W01"),
        ("2021-01-03", "2020-W53"),
    ],
)
def test_new_year_falls_into_the_week_of_its_thursday(day, week):
    assert str(Week.of(date.fromisoformat(day))) == week


def test_long_years_are_known():
    assert [y for y in range(2015, 2036) if weeks_of(y) == 53] == [2015, 2020, 2026, 2032]


def test_weeks_are_counted_across_a_long_year():
    assert Week(2026, 52) + 2 == Week(2027, 1)
    assert Week(2027, 1) - 1 == Week(2026, 53)
    assert Week(2025, 47).until(W47) == 52
    assert Week(2026, 47).until(Week(2027, 47)) == 53
    assert [str(w) for w in weeks_between(Week(2026, 52), Week(2027, 1))] == [
        "2026-W52",
        "2026-W53",
        "2027-W01",
    ]
    assert list(weeks_between(W47, W47 - 1)) == []


def test_the_week_a_year_before_may_not_be():
    assert W47.year_before() == Week(2025, 47)
    assert Week(2026, 53).year_before() is None


def test_a_week_is_whole_when_it_is_over_and_all_days_were_told():
    days = W47.days
    assert told_days(W47, days, date(2026, 11, 23)).whole
    running = told_days(W47, days[:5], date(2026, 11, 20))
    assert (running.days, running.of, running.over, running.whole) == (5, 7, False, False)
    gap = told_days(W47, [*days[:6], date(2026, 11, 23)], date(2026, 11, 23))
    assert (gap.days, gap.over, gap.whole) == (6, True, False)
    assert not told_days(W47, days, date(2026, 11, 22)).whole
    assert told_days(W47, [days[0]] * 7, date(2026, 11, 23)).days == 1


def test_a_missing_week_is_a_gap_and_never_zero():
    rows = {
        date(2026, 11, 2): (3.0, 4.0),
        date(2026, 11, 16): (0.0, 0.0),
        date(2026, 1, 5): (9.0, 9.0),
    }
    found = series(rows, Week(2026, 45), W47)
    assert [str(week) for week in found.weeks] == ["2026-W45", "2026-W46", "2026-W47"]
    np.testing.assert_array_equal(found.num, [3, np.nan, 0])
    np.testing.assert_array_equal(found.values(Aggregation.RATIO, 100), [75, np.nan, np.nan])
    np.testing.assert_array_equal(found.values(Aggregation.SUM, 1), [3, np.nan, 0])
    assert len(series(rows, W47, Week(2026, 45)).num) == 0


def test_a_series_has_no_denominators_it_was_not_told():
    found = series({W47.first: (7.0, None)}, W47, W47)
    np.testing.assert_array_equal(found.den, [np.nan])
    np.testing.assert_array_equal(found.values(Aggregation.LAST, 2), [14])


def test_a_row_of_a_day_that_is_no_monday_is_refused():
    with pytest.raises(ValueError, match="2026-11-17 is no Monday"):
        series({date(2026, 11, 17): (1.0, None)}, W47, W47)


def _break(day, bridged=None):
    words = {"zh": "换站", "en": "other stations"}
    return SeriesBreak(on=day, why=words, bridged=words if bridged else None)


def _breaks(versions, breaks):
    return breaks_of(Week(2026, 40), W47, versions, breaks)


def test_a_break_on_a_monday_begins_with_its_week():
    assert _breaks([], [_break(Week(2026, 43).first)]) == ((3,), ())


def test_a_break_in_the_middle_leaves_its_week_to_nobody():
    middle = Week(2026, 43).first + timedelta(days=2)
    assert _breaks([], [_break(middle)]) == ((4,), (3,))
    assert _breaks([date(2020, 1, 1), middle], []) == ((4,), (3,))


def test_the_first_version_and_what_is_bridged_break_nothing():
    middle = Week(2026, 43).first
    assert _breaks([middle], []) == ((), ())
    assert _breaks([], [_break(middle, bridged=True)]) == ((), ())


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (Week(2026, 40).first, ((), ())),
        (Week(2026, 40).first + timedelta(days=1), ((1,), (0,))),
        (Week(2026, 39).first + timedelta(days=1), ((), ())),
        (W47.last, ((), (7,))),
        (W47.last + timedelta(days=1), ((), ())),
    ],
)
def test_breaks_at_the_ends_of_a_series(day, said):
    assert _breaks([], [_break(day)]) == said


def test_a_count_by_residents_needs_residents():
    assert per_head(12, 60_000, 10_000, 1) == pytest.approx(2)
    assert per_head(12, None, 10_000, 1) is None
    assert per_head(12, 0, 10_000, 1) is None
    assert per_head(None, 60_000, 10_000, 1) is None
