"""The kept page of a week: right while its mark is, made again when something of it moved."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest
from sqlalchemy import func, select

from data import models as m
from data.catalogue import catalogue
from data.collector import upkeep
from data.panels import weekly
from data.queries.keys import read_keys
from data.vocabulary import Grain
from data.vocabulary.review_terms import Doubt
from tests.conftest import NOW
from tests.store.support import local, observed, put
from tests.store.weeks import CITY, COUNTIES, WEEK, cell, reviewed, row, waves, weeks

CALLS = "PS-09"
MINUTE = timedelta(minutes=1)


def page(store, week=WEEK, area=CITY, now=NOW, facts=None):
    with store.read() as conn:
        keys = read_keys(conn)
    return weekly.page(store, facts or catalogue(), keys, week, area, now)


def built(store, week=WEEK, area=CITY, now=NOW, facts=None):
    """Return when the page that is shown was made, in minutes after NOW."""
    return (page(store, week, area, now, facts)["as_of"] - NOW.timestamp()) / 60


def day(date, num, area="441602"):
    return observed(CALLS, area, f"{date}T00:00", num, grain=Grain.DAY)


def test_a_page_is_made_once_and_then_read(store):
    put(store, day("2026-11-10", 5), day("2026-11-17", 6))
    assert built(store) == 0
    assert built(store, now=NOW + 50 * MINUTE) == 0
    with store.read() as conn:
        assert conn.scalar(select(func.count()).select_from(m.review_page)) == 1


def test_what_comes_into_the_running_week_leaves_the_last_one_alone(store):
    put(store, day("2026-11-10", 5), day("2026-11-17", 6))
    page(store)
    put(store, day("2026-11-17", 9), as_of=NOW + MINUTE, now=NOW + MINUTE)
    put(store, observed("PS-01", "441602", "2026-11-18T09:00", 4), now=NOW + MINUTE)
    assert built(store, now=NOW + 2 * MINUTE) == 0


@pytest.mark.parametrize("date", ["2026-11-12", "2026-10-07"])
def test_a_late_record_of_that_week_or_an_earlier_one_makes_it_anew(store, date):
    put(store, day("2026-11-10", 5), day("2026-11-17", 6))
    before = row(page(store), CALLS)["now"]["value"]
    put(store, day(date, 7), as_of=NOW + MINUTE, now=NOW + MINUTE)
    after = row(page(store, now=NOW + 2 * MINUTE), CALLS)["now"]["value"]
    assert after == before + (7 if date > "2026-11-09" else 0)
    assert built(store, now=NOW + 2 * MINUTE) == 2


def test_a_late_record_of_a_later_week_leaves_it_alone(store):
    put(store, day("2026-11-03", 5), day("2026-11-17", 6))
    page(store, "2026-W45")
    put(store, day("2026-11-12", 7), as_of=NOW + MINUTE, now=NOW + MINUTE)
    assert built(store, "2026-W45", now=NOW + 2 * MINUTE) == 0
    assert built(store, "2026-W46", now=NOW + 2 * MINUTE) == 2


def test_the_running_week_is_made_again_after_five_minutes(store):
    put(store, day("2026-11-17", 6))
    assert built(store, "2026-W47") == 0
    put(store, day("2026-11-17", 9), as_of=NOW + MINUTE, now=NOW + MINUTE)
    assert built(store, "2026-W47", now=NOW + 4 * MINUTE) == 0
    assert built(store, "2026-W47", now=NOW + 6 * MINUTE) == 6


def test_until_a_later_week_is_told_the_last_hours_may_still_come(store):
    monday = local("2026-11-16T00:02")
    put(store, day("2026-11-14", 5), as_of=monday, now=monday)
    late = monday + 2 * MINUTE
    page(store, now=monday)
    put(store, day("2026-11-15", 3), as_of=late, now=late)
    assert row(page(store, now=monday + 7 * MINUTE), CALLS)["now"]["value"] == 8


def test_another_definition_makes_it_anew(store):
    put(store, day("2026-11-10", 5), day("2026-11-17", 6))
    page(store)
    facts = catalogue()
    other = facts.indicators[CALLS].model_copy(update={"baseline_weeks": 20})
    changed = replace(facts, indicators={**facts.indicators, CALLS: other})
    assert built(store, now=NOW + MINUTE, facts=changed) == 1


def test_a_week_that_ended_is_not_shown_as_it_ran(store):
    sunday = local("2026-11-15T23:58")
    put(store, day("2026-11-14", 5), as_of=sunday, now=sunday)
    assert page(store, now=sunday)["whole"] is False
    assert page(store, now=sunday + 3 * MINUTE)["whole"] is True


def test_a_week_of_the_future_is_not_kept(store):
    page(store, "2026-W50")
    with store.read() as conn:
        assert conn.scalar(select(func.count()).select_from(m.review_page)) == 0


def test_two_that_make_a_page_at_once_do_no_harm(store):
    put(store, day("2026-11-10", 5))
    with store.read() as conn:
        keys = read_keys(conn)
    one, other = reviewed(store), reviewed(store, now=NOW + MINUTE)
    weekly.keep(store, keys, one)
    weekly.keep(store, keys, other)
    assert built(store, now=NOW + 2 * MINUTE) == 1


def test_the_collector_makes_the_city_first_and_rests_when_all_are_made(store):
    put(store, day("2026-11-10", 5), day("2026-11-17", 6))
    areas = [CITY, *COUNTIES]
    made = [upkeep.review(store, catalogue(), NOW) for _ in range(19)]
    assert made[:18] == [(week, area) for week in ("2026-W46", "2026-W47") for area in areas]
    assert made[18] is None
    put(store, day("2026-11-12", 7), as_of=NOW + MINUTE, now=NOW + MINUTE)
    assert upkeep.review(store, catalogue(), NOW + 2 * MINUTE) == ("2026-W46", CITY)


def test_the_collector_looks_again_after_an_hour_whatever_the_mark_says(store):
    put(store, day("2026-11-10", 5), day("2026-11-17", 6))
    while upkeep.review(store, catalogue(), NOW):
        pass
    assert upkeep.review(store, catalogue(), NOW + 9 * MINUTE) is None
    assert upkeep.review(store, catalogue(), NOW + 11 * MINUTE) == ("2026-W47", CITY)
    assert upkeep.review(store, catalogue(), NOW + 61 * MINUTE) == ("2026-W46", CITY)


# ---- small counts ----

SHARE = "HE-13"
SMALL = (3.0, 1723.0)
"""Influenza-like cases of visits: fewer than ten, which nobody may see."""


def numbers(review):
    return {float(x) for x in re.findall(rb"(?<![\w.])-?\d+\.?\d*", orjson.dumps(review))}


def test_a_hidden_count_is_in_no_part_of_a_review(store):
    counties = {area: [(x, 4000.0) for x in waves(40, 200.0)] for area in COUNTIES}
    counties["441622"] = [*counties["441622"][:-1], SMALL]
    weeks(store, SHARE, counties)
    review = reviewed(store)
    small = cell(review, SHARE, "441622")["figure"]
    assert (small["value"], small["num"], small["n"]) == (None, None, None)
    assert small["doubt"] is Doubt.HIDDEN
    others = [cell(review, SHARE, a)["figure"]["doubt"] for a in COUNTIES if a != "441622"]
    assert Doubt.HIDDEN in others  # or the city's total would tell it
    seen = numbers(review)
    assert 1723.0 not in seen
    assert not any(abs(x - 100 * 3 / 1723) < 0.001 for x in seen)


def test_a_hidden_week_is_no_point_of_a_chart(store):
    counties = {area: [(x, 4000.0) for x in waves(40, 200.0)] for area in COUNTIES}
    counties["441622"][20] = SMALL
    weeks(store, SHARE, counties)
    review = reviewed(store, area="441622")
    told = row(review, SHARE)
    assert told["points"] < 40
    assert told["spark"]["values"][20 - 40 + 26] is None
    assert 1723.0 not in numbers(review)


def test_the_running_week_of_a_protected_count_is_not_shown(store):
    put(store, observed("HE-10", "441602", "2026-11-18T10:00", 40))
    told = row(reviewed(store, "2026-W47"), "HE-10")
    assert (told["now"]["value"], told["now"]["doubt"]) == (None, Doubt.HIDDEN)


def test_what_small_counts_hide_is_part_of_the_mark(store):
    put(store, day("2026-11-10", 5), day("2026-11-17", 6))
    page(store)
    put(store, observed(SHARE, "441602", "2026-11-18T08:00", 4, 200))
    assert built(store, now=NOW + MINUTE) == 1
