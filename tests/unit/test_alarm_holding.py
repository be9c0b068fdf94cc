"""Hold times: what holds long enough counts, what a clock does by itself does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from data.alarms.holding import Held, Pending, held
from tests.conftest import NOW

MINUTE = timedelta(minutes=1)


def looks(answers, *, hold=MINUTE, step=20, was=False, start=NOW):
    """Look every `step` seconds; return what counted each time."""
    pending, counted = None, []
    for n, answer in enumerate(answers):
        found = held(was, answer, pending, start + timedelta(seconds=n * step), hold)
        was, pending = found.active, found.pending
        counted.append(was)
    return counted


def test_it_counts_after_its_hold_time_and_not_before():
    assert looks([True] * 5) == [False, False, False, True, True]


def test_without_a_hold_time_it_counts_at_once():
    assert held(False, True, None, NOW, timedelta(0)) == Held(True, None, NOW)


def test_a_break_begins_it_anew():
    assert looks([True, True, False, True, True, True, True]) == [False] * 6 + [True]


def test_unknown_is_no_break_and_no_time_either():
    assert looks([True, True, None, None, True, True])[-2:] == [False, True]
    assert looks([None] * 9) == [False] * 9


def test_it_ends_after_its_own_hold_time():
    assert looks([False] * 4, was=True) == [True, True, True, False]


def test_since_when_it_holds_is_told():
    begun = Pending(True, NOW - MINUTE, NOW - timedelta(seconds=20))
    assert held(False, True, begun, NOW, MINUTE).at == NOW - MINUTE


@pytest.mark.parametrize(
    "jump", [timedelta(hours=1), timedelta(hours=-1), datetime(1970, 1, 1, tzinfo=UTC) - NOW,
             timedelta(days=900)],
)  # fmt: skip
def test_a_clock_that_jumps_fires_nothing_and_loses_nothing(jump):
    waited = Pending(True, NOW - timedelta(seconds=50), NOW)
    after = held(False, True, waited, NOW + jump, MINUTE)
    assert after.active is False
    kept = after.pending
    assert kept is not None
    assert timedelta(seconds=50) <= kept.seen_at - kept.since < MINUTE
    assert kept.seen_at == NOW + jump
    later = held(False, True, kept, NOW + jump + timedelta(seconds=20), MINUTE)
    assert later.active is True


def test_looks_that_are_slow_get_there_in_the_end():
    assert looks([True] * 8, step=300)[-1] is True
