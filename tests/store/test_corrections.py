"""Sums, corrections and values taken back: every test a way to a wrong number."""

from __future__ import annotations

from datetime import timedelta

from data import models as m
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
    ROLLUPS,
    TICKETS_OPEN,
    TOWNS,
    YUANCHENG,
    ZIJIN,
    bucket,
    contents,
    hour,
    local,
    observed,
    on_time,
    put,
    rows_of,
    statements,
    sums,
    take_back,
)


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
    before = contents(store, m.observation, *ROLLUPS)
    with statements(store) as asked:
        counts = put(store, *rows, now=LATER)
    assert (counts.new, counts.changed, counts.same, counts.outdated) == (0, 0, 60, 0)
    assert contents(store, m.observation, *ROLLUPS) == before
    assert [s for s in asked if "rollup" in s] == []


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
    before = contents(store, m.observation, m.observation_history, m.latest, *ROLLUPS)
    counts = put(store, on_time(ZIJIN, 50, 100), as_of=EARLIER, now=LATER + timedelta(hours=1))
    assert (counts.changed, counts.outdated) == (0, 1)
    after = contents(store, m.observation, m.observation_history, m.latest, *ROLLUPS)
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
