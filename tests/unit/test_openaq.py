"""OpenAQ v3: units as declared, missing as missing, and how much of the answer this is."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from data.connectors.connector import Options, PayloadError
from data.connectors.openaq import parse
from data.connectors.pollutants import GasState
from tests.shared_samples import payload

STATE = {"gas_state": GasState(25, 1013.25)}
MIDNIGHT, ONE = datetime(2026, 11, 18, 0, tzinfo=UTC), datetime(2026, 11, 18, 1, tzinfo=UTC)


def read(value, **extra):
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return parse(raw, Options(extra=extra))


def result(value=10.0, name="pm25", units="µg/m³", **more):
    return {
        "value": value,
        "parameter": {"id": 2, "name": name, "units": units},
        "period": {
            "datetimeFrom": {"utc": "2026-11-18T00:00:00Z", "local": "2026-11-18T08:00:00+08:00"},
            "datetimeTo": {"utc": "2026-11-18T01:00:00Z", "local": "2026-11-18T09:00:00+08:00"},
        },
        "coordinates": {"latitude": 23.72, "longitude": 114.69},
        **more,
    }


def answer(*results, found=None):
    return {"meta": {"found": found if found is not None else len(results)}, "results": results}


def test_an_answer_of_hours_is_read():
    parsed = read(payload("openaq_hours.json"), **STATE)
    fine, ozone = parsed.records
    assert (fine.period_start, fine.period_end) == (MIDNIGHT, ONE)
    assert (fine.lat, fine.lon) == (23.7233, 114.6892)
    assert [(x.substance, x.value, x.unit) for x in fine.readings] == [("pm25", 31.5, "µg/m³")]
    assert ozone.readings[0].value == pytest.approx(98.1, abs=0.1)
    assert parsed.reasons == {"negative_value": 1}
    assert parsed.summary["found"] == ">1000"
    assert parsed.summary["more"] is True
    assert parsed.summary["absent_values"] == 1
    assert parsed.summary["warnings"] == {"flagged": 1}
    assert parsed.summary["converted_units"] == {"ppm": 1}


def test_ppm_without_a_declared_state_is_refused():
    parsed = read(answer(result(0.05, "o3", "ppm")))
    assert parsed.reasons == {"unit_not_declared": 1}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"value": -1}, "negative_value"),
        ({"value": -999}, "negative_value"),
        ({"value": "12"}, "bad_value"),
        ({"value": True}, "bad_value"),
        ({"value": 1e9}, "implausible_value"),
        ({"period": {"datetimeFrom": {"utc": "2026-11-18T00:00:00Z"}}}, "no_time"),
        ({"period": {"datetimeFrom": {"utc": "x"}, "datetimeTo": {"utc": "y"}}}, "bad_time"),
        ({"parameter": {"name": "pm25"}}, "no_unit"),
        ({"parameter": None, "sensorsId": 7}, "unknown_sensor"),
    ],
)
def test_what_cannot_be_used_is_refused_and_the_rest_stays(change, reason):
    parsed = read(answer(result(**change), result(name="pm10")))
    assert parsed.reasons == {reason: 1}
    assert len(parsed.records) == 1


def test_latest_names_only_the_sensor_and_the_catalogue_says_what_it_is():
    latest = {
        "datetime": {"utc": "2026-11-18T01:00:00Z", "local": "2026-11-18T09:00:00+08:00"},
        "value": 12, "coordinates": None, "sensorsId": 3917, "locationsId": 2178,
    }  # fmt: skip
    parsed = read(answer(latest), sensors={"3917": "pm25 µg/m³"})
    (report,) = parsed.records
    assert (report.station_id, report.period_start, report.period_end) == ("2178", MIDNIGHT, ONE)
    assert report.readings[0].substance == "pm25"


def test_a_list_of_places_tells_the_sensors_to_declare():
    place = {"id": 2178, "name": "x", "sensors": [
        {"id": 3917, "parameter": {"name": "pm25", "units": "µg/m³"}},
    ]}  # fmt: skip
    parsed = read(answer(place))
    assert parsed.accepted == 0
    assert parsed.summary["sensors"] == {"3917": "pm25 µg/m³"}


def test_pages_in_one_file_and_the_same_value_twice():
    parsed = read([answer(result()), answer(result(), result(name="no2"))])
    assert (parsed.accepted, parsed.reasons) == (2, {"duplicate": 1})


@pytest.mark.parametrize(
    ("found", "more"), [(">1000", True), ("2", True), (1, False), ("1", False), (None, False)]
)
def test_how_much_there_is_may_be_a_number_or_a_text(found, more):
    value = answer(result())
    value["meta"]["found"] = found
    assert read(value).summary["more"] is more


def test_another_pollutant_keeps_its_own_unit():
    parsed = read(answer(result(-3.5, "temperature", "c")))
    assert parsed.records[0].readings[0].unit == "c"


@pytest.mark.parametrize("value", [{}, [], {"results": 3}, {"detail": "Invalid API key"}, 7])
def test_what_is_no_answer_is_refused(value):
    if value == []:
        assert read(value).accepted == 0
        return
    with pytest.raises(PayloadError, match="not OpenAQ"):
        read(value)
