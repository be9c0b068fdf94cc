"""The table of notices is read as a city writes it, and refused row by row."""

from __future__ import annotations

import json
from datetime import date

import pytest
from click.testing import CliRunner

from data.calendar import BasisKind, CalendarError, DayKind, load, read_table
from data.calendar.calendar import Calendar
from data.catalogue import CatalogueError
from data.catalogue import load as load_catalogue
from data.cli.calendar import calendar as command
from data.settings import settings
from data.vocabulary import ClockKind

HEAD = "date,state,key,name_zh,name_en,notice\n"
FOLDER = settings().catalogue / "calendars"
NAMES = "spring_festival,春节,Spring Festival,试〔2026〕1号"
FIXED_2027 = (
    "2027-01-01", "2027-02-05", "2027-02-06", "2027-02-07", "2027-02-08", "2027-04-05",
    "2027-05-01", "2027-05-02", "2027-06-09", "2027-09-15", "2027-10-01", "2027-10-02",
    "2027-10-03",
)  # fmt: skip


def row(day, state="off"):
    return f"{day},{state},{NAMES}\n"


def table(*rows, head=HEAD):
    return (head + "".join(rows)).encode()


def errors(content):
    with pytest.raises(CalendarError) as caught:
        read_table(content, "CN")
    return [str(error) for error in caught.value.errors]


def test_the_shipped_table_says_what_the_library_knows():
    """Two independent readings of the notices for 2025 and 2026."""
    ours, library = load("CN", FOLDER), load("CN")
    for year in (2025, 2026):
        assert [d.worked for d in ours.days(year)] == [d.worked for d in library.days(year)]
        assert ours.doubts(year) == []
    assert ours.basis(2025).notice == "国办发明电〔2024〕12号"
    assert ours.basis(2026).notice == "国办发明电〔2025〕7号"
    assert library.basis(2026).kind is BasisKind.LIBRARY
    assert ours.basis(2024).kind is BasisKind.LIBRARY


def test_no_notice_is_invented_for_a_year_that_has_none():
    ours = load("CN", FOLDER)
    assert ours.basis(2027).kind is BasisKind.FIXED
    assert str(ours.basis(2027)) == "not published yet: only fixed days"
    assert not [d for d in ours.days(2027) if d.kind is DayKind.MAKE_UP]
    assert ours.is_off(date(2027, 2, 6))
    assert ours.is_off(date(2027, 10, 1))


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2026, 2, 14), DayKind.MAKE_UP),
        (date(2026, 2, 15), DayKind.HOLIDAY),
        (date(2026, 2, 20), DayKind.HOLIDAY),
        (date(2026, 2, 28), DayKind.MAKE_UP),
        (date(2026, 9, 20), DayKind.MAKE_UP),
        (date(2026, 11, 21), DayKind.WEEKEND),
        (date(2026, 11, 20), DayKind.WORKDAY),
        (date(2006, 12, 30), DayKind.MAKE_UP),  # by the notice for the next year
    ],
)
def test_what_a_day_is(day, kind):
    assert load("CN", FOLDER).day(day).kind is kind


def test_a_clock_that_leaves_out_weekends_counts_holidays_and_make_up_days():
    ours = load("CN", FOLDER)
    assert not ours.is_off(date(2026, 10, 1), ClockKind.SKIP_WEEKENDS)
    assert ours.is_off(date(2026, 10, 4), ClockKind.SKIP_WEEKENDS)
    assert not ours.is_off(date(2026, 10, 10), ClockKind.SKIP_WEEKENDS)
    assert not ours.is_off(date(2026, 10, 4), ClockKind.CONTINUOUS)


def test_counting_days_agrees_with_looking_at_each():
    ours = load("CN", FOLDER)
    first, end = date(2024, 12, 25), date(2027, 1, 9)
    days = [date.fromordinal(n) for n in range(first.toordinal(), end.toordinal())]
    for kind in ClockKind:
        counted = [d for d in days if not ours.is_off(d, kind)]
        assert ours.count(kind, first, end) == len(counted)
        assert ours.count(kind, end, first) == 0
        assert [ours.nth(kind, first, n) for n in (1, 300, 400)] == [
            [d for d in counted if d > first][n - 1] for n in (1, 300, 400)
        ]


def test_a_whole_notice_makes_a_new_year_and_another_version():
    rows = [row(day) for day in (*FIXED_2027, "2027-02-09")]
    found = Calendar("CN", read_table(table(*rows, row("2027-02-20", "worked")), "CN"))
    assert (found.basis(2027).kind, found.basis(2027).notice) == (BasisKind.NOTICE, "试〔2026〕1号")
    assert found.day(date(2027, 2, 20)).kind is DayKind.MAKE_UP
    assert found.is_worked(date(2027, 2, 10)), "the library only supposes this day"
    assert found.version != load("CN").version
    assert len(found.version) <= 20
    assert "the law gives 13" in found.doubts(2027)[0]


