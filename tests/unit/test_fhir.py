import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from data.connectors.connector import Options, PayloadError
from data.connectors.excerpt import excerpt
from data.connectors.fhir import parse
from data.connectors.records import Facility, Measure
from tests.shared_samples import expected, payload, sample

OPTIONS = Options()
LOCAL = Options(tz="Asia/Shanghai")


def read(value, options=OPTIONS):
    return parse(json.dumps(value).encode(), options)


def report(**fields):
    population = {"code": {"text": "beds"}, "count": 3}
    return {
        "resourceType": "MeasureReport",
        "id": "r",
        "status": "complete",
        "measure": "urn:m",
        "subject": {"reference": "Location/x"},
        "period": {"start": "2026-03-01", "end": "2026-03-01"},
        "group": [{"population": [population]}],
    } | fields


def test_every_sample_report_keeps_null_apart_from_zero():
    for name, facts in expected("fhir/saner")["measure_reports"].items():
        parsed = parse(sample(f"fhir/saner/{name}").read_bytes(), OPTIONS)
        told = {
            (g["code"], code): count
            for g in facts["groups"]
            for code, count in g["populations"].items()
        }
        assert {(m.group, m.population): m.value for m in parsed.records} == told
        assert parsed.summary["absent_values"] == sum(v is None for v in told.values())
        assert {m.absent_reason for m in parsed.records if m.value is None} == {"unknown"}
        assert [s["score"] for s in parsed.summary["scores"]] == [
            g["score"] for g in facts["groups"]
        ]
        first = parsed.records[0]
        assert (first.report_id, first.subject) == (facts["id"], facts["subject"])
        assert (first.measure, first.role) == (facts["measure"], "initial-population")
        assert first.period_start == datetime(2020, 3, 16, tzinfo=UTC)
        assert first.period_end == datetime(2020, 3, 17, tzinfo=UTC)


def test_the_lost_sign_of_every_sample_longitude_is_noticed():
    facts = expected("fhir/saner")
    parsed = [parse(p.read_bytes(), OPTIONS) for p in sample("fhir/saner").glob("Location-*.json")]
    assert sum(p.summary["locations"] for p in parsed) == facts["locations"]
    positions = sum(p.summary["locations_with_position"] for p in parsed)
    assert positions == facts["locations_with_position"]
    implausible = sum(p.summary["implausible_locations"] for p in parsed)
    assert implausible == facts["positive_longitude_(sign_error_in_source)"]
    assert all(p.accepted == 1 and p.records[0].lat is None for p in parsed)


def test_a_bundle_gives_what_is_read_and_counts_the_rest():
    parsed = parse(payload("fhir_bundle.json"), LOCAL)
    assert parsed.reasons == {"bad_count": 3, "individual_report": 1, "status_pending": 1}
    assert parsed.summary["other_resources"] == 1
    assert parsed.summary["warnings"] == {"implausible_position": 1}
    places = [r for r in parsed.records if isinstance(r, Facility)]
    assert [(p.row, p.name, p.lat, p.lon) for p in places] == [
        (1, "市人民医院", 23.74, 114.7),
        (2, "县中医院", None, None),
    ]
    counts = {m.population: m for m in parsed.records if isinstance(m, Measure)}
    assert {code: (m.value, m.absent_reason) for code, m in counts.items()} == {
        "numBeds": (120.0, None),
        "numBedsOcc": (0.0, None),
        "numICU": (None, "not-asked"),
        "ventilators": (None, "missing"),
    }
    assert counts["numBeds"].role == "denominator"
    start = datetime(2026, 3, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert counts["numBeds"].period_start == start
    assert (counts["numBeds"].period_end - start).total_seconds() == 86400


@pytest.mark.parametrize(
    ("start", "end", "over"),
    [
        ("2026-02", "2026-02", "2026-03-01T00:00:00+08:00"),
        ("2026", "2026", "2027-01-01T00:00:00+08:00"),
        ("2026-03-01T00:00:00+08:00", "2026-03-01T23:59:59+08:00", "2026-03-02T00:00:00+08:00"),
        ("2026-03-01T00:00:00+08:00", "2026-03-01T23:59:59.999Z", "2026-03-02T00:00:00+00:00"),
    ],
)
def test_a_period_includes_its_end(start, end, over):
    (measure,) = read(report(period={"start": start, "end": end}), LOCAL).records
    assert measure.period_end == datetime.fromisoformat(over)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"status": "error"}, "status_error"),
        ({"status": None}, "bad_status"),
        ({"measure": None}, "no_measure"),
        ({"id": None}, "no_id"),
        ({"period": {"start": "2026-03-01"}}, "no_period"),
        ({"period": {"start": "2026-03-02", "end": "2026-03-01"}}, "bad_period"),
        ({"period": {"start": "2026-13-01", "end": "2026-13-01"}}, "bad_time"),
        ({"period": {"start": "9999", "end": "9999"}}, "bad_time"),
        ({"period": {"start": "2026-03-01T00:00:00", "end": "2026-03-01"}}, "no_time_zone"),
    ],
)
def test_a_report_that_is_none_or_not_finished_is_refused(fields, reason):
    assert read(report(**fields)).reasons == {reason: 1}


