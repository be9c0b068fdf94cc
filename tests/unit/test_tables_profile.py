"""Looking at an unknown table: what it finds, what it doubts, and a mapping that then reads it."""

import json

import pytest
from click.testing import CliRunner

from data.catalogue import catalogue
from data.catalogue.mapping import Mapping, load_mapping
from data.cli import main
from data.connectors.connector import Options
from data.tables.profile import profile
from data.tables.stream import read_frames
from tests.shared_samples import expected, sample
from tests.workbooks import county_monthly

KEYS = {
    "file", "kind", "encoding", "delimiter", "sheets", "sheet", "preamble_rows", "header_rows",
    "data_first_row", "data_last_row", "rows", "columns", "total_rows", "note_rows", "blank_rows",
    "duplicate_headers", "doubts", "mapping",
}  # fmt: skip
COLUMN_KEYS = {
    "name", "index", "kind", "unit", "missing", "suppressed", "distinct", "examples", "min", "max",
    "sum", "doubts",
}  # fmt: skip


def run(*words):
    result = CliRunner().invoke(main, [str(w) for w in words])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


def found(path):
    return profile(path, catalogue()).as_json()


def column(report, name):
    return next(c for c in report["columns"] if c["name"] == name)


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "月报.xlsx"
    path.write_bytes(county_monthly(suppressed=True))
    return path


def test_a_clerk_s_workbook_is_understood(book):
    report = found(book)
    assert set(report) >= KEYS
    assert set(report["columns"][0]) >= COLUMN_KEYS
    assert (report["header_rows"], report["preamble_rows"]) == ([3, 4], [1, 2])
    assert (report["rows"], report["total_rows"], report["note_rows"]) == (6, [11], [13, 14])
    assert [s["hidden"] for s in report["sheets"]] == [False, True]
    assert column(report, "县区")["kind"] == "area"
    assert column(report, "新增经营主体")["suppressed"] == 1
    doubts = " | ".join(report["doubts"])
    assert "hidden sheets: 代码" in doubts
    assert "1 rows are hidden" in doubts
    assert "row 11 says 210, the rows add up to 190" in doubts
    assert report["mapping"]["period"] == {"title": True}


def test_the_proposed_mapping_reads_the_table_it_was_made_for(book, tmp_path):
    target = tmp_path / "own.yaml"
    code, _, err = run("profile", book, "--json", "--write", target)
    assert (code, err) == (0, f"wrote {target}\n")
    mapping = load_mapping(target)
    frames = list(read_frames(book, mapping, options=Options()))
    assert (frames[0].rows, frames[0].accepted) == (6, 6)
    assert "- hidden sheets" in target.read_text(encoding="utf-8")


def test_a_mapping_is_never_overwritten_unasked(book, tmp_path):
    target = tmp_path / "own.yaml"
    target.write_text("mine")
    code, _, err = run("profile", book, "--write", target)
    assert (code, target.read_text()) == (2, "mine")
    assert "--force" in err
    assert run("profile", book, "--write", target, "--force")[0] == 0
    assert target.read_text(encoding="utf-8") != "mine"


def test_check_takes_the_proposed_mapping(book, tmp_path):
    target = tmp_path / "own.yaml"
    run("profile", book, "--write", target)
    code, out, err = run("check", "table", book, "--mapping", target, "--json")
    report = json.loads(out)
    assert code == 2, "what the proposal leaves open must be answered first"
    assert "TO-DECIDE stands at values[" in err
    assert set(report) == {
        "connector",
        "file",
        "records",
        "accepted",
        "quarantined",
        "reasons",
        "summary",
    }
    assert (report["records"], report["accepted"]) == (6, 6)
    assert set(report["summary"]) >= {
        "encoding", "delimiter", "sheet", "header_rows", "rows", "total_rows", "note_rows", "missing",
        "suppressed", "indicators", "areas", "periods",
    }  # fmt: skip


@pytest.mark.parametrize(
    "command", [("profile",), ("check", "table"), ("check", "table", "--mapping", "county_monthly")]
)
def test_no_file_a_folder_and_an_empty_file_cost_one_line_and_exit_2(command, tmp_path):
    (tmp_path / "empty.csv").write_bytes(b"")
    for name in ("missing.csv", "", "empty.csv"):
        code, out, err = run(*command, tmp_path / name)
        assert (code, out, len(err.splitlines())) == (2, "", 1)
        assert "Traceback" not in err


def test_a_mapping_that_is_not_there_is_said(tmp_path):
    code, _, err = run("check", "table", "x.csv", "--mapping", "nope")
    assert code == 2
    assert "no such mapping: nope; known: cases_12345" in " ".join(err.split())
    assert run("check", "table", "x.csv", "--mapping", tmp_path / "no.yaml")[0] == 2


