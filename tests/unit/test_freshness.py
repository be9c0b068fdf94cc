"""A source is judged on its own rhythm."""

from datetime import timedelta

import pytest

from data.indicators.freshness import source_state
from data.vocabulary import SourceState
from tests.conftest import NOW


def state(age, failures=0, every=30, stale=180):
    last = None if age is None else NOW - timedelta(seconds=age)
    return source_state(
        last_ok_at=last, failures=failures, every_s=every, stale_after_s=stale, now=NOW
    )


@pytest.mark.parametrize(
    ("age", "failures", "expected"),
    [
        (None, 0, SourceState.NEVER),
        (None, 9, SourceState.NEVER),
        (0, 0, SourceState.FRESH),
        (75, 0, SourceState.FRESH),
        (76, 0, SourceState.LATE),
        (10, 1, SourceState.FRESH),
        (10, 2, SourceState.FAILED),
        (180, 5, SourceState.FAILED),
        (181, 5, SourceState.SILENT),
        (181, 0, SourceState.SILENT),
    ],
)
def test_a_source_is_in_one_state(age, failures, expected):
    assert state(age, failures) is expected


def test_a_slow_rhythm_is_not_late(catalogue):
    assert state(3600, every=3600, stale=172800) is SourceState.FRESH
    assert state(7300, every=3600, stale=172800) is SourceState.LATE
    assert state(50, every=5) is SourceState.FRESH


def test_a_clock_ahead_of_ours_is_not_late():
    assert state(-30) is SourceState.FRESH


def test_every_source_may_miss_a_poll_before_it_is_silent(catalogue):
    for source in catalogue.sources.values():
        assert source.stale_after >= 3 * source.every, source.key
