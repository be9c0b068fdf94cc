"""When a review meets, what is due before and after it, and what a wrong file says."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from data.calendar.week import WeekError
from data.catalogue import CatalogueError
from data.catalogue.review_entries import ReviewRhythm, read_rhythm
from data.review.rhythm import reminders, to_freeze
from data.review.week_text import following, monday, this_monday, written
from data.vocabulary import LOCAL

WEEK = date(2026, 11, 16)
RHYTHM = ReviewRhythm()


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


def states(now, *, frozen=False, written=False):
    return [r["state"] for r in reminders(RHYTHM, WEEK, at(now), frozen=frozen, written=written)]


@pytest.mark.parametrize(
    ("text", "day"),
    [("2026-W47", "2026-11-16"), ("2026W01", "2025-12-29"), ("2020-w53", "2020-12-28")],
)
def test_a_week_is_read_as_it_is_written(text, day):
    first = monday(text)
    assert first == date.fromisoformat(day)
    assert monday(written(first)) == first


@pytest.mark.parametrize("text", ["2025-W53", "2026-W00", "2026-47", "", "2026-W4", "W47"])
def test_what_is_no_week_is_refused(text):
    with pytest.raises(WeekError):
        monday(text)


def test_a_week_is_over_from_local_midnight_on():
    assert this_monday(at("2026-11-22T23:59")) == WEEK
    assert this_monday(at("2026-11-23T00:00")) == following(WEEK)


def test_the_shipped_meeting_is_wednesday_and_its_pages_leave_on_monday(catalogue):
    rhythm = catalogue.review
    assert rhythm.preread(WEEK) == at("2026-11-23T09:00")
    assert rhythm.meeting(WEEK) == at("2026-11-25T09:00")
    assert rhythm.followup(WEEK) == at("2026-11-27T09:00")


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-22T12:00", ["ahead", "ahead", "ahead"]),
        ("2026-11-23T08:59", ["due", "ahead", "ahead"]),
        ("2026-11-23T09:00", ["late", "ahead", "ahead"]),
        ("2026-11-25T08:00", ["late", "due", "ahead"]),
        ("2026-11-25T11:00", ["late", "due", "due"]),
        ("2026-11-25T12:00", ["late", "done", "due"]),
        ("2026-11-27T09:00", ["late", "done", "late"]),
    ],
)
def test_what_is_due_moves_with_the_clock(now, expected):
    assert states(now) == expected


def test_what_was_done_is_done_early_or_late():
    assert states("2026-11-23T07:00", frozen=True)[0] == "done"
    assert states("2026-11-28T07:00", frozen=True, written=True) == ["done"] * 3


def test_what_was_promised_before_the_meeting_is_not_its_follow_up():
    assert states("2026-11-24T07:00", written=True)[2] == "ahead"


@pytest.mark.parametrize(
    ("now", "week"),
    [
        ("2026-11-23T08:59", "2026-11-09"),
        ("2026-11-23T09:00", "2026-11-16"),
        ("2026-11-29T23:00", "2026-11-16"),
        ("2026-11-30T09:00", "2026-11-23"),
    ],
)
def test_the_week_to_freeze_is_the_newest_whose_pages_have_left(now, week):
    assert to_freeze(RHYTHM, at(now)) == date.fromisoformat(week)


def test_a_page_is_never_sent_before_its_week_is_over():
    with pytest.raises(ValueError, match="not over"):
        ReviewRhythm(weekday=1, time="09:00", preread_hours=10)
    assert ReviewRhythm(weekday=1, time="09:00", preread_hours=9).preread(WEEK) == at(
        "2026-11-23T00:00"
    )


def test_a_folder_without_the_file_meets_as_we_do(tmp_path):
    assert read_rhythm(tmp_path) == ReviewRhythm()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- weekday: 1\n", "no list of fields"),
        ("weekday: 8\n", "weekday"),
        ("time: '9:00'\n", "time"),
        ("weekday: 1\npreread_hours: 48\n", "preread_hours"),
        ("weekdy: 1\n", "weekdy"),
        ("weekday: [\n", "review.yaml"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(tmp_path, text, said):
    (tmp_path / "review.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError, match=said) as error:
        read_rhythm(tmp_path)
    assert "review.yaml" in str(error.value)


def test_every_moment_has_its_week_to_freeze():
    now = at("2026-01-01T00:00")
    for hours in range(0, 24 * 21, 5):
        moment = now + timedelta(hours=hours)
        week = to_freeze(RHYTHM, moment)
        assert RHYTHM.preread(week) <= moment < RHYTHM.preread(following(week))
