"""Legal clocks hold whatever the start, the amount and the kind of clock are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from data.calendar import load
from data.cases.clocks import (
    ClockRule,
    Due,
    LineKind,
    due,
    due_at,
    elapsed,
    extend,
    left,
    remind,
    standing,
    suspend,
)
from data.settings import settings
from data.vocabulary import LOCAL, ClockKind

CALENDAR = load("CN", settings().catalogue / "calendars")
ZERO = timedelta()
FIRST = datetime(2024, 6, 1, microsecond=7, tzinfo=LOCAL)

starts = st.integers(0, 3 * 365 * 86_400).map(lambda s: FIRST + timedelta(seconds=s))
spans = st.timedeltas(ZERO, timedelta(days=40))


@st.composite
def rules(draw) -> ClockRule:
    kind, unit = (
        draw(st.sampled_from(ClockKind)),
        draw(st.sampled_from(["minutes", "hours", "days"])),
    )
    amount = draw(st.integers(1, {"minutes": 3000, "hours": 200, "days": 40}[unit]))
    how = [{"count_from": "at_once", "ends": "same_time"}]
    if unit == "days":
        how += [{"ends": "end_of_day"}, {"count_from": "next_day", "ends": "end_of_day"}]
    lunch = draw(st.sampled_from([None, ("12:00", "14:30"), ("11:59", "13:01")]))
    return ClockRule(
        code="drawn", kind=kind, amount=amount, unit=unit, lunch=lunch, **draw(st.sampled_from(how))
    )


def whole(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


@given(rules(), starts, spans)
def test_a_later_start_is_never_due_earlier(clock, start, later):
    assert due_at(clock, start, CALENDAR) <= due_at(clock, start + later, CALENDAR)


@given(rules(), starts, st.integers(1, 50))
def test_more_time_is_due_later(clock, start, more):
    longer = clock.model_copy(update={"amount": clock.amount + more})
    longer = ClockRule(**longer.model_dump())
    assert due_at(clock, start, CALENDAR) < due_at(longer, start, CALENDAR)


@given(rules(), starts)
def test_the_whole_amount_is_used_when_it_is_due(clock, start):
    end = due_at(clock, start, CALENDAR)
    assert elapsed(clock, start, end, CALENDAR).total_seconds() == clock.seconds
    assert (
        elapsed(clock, start, end - timedelta(seconds=1), CALENDAR).total_seconds() < clock.seconds
    )


@given(rules(), starts, spans)
def test_what_is_used_and_what_is_left_are_the_amount(clock, start, span):
    end, now = due_at(clock, start, CALENDAR), start + span
    used = elapsed(clock, start, now, CALENDAR)
    assert (used + left(clock, start, end, now, CALENDAR)).total_seconds() == clock.seconds
    found = standing(due(clock, start, CALENDAR), now, CALENDAR)
    assert found == (used, left(clock, start, end, now, CALENDAR))


@given(rules(), starts)
def test_the_lines_leave_out_no_second_and_add_up(clock, start):
    found = due(clock, start, CALENDAR)
    check_lines(found)
    assert min(found.start, found.counted_from) == found.lines[0].start
    assert found.start == whole(start)


def check_lines(found: Due) -> None:
    for line, after in zip(found.lines, found.lines[1:], strict=False):
        assert line.end == after.start
    for line in found.lines:
        assert line.start < line.end or line.kind is LineKind.EXTENDED
        assert (line.seconds > 0) == (line.kind is LineKind.COUNTED)
        assert line.seconds <= (line.end - line.start).total_seconds()
    assert found.lines[-1].end == found.due_at
    assert sum(line.seconds for line in found.lines) == found.seconds
    assert Due.read(found.why(), found.rule) == found


@given(rules(), starts, st.integers(1, 20), st.sampled_from(["hours", "days"]))
def test_an_extension_moves_the_due_time_on_and_adds_up(clock, start, amount, unit):
    before = due(clock, start, CALENDAR)
    after = extend(before, amount, unit, CALENDAR)
    assert after.due_at > before.due_at
    assert after.seconds == before.seconds + clock.seconds_of(amount, unit)
    check_lines(after)


@given(rules(), starts, spans, spans)
def test_a_suspension_never_takes_time_away_and_adds_up(clock, start, wait, span):
    before = due(clock, start, CALENDAR)
    after = suspend(before, start + wait, start + wait + span, CALENDAR)
    assert after.due_at >= before.due_at
    assert after.seconds == before.seconds
    check_lines(after)


@given(rules(), starts, st.floats(0.01, 1))
def test_a_reminder_comes_before_it_is_due(clock, start, share):
    found = due(clock, start, CALENDAR)
    at = remind(found, share, CALENDAR)
    assert found.counted_from <= at <= found.due_at
    used = elapsed(clock, start, at, CALENDAR).total_seconds()
    assert abs(used - clock.seconds * share) <= 1


@given(rules(), starts)
def test_nothing_counted_lies_on_a_day_that_is_off(clock, start):
    for line in due(clock, start, CALENDAR).lines:
        if line.kind is LineKind.COUNTED:
            day = line.start.astimezone(LOCAL).date()
            while day <= (line.end - timedelta(seconds=1)).astimezone(LOCAL).date():
                assert not CALENDAR.is_off(day, clock.kind)
                day += timedelta(days=1)
