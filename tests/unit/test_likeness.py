"""What a week is compared with: the week before, the same week, the same days of the lunar year."""

from datetime import date

import pytest

from data.calendar import load, read_table
from data.calendar.calendar import Calendar
from data.calendar.likeness import bases
from data.calendar.week import Week
from data.settings import settings
from data.vocabulary.review_terms import Doubt, Unlike

CALENDAR = load("CN", settings().catalogue / "calendars")


def basis(week, key="lunar", calendar=CALENDAR):
    return bases(Week.parse(week).first, calendar)[key]


def likes(week):
    return {day[5:]: like for day, like in basis(week)["pairs"]}


def unlike(week):
    return {day[5:]: why for day, why in basis(week)["unmatched"]}


def test_the_spring_festival_of_2026_goes_to_that_of_2025_day_by_day():
    """除夕 2026-02-16 and 2025-01-28: 384 days apart, a leap month between."""
    found = basis("2026-W08")
    assert found["pairs"] == [
        ("2026-02-16", "2025-01-28"),
        ("2026-02-17", "2025-01-29"),
        ("2026-02-18", "2025-01-30"),
        ("2026-02-19", "2025-01-31"),
        ("2026-02-20", "2025-02-01"),
        ("2026-02-21", "2025-02-02"),
        ("2026-02-22", "2025-02-03"),
    ]
    assert (found["first"], found["last"], found["doubt"]) == ("2025-01-28", "2025-02-03", None)
    assert found["words"] == {
        "zh": "2025年春节当周（腊月廿九—正月初六）",
        "en": "the week of Spring Festival 2025 (month 12 day 29–month 1 day 6)",
    }


@pytest.mark.parametrize(
    ("week", "zh", "en"),
    [
        ("2026-W05", "春节前第3周（腊月初八—十四）", "week 3 before"),
        ("2026-W07", "春节前第1周（腊月廿二—廿八）", "week 1 before"),
        ("2026-W09", "春节后第1周（正月初七—十三）", "week 1 after"),
        ("2026-W10", "春节后第2周（正月十四—二十）", "week 2 after"),
    ],
)
def test_weeks_around_the_festival_are_counted_from_its_week(week, zh, en):
    found = basis(week)
    assert found["words"]["zh"] == f"2025年{zh}"
    assert found["words"]["en"].startswith(f"{en} Spring Festival 2025")
    assert len(found["pairs"]) == 7


def test_days_of_the_festival_that_were_worked_then_are_told():
    words = basis("2025-W05")["words"]
    assert words["zh"].endswith("；工作日本周1天、对照2天")
    assert words["en"].endswith("; working days: 1 now, 2 then")


def test_a_week_without_a_holiday_is_compared_as_the_same_week_of_last_year():
    lunar, year = basis("2026-W47"), basis("2026-W47", "year")
    assert lunar["pairs"] == year["pairs"]
    assert lunar["pairs"][0] == ("2026-11-16", "2025-11-17")
    assert lunar["words"]["zh"] == "本周无节假日，与去年同周相同：2025年第47周（11月17日—23日）"
    assert lunar["words"]["en"] == (
        "no holiday this week, so as last year: week 47 of 2025 (17–23 Nov)"
    )


def test_national_day_of_2025_with_mid_autumn_in_it_goes_to_national_day_of_2024():
    """Mid-Autumn fell on 2025-10-06 and made the holiday a day longer."""
    assert likes("2025-W40") == {
        "09-29": "2024-09-23",
        "09-30": "2024-09-30",
        "10-01": "2024-10-01",
        "10-02": "2024-10-02",
        "10-03": "2024-10-03",
        "10-04": "2024-10-04",
        "10-05": "2024-10-05",
    }
    assert likes("2025-W41") == {
        "10-06": "2024-10-06",
        "10-07": "2024-10-07",
        "10-09": "2024-10-08",
        "10-10": "2024-10-11",
        "10-11": "2024-10-12",
        "10-12": "2024-10-13",
    }
    assert unlike("2025-W41") == {"10-08": Unlike.LONGER_HOLIDAY}
    assert basis("2025-W41")["words"]["zh"].endswith("；1天无同类日")


def test_a_holiday_that_was_swallowed_last_year_goes_to_the_year_before():
    """Mid-Autumn 2026 stands alone; in 2025 it was within National Day."""
    found = likes("2026-W39")
    assert {day: found[day] for day in ("09-25", "09-26", "09-27")} == {
        "09-25": "2024-09-17",
        "09-26": "2024-09-15",
        "09-27": "2024-09-16",
    }
    assert unlike("2026-W39") == {"09-24": Unlike.BEFORE_HOLIDAY}


def test_the_feast_goes_to_the_feast_and_the_free_days_to_free_days():
    """端午: Saturday 2025-05-31, first of three days; Monday 2024-06-10, the last of three."""
    found = {**likes("2025-W22"), **likes("2025-W23")}
    assert (found["05-31"], found["06-01"], found["06-02"]) == (
        "2024-06-10",
        "2024-06-08",
        "2024-06-09",
    )
    assert (found["05-30"], found["06-03"]) == ("2024-06-07", "2024-06-11")


def test_a_make_up_sunday_goes_to_a_make_up_day_of_the_same_holiday_only():
    assert likes("2025-W39")["09-28"] == "2024-09-29"
    assert unlike("2026-W01") == {"01-04": Unlike.MAKE_UP}


def test_an_ordinary_week_goes_around_the_holidays_of_last_year():
    """2025-W38 has no holiday; in 2024-W38 were Mid-Autumn and the day after."""
    found = likes("2025-W38")
    assert found["09-15"] == "2024-09-09"
    assert found["09-16"] == "2024-09-10"
    assert found["09-19"] == "2024-09-20"
    assert basis("2025-W38")["words"]["zh"] == "2024年第37、38周同星期的平常日"


