"""The look at data quality: what is counted, what is found, and that findings end by themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from data import models as m
from data.catalogue import catalogue
from data.catalogue.entries import DeclaredRhythm
from data.collector.quality.inspector import Inspector
from data.ingest.ledger import note_failure
from data.queries.keys import read_keys
from data.queries.quality import findings
from data.vocabulary import Grain
from tests.conftest import NOW
from tests.store.looking import VISITS, heard, hospital, kinds, look, send, units
from tests.store.payloads import request, requests
from tests.store.support import (
    YUANCHENG,
    ZIJIN,
    hour,
    observed,
    put,
    rows_of,
    take,
)

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
