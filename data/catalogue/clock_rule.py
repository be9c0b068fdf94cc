"""The rule of one clock: which time it counts, how much, from when and to when."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from data.catalogue.entries import Entry
from data.vocabulary import ClockKind, Names

DAY = 86_400
_MOST = {"minutes": 60 * 24 * 366, "hours": 24 * 366, "days": 3650}
_SECONDS = {"minutes": 60, "hours": 3600}

TimeOfDay = Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Unit = Literal["minutes", "hours", "days"]


class ClockRule(Entry):
    """One version of a clock.

    kind: which time counts. working_hours counts day_start to day_end without lunch on
    worked days; the other kinds count whole days, with or without those that are off.
    count_from: next_day leaves out the day of the start (Civil Code, article 201); at_once
    counts from the start, or with ends end_of_day the day of the start as the first.
    ends: end_of_day at the end of the last day's counted time; same_time when the amount
    is used up. Without both, days count from the next day to the end of a day, hours and
    minutes at once (article 201: hours count from when they begin).
    """

    code: str = Field(pattern="^[A-Za-z0-9_.-]{1,40}$")
    kind: ClockKind
    amount: float = Field(gt=0)
    unit: Unit
    count_from: Literal["next_day", "at_once"] = "at_once"
    ends: Literal["end_of_day", "same_time"] = "same_time"
    day_start: TimeOfDay = "08:30"
    day_end: TimeOfDay = "17:30"
    lunch: tuple[TimeOfDay, TimeOfDay] | None = ("12:00", "14:30")
    name: Names = Names(zh="", en="")
    basis: Names = Names(zh="", en="")
    version: int = Field(default=1, ge=1, le=32_000)
    valid_from: date = date(2020, 1, 1)

    @model_validator(mode="before")
    @classmethod
    def _as_the_law_has_it(cls, given: Any) -> Any:
        """Fill in how days are counted when neither end is named."""
        named = isinstance(given, dict) and not {"count_from", "ends"} & given.keys()
        if named and given.get("unit") == "days":
            return {**given, "count_from": "next_day", "ends": "end_of_day"}
        return given

    @model_validator(mode="after")
    def _can_be_counted(self) -> ClockRule:
        whole_days = self.ends == "end_of_day"
        if self.count_from == "next_day" and not whole_days:
            raise ValueError(f"{self.code}: from the next day it counts whole days: end_of_day")
        if whole_days and (self.unit != "days" or self.amount != int(self.amount)):
            raise ValueError(f"{self.code}: end_of_day needs a whole number of days")
        if self.amount > _MOST[self.unit]:
            raise ValueError(f"{self.code}: more than {_MOST[self.unit]} {self.unit}")
        marks = [self.day_start, *(self.lunch or ()), self.day_end]
        if sorted(set(marks)) != marks:
            raise ValueError(f"{self.code}: the times of day are not in order: {marks}")
        if self.seconds < 1:
            raise ValueError(f"{self.code}: less than a second")
        return self

    @property
    def by_days(self) -> bool:
        """Whether it counts whole days, not hours: explained day by day."""
        return self.ends == "end_of_day"

    @cached_property
    def plain(self) -> bool:
        """Whether every second counts from the start on, whatever the calendar says."""
        return self.kind is ClockKind.CONTINUOUS and not self.by_days

    @cached_property
    def windows(self) -> tuple[tuple[int, int], ...]:
        """The seconds of a counted day that count: pairs of start and end."""
        if self.kind is not ClockKind.WORKING_HOURS:
            return ((0, DAY),)
        start, end = _second(self.day_start), _second(self.day_end)
        if self.lunch is None:
            return ((start, end),)
        return ((start, _second(self.lunch[0])), (_second(self.lunch[1]), end))

    @cached_property
    def day_seconds(self) -> int:
        """The counted seconds of one whole counted day."""
        return sum(end - start for start, end in self.windows)

    @cached_property
    def seconds(self) -> int:
        """The amount in counted seconds."""
        return self.seconds_of(self.amount, self.unit)

    def seconds_of(self, amount: float, unit: Unit) -> int:
        """Return `amount` of `unit` in the seconds this clock counts."""
        return round(amount * (self.day_seconds if unit == "days" else _SECONDS[unit]))


def _second(time: str) -> int:
    return int(time[:2]) * 3600 + int(time[3:]) * 60
