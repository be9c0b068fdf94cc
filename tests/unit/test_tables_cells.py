"""What a cell says: numbers, units, dates, areas, whatever the clerk's habit."""

import math
from datetime import UTC, datetime

import pytest

from data.catalogue import catalogue
from data.catalogue.mapping import PeriodKey
from data.tables.areas import AreaNames
from data.tables.moments import MomentError, from_serial, order_of, read_span
from data.tables.numerals import ABSENT, BAD, HIDDEN, OK, Numerals, decimal_of, unit_factor
from data.tables.periods import Periods
from data.vocabulary import Grain


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1,234.5", 1234.5), (" 27,275.25 ", 27275.25), ("１，２３４", 1234), ("(1,200)", -1200),
        ("−5", -5), ("5-", -5), ("+7", 7), ("￥1,200.00", 1200), ("1e3", 1000), ("12.5%", 0.125),
        ("3‰", 0.003), ("3.2万", 32000), ("1.5亿元", 1.5e8), ("12件", 12), ("1 234", 1234),
        (7, 7), (0.5, 0.5),
    ],
)  # fmt: skip
def test_a_number_is_read_as_it_is_meant(cell, value):
    found, state = Numerals().read(cell)
    assert state == OK
    assert found == pytest.approx(value)


@pytest.mark.parametrize(
    "cell", ["1_000", "1,2,3", "12,34", "abc", "--5", "0x10", True, math.inf, "1.2.3", "五"]
)
def test_what_is_no_number_is_never_taken_for_one(cell):
    assert Numerals().read(cell)[1] == BAD


@pytest.mark.parametrize("cell", ["", " ", "-", "—", "N/A", "不详", "…", None, math.nan])
def test_missing_is_missing_and_not_zero(cell):
    value, state = Numerals().read(cell)
    assert (state, math.isnan(value)) == (ABSENT, True)


@pytest.mark.parametrize("cell", ["<5", "*", "***", "＜5", "少于10"])
def test_suppressed_is_unknown_and_not_zero(cell):
    value, state = Numerals().read(cell)
    assert (state, math.isnan(value)) == (HIDDEN, True)


def test_a_column_and_its_cells_one_by_one_say_the_same():
    cells = ["1", "<5", "", "x", "2%", "1_0", " 7 ", "1,000", "nan", "inf", "True"]
    values, states = Numerals().column(cells, 10.0)
    for cell, value, state in zip(cells, values, states, strict=True):
        alone, how = Numerals().read(cell, 10.0)
        assert (how, state) == (state, how)
        assert value == alone or (math.isnan(value) and math.isnan(alone)), cell


def test_a_sign_in_the_cell_beats_the_unit_of_the_column():
    values, _ = Numerals().column(["5", "5%", "5万"], 0.01)
    assert values.tolist() == pytest.approx([0.05, 0.05, 50000])


def test_the_decimal_comma_is_told_by_the_column():
    assert decimal_of(["0,611553068", "81,2"]) == (",", False)
    assert decimal_of(["1,234.5", "2.5"]) == (".", False)
    assert Numerals(decimal=",").read("1.234,5") == (1234.5, OK)


@pytest.mark.parametrize(
    ("unit", "factor"),
    [
        ("万人", 1e4),
        ("亿元", 1e8),
        ("%", 0.01),
        ("‰", 1e-3),
        ("起", 1),
        ("千元", 1e3),
        ("千瓦时", 1),
        ("(万人)", 1e4),
        ("百分比", 0.01),
        ("人次", 1),
    ],
)
def test_a_unit_says_how_many_single_things_it_is(unit, factor):
    assert unit_factor(unit) == factor


SPANS = {
    "1978年": ((1978, 1, 1), Grain.YEAR), "2014": ((2014, 1, 1), Grain.YEAR),
    "2024年3月": ((2024, 3, 1), Grain.MONTH), "2024-03": ((2024, 3, 1), Grain.MONTH),
    "202403": ((2024, 3, 1), Grain.MONTH), "Apr 2020": ((2020, 4, 1), Grain.MONTH),
    "2024年3月5日": ((2024, 3, 5), Grain.DAY), "20240305": ((2024, 3, 5), Grain.DAY),
    "2024/3/5": ((2024, 3, 5), Grain.DAY), "23-Sep-11": ((2011, 9, 23), Grain.DAY),
    "5/29/2020": ((2020, 5, 29), Grain.DAY), "29-05-20": ((2020, 5, 29), Grain.DAY),
    "2024-W12": ((2024, 3, 18), Grain.WEEK), "2024年第12周": ((2024, 3, 18), Grain.WEEK),
    "2024Q1": ((2024, 1, 1), Grain.QUARTER), "2024年二季度": ((2024, 4, 1), Grain.QUARTER),
    "2024年3月5日 下午3:05": ((2024, 3, 5, 15, 5), Grain.MINUTE),
    "2024-03-05 上午 12:00": ((2024, 3, 5, 0, 0), Grain.HOUR),
    "12/31/2019 12:00:00 AM": ((2019, 12, 31), Grain.HOUR), "２０２４年３月": ((2024, 3, 1), Grain.MONTH),
    "2024年3月5日15时30分": ((2024, 3, 5, 15, 30), Grain.MINUTE),
}  # fmt: skip