def test_the_table_for_people_shows_what_is_unsure(book):
    code, out, _ = run("profile", book)
    assert code == 0
    assert "header 3, 4" in out
    assert "unsure:" in out
    assert "proposed mapping:" in out


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("单位：万人\n年份,总人口\n2013年,12\n2014年,13\n", lambda r: r["mapping"]["values"][0]["unit"] == "万人"),
        ("县区,1月,2月,3月\n源城区,1,2,3\n紫金县,4,5,6\n", lambda r: r["mapping"]["layout"] == "periods" and len(r["mapping"]["columns"]) == 3),
        ("工单编号,受理时间,工单状态,诉求类型\nA1,2024-03-05 08:00,已办结,投诉\n", lambda r: r["mapping"]["layout"] == "cases" and r["mapping"]["cases"]["statuses"] == {"已办结": "closed"}),
        ("a;b\n0,5;1,25\n0,7;2,5\n", lambda r: r["mapping"]["decimal"] == ","),
        ("日期,v\n2024-03-05,１２\n2024-03-06,３\n", lambda r: column(r, "v")["sum"] == 15),
        ("指标,源城区,紫金县\nGDP,1,2\n人口,3,4\n", lambda r: r["mapping"]["layout"] == "areas" and set(r["mapping"]["indicator"]["codes"]) == {"GDP", "人口"}),
        ("日期,区县,数量\n45356,源城区,3\n45357,紫金县,4\n", lambda r: r["mapping"]["period"] == {"column": "日期", "serial": 1900}),
        ("Report generated,2024-03-05,,\nRegion: All,,,\nArea,Jan-24,Feb-24,Mar-24\nZijin,4,5,6\n", lambda r: r["header_rows"] == [3]),
        ("县区,办件,,新增\n,办结,按时办结,\n源城区,1,2,3\n", lambda r: [c["name"] for c in r["columns"]][1:3] == ["办件 / 办结", "办件 / 按时办结"]),
        ("时间,项目,数量\n2024年1月,GDP,1\n2024年2月,GDP,2\n", lambda r: r["mapping"]["layout"] == "long"),
        ("1,2\n3,4\n", lambda r: r["header_rows"] == [] and "no header row" in r["doubts"][0]),
    ],
)  # fmt: skip
def test_small_tables_are_read_for_what_they_are(tmp_path, text, check):
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    assert check(found(path))


# ---- what others really publish ----


def test_merged_header_rows_a_total_without_a_word_and_notes():
    facts = expected("messy/ipc_afghanistan_2020_merged_headers.xlsx")
    report = found(sample("messy/ipc_afghanistan_2020_merged_headers.xlsx"))
    assert report["header_rows"] == facts["header_rows"]
    assert report["rows"] == facts["area_rows"]
    assert report["total_rows"] == [facts["country_total_row"]]
    assert report["sheets"][0]["merged"] == facts["merged_ranges"]
    people = column(report, "Current / Population Analysed / #")
    assert people["sum"] == facts["sum_population_analysed_over_areas"]
    assert report["note_rows"]


def test_small_messes():
    assert found(sample("messy/blank-rows.csv"))["blank_rows"] == [4]
    doubled = found(sample("messy/duplicate-headers.csv"))
    assert doubled["duplicate_headers"] == {"id": ["id", "id (2)", "id (3)"]}
    skipped = found(sample("messy/skip-rows.csv"))
    assert (skipped["header_rows"], skipped["rows"], skipped["note_rows"]) == ([2], 2, [4])
    merged = found(sample("messy/merged-cells.xls"))
    assert (merged["rows"], merged["sheets"][0]["merged"], merged["columns"][0]["name"]) == (
        0,
        1,
        "data",
    )


def test_title_rows_before_the_header():
    facts = expected("messy/uk_river_phosphate_title_rows.csv")
    report = found(sample("messy/uk_river_phosphate_title_rows.csv"))
    assert len(report["preamble_rows"]) == len(facts["first_lines"])
    assert report["header_rows"] == [16]


def test_padded_numbers_behind_a_byte_order_mark():
    facts = expected("messy/uk_dh_spend_bom_padded_numbers.csv")
    report = found(sample("messy/uk_dh_spend_bom_padded_numbers.csv"))
    assert report["encoding"] == "UTF-8 with BOM"
    amount = column(report, "Amount in Sterling")
    assert (report["rows"], amount["missing"]) == (facts["numeric_amounts"], 0)
    assert amount["sum"] == pytest.approx(facts["sum_amounts"])


