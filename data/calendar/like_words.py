"""What a week is compared with, in words of both languages."""

from __future__ import annotations

from datetime import date, timedelta

from data.calendar.calendar import Calendar
from data.calendar.kinship import Kin, Kinship, kinship
from data.calendar.lunar import FESTIVALS, eve, eve_offset, lunar_date
from data.calendar.week import Week
from data.vocabulary import Names

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_BESIDE = {
    Kin.BEFORE: ("假期前一天", "the day before the holiday of"),
    Kin.AFTER: ("假期后一天", "the day after the holiday of"),
    Kin.MAKE_UP: ("调休上班日", "a make-up working day for"),
}
_Group = tuple[Kin, str, int]
"""Class of the days, holiday, year of the likes."""


def of_week(week: Week) -> Names:
    """Return 2025年第47周（11月17日—23日）."""
    zh = f"{week.year}年第{week.number}周（{_days_zh(week.first, week.last)}）"
    return Names(zh=zh, en=f"week {week.number} of {week.year} ({_days_en(week.first, week.last)})")


def of_shift(other: Week, pairs: dict[date, date], calendar: Calendar, lunar: bool) -> Names:
    """Return the other week, and what makes it unlike this one: worked days, holidays.

    lunar: whether holidays of the lunar year can be told.
    """
    parts = [of_week(other), *_worked(pairs, calendar)]
    if lunar and not all(_alike(a, b, calendar) for a, b in pairs.items()):
        parts.append(Names(zh="节假日错位", en="holidays fall otherwise"))
    return _joined(parts)


def no_week_53(week: Week) -> Names:
    """Return that the year before has no week 53."""
    year = week.year - 1
    return Names(zh=f"{year}年没有第53周，无同周可比", en=f"{year} has no week 53 to compare with")


def no_lunar(country: str) -> Names:
    """Return that this country's calendar has no lunar year."""
    zh = f"所用日历（{country}）无农历，不作农历对齐"
    return Names(zh=zh, en=f"the calendar in use ({country}) has no lunar year to align by")


def out_of_table() -> Names:
    """Return that the table does not reach so far."""
    return Names(zh="超出农历表范围，不作农历对齐", en="outside of the table of lunar months")


def nothing_like() -> Names:
    """Return that no day has a like."""
    zh = "前两年没有与本周任何一天同类的日子"
    return Names(zh=zh, en="no day of the two years before is like a day of this week")


def of_pairs(week: Week, pairs: dict[date, date], calendar: Calendar) -> Names:
    """Return which days the days of `week` are compared with, and what still differs."""
    before = week.year_before()
    if before and list(pairs.items()) == list(zip(week.days, before.days, strict=True)):
        kin = {kinship(day, calendar).kin for day in pairs}
        if kin == {Kin.ORDINARY}:
            said = of_week(before)
            zh = f"本周无节假日，与去年同周相同：{said['zh']}"
            return Names(zh=zh, en=f"no holiday this week, so as last year: {said['en']}")
    parts = [_part(group, likes) for group, likes in _groups(pairs, calendar)]
    parts += _worked(pairs, calendar)
    missing = len(week.days) - len(pairs)
    if missing:
        en = f"{missing} day{'s' if missing > 1 else ''} without a like"
        parts.append(Names(zh=f"{missing}天无同类日", en=en))
    return _joined(parts)


def _joined(parts: list[Names]) -> Names:
    return Names(zh="；".join(p["zh"] for p in parts), en="; ".join(p["en"] for p in parts))


def _alike(day: date, like: date, calendar: Calendar) -> bool:
    """Return whether no holiday and no season stands between two days.

    Within one season each week has its place; a year apart the same place is meant.
    """
    now, then = kinship(day, calendar), kinship(like, calendar)
    if now.kin is Kin.SEASON is then.kin:
        return now == then or (day - like).days == 7
    if {now.kin, then.kin} & {Kin.HOLIDAY, Kin.SEASON}:
        return (now.kin, now.holiday) == (then.kin, then.holiday)
    return True


def _groups(pairs: dict[date, date], calendar: Calendar) -> list[tuple[_Group, list[date]]]:
    """Return the likes of one class and year together, in the order of the week, ordinary last."""
    found: dict[_Group, list[date]] = {}
    for day, like in pairs.items():
        kin = kinship(day, calendar)
        group = kin.kin, kin.holiday, _year(kin, like)
        found.setdefault(group, []).append(like)
    said = [(group, sorted(likes)) for group, likes in found.items()]
    return sorted(said, key=lambda item: item[0][0] is Kin.ORDINARY)


