"""A table of days is read or refused, whatever is in it; counting days never skips one."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from data.calendar import CalendarError, load, read_table
from data.calendar.table import COLUMNS, KEYS, STATES
from data.settings import settings
from data.vocabulary import ClockKind

CALENDAR = load("CN", settings().catalogue / "calendars")

days = st.dates(date(2023, 1, 1), date(2028, 12, 31))
cells = st.one_of(
    st.sampled_from(
        [*STATES, *KEYS, "2026-02-14", "2026/2/14", "2027-01-01", "", '"', "\0", "春节"]
    ),
    st.text(max_size=8),
)
rows = st.lists(st.lists(cells, max_size=8).map(",".join), max_size=6)


@given(st.one_of(st.binary(max_size=200), rows.map(lambda r: "\n".join([",".join(COLUMNS), *r]).encode("utf-8", "replace"))))  # fmt: skip
def test_any_file_is_read_or_refused_with_its_rows(content):
    wrong: tuple[object, ...] = ()
    try:
        found = read_table(content, "CN")
    except CalendarError as error:
        found, wrong = (), error.errors
    assert len({row.date for row in found}) == len(found)
    assert all(str(one) for one in wrong)


@given(st.sampled_from(ClockKind), days, st.integers(0, 500), st.integers(0, 500))
def test_counted_days_add_up(kind, first, a, b):
    middle, end = first + timedelta(days=a), first + timedelta(days=a + b)
    parts = CALENDAR.count(kind, first, middle) + CALENDAR.count(kind, middle, end)
    assert parts == CALENDAR.count(kind, first, end)


@given(st.sampled_from(ClockKind), days, st.integers(1, 500))
def test_the_nth_counted_day_is_counted_and_has_n_before_it(kind, after, n):
    found = CALENDAR.nth(kind, after, n)
    assert not CALENDAR.is_off(found, kind)
    assert CALENDAR.count(kind, after + timedelta(days=1), found + timedelta(days=1)) == n


@given(days)
def test_a_day_is_worked_or_off_and_says_why(day):
    what = CALENDAR.day(day)
    assert what.date == day
    assert what.worked == CALENDAR.is_worked(day) != CALENDAR.is_off(day)
    if what.kind.value in ("holiday", "make_up"):
        assert what.name["zh"]
        assert what.name["en"]
