"""Which period or instant does a cell name? Chinese, ISO and Western forms, Excel days."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

import pandas as pd

from data.tables.numerals import plain
from data.vocabulary import Grain

Span = tuple[datetime, Grain, bool]
"""Naive local start, what length of period the text names, whether it names a time of day."""

_MONTHS = {name: at + 1 for at, name in enumerate(
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
)}  # fmt: skip
_HANZI = {"一": 1, "二": 2, "三": 3, "四": 4}
_TIME = (
    r"(?:[T ,]*(?P<half>上午|下午|晚上|中午|凌晨)? *(?P<h>\d{1,2})[:时点]"
    r"(?P<mi>\d{1,2})?(?:[:分](?P<s>\d{1,2})?(?:[.,](?P<frac>\d{1,9}))?秒?)?"
    r" *(?P<ampm>[AaPp]\.?[Mm]\.?)? *(?P<zone>[Zz]|UTC|[+-]\d{2}:?\d{2})?)?"
)
_NAMED = "(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_YEAR = re.compile(r"(?:FY)?(?P<y>(?:1[89]|20|21)\d{2})(?:\.0)?年?度?(?:末|底|合计)?")
_QUARTER = re.compile(
    r"(?P<y>\d{4})[年 /_-]*(?:Q(?P<q>[1-4])|第?(?P<z>[一二三四1-4])季度?)"
    r"|Q(?P<q2>[1-4])[ /_-]*(?P<y2>\d{4})"
)
_WEEK = re.compile(r"(?P<y>\d{4})[年 -]*(?:W|第)(?P<w>\d{1,2})周?", re.I)
_MONTH = (
    re.compile(r"(?P<y>\d{4}) *(?:年|[-/.]|M) *(?P<m>\d{1,2})月?(?:份|末|底)?"),
    re.compile(r"(?P<y>(?:19|20)\d{2})(?P<m>0[1-9]|1[0-2])"),
    re.compile(rf"{_NAMED}[ .,/_-]*'?(?P<y>\d{{4}}|\d{{2}})", re.I),
    re.compile(rf"(?P<y>\d{{4}})[ /_-]{_NAMED}", re.I),
    re.compile(r"(?P<m>0?[1-9]|1[0-2])[/-](?P<y>(?:19|20)\d{2})"),
)
_DAY = (
    re.compile(
        r"(?P<y>\d{4}) *(?:年|[-/.]) *(?P<m>\d{1,2}) *(?:月|[-/.]) *(?P<d>\d{1,2})[日号]?" + _TIME
    ),
    re.compile(r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?:\.0)?" + _TIME),
    re.compile(r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})T?(?P<h>\d{2})(?P<mi>\d{2})(?P<s>\d{2})?"),
    re.compile(
        rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[ ./-]+{_NAMED}[ .,/-]*(?P<y>\d{{4}}|\d{{2}})" + _TIME,
        re.I,
    ),
    re.compile(rf"{_NAMED}[ .]+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? +(?P<y>\d{{4}})" + _TIME, re.I),
)  # fmt: skip
_NUMERIC_DAY = re.compile(
    r"(?P<a>\d{1,2})(?P<sep>[-/.])(?P<b>\d{1,2})(?P=sep)(?P<y>\d{4}|\d{2})" + _TIME
)
_CUMULATIVE = re.compile(r"\d{4}年? *1?\d? *[-—~至到] *1?\d *月|上半年|下半年|累计")
_EPOCH = {1900: datetime(1899, 12, 30), 1904: datetime(1904, 1, 1)}
_SERIALS = (20000.0, 80000.0)
"""Days of 1954 to 2119 in the 1900 system: the range in which a number may be an Excel day."""


class MomentError(ValueError):
    """The text names no period we know. reason is a short permanent code."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@dataclass(frozen=True)
class Order:
    """How day and month stand in a column: told is dmy, mdy or None; why says what decided."""

    told: str | None
    sure: bool
    why: str