def test_decimal_comma_and_days_that_only_month_firsts_betray():
    facts = expected("messy/hotel_occupancy_latin1_semicolon_decimal_comma.csv")
    report = found(sample("messy/hotel_occupancy_latin1_semicolon_decimal_comma.csv"))
    assert (report["rows"], report["encoding"], report["delimiter"]) == (
        facts["rows"],
        "ISO-8859-1",
        ";",
    )
    rate = column(report, "Occupancy rate")
    assert rate["sum"] / report["rows"] == pytest.approx(facts["mean_occupancy_rate"], abs=1e-6)
    assert column(report, "Quartier")["distinct"] == facts["distinct_Quartier"]
    assert (column(report, "Date")["date_order"], column(report, "Date")["date_sure"]) == (
        "dmy",
        False,
    )
    assert any("'All'" in d for d in report["doubts"])


def test_latin_1_counts_with_empty_columns_and_short_rows():
    facts = expected("counts/montreal_bike_counts_2012_latin1.csv")
    report = found(sample("counts/montreal_bike_counts_2012_latin1.csv"))
    assert [c["name"] for c in report["columns"]] == facts["columns"]
    empty = [c["name"] for c in report["columns"] if c["kind"] == "empty"]
    assert empty == facts["columns_entirely_blank"]
    assert {n: column(report, n)["sum"] for n in facts["totals"]} == facts["totals"]
    assert column(report, "Date")["date_order"] == "dmy"
    assert (
        f"{facts['ragged_rows_with_fewer_fields']} rows have fewer cells than the header"
        in report["doubts"]
    )


def test_fake_zeros_are_suspected():
    report = found(sample("cn_stats/nbs_zhian_anjian_shouli_1978_2014.csv"))
    assert sum(c["zeros"] for c in report["columns"]) == 588
    assert report["mapping"]["zeros"] == "missing_rows"


def test_month_first_dates_and_forms_to_fill_in():
    facts = expected("fhir/cdc_nhsn_hospital_capacity_import.csv")
    beds = found(sample("fhir/cdc_nhsn_hospital_capacity_import.csv"))
    assert (beds["rows"], len(beds["columns"])) == (facts["rows"], facts["columns"])
    assert column(beds, "collectionDate")["date_order"] == "mdy"
    assert column(beds, "numC19Died")["kind"] == "number"
    supplies = found(sample("fhir/cdc_nhsn_supplies_import.csv"))
    assert column(supplies, "collectiondate")["kind"] == "period"
    form = found(sample("fhir/Template for Daily Hospital COVID-19 Reporting.xlsx"))
    assert (
        form["sheet"]
        == expected("fhir/Template for Daily Hospital COVID-19 Reporting.xlsx")["sheets"][0][0]
    )
    assert any("form to fill in" in d for d in form["doubts"])


# ---- and what they say through a mapping ----


def parsed(path, **told):
    reading = read_frames(path, Mapping(**told), options=Options())
    frames = list(reading)
    return reading.summary, frames


def zhian(name):
    path = sample(f"cn_stats/{name}")
    values = [{"column": f"[{n}]", "indicator": f"X{n}"} for n in range(2, 23)]
    return parsed(
        path,
        layout="indicators",
        area={"code": "441600"},
        period={"column": "[1]"},
        zeros="missing_rows",
        values=values,
    )


def test_588_declared_zeros_are_missing_and_gbk_says_what_utf8_says():
    facts = expected("cn_stats/nbs_zhian_anjian_shouli_1978_2014.csv")
    summary, frames = zhian("nbs_zhian_anjian_shouli_1978_2014.csv")
    assert summary["missing"] == facts["cells_zero_meaning_missing"]
    assert summary["facts"] == facts["cells"] - facts["cells_zero_meaning_missing"]
    gbk, others = zhian("DERIVED_nbs_zhian_gbk_crlf.csv")
    assert gbk["encoding"] == "GB18030"
    assert others[0].values.equals(frames[0].values)


def test_ten_thousands_become_people():
    facts = expected("cn_stats/nbs_zongrenkou_1978_2014.csv")
    path = sample("cn_stats/nbs_zongrenkou_1978_2014.csv")
    frames = list(read_frames(path, catalogue().mappings["yearbook_population"], options=Options()))
    assert frames[0].values.numerator.iloc[-1] == facts["total_2014_persons"]
    assert frames[0].rows == facts["rows"]


def test_ten_thousand_requests_of_baltimore():
    facts = expected("service_requests/baltimore_311_sample.csv")
    path = sample("service_requests/baltimore_311_sample.csv")
    reading = read_frames(path, catalogue().mappings["cases_311"], options=Options())
    requests = [r for f in reading for r in f.requests]
    summary = reading.summary
    assert len(requests) == facts["rows"] == len({r.request_id for r in requests})
    assert summary["types"] == facts["distinct_SRType"]
    assert summary["statuses"] == facts["status"]
    assert summary["rounded_positions"]["39, -77"] == facts["coords_exactly_39_-77"]
    assert sum(r.expected_at is not None for r in requests) == facts["has_due"]
    closed = sum(n for word, n in facts["status"].items() if word.startswith("Closed"))
    assert sum(r.status == "closed" for r in requests) == closed