def test_lines_of_json_and_arrays_are_read():
    lines = "\n".join(
        [json.dumps(report()), "", '{"resourceType": "Loc', json.dumps(report(id="s"))]
    )
    parsed = parse(lines.encode(), OPTIONS)
    assert [m.row for m in parsed.records] == [1, 4]
    assert parsed.reasons == {"not_a_resource": 1}
    parsed = read([report(), report(), {"a": 1}])
    assert (parsed.accepted, parsed.reasons) == (1, {"duplicate": 1, "no_resource_type": 1})


@pytest.mark.parametrize(
    ("place", "extra", "kept"),
    [
        ({"latitude": 23.7, "longitude": 114.7}, {}, True),
        ({"latitude": 91, "longitude": 114.7}, {}, False),
        ({"latitude": 0, "longitude": 0}, {}, False),
        ({"latitude": "23.7", "longitude": 114.7}, {}, False),
        ({"latitude": 23.7, "longitude": 1e400}, {}, False),
        ({"latitude": 23.7, "longitude": 114.7}, {"bbox": (114, 23, 116, 25)}, True),
        ({"latitude": 23.7, "longitude": -114.7}, {"bbox": (114, 23, 116, 25)}, False),
    ],
)
def test_a_position_is_used_only_if_it_can_be_true(place, extra, kept):
    location = {"resourceType": "Location", "id": "x", "position": place}
    text = json.dumps(location).replace("Infinity", "1e400")
    parsed = parse(text.encode(), Options(extra=extra))
    assert (parsed.records[0].lat is not None) is kept
    assert parsed.summary["implausible_locations"] == (not kept)


def test_guam_lies_east_of_greenwich_and_texas_does_not():
    census = [{"system": "https://www.census.gov/geographies", "value": "66"}]
    for lat, lon, kept in [(13.4, 144.8, True), (31.0, -99.0, True), (31.0, 99.0, False)]:
        position = {"latitude": lat, "longitude": lon}
        place = {"resourceType": "Location", "id": "x", "identifier": census, "position": position}
        assert (read(place).records[0].lon is not None) is kept


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (b"", "empty"),
        (b'{"a": 1}', "no FHIR resourceType"),
        (b'{"resourceType": "Patient"}', "not MeasureReport or Location"),
        (b'[{"a": 1}, 2]', "not FHIR"),
        (b"3", "not FHIR"),
        (b"<Bundle/>", "not JSON"),
        (b'{"resourceType": "MeasureReport"', "line 1"),
        (b"\xff\xfe\xfd", "not JSON"),
        (b'{"a":' * 100_000, "deep"),
    ],
)
def test_a_file_of_the_wrong_kind_is_refused_in_one_line(broken, words):
    with pytest.raises(PayloadError, match=words):
        parse(broken, OPTIONS)


def test_only_what_is_read_can_be_shown():
    raw = payload("fhir_bundle.json")
    assert "市人民医院" in excerpt(raw, "fhir", 1)
    assert excerpt(raw, "fhir", 6) is None