@lru_cache(maxsize=65536)
def read_span(text: str, order: str | None = None, serial: int | None = None) -> Span:
    """Return the period or instant `text` names.

    Raises:
        MomentError: bad_period, ambiguous_date (order is needed), cumulative_period.
    """
    text = re.sub(
        r"^(?:星期|周)[一二三四五六日天][ ,]*|[ ,]*(?:星期|周)[一二三四五六日天]$", "", plain(text)
    )
    if _CUMULATIVE.search(text):
        raise MomentError("cumulative_period", "a running total over several months")
    try:
        found = _calendar(text) or _day(text) or _numeric_day(text, order) or _serial(text, serial)
    except (ValueError, OverflowError) as error:
        if isinstance(error, MomentError):
            raise
        raise MomentError("bad_period", f"no such date: {error}") from error
    if found is None:
        raise MomentError("bad_period", "not a date or period")
    return found


def _calendar(text: str) -> Span | None:
    """Return a year, quarter, ISO week or month."""
    if found := _YEAR.fullmatch(text):
        return datetime(int(found["y"]), 1, 1), Grain.YEAR, False
    if found := _QUARTER.fullmatch(text.upper()):
        said = found["q"] or found["z"] or found["q2"]
        quarter = _HANZI.get(said) or int(said)
        return datetime(int(found["y"] or found["y2"]), 3 * quarter - 2, 1), Grain.QUARTER, False
    if found := _WEEK.fullmatch(text):
        monday = date.fromisocalendar(int(found["y"]), int(found["w"]), 1)
        return datetime.combine(monday, time()), Grain.WEEK, False
    for form in _MONTH:
        if found := form.fullmatch(text):
            return datetime(_year(found["y"]), _month(found), 1), Grain.MONTH, False
    return None


def _day(text: str) -> Span | None:
    for form in _DAY:
        if found := form.fullmatch(text):
            return _at(found, _year(found["y"]), _month(found), int(found["d"]))
    return None


def _numeric_day(text: str, order: str | None) -> Span | None:
    found = _NUMERIC_DAY.fullmatch(text)
    if not found:
        return None
    first, second = int(found["a"]), int(found["b"])
    if order == "ymd":
        # 24-03-05: the last pair is the day.
        if len(found["y"]) != 2:
            raise MomentError("bad_period", "the year does not stand first")
        return _at(found, _year(found["a"]), second, int(found["y"]))
    if order is None:
        if first == second:
            order = "dmy"
        elif first > 12 >= second or second > 12 >= first:
            order = "dmy" if first > 12 else "mdy"
        else:
            raise MomentError("ambiguous_date", "day or month first? say order in the mapping")
    day, month = (first, second) if order == "dmy" else (second, first)
    return _at(found, _year(found["y"]), month, day)


def _serial(text: str, epoch: int | None) -> Span | None:
    if epoch is None:
        return None
    try:
        return from_serial(float(text), epoch)
    except ValueError:
        return None


def from_serial(days: float, epoch: int = 1900) -> Span:
    """Return what an Excel day number means in the 1900 or 1904 system."""
    if not math.isfinite(days) or not 1 <= days < 2958466:
        raise MomentError("bad_period", "not a day of Excel")
    moment = _EPOCH[epoch] + timedelta(seconds=round(days * 86400))
    return of_moment(moment)


def of_moment(moment: datetime) -> Span:
    """Return the span of an instant as a workbook gives it: a day if it stands at midnight."""
    moment = moment.replace(tzinfo=None, microsecond=0)
    timed = moment.time() != time()
    return moment, _grain(moment) if timed else Grain.DAY, timed


def _grain(moment: datetime) -> Grain:
    return Grain.HOUR if moment.minute == moment.second == 0 else Grain.MINUTE


