import json
from datetime import UTC, datetime

import pytest

from data.connectors.connector import Options, PayloadError
from data.connectors.excerpt import excerpt
from data.connectors.open311 import parse
from data.connectors.records import ServiceType
from tests.shared_samples import expected, payload, sample_bytes

OPTIONS = Options()
GOOD = {
    "service_request_id": "1",
    "status": "open",
    "requested_datetime": "2026-03-01T08:00:00+08:00",
}


def read(value, options=OPTIONS):
    return parse(json.dumps(value).encode(), options)


def test_toronto_answers_with_empty_elements():
    facts = expected("open311")["toronto_requests_2.xml"]
    parsed = parse(sample_bytes("open311/toronto_requests_2.xml"), OPTIONS)
    assert [r.request_id for r in parsed.records] == facts["ids"]
    first = parsed.records[0]
    assert first.requested_at.astimezone(UTC).isoformat() == facts["requested_utc"]
    assert first.expected_at.astimezone(UTC).isoformat() == facts["expected_utc"]
    assert (first.updated_at, first.description, first.priority) == (None, "", "")
    assert (first.lat, first.lon) == (43.691104288, -79.272306875)
    assert parsed.summary == {
        "requests": 2,
        "services": 0,
        "by_status": {"open": 2},
        "warnings": {},
    }


def test_chicago_leaves_fields_out():
    facts = expected("open311")["chicago_requests_2.json"]
    parsed = parse(sample_bytes("open311/chicago_requests_2.json"), OPTIONS)
    updated = [r.updated_at.astimezone(UTC).isoformat() for r in parsed.records]
    assert updated == facts["updated_utc"]
    assert parsed.records[0].expected_at is None


def test_service_codes_stay_text():
    facts = expected("open311")["giessen_services_8.xml"]
    parsed = parse(sample_bytes("open311/giessen_services_8.xml"), OPTIONS)
    assert [s.service_code for s in parsed.records] == facts["codes"]
    assert parsed.records[4].service_name == "Straßen- und Gehwegschäden"
    spec = parse(sample_bytes("open311/spec_service_list_3.json"), OPTIONS)
    groups = expected("open311")["spec_service_list_3.json"]["groups"]
    assert {g: [s.group for s in spec.records].count(g) for g in groups} == groups


def test_bad_rows_are_refused_and_good_ones_stay():
    parsed = parse(payload("open311_bad_rows.json"), OPTIONS)
    assert parsed.reasons == {
        "bad_status": 1,
        "bad_time": 1,
        "duplicate": 1,
        "no_request_id": 2,
        "no_time_zone": 1,
    }
    assert [(r.row, r.request_id, r.status) for r in parsed.records] == [
        (6, "0096", "closed"),
        (7, "0091", "closed"),
    ]
    assert parsed.summary["warnings"] == {"bad_position": 1, "updated_before_requested": 1}
    assert parsed.records[0].lat is None
    assert parsed.records[0].updated_at is None


def test_personal_data_is_masked_or_never_read():
    raw = json.loads(payload("open311_bad_rows.json"))["service_requests"][0]
    (record,) = read([raw]).records
    assert record.description == "请回电 138****8000 或 ***@example.com"
    assert record.status_notes == "身份证441602********1234"
    assert record.address == "建设路1号，139****9000"
    assert (record.priority, record.service_code) == ("2", "007")
    shown = excerpt(payload("open311_bad_rows.json"), "open311", 1)
    for text in (repr(record), shown):
        for secret in ("13800138000", "zhang.san", "张", "A-77", "D-88", "199001"):
            assert secret not in text


def test_a_zone_of_the_source_makes_local_times_readable():
    (record,) = read(
        [GOOD | {"requested_datetime": "2026-03-01 08:00:00"}], Options(tz="Asia/Shanghai")
    ).records
    assert record.requested_at == datetime(2026, 3, 1, tzinfo=UTC)


def test_numbers_as_ids_and_the_compact_date_are_read():
    odd = {"service_request_id": 638344, "requested_datetime": "20100414T06:37:38-08:00"}
    (record,) = read({"requests": [GOOD | odd]}).records
    assert record.request_id == "638344"
    assert record.requested_at == datetime(2010, 4, 14, 14, 37, 38, tzinfo=UTC)


def test_an_empty_list_is_healthy():
    for empty in (b"[]", b"<service_requests/>", b'{"service_requests": []}'):
        assert parse(empty, OPTIONS).accepted == 0
    assert parse(b"<services/>", OPTIONS).summary["services"] == 0


def test_a_service_needs_a_code_of_its_own():
    parsed = read([{"service_code": "01"}, {"service_code": "01"}, {"service_name": "x"}])
    assert parsed.reasons == {"duplicate": 1, "no_service_code": 1}
    assert parsed.records == (ServiceType(1, "01", "", ""),)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (b"", "empty"),
        (b"<html/>", "root is <html>"),
        (b"<errors><error><description>no key</description></error></errors>", "no key"),
        (b'[{"code": 404, "description": "no such\\nservice"}]', "no such service"),
        (b'[{"resourceType": "Location", "status": "active"}]', "neither requests nor services"),
        (b'{"a": 1}', "neither requests nor services"),
        (b'"text"', "neither a list nor an object"),
        (b"[" * 100_000, "deep"),
        (b'[{"lat": NaN}]', "NaN"),
        (b'[{"status": "open"', "line 1"),
        ('["é"]'.encode("latin-1"), "Unicode"),
        (b"[" + b"9" * 5000 + b"]", "absurd"),
    ],
)
def test_a_file_of_the_wrong_kind_is_refused_in_one_line(broken, words):
    with pytest.raises(PayloadError, match=words) as caught:
        parse(broken, OPTIONS)
    assert "\n" not in str(caught.value)