def test_days_before_the_season_do_not_go_into_the_season_of_last_year():
    """In mid January 2026 the festival was a month off, in 2025 two weeks."""
    assert likes("2026-W03") == {
        "01-12": "2025-01-06",
        "01-13": "2024-01-16",
        "01-14": "2024-01-17",
        "01-15": "2024-01-18",
        "01-16": "2025-01-03",
        "01-17": "2025-01-04",
        "01-18": "2025-01-05",
    }


@pytest.mark.parametrize(
    ("week", "key", "zh", "en"),
    [
        ("2026-W47", "last", "2026年第46周（11月9日—15日）", "week 46 of 2026 (9–15 Nov)"),
        (
            "2026-W08",
            "year",
            "2025年第8周（2月17日—23日）；工作日本周0天、对照5天；节假日错位",
            "week 8 of 2025 (17–23 Feb); working days: 0 now, 5 then; holidays fall otherwise",
        ),
        ("2026-W11", "last", "2026年第10周（3月2日—8日）", "week 10 of 2026 (2–8 Mar)"),
        (
            "2026-W18",
            "year",
            "2025年第18周（4月28日—5月4日）；工作日本周4天、对照3天；节假日错位",
            "week 18 of 2025 (28 Apr–4 May); working days: 4 now, 3 then; holidays fall otherwise",
        ),
        (
            "2026-W41",
            "year",
            "2025年第41周（10月6日—12日）",
            "week 41 of 2025 (6–12 Oct)",
        ),
        (
            "2026-W04",
            "year",
            "2025年第4周（1月20日—26日）；工作日本周5天、对照6天；节假日错位",
            "week 4 of 2025 (20–26 Jan); working days: 5 now, 6 then; holidays fall otherwise",
        ),
        (
            "2026-W40",
            "last",
            "2026年第39周（9月21日—27日）；工作日本周3天、对照4天；节假日错位",
            "week 39 of 2026 (21–27 Sep); working days: 3 now, 4 then; holidays fall otherwise",
        ),
    ],
)
def test_a_comparison_by_weeks_says_what_makes_the_weeks_unlike(week, key, zh, en):
    assert basis(week, key)["words"] == {"zh": zh, "en": en}


def test_a_week_53_has_no_like_in_a_short_year():
    year = basis("2026-W53", "year")
    assert (year["pairs"], year["doubt"]) == ([], Doubt.NO_MATCH)
    assert {why for _, why in year["unmatched"]} == {Unlike.NO_WEEK_53}
    assert (year["first"], year["last"]) == ("", "")
    assert year["words"]["zh"] == "2025年没有第53周，无同周可比"
    assert basis("2026-W53", "last")["first"] == "2026-12-21"
    assert basis("2021-W01", "last")["first"] == "2020-12-28"


def test_a_year_without_a_notice_is_doubted():
    assert basis("2026-W52")["doubt"] is None
    assert basis("2026-W53")["doubt"] is Doubt.NO_NOTICE
    assert basis("2027-W20")["doubt"] is Doubt.NO_NOTICE


def test_a_country_without_a_lunar_year_says_so_and_keeps_the_rest():
    calendar = load("US")
    found = bases(date(2026, 11, 16), calendar)
    assert (found["lunar"]["pairs"], found["lunar"]["doubt"]) == ([], Doubt.NO_MATCH)
    assert {why for _, why in found["lunar"]["unmatched"]} == {Unlike.NO_LUNAR}
    assert "无农历" in found["lunar"]["words"]["zh"]
    assert len(found["year"]["pairs"]) == len(found["last"]["pairs"]) == 7


@pytest.mark.parametrize("week", ["1999-W10", "2037-W40", "2012-W01", "2013-W05"])
def test_a_week_outside_of_the_lunar_table_says_so(week):
    found = basis(week)
    assert (found["pairs"], found["doubt"]) == ([], Doubt.NO_MATCH)
    assert {why for _, why in found["unmatched"]} == {Unlike.OUT_OF_TABLE}


def test_a_day_off_that_a_city_orders_is_only_like_itself():
    """2015-09-03 was a holiday once; the days around it are no ordinary ones."""
    found = basis("2015-W36")
    reasons = dict(found["unmatched"])
    assert reasons["2015-09-03"] == Unlike.NO_SUCH_HOLIDAY
    assert reasons["2015-09-06"] == Unlike.MAKE_UP
    assert reasons["2015-09-02"] == Unlike.BEFORE_HOLIDAY
    assert all(like[:4] == "2014" for _, like in found["pairs"])


def test_a_week_of_nothing_but_one_holiday_compares_with_nothing():
    days = "".join(
        f"2026-07-{day:02},off,other,市庆,City feast,市政府 1 号\n" for day in range(6, 13)
    )
    head = "date,state,key,name_zh,name_en,notice\n"
    whole = (settings().catalogue / "calendars" / "CN.csv").read_text(encoding="utf-8")
    table = whole + days if whole.startswith(head) else head + days
    calendar = Calendar("CN", read_table(table.encode(), "CN"))
    found = basis("2026-W28", calendar=calendar)
    assert (found["pairs"], found["doubt"]) == ([], Doubt.NO_MATCH)
    assert found["words"]["zh"] == "前两年没有与本周任何一天同类的日子"


def test_a_week_begins_on_a_monday():
    with pytest.raises(ValueError, match="2026-11-17 is no Monday"):
        bases(date(2026, 11, 17), CALENDAR)