def _at(found: re.Match[str], year: int, month: int, day: int) -> Span:
    parts = found.groupdict()
    moment = datetime(year, month, day)
    if not parts.get("h"):
        return moment, Grain.DAY, False
    hour = int(parts["h"])
    half = (parts.get("half") or "") + (parts.get("ampm") or "").replace(".", "").upper()
    if half in ("下午", "晚上", "PM", "中午") and hour < 12 and not (half == "中午" and hour == 11):
        hour += 12
    elif half in ("上午", "凌晨", "AM") and hour == 12:
        hour = 0
    moment += timedelta(days=1) if hour == 24 else timedelta()
    hour = 0 if hour == 24 else hour
    moment = moment.replace(hour=hour, minute=int(parts["mi"] or 0), second=int(parts["s"] or 0))
    zone = parts.get("zone")
    return _zoned(moment, zone), _grain(moment), True


def _zoned(moment: datetime, zone: str | None) -> datetime:
    if not zone:
        return moment
    return datetime.fromisoformat(f"{moment.isoformat()}{'+00:00' if zone in 'ZzUTC' else zone}")


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 70 else 1900)


def _month(found: re.Match[str]) -> int:
    parts = found.groupdict()
    return int(parts["m"]) if parts.get("m") else _MONTHS[parts["name"].lower()]


_USUAL = (
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "%Y-%m-%d %H:%M:%S"),
    (r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d", "%Y/%m/%d %H:%M:%S"),
    (r"\d\d/\d\d/\d{4} \d\d:\d\d:\d\d [AP]M", "{} %I:%M:%S %p"),
    (r"\d\d/\d\d/\d{4} \d\d:\d\d:\d\d", "{} %H:%M:%S"),
)
_ORDERED = {"mdy": "%m/%d/%Y", "dmy": "%d/%m/%Y"}


def usual_times(cells: list[Any], order: str | None) -> dict[int, datetime]:
    """Return by place the naive times of a column written in one of the usual forms; quick.

    What is not among them is for read_span, which would say the same of these.
    """
    first = next((c.strip() for c in cells[:100] if isinstance(c, str) and c.strip()), "")
    for form, written in _USUAL:
        if re.fullmatch(form, first) and ("{" not in written or order in _ORDERED):
            whole = re.compile(form)
            told = written.format(_ORDERED.get(order or "", ""))
            at = [n for n, c in enumerate(cells) if isinstance(c, str) and whole.fullmatch(c)]
            moments = pd.to_datetime([cells[n] for n in at], format=told, errors="coerce")
            days = moments.to_pydatetime().tolist()
            return {n: d for n, d in zip(at, days, strict=True) if d is not pd.NaT}
    return {}


def order_of(cells: Iterable[str]) -> Order:
    """Decide from a whole column whether the day or the month stands first."""
    found = [m for m in (_NUMERIC_DAY.fullmatch(plain(c)) for c in cells) if m and _a_day(m)]
    firsts, seconds = {int(m["a"]) for m in found}, {int(m["b"]) for m in found}
    if not found:
        return Order(None, True, "no dates of that form")
    if max(firsts) > 12 and max(seconds) > 12:
        years_first = max(seconds) <= 12 or all(len(m["y"]) == 2 for m in found)
        return Order("ymd" if years_first and max(firsts) > 31 else None, False, "both above 12")
    if max(firsts) > 12:
        return Order("dmy", True, "the first number goes above 12")
    if max(seconds) > 12:
        return Order("mdy", True, "the second number goes above 12")
    if len(firsts) == 1 and len(seconds) > 1:
        return Order("dmy", False, "the first number never changes, as on the first of each month")
    if len(seconds) == 1 and len(firsts) > 1:
        return Order("mdy", False, "the second number never changes")
    dashed = found[0]["sep"] != "/"
    return Order("dmy" if dashed else None, False, "every date could be read both ways")


def _a_day(found: re.Match[str]) -> bool:
    """Return whether any order makes a day of it: 13/45/2026 has no vote on the others."""
    first, second = int(found["a"]), int(found["b"])
    if len(found["y"]) == 2 and first > 31:
        return second <= 12 and int(found["y"]) <= 31
    return min(first, second) <= 12 and max(first, second) <= 31


def may_be_serial(values: Iterable[Any]) -> bool:
    """Return whether numbers look like Excel days of our time."""
    return all(isinstance(v, int | float) and _SERIALS[0] <= v <= _SERIALS[1] for v in values)
