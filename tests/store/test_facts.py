"""The traps of counting: every test a way to a wrong number."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError, StatementError

from data import models as m
from data import rollups
from data.catalogue import catalogue
from data.ingest.observations import check, store_observations, void
from data.queries.keys import read_keys
from data.vocabulary import Grain, Observed
from tests.conftest import NOW
from tests.store.support import (
    CALLS,
    CITY,
    DISPUTES_ON_TIME,
    LONGCHUAN,
    TICKETS_OPEN,
    TOWNS,
    WARNINGS,
    YUANCHENG,
    ZIJIN,
    begin_run,
    bucket,
    contents,
    count,
    hour,
    local,
    observed,
    pg_only,
    put,
    rows_of,
    sqlite_only,
    statements,
    sums,
    undone,
    utc,
)

DAY = "2026-11-16"  # a Monday
EARLIER, LATER = NOW - timedelta(hours=2), NOW + timedelta(hours=2)


def on_time(area, num, den, day=DAY):
    return observed(DISPUTES_ON_TIME, area, f"{day}T00:00", num, den, Grain.DAY)


def test_a_ratio_of_the_city_is_sum_over_sum_and_no_mean_of_ratios(store):
    put(store, on_time(YUANCHENG, 9, 10), on_time(ZIJIN, 50, 100), on_time(LONGCHUAN, 1, 1))
    for kind in ("day", "week"):
        row = bucket(store, kind, DISPUTES_ON_TIME, CITY, DAY)
        assert (row.num, row.den, row.n) == (60, 111, 3)
    assert (row.vmin, row.vmax) == (0.5, 1.0)


def test_zero_over_zero_is_in_the_sums_and_has_no_value_of_its_own(store):
    put(store, on_time(YUANCHENG, 0, 0), on_time(ZIJIN, 3, 4))
    assert sums(store, "day", DISPUTES_ON_TIME, CITY, DAY) == (3, 4, 2)


def test_the_same_rows_again_change_nothing_and_leave_the_rollups_alone(store):
    rows = [observed(CALLS, area, hour(-h), 3) for area in (YUANCHENG, ZIJIN) for h in range(30)]
    assert put(store, *rows).new == 60
    before = contents(store, m.observation, *(rollup_tables()))
    with statements(store) as asked:
        counts = put(store, *rows, now=LATER)
    assert (counts.new, counts.changed, counts.same, counts.outdated) == (0, 0, 60, 0)
    assert contents(store, m.observation, *rollup_tables()) == before
    assert [s for s in asked if "rollup" in s] == []


def rollup_tables():
    return (m.rollup_hour, m.rollup_day, m.rollup_week, m.rollup_month)


def test_a_late_correction_reaches_town_county_and_city_and_every_bucket(store):
    town, other = TOWNS[:2]
    put(store, on_time(town, 50, 100), on_time(other, 1, 1), as_of=EARLIER, now=EARLIER)
    counts = put(store, on_time(town, 90, 100), as_of=LATER, now=LATER)
    assert (counts.new, counts.changed) == (0, 1)
    for kind, at in (("day", DAY), ("week", DAY), ("month", "2026-11-01")):
        assert sums(store, kind, DISPUTES_ON_TIME, town, at) == (90, 100, 1)
        assert sums(store, kind, DISPUTES_ON_TIME, YUANCHENG, at) == (91, 101, 2)
        assert sums(store, kind, DISPUTES_ON_TIME, CITY, at) == (91, 101, 2)


def test_history_keeps_what_was_replaced_with_both_of_its_times(store):
    put(store, on_time(ZIJIN, 50, 100), as_of=EARLIER, now=EARLIER)
    put(store, on_time(ZIJIN, 90, 100), as_of=LATER, now=LATER)
    (old,) = rows_of(store, m.observation_history)
    (new,) = rows_of(store, m.observation)
    assert (old.num, old.den, old.rev) == (50, 100, 0)
    assert (old.recorded_at, old.superseded_at) == (EARLIER, LATER)
    assert (old.superseded_by, new.run_id) == (new.run_id, new.run_id)
    assert old.run_id != new.run_id
    assert (new.num, new.rev, new.recorded_at) == (90, 1, LATER)


def test_an_older_extract_replayed_does_not_undo_a_correction(store):
    put(store, on_time(ZIJIN, 50, 100), as_of=EARLIER, now=EARLIER)
    put(store, on_time(ZIJIN, 90, 100), as_of=LATER, now=LATER)
    before = contents(store, m.observation, m.observation_history, m.latest, *rollup_tables())
    counts = put(store, on_time(ZIJIN, 50, 100), as_of=EARLIER, now=LATER + timedelta(hours=1))
    assert (counts.changed, counts.outdated) == (0, 1)
    after = contents(store, m.observation, m.observation_history, m.latest, *rollup_tables())
    assert after == before


def test_an_older_extract_still_fills_what_was_missing(store):
    put(store, on_time(ZIJIN, 90, 100), as_of=LATER, now=LATER)
    counts = put(store, on_time(ZIJIN, 50, 100), on_time(LONGCHUAN, 1, 2), as_of=EARLIER, now=LATER)
    assert (counts.new, counts.outdated) == (1, 1)
    assert sums(store, "day", DISPUTES_ON_TIME, CITY, DAY) == (91, 102, 2)


def test_a_value_without_denominator_differs_from_one_with(store):
    put(store, observed(TICKETS_OPEN, ZIJIN, hour(-1), 3))
    assert put(store, observed(TICKETS_OPEN, ZIJIN, hour(-1), 3)).same == 1
    assert put(store, observed(TICKETS_OPEN, ZIJIN, hour(-1), 3, 0)).changed == 1


# ---- retraction ----


def take_back(store, indicator, area, start, grain, now=LATER):
    with store.write() as conn:
        keys = read_keys(conn)
        key = (keys.indicators[indicator], keys.areas[area], int(grain), start)
        void(conn, [key], run_id=begin_run(conn, "yuepingan", now, now), now=now)


def test_a_voided_observation_leaves_no_ghost_bucket(store):
    put(store, on_time(ZIJIN, 7, 10), on_time(LONGCHUAN, 1, 2, "2026-11-10"))
    take_back(store, DISPUTES_ON_TIME, ZIJIN, local(f"{DAY}T00:00"), Grain.DAY)
    for kind in ("day", "week"):
        for area in (ZIJIN, CITY):
            assert bucket(store, kind, DISPUTES_ON_TIME, area, DAY) is None
    assert sums(store, "month", DISPUTES_ON_TIME, CITY, "2026-11-01") == (1, 2, 1)
    kept = [r for r in rows_of(store, m.observation) if r.flag == 9]
    assert [(r.num, r.rev) for r in kept] == [(7, 1)]
    assert [(r.num, r.rev, r.flag) for r in rows_of(store, m.observation_history)] == [(7, 0, 0)]


def test_a_voided_hour_leaves_its_day_without_it(store):
    put(store, *(observed(CALLS, ZIJIN, f"{DAY}T{h:02d}:00", 1) for h in range(24)))
    take_back(store, CALLS, ZIJIN, local(f"{DAY}T05:00"), Grain.HOUR)
    assert sums(store, "day", CALLS, CITY, DAY) == (23, None, 23)
    assert bucket(store, "hour", CALLS, ZIJIN, f"{DAY}T05:00") is None


def test_latest_goes_back_to_the_newest_value_that_still_stands(store):
    put(store, observed(CALLS, ZIJIN, hour(-2), 4), observed(CALLS, ZIJIN, hour(-1), 9))
    take_back(store, CALLS, ZIJIN, hour(-1), Grain.HOUR)
    (row,) = rows_of(store, m.latest)
    assert (row.period_start, row.num, row.flag) == (hour(-2), 4, 0)
    take_back(store, CALLS, ZIJIN, hour(-2), Grain.HOUR)
    (row,) = rows_of(store, m.latest)
    assert row.flag == 9


def test_a_voided_value_that_is_reported_again_counts_again(store):
    put(store, on_time(ZIJIN, 7, 10), as_of=EARLIER, now=EARLIER)
    take_back(store, DISPUTES_ON_TIME, ZIJIN, local(f"{DAY}T00:00"), Grain.DAY, now=NOW)
    assert put(store, on_time(ZIJIN, 7, 10), as_of=LATER, now=LATER).changed == 1
    assert sums(store, "day", DISPUTES_ON_TIME, CITY, DAY) == (7, 10, 1)


def test_an_older_extract_replayed_does_not_bring_a_voided_value_back(store):
    put(store, on_time(ZIJIN, 7, 10), as_of=EARLIER, now=EARLIER)
    take_back(store, DISPUTES_ON_TIME, ZIJIN, local(f"{DAY}T00:00"), Grain.DAY, now=NOW)
    counts = put(store, on_time(ZIJIN, 7, 10), as_of=EARLIER, now=LATER)
    assert (counts.changed, counts.outdated) == (0, 1)
    assert bucket(store, "day", DISPUTES_ON_TIME, CITY, DAY) is None


# ---- the calendar ----


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


# ---- gauges ----


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


# ---- latest ----


def test_latest_is_one_row_a_key_and_one_probe(store):
    put(
        store,
        *(observed(CALLS, area, hour(-h), h) for area in (YUANCHENG, ZIJIN) for h in range(1, 40)),
    )
    with store.read() as conn:
        keys = read_keys(conn)
        lt = m.latest.c
        query = select(m.latest).where(
            lt.indicator_id == keys.indicators[CALLS], lt.area_id == keys.areas[ZIJIN]
        )
        (row,) = conn.execute(query).all()
        assert (row.period_start, row.num) == (hour(-1), 1)
        if store.sqlite:
            text = str(query.compile(conn, compile_kwargs={"literal_binds": True}))
            (plan,) = conn.exec_driver_sql(f"explain query plan {text}").all()
            assert "USING PRIMARY KEY (indicator_id=? AND area_id=?)" in plan[-1]
    assert count(store, m.latest) == 2


def test_latest_is_not_moved_back_by_an_older_period(store):
    put(store, observed(CALLS, ZIJIN, hour(-1), 4))
    put(store, observed(CALLS, ZIJIN, hour(-5), 40), now=LATER, as_of=LATER)
    (row,) = rows_of(store, m.latest)
    assert (row.period_start, row.num) == (hour(-1), 4)


def test_latest_is_known_when_its_period_was_over_or_now_while_it_runs(store):
    put(store, observed(CALLS, ZIJIN, hour(-3), 4), observed(CALLS, YUANCHENG, hour(), 4))
    known = {r.area_id: r.known_at for r in rows_of(store, m.latest)}
    assert sorted(known.values()) == [hour(-2), NOW]


def test_a_confirming_poll_moves_known_at_only(store):
    put(store, observed(CALLS, ZIJIN, hour(), 4))
    put(store, observed(CALLS, ZIJIN, hour(), 4), now=NOW + timedelta(minutes=1))
    (row,) = rows_of(store, m.latest)
    assert (row.known_at, row.num) == (NOW + timedelta(minutes=1), 4)
    (fact,) = rows_of(store, m.observation)
    assert fact.recorded_at == NOW


# ---- what cannot be ----


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        ("unknown_indicator", {"indicator": "XX-99"}),
        ("unknown_area", {"area": "999999"}),
        ("no_time_zone", {"period_start": datetime(2026, 11, 16)}),  # noqa: DTZ001
        ("misaligned_period", {"period_start": local(f"{DAY}T05:00")}),
        ("misaligned_period", {"grain": Grain.WEEK, "period_start": local("2026-11-17T00:00")}),
        ("misaligned_period", {"grain": Grain.MONTH, "period_start": local("2026-11-02T00:00")}),
        ("misaligned_period", {"grain": Grain.HOUR, "period_start": local(f"{DAY}T05:30")}),
        ("misaligned_period", {"grain": Grain.MINUTE, "period_start": local(f"{DAY}T05:30:01")}),
        ("misaligned_period", {"period_start": datetime(2026, 11, 16, tzinfo=UTC)}),
        ("future_period", {"period_start": local("2026-11-19T00:00")}),
        ("not_finite", {"numerator": math.nan}),
        ("not_finite", {"numerator": math.inf}),
        ("not_finite", {"denominator": math.nan}),
        ("bad_denominator", {"denominator": None}),
        ("bad_denominator", {"denominator": -1.0}),
        ("bad_denominator", {"denominator": 0.0}),
        ("ratio_above_one", {"numerator": 3.0}),
    ],
)
@sqlite_only
def test_a_row_that_cannot_be_is_refused_with_its_reason(store, reason, changes):
    good = {
        "indicator": DISPUTES_ON_TIME,
        "area": ZIJIN,
        "grain": Grain.DAY,
        "period_start": local(f"{DAY}T00:00"),
        "numerator": 1.0,
        "denominator": 2.0,
        "row": 17,
    }
    with store.read() as conn:
        keys = read_keys(conn)
    rows = [Observed(**good | changes), Observed(**good)]
    stored, problems = check(rows, catalogue(), keys, now=NOW)
    assert [(p.reason, p.row) for p in problems] == [(reason, 17)]
    assert problems[0].field
    assert problems[0].value
    assert len(stored) == 1


@sqlite_only
def test_the_same_key_twice_is_one_row_and_a_conflict_is_refused(store):
    with store.read() as conn:
        keys = read_keys(conn)
    rows = [on_time(ZIJIN, 1, 2), on_time(ZIJIN, 1, 2), on_time(ZIJIN, 2, 2)]
    stored, problems = check(rows, catalogue(), keys, now=NOW)
    assert [r[4:6] for r in stored] == [(1, 2)]
    assert [(p.reason, p.value) for p in problems] == [
        ("conflicting_duplicate", "1.0/2.0 and 2.0/2.0")
    ]


@sqlite_only
def test_a_clock_a_little_ahead_is_tolerated(store):
    with store.read() as conn:
        keys = read_keys(conn)
    ahead = observed(CALLS, ZIJIN, NOW + timedelta(minutes=5), 1, grain=Grain.MINUTE)
    too_far = observed(CALLS, ZIJIN, NOW + timedelta(minutes=6), 1, grain=Grain.MINUTE)
    stored, problems = check([ahead, too_far], catalogue(), keys, now=NOW)
    assert (len(stored), [p.reason for p in problems]) == (1, ["future_period"])


def test_a_naive_time_is_refused_by_the_column(store):
    run = m.ingest_run.insert().values(
        source_id=1,
        sha256="x",
        status="ok",
        as_of=datetime(2026, 1, 1),  # noqa: DTZ001
        recorded_at=NOW,
    )
    with pytest.raises(StatementError, match="naive datetime refused"), store.write() as conn:
        conn.execute(run)


def test_an_instant_comes_back_aware_and_the_same(store):
    at = local("2026-11-16T00:30")
    with undone(store) as conn:
        run = begin_run(conn, "yuepingan", at, NOW)
        back = conn.scalar(select(m.ingest_run.c.as_of).where(m.ingest_run.c.id == run))
    assert back == at
    assert back.tzinfo is UTC


def test_a_calendar_day_comes_back_the_same(store):
    days = [date(1969, 12, 31), date(1970, 1, 1), date(2028, 2, 29)]
    with undone(store) as conn:
        for id_, day in enumerate(days, 900):
            conn.execute(
                m.area.insert().values(
                    id=id_,
                    code=str(id_),
                    name_zh="x",
                    name_en="x",
                    level=3,
                    kind="town",
                    valid_from=day,
                )
            )
        found = conn.scalars(
            select(m.area.c.valid_from).where(m.area.c.id >= 900).order_by(m.area.c.id)
        )
        assert list(found) == days


def test_a_percent_sign_in_a_text_is_only_a_percent_sign(store):
    with undone(store) as conn:
        conn.execute(
            m.store_info.insert(),
            [{"key": "100%", "value": "%(a)s :b %%"}, {"key": "%s", "value": "?"}],
        )
        found = dict(conn.execute(select(m.store_info.c.key, m.store_info.c.value)).all())
    assert found == {"100%": "%(a)s :b %%", "%s": "?"}


# ---- append-only ----


@pytest.mark.parametrize("statement", ["update {t} set run_id = 9", "delete from {t}"])
@pytest.mark.parametrize("table", ["case_event", "observation_history"])
def test_the_record_of_the_past_cannot_be_changed(store, table, statement):
    put(store, on_time(ZIJIN, 1, 2), as_of=EARLIER)
    put(store, on_time(ZIJIN, 2, 2), as_of=LATER)
    _case_with_event(store)
    with pytest.raises(DBAPIError, match=f"{table} is append-only"), store.write() as conn:
        conn.exec_driver_sql(statement.format(t=table))
    assert count(store, getattr(m, table)) == 1


def _case_with_event(store):
    with store.write() as conn:
        case = {
            "case_no": "a-1", "source_id": 1, "ext_id": "1", "category_id": 1, "domain_id": 1, "matter": False,
            "level": 4, "stage": "opened", "area_id": 1, "county_id": 1, "department_id": 1, "title": "x",
            "reported_at": NOW, "updated_at": NOW, "recorded_at": NOW, "run_id": 1,
        }  # fmt: skip
        case_id = conn.execute(m.cases.insert().values(case).returning(m.cases.c.id)).scalar_one()
        event = {
            "seq": 1,
            "at": NOW,
            "recorded_at": NOW,
            "actor": "a",
            "action": "reported",
            "run_id": 1,
        }
        conn.execute(m.case_event.insert().values(case_id=case_id, **event))


# ---- two doors ----


def test_a_reader_sees_one_snapshot_while_another_writes(store):
    put(store, observed(CALLS, ZIJIN, hour(-2), 1))
    with store.read() as conn:
        first = conn.scalar(select(func.count()).select_from(m.observation))
        put(store, observed(CALLS, ZIJIN, hour(-1), 1))
        assert conn.scalar(select(func.count()).select_from(m.observation)) == first == 1
    assert count(store, m.observation) == 2


@pg_only
def test_a_reader_cannot_write(store):
    with pytest.raises(DBAPIError, match="read-only transaction"), store.read() as conn:
        conn.execute(m.store_info.insert().values(key="a", value="b"))


def test_a_block_that_fails_leaves_nothing(store):
    with undone(store) as conn:
        conn.execute(m.store_info.insert().values(key="a", value="b"))
    assert count(store, m.store_info) == 0


def test_refresh_of_nothing_asks_nothing(store):
    with statements(store) as asked, undone(store) as conn:
        rollups.refresh(conn, rollups.touched([]))
    assert [s for s in asked if "rollup" in s] == []
