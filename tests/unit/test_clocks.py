"""When a case is due: weekends, holidays, make-up days, nights and lunch, approvals."""

from __future__ import annotations

import json
from datetime import UTC, timedelta

import pytest
from pydantic import ValidationError

from data.calendar import BasisKind, load
from data.cases.clocks import (
    Due,
    LineKind,
    Running,
    due,
    due_at,
    elapsed,
    evaluate,
    extend,
    left,
    remind,
    standing,
    suspend,
)
from data.settings import settings
from data.vocabulary import ClockKind
from tests.clock_times import at, rule, said, told

CALENDAR = load("CN", settings().catalogue / "calendars")
WORKDAYS = {n: rule(ClockKind.WORKING_HOURS, n, "days") for n in (1, 2, 5, 10, 15)}
OFFICE_4H = rule(ClockKind.WORKING_HOURS, 4, "hours")
NIGHT_AND_DAY = rule(ClockKind.CONTINUOUS, 30, "minutes")
WITHOUT_OFF_DAYS = rule(ClockKind.SKIP_HOLIDAYS, 48, "hours")
WITHOUT_WEEKENDS = rule(ClockKind.SKIP_WEEKENDS, 48, "hours")
SAME_DAY = rule(ClockKind.WORKING_HOURS, 1, "days", count_from="at_once", ends="end_of_day")


@pytest.mark.parametrize(
    ("clock", "start", "expected"),
    [
        (WORKDAYS[2], "2026-11-20 16:10", "2026-11-24 17:30"),  # Friday, over a weekend
        (WORKDAYS[2], "2026-11-20 00:00", "2026-11-24 17:30"),  # any time of a day is the same
        (WORKDAYS[2], "2026-11-20 23:59", "2026-11-24 17:30"),
        (WORKDAYS[2], "2026-11-21 09:00", "2026-11-24 17:30"),  # Saturday: Monday is day one
        (WORKDAYS[1], "2026-02-13 10:00", "2026-02-14 17:30"),  # the Saturday is made up
        (WORKDAYS[2], "2026-02-13 10:00", "2026-02-24 17:30"),  # over Spring Festival
        (WORKDAYS[5], "2026-02-23 10:00", "2026-02-28 17:30"),  # started on a holiday
        (WORKDAYS[15], "2026-02-10 16:10", "2026-03-09 17:30"),
        (WORKDAYS[1], "2025-01-25 09:00", "2025-01-26 17:30"),  # a Sunday that is worked
        (WORKDAYS[1], "2026-09-30 09:00", "2026-10-08 17:30"),  # over National Day
        (WORKDAYS[2], "2026-10-08 09:00", "2026-10-10 17:30"),  # its make-up Saturday
        (OFFICE_4H, "2026-11-20 16:10", "2026-11-23 11:10"),
        (OFFICE_4H, "2026-11-19 23:30", "2026-11-20 15:00"),  # at night
        (OFFICE_4H, "2026-11-20 12:40", "2026-11-23 09:30"),  # at lunch
        (OFFICE_4H, "2026-10-03 10:00", "2026-10-08 15:00"),  # on a holiday
        (OFFICE_4H, "2026-02-13 16:10", "2026-02-14 11:10"),  # into a make-up Saturday
        (rule(ClockKind.WORKING_HOURS, 6.5, "hours"), "2026-11-20 08:30", "2026-11-20 17:30"),
        (rule(ClockKind.WORKING_HOURS, 2, "hours", lunch=None), "2026-11-20 11:00", "2026-11-20 13:00"),
        (NIGHT_AND_DAY, "2026-09-30 23:45", "2026-10-01 00:15"),
        (rule(ClockKind.CONTINUOUS, 10, "days"), "2026-09-30 16:10", "2026-10-11 00:00"),
        (WITHOUT_OFF_DAYS, "2026-09-30 13:10", "2026-10-09 13:10"),
        (WITHOUT_WEEKENDS, "2026-09-30 13:10", "2026-10-02 13:10"),  # holidays count for it
        (WITHOUT_WEEKENDS, "2026-11-20 13:10", "2026-11-24 13:10"),
        (WITHOUT_WEEKENDS, "2026-02-13 13:10", "2026-02-16 13:10"),  # so does a make-up day
        (rule(ClockKind.SKIP_HOLIDAYS, 2, "days"), "2026-11-20 16:10", "2026-11-25 00:00"),
        (SAME_DAY, "2026-11-20 16:10", "2026-11-20 17:30"),
        (SAME_DAY, "2026-11-20 17:30", "2026-11-23 17:30"),  # after hours is the next day
        (SAME_DAY, "2026-11-21 10:00", "2026-11-23 17:30"),
    ],
)  # fmt: skip
def test_a_clock_is_due(clock, start, expected):
    found = due(clock, at(start), CALENDAR)
    assert said(found.due_at) == expected
    assert found.due_at.tzinfo is UTC
    assert due_at(clock, at(start), CALENDAR) == found.due_at
    assert sum(line.seconds for line in found.lines) == clock.seconds == found.seconds


