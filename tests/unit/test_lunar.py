"""The lunar calendar against published dates of all years 2015 to 2035."""

from datetime import date, timedelta

import pytest

from data.calendar.lunar import (
    FESTIVALS,
    LunarDate,
    NoLunarDateError,
    eve,
    eve_offset,
    festival,
    lunar_date,
)

SPRING_FESTIVAL = """
2015-02-19 2016-02-08 2017-01-28 2018-02-16 2019-02-05 2020-01-25 2021-02-12 2022-02-01 2023-01-22
2024-02-10 2025-01-29 2026-02-17 2027-02-06 2028-01-26 2029-02-13 2030-02-03 2031-01-23 2032-02-11
2033-01-31 2034-02-19 2035-02-08
"""
DRAGON_BOAT = """
2015-06-20 2016-06-09 2017-05-30 2018-06-18 2019-06-07 2020-06-25 2021-06-14 2022-06-03 2023-06-22
2024-06-10 2025-05-31 2026-06-19 2027-06-09 2028-05-28 2029-06-16 2030-06-05 2031-06-24 2032-06-12
2033-06-01 2034-06-20 2035-06-10
"""
MID_AUTUMN = """
2015-09-27 2016-09-15 2017-10-04 2018-09-24 2019-09-13 2020-10-01 2021-09-21 2022-09-10 2023-09-29
2024-09-17 2025-10-06 2026-09-25 2027-09-15 2028-10-03 2029-09-22 2030-09-12 2031-10-01 2032-09-19
2033-09-08 2034-09-27 2035-09-16
"""
LEAP_MONTHS = {2017: 6, 2020: 4, 2023: 2, 2025: 6, 2028: 5, 2031: 3, 2033: 11}
ALL_DAYS = [
    date(2015, 1, 1) + timedelta(days=n) for n in range((date(2036, 1, 1) - date(2015, 1, 1)).days)
]


def _days(text):
    return [date.fromisoformat(word) for word in text.split()]


@pytest.mark.parametrize("day", _days(SPRING_FESTIVAL))
def test_the_year_begins_on_the_published_day(day):
    assert lunar_date(day) == LunarDate(day.year, 1, False, 1)
    assert festival(day) == "spring_festival"
    assert eve(day.year) == day - timedelta(days=1)


@pytest.mark.parametrize("day", _days(DRAGON_BOAT))
def test_the_dragon_boat_festival_is_on_the_published_day(day):
    assert lunar_date(day) == LunarDate(day.year, 5, False, 5)
    assert festival(day) == "dragon_boat"


@pytest.mark.parametrize("day", _days(MID_AUTUMN))
def test_the_mid_autumn_festival_is_on_the_published_day(day):
    assert lunar_date(day) == LunarDate(day.year, 8, False, 15)
    same_as_national_day = day in (date(2020, 10, 1), date(2031, 10, 1))
    assert festival(day) == ("national_day" if same_as_national_day else "mid_autumn")


def test_each_year_has_its_published_leap_month_and_no_other():
    found = {(d.year, d.month) for d in map(lunar_date, ALL_DAYS) if d.leap}
    assert found == set(LEAP_MONTHS.items())


@pytest.mark.parametrize(
    "text",
    [
        "2015-04-05",
        "2016-04-04",
        "2019-04-05",
        "2023-04-05",
        "2024-04-04",
        "2025-04-04",
        "2026-04-05",
    ],
)
def test_tombs_are_swept_on_the_published_day(text):
    assert festival(date.fromisoformat(text)) == "qingming"


ON_NATIONAL_DAY = {2020: {"mid_autumn"}, 2031: {"mid_autumn"}, 2033: {"double_ninth"}}


@pytest.mark.parametrize("year", range(2015, 2036))
def test_every_year_has_every_festival_once(year):
    found = [key for d in ALL_DAYS if d.year == year and (key := festival(d))]
    assert sorted(found) == sorted(set(FESTIVALS) - ON_NATIONAL_DAY.get(year, set()))


def test_a_day_follows_a_day():
    for day in ALL_DAYS[1:]:
        now, before = lunar_date(day), lunar_date(day - timedelta(days=1))
        assert now.day == before.day + 1 or (now.day == 1 and before.day in (29, 30))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-02-16", (2026, 0)),
        ("2026-02-17", (2026, 1)),
        ("2026-02-10", (2026, -6)),
        ("2025-01-28", (2025, 0)),
        ("2025-02-27", (2025, 30)),
        ("2024-12-31", (2025, -28)),
    ],
)
def test_days_are_counted_from_the_nearest_eve(text, said):
    assert eve_offset(date.fromisoformat(text)) == said


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("2026-02-16", "腊月廿九", "month 12 day 29"),
        ("2026-02-22", "正月初六", "month 1 day 6"),
        ("2026-02-26", "正月初十", "month 1 day 10"),
        ("2026-03-08", "正月二十", "month 1 day 20"),
        ("2025-07-25", "闰六月初一", "leap month 6 day 1"),
        ("2025-02-27", "正月三十", "month 1 day 30"),
        ("2025-12-20", "冬月初一", "month 11 day 1"),
    ],
)
def test_a_lunar_date_reads_as_people_say_it(text, zh, en):
    assert lunar_date(date.fromisoformat(text)).words == {"zh": zh, "en": en}


@pytest.mark.parametrize("day", [date(2012, 1, 22), date(2037, 1, 16), date(1999, 1, 1)])
def test_a_day_outside_of_the_table_is_refused_by_name(day):
    with pytest.raises(NoLunarDateError, match=f"{day} .* 2012-01-23 to 2037-01-15"):
        lunar_date(day)
    with pytest.raises(NoLunarDateError, match="2012 to 2036"):
        eve(2037)
