"""Which hour, day, week and month a value counts in, and how a gauge counts in them."""

from __future__ import annotations

from datetime import date, timedelta

from data import models as m
from data import rollups
from data.catalogue import catalogue
from data.ingest.observations import check, store_observations
from data.queries.keys import read_keys
from data.vocabulary import Grain
from tests.conftest import NOW
from tests.store.support import (
    CALLS,
    CITY,
    DAY,
    DISPUTES_ON_TIME,
    EARLIER,
    LATER,
    LONGCHUAN,
    TICKETS_OPEN,
    WARNINGS,
    YUANCHENG,
    ZIJIN,
    begin_run,
    bucket,
    count,
    local,
    observed,
    on_time,
    put,
    statements,
    sums,
    take_back,
    undone,
    utc,
)


def test_iso_week_53_of_2026_is_one_bucket_over_the_turn_of_the_year(store):
    then = utc("2027-01-20T00:00")
    days = ("2026-12-27", "2026-12-28", "2026-12-31", "2027-01-01", "2027-01-03", "2027-01-04")
    put(store, *(on_time(ZIJIN, 1, 1, day) for day in days), now=then, as_of=then)
    assert date(2027, 1, 3).isocalendar()[:2] == (2026, 53)
    weeks = {"2026-12-21": 1, "2026-12-28": 4, "2027-01-04": 1}
    for monday, n in weeks.items():
        assert sums(store, "week", DISPUTES_ON_TIME, CITY, monday) == (n, n, n)
    assert count(store, m.rollup_week, m.rollup_week.c.native == 1) == 3
    for month, n in (("2026-12-01", 3), ("2027-01-01", 3)):
        assert sums(store, "month", DISPUTES_ON_TIME, CITY, month) == (n, n, n)


def test_twenty_four_local_hours_are_one_local_day(store):
    put(store, *(observed(CALLS, ZIJIN, f"{DAY}T{h:02d}:00", 1) for h in range(24)))
    assert sums(store, "day", CALLS, ZIJIN, DAY) == (24, None, 24)
    assert count(store, m.rollup_day, m.rollup_day.c.native == 1) == 1


def test_an_instant_in_utc_lies_on_the_local_day(store):
    put(
        store,
        observed(CALLS, ZIJIN, utc("2026-11-15T15:00"), 1),
        observed(CALLS, ZIJIN, utc("2026-11-15T16:00"), 2),
    )
    assert sums(store, "day", CALLS, ZIJIN, "2026-11-15") == (1, None, 1)
    assert sums(store, "day", CALLS, ZIJIN, "2026-11-16") == (2, None, 1)
    assert sums(store, "week", CALLS, CITY, "2026-11-09") == (1, None, 1)
    assert sums(store, "week", CALLS, CITY, "2026-11-16") == (2, None, 1)


def test_the_first_hour_of_a_local_month_belongs_to_it(store):
    put(store, observed(CALLS, ZIJIN, utc("2026-10-31T16:00"), 5))
    assert sums(store, "month", CALLS, CITY, "2026-11-01") == (5, None, 1)
    assert bucket(store, "month", CALLS, CITY, "2026-10-01") is None


def test_weekly_and_monthly_figures_have_their_own_buckets(store):
    put(
        store,
        observed(CALLS, ZIJIN, "2026-11-09T00:00", 70, grain=Grain.WEEK),
        observed(CALLS, ZIJIN, "2026-10-01T00:00", 300, grain=Grain.MONTH),
    )
    assert sums(store, "week", CALLS, CITY, "2026-11-09") == (70, None, 1)
    assert sums(store, "month", CALLS, CITY, "2026-10-01") == (300, None, 1)
    assert count(store, m.rollup_day) == count(store, m.rollup_hour) == 0


def test_a_february_and_a_leap_year_end_where_they_should(store):
    then = utc("2028-03-05T00:00")
    days = ("2028-02-28", "2028-02-29", "2028-03-01")
    put(store, *(on_time(ZIJIN, 1, 1, day) for day in days), now=then, as_of=then)
    assert sums(store, "month", DISPUTES_ON_TIME, CITY, "2028-02-01") == (2, 2, 2)
    assert sums(store, "month", DISPUTES_ON_TIME, CITY, "2028-03-01") == (1, 1, 1)


