"""Buses: the timetable is replaced whole, what is unknown now is in no denominator."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from google.transit import gtfs_realtime_pb2 as pb

from data import models as m
from data.queries.keys import read_keys
from tests.conftest import NOW
from tests.store.payloads import TIMETABLE, realtime, timetable, trip, vehicle
from tests.store.support import (
    CITY,
    LONGCHUAN,
    YUANCHENG,
    ZIJIN,
    contents,
    rows_of,
    sums,
    take,
    values,
)

TABLES = (m.transit_route, m.transit_stop, m.transit_route_stop, m.transit_trip_day)
AT = NOW.replace(second=0)


def now_of(store, indicator, at=AT):
    return {area: v for (area, start), v in values(store, indicator).items() if start == at}


def codes(store):
    with store.read() as conn:
        return read_keys(conn).area_codes()


# ---- the timetable ----


def test_a_timetable_is_stored_with_the_county_of_each_route(store):
    done = take(store, "bus_static", timetable())
    assert (done.status, done.counts.new) == ("ok", 2 + 4 + 2 * 5)
    area = codes(store)
    assert {r.route_id: area[r.area_id] for r in rows_of(store, m.transit_route)} == {
        "R1": YUANCHENG,
        "R2": ZIJIN,
    }
    assert {r.route_id: r.trips for r in rows_of(store, m.transit_route)} == {"R1": 2, "R2": 1}
    stops = {s.stop_id: area.get(s.area_id) for s in rows_of(store, m.transit_stop)}
    assert stops == {"S1": YUANCHENG, "S2": YUANCHENG, "S3": ZIJIN, "S4": None}
    days = {(d.day, d.route_id): d.trips for d in rows_of(store, m.transit_trip_day)}
    assert days[date(2026, 11, 16), "R1"] == 2
    assert len(days) == 10


def test_which_route_stops_where_is_stored_and_forgotten_with_the_route(store):
    take(store, "bus_static", timetable())
    calls = {(c.route_id, c.stop_id) for c in rows_of(store, m.transit_route_stop)}
    assert {route for route, _stop in calls} == {"R1", "R2"}
    assert ("R1", "S1") in calls
    routes = "route_id,route_short_name,route_long_name,route_type\nR1,1路,城区,3\n"
    trips = "route_id,service_id,trip_id\nR1,WD,T1\nR1,WD,T2\n"
    fewer = timetable(routes=routes, trips=trips, stop_times=TIMETABLE["stop_times"].split("T3")[0])
    take(store, "bus_static", fewer)
    assert {c.route_id for c in rows_of(store, m.transit_route_stop)} == {"R1"}


def test_the_same_timetable_in_another_zip_changes_nothing(store):
    take(store, "bus_static", timetable())
    before = contents(store, *TABLES)
    done = take(store, "bus_static", timetable(agency=TIMETABLE["agency"] + "\n"))
    assert (done.status, done.counts.new, done.counts.changed, done.counts.same) == ("ok", 0, 0, 16)
    assert contents(store, *TABLES) == before


def test_a_route_that_is_gone_is_removed_and_a_new_name_is_taken(store):
    take(store, "bus_static", timetable())
    routes = "route_id,route_short_name,route_long_name,route_type\nR1,1路快线,城区,3\n"
    trips = "route_id,service_id,trip_id\nR1,WD,T1\nR1,WD,T2\n"
    done = take(
        store,
        "bus_static",
        timetable(routes=routes, trips=trips, stop_times=TIMETABLE["stop_times"].split("T3")[0]),
    )
    assert [(r.route_id, r.short_name) for r in rows_of(store, m.transit_route)] == [
        ("R1", "1路快线")
    ]
    assert done.counts.changed == 1 + 1 + 5
    assert {d.route_id for d in rows_of(store, m.transit_trip_day)} == {"R1"}


def test_a_timetable_that_comes_back_is_taken_again(store):
    """Winter, summer, winter: the third file has the bytes of the first and is no duplicate."""
    other = timetable(routes=TIMETABLE["routes"].replace("1路", "一路"))
    for turn, file in enumerate((timetable(), other, timetable())):
        take(store, "bus_static", file, now=NOW + timedelta(hours=turn))
    assert rows_of(store, m.transit_route)[0].short_name == "1路"


# ---- trips ----


@pytest.fixture
def with_timetable(store):
    take(store, "bus_static", timetable())
    return store


def test_a_trip_of_unknown_delay_is_in_no_denominator(with_timetable):
    message = realtime()
    trip(message, "T1", "R1", 30)
    trip(message, "T2", "R1", 900)
    trip(message, "T4", "R1", None)
    trip(message, "T3", "R2", None)
    take(with_timetable, "bus_trips", message.SerializeToString())
    punctual = now_of(with_timetable, "TR-01")
    assert (punctual[YUANCHENG], punctual[ZIJIN]) == ((1, 2), (0, 0))
    assert now_of(with_timetable, "TR-21")[YUANCHENG] == (930, 2)
    assert now_of(with_timetable, "TR-02")[YUANCHENG] == (3, 3)
    assert sums(with_timetable, "day", "TR-01", CITY, "2026-11-18")[:2] == (1, 2)


@pytest.mark.parametrize(("delay", "punctual"), [(-61, 0), (-60, 1), (0, 1), (300, 1), (301, 0)])
def test_on_time_is_from_one_minute_early_to_five_late(with_timetable, delay, punctual):
    message = realtime()
    trip(message, "T1", "R1", delay)
    take(with_timetable, "bus_trips", message.SerializeToString())
    assert now_of(with_timetable, "TR-01")[YUANCHENG] == (punctual, 1)


def test_a_cancelled_trip_was_not_run_and_is_not_on_time(with_timetable):
    message = realtime()
    trip(message, "T1", "R1", 0, schedule_relationship=pb.TripDescriptor.CANCELED)
    trip(message, "T2", "R1", 0)
    take(with_timetable, "bus_trips", message.SerializeToString())
    assert now_of(with_timetable, "TR-02")[YUANCHENG] == (1, 2)
    assert now_of(with_timetable, "TR-01")[YUANCHENG] == (1, 1)


def test_skipped_stops_are_over_the_stops_told(with_timetable):
    message = realtime()
    update = trip(message, "T1", "R1", None)
    for skipped in (True, False, False):
        stop = update.stop_time_update.add()
        if skipped:
            stop.schedule_relationship = pb.TripUpdate.StopTimeUpdate.SKIPPED
    trip(message, "T2", "R1", 0)
    take(with_timetable, "bus_trips", message.SerializeToString())
    assert now_of(with_timetable, "TR-25")[YUANCHENG] == (1, 3)


def test_the_period_is_the_feeds_own_minute_and_not_ours(with_timetable):
    made = NOW - timedelta(minutes=3, seconds=25)
    message = realtime(made)
    trip(message, "T1", "R1", 0)
    take(with_timetable, "bus_trips", message.SerializeToString())
    assert {at for _, at in values(with_timetable, "TR-01")} == {made.replace(second=0)}
    known = {r.known_at for r in rows_of(with_timetable, m.latest)}
    assert known == {made.replace(second=0) + timedelta(minutes=1)}


def test_a_feed_from_the_future_is_refused(with_timetable):
    message = realtime(NOW + timedelta(hours=1))
    trip(message, "T1", "R1", 0)
    done = take(with_timetable, "bus_trips", message.SerializeToString())
    assert values(with_timetable, "TR-01") == {}
    assert {p.reason for p in done.problems} == {"future_period"}


def test_a_trip_of_no_known_route_is_refused_and_the_others_stay(with_timetable):
    message = realtime()
    trip(message, "T1", "R1", 0)
    trip(message, "T9", "R99", 0)
    done = take(with_timetable, "bus_trips", message.SerializeToString())
    (problem,) = done.problems
    assert (problem.reason, problem.row, problem.value) == ("outside_area", 2, "R99")
    assert now_of(with_timetable, "TR-01")[YUANCHENG] == (1, 1)


# ---- vehicles ----


def buses(*rows, at=NOW):
    message = realtime(at)
    for key, area, speed, seen in rows:
        vehicle(message, key, area, speed=speed, at=seen)
    return message


def test_vehicles_lie_in_the_county_of_their_position(store):
    old = NOW - timedelta(minutes=10)
    message = buses(
        ("1", YUANCHENG, 10.0, NOW), ("2", YUANCHENG, None, NOW), ("3", ZIJIN, 5.0, old)
    )
    take(store, "bus_vehicles", message.SerializeToString())
    assert now_of(store, "TR-20")[YUANCHENG] == (2, None)
    assert now_of(store, "TR-20")[ZIJIN] == (0, None)
    assert now_of(store, "TR-28")[YUANCHENG] == (10, 1)
    assert now_of(store, "TR-27")[ZIJIN] == (0, 1)
    assert now_of(store, "TR-20")[LONGCHUAN] == (0, None)


def test_occupancy_that_is_not_told_is_not_empty(store):
    message = buses(("1", YUANCHENG, None, NOW), ("2", YUANCHENG, None, NOW))
    message.entity[0].vehicle.occupancy_status = pb.VehiclePosition.FULL
    take(store, "bus_vehicles", message.SerializeToString())
    assert now_of(store, "TR-24")[YUANCHENG] == (1, 1)


def test_an_empty_feed_says_zero_buses_and_no_ratio(store):
    take(store, "bus_vehicles", realtime().SerializeToString())
    assert set(now_of(store, "TR-20").values()) == {(0, None)}
    assert set(now_of(store, "TR-28").values()) == {(0, 0)}


def test_a_feed_of_trips_says_nothing_of_vehicles(with_timetable):
    message = realtime()
    trip(message, "T1", "R1", 0)
    take(with_timetable, "bus_vehicles", message.SerializeToString())
    assert values(with_timetable, "TR-20") == {}


# ---- notices ----


def test_a_notice_for_two_counties_is_one_notice_of_the_city(with_timetable):
    message = realtime()
    notice = message.entity.add(id="a1").alert
    notice.effect = pb.Alert.DETOUR
    for route in ("R1", "R2"):
        notice.informed_entity.add(route_id=route)
    over = message.entity.add(id="a2").alert
    over.active_period.add(end=int((NOW - timedelta(hours=1)).timestamp()))
    over.informed_entity.add(route_id="R1")
    take(with_timetable, "bus_alerts", message.SerializeToString())
    found = now_of(with_timetable, "TR-22")
    assert (found[CITY][0], found[YUANCHENG][0], found[ZIJIN][0]) == (1, 1, 1)
    assert now_of(with_timetable, "TR-23")[CITY][0] == 2
    assert sums(with_timetable, "day", "TR-22", CITY, "2026-11-18") == (1, None, 1)
