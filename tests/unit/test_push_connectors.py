"""What is pushed is read row by row: what fits is taken, the rest is refused by name."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from data.connectors import push_events, push_observations, push_requests
from data.connectors.connector import Options, PayloadError
from data.connectors.excerpt import excerpt
from data.connectors.push_form import form_document
from data.connectors.registry import connector_of
from data.vocabulary import CaseState, Grain

GOOD = {
    "indicator": "GS-42",
    "area": "441602",
    "grain": "hour",
    "period_start": "2026-11-18T10:00:00+08:00",
    "numerator": 5,
    "denominator": 10,
}


def read(value, options=Options()):  # noqa: B008 - frozen
    payload = value if isinstance(value, bytes) else json.dumps(value).encode()
    return push_observations.parse(payload, options)


def reasons(parsed):
    return [(p.row, p.field, p.reason) for p in parsed.problems]


def changed(**more):
    return {k: v for k, v in (GOOD | more).items() if v != "gone"}


@pytest.mark.parametrize("document", [[GOOD], {"observations": [GOOD]}])
def test_a_list_and_an_object_with_a_list_are_the_same(document):
    (seen,) = read(document).records
    assert (seen.indicator, seen.area, seen.grain, seen.row) == ("GS-42", "441602", Grain.HOUR, 1)
    assert (seen.numerator, seen.denominator) == (5, 10)
    assert seen.period_start == datetime(2026, 11, 18, 2, tzinfo=UTC)


def test_an_empty_list_is_a_sign_of_life():
    parsed = read([])
    assert (parsed.records, parsed.problems, parsed.summary["rows"]) == ((), (), 0)


@pytest.mark.parametrize(
    ("more", "field", "reason"),
    [
        ({"indicator": "gone"}, "indicator", "no_indicator"),
        ({"indicator": ""}, "indicator", "bad_indicator"),
        ({"indicator": "A B"}, "indicator", "bad_indicator"),
        ({"indicator": 7}, "indicator", "bad_indicator"),
        ({"area": "gone"}, "area", "no_area"),
        ({"area": 441602}, "area", "bad_area"),
        ({"grain": "fortnight"}, "grain", "bad_grain"),
        ({"grain": "gone"}, "grain", "no_grain"),
        ({"period_start": "gone"}, "period_start", "no_period_start"),
        ({"period_start": "yesterday"}, "period_start", "bad_period_start"),
        ({"period_start": "2026-11-18T10:00:00"}, "period_start", "no_time_zone"),
        ({"period_start": "2026-11-18"}, "period_start", "bad_period_start"),
        ({"period_start": "2026-02-30T10:00:00+08:00"}, "period_start", "bad_period_start"),
        ({"period_start": "0001-01-01T00:00:00+08:00"}, "period_start", "bad_period_start"),
        ({"period_start": "1999-12-31T00:00:00+08:00"}, "period_start", "too_old"),
        ({"numerator": "gone"}, "numerator", "no_numerator"),
        ({"numerator": "5"}, "numerator", "bad_numerator"),
        ({"numerator": None}, "numerator", "bad_numerator"),
        ({"numerator": True}, "numerator", "bad_numerator"),
        ({"numerator": 1e16}, "numerator", "out_of_range"),
        ({"numerator": 1e-12}, "numerator", "out_of_range"),
        ({"denominator": -1}, "denominator", "out_of_range"),
        ({"denominator": 1e-300}, "denominator", "out_of_range"),
        ({"denominatr": 1}, "denominatr", "unknown_field"),
        ({"numerator": [5]}, "numerator", "nested_value"),
        ({"x": {"y": 1}}, "x", "nested_value"),
    ],
)
def test_a_bad_row_is_refused_by_its_field_and_the_next_is_taken(more, field, reason):
    parsed = read([changed(**more), GOOD])
    assert reasons(parsed) == [(1, field, reason)]
    assert [r.row for r in parsed.records] == [2]


def test_a_number_too_long_for_a_float_is_not_finite():
    body = json.dumps([GOOD]).replace('"numerator": 5', '"numerator": 1e999').encode()
    assert reasons(read(body)) == [(1, "numerator", "not_finite")]


@pytest.mark.parametrize("row", [None, 3, "x", [], True])
def test_a_row_that_is_no_object_is_refused(row):
    assert [p.reason for p in read([row]).problems] == ["not_an_object"]


def test_a_date_alone_is_a_local_day_a_week_or_a_month():
    days = [changed(grain=g, period_start="2026-11-16") for g in ("day", "week", "month")]
    starts = {r.period_start for r in read(days).records}
    assert starts == {datetime(2026, 11, 15, 16, tzinfo=UTC)}


def test_a_time_without_an_offset_is_the_sources_own():
    row = changed(period_start="2026-11-18T10:00:00")
    (seen,) = read([row], Options(tz="Asia/Shanghai")).records
    assert seen.period_start == datetime(2026, 11, 18, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty"),
        (b"[1,", "line 1 column 4"),
        (b'{"observations": 3}', 'no list called "observations"'),
        (b'{"rows": []}', "unknown part: rows"),
        (b'"text"', "header line"),
        (b'{"observations": [], "as_of": "soon"}', "as_of"),
        (b'{"observations": [], "as_of": 5}', "as_of"),
        (b"[NaN]", "NaN"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"a":' * 100_000, "nested too deep"),
        (b"hello", "header line"),
        (b"a,a\n1,2\n", "different names"),
        (b"indicator,area,grain,period_start,value\n", "lacks numerator; it names indicator"),
        (b"\xff\xfe\x00", "not"),
        (b"[" + b"1" * 5000 + b"]", "absurd length"),
    ],
)
def test_what_is_no_document_is_refused_whole_with_its_place(body, said):
    with pytest.raises(PayloadError, match=said):
        read(body)


def test_the_form_that_was_said_is_the_form_that_is_read():
    with pytest.raises(PayloadError, match="line 1 column 1"):
        read(b"indicator,area\n", Options(extra={"form": "json"}))
    with pytest.raises(PayloadError, match="line 2: not JSON"):
        read(b'{"a":1}\n{"a"', Options(extra={"form": "ndjson"}))


def test_lines_of_json_are_rows():
    lines = "\n".join([json.dumps(GOOD), "", json.dumps(changed(area="441621")), ""]).encode()
    parsed = read(lines)
    assert [(r.row, r.area) for r in parsed.records] == [(1, "441602"), (2, "441621")]
    assert parsed.summary["form"] == "ndjson"


HEAD = "Indicator,area,grain,period_start,numerator,denominator"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_csv_is_rows_whatever_saved_it(codec, end):
    lines = [HEAD, "GS-42,441602,hour,2026-11-18T10:00:00+08:00,5,10", ",,,,,",
             "GS-42,441621,hour,2026-11-18T10:00:00+08:00,五,10"]  # fmt: skip
    parsed = read(end.join(lines).encode(codec))
    assert [(r.row, r.numerator, r.denominator) for r in parsed.records] == [(1, 5, 10)]
    assert reasons(parsed) == [(2, "numerator", "bad_numerator")]


def test_an_empty_cell_is_no_value_and_never_zero():
    parsed = read(f"{HEAD}\nGS-41,441602,hour,2026-11-18T10:00:00+08:00,5,\n".encode())
    assert parsed.records[0].denominator is None
    parsed = read(f"{HEAD}\nGS-41,441602,hour,2026-11-18T10:00:00+08:00,,\n".encode())
    assert reasons(parsed) == [(1, "numerator", "no_numerator")]


def test_more_cells_than_names_refuse_the_row_and_an_open_quote_the_file():
    row = "GS-42,441602,hour,2026-11-18T10:00:00+08:00,5,10,7"
    assert [p.row for p in read(f"{HEAD}\n{row}\n".encode()).problems] == [1]
    with pytest.raises(PayloadError, match="not CSV"):
        read(f'{HEAD}\n"GS-42,441602\n'.encode())


def test_when_it_was_cut_is_told_for_the_whole_document():
    document = {"observations": [GOOD], "as_of": "2026-11-18T10:05:00+08:00"}
    assert read(document).summary["as_of"] == "2026-11-18T10:05:00+08:00"
    assert "as_of" not in read({"observations": [], "as_of": ""}).summary


# ---- events ----

EVENT = {"service_request_id": "1", "event": "arrived", "at": "2026-11-18T10:00:00+08:00"}


def events(*rows, options=Options()):  # noqa: B008 - frozen
    return push_events.parse(json.dumps(list(rows)).encode(), options)


def test_an_event_says_where_the_case_stands_after_it():
    names = {
        "accepted": CaseState.OPENED,
        "signed": CaseState.ACCEPTED,
        "arrived": CaseState.HANDLING,
        "suspended": CaseState.SUSPENDED,
        "rework": CaseState.REWORK,
        "closed": CaseState.CLOSED,
    }
    parsed = events(*({**EVENT, "event": name} for name in names))
    assert [r.state for r in parsed.records] == list(names.values())


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"event": "vanished"}, "bad_event"),
        ({"at": "now"}, "bad_at"),
        ({"at": "2026-11-18T10:00:00"}, "no_time_zone"),
        ({"service_request_id": "x" * 81}, "bad_service_request_id"),
        ({"service_request_id": " "}, "no_service_request_id"),
        ({"note": "x" * 501}, "bad_note"),
        ({"stage": "closed"}, "unknown_field"),
    ],
)
def test_a_bad_event_is_refused(more, reason):
    assert [p.reason for p in events({**EVENT, **more}, EVENT).problems] == [reason]


def test_a_note_keeps_no_telephone_number():
    (event,) = events({**EVENT, "note": "联系13800138000\x00"}).records
    assert event.note == "联系138****8000"


# ---- requests ----


def test_requests_are_georeport_and_services_are_not_requests():
    row = {"service_request_id": "1", "status": "open", "service_code": "DT-01",
           "requested_datetime": "2026-11-18T10:00:00+08:00"}  # fmt: skip
    (request,) = push_requests.parse(json.dumps([row]).encode(), Options()).records
    assert request.request_id == "1"
    with pytest.raises(PayloadError, match="services"):
        push_requests.parse(b'[{"service_code": "1", "service_name": "x"}]', Options())


def test_what_is_kept_of_a_form_has_neither_key_nor_sender():
    fields = {"service_code": "DT-01", "description": "打13800138000", "api_key": "zz_secret",
              "email": "a@b.cn", "first_name": "张", "lat": "23.66", "long": "114.6",
              "phone": "13800138000", "address_string": "源城区"}  # fmt: skip
    body = form_document(fields, "N1", datetime(2026, 11, 18, tzinfo=UTC))
    for secret in ("zz_secret", "a@b.cn", "张", "13800138000"):
        assert secret not in body.decode()
    (request,) = push_requests.parse(body, Options()).records
    assert (request.request_id, request.address, request.lat) == ("N1", "源城区", 23.66)
    assert request.description == "打138****8000"


# ---- the way back ----


def test_a_row_of_a_kept_push_can_be_shown():
    body = json.dumps({"events": [{**EVENT, "note": "打13800138000"}]}).encode()
    assert "138****8000" in (excerpt(body, "push-events", 1) or "")
    assert excerpt(body, "push-events", 2) is None
    assert "GS-42" in (excerpt(json.dumps([GOOD]).encode(), "push-observations", 1) or "")


def test_a_pushed_file_says_in_its_origin_what_reads_it():
    assert connector_of("open311", "push-events:token/3") == "push-events"
    assert connector_of("open311", "http://platform/requests") == "open311"
    assert connector_of("push", None) == "push"
