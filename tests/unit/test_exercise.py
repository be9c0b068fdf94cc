"""When an exercise plays what, and how its steps are scored."""

from datetime import UTC, datetime, timedelta

import pytest

from data.exercise import Exercise, Mark, PlanError, Step, planned, score
from data.vocabulary import LOCAL

NOW = datetime(2026, 11, 18, 14, 23, 40, tzinfo=LOCAL)
DAY = datetime(2026, 11, 16, 9, 0, tzinfo=LOCAL)
TWO = timedelta(hours=2)


def at(minute):
    return datetime(2026, 11, 18, 6, minute, tzinfo=UTC)


def step(due, done=None):
    return Step(at(0), at(due), at(done) if done is not None else None)


def test_it_begins_now_at_the_minute_of_the_past_hour():
    plan = planned("汛期演练", DAY, TWO, NOW)
    assert plan.starts == NOW.replace(second=0)
    assert plan.since == DAY + timedelta(minutes=23)
    assert plan.until - plan.since == TWO


def test_it_is_shifted_by_whole_hours_so_that_hours_stay_hours():
    plan = planned("汛期演练", DAY, TWO, NOW)
    assert plan.shift % timedelta(hours=1) == timedelta(0)
    assert plan.shift == timedelta(days=2, hours=5)


def test_it_is_read_as_it_was_written():
    plan = planned("汛期演练", DAY, TWO, NOW)
    assert Exercise.read(plan.written()) == plan


@pytest.mark.parametrize(
    ("since", "length", "title", "word"),
    [
        (NOW - timedelta(hours=1), TWO, "演练", "not over"),
        (NOW + timedelta(days=1), TWO, "演练", "not over"),
        (DAY, timedelta(minutes=5), "演练", "10 minutes"),
        (DAY, timedelta(hours=13), "演练", "12 hours"),
        (DAY, TWO, "  ", "title"),
    ],
)
def test_what_cannot_be_played_is_refused_with_the_reason(since, length, title, word):
    with pytest.raises(PlanError, match=word):
        planned(title, since, length, NOW)


def test_a_step_is_late_only_after_its_limit():
    assert step(30, done=30).mark(at(59)) is Mark.IN_TIME
    assert step(30, done=31).mark(at(59)) is Mark.LATE
    assert step(30).mark(at(30)) is Mark.RUNNING
    assert step(30).mark(at(31)) is Mark.MISSED


def test_running_steps_are_not_judged():
    got = score([step(30, 10), step(30, 40), step(30), step(50)], at(45))
    assert (got.n, got.in_time, got.late, got.missed, got.running) == (3, 1, 1, 1, 1)
    assert got.share == pytest.approx(1 / 3)
    assert got.middle == timedelta(minutes=25)
    assert got.worst == timedelta(minutes=40)


def test_nothing_judged_is_no_share():
    assert score([step(50)], at(10)).share is None
    assert score([], at(10)).middle is None


def test_a_clock_that_was_set_back_takes_no_negative_time():
    assert Step(at(10), at(30), at(5)).took == timedelta(0)
