"""What followed a promise: the weeks after beside the weeks before, and never more than that."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from data.catalogue import catalogue
from data.catalogue.entries import SeriesBreak
from data.queries.keys import read_keys
from data.queries.review.series import weekly_series
from tests.reviews import CITY, RUNNING, WEEK, review
from tests.store.meeting import FEVER, ON_TIME, ZIJIN, Room, mondays, weekly
from tests.store.support import observed, put

MADE, PAST = "2026-W38", date(2026, 9, 14)
"""Eight weeks before the newest whole one."""


@pytest.fixture
def room(store):
    return Room(store)


def history(store, before, after, *, area=ZIJIN, code=ON_TIME, skip=()):
    """Write 40 weeks before a promise and the 8 after it as shares of about 1000."""
    chance = random.Random(7)
    values = {}
    for place, day in enumerate(mondays(48)):
        share = before if place < 40 else after
        if place not in skip:
            values[day] = (share * 10 + chance.randint(-12, 12), 1000.0)
    weekly(store, code, values, area)


def line(room, *, week=WEEK, expected="higher", of_area=ZIJIN, code=ON_TIME, now=None):
    past = room.now - timedelta(weeks=8)
    room.made(week=MADE, due="2026-W47", of_area=of_area, code=code, expected=expected, now=past)
    return room.minutes(week, now=now)["promises"][0]


@pytest.mark.parametrize(
    ("after", "expected", "verdict"),
    [
        (88, "higher", "improved"),
        (88, "lower", "worse"),
        (72, "higher", "worse"),
        (80, "higher", "no_sign"),
    ],
)
def test_the_weeks_after_speak(room, after, expected, verdict):
    history(room.store, 80, after)
    told = line(room, expected=expected)
    assert (told["verdict"], told["doubt"], told["weeks_after"]) == (verdict, None, 8)
    assert told["before"] == pytest.approx(80, abs=0.5)
    assert told["after"] == pytest.approx(after, abs=0.5)


def test_before_and_after_are_numerators_over_denominators(room):
    small = dict.fromkeys(mondays(24)[:8], (10.0, 10.0))
    large = dict.fromkeys(mondays(24)[8:16], (500.0, 1000.0))
    after = dict.fromkeys(mondays(24)[16:], (900.0, 1000.0))
    weekly(room.store, ON_TIME, small | large | after, ZIJIN)
    told = line(room)
    assert told["before"] == pytest.approx((80 + 4000) / 8080 * 100)
    assert told["after"] == pytest.approx(90)


def test_an_old_page_says_what_was_known_then(room):
    history(room.store, 80, 88)
    told = line(room, week="2026-W40")
    assert (told["verdict"], told["weeks_after"]) == ("too_early", 2)


def test_in_the_week_it_is_made_it_is_too_early(room):
    history(room.store, 80, 80)
    for week in (WEEK, RUNNING):
        room.made(week=week, of_area=ZIJIN, due="2026-W49")
        told = room.minutes(week)["promises"][-1]
        assert (told["verdict"], told["weeks_after"], told["after"]) == ("too_early", 0, None)


def test_too_few_weeks_before_say_nothing(room):
    values = dict.fromkeys(mondays(12), (800.0, 1000.0))
    weekly(room.store, ON_TIME, values, ZIJIN)
    told = line(room)
    assert (told["verdict"], told["doubt"]) == ("unknown", "too_few")


def test_an_indicator_nobody_told_says_so(room):
    told = line(room, code=FEVER, expected="lower")
    assert (told["verdict"], told["doubt"], told["before"]) == ("unknown", "no_data", None)


def test_another_definition_after_the_promise_ends_the_comparison(room, monkeypatch):
    history(room.store, 80, 88)
    words = {"zh": "口径调整", "en": "redefined"}
    facts = catalogue()
    broken = SeriesBreak(on=PAST + timedelta(weeks=2), why=words)
    other = facts.indicators[ON_TIME].model_copy(update={"breaks": (broken,)})
    monkeypatch.setitem(facts.indicators, ON_TIME, other)
    told = line(room)
    assert (told["verdict"], told["doubt"], told["weeks_after"]) == ("unknown", "break", 1)


def test_a_bridged_break_ends_nothing(room, monkeypatch):
    history(room.store, 80, 88)
    words = {"zh": "x", "en": "x"}
    facts = catalogue()
    broken = SeriesBreak(on=PAST + timedelta(weeks=2), why=words, bridged=words)
    other = facts.indicators[ON_TIME].model_copy(update={"breaks": (broken,)})
    monkeypatch.setitem(facts.indicators, ON_TIME, other)
    assert line(room)["verdict"] == "improved"


def test_the_answer_of_a_page_is_kept_while_the_page_is_the_same(room):
    history(room.store, 80, 80)
    line(room)
    first = room.minutes(review=review(mark="a"))["promises"][0]
    weekly(room.store, ON_TIME, {"2026-11-16": (1.0, 2.0)}, ZIJIN)
    assert room.minutes(review=review(mark="a"))["promises"][0] == first


# ---- the weeks ----


def series(store, code, area=CITY, first="2026-11-02", last="2026-11-16"):
    with store.read() as conn:
        days = date.fromisoformat(first), date.fromisoformat(last)
        num, den = weekly_series(conn, read_keys(conn), catalogue(), code, area, *days)
    return num.tolist(), den.tolist()


def test_a_week_that_was_not_told_is_no_number(room):
    num, den = series(room.store, ON_TIME)
    assert (num[1], den[1]) == (81.0, 100.0)
    assert [n == n for n in (*num, *den)] == [False, True, False] * 2


def test_a_small_count_is_no_number_either(room):
    put(room.store, observed(FEVER, ZIJIN, "2026-11-10T09:00", 3), now=room.now)
    num, _ = series(room.store, FEVER, ZIJIN)
    assert [n == n for n in num] == [False, False, False]
    put(room.store, *[observed(FEVER, "441622", f"2026-11-0{d}T09:00", 50) for d in range(3, 8)])
    num, _ = series(room.store, FEVER, "441622")
    assert num[0] == 250.0
