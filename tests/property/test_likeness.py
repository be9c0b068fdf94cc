"""Any week: days are matched once, with days of their own class, and none is lost."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.calendar import load
from data.calendar.kinship import Kin, kinship
from data.calendar.likeness import bases
from data.calendar.lunar import eve
from data.calendar.week import Week
from data.settings import settings
from data.vocabulary.review_terms import Doubt

CALENDAR = load("CN", settings().catalogue / "calendars")
weeks = st.dates(date(2015, 1, 1), date(2035, 12, 31)).map(Week.of)


@given(weeks)
def test_every_day_is_matched_once_or_listed(week):
    for basis in bases(week.first, CALENDAR).values():
        days = [day for day, _ in basis["pairs"]] + [day for day, _ in basis["unmatched"]]
        likes = [like for _, like in basis["pairs"]]
        assert sorted(days) == [day.isoformat() for day in week.days]
        assert len(set(likes)) == len(likes)
        assert all(like < week.first.isoformat() for like in likes)
        assert (basis["doubt"] is Doubt.NO_MATCH) == (not likes)
        assert (basis["first"], basis["last"]) == ((min(likes), max(likes)) if likes else ("", ""))


@given(weeks)
def test_a_pair_is_of_one_class(week):
    for day, like in bases(week.first, CALENDAR)["lunar"]["pairs"]:
        ours, theirs = date.fromisoformat(day), date.fromisoformat(like)
        assert kinship(ours, CALENDAR) == kinship(theirs, CALENDAR)
        if kinship(ours, CALENDAR).kin is Kin.ORDINARY:
            assert ours.weekday() == theirs.weekday()
            assert CALENDAR.is_worked(ours) == CALENDAR.is_worked(theirs)


@given(weeks)
def test_words_name_what_was_matched_in_both_languages(week):
    for basis in bases(week.first, CALENDAR).values():
        assert all(basis["words"].values())
        years = {like[:4] for _, like in basis["pairs"]}
        told = basis["words"]["zh"] + basis["words"]["en"]
        # A week, a New Year's holiday and a lunar year may be named by the year beside it.
        near = {str(int(year) + n) for year in years for n in (-1, 0, 1)}
        assert not years or any(year in told for year in near)


@pytest.mark.parametrize("year", range(2019, 2036))
def test_the_spring_festival_goes_by_the_days_from_its_eve(year):
    """Festivals are 354, 355, 383, 384 or 385 days apart; 364 is never right."""
    lag = (eve(year) - eve(year - 1)).days
    assert lag in (354, 355, 383, 384, 385)
    for week in {Week.of(eve(year) + timedelta(days=n)) for n in (-7, 0, 7, 14, 21)}:
        pairs = bases(week.first, CALENDAR)["lunar"]["pairs"]
        lags = {(date.fromisoformat(a) - date.fromisoformat(b)).days for a, b in pairs}
        assert lags == {lag}
        assert len(pairs) == 7
