"""Values, totals and places that cannot be right: refused, kept and flagged, or found."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import text

from data import geo
from data import models as m
from data.catalogue import catalogue
from data.collector.quality.inspector import Inspector
from data.ingest.baselines import refresh_baselines
from data.ingest.observations import check, refuse_mixed_levels
from data.queries.keys import read_keys
from data.simulate.feeds import feed
from data.simulate.scenario import begin
from data.simulate.scenarios import SCENARIOS
from tests.conftest import NOW
from tests.store.looking import AMBULANCES, VISITS, heard, hospital, kinds, look, send, units
from tests.store.payloads import bundle, location, request, requests
from tests.store.support import (
    CALLS,
    CITY,
    TICKETS_OPEN,
    YUANCHENG,
    ZIJIN,
    count,
    hour,
    observed,
    put,
    rows_of,
    statements,
    take,
)

# ---- values ----


def test_a_gauge_that_stands_still_is_found_and_ends_when_it_moves(store):
    def told(n):
        return observed(AMBULANCES, ZIJIN, hour(-n), 7 if n < 30 else 4 + (n * 7) % 5)

    put(store, *[told(n) for n in range(160, 0, -1)])
    heard(store)
    frozen = ("frozen", "health_capacity", AMBULANCES, ZIJIN)
    assert frozen in look(store)
    put(store, observed(AMBULANCES, ZIJIN, hour(0), 3), now=NOW, as_of=NOW)
    heard(store, now=NOW + timedelta(hours=1))
    assert frozen not in look(store, NOW + timedelta(hours=1))


def test_a_line_that_reports_zero_for_unusually_long(store):
    rows = [
        observed(VISITS, ZIJIN, hour(-n), 0 if n < 40 else (n * 7) % 5) for n in range(200, 0, -1)
    ]
    put(store, *rows)
    assert ("zero_streak", "health_capacity", VISITS, ZIJIN) in look(store)


def test_an_hour_far_outside_its_band_is_kept_and_flagged(store):
    wall = "HE-23"
    past = [observed(wall, ZIJIN, hour(-n), 10 + n % 3) for n in range(24 * 34, 1, -1)]
    put(store, *past, observed(wall, ZIJIN, hour(-1), 400))
    with store.write() as conn:
        refresh_baselines(conn, catalogue(), now=NOW)
    assert ("jump", "health_capacity", wall, ZIJIN) in look(store)
    kept = [r for r in rows_of(store, m.observation) if r.num == 400]
    assert len(kept) == 1
    put(store, observed(wall, ZIJIN, hour(0), 11), now=NOW + timedelta(hours=1))
    assert "jump" not in kinds(look(store, NOW + timedelta(hours=1)), "health_capacity")


def test_a_value_outside_its_range_is_refused_with_the_range(store):
    rows = [observed(TICKETS_OPEN, ZIJIN, hour(), -3), observed("HE-21", ZIJIN, hour(), 900, 1)]
    with store.read() as conn:
        good, bad = check(rows, catalogue(), read_keys(conn), now=NOW)
    assert good == []
    assert [(p.reason, p.field, p.value) for p in bad] == [
        ("out_of_range", "value", "-3"), ("out_of_range", "value", "900/1"),
    ]  # fmt: skip
    assert "0..365 days" in bad[1].detail


# ---- totals ----


def split(store, *rows):
    with store.read() as conn:
        keys = read_keys(conn)
        good, _ = check(rows, catalogue(), keys, now=NOW)
        good, told = refuse_mixed_levels(conn, good, catalogue(), keys)
    codes = keys.area_codes()
    return {codes[r[1]] for r in good}, told


def test_a_total_in_the_file_is_not_counted_with_its_parts(store):
    rows = [observed(CALLS, ZIJIN, hour(), 4), observed(CALLS, YUANCHENG, hour(), 6)]
    kept, told = split(store, observed(CALLS, CITY, hour(), 10), *rows)
    assert kept == {ZIJIN, YUANCHENG}
    assert [(p.reason, p.refused) for p in told] == [("total_row", False)]


def test_a_total_that_is_less_than_its_parts_is_said_so(store):
    rows = [observed(CALLS, ZIJIN, hour(), 4), observed(CALLS, YUANCHENG, hour(), 6)]
    kept, told = split(store, observed(CALLS, CITY, hour(), 8), *rows)
    assert kept == {ZIJIN, YUANCHENG}
    assert [(p.reason, p.value) for p in told] == [("total_differs", "8, parts 10")]


def test_a_source_that_always_told_the_total_goes_on_doing_so(store):
    put(store, observed(CALLS, CITY, hour(-1), 9))
    kept, told = split(store, observed(CALLS, CITY, hour(), 10), observed(CALLS, ZIJIN, hour(), 4))
    assert kept == {CITY}
    assert [(p.reason, p.refused) for p in told] == [("mixed_levels", True)]


# ---- places ----


def test_a_case_outside_the_city_is_kept_without_its_position_and_said_so(store):
    swapped = request("1", address="紫金县紫城镇", lat=115.05, long=23.52)
    take(store, "yuepingan", requests(swapped))
    assert [(c.lon, c.lat) for c in rows_of(store, m.cases)] == [(None, None)]
    (row,) = rows_of(store, m.quarantine)
    assert (row.reason, row.refused) in [("position_outside", 0), ("bad_position", 0)]
    heard(store)
    assert "position_outside" in kinds(look(store), "yuepingan")


def test_sites_in_another_system_than_declared_are_found(store):
    spots = [(114.60 + n / 60, 23.64 + n / 90) for n in range(7)]
    rows = "".join(f"S{n},医院 H{n},{lat},{lon}\n" for n, (lon, lat) in enumerate(spots))
    from tests.store.payloads import timetable

    take(store, "bus_static", timetable(stops="stop_id,stop_name,stop_lat,stop_lon\n" + rows))
    sites = []
    for n, spot in enumerate(spots):
        lon, lat = geo.from_wgs84(*spot, "GCJ02")
        position = {"latitude": lat, "longitude": lon}
        sites.append({**location(f"H{n}", YUANCHENG), "position": position})
    take(store, "health_sites", bundle(*sites))
    assert ("wrong_crs", "health_sites", None, None) in look(store)


def test_positions_are_converted_once(store):
    """Stops are kept in WGS-84 like sites and cases, whatever the source declares."""
    facts = catalogue()
    declared = facts.sources["bus_static"].model_copy(update={"crs": "GCJ02"})
    facts = replace(facts, sources={**facts.sources, "bus_static": declared})
    lon, lat = geo.from_wgs84(114.6, 23.66, "GCJ02")
    from data.ingest.run import ingest
    from tests.store.payloads import timetable

    stops = f"stop_id,stop_name,stop_lat,stop_lon\nS1,甲,{lat},{lon}\n"
    ingest(store, facts, declared, timetable(stops=stops), origin="x", now=NOW)
    (stop,) = rows_of(store, m.transit_stop)
    assert geo.metres(stop.lon, stop.lat, 114.6, 23.66) < 1


# ---- bad data, and what it costs ----


def test_the_bad_data_drill_gives_findings_that_end_with_it(store):
    facts, begun = catalogue(), NOW - timedelta(seconds=60)
    story = begin((), SCENARIOS["bad_data"], begun, begun)
    inspector = Inspector(store, facts)
    paths = {
        "yuepingan": "/open311/yuepingan/requests.json",
        "hotline": "/open311/hotline/requests.xml",
        "warnings": "/cap/warnings.atom",
    }

    def play(now):
        for key, path in paths.items():
            _, _, body = feed(path, {}, seed=4416, now=now, scenario=story)
            take(store, key, body, now=now)

    play(NOW)
    found = look(store, inspector=inspector)
    assert "refused_share" in kinds(found, "yuepingan")
    assert "unreadable" in kinds(found, "hotline")
    assert "unreadable" in kinds(found, "warnings")
    later = NOW + timedelta(minutes=20)
    play(later)
    found = look(store, later, inspector=inspector)
    assert "unreadable" not in kinds(found, "hotline") | kinds(found, "warnings")


def test_a_look_asks_as_many_statements_however_much_is_stored(store):
    send(store, hospital(4, 0))
    inspector = Inspector(store, catalogue())
    look(store, inspector=inspector)
    put(store, *[r for r, _ in hospital(700, 5)])
    look(store, inspector=inspector)
    put(store, observed(VISITS, ZIJIN, hour(-701), 3))
    with statements(store) as few:
        inspector.look(NOW + timedelta(seconds=1))
    put(store, *[r for r, _ in hospital(3000, 702)])
    with statements(store) as many:
        inspector.look(NOW + timedelta(seconds=2))
    assert len(many) <= len(few) + 2
    assert len(few) < 60


def test_a_tick_knows_nothing_of_it(store):
    with statements(store) as asked:
        take(store, "yuepingan", requests(request("1")))
    tables = ("quality_finding", "reception", "rhythm", "streak", "correction")
    assert not [s for s in asked if any(f" {t}" in s for t in tables)]


def test_what_the_pages_ask_is_answered_by_keys(store):
    look(store)
    asks = [
        "select bucket from reception where grain = 3 and bucket >= {at}",
        "select last_at from reception where source_id = 1 and indicator_id = 0 and area_id = 2"
        " and grain = 2 and bucket >= {at}",
        "select id from quality_finding where source_id = 1 and last_seen >= {at}",
    ]
    at = "0" if store.sqlite else "now()"
    with store.read() as conn:
        if not store.sqlite:
            conn.execute(text("set local enable_seqscan = off"))
        for ask in asks:
            word = "explain query plan " if store.sqlite else "explain "
            rows = conn.execute(text(word + ask.format(at=at))).all()
            plan = " ".join(str(x) for row in rows for x in row)
            assert "Seq Scan" not in plan, ask
            assert "SCAN" not in plan, plan


def test_old_hours_are_let_go_and_days_stay(store):
    send(store, hospital(10, 0))
    look(store)
    later = NOW + timedelta(weeks=14)
    heard(store, now=later)
    look(store, later)
    grains = {r.grain for r in rows_of(store, m.reception) if r.bucket < NOW}
    assert grains == {3}


def test_the_weeks_before_the_first_look_are_filled_day_by_day(store):
    put(store, *[observed(VISITS, ZIJIN, hour(-n), n % 4) for n in range(24 * 4, 0, -1)])
    put(store, *[observed(VISITS, YUANCHENG, hour(-n), n % 4) for n in range(24 * 4, 0, -2)])
    for n in range(5):
        look(store, NOW + timedelta(seconds=n))
    unit = units(store, weeks=2)[("health_capacity", YUANCHENG)]["total"]
    assert unit["received"] > 40
    assert unit["expected"] - 2 * unit["received"] in (0, 1)  # each other hour
    assert count(store, m.reception, m.reception.c.grain == 3) > 0
