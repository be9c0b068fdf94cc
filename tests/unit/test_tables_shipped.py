"""The mappings that are shipped, on tables as clerks and hotlines write them."""

from datetime import UTC, datetime

import pytest

from data.catalogue import catalogue
from data.connectors.connector import Options
from data.tables.connector import parse
from data.tables.excerpt import table_excerpt
from data.tables.top import top_of
from tests.table_reading import CITY, VALUES, facts, read, reasons
from tests.workbooks import county_monthly, xlsx


def test_a_county_clerk_s_workbook_by_the_shipped_mapping():
    parsed = parse(
        county_monthly(suppressed=True),
        Options(extra={"mapping": catalogue().mappings["county_monthly"]}),
    )
    assert (parsed.accepted, parsed.quarantined) == (6, 0)
    assert parsed.summary["total_rows"] == [11]
    assert parsed.summary["note_rows"] == [13, 14]
    assert parsed.summary["warnings"] == {"suppressed": 1}
    ratio = next(r for r in parsed.records if r.indicator == "GS-62" and r.area == "441621")
    assert (ratio.numerator, ratio.denominator, ratio.row) == (198, 200, 6)
    assert ratio.period_start == datetime(2024, 2, 29, 16, tzinfo=UTC)


def test_days_of_a_workbook_and_names_merged_downwards():
    from datetime import date

    rows = [
        ["县区", "日期", "v"],
        ["源城区", date(2024, 3, 5), 1],
        ["", date(2024, 3, 6), 2],
        ["紫金县", date(2024, 3, 5), 3],
    ]
    for epoch in (1900, 1904):
        book = xlsx({"a": rows}, merges=("A2:A3",), epoch=epoch)
        assert [(a, d, n) for _, a, d, n, _ in facts(book, area={"column": "县区"}, **VALUES)] == [
            ("441602", "2024-03-04", 1), ("441602", "2024-03-05", 2), ("441621", "2024-03-04", 3),
        ]  # fmt: skip


CASES = (
    "工单编号,诉求内容,受理时间,办结时限,办结时间,所属区域,承办单位,诉求类型,工单状态\n"
    "G1,路灯不亮请联系13800138000,2024-03-05 08:30:00,2024-03-08 08:30,2024-03-06 10:00:00,源城区,市城管局,投诉,已办结\n"
    "G2,咨询社保,2024年3月5日 下午2:05,2024-03-10,,紫金县,市人社局,咨询,办理中\n"
    "G3,问,不久前,,,紫金县,,咨询,办理中\n"
    ",无编号,2024-03-05 08:30:00,,,紫金县,,咨询,办理中\n"
    "G4,问,2024-03-05 08:30:00,,2024-03-04 08:30:00,紫金县,,咨询,已办结\n"
    "G5,问,2024-03-05 08:30:00,,,紫金县,,咨询,外星\n"
    "合计,,5,,,,,,\n"
)


def cases(raw, name="cases_12345", **options):
    return parse(raw.encode(), Options(extra={"mapping": catalogue().mappings[name]}, **options))


@pytest.mark.parametrize("codec", ["utf-8", "gbk", "utf-16"])
def test_a_12345_extract_by_the_shipped_mapping(codec):
    parsed = parse(
        CASES.encode(codec), Options(extra={"mapping": catalogue().mappings["cases_12345"]})
    )
    assert (parsed.accepted, parsed.quarantined) == (3, 3)
    assert parsed.reasons == {"bad_status": 1, "bad_time": 1, "no_request_id": 1}
    first, second, fourth = parsed.records
    assert (first.request_id, first.status, first.row) == ("G1", "closed", 2)
    assert "138****8000" in first.description
    assert first.requested_at == datetime(2024, 3, 5, 0, 30, tzinfo=UTC)
    assert first.updated_at == datetime(2024, 3, 6, 2, tzinfo=UTC)
    assert first.expected_at == datetime(2024, 3, 8, 0, 30, tzinfo=UTC)
    assert (first.service_code, first.agency, first.address) == ("投诉", "市城管局", "源城区")
    assert second.requested_at == datetime(2024, 3, 5, 6, 5, tzinfo=UTC)
    assert (second.status, second.updated_at) == ("open", None)
    assert fourth.updated_at is None
    assert parsed.summary["warnings"]["updated_before_requested"] == 1
    assert parsed.summary["total_rows"] == [8]


