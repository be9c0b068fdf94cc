"""Every feed speaks its format, agrees with itself, and depends on seed and instant only."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from google.transit import gtfs_realtime_pb2

from data import geo
from data.catalogue import catalogue
from data.connectors import cap, fhir, gtfs, gtfs_rt, open311
from data.connectors.connector import Options
from data.simulate.feeds import feed
from data.simulate.scenario import Running, current, end
from data.simulate.scenarios import SCENARIOS
from data.vocabulary import LOCAL

SEED = 4416
NOW = datetime(2026, 11, 20, 15, 2, 10, tzinfo=LOCAL)
PATHS = {
    "/cap/warnings.atom": cap,
    "/gtfs/static.zip": gtfs,
    "/gtfs-rt/vehicle-positions.pb": gtfs_rt,
    "/gtfs-rt/trip-updates.pb": gtfs_rt,
    "/gtfs-rt/service-alerts.pb": gtfs_rt,
    "/fhir/Location": fhir,
    "/fhir/MeasureReport": fhir,
    "/open311/yuepingan/requests.json": open311,
    "/open311/yuepingan/requests.xml": open311,
    "/open311/hotline/requests.xml": open311,
    "/open311/approvals/requests.json": open311,
    "/open311/approvals/services.json": open311,
    "/open311/hotline/services.xml": open311,
}


def get(path, now=NOW, scenario=(), **query):
    return feed(path, query, seed=SEED, now=now, scenario=scenario)


def body(path, now=NOW, scenario=(), **query):
    status, _, found = get(path, now, scenario, **query)
    assert status == 200
    return found


def read(path, now=NOW, scenario=(), **query):
    return PATHS[path].parse(body(path, now, scenario, **query), Options(tz="Asia/Shanghai"))


def rainstorm(seconds_ago, now=NOW):
    return (Running(SCENARIOS["rainstorm"], int(now.timestamp()) - seconds_ago),)


def test_every_address_of_the_catalogue_is_served():
    for source in (s for s in catalogue().sources.values() if not s.waits):
        for url in source.urls:
            assert get(url.removeprefix("${SIMULATOR}"))[0] == 200, url
    assert get("/nowhere")[0] == 404
    assert get("/open311/nobody/requests.json")[0] == 404


@pytest.mark.parametrize("path", PATHS)
def test_every_feed_is_read_without_a_problem(path):
    found = read(path)
    assert found.records
    assert not found.problems
    assert not found.summary.get("warnings")


@pytest.mark.parametrize("path", PATHS)
def test_the_same_seed_and_instant_give_the_same_bytes(path):
    assert body(path) == body(path)


def test_another_process_gives_the_same_bytes():
    program = (
        "import hashlib, sys; from datetime import datetime; from data.simulate.feeds import feed\n"
        "from data.simulate.scenario import Running; from data.simulate.scenarios import SCENARIOS\n"
        f"now = datetime.fromisoformat('{NOW.isoformat()}')\n"
        "story = (Running(SCENARIOS['rainstorm'], int(now.timestamp()) - 400),)\n"
        f"for path in {list(PATHS)!r}:\n"
        f"    found = feed(path, {{}}, seed={SEED}, now=now, scenario=story)[2]\n"
        "    print(hashlib.sha256(found).hexdigest())\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[2],
        env={"PYTHONHASHSEED": "7", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    mine = [hashlib.sha256(body(p, NOW, rainstorm(400))).hexdigest() for p in PATHS]
    assert told.stdout.split() == mine


def test_another_seed_is_another_city():
    other = feed("/open311/yuepingan/requests.json", {}, seed=1, now=NOW)
    assert other[2] != body("/open311/yuepingan/requests.json")


def test_feeds_are_cheap_once_warm():
    for path in PATHS:
        body(path)
    for path in PATHS:
        start = time.process_time()
        body(path, NOW + timedelta(seconds=30), rainstorm(600))
        assert time.process_time() - start < 0.25, path


def test_a_request_lies_where_its_address_says():
    for request in read("/open311/yuepingan/requests.json").records:
        told = geo.area_of(request.address, request.lon, request.lat)
        assert told is not None
        assert geo.county_code(told) == geo.county_of(request.lon, request.lat)


def test_requests_are_listed_newest_change_first_and_only_recent_ones():
    changes = [r.updated_at for r in read("/open311/hotline/requests.xml").records]
    assert changes == sorted(changes, reverse=True)
    assert all(NOW - timedelta(hours=3) <= c <= NOW for c in changes)


def test_requests_can_be_asked_for_by_date_of_report_and_of_change():
    path = "/open311/yuepingan/requests.json"
    start, until = "2026-11-12T00:00:00+08:00", "2026-11-12T12:00:00+08:00"
    found = read(path, start_date=start, end_date=until).records
    assert len(found) > 100
    assert {r.requested_at.date().isoformat() for r in found} == {"2026-11-12"}
    assert max(r.requested_at.hour for r in found) < 12
    since = (NOW - timedelta(minutes=20)).isoformat()
    assert all(r.updated_at.isoformat() >= since for r in read(path, updated_after=since).records)


def test_a_stage_change_appears_at_its_own_time():
    path = "/open311/yuepingan/requests.json"
    before = {r.request_id: r for r in read(path).records}
    later = NOW + timedelta(minutes=5)
    for request in read(path, later).records:
        old = before.get(request.request_id)
        if old is None or old.status_notes != request.status_notes:
            assert NOW < request.updated_at <= later
        else:
            assert old == type(old)(**{**request.__dict__, "row": old.row})


def test_some_reporters_leave_a_telephone_number_which_the_importer_masks():
    raw = body("/open311/hotline/requests.xml").decode()
    assert "1990000" in raw
    assert not any(
        "1990000" in r.description for r in read("/open311/hotline/requests.xml").records
    )


def test_one_row_a_day_is_malformed():
    bad = 0
    for quarter in range(96):
        now = datetime(2026, 11, 20, tzinfo=LOCAL) + timedelta(minutes=15 * quarter)
        bad += b"2026-13-32" in body("/open311/yuepingan/requests.json", now)
    assert 1 <= bad <= 2


def test_live_buses_run_trips_of_the_timetable():
    static = read("/gtfs/static.zip").records[0]
    planned = {trip: route for trip, route, _ in static.trips}
    assert len(static.routes) == 28
    assert 220 <= len(static.stops) <= 260
    vehicles = read("/gtfs-rt/vehicle-positions.pb").records
    assert all(planned[v.trip_id] == v.route_id for v in vehicles)
    assert len({v.vehicle_id for v in vehicles}) == len(vehicles)
    assert all(planned[t.trip_id] for t in read("/gtfs-rt/trip-updates.pb").records)
    assert sum(geo.county_of(v.lon, v.lat) is None for v in vehicles) <= 3
    night = read("/gtfs-rt/vehicle-positions.pb", NOW.replace(hour=3))
    assert 190 <= len(vehicles) <= 260
    assert 10 <= len(night.records) <= 30


def test_the_timetable_covers_a_month_back_and_half_a_year_ahead():
    days = {day for day, _ in read("/gtfs/static.zip").records[0].service_dates}
    assert (NOW - timedelta(days=30)).date() in days
    assert (NOW + timedelta(days=180)).date() in days


def test_most_trips_are_on_time_and_the_unknown_stay_unknown():
    trips = read("/gtfs-rt/trip-updates.pb").records
    known = [t.delay for t in trips if t.delay is not None]
    assert 0.8 <= sum(-60 <= d <= 300 for d in known) / len(known) <= 0.96
    assert 0 < len(trips) - len(known) < len(trips) / 5


def test_now_and_then_a_bus_payload_is_sent_again():
    path, start = "/gtfs-rt/trip-updates.pb", NOW.replace(second=0)
    stamps = []
    for step in range(0, 5400, 30):
        message = gtfs_realtime_pb2.FeedMessage()
        message.ParseFromString(body(path, start + timedelta(seconds=step)))
        stamps.append(message.header.timestamp)
    assert 0 < len(stamps) - len(set(stamps)) < len(stamps) / 3


def test_hospital_counts_only_grow_within_the_hour_and_then_stand():
    def fever(now):
        found = read("/fhir/MeasureReport", now).records
        hour = [m for m in found if m.population == "fever-clinic"]
        return {(m.subject, m.period_start.hour): m.value for m in hour}

    early, late = fever(NOW.replace(minute=10)), fever(NOW.replace(minute=50))
    closed = fever(NOW + timedelta(hours=1))
    for key, value in early.items():
        if value is not None and key[1] == 15:
            assert value <= late[key] <= closed[key]
        elif key[1] == 14:
            assert value == late[key]


def test_hospital_reports_hold_what_every_indicator_asks_for():
    found = {(m.group, m.population) for m in read("/fhir/MeasureReport").records}
    for indicator in catalogue().of_source("health_capacity"):
        assert (indicator.feed.group, indicator.feed.numerator) in found
        if indicator.feed.denominator:
            assert (indicator.feed.group, indicator.feed.denominator) in found
    places = {f.location_id for f in read("/fhir/Location").records}
    assert {f"heyuan-{a.code}" for a in catalogue().counties()} <= places


def test_the_hospitals_fall_silent_for_eight_minutes_every_third_hour():
    states = [get("/fhir/MeasureReport", NOW.replace(hour=14, minute=m))[0] for m in range(60)]
    assert states.count(503) == 8
    assert get("/fhir/MeasureReport", NOW.replace(hour=13, minute=24))[0] == 200


def test_a_numerator_never_exceeds_its_denominator():
    pairs = [("ems-calls", "answered-10s", "calls"), ("beds", "beds-occupied", "beds-staffed")]
    pairs += [("influenza", "ili-cases", "visits"), ("icu", "icu-occupied", "icu-staffed")]
    for story in ((), rainstorm(1500)):
        found = read("/fhir/MeasureReport", NOW, story).records
        counts = {(m.subject, m.period_start, m.group, m.population): m.value for m in found}
        for (subject, start, group, code), below in counts.items():
            for group_, above, whole in pairs:
                top = counts.get((subject, start, group_, above))
                if (group, code) == (group_, whole) and None not in (top, below):
                    assert top <= below


# ---- scenarios ----


def test_a_rainstorm_reaches_all_four_panels_within_two_minutes():
    story, later = rainstorm(120), NOW
    warned = read("/cap/warnings.atom", later, story).records
    assert any("暴雨橙色" in m.infos[0].headline for m in warned)
    assert any(("ResponseLevel", "III") in m.infos[0].parameters for m in warned)
    calm = read("/open311/yuepingan/requests.json").records
    storm = read("/open311/yuepingan/requests.json", later, story).records
    matters = [r for r in storm if r.priority and r not in calm and r.request_id[13:].isdigit()]
    assert len([r for r in matters if r.requested_at > NOW - timedelta(seconds=120)]) >= 3
    assert len(storm) > len(calm) + 6
    hotline = read("/open311/hotline/requests.xml", later, story).records
    assert len(hotline) > len(read("/open311/hotline/requests.xml").records) + 3
    assert punctuality(story) < punctuality(()) - 0.1


def punctuality(story):
    known = [t.delay for t in read("/gtfs-rt/trip-updates.pb", NOW, story).records]
    known = [d for d in known if d is not None]
    return sum(-60 <= d <= 300 for d in known) / len(known)


def test_a_rainstorm_at_its_peak():
    story = rainstorm(900)
    assert 0.45 < punctuality(story) < 0.72
    active = [a for a in read("/gtfs-rt/service-alerts.pb", NOW, story).records if a.active]
    assert len(active) >= 9
    storm = read("/open311/yuepingan/requests.json", NOW, story).records
    assert [r.priority for r in storm].count("1") == 1

    def total(population, story):
        found = read("/fhir/MeasureReport", NOW.replace(minute=50), story).records
        return sum(m.value or 0 for m in found if m.population == population)

    late = rainstorm(900, NOW.replace(minute=50))
    assert total("fever-clinic", late) > total("fever-clinic", ())
    assert total("units-stock", late) < 0.8 * total("units-stock", ())


def test_a_rainstorm_ends_with_cancels_and_leaves_nothing_open():
    over = NOW + timedelta(minutes=46)
    told = read("/cap/warnings.atom", over, rainstorm(46 * 60, over)).records
    kinds = [m.msg_type for m in told if "Srain" in m.identifier or "Sresponse" in m.identifier]
    assert kinds.count("Cancel") == 2
    cancel = next(m for m in told if m.msg_type == "Cancel" and "Srain" in m.identifier)
    assert len(cancel.references) == 2
    over = NOW + timedelta(hours=6)
    story = rainstorm(6 * 3600, over)
    since = (NOW - timedelta(minutes=1)).isoformat()
    found = read("/open311/yuepingan/requests.json", over, story, updated_after=since).records
    mine = [r for r in found if len(r.request_id.rsplit("-", 1)[1]) == 7]
    assert len(mine) > 50
    assert {r.status for r in mine} == {"closed"}


def test_a_scenario_stopped_by_hand_is_wound_up():
    start = rainstorm(300)
    story = end(start, NOW)
    assert current(story, NOW.timestamp()) is None
    later = NOW + timedelta(minutes=6)
    told = read("/cap/warnings.atom", later, story).records
    assert [m.msg_type for m in told if "Srain" in m.identifier].count("Cancel") == 1
    found = read("/open311/yuepingan/requests.json", later, story).records
    mine = [r for r in found if len(r.request_id.rsplit("-", 1)[1]) == 7]
    assert mine
    assert {r.status for r in mine} == {"closed"}


def test_a_scenario_that_is_not_running_changes_nothing():
    story = (Running(SCENARIOS["rainstorm"], int(NOW.timestamp()) + 60),)
    for path in PATHS:
        assert body(path, NOW, story) == body(path), path


def test_outage_and_bad_data():
    out = (Running(SCENARIOS["source_outage"], int(NOW.timestamp()) - 60),)
    assert get("/fhir/MeasureReport", NOW, out)[0] == 503
    assert get("/gtfs-rt/trip-updates.pb", NOW, out)[0] == 504
    assert get("/gtfs-rt/trip-updates.pb", NOW + timedelta(minutes=10), out)[0] == 200
    bad = (Running(SCENARIOS["bad_data"], int(NOW.timestamp()) - 60),)
    half = read("/open311/yuepingan/requests.json", NOW, bad)
    assert abs(len(half.records) - len(half.problems)) <= 1
    with pytest.raises(json.JSONDecodeError):
        json.loads(body("/fhir/MeasureReport", NOW, bad))
    assert body("/gtfs-rt/trip-updates.pb", NOW, bad).startswith(b"<!doctype html>")


def test_a_flood_of_alerts_is_a_flood():
    story = (Running(SCENARIOS["flood_of_alerts"], int(NOW.timestamp()) - 600),)
    assert len(read("/cap/warnings.atom", NOW, story).records) >= 24
    rows = read("/open311/yuepingan/requests.json", NOW, story).records
    assert sum(bool(r.priority) for r in rows) >= 30
