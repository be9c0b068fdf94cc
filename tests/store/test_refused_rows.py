"""Rows that cannot be are refused, each with its reason."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest

from data.catalogue import catalogue
from data.ingest.observations import check
from data.queries.keys import read_keys
from data.vocabulary import Grain, Observed
from tests.conftest import NOW
from tests.store.support import (
    CALLS,
    DAY,
    DISPUTES_ON_TIME,
    ZIJIN,
    local,
    observed,
    on_time,
    sqlite_only,
)


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