def test_hours_win_over_a_daily_figure_of_the_same_area_and_day(store):
    daily = [
        observed(CALLS, area, f"{DAY}T00:00", 100, grain=Grain.DAY) for area in (YUANCHENG, ZIJIN)
    ]
    put(store, *daily, observed(CALLS, ZIJIN, f"{DAY}T23:00", 7))
    assert sums(store, "day", CALLS, ZIJIN, DAY) == (7, None, 1)
    assert sums(store, "day", CALLS, CITY, DAY) == (107, None, 2)
    assert sums(store, "week", CALLS, CITY, DAY) == (107, None, 2)


def test_an_hour_of_the_next_day_does_not_win_over_the_daily_figure(store):
    put(
        store,
        observed(CALLS, ZIJIN, f"{DAY}T00:00", 100, grain=Grain.DAY),
        observed(CALLS, ZIJIN, "2026-11-17T00:00", 7),
        observed(CALLS, ZIJIN, "2026-11-15T23:00", 5),
    )
    assert sums(store, "day", CALLS, ZIJIN, DAY) == (100, None, 1)


def test_the_whole_hour_and_its_minutes_are_one_bucket(store):
    rows = [
        observed(CALLS, ZIJIN, f"{DAY}T08:{minute:02d}", 1, grain=Grain.MINUTE)
        for minute in range(60)
    ]
    put(store, *rows)
    assert sums(store, "hour", CALLS, ZIJIN, f"{DAY}T08:00") == (60, None, 60)


def test_two_days_years_apart_cost_two_days_and_are_both_right(store):
    put(store, on_time(ZIJIN, 1, 1, "2024-02-29"), on_time(ZIJIN, 2, 2, DAY))
    assert sums(store, "day", DISPUTES_ON_TIME, CITY, "2024-02-29") == (1, 1, 1)
    assert sums(store, "day", DISPUTES_ON_TIME, CITY, DAY) == (2, 2, 1)


def test_a_rebuild_of_many_weeks_leaves_the_next_week_and_month_as_they_were(store):
    """Long stretches are rebuilt as a whole; the bucket after the last has more than its Monday."""
    after = [on_time(ZIJIN, 1, 1, f"2026-11-{d}") for d in range(16, 19)]
    put(store, *after, as_of=EARLIER)
    first = date(2022, 10, 3)
    past = [
        on_time(ZIJIN, 2, 2, str(first + timedelta(days=d)))
        for d in range((date(2026, 11, 16) - first).days)
    ]
    with store.write() as conn:
        keys = read_keys(conn)
        good, bad = check(past, catalogue(), keys, now=NOW)
        assert not bad
        run = begin_run(conn, "yuepingan", NOW, NOW)
        store_observations(
            conn, good, source_id=keys.sources["yuepingan"], run_id=run, as_of=NOW, now=NOW
        )
    assert sums(store, "week", DISPUTES_ON_TIME, CITY, "2026-11-16") == (3, 3, 3)
    assert sums(store, "week", DISPUTES_ON_TIME, CITY, "2026-11-09") == (14, 14, 7)
    assert sums(store, "month", DISPUTES_ON_TIME, CITY, "2026-11-01") == (33, 33, 18)


def test_a_gauge_adds_over_areas_and_never_over_time(store):
    put(
        store,
        *(observed(TICKETS_OPEN, YUANCHENG, f"{DAY}T{h:02d}:00", 10 + h) for h in range(5)),
        *(observed(TICKETS_OPEN, ZIJIN, f"{DAY}T{h:02d}:00", 100) for h in range(5)),
    )
    for kind, at in (("day", DAY), ("week", DAY), ("month", "2026-11-01")):
        assert bucket(store, kind, TICKETS_OPEN, CITY, at).last == 114
        assert bucket(store, kind, TICKETS_OPEN, YUANCHENG, at).last == 14


def test_a_gauge_adds_over_areas_that_report_at_different_hours(store):
    put(
        store,
        observed(TICKETS_OPEN, YUANCHENG, f"{DAY}T08:00", 5),
        observed(TICKETS_OPEN, ZIJIN, f"{DAY}T20:00", 7),
        observed(TICKETS_OPEN, LONGCHUAN, "2026-11-18T09:00", 11),
    )
    assert bucket(store, "day", TICKETS_OPEN, CITY, DAY).last == 12
    assert bucket(store, "week", TICKETS_OPEN, CITY, DAY).last == 23
    assert bucket(store, "month", TICKETS_OPEN, CITY, "2026-11-01").last == 23