def test_thirty_seconds_are_thirty_seconds():
    clock = rule(ClockKind.CONTINUOUS, 0.5, "minutes")
    start = at("2026-11-20 16:10:07.9")
    assert due(clock, start, CALENDAR).due_at == at("2026-11-20 16:10:37")


def test_two_working_days_over_a_weekend_are_told_line_by_line():
    assert told(due(WORKDAYS[2], at("2026-11-20 16:10"), CALENDAR)) == [
        ("start_day", "11-20 16:10", "11-21 00:00", 0),
        ("weekend", "11-21 00:00", "11-23 00:00", 0),
        ("counted", "11-23 00:00", "11-24 17:30", 13),
    ]


def test_spring_festival_names_its_holiday_and_its_make_up_days():
    found = due(WORKDAYS[15], at("2026-02-10 16:10"), CALENDAR)
    named = [
        (line.kind, line.day.value, line.days, line.name["zh"]) for line in found.lines if line.name
    ]
    assert named == [
        (LineKind.COUNTED, "make_up", 1, "春节"),
        (LineKind.HOLIDAY, "holiday", 0, "春节"),
        (LineKind.COUNTED, "make_up", 1, "春节"),
    ]
    assert sum(line.days for line in found.lines) == 15


def test_hours_name_night_and_lunch():
    assert told(due(OFFICE_4H, at("2026-11-19 16:30"), CALENDAR)) == [
        ("counted", "11-19 16:30", "11-19 17:30", 1),
        ("night", "11-19 17:30", "11-20 08:30", 0),
        ("counted", "11-20 08:30", "11-20 11:30", 3),
    ]
    kinds = [line.kind.value for line in due(OFFICE_4H, at("2026-11-20 12:40"), CALENDAR).lines]
    assert kinds == ["lunch", "counted", "night", "weekend", "night", "counted"]


def test_a_long_clock_of_hours_joins_its_whole_days():
    clock = rule(ClockKind.WORKING_HOURS, 40, "hours")
    lines = due(clock, at("2026-11-18 09:00"), CALENDAR).lines
    whole = [(line.days, line.seconds / 3600) for line in lines if line.days]
    assert whole == [(2, 13), (3, 19.5)]


def test_a_year_without_a_notice_is_named():
    found = due(WORKDAYS[5], at("2026-12-30 10:00"), CALENDAR)
    assert [(b.year, b.kind) for b in found.bases] == [
        (2026, BasisKind.NOTICE),
        (2027, BasisKind.FIXED),
    ]


def test_elapsed_and_left_stand_still_at_night_and_on_days_off():
    start = at("2026-11-20 16:10")
    end = due_at(OFFICE_4H, start, CALENDAR)
    for now in ("2026-11-20 17:30", "2026-11-21 12:00", "2026-11-23 08:30"):
        assert elapsed(OFFICE_4H, start, at(now), CALENDAR) == timedelta(minutes=80)
        assert left(OFFICE_4H, start, end, at(now), CALENDAR) == timedelta(minutes=160)


def test_late_is_below_zero_and_counted_too():
    start = at("2026-11-20 16:10")
    end = due_at(OFFICE_4H, start, CALENDAR)
    assert left(OFFICE_4H, start, end, at("2026-11-23 11:40"), CALENDAR) == -timedelta(minutes=30)
    assert left(OFFICE_4H, start, end, at("2026-11-23 13:00"), CALENDAR) == -timedelta(minutes=50)


def test_on_the_day_of_the_start_everything_is_left():
    start = at("2026-11-19 09:00")
    end = due_at(WORKDAYS[2], start, CALENDAR)
    assert elapsed(WORKDAYS[2], start, at("2026-11-19 17:00"), CALENDAR) == timedelta()
    assert left(WORKDAYS[2], start, end, at("2026-11-19 17:00"), CALENDAR) == timedelta(hours=13)


def test_many_clocks_are_looked_at_together():
    start, now = at("2026-11-20 16:10"), at("2026-11-23 09:00")
    clocks = [*WORKDAYS.values(), OFFICE_4H, NIGHT_AND_DAY, WITHOUT_OFF_DAYS, WITHOUT_WEEKENDS]
    running = [Running(c, start, due_at(c, start, CALENDAR)) for c in clocks]
    for (clock, began, end), found in zip(running, evaluate(running, now, CALENDAR), strict=True):
        assert found.elapsed == elapsed(clock, began, now, CALENDAR)
        assert found.left == left(clock, began, end, now, CALENDAR)


