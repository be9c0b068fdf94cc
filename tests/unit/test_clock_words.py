"""A due time is explained so that the person who waits for it can count along."""

from __future__ import annotations

from datetime import timedelta

import pytest

from components.clock_words import left_word, limit_word, why_lines
from components.i18n import use
from data.calendar import load
from data.cases.clocks import due, extend, suspend
from data.vocabulary import ClockKind
from tests.clock_times import at, rule


@pytest.fixture
def why(catalogue):
    def lines(code, start, lang="zh"):
        with use(lang):
            clock = catalogue.clock(code, at(start))
            return why_lines(due(clock, at(start), catalogue.calendar))

    return lines


def test_two_working_days_over_a_weekend(why):
    told = why("hotline_consult", "2026-11-20 16:10")
    assert told[:4] == [
        "11月20日(周五) 16:10 开始，当日不计，自次日起算",
        "11月21日(周六)至11月22日(周日) 休息日，不计",
        "11月23日(周一)至11月24日(周二) 计 2 个工作日",
        "共 2 个工作日，11月24日(周二) 17:30 到期",
    ]
    assert "依据：广东省12345热线管理办法" in told[4]
    assert "第 1 版" in told[4]
    assert told[5].startswith("日历：2026年按国办发明电〔2025〕7号（日历版本 CN-")


def test_the_same_in_english(why):
    told = why("hotline_consult", "2026-11-20 16:10", "en")
    assert told[:4] == [
        "Fri 20 Nov 16:10: started, this day not counted",
        "Sat 21 Nov to Sun 22 Nov: weekend, not counted",
        "Mon 23 Nov to Tue 24 Nov: 2 working days counted",
        "2 working days in all: due Tue 24 Nov 17:30",
    ]


def test_a_make_up_saturday_and_the_festival_are_named(why):
    told = why("hotline_complaint", "2026-02-10 16:10")
    assert "2月14日(周六) 春节调休上班，计 1 个工作日" in told
    assert "2月15日(周日)至2月23日(周一) 春节假期，不计" in told
    assert "2月28日(周六) 春节调休上班，计 1 个工作日" in told


def test_night_lunch_and_the_make_up_day_of_a_clock_of_hours(why):
    assert why("accept_4wh", "2026-02-13 16:30")[:5] == [
        "2月13日(周五) 16:30 起算",
        "2月13日(周五) 16:30–17:30 计 1 小时",
        "2月13日(周五) 17:30 – 2月14日(周六) 08:30 非工作时间，不计",
        "2月14日(周六) 08:30–11:30 春节调休上班，计 3 小时",
        "共 4 小时，2月14日(周六) 11:30 到期",
    ]
    assert "11月20日(周五) 12:40–14:30 午间休息，不计" in why("accept_4wh", "2026-11-20 12:40")


def test_a_year_without_a_notice_says_so(why):
    told = why("hotline_help", "2026-12-26 16:10")
    assert "2027年1月2日(周六)至1月3日(周日) 休息日，不计" in told
    assert "2027年放假通知尚未公布或者未录入，仅按法定节假日计" in told[-1]
    assert "no notice published or entered yet" in why("hotline_help", "2026-12-26 16:10", "en")[-1]


def test_what_was_approved_is_a_line_of_its_own(catalogue):
    clock, calendar = catalogue.clock("hotline_consult", at("2026-11-20 16:10")), catalogue.calendar
    given = extend(due(clock, at("2026-11-20 16:10"), calendar), 3, "days", calendar)
    given = suspend(given, at("2026-11-25 10:00"), at("2026-11-25 11:00"), calendar)
    with use("zh"):
        told = why_lines(given)
    assert "11月24日(周二) 17:30 原到期；经批准延长 3 个工作日" in told
    assert "11月25日(周三) 00:00–24:00 经批准挂账，不计" in told
    assert "共 5 个工作日，11月30日(周一) 17:30 到期" in told


def test_a_day_ends_at_24_00_not_on_the_next_day(why):
    told = why("natural_10d", "2026-09-30 16:10")
    assert "共 10 个自然日，10月10日(周六) 24:00 到期" in told
    assert told[-1] == "日历：每日连续计算"


def test_a_calendar_that_only_the_library_knows_is_named_as_such():
    clock = rule(ClockKind.WORKING_HOURS, 1, "days")
    with use("zh"):
        told = why_lines(due(clock, at("2026-11-20 10:00"), load("CN")))
    assert "2026年按节假日库收录的放假安排" in told[-1]
    assert told[-2] == "时限：a_clock（1 个工作日），第 1 版"


@pytest.mark.parametrize(
    ("kind", "amount", "unit", "zh", "en"),
    [
        ("continuous", 0.5, "minutes", "30 秒", "30 s"),
        ("continuous", 90, "minutes", "1 小时 30 分", "1 h 30 min"),
        ("continuous", 1, "days", "1 个自然日", "1 calendar day"),
        ("working_hours", 4, "hours", "工作时间 4 小时", "4 h of working time"),
        ("working_hours", 15, "days", "15 个工作日", "15 working days"),
        ("skip_weekends", 48, "hours", "48 小时（双休日不计）", "48 h, weekends not counted"),
        ("skip_holidays", 72, "hours", "72 小时（节假日不计）", "72 h, days off not counted"),
    ],
)
def test_a_limit_says_what_it_counts(kind, amount, unit, zh, en):
    clock = rule(ClockKind(kind), amount, unit)
    for lang, expected in (("zh", zh), ("en", en)):
        with use(lang):
            assert limit_word(clock) == expected


@pytest.mark.parametrize(
    ("left", "zh"),
    [
        (timedelta(minutes=61), "剩余 61 分"),
        (timedelta(hours=5), "剩余 5 小时"),
        (timedelta(seconds=20), "剩余 20 秒"),
        (timedelta(), "剩余 0 秒"),
        (-timedelta(hours=3), "超期 3 小时"),
    ],
)
def test_time_left_and_time_over(left, zh):
    with use("zh"):
        assert left_word(left) == zh


def test_time_left_of_a_clock_of_days_is_told_in_its_days():
    clock = rule(ClockKind.WORKING_HOURS, 2, "days")
    with use("zh"):
        assert left_word(timedelta(hours=13), clock) == "剩余 2 个工作日"
        assert left_word(-timedelta(hours=9.75), clock) == "超期 1.5 个工作日"
        assert left_word(timedelta(minutes=20), clock) == "剩余 20 分"
