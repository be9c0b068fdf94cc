"""Station air quality: any order of columns, any mark for missing, and the hour it is about."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from data.connectors.cnemc import parse
from data.connectors.connector import Options, PayloadError
from data.connectors.pollutants import GasState, UnitError, converted, substance_of
from tests.shared_samples import expected, payload, sample_bytes

SAMPLE = "air_quality/cnemc_guangdong_2022-01-01T08_excerpt.csv"
HEAD = "timepoint,stationcode,positionname,area,aqi,pm2_5,pm10"
EIGHT = datetime(2022, 1, 1, 0, 0, tzinfo=UTC)


def read(text, **options):
    raw = text if isinstance(text, bytes) else text.encode()
    return parse(raw, Options(**options))


def row(*cells, head=HEAD, **options):
    return read(f"{head}\n{','.join(cells)}\n", **options)


def values(report):
    return {x.substance: x.value for x in report.readings}


def test_the_real_file_says_what_its_account_says():
    wanted = expected(SAMPLE)
    parsed = read(sample_bytes(SAMPLE))
    summary = parsed.summary
    assert (parsed.accepted, parsed.quarantined) == (wanted["rows"], 0)
    assert (summary["stations"], summary["areas"]) == (wanted["stations"], wanted["areas"])
    assert summary["timepoints"] == ["2022-01-01T00:00:00+00:00"]
    assert summary["two_primary_pollutants"] == wanted["rows_with_two_primary_pollutants"]
    assert summary["blank_primary_pollutant"] == wanted["blank_primarypollutant"]
    assert len(summary["control_stations"]) == wanted["control_stations_对照点"]
    assert summary["pm25_above_pm10"] == wanted["pm25_greater_than_pm10"]
    assert parsed.summary["warnings"] == {"pm25_above_pm10": 5}
    (heyuan,) = (p for p in summary["places"] if p["area"] == "河源市")
    assert heyuan["stations"] == len(wanted["河源市"]["stations"])
    assert heyuan["mean"]["aqi"] == wanted["河源市"]["mean_aqi_excluding_对照点"]


def test_a_real_row_is_kept_whole():
    reports = {r.station_id: r for r in read(sample_bytes(SAMPLE)).records}
    town = reports["1698A"]
    assert (town.name, town.place, town.lat, town.lon) == ("老城", "河源市", 23.7233, 114.6892)
    assert (town.period_start.hour, town.period_end) == (23, EIGHT)
    assert values(town) == {
        "aqi": 45, "pm10": 38, "pm25": 31, "o3": 98, "no2": 35, "so2": 5, "co": 1.0,
    }  # fmt: skip
    assert reports["1696A"].control
    assert not town.control


def test_chinese_headers_with_units_in_another_order_say_the_same():
    parsed = read(payload("cnemc.csv"))
    reports = {r.station_id: r for r in parsed.records}
    assert parsed.accepted == 5
    assert values(reports["1698A"]) == {
        "aqi": 45, "pm25": 31, "pm10": 38, "o3": 98, "no2": 35, "co": 1.0,
    }  # fmt: skip
    assert values(reports["9001A"]) == {"aqi": 120, "pm25": 41, "pm10": 30, "co": 1.1}
    assert parsed.summary["ignored_columns"] == ["PM2.5_24h"]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encoding_and_delimiter_do_not_matter(codec, delimiter):
    text = f"{HEAD}\r\n2022-01-01 08:00,1698A,老城,河源市,45,31,38\r\n".replace(",", delimiter)
    (report,) = read(text.encode(codec)).records
    assert (report.name, values(report)["pm25"]) == ("老城", 31)


@pytest.mark.parametrize("gap", ["", "—", "-", "NA", "null", "-999", "缺测", " "])
def test_a_mark_for_missing_is_no_value(gap):
    parsed = row("2022-01-01 08:00", "1698A", "老城", "河源市", "45", gap, "38")
    assert values(parsed.records[0]) == {"aqi": 45, "pm10": 38}
    assert parsed.problems == ()


@pytest.mark.parametrize(
    ("bad", "reason"),
    [("-3", "negative_value"), ("x", "bad_value"), ("1_0", "bad_value"), ("99999", "implausible_value"),
     ("inf", "bad_value")],
)  # fmt: skip
def test_a_value_that_cannot_be_is_left_out_with_a_warning(bad, reason):
    parsed = row("2022-01-01 08:00", "1698A", "老城", "河源市", "45", bad, "38")
    assert values(parsed.records[0]) == {"aqi": 45, "pm10": 38}
    (problem,) = parsed.problems
    assert (problem.reason, problem.row, problem.field, problem.refused) == (
        reason,
        2,
        "pm25",
        False,
    )


@pytest.mark.parametrize(
    "written",
    ["2022-01-01T08:00:00", "2022/1/1 8:00", "2022年1月1日8时", "2022010108", "2022-01-01 08",
     "2022-01-01T00:00:00Z", "2022-01-01 08:00:00.000", "2021-12-31T24:00:00+00:00"],
)  # fmt: skip
def test_a_time_is_the_end_of_its_hour_in_china(written):
    parsed = row(written, "1698A", "老城", "河源市", "45", "31", "38")
    if "24:00:00+" in written:
        assert parsed.reasons == {"bad_time": 1}
        return
    assert parsed.records[0].period_end == EIGHT


def test_date_and_hour_may_stand_apart_and_hour_24_is_midnight():
    head = "日期,小时,站点编码,AQI"
    parsed = row("2021-12-31", "24", "1698A", "45", head=head)
    assert parsed.records[0].period_end == datetime(2021, 12, 31, 16, 0, tzinfo=UTC)


def test_a_source_may_declare_that_times_mark_the_start():
    text = f"{HEAD}\n2022-01-01 08:00,1698A,老城,河源市,45,31,38\n".encode()
    (report,) = parse(text, Options(extra={"stamp": "start"})).records
    assert report.period_start == EIGHT


def test_two_pollutants_without_quotes_do_not_shift_the_row():
    head = "timepoint,stationcode,primarypollutant,aqi,pm2_5"
    parsed = row("2022-01-01 08:00", "1A", "颗粒物(PM10)", "细颗粒物(PM2.5)", "55", "39", head=head)
    assert values(parsed.records[0]) == {"aqi": 55, "pm25": 39}
    assert parsed.summary["two_primary_pollutants"] == 1


def test_cells_too_many_or_too_few_cost_the_row_alone():
    text = f"{HEAD}\n2022-01-01 08:00,1A,x,y,45,31,38,99\n2022-01-01 08:00,2A,x,y,45\n2022-01-01\n"
    parsed = read(text)
    assert parsed.reasons == {"bad_cell_count": 2}
    assert [(r.station_id, values(r)) for r in parsed.records] == [("2A", {"aqi": 45})]


def test_a_station_twice_in_an_hour_counts_once():
    line = "2022-01-01 08:00,1A,x,y,45,31,38"
    assert read(f"{HEAD}\n{line}\n{line}\n").reasons == {"duplicate": 1}


def test_one_column_a_station_is_read_too():
    text = "date,hour,type,1697A,1698A,1699A\n20220101,8,AQI,54,45,\n20220101,8,PM2.5,38,31,\n" \
           "20220101,8,PM2.5_24h,35,33,\n20220101,9,AQI,50,,\n"  # fmt: skip
    parsed = read(text)
    found = {(r.station_id, r.period_end.hour): values(r) for r in parsed.records}
    assert found == {
        ("1697A", 0): {"aqi": 54, "pm25": 38},
        ("1698A", 0): {"aqi": 45, "pm25": 31},
        ("1697A", 1): {"aqi": 50},
    }
    assert parsed.summary["form"] == "wide"
    assert parsed.summary["ignored_kinds"] == ["PM2.5_24h"]


def test_one_column_a_city_is_read_too():
    parsed = read("date,hour,type,广州,河源\n20220101,8,AQI,54,45\n")
    assert [(r.station_id, r.place, values(r)) for r in parsed.records] == [
        ("广州", "广州", {"aqi": 54}),
        ("河源", "河源", {"aqi": 45}),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b,c\n1,2,3\n", "no column for the time"),
        ("time,stationcode,humidity\n1,2,3\n", "no column for any pollutant"),
        ("time,aqi\n1,2\n", "no column for the station"),
        ("time,stationcode,type,value\n1,2,AQI,3\n", "no column for any pollutant"),
        ("PK\x03\x04xxxx", "binary"),
        ('time,stationcode,aqi\n"2022', "breaks at line"),
        ("   \n", "empty"),
    ],
)
def test_another_table_is_refused_and_says_what_is_missing(text, said):
    with pytest.raises(PayloadError, match=said):
        read(text)


# ---- names and units ----


@pytest.mark.parametrize(
    ("name", "key"),
    [("PM2.5", "pm25"), ("pm2_5", "pm25"), ("PM₂.₅", "pm25"), ("细颗粒物(PM2.5)", "pm25"),
     ("颗粒物(PM10)", "pm10"), ("O₃", "o3"), ("二氧化硫", "so2"), ("CO", "co"), ("VOC", None)],
)  # fmt: skip
def test_a_pollutant_is_known_by_any_of_its_names(name, key):
    assert substance_of(name) == key


def test_units_convert_exactly_or_not_at_all():
    state = GasState(25, 1013.25)
    assert converted("pm25", 31, "ug/m3", None) == 31
    assert converted("co", 900, "µg/m³", None) == 0.9
    assert converted("co", 0.9, "mg/m³", None) == pytest.approx(0.9)
    assert converted("o3", 0.1, "ppm", state) == pytest.approx(196.2, abs=0.1)
    assert converted("no2", 100, "ppb", state) == pytest.approx(188.1, abs=0.1)
    assert converted("co", 1, "ppm", state) == pytest.approx(1.145, abs=0.001)
    for substance, unit, declared in (
        ("o3", "ppm", None), ("pm25", "ppm", state), ("o3", "grains", state), ("aqi", "ppm", state),
    ):  # fmt: skip
        with pytest.raises(UnitError):
            converted(substance, 1.0, unit, declared)