def test_an_extension_counts_on_from_the_due_time():
    before = due(WORKDAYS[2], at("2026-11-20 16:10"), CALENDAR)
    after = extend(before, 3, "days", CALENDAR)
    assert said(after.due_at) == "2026-11-27 17:30"
    assert after.lines[: len(before.lines)] == before.lines
    assert after.lines[len(before.lines)].added == "3 days"
    assert sum(line.seconds for line in after.lines) == after.seconds == before.seconds * 5 / 2
    with pytest.raises(ValueError, match="above 0"):
        extend(before, 0, "days", CALENDAR)


def test_a_suspension_gives_back_what_stood_still():
    before = due(OFFICE_4H, at("2026-02-13 16:10"), CALENDAR)
    after = suspend(before, at("2026-02-13 17:00"), at("2026-02-24 11:00"), CALENDAR)
    assert said(after.due_at) == "2026-02-24 16:40"
    assert sum(line.seconds for line in after.lines) == OFFICE_4H.seconds
    still = [line for line in after.lines if line.kind is LineKind.SUSPENDED]
    assert [(said(line.start), said(line.end)) for line in still] == [
        ("2026-02-13 17:00", "2026-02-24 11:00")
    ]


def test_a_clock_of_days_leaves_out_the_days_of_a_suspension():
    before = due(WORKDAYS[2], at("2026-11-20 16:10"), CALENDAR)
    after = suspend(before, at("2026-11-23 10:00"), at("2026-11-25 11:00"), CALENDAR)
    assert said(after.due_at) == "2026-11-27 17:30"
    assert sum(line.days for line in after.lines) == 2


def test_a_suspension_after_the_due_time_moves_nothing():
    before = due(OFFICE_4H, at("2026-11-20 08:30"), CALENDAR)
    assert suspend(before, at("2026-11-23 09:00"), at("2026-11-24 09:00"), CALENDAR) == before
    assert suspend(before, at("2026-11-20 10:00"), at("2026-11-20 09:00"), CALENDAR) == before


def test_what_stands_after_an_extension_and_a_suspension_is_read_from_the_lines():
    given = extend(due(OFFICE_4H, at("2026-11-20 08:30"), CALENDAR), 2, "hours", CALENDAR)
    given = suspend(given, at("2026-11-20 09:30"), at("2026-11-20 11:30"), CALENDAR)
    for now, used, rest in (
        ("2026-11-20 09:00", 0.5, 5.5), ("2026-11-20 10:00", 1, 5), ("2026-11-20 12:10", 1.5, 4.5),
        ("2026-11-20 17:00", 4, 2), ("2026-11-23 11:30", 7.5, -1.5),
    ):  # fmt: skip
        found = standing(given, at(now), CALENDAR)
        assert (found.elapsed, found.left) == (timedelta(hours=used), timedelta(hours=rest)), now


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.5, "2026-11-20 10:30"), (0.8, "2026-11-20 11:42"), (1, "2026-11-20 15:00")],
)
def test_a_reminder_comes_when_a_share_is_used(share, expected):
    given = due(OFFICE_4H, at("2026-11-20 08:30"), CALENDAR)
    assert said(remind(given, share, CALENDAR)) == expected


def test_a_share_of_nothing_or_more_than_all_is_refused():
    given = due(OFFICE_4H, at("2026-11-20 08:30"), CALENDAR)
    for share in (0, 1.1, -1):
        with pytest.raises(ValueError, match="share"):
            remind(given, share, CALENDAR)


def test_why_survives_being_stored():
    given = due(WORKDAYS[15], at("2026-02-10 16:10"), CALENDAR)
    for kept in (given, extend(given, 2, "days", CALENDAR)):
        stored = json.loads(json.dumps(kept.why()))
        assert Due.read(stored, kept.rule) == kept
        assert Due.read(stored, None) == kept, "its rule is not in the catalogue any more"


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"amount": 0}, "greater than 0"),
        ({"amount": 1.5}, "whole number of days"),
        ({"amount": 2, "unit": "hours", "ends": "end_of_day"}, "whole number of days"),
        ({"count_from": "next_day"}, "counts whole days"),
        ({"amount": 4000}, "more than 3650 days"),
        ({"day_start": "18:00"}, "not in order"),
        ({"lunch": ("14:00", "12:00")}, "not in order"),
        ({"day_end": "25:00"}, "day_end"),
        ({"amount": 0.001, "unit": "minutes"}, "less than a second"),
        ({"code": "a clock"}, "code"),
        ({"colour": 1}, "colour"),
    ],
)
def test_a_rule_that_cannot_be_counted_is_refused(fields, wrong):
    given = {"code": "x", "kind": "working_hours", "amount": 2, "unit": "days", **fields}
    with pytest.raises(ValidationError, match=wrong):
        type(OFFICE_4H)(**given)
