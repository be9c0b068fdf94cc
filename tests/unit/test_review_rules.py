"""The small rules of a weekly review: targets, windows, breaks, intervals, how long until."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from data.calendar.week import Week, weeks_of
from data.catalogue import catalogue
from data.catalogue.entries import SeriesBreak, Target
from data.review.figures import aim_of, figure, level_of, misses, surely_misses
from data.review.messages import until
from data.review.series import Series, shown, together
from data.review.window import cuts_of, history_first
from data.vocabulary.review_terms import Doubt

SHARE, GAUGE, COUNT = (catalogue().indicators[c] for c in ("PS-24", "HE-04", "PS-09"))
MONDAY = date(2026, 11, 9)
WORDS = {"zh": "口径调整", "en": "defined anew"}


def shown_figure(num, den):
    return figure(SHARE, (num, den, None), told=7, of=7, heard=None)


# ---- targets ----


def test_the_aim_of_a_week_is_the_mildest_limit():
    assert (aim_of(SHARE)["low"], aim_of(SHARE)["high"]) == (95.0, None)
    beds = aim_of(catalogue().indicators["HE-05"])
    assert (beds["kind"], beds["low"], beds["high"]) == ("range", 60.0, 93.0)


def test_a_week_may_have_a_target_of_its_own():
    particles = catalogue().indicators["EC-02"]
    assert particles.target.levels[4] == 76
    assert aim_of(particles)["high"] == 35


def test_an_own_band_is_no_target():
    assert (aim_of(COUNT)["low"], aim_of(COUNT)["high"]) == (None, None)
    assert not misses(aim_of(COUNT), 1e9)


@pytest.mark.parametrize(("value", "level"), [(96, 0), (95, 0), (94.9, 4), (89, 3), (79, 2)])
def test_the_gravest_limit_that_is_past_gives_the_level(value, level):
    assert level_of(SHARE.target, value) == level


def test_a_ceiling_is_missed_when_it_is_reached():
    ceiling = Target(kind="ceiling", levels={4: 10, 3: 25})
    assert [level_of(ceiling, x) for x in (9.9, 10, 25)] == [0, 4, 3]


def test_a_target_is_surely_missed_only_if_the_interval_misses_it():
    assert surely_misses(aim_of(SHARE), shown_figure(800.0, 1000.0))
    assert not surely_misses(aim_of(SHARE), shown_figure(9.0, 10.0))
    assert misses(aim_of(SHARE), 90.0)


# ---- numbers ----


def test_a_share_has_its_n_and_interval_a_count_has_none():
    share = shown_figure(9.0, 10.0)
    assert (share["value"], share["n"], share["num"]) == (90.0, 10.0, 9.0)
    assert share["low"] < 60 < 98 < share["high"]
    count = figure(COUNT, (7.0, None, 7.0), told=7, of=7, heard=None)
    assert (count["value"], count["n"], count["low"]) == (7.0, None, None)


def test_more_in_the_part_than_in_the_whole_has_no_interval():
    assert shown_figure(11.0, 10.0)["low"] is None


def test_no_denominator_and_no_data_are_two_doubts():
    assert shown_figure(0.0, 0.0)["doubt"] is Doubt.ZERO_DENOMINATOR
    assert figure(SHARE, None, told=0, of=7, heard=None)["doubt"] is Doubt.NO_DATA


def test_days_add_up_and_of_a_gauge_the_newest_counts():
    days = [(MONDAY, (3.0, 4.0, 3.0)), (MONDAY + timedelta(days=1), (1.0, 6.0, 1.0))]
    assert together(days) == (4.0, 10.0, 1.0)
    assert shown(SHARE, together(days)) == 40.0
    assert shown(GAUGE, together(days)) == 1.0
    assert together([]) is None


def test_a_series_knows_what_was_told():
    num = np.array([np.nan, 2.0, np.nan])
    one = Series("X", "Y", num, num, num, np.array([False, False, True]))
    assert one.counted(0) is None
    assert one.counted(1) == (2.0, 2.0, 2.0)
    assert (one.began, one.told) == (1, True)


# ---- weeks ----


@pytest.mark.parametrize("year", range(2020, 2036))
def test_limits_stand_on_whole_years_and_do_not_move_within_one(year):
    first, last = Week(year, 1), Week(year, weeks_of(year))
    assert history_first(first) == history_first(last)
    assert (first.first - history_first(first)).days // 7 >= 104
    assert (last.first - history_first(last)).days // 7 + 1 <= 158


def cuts(on, *, versions=(), **more):
    told = SHARE.model_copy(update={"breaks": (SeriesBreak(on=on, why=WORDS, **more),)})
    return cuts_of(told, versions, MONDAY)


def test_a_break_on_a_monday_begins_with_its_week():
    found = cuts(MONDAY + timedelta(weeks=3))
    assert (found.starts, found.mixed) == ((3,), ())


def test_a_week_of_two_definitions_belongs_to_neither():
    found = cuts(MONDAY + timedelta(weeks=3, days=2))
    assert (found.starts, found.mixed) == ((4,), (3,))


def test_a_later_version_is_a_break_unless_it_is_bridged():
    day = MONDAY + timedelta(weeks=2)
    assert cuts_of(SHARE, [day], MONDAY).starts == (2,)
    assert cuts(day, versions=[day], bridged=WORDS).starts == ()


def test_a_break_lies_between_two_days_or_does_not():
    found = cuts(MONDAY + timedelta(weeks=3))
    before, on = MONDAY + timedelta(days=20), MONDAY + timedelta(days=21)
    assert found.between(before, on)
    assert not found.between(on, on + timedelta(days=7))


def test_the_graver_the_sooner():
    sunday = MONDAY + timedelta(days=6)
    days = [(until(sunday, level) - sunday).days for level in (1, 2, 3, 4)]
    assert days == sorted(days)
    assert until(sunday, 4) == sunday + timedelta(days=7)
