"""What holds of the rules of data quality for any series, rhythm or place."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import geo
from data.connectors.amend import amend
from data.connectors.connector import PayloadError
from data.quality.rhythm import UnitState, judge_learned, learn
from data.quality.streaks import Hour, extend, frozen, long_zero
from data.vocabulary import LOCAL

START = datetime(2026, 9, 7, tzinfo=LOCAL)


def series(values):
    return [Hour(START + timedelta(hours=n), float(v), None) for n, v in enumerate(values)]


@given(st.floats(-1e9, 1e9), st.integers(1, 2000))
def test_a_constant_is_never_frozen_nor_a_long_zero(value, n):
    streak = extend(None, series([value] * n))
    assert not frozen(streak)
    assert not long_zero(streak)


@given(st.integers(1, 200), st.lists(st.integers(0, 3), min_size=1, max_size=60))
def test_no_series_is_frozen_within_what_it_did_before(rest, levels):
    """Stretches as long as ones of the past are usual, whatever the values."""
    values = [v for level in levels for v in [level] * rest]
    streak = extend(None, series([*values, *[9] * rest]))
    assert not frozen(streak)


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.integers(1, 300))
def test_a_series_that_moves_each_hour_is_frozen_a_day_after_it_stops(seed, extra):
    rng = np.random.default_rng(seed)
    moving = rng.normal(50, 9, 96 + extra)
    assert frozen(extend(None, series([*moving, *[moving[-1] + 1] * 24])))


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.floats(0.01, 0.3))
def test_zeros_of_a_rare_event_are_hardly_ever_called_strange(seed, rate):
    """Hours with and without an event by chance: a zero streak is what chance brings."""
    rng = np.random.default_rng(seed)
    told = rng.poisson(rate, 24 * 35)
    streak, strange = None, 0
    for hour in series(told):
        streak = extend(streak, [hour])
        strange += long_zero(streak)
    assert strange <= 24


@given(st.lists(st.integers(0, 2), max_size=80), st.integers(0, 80))
def test_it_does_not_matter_how_the_hours_are_cut(values, cut):
    hours = series(values)
    whole = extend(None, hours)
    assert extend(extend(None, hours[:cut]), hours[cut:]) == whole
    assert whole is None or whole.seen == len(values)


@settings(max_examples=80)
@given(
    st.sampled_from([300, 900, 3600, 6 * 3600, 86400, 7 * 86400]),
    st.integers(30, 200),
    st.sets(st.integers(0, 199), max_size=8),
    st.integers(0, 2**32),
)
def test_a_rhythm_is_learned_through_gaps_and_jitter(step, n, missing, seed):
    rng = np.random.default_rng(seed)
    kept = [k for k in range(n) if k not in missing]
    arrivals = [START + timedelta(seconds=float(step * (k + rng.uniform(-0.1, 0.1)))) for k in kept]
    learned = learn(arrivals, "CN")
    assert learned is not None
    assert learned.whole.median_s == pytest.approx(step, rel=0.15)
    last = max(arrivals)
    assert judge_learned(last, learned, last + timedelta(seconds=step), "CN") is UnitState.FRESH
    gone = last + timedelta(seconds=60 * step)
    assert judge_learned(last, learned, gone, "CN") is UnitState.SILENT


@given(
    st.floats(73.5, 135), st.floats(18.2, 53.5), st.sampled_from(["GCJ02", "BD09"])
)  # the mainland, as the formula is meant for
def test_the_chinese_systems_go_there_and_back_within_a_metre(lon, lat, crs):
    there = geo.from_wgs84(lon, lat, crs)
    back = geo.to_wgs84(*there, crs)
    assert geo.metres(*back, lon, lat) < 1


@given(
    st.sampled_from(["open311", "fhir", "table", "cap"]),
    st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)),
    st.integers(-1, 5),
    st.text(max_size=12),
    st.text(max_size=12),
)
def test_amending_any_bytes_gives_bytes_or_one_line(connector, payload, row, field, new):
    try:
        done = amend(connector, payload, row, field, new)
    except PayloadError:
        return
    assert isinstance(done.payload, bytes)