@pytest.mark.parametrize("text", SPANS)
def test_a_date_is_read_in_every_form(text):
    start, grain = SPANS[text]
    assert read_span(text)[:2] == (datetime(*start), grain)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("04/12/2018", "ambiguous_date"),
        ("2024年1-3月", "cumulative_period"),
        ("2024-13-01", "bad_period"),
        ("soon", "bad_period"),
        ("2024年上半年", "cumulative_period"),
        ("2024-02-30", "bad_period"),
        ("2024-W60", "bad_period"),
    ],
)
def test_a_date_that_is_none_says_why(text, reason):
    with pytest.raises(MomentError) as refusal:
        read_span(text)
    assert refusal.value.reason == reason


def test_day_or_month_first_is_decided_by_the_whole_column():
    assert order_of(["01/02/2012", "15/06/2012"]).told == "dmy"
    assert order_of(["5/29/2020", "6/1/2020"]).told == "mdy"
    doubtful = order_of(["01-01-13", "01-02-13", "01-03-13"])
    assert (doubtful.told, doubtful.sure) == ("dmy", False)
    assert order_of(["03/04/2012", "05/06/2012"]).told is None


def test_a_date_that_is_none_has_no_say_in_the_order_of_the_others():
    found = order_of(["11/15/2026", "11/05/2026", "13/45/2026", "99/99/2026"])
    assert (found.told, found.sure) == ("mdy", True)


def test_excel_days_count_from_1900_or_1904():
    assert from_serial(45356)[0] == datetime(2024, 3, 5)
    assert from_serial(45356 - 1462, 1904)[0] == datetime(2024, 3, 5)
    assert from_serial(45356.75)[0] == datetime(2024, 3, 5, 18)


def test_a_day_is_the_city_s_own_whatever_the_zone_of_times():
    periods = Periods(PeriodKey(), tz="America/New_York", year=None)
    assert periods.read("2024-03-05").start == datetime(2024, 3, 4, 16, tzinfo=UTC)
    assert periods.read("2024-03-05 10:00").start == datetime(2024, 3, 5, 15, tzinfo=UTC)


def test_a_time_without_a_zone_is_never_guessed():
    with pytest.raises(MomentError) as refusal:
        Periods(PeriodKey(), tz="", year=None).read("2024-03-05 10:30")
    assert refusal.value.reason == "no_time_zone"


def test_a_month_without_a_year_takes_it_from_the_title():
    periods = Periods(PeriodKey(), tz="", year=2024)
    for text in ("3月", "三月", "3月份"):
        assert periods.read(text).start == datetime(2024, 2, 29, 16, tzinfo=UTC)


def test_a_month_s_last_day_means_the_month_where_the_mapping_says_so():
    found = Periods(PeriodKey(grain="month"), tz="", year=None).read("2024-03-31")
    assert (found.start, found.grain) == (datetime(2024, 2, 29, 16, tzinfo=UTC), Grain.MONTH)
    with pytest.raises(MomentError) as refusal:
        Periods(PeriodKey(grain="day"), tz="", year=None).read("2024年3月")
    assert refusal.value.reason == "period_too_long"


def test_a_full_hour_is_a_minute_where_the_mapping_wants_minutes():
    found = Periods(PeriodKey(grain="minute"), tz="UTC", year=None).read("2026-11-18 13:00")
    assert (found.start, found.grain) == (datetime(2026, 11, 18, 13, tzinfo=UTC), Grain.MINUTE)


def test_midnight_of_a_workbook_is_an_hour_only_where_other_cells_have_a_clock():
    periods = Periods(PeriodKey(grain="hour"), tz="UTC", year=None)
    midnight = datetime(2026, 11, 18)
    with pytest.raises(MomentError):
        periods.read(midnight)
    periods.look([midnight, datetime(2026, 11, 18, 1)])
    found = periods.read(midnight)
    assert (found.start, found.grain) == (midnight.replace(tzinfo=UTC), Grain.HOUR)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("源城", "441602"), ("源城区", "441602"), ("河源市源城区", "441602"), ("广东省河源市源城区", "441602"),
        ("441602", "441602"), ("441602000000", "441602"), ("441602001000", "441602001"), ("441602.0", "441602"),
        ("上城街道", "441602001"), ("源 城 区", "441602"), ("全市", "441600"), ("江东新区", "4416JD"),
        ("Yuancheng District", "441602"), ("老隆镇人民政府", "441622100"), ("北京市", None), ("", None),
    ],
)  # fmt: skip
def test_an_area_is_known_by_name_short_name_and_code(name, code):
    assert AreaNames(catalogue().areas).find(name) == code


def test_a_mapping_adds_names_of_its_own():
    assert AreaNames(catalogue().areas, {"高新": "4416GX"}).find("高新") == "4416GX"
