"""What is due in the rhythm of the review, and whether it was done. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from data.catalogue.review_entries import ReviewRhythm
from data.review.week_text import following, this_monday
from data.vocabulary import LOCAL
from data.vocabulary.meeting import Reminder

MEETING = timedelta(hours=3)
"""A meeting that began so long ago is over."""


def reminders(
    rhythm: ReviewRhythm, week: date, now: datetime, *, frozen: bool, written: bool
) -> list[Reminder]:
    """Return what belongs to the meeting about a week, in order of time.

    frozen: its pack is made; written: something was promised or said about a promise in it.
    The pre-read is due from the end of the week on, the meeting on its day, and what follows
    from the meeting on.
    """
    before, meeting, later = rhythm.preread(week), rhythm.meeting(week), rhythm.followup(week)
    over = datetime.combine(following(week), datetime.min.time(), LOCAL)
    day = datetime.combine(meeting.date(), datetime.min.time(), LOCAL)
    return [
        _reminder("preread", before, over, now, done=frozen),
        _reminder("meeting", meeting, day, now, done=now >= meeting + MEETING),
        _reminder("followup", later, meeting, now, done=written and now >= meeting),
    ]


def _reminder(kind: str, at: datetime, since: datetime, now: datetime, *, done: bool) -> Reminder:
    if done:
        state = "done"
    elif now < since:
        state = "ahead"
    elif now < at or (kind == "meeting" and now < at + MEETING):
        state = "due"
    else:
        state = "late"
    return {"kind": kind, "at": at.timestamp(), "state": state}


def to_freeze(rhythm: ReviewRhythm, now: datetime) -> date:
    """Return the Monday of the newest week whose page has to be frozen by now."""
    week = this_monday(now) - timedelta(days=7)
    while rhythm.preread(week) > now:
        week -= timedelta(days=7)
    return week