def test_a_gauge_within_an_hour_is_its_last_minute(store):
    rows = [(0, 9), (30, 2), (59, 4)]
    put(
        store,
        *(
            observed(TICKETS_OPEN, ZIJIN, f"{DAY}T08:{t:02d}", v, grain=Grain.MINUTE)
            for t, v in rows
        ),
    )
    row = bucket(store, "hour", TICKETS_OPEN, ZIJIN, f"{DAY}T08:00")
    assert (row.last, row.vmin, row.vmax, row.n) == (4, 2, 9, 3)


def test_an_indicator_that_does_not_roll_up_is_not_summed(store):
    put(
        store,
        observed(WARNINGS, CITY, f"{DAY}T08:00", 1),
        observed(WARNINGS, YUANCHENG, f"{DAY}T08:00", 1),
        observed(WARNINGS, ZIJIN, f"{DAY}T08:00", 1),
    )
    for kind, at in (
        ("hour", f"{DAY}T08:00"),
        ("day", DAY),
        ("week", DAY),
        ("month", "2026-11-01"),
    ):
        row = bucket(store, kind, WARNINGS, CITY, at)
        assert (row.num, row.last, row.n) == (1, 1, 1)


def test_refresh_of_nothing_asks_nothing(store):
    with statements(store) as asked, undone(store) as conn:
        rollups.refresh(conn, rollups.touched([]))
    assert [s for s in asked if "rollup" in s] == []


def minutes(area, *told):
    return [observed(CALLS, area, f"{DAY}T{at}", value, grain=Grain.MINUTE) for at, value in told]


def read_again(asked):
    """Return which statements of a poll add up facts of an hour, or roll-ups of a day."""
    return [s for s in asked if s.startswith("with") and ("r as mat" in s or "o.grain in" in s)]


def test_a_poll_that_only_counts_on_reads_nothing_again(store):
    put(store, *minutes(ZIJIN, ("08:00", 1)), *minutes(LONGCHUAN, ("08:00", 10)))
    with statements(store) as asked:
        put(store, *minutes(ZIJIN, ("08:01", 2)))
    assert read_again(asked) == []
    for kind, at in (
        ("hour", f"{DAY}T08:00"),
        ("day", DAY),
        ("week", DAY),
        ("month", "2026-11-01"),
    ):
        assert sums(store, kind, CALLS, ZIJIN, at) == (3, None, 2)
        assert sums(store, kind, CALLS, CITY, at) == (13, None, 3)


def test_an_older_minute_is_no_counting_on(store):
    put(store, *minutes(ZIJIN, ("08:01", 1)))
    with statements(store) as asked:
        put(store, *minutes(ZIJIN, ("08:00", 2)))
    assert len(read_again(asked)) == 4
    assert sums(store, "hour", CALLS, ZIJIN, f"{DAY}T08:00") == (3, None, 2)
    assert bucket(store, "day", CALLS, ZIJIN, DAY).last == 1


def test_the_first_minute_of_a_day_told_as_one_figure_replaces_it(store):
    put(store, observed(CALLS, ZIJIN, f"{DAY}T00:00", 100, grain=Grain.DAY))
    put(store, *minutes(ZIJIN, ("08:00", 2)))
    assert sums(store, "day", CALLS, ZIJIN, DAY) == (2, None, 1)
    assert sums(store, "month", CALLS, CITY, "2026-11-01") == (2, None, 1)


def test_a_poll_over_the_end_of_an_hour_counts_in_both(store):
    put(store, *minutes(ZIJIN, ("08:58", 1)))
    put(store, *minutes(ZIJIN, ("08:59", 2), ("09:00", 4)))
    assert sums(store, "hour", CALLS, ZIJIN, f"{DAY}T08:00") == (3, None, 2)
    assert sums(store, "hour", CALLS, CITY, f"{DAY}T09:00") == (4, None, 1)
    assert sums(store, "day", CALLS, CITY, DAY) == (7, None, 3)
    assert bucket(store, "week", CALLS, ZIJIN, DAY).last == 4


def test_a_figure_taken_back_and_told_again_counts_once(store):
    put(store, *minutes(ZIJIN, ("08:00", 1)))
    put(store, *minutes(ZIJIN, ("08:01", 2)))
    take_back(store, CALLS, ZIJIN, local(f"{DAY}T08:01"), Grain.MINUTE)
    put(store, *minutes(ZIJIN, ("08:01", 5)), as_of=LATER, now=LATER)
    assert sums(store, "hour", CALLS, ZIJIN, f"{DAY}T08:00") == (6, None, 2)
    put(store, *minutes(ZIJIN, ("08:02", 7)), as_of=LATER, now=LATER)
    assert sums(store, "month", CALLS, CITY, "2026-11-01") == (13, None, 3)
