"""The look at data quality: what is counted, what is found, and that findings end by themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from data import geo
from data import models as m
from data.catalogue import catalogue
from data.catalogue.entries import DeclaredRhythm
from data.collector.quality.inspector import Inspector
from data.ingest.baselines import refresh_baselines
from data.ingest.ledger import note_failure, note_heard
from data.ingest.observations import check, refuse_mixed_levels
from data.queries.keys import read_keys
from data.queries.quality import findings, unit_quality
from data.simulate.feeds import feed
from data.simulate.scenario import begin
from data.simulate.scenarios import SCENARIOS
from data.vocabulary import Grain
from tests.conftest import NOW
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

AMBULANCES, VISITS, BEDS = "HE-04", "HE-07", "HE-05"


def look(store, now=NOW, *, facts=None, inspector=None):
    """Take a look and return the open findings as (kind, source, indicator, area)."""
    facts = facts or catalogue()
    (inspector or Inspector(store, facts)).look(now)
    with store.read() as conn:
        found = findings(conn, read_keys(conn))
    return {(f["kind"], f["source"], f["indicator"], f["area"]) for f in found}


def kinds(found, source):
    return {kind for kind, key, _, _ in found if key == source}


def heard(store, *sources, now=NOW):
    facts = catalogue()
    with store.write() as conn:
        for key in sources or facts.sources:
            note_heard(conn, read_keys(conn), facts.sources[key], now=now)


def units(store, now=NOW, *, facts=None, weeks=0, source=None):
    with store.read() as conn:
        rows = unit_quality(conn, facts or catalogue(), read_keys(conn), now=now, weeks=weeks,
                            source=source)  # fmt: skip
    return {(u["source"], u["area"]): u for u in rows}


def hospital(first: int, last: int, area=ZIJIN, indicator=VISITS, late=None, skip=()):
    """Hourly visits from `first` to `last` hours ago, each known ten minutes after its end."""
    return [
        (observed(indicator, area, hour(-n), 10 + (n * 7) % 5),
         hour(-n + 1) + timedelta(minutes=10 if late is None or n not in late else 300))
        for n in range(first, last, -1) if n not in skip
    ]  # fmt: skip


def send(store, rows):
    for row, at in rows:
        put(store, row, as_of=at, now=at)


# ---- the book ----


def test_a_source_never_heard_is_found_once_and_ends_when_it_speaks(store):
    assert ("never", "hotline", None, None) in look(store)
    look(store, NOW + timedelta(minutes=5))
    (row,) = [r for r in rows_of(store, m.quality_finding)
              if r.source_id == source_id(store, "hotline")]  # fmt: skip
    assert (row.times, row.first_seen, row.ended_at) == (2, NOW, None)
    later = NOW + timedelta(minutes=10)
    heard(store, now=later)
    assert look(store, later) == set()
    (row,) = [r for r in rows_of(store, m.quality_finding)
              if r.source_id == source_id(store, "hotline")]  # fmt: skip
    assert (row.last_seen, row.ended_at) == (NOW + timedelta(minutes=5), later)


def source_id(store, key):
    with store.read() as conn:
        return read_keys(conn).sources[key]


def test_a_source_that_fell_silent_is_one_finding_a_second_time_a_new_episode(store):
    heard(store)
    assert look(store) == set()
    gone = NOW + timedelta(hours=1)
    assert ("silent", "hotline", None, None) in look(store, gone)
    heard(store, now=gone + timedelta(minutes=1))
    assert "silent" not in kinds(look(store, gone + timedelta(minutes=1)), "hotline")
    again = gone + timedelta(hours=1)
    assert "silent" in kinds(look(store, again), "hotline")
    episodes = [r for r in rows_of(store, m.quality_finding)
                if r.kind == "silent" and r.source_id == source_id(store, "hotline")]  # fmt: skip
    assert [r.first_seen for r in episodes] == [gone, again]


def test_a_source_that_answers_badly(store):
    heard(store)
    with store.write() as conn:
        for _ in range(2):
            source = catalogue().sources["hotline"]
            note_failure(conn, read_keys(conn), source, "500", now=NOW)
    assert kinds(look(store), "hotline") == {"failed"}


def test_what_was_found_can_still_be_listed_after_it_ended(store):
    look(store)
    heard(store)
    look(store, NOW + timedelta(minutes=1))
    with store.read() as conn:
        keys = read_keys(conn)
        assert findings(conn, keys) == []
        ended = findings(conn, keys, source="hotline", ended_since=NOW)
    assert [(f["kind"], f["ended"]) for f in ended] == [
        ("never", (NOW + timedelta(minutes=1)).timestamp())
    ]


# ---- completeness and timeliness ----


def test_expected_and_received_periods_of_a_county(store):
    send(store, hospital(30, 1, skip={5, 6, 7}))
    heard(store)
    look(store)
    unit = units(store)[("health_capacity", ZIJIN)]
    # the newest hour, 09:00 to 10:00, is due at 10:15: it is 10:20 now, and it did not come
    assert (unit["total"]["expected"], unit["total"]["received"]) == (24, 20)
    assert unit["total"]["completeness"] == pytest.approx(100 * 20 / 24)
    assert unit["total"]["timeliness"] == 100
    missing = [b for b in unit["buckets"] if b["received"] < b["expected"]]
    assert [b["start"] for b in missing] == [hour(-n).timestamp() for n in (7, 6, 5, 1)]


def test_a_county_that_began_today_is_expected_from_then_on(store):
    send(store, hospital(4, 1))
    look(store)
    total = units(store)[("health_capacity", ZIJIN)]["total"]
    assert (total["expected"], total["received"]) == (4, 3)


def test_what_came_late_is_received_and_not_timely(store):
    send(store, hospital(10, 0, late={3, 4}))
    look(store, NOW)
    total = units(store)[("health_capacity", ZIJIN)]["total"]
    assert (total["expected"], total["received"], total["due"], total["timely"]) == (10, 10, 10, 8)


def test_a_correction_does_not_make_the_first_word_late(store):
    rows = hospital(10, 0)
    send(store, rows)
    changed = replace(rows[0][0], numerator=99.0)
    put(store, changed, as_of=NOW, now=NOW)
    heard(store)
    found = look(store)
    total = units(store)[("health_capacity", ZIJIN)]["total"]
    assert (total["timely"], total["corrected"]) == (10, 1)
    assert ("late_correction", "health_capacity", VISITS, ZIJIN) in found
    (row,) = [r for r in rows_of(store, m.quality_finding) if r.kind == "late_correction"]
    assert row.value == "10 -> 99"
    assert "9.3 h after" in row.detail


def test_two_counties_are_added_up_for_the_source(store):
    send(store, hospital(10, 0))
    send(store, hospital(10, 0, area=YUANCHENG, skip={2, 3, 4, 5, 6}))
    heard(store)
    found = look(store)
    whole = units(store)[("health_capacity", None)]["total"]
    assert (whole["expected"], whole["received"]) == (20, 15)
    incomplete = {x for x in found if x[0] == "incomplete"}
    assert incomplete == {("incomplete", "health_capacity", None, YUANCHENG)}


def test_an_hour_that_came_after_all_completes_the_figure(store):
    send(store, hospital(10, 0, skip={4}))
    inspector = Inspector(store, catalogue())
    look(store, inspector=inspector)
    later = NOW + timedelta(hours=1)
    put(store, observed(VISITS, ZIJIN, hour(-4), 3), as_of=later, now=later)
    look(store, later, inspector=inspector)
    bucket = [b for b in units(store, later)[("health_capacity", ZIJIN)]["buckets"]
              if b["start"] == hour(-4).timestamp()]  # fmt: skip
    assert [(b["received"], b["timely"]) for b in bucket] == [(1, 0)]


def test_a_look_again_changes_no_figure(store):
    take(store, "yuepingan", requests(request("1"), request("2", code="999")))
    send(store, hospital(10, 0))
    look(store)
    before = rows_of(store, m.reception)
    look(store)
    look(store, NOW + timedelta(seconds=20))
    assert rows_of(store, m.reception) == before


def test_weeks_are_the_sums_of_their_days(store):
    send(store, hospital(24 * 9, 0))
    for n in range(24 * 9, -1, -12):
        look(store, NOW - timedelta(hours=n))
    unit = units(store, weeks=12)[("health_capacity", ZIJIN)]
    assert len(unit["buckets"]) == 12
    assert sum(b["expected"] for b in unit["buckets"]) == unit["total"]["expected"]
    assert unit["total"]["received"] >= 24 * 8


def test_daily_figures_of_a_clerk_are_due_at_the_declared_hour(store):
    facts = catalogue()
    by_hand = facts.sources["health_capacity"].model_copy(
        update={"rhythm": DeclaredRhythm(every="daily", due="09:30")}
    )
    facts = replace(facts, sources={**facts.sources, "health_capacity": by_hand})
    for day in (14, 15, 16, 17):
        row = observed(VISITS, ZIJIN, f"2026-11-{day}T00:00", 5, grain=Grain.DAY)
        came = datetime.fromisoformat(f"2026-11-{day + 1}T{'09' if day != 16 else '11'}:00+08:00")
        put(store, row, as_of=came, now=came)
    look(store, facts=facts)
    total = units(store, facts=facts, weeks=2)[("health_capacity", ZIJIN)]["total"]
    assert (total["expected"], total["received"], total["timely"]) == (4, 4, 3)


# ---- rhythm ----


def test_a_county_that_stopped_is_quiet_while_its_source_goes_on(store):
    inspector = Inspector(store, catalogue())
    for n in range(24, 0, -1):
        areas = [ZIJIN, YUANCHENG] if n > 14 else [ZIJIN]
        came = hour(-n + 1) + timedelta(minutes=5)
        put(store, *[observed(VISITS, a, hour(-n), n % 5) for a in areas], as_of=came, now=came)
        heard(store, now=came)
        look(store, came, inspector=inspector)
    with store.write() as conn:
        conn.execute(m.rhythm.update().values(learned_at=NOW - timedelta(days=2)))
    heard(store)
    look(store, inspector=inspector)
    found = look(store, NOW + timedelta(seconds=1), inspector=inspector)
    quiet = {x for x in found if x[0] == "quiet"}
    assert ("quiet", "health_capacity", None, YUANCHENG) in quiet
    assert ("quiet", "health_capacity", None, ZIJIN) not in quiet
    unit = units(store)[("health_capacity", YUANCHENG)]
    assert unit["state"] == "silent"
    assert unit["rhythm"]["median_s"] == pytest.approx(3600)


def test_a_county_that_must_report_and_never_did(store):
    facts = catalogue()
    named = facts.sources["health_capacity"].model_copy(update={"areas": (ZIJIN, YUANCHENG)})
    facts = replace(facts, sources={**facts.sources, "health_capacity": named})
    send(store, hospital(10, 0))
    heard(store)
    assert ("never", "health_capacity", None, YUANCHENG) in look(store, facts=facts)
    assert units(store, facts=facts)[("health_capacity", YUANCHENG)]["state"] == "never"


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
