"""Which period is each row about, in UTC, by what the mapping says of columns and order?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from data.catalogue.mapping import PeriodKey
from data.tables.grid import text_of
from data.tables.moments import (
    MomentError,
    Span,
    from_serial,
    of_moment,
    read_span,
)
from data.tables.numerals import plain
from data.vocabulary import LOCAL, Grain

_MONTH_ONLY = re.compile(r"(\d{1,2})月份?|([一二三四五六七八九十]{1,2})月份?")
_QUARTER_ONLY = re.compile(r"第?([一二三四1-4])季度?|Q([1-4])", re.I)
_HANZI = {
    w: n
    for n, w in enumerate(
        ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"], 1
    )
}
_IN_TITLE = re.compile(
    r"\d{4}年\d{1,2}月\d{1,2}日|\d{4}年\d{1,2}月|\d{4}年第?[一二三四1-4]季度|\d{4}-\d{1,2}-\d{1,2}"
    r"|\d{4}[-/.]\d{1,2}(?![\d-])|\d{4}年第?\d{1,2}周|\d{4}年"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* \d{4}",
    re.I,
)


@dataclass(frozen=True)
class Period:
    """One period: its start in UTC and its length."""

    start: datetime
    grain: Grain


class Periods:
    """Reads the periods of one table."""

    def __init__(
        self, key: PeriodKey, *, tz: str, order: str | None = None, year: int | None
    ) -> None:
        self.key, self.zone, self.year = key, ZoneInfo(tz) if tz else None, year
        self.order = key.order or order
        self.clocked = False

    def read(self, cell: Any) -> Period:
        """Return the period a cell names; raise MomentError with the reason if it names none."""
        if text_of(cell) == "":
            raise MomentError("no_period", "there is no period")
        return self._as_told(self._span(cell))

    def _span(self, cell: Any) -> Span:
        if (span := self._of_workbook(cell)) is not None:
            moment, grain, timed = span
            midnight = self.clocked and grain is Grain.DAY
            return (moment, Grain.HOUR, True) if midnight else (moment, grain, timed)
        text = plain(text_of(cell))
        if self.year and (found := _MONTH_ONLY.fullmatch(text)):
            month = int(found[1]) if found[1] else _HANZI.get(found[2], 0)
            text = f"{self.year}-{month:02d}"
        elif self.year and (found := _QUARTER_ONLY.fullmatch(text)):
            text = f"{self.year}年{found[1] or found[2]}季度"
        return read_span(text, self.order, self.key.serial)

    def _of_workbook(self, cell: Any) -> Span | None:
        """Return what a date cell or a day number says, None for text."""
        if isinstance(cell, datetime):
            return of_moment(cell)
        if isinstance(cell, date):
            return of_moment(datetime(cell.year, cell.month, cell.day))
        number = isinstance(cell, float | int) and not isinstance(cell, bool)
        if number and self.key.serial and 20000 <= cell <= 80000:
            return from_serial(float(cell), self.key.serial)
        return None

    def look(self, cells: Iterable[Any]) -> None:
        """Learn from a column whether its cells have a clock: if so, midnight is an hour."""
        spans = (self._of_workbook(cell) for cell in cells)
        self.clocked = any(span is not None and span[2] for span in spans)

    def _as_told(self, span: Span) -> Period:
        """Return the period in UTC, of the grain the mapping wants."""
        moment, grain, timed = span
        told = self.key.grain
        if told is not None and grain is not told:
            # 13:00 is a minute too: it names a clock time, which merely has no odd minutes.
            if _length(grain) > _length(told) and not timed:
                raise MomentError(
                    "period_too_long",
                    f"names a {grain.name.lower()}, wanted is a {told.name.lower()}",
                )
            moment, grain = floor(moment, told), told
        if moment.tzinfo is None:
            if grain >= Grain.DAY:
                moment = moment.replace(tzinfo=LOCAL)
            elif self.zone is None:
                raise MomentError("no_time_zone", "the time has no offset from UTC; set time_zone")
            else:
                moment = moment.replace(tzinfo=self.zone)
        try:
            return Period(moment.astimezone(UTC), grain)
        except OverflowError as error:
            raise MomentError("bad_period", "outside the calendar") from error

    def in_title(self, title: str) -> Period:
        """Return the first period a title names; raise MomentError if it names none."""
        for found in _IN_TITLE.finditer(plain(title)):
            try:
                return self.read(found[0])
            except MomentError:
                continue
        raise MomentError("no_period", "the title names no period")


def year_in(text: str) -> int | None:
    """Return the one year a title names, None if it names none or several."""
    years = {int(y) for y in re.findall(r"(?<!\d)((?:19|20)\d\d)(?=年|\b)", plain(text))}
    return years.pop() if len(years) == 1 else None


def floor(moment: datetime, grain: Grain) -> datetime:
    """Return the start of the period of `grain` that holds `moment`."""
    if grain is Grain.MINUTE:
        return moment.replace(second=0, microsecond=0)
    if grain is Grain.HOUR:
        return moment.replace(minute=0, second=0, microsecond=0)
    moment = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if grain is Grain.WEEK:
        return moment - timedelta(days=moment.weekday())
    if grain >= Grain.MONTH:
        month = {Grain.QUARTER: (moment.month - 1) // 3 * 3 + 1, Grain.YEAR: 1}.get(
            grain, moment.month
        )
        moment = moment.replace(month=month, day=1)
    return moment


def _length(grain: Grain) -> int:
    return int(grain)
