"""What a day is like: in a holiday, around the Spring Festival, or in an ordinary week."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from data.calendar.calendar import Calendar
from data.calendar.days import DayKind
from data.calendar.lunar import eve_offset, festival

SEASON = range(-21, 31)
"""Days from 除夕 in which the year goes by the Spring Festival: travel before it, factories and
schools that open again after it."""
_LONGEST_RUN = 20
_LONG = ("national_day", "labour_day")
_OWN = (*_LONG, "new_year", "qingming", "dragon_boat", "mid_autumn")
"""Holidays that are their own class; the first one found names a run that holds several."""


class Kin(StrEnum):
    """The classes, in the order they are asked for."""

    HOLIDAY = "holiday"
    SEASON = "season"
    MAKE_UP = "make_up"
    BEFORE = "before"
    AFTER = "after"
    ORDINARY = "ordinary"


@dataclass(frozen=True)
class Kinship:
    """Two days are alike when these are equal.

    holiday: its key; of one that a city orders itself its name. place: in a holiday see `_place`;
    days from 除夕; or the weekday (Monday 0). kind: of an ordinary day.
    """

    kin: Kin
    holiday: str = ""
    place: int = 0
    kind: DayKind | None = None


@lru_cache(maxsize=8192)
def kinship(day: date, calendar: Calendar) -> Kinship:
    """Return what `day` is like. Raises NoLunarDateError outside of the lunar table.

    A holiday is the whole run of days off with it, weekends too, as people live it.
    """
    run = _run(day, calendar)
    own = _own(run, calendar)
    if own:
        return Kinship(Kin.HOLIDAY, own, _place(day, run, own))
    _, offset = eve_offset(day)
    if offset in SEASON:
        return Kinship(Kin.SEASON, place=offset)
    known = calendar.day(day)
    if known.kind is DayKind.MAKE_UP:
        return Kinship(Kin.MAKE_UP, known.key)
    for kin, step in ((Kin.BEFORE, 1), (Kin.AFTER, -1)):
        beside = _own(_run(day + timedelta(days=step), calendar), calendar)
        if beside and known.worked:
            return Kinship(kin, beside)
    return Kinship(Kin.ORDINARY, place=day.weekday(), kind=known.kind)


def _place(day: date, run: list[date], own: str) -> int:
    """Return the place of `day` in the holiday `run`.

    In a long holiday: days from its feast. In a short one the feast itself is 0 and the days
    before and after it, which every notice lays otherwise, are counted from 1.
    """
    feast = next((other for other in run if festival(other) == own), run[0])
    if own in _LONG or day == feast:
        return (day - feast).days
    return [other for other in run if other != feast].index(day) + 1


def _run(day: date, calendar: Calendar) -> list[date]:
    """Return the days off in a row that `day` is in; none if it is worked."""
    if calendar.is_worked(day):
        return []
    before = reversed(list(_off(day, -1, calendar)))
    return [*before, day, *_off(day, 1, calendar)]


def _off(day: date, step: int, calendar: Calendar) -> Iterator[date]:
    for n in range(1, _LONGEST_RUN + 1):
        other = day + timedelta(days=step * n)
        if calendar.is_worked(other):
            return
        yield other


def _own(run: list[date], calendar: Calendar) -> str:
    """Return the holiday a run of days off is, "" for a weekend and for the Spring Festival."""
    off = [day for day in map(calendar.day, run) if day.kind is DayKind.HOLIDAY]
    if not off:
        return ""
    found = {festival(day) for day in run}
    own = next((key for key in _OWN if key in found), "")
    if own:
        return own
    return next((d.name["zh"] for d in off if d.key == "other" and d.name), "")