def _year(kin: Kinship, like: date) -> int:
    """Return the year the like is named by: a New Year's holiday may begin in December."""
    if kin.kin is Kin.SEASON:
        return eve_offset(like)[0]
    if kin.kin is Kin.ORDINARY:
        return like.isocalendar().year
    return like.year + (kin.holiday == "new_year" and like.month == 12)


def _part(group: _Group, likes: list[date]) -> Names:
    kin, holiday, year = group
    if kin is Kin.SEASON:
        return _season(year, likes)
    if kin is Kin.ORDINARY:
        return _ordinary(year, likes)
    name = FESTIVALS.get(holiday, Names(zh=holiday, en=holiday))
    zh, en = f"{year}年{name['zh']}", f"{name['en']} {year}"
    days = _spans(likes)
    if kin is Kin.HOLIDAY:
        return Names(zh=f"{zh}假期（{days['zh']}）", en=f"the holiday of {en} ({days['en']})")
    zh_what, en_what = _BESIDE[kin]
    return Names(zh=f"{zh}{zh_what}（{days['zh']}）", en=f"{en_what} {en} ({days['en']})")


def _season(year: int, likes: list[date]) -> Names:
    """Return 2025年春节后第2周（正月初九—十五）; of a part of a week 2025年春节同期."""
    first, last = (lunar_date(day) for day in (likes[0], likes[-1]))
    zh, en = first.words["zh"], first.words["en"]
    if likes[0] != likes[-1]:
        same = (first.month, first.leap) == (last.month, last.leap)
        until = last.words
        zh += "—" + (until["zh"].partition("月")[2] if same else until["zh"])
        en += "–" + (str(last.day) if same else until["en"])
    where = _season_week((likes[0] - eve(year)).days) if len(likes) == 7 else None
    where = where or Names(zh="同期", en="the days around")
    return Names(
        zh=f"{year}年春节{where['zh']}（{zh}）", en=f"{where['en']} Spring Festival {year} ({en})"
    )


def _season_week(first: int) -> Names:
    """Return which week it is that begins `first` days from 除夕, told from that of 初一."""
    if first >= 2:
        n = (first - 2) // 7 + 1
        return Names(zh=f"后第{n}周", en=f"week {n} after")
    if first + 6 >= 1:
        return Names(zh="当周", en="the week of")
    n = -(first + 6) // 7 + 1
    return Names(zh=f"前第{n}周", en=f"week {n} before")


def _ordinary(year: int, likes: list[date]) -> Names:
    weeks = sorted({Week.of(day).number for day in likes})
    zh = "、".join(str(n) for n in weeks)
    en = " and ".join(str(n) for n in weeks)
    many = "s" if len(weeks) > 1 else ""
    return Names(
        zh=f"{year}年第{zh}周同星期的平常日",
        en=f"ordinary days of the same weekday in week{many} {en} of {year}",
    )


def _worked(pairs: dict[date, date], calendar: Calendar) -> list[Names]:
    """Return that the two sides have not the same number of worked days, if so."""
    now = sum(calendar.is_worked(day) for day in pairs)
    then = sum(calendar.is_worked(day) for day in pairs.values())
    if now == then:
        return []
    zh = f"工作日本周{now}天、对照{then}天"
    return [Names(zh=zh, en=f"working days: {now} now, {then} then")]


def _spans(days: list[date]) -> Names:
    """Return the days in order, those in a row as one span."""
    runs: list[list[date]] = []
    for day in days:
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    zh = "、".join(_days_zh(run[0], run[-1]) for run in runs)
    return Names(zh=zh, en=", ".join(_days_en(run[0], run[-1]) for run in runs))


def _days_zh(first: date, last: date) -> str:
    said = f"{first.month}月{first.day}日"
    if first == last:
        return said
    until = f"{last.day}日" if first.month == last.month else f"{last.month}月{last.day}日"
    return f"{said}—{until}"


def _days_en(first: date, last: date) -> str:
    said = f"{last.day} {_MONTHS[last.month - 1]}"
    if first == last:
        return said
    month = "" if first.month == last.month else f" {_MONTHS[first.month - 1]}"
    return f"{first.day}{month}–{said}"
