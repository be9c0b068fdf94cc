"""What a week is compared with, day by day: the week before, the same week, the same lunar days.

The Spring Festival comes 354 to 385 days after the last one, never 364, so the same week of last
year sets workdays against holidays. Lunar-aligned, every day goes to the day of last year (or of
the year before that) that it is like: the same days from 除夕 around the Spring Festival, the same
day of a holiday, or an ordinary day of the same weekday near by. A make-up working day is like
another one for the same holiday and like nothing else: offices work, schools and half the firms do
not, so it is no Monday. Days without a like are listed, never filled.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from data.calendar import like_words as words
from data.calendar.calendar import Calendar
from data.calendar.days import BasisKind
from data.calendar.kinship import Kin, Kinship, kinship
from data.calendar.lunar import NoLunarDateError, eve, eve_offset, in_table
from data.calendar.week import Week
from data.vocabulary import Names
from data.vocabulary.review import Basis
from data.vocabulary.review_terms import Doubt, Unlike

YEARS_BACK = 2
_NEAR_HOLIDAY, _NEAR_ORDINARY = 35, 14
"""Days a like may be from the same weekday of the same week: lunar holidays move by up to 30."""
_LUNAR_COUNTRY = "CN"
_WHY = {
    Kin.SEASON: Unlike.FESTIVAL_THEN,
    Kin.MAKE_UP: Unlike.MAKE_UP,
    Kin.BEFORE: Unlike.BEFORE_HOLIDAY,
    Kin.AFTER: Unlike.AFTER_HOLIDAY,
    Kin.ORDINARY: Unlike.FESTIVAL_THEN,
}


def bases(first: date, calendar: Calendar) -> dict[str, Basis]:
    """Return what the week from Monday `first` is compared with: last, year and lunar.

    Raises:
        ValueError: `first` is no Monday.
    """
    if first.weekday():
        raise ValueError(f"{first} is no Monday")
    week = Week.of(first)
    return {
        "last": _shifted("last", week, week - 1, calendar),
        "year": _shifted("year", week, week.year_before(), calendar),
        "lunar": _lunar(week, calendar),
    }


def _shifted(key: str, week: Week, other: Week | None, calendar: Calendar) -> Basis:
    if other is None:
        return _nothing(key, week, Unlike.NO_WEEK_53, words.no_week_53(week))
    pairs = dict(zip(week.days, other.days, strict=True))
    lunar = calendar.country == _LUNAR_COUNTRY and all(map(in_table, (other.first, week.last)))
    return _basis(key, pairs, {}, words.of_shift(other, pairs, calendar, lunar), None)


def _lunar(week: Week, calendar: Calendar) -> Basis:
    if calendar.country != _LUNAR_COUNTRY:
        return _nothing("lunar", week, Unlike.NO_LUNAR, words.no_lunar(calendar.country))
    try:
        pairs, unmatched = _matched(week, calendar)
    except NoLunarDateError:
        return _nothing("lunar", week, Unlike.OUT_OF_TABLE, words.out_of_table())
    if not pairs:
        return _basis("lunar", {}, unmatched, words.nothing_like(), Doubt.NO_MATCH)
    said = words.of_pairs(week, pairs, calendar)
    return _basis("lunar", pairs, unmatched, said, _doubt(week, pairs, calendar))


def _matched(week: Week, calendar: Calendar) -> tuple[dict[date, date], dict[date, Unlike]]:
    """Return each day's like, and why the others have none."""
    pairs: dict[date, date] = {}
    unmatched: dict[date, Unlike] = {}
    for day in week.days:
        kin = kinship(day, calendar)
        found = _like(day, kin, calendar, set(pairs.values()))
        if found is None:
            unmatched[day] = _why(day, kin, calendar)
        else:
            pairs[day] = found
    return pairs, unmatched


def _like(day: date, kin: Kinship, calendar: Calendar, used: set[date]) -> date | None:
    """Return the nearest day that is of one class with `day`; the newer year goes first."""
    for back in range(1, YEARS_BACK + 1):
        for other in _candidates(day, kin, back):
            if other not in used and kinship(other, calendar) == kin:
                return other
    return None


def _candidates(day: date, kin: Kinship, back: int) -> Iterator[date]:
    """Yield the days `back` years before that may be like `day`, the nearest first."""
    if kin.kin is Kin.SEASON:
        year, offset = eve_offset(day)
        yield eve(year - back) + timedelta(days=offset)
        return
    there = _same_place(day, back)
    ordinary = kin.kin is Kin.ORDINARY
    near, step = (_NEAR_ORDINARY, 7) if ordinary else (_NEAR_HOLIDAY, 1)
    yield there
    for away in range(step, near + 1, step):
        yield there - timedelta(days=away)
        yield there + timedelta(days=away)


def _same_place(day: date, back: int) -> date:
    """Return the same weekday of the same week `back` years before, the nearest for a week 53."""
    year, number, weekday = day.isocalendar()
    try:
        return date.fromisocalendar(year - back, number, weekday)
    except ValueError:
        return date.fromisocalendar(year - back, number - 1, weekday) + timedelta(weeks=1)


def _why(day: date, kin: Kinship, calendar: Calendar) -> Unlike:
    if kin.kin is not Kin.HOLIDAY:
        return _WHY[kin.kin]
    backs = range(1, YEARS_BACK + 1)
    there = (kinship(o, calendar) for back in backs for o in _candidates(day, kin, back))
    short = any(other.kin is Kin.HOLIDAY and other.holiday == kin.holiday for other in there)
    return Unlike.LONGER_HOLIDAY if short else Unlike.NO_SUCH_HOLIDAY


def _doubt(week: Week, pairs: dict[date, date], calendar: Calendar) -> Doubt | None:
    """Return a doubt where a year of either side has no published arrangement of holidays."""
    years = {day.year for day in (*week.days, *pairs.values())}
    fixed = any(calendar.basis(year).kind is BasisKind.FIXED for year in years)
    return Doubt.NO_NOTICE if fixed else None


def _nothing(key: str, week: Week, why: Unlike, said: Names) -> Basis:
    return _basis(key, {}, dict.fromkeys(week.days, why), said, Doubt.NO_MATCH)


def _basis(
    key: str,
    pairs: dict[date, date],
    unmatched: dict[date, Unlike],
    said: Names,
    doubt: Doubt | None,
) -> Basis:
    return Basis(
        key=key,
        first=min(pairs.values()).isoformat() if pairs else "",
        last=max(pairs.values()).isoformat() if pairs else "",
        words=said,
        pairs=[(day.isoformat(), other.isoformat()) for day, other in pairs.items()],
        unmatched=[(day.isoformat(), why) for day, why in unmatched.items()],
        doubt=doubt,
    )
