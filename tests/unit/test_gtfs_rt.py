from datetime import UTC, datetime

import pytest
from google.transit import gtfs_realtime_pb2 as pb

from data.connectors.connector import Options, PayloadError, locate
from data.connectors.excerpt import excerpt
from data.connectors.gtfs_rt import parse
from tests.shared_samples import expected, sample_bytes
from tests.unit.test_gtfs import feed

OPTIONS = Options()
NOW = 1_772_323_200  # 2026-03-01 00:00 UTC
STOP = pb.TripUpdate.StopTimeUpdate
POLLS = ("a6bf3a1", "de2c0a9")


def message(timestamp=NOW):
    new = pb.FeedMessage()
    new.header.gtfs_realtime_version = "2.0"
    new.header.timestamp = timestamp
    return new


def read(message, options=OPTIONS):
    return parse(message.SerializePartialToString(), options)


def add_trip(feed_message, key="e1", trip_id="T1", **relation):
    entity = feed_message.entity.add(id=key)
    entity.trip_update.trip.trip_id = trip_id
    for name, value in relation.items():
        setattr(entity.trip_update.trip, name, value)
    return entity.trip_update


def add_vehicle(feed_message, key="v1", lat=23.7, lon=114.7, **fields):
    entity = feed_message.entity.add(id=key)
    entity.vehicle.position.latitude, entity.vehicle.position.longitude = lat, lon
    for name, value in fields.items():
        setattr(entity.vehicle, name, value)
    return entity.vehicle


@pytest.mark.parametrize("poll", POLLS)
@pytest.mark.parametrize("kind", ["Alerts", "TripUpdates", "VehiclePositions"])
def test_a_sample_is_read_as_its_account_says(kind, poll):
    facts = expected("gtfs_rt")[f"{kind}-{poll}.pb"]
    parsed = parse(sample_bytes(f"gtfs_rt/miway/{kind}-{poll}.pb"), OPTIONS)
    summary = parsed.summary
    assert (parsed.accepted, parsed.quarantined) == (facts["entities"], 0)
    assert summary["header_time"] == facts["header_utc"]
    assert summary["entities"] == facts["entities"]
    assert summary["duplicate_entity_ids"] == facts["entities"] - facts["distinct_entity_ids"]
    assert summary["deleted"] == facts["deleted"]
    for key in ("trip_updates", "vehicles", "alerts"):
        assert summary[key] == facts.get(key, 0)
    assert summary["trip_schedule_relationship"] == facts.get("trip_schedule_relationship", {})
    assert summary["stop_schedule_relationship"] == facts.get("stu_schedule_relationship", {})
    assert summary["alerts_active_at_header"] == facts.get("active_at_header_time", 0)
    assert summary["delay_known"] == 0
    assert summary["delay_unknown"] == facts.get("trip_updates", 0)
    if kind == "Alerts":
        ends = [end for a in parsed.records for _, end in a.periods]
        assert ends.count(None) == facts["ends_after_year_2100"]
        assert len({r for a in parsed.records for r in a.routes}) == facts["distinct_routes"]
        assert len({s for a in parsed.records for s in a.stops}) == facts["distinct_stops"]
    if kind == "VehiclePositions":
        assert sum(v.speed is not None for v in parsed.records) == facts["with_speed"]
        told = [v.occupancy or "ABSENT" for v in parsed.records]
        assert {o: told.count(o) for o in set(told)} == facts["occupancy"]


@pytest.mark.parametrize("kind", ["TripUpdates", "VehiclePositions"])
def test_every_sample_trip_is_in_the_timetable(kind):
    trips = sample_bytes("gtfs_rt/miway/trips.txt").decode("utf-8-sig")
    nothing = dict.fromkeys(("agency", "routes", "stops", "stop_times", "calendar"))
    static = feed(trips=trips, **nothing)
    raw = sample_bytes(f"gtfs_rt/miway/{kind}-{POLLS[0]}.pb")
    summary = parse(raw, Options(static=static)).summary
    assert (summary["trips_not_in_static"], summary["trip_ids_not_in_static"]) == (0, [])


def test_a_trip_the_timetable_lacks_is_named_unless_it_was_added():
    new = message()
    add_trip(new, "1", "T1")
    add_trip(new, "2", "T8")
    add_trip(new, "3", "T9", schedule_relationship=pb.TripDescriptor.ADDED)
    summary = read(new, Options(static=feed())).summary
    assert (summary["trips_not_in_static"], summary["trip_ids_not_in_static"]) == (1, ["T8"])
    for bad in (b"PK", feed(trips=None), feed(trips="route_id\nR1\n")):
        with pytest.raises(PayloadError, match="static feed cannot be used"):
            read(new, Options(static=bad))


def delays(build, **relation):
    new = message()
    build(add_trip(new, **relation))
    parsed = read(new)
    known = parsed.records[0].delay is not None
    assert (parsed.summary["delay_known"], parsed.summary["delay_unknown"]) == (known, not known)
    return parsed.records[0].delay


def test_an_unstated_delay_is_unknown_and_a_stated_zero_is_zero():
    assert delays(lambda t: t.stop_time_update.add().arrival.MergeFrom(STOP().arrival)) is None
    assert delays(lambda t: setattr(t.stop_time_update.add().arrival, "time", NOW)) is None
    assert delays(lambda t: setattr(t.stop_time_update.add().arrival, "delay", 0)) == 0
    assert delays(lambda t: setattr(t, "delay", 90)) == 90


