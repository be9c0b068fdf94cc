"""When alarms are a flood."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from data.alarms.chatter import chatters, ends_of
from data.alarms.flood import floods
from data.vocabulary.alarms import AlarmAct

NOW = datetime(2026, 11, 18, 2, 20, tzinfo=UTC)


def at(*minutes: float) -> list[tuple[datetime, int]]:
    return [(NOW + timedelta(minutes=m), 1) for m in minutes]


def test_nine_in_ten_minutes_are_none_ten_are_one() -> None:
    assert floods(at(*range(9)), NOW + timedelta(minutes=9)) == []
    (found,) = floods(at(*range(10)), NOW + timedelta(minutes=9))
    assert (found.since, found.until) == (NOW + timedelta(minutes=9), None)


def test_ten_spread_over_more_than_ten_minutes_are_none() -> None:
    assert floods(at(*(n * 1.2 for n in range(10))), NOW + timedelta(minutes=11)) == []


def test_it_is_over_when_fewer_than_five_are_left() -> None:
    times = at(*(n * 0.5 for n in range(10)))
    sixth = times[5][0] + timedelta(minutes=10)
    assert floods(times, sixth - timedelta(seconds=1))[0].until is None
    assert floods(times, sixth)[0].until == sixth


def test_two_floods_are_two() -> None:
    found = floods(at(*[0] * 12, *[60] * 11), NOW + timedelta(minutes=61))
    assert [(f.alarms, f.until is None) for f in found] == [(12, False), (11, True)]


def test_many_at_one_instant_count_each() -> None:
    (found,) = floods([(NOW, 10_000)], NOW)
    assert found.alarms == 10_000


def test_instants_of_a_clock_that_was_put_back_count_as_now() -> None:
    (found,) = floods([(NOW + timedelta(hours=1), 10)], NOW)
    assert found.since == NOW


def test_three_ends_in_a_minute_or_five_in_ten_chatter() -> None:
    def ends(*seconds: int) -> list[datetime]:
        return [NOW - timedelta(seconds=s) for s in seconds]

    assert chatters(ends(0, 20, 40), NOW)
    assert not chatters(ends(0, 20, 70), NOW)
    assert chatters(ends(0, 120, 240, 360, 480), NOW)
    assert not chatters(ends(0, 120, 240, 360, 620), NOW)


def test_what_was_before_a_reset_does_not_chatter() -> None:
    log = [(AlarmAct.RETURN, NOW), (AlarmAct.RESET, NOW), (AlarmAct.RETURN, NOW)]
    assert ends_of(log) == [NOW]