def test_half_a_notice_is_refused_with_the_days_it_lacks():
    (said,) = errors(table(*(row(day) for day in FIXED_2027[:-2])))
    assert (
        said == "the file, year '2027': the whole notice is needed; not off: 2027-10-02, 2027-10-03"
    )


def test_a_city_may_add_a_day_to_a_year_that_is_known():
    found = Calendar("CN", read_table(table(row("2024-09-06")), "CN"))
    assert not found.is_worked(date(2024, 9, 6))
    assert not found.is_worked(date(2024, 10, 1)), "the library's days stay"
    assert found.basis(2024).kind is BasisKind.LIBRARY
    assert "2024-09-06 is off in the table, not in the library" in found.doubts(2024)


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        (row("2026-02-30"), "line 2, date '2026-02-30': is no day as YYYY-MM-DD"),
        (row("14.02.2026"), "line 2, date '14.02.2026': is no day as YYYY-MM-DD"),
        (row("1926-02-14"), "line 2, date '1926-02-14': the year must be 2000 to 2099"),
        (row("2026-02-14", "free"), "line 2, state 'free': must be one of off, worked"),
        (
            row("2026-03-04", "worked"),
            "line 2, state 'worked': is a day of the week that is worked",
        ),
        ("2026-02-14,off,easter,春,E,n\n", "line 2, key 'easter': must be one of new_year"),
        ("2026-02-14,off,other,,E,n\n", "line 2, name_zh: is missing"),
        ("2026-02-14,off,other,春,E,\n", "line 2, notice: is missing"),
        ("2026-02-14,off\n", "line 2, key: must be one of"),
    ],
)
def test_a_wrong_row_is_named_with_line_and_column(line, wrong):
    assert errors(table(line))[0].startswith(wrong)


def test_every_wrong_row_is_named_not_only_the_first():
    said = errors(table(row("2026-02-30"), row("2026-02-14"), row("2026-02-15", "x")))
    assert [error.partition(",")[0] for error in said] == ["line 2", "line 4"]


def test_a_day_that_stands_twice_is_refused():
    assert errors(table(row("2026-02-14"), row("2026/2/14"))) == [
        "line 3, date '2026-02-14': stands in line 2 too"
    ]


def test_a_file_that_is_no_such_table_is_refused():
    assert errors(b"a,b\n1,2\n") == [
        "line 1: columns missing: date, state, key, name_zh, name_en, notice"
    ]
    assert "is no CSV text" in errors(b"\xff\xfe\x00")[0]
    assert "more than" in errors(b"x" * 1_000_001)[0]
    assert "columns missing" in errors(b"")[0]


def test_a_table_saved_by_a_spreadsheet_is_read():
    text = HEAD + row("2026/2/13") + ",,,,,\n"
    for content in (text.encode("utf-8-sig"), text.encode("gb18030")):
        (found,) = read_table(content, "CN")
        assert (found.date, found.name["zh"]) == (date(2026, 2, 13), "春节")


def test_a_wrong_table_stops_the_catalogue_with_its_rows(tmp_path):
    import shutil

    shutil.copytree(settings().catalogue, tmp_path / "c")
    (tmp_path / "c/calendars/CN.csv").write_bytes(table(row("2026-02-30")))
    with pytest.raises(CatalogueError, match=r"calendars/CN.csv: line 2, date '2026-02-30'"):
        load_catalogue(tmp_path / "c")


def test_the_command_prints_a_year():
    said = CliRunner().invoke(command, ["2026"]).output
    assert said.startswith("2026: notice 国办发明电〔2025〕7号; 248 of 365 days worked")
    assert "2026-02-14 Sat  worked, make-up day  春节 Spring Festival" in said
    told = json.loads(CliRunner().invoke(command, ["2027", "--json"]).output)
    assert (told["basis"], told["notice"]) == ("fixed", "")
    assert (
        "add the notice's days to calendars/CN.csv" in CliRunner().invoke(command, ["2027"]).output
    )


def test_the_command_checks_a_table(tmp_path):
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_bytes(FOLDER.joinpath("CN.csv").read_bytes())
    bad.write_bytes(table(row("2026-02-30"), row("2026-02-14", "x")))
    assert CliRunner().invoke(command, ["--check", str(good)]).exit_code == 0
    refused = CliRunner().invoke(command, ["--check", str(bad)])
    assert refused.exit_code == 2
    assert "line 2, date '2026-02-30'" in refused.output
    assert "line 3, state 'x'" in refused.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name a YEAR"),
        (["2026", "--country", "XX"], "no such country: XX"),
        (["--check", "/nowhere/x.csv"], "No such file"),
        (["1800"], "1800"),
    ],
)
def test_the_command_says_what_it_cannot_do(arguments, said):
    found = CliRunner().invoke(command, arguments)
    assert found.exit_code == 2
    assert said in found.output
