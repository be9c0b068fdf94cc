"""Whatever happens to cases, the totals of a week reconcile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from data.review.totals import (
    FIRST_DAY,
    LAST_WEEK,
    Due,
    Stay,
    by_day,
    flow,
    place,
    stays_of,
    totals,
)

START = datetime(2026, 11, 8, 16, tzinfo=UTC)
CUTS = [START - timedelta(days=7), *(START + timedelta(days=n) for n in range(8))]
END = len(CUTS)
NONE = Due(0, 0)
places = st.integers(0, END)
stay = st.builds(
    Stay, places, st.none() | places, st.integers(1, 50), again=st.booleans(), late=st.booleans()
)
instants = st.integers(-30 * 24, 30 * 24).map(lambda h: START + timedelta(hours=h))
moves = st.lists(st.tuples(instants, st.booleans()), max_size=8)


@given(st.lists(stay, max_size=40))
def test_before_and_new_and_reopened_less_closed_is_open(stays):
    told = totals(stays, END, NONE, NONE)
    gone_and_come = told["before"] + told["new"] + told["reopened"] - told["closed"]
    assert gone_and_come == told["open"] >= 0
    assert 0 <= told["late"] <= told["open"]
    assert told["before"] == told["last_open"]


@given(st.lists(stay, max_size=40))
def test_what_is_open_at_the_end_is_counted_one_by_one(stays):
    told = totals(stays, END, NONE, NONE)
    open_now = [s for s in stays if s.start < END and (s.end is None or max(s.end, s.start) >= END)]
    assert told["open"] == sum(s.n for s in open_now)


@given(st.lists(stay, max_size=40))
def test_the_days_add_up_to_the_week(stays):
    told, days = totals(stays, END, NONE, NONE), by_day(stays, END)
    assert len(days) == 7
    assert sum(new for new, _ in days) == told["new"] + told["reopened"]
    assert sum(closed for _, closed in days) == told["closed"]


@given(st.lists(stay, max_size=40), st.integers(LAST_WEEK, END))
def test_a_stretch_may_be_cut_anywhere(stays, at):
    whole, first, second = (
        flow(stays, LAST_WEEK, END),
        flow(stays, LAST_WEEK, at),
        flow(stays, at, END),
    )
    assert first.open == second.open_before
    assert second.open == whole.open


@given(instants, moves)
def test_a_case_is_open_or_not_at_every_instant_whatever_its_events_say(reported, told):
    stays = stays_of(reported, told, CUTS)
    for start in range(LAST_WEEK, END):
        for end in range(start, END + 1):
            found = flow(stays, start, end)
            assert 0 <= found.open_before <= 1
            assert 0 <= found.open <= 1
    assert sum(not s.again for s in stays) == 1
    assert [s for s in stays if s.end is None] in ([], stays[-1:])


@given(instants, moves)
def test_a_case_without_events_comes_once(reported, told):
    del told
    (only,) = stays_of(reported, (), CUTS)
    assert (only.start, only.end, only.again) == (place(reported, CUTS), None, False)


def test_a_day_begins_at_its_midnight():
    assert place(CUTS[FIRST_DAY - 1], CUTS) == FIRST_DAY
    assert place(CUTS[FIRST_DAY - 1] - timedelta(seconds=1), CUTS) == LAST_WEEK