def test_the_last_stop_that_states_a_delay_counts():
    def build(trip):
        trip.delay = 5
        trip.stop_time_update.add().arrival.delay = 60
        trip.stop_time_update.add().departure.delay = 120
        trip.stop_time_update.add().arrival.time = NOW
        skipped = trip.stop_time_update.add(schedule_relationship=STOP.SKIPPED)
        skipped.arrival.delay = 999
        trip.stop_time_update.add(schedule_relationship=STOP.NO_DATA).arrival.delay = 999

    assert delays(build) == 120
    assert delays(build, schedule_relationship=pb.TripDescriptor.CANCELED) is None
    assert delays(lambda t: setattr(t, "delay", 2**31 - 1)) is None


def test_entities_are_told_apart_by_their_id():
    new = message()
    add_vehicle(new, "a")
    add_vehicle(new, "a")
    new.entity.add(id="b", is_deleted=True)
    new.entity.add(id="c")
    new.entity.add().vehicle.position.latitude = 1
    new.entity.add(id="d").trip_update.trip.route_id = "R1"
    new.entity.add(id="e").shape.shape_id = "s"
    parsed = read(new)
    assert parsed.reasons == {
        "duplicate_entity_id": 1,
        "empty_entity": 1,
        "no_entity_id": 1,
        "no_trip_id": 1,
    }
    assert parsed.accepted == parsed.summary["vehicles"] == parsed.summary["deleted"] == 1
    assert [p.row for p in parsed.problems] == [2, 4, 5, 6]


def test_a_vehicle_keeps_only_what_can_be_true():
    new = message()
    add_vehicle(new, "1", 0, 0)
    add_vehicle(new, "2", 91, 0)
    add_vehicle(new, "3", float("nan"), 1)
    add_vehicle(new, "4", timestamp=NOW + 3601)
    add_vehicle(new, "5", timestamp=2**63)
    add_vehicle(new, "6", timestamp=NOW + 3600).position.speed = -1
    parsed = read(new)
    assert parsed.reasons == {"future_time": 2}
    assert parsed.summary["warnings"] == {"bad_position": 3, "bad_speed": 1}
    assert [v.lat for v in parsed.records] == [None, None, None, 23.700001]
    last = parsed.records[-1]
    assert (last.vehicle_id, last.speed, last.occupancy) == ("6", None, None)
    assert last.at == datetime.fromtimestamp(NOW + 3600, UTC)


@pytest.mark.parametrize(
    ("periods", "active"),
    [
        ([], True),
        ([(None, None)], True),
        ([(NOW, NOW + 1)], True),
        ([(None, NOW)], False),
        ([(NOW + 1, None)], False),
        ([(1, 2), (NOW - 5, 32503698000)], True),
        ([(32503698000, None)], False),
    ],
)
def test_a_notice_is_active_in_its_periods(periods, active):
    new = message()
    alert = new.entity.add(id="n").alert
    alert.cause = pb.Alert.WEATHER
    for start, end in periods:
        period = alert.active_period.add()
        if start:
            period.start = start
        if end:
            period.end = end
    parsed = read(new)
    assert parsed.records[0].active is active
    assert parsed.summary["alerts_active_at_header"] == active


def test_a_notice_is_read_in_chinese_if_it_has_any():
    new = message(timestamp=0)
    alert = new.entity.add(id="n").alert
    for language, text in [("en-GB", "Stop moved"), ("zh-CN", "站点迁移")]:
        alert.header_text.translation.add(text=text, language=language)
    alert.informed_entity.add(route_id="R1", stop_id="S1")
    alert.informed_entity.add().trip.route_id = "R2"
    parsed = read(new)
    (record,) = parsed.records
    assert (record.header, record.description) == ("站点迁移", "")
    assert (record.routes, record.stops) == (("R1", "R2"), ("S1",))
    assert parsed.summary["warnings"] == {"no_header_time": 1}
    assert parsed.summary["header_time"] is None


def test_a_text_that_is_not_utf8_costs_only_its_entity():
    new = message()
    add_vehicle(new, "XX")
    add_vehicle(new, "ok")
    raw = new.SerializeToString().replace(b"\x02XX", b"\x02\xff\xfe")
    assert parse(raw, OPTIONS).reasons == {"bad_text": 1}


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (b"", "empty"),
        (b"\x0a\x00", "no header with a version"),
        (b"\x0a\x04\x0a\x02\xff\xfe", "no header with a version"),
        (b"\x1a\x05hello", "no header with a version"),
        (b"<html></html>", "XML or HTML"),
        (b'{"header": {}}', "JSON"),
        (b"PK\x03\x04", "zip"),
        (b"plain words", "no header"),
        (b"\x01\x02", "something else"),
        (message().SerializeToString()[:-1], "truncated"),
    ],
)
def test_a_file_of_the_wrong_kind_is_refused_in_one_line(broken, words):
    with pytest.raises(PayloadError, match=words):
        parse(broken, OPTIONS)


def test_an_entity_can_be_shown_and_a_line_cannot():
    new = message()
    add_trip(new).trip.route_id = "路线"
    raw = new.SerializeToString()
    assert "路线" in excerpt(raw, "gtfs-rt", 1)
    assert excerpt(raw, "gtfs-rt", 2) is None
    assert locate(raw, "T1") is None