NYC = (
    "Unique Key,Created Date,Closed Date,Agency,Complaint Type,Descriptor,Status,Due Date,Latitude,Longitude\n"
    "1,01/15/2024 11:11:26 PM,,NYPD,Noise,Loud,Open,,40.7,-74.2\n"
    "2,01/16/2024 12:00:00 AM,01/17/2024 01:00:00 PM,DOT,Pothole,,Closed,,40,-74\n"
    "2,01/16/2024 12:00:00 AM,01/18/2024 01:00:00 PM,DOT,Pothole,,Closed,,,\n"
)


def test_a_311_extract_of_another_city_by_the_shipped_mapping():
    parsed = cases(NYC, "cases_311")
    assert [r.request_id for r in parsed.records] == ["1", "2"]
    assert parsed.reasons == {"duplicate": 1}
    assert parsed.records[1].row == 4
    assert parsed.records[0].requested_at == datetime(2024, 1, 15, 15, 11, 26, tzinfo=UTC)
    assert parsed.summary["rounded_positions"] == {"40, -74": 1}
    assert (parsed.records[0].lat, parsed.records[1].lat) == (40.7, None)


def test_a_file_s_own_utf8_beats_the_encoding_of_the_mapping():
    reading, frames = read("日期,v,备注\n2024-03-05,1,好的\n", area=CITY, encoding="gbk", **VALUES)
    assert len(frames[0].values) == 1
    assert reading.summary["encoding"] == "UTF-8"
    assert "the mapping says GB18030" in reading.summary["doubts"][0]


def test_days_and_months_of_cases_that_could_be_either_are_never_guessed():
    cases = {"id": "id", "requested": "at", "status": "st", "statuses": {"open": "open"}}
    told = {"layout": "cases", "time_zone": "Asia/Shanghai", "cases": cases}
    raw = "id,at,st\n1,01/02/2026 10:00,open\n2,01/03/2026 10:00,open\n"
    assert [r[:3] for r in reasons(raw, **told)] == [
        (2, "ambiguous_date", "at"),
        (3, "ambiguous_date", "at"),
    ]
    assert reasons(raw, **told, period={"order": "mdy"}) == []


def test_the_top_of_a_table_is_its_named_columns_masked():
    mapping = catalogue().mappings["cases_12345"]
    raw = CASES.replace("工单状态\n", "工单状态,来电人\n").replace("已办结\nG2", "已办结,张三\nG2")
    top = top_of(raw.encode("gbk"), mapping)
    assert top.header == (1,)
    assert "工单编号" in top.names
    assert "来电人" not in top.names
    assert [n for n, _cells in top.rows][:2] == [2, 3]
    first = " ".join(top.rows[0][1])
    assert "G1" in first
    assert "138****8000" in first
    assert "张三" not in first
    book = top_of(county_monthly(), catalogue().mappings["county_monthly"])
    assert "县区" in book.names
    assert any("紫金县" in cells for _n, cells in book.rows)
    assert top_of(b"\x00\x01", mapping) is None
    assert top_of("别的,列\n1,2\n".encode(), mapping) is None


def test_the_excerpt_of_a_row_shows_only_what_the_mapping_names_and_masks_it():
    mapping = catalogue().mappings["cases_12345"]
    raw = (
        CASES.replace("工单状态\n", "工单状态,来电人\n")
        .replace("已办结\nG2", "已办结,张三\nG2")
        .encode("gbk")
    )
    said = table_excerpt(raw, mapping, 2)
    assert "工单编号: G1" in said
    assert "138****8000" in said
    assert "张三" not in said
    assert table_excerpt(raw, mapping, 99) is None
    assert table_excerpt(b"\x00\x01", mapping, 1) is None
    assert "县区: 紫金县" in table_excerpt(
        county_monthly(), catalogue().mappings["county_monthly"], 6
    )
