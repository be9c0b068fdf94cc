"""A file comes in: once, whole, with its way recorded, or not at all."""

from __future__ import annotations

import hashlib
import zlib
from datetime import timedelta

import pytest
from sqlalchemy import select

from data import models as m
from data import panels
from data.catalogue import catalogue
from data.connectors.connector import PayloadError
from data.ingest.choose import source_for
from data.queries.keys import read_keys
from data.queries.sources import source_detail, source_rows
from tests.conftest import NOW
from tests.shared_samples import payload
from tests.store.payloads import (
    alert,
    bundle,
    feed,
    location,
    realtime,
    report,
    request,
    requests,
    timetable,
    vehicle,
)
from tests.store.support import FACTS, contents, count, noted, rows_of, statements, take

LATER = NOW + timedelta(minutes=1)


def buses_of_now() -> bytes:
    message = realtime()
    vehicle(message, "b1", "441602", speed=8.0, at=NOW)
    return message.SerializeToString()


FILES = {
    "warnings": lambda: feed(alert("A1", expires=NOW + timedelta(hours=3))),
    "bus_static": timetable,
    "health_sites": lambda: bundle(location("h1", "441602")),
    "yuepingan": lambda: requests(request("1"), request("2", area="441621")),
    "bus_vehicles": buses_of_now,
}
"""A good file of each format."""


@pytest.mark.parametrize("source", FILES)
def test_the_way_of_a_file_is_recorded(store, source):
    data = FILES[source]()
    done = take(store, source, data)
    assert (done.status, done.source, done.error) == ("ok", source, None)
    (kept,) = rows_of(store, m.fetch)
    assert kept.sha256 == hashlib.sha256(data).hexdigest()
    assert zlib.decompress(kept.raw) == data
    assert (kept.size, kept.seen, kept.received_at) == (len(data), 1, NOW)
    (run,) = rows_of(store, m.ingest_run)
    assert (run.id, run.fetch_id, run.status) == (done.run_id, kept.id, "ok")
    assert (run.records, run.new) == (done.records, done.counts.new)
    (state,) = rows_of(store, m.source_state)
    assert (state.last_ok_at, state.last_try_at, state.failures) == (NOW, NOW, 0)


@pytest.mark.parametrize("source", FILES)
def test_the_same_file_again_is_a_duplicate_and_changes_no_fact(store, source):
    take(store, source, FILES[source]())
    before = contents(store, *FACTS)
    done = take(store, source, FILES[source](), now=NOW + timedelta(seconds=5))
    assert (done.status, done.counts.new, done.counts.changed) == ("duplicate", 0, 0)
    assert contents(store, *FACTS) == before
    (kept,) = rows_of(store, m.fetch)
    assert (kept.seen, kept.last_seen_at) == (2, NOW + timedelta(seconds=5))
    (state,) = rows_of(store, m.source_state)
    assert (state.last_ok_at, state.last_new_at) == (NOW + timedelta(seconds=5), NOW)


@pytest.mark.parametrize("source", ["warnings", "health_sites", "yuepingan"])
def test_the_same_rows_in_other_bytes_change_no_fact(store, source):
    take(store, source, FILES[source]())
    before = contents(store, *FACTS)
    done = take(store, source, FILES[source]() + b"\n", now=NOW + timedelta(seconds=5))
    assert (done.status, done.counts.new, done.counts.changed) == ("ok", 0, 0)
    assert done.counts.same
    assert contents(store, *FACTS) == before


@pytest.mark.parametrize("source", FILES)
def test_a_truncated_file_fails_and_touches_nothing_else(store, source):
    whole = FILES[source]()
    take(store, source, whole)
    before = contents(store, *FACTS, m.latest, m.quarantine)
    broken = whole[: len(whole) * 2 // 3]
    done = take(store, source, broken, now=LATER)
    assert (done.status, done.records) == ("failed", 0)
    assert done.error
    assert contents(store, *FACTS, m.latest, m.quarantine) == before
    failed = rows_of(store, m.ingest_run)[-1]
    assert (failed.status, failed.error) == ("failed", done.error)
    (state,) = rows_of(store, m.source_state)
    assert (state.failures, state.error, state.last_ok_at, state.last_try_at) == (
        1,
        done.error,
        NOW,
        LATER,
    )


def test_failures_are_counted_until_a_good_file_comes(store):
    for turn in range(3):
        take(store, "yuepingan", b"[%d" % turn)
    assert rows_of(store, m.source_state)[0].failures == 3
    take(store, "yuepingan", requests(request("1")), now=LATER)
    (state,) = rows_of(store, m.source_state)
    assert (state.failures, state.error, state.last_ok_at) == (0, None, LATER)


def test_the_same_broken_file_again_is_counted_again(store):
    for turn in range(2):
        assert take(store, "yuepingan", b"{", now=NOW + timedelta(seconds=turn)).status == "failed"
    assert [r.status for r in rows_of(store, m.ingest_run)] == ["failed", "failed"]
    assert rows_of(store, m.fetch)[0].seen == 2


def test_of_a_half_bad_file_the_good_rows_are_stored_and_the_bad_ones_named(store):
    bad_rows = [
        request("2", code="999-99"),
        request("3", area="none", address="广州市天河区"),
        request("4", status="maybe"),
        request("5", at=NOW + timedelta(hours=2)),
    ]
    done = take(store, "yuepingan", requests(request("1"), *bad_rows))
    assert (done.status, done.records, done.counts.new, done.quarantined) == ("ok", 4, 1, 4)
    found = {(q.row_no, q.field, q.reason) for q in rows_of(store, m.quarantine)}
    assert found == {
        (2, "service_code", "unknown_service_code"),
        (3, "address", "outside_area"),
        (4, "status", "bad_status"),
        (5, "requested_datetime", "future_period"),
    }
    assert rows_of(store, m.ingest_run)[0].quarantined == 4
    assert [c.ext_id for c in rows_of(store, m.cases)] == ["1"]


def test_a_shared_file_of_bad_rows_is_refused_row_by_row(store):
    done = take(store, "yuepingan", payload("open311_bad_rows.json"))
    refused = [q for q in rows_of(store, m.quarantine) if q.refused]
    assert done.status == "refused"
    assert done.quarantined == len(refused) == rows_of(store, m.ingest_run)[0].quarantined
    assert count(store, m.cases) == done.counts.new == 0
    kept = repr(contents(store, m.quarantine, m.cases, m.case_event))
    for secret in ("13800138000", "zhang.san", "199001"):
        assert secret not in kept


def test_a_case_that_names_no_place_says_so_and_not_none(store):
    nowhere = request("1", address="", lat=None, long=None)
    take(store, "yuepingan", requests(nowhere, request("2")))
    (row,) = rows_of(store, m.quarantine)
    assert (row.reason, row.field, row.value) == ("no_place", "address", None)


def test_a_source_of_which_no_row_can_be_taken_is_not_heard(store):
    """It answers, but what it says is nothing: its zeros would be invented."""
    bad = requests(request("1", service_code="no such"), request("2", status="?"))
    done = take(store, "yuepingan", bad)
    assert (done.status, done.quarantined) == ("refused", 2)
    assert "not one row could be taken, 2 refused: " in done.error
    (run,) = rows_of(store, m.ingest_run)
    assert (run.status, run.error) == ("refused", done.error)
    (state,) = rows_of(store, m.source_state)
    assert (state.last_ok_at, state.failures) == (None, 1)
    assert count(store, m.observation) == 0


def test_the_same_refused_bytes_every_minute_do_not_fill_the_quarantine(store):
    bad = requests(request("1", service_code="no such"))
    take(store, "yuepingan", bad)
    again = take(store, "yuepingan", bad, now=LATER)
    assert (again.status, again.quarantined) == ("refused", 0)
    assert "they are listed in run 1" in again.error
    assert count(store, m.quarantine) == 1
    (state,) = rows_of(store, m.source_state)
    assert state.failures == 2


def test_one_good_row_makes_a_run_good(store):
    take(store, "yuepingan", requests(request("1", service_code="no such")))
    mixed = requests(request("1", service_code="no such"), request("2"))
    done = take(store, "yuepingan", mixed, now=LATER)
    assert (done.status, done.error, done.quarantined) == ("ok", None, 1)
    (state,) = rows_of(store, m.source_state)
    assert state.failures == 0


def test_a_file_that_breaks_in_the_middle_of_storing_leaves_no_trace(store):
    def publish(conn, source, now):
        raise RuntimeError("midway")

    with pytest.raises(RuntimeError, match="midway"):
        take(store, "yuepingan", requests(request("1")), publish=publish)
    everything = contents(store, *FACTS, m.fetch, m.ingest_run, m.source_state)
    assert {name for name, rows in everything.items() if rows} == set()
    assert noted(store) == set()


def test_a_file_larger_than_the_source_allows_fails(store):
    source = catalogue().sources["yuepingan"].model_copy(update={"max_mb": 0})
    from data.ingest.run import ingest

    done = ingest(store, catalogue(), source, requests(request("1")), origin="x", now=NOW)
    assert (done.status, count(store, m.cases)) == ("failed", 0)
    assert "more than" in done.error


def test_the_sources_panel_tells_runs_and_refused_rows(store):
    take(store, "yuepingan", requests(request("1"), request("2", code="999-99")))
    take(store, "yuepingan", b"{", now=LATER)
    with store.read() as conn:
        keys = read_keys(conn)
        detail = source_detail(conn, catalogue(), keys, "yuepingan", now=LATER)
        rows = source_rows(conn, catalogue(), keys, now=LATER)
    assert [r["status"] for r in detail["runs"]] == ["failed", "ok"]
    (problem,) = detail["problems"]
    assert (problem["row"], problem["row_word"], problem["value"]) == (2, "request", "999-99")
    assert (detail["source"]["state"], detail["source"]["records"]) == ("fresh", 2)
    assert detail["source"]["quarantined"] == 1
    assert rows[0]["state"] == "never"
    assert rows[-1]["key"] == "yuepingan"


@pytest.mark.parametrize(
    ("age", "failures", "state"),
    [
        (30, 0, "fresh"),
        (30, 1, "fresh"),
        (30, 2, "failed"),
        (120, 0, "late"),
        (600, 0, "silent"),
        (600, 5, "silent"),
    ],
)
def test_a_source_is_judged_on_its_own_rhythm(store, age, failures, state):
    take(store, "yuepingan", requests(request("1")))
    for turn in range(failures):
        take(store, "yuepingan", b"{%d" % turn)
    with store.read() as conn:
        rows = source_rows(conn, catalogue(), read_keys(conn), now=NOW + timedelta(seconds=age))
    assert next(r["state"] for r in rows if r["key"] == "yuepingan") == state


def test_a_source_must_exist_and_speak_the_format(catalogue):
    data = FILES["yuepingan"]()
    assert source_for(catalogue, "open311", "hotline", data).key == "hotline"
    with pytest.raises(PayloadError, match="no such source"):
        source_for(catalogue, "open311", "nowhere", data)
    with pytest.raises(PayloadError, match="speaks cap"):
        source_for(catalogue, "open311", "warnings", data)


# ---- how much is asked of the store ----

BUDGET = {"yuepingan": 27, "hotline": 26, "health_capacity": 21, "bus_vehicles": 21, "warnings": 25}
"""Statements of one publication on PostgreSQL, counted on 2026-11-22: lock, 6 code tables, 4 for
all tiles, 5 for matters and warnings, 2 for the sources, 8 to publish. They stand for every county
and tile at once: a query that slips into a loop over tiles (16) or areas (9) breaks these."""


def publish(store, source, now):
    facts = catalogue()
    with statements(store) as asked, store.write() as conn:
        panels.publish_for(conn, facts, facts.sources[source], now)
    return asked


@pytest.mark.parametrize("source", BUDGET)
def test_one_publication_asks_a_fixed_number_of_questions(store, source):
    publish(store, source, NOW)
    for file_of in FILES:
        take(store, file_of, FILES[file_of]())
    asked = publish(store, source, NOW)
    assert len(asked) <= BUDGET[source], "\n".join(asked)


def test_the_number_of_questions_does_not_grow_with_the_city(store):
    take(store, "yuepingan", requests(request("1")))
    publish(store, "yuepingan", NOW)
    take(store, "yuepingan", requests(request("1", "ZD-01"), request("2", "ZD-01", "441621")))
    few = publish(store, "yuepingan", NOW)
    counties = ("441602", "441621", "441622")
    rows = [request(str(n), "ZD-01", counties[n % 3]) for n in range(3, 120)]
    take(store, "yuepingan", requests(*rows), now=LATER)
    assert len(publish(store, "yuepingan", LATER)) <= len(few)


def test_a_batch_of_facts_is_stored_in_a_fixed_number_of_statements(store):
    few = bundle(location("h1", "441602"), report("r1", "h1", "visits", {"fever-clinic": 1}))
    take(store, "health_sites", bundle(location("h1", "441602")))
    with statements(store) as asked_few:
        take(store, "health_capacity", few)
    many = bundle(*(
        report(f"r{h}", "h1", "visits", {"fever-clinic": 1, "discharges": h},
               f"2026-11-17T{h:02d}:00:00+08:00", f"2026-11-17T{h:02d}:59:59+08:00")
        for h in range(24)
    ))  # fmt: skip
    with statements(store) as asked_many:
        take(store, "health_capacity", many)
    assert len(asked_many) <= len(asked_few)


def test_a_run_names_its_fetch_so_that_a_number_leads_to_its_file(store):
    take(store, "bus_static", timetable())
    take(store, "bus_vehicles", buses_of_now())
    with store.read() as conn:
        query = (
            select(m.fetch.c.origin, m.observation.c.row_no)
            .join(m.ingest_run, m.ingest_run.c.fetch_id == m.fetch.c.id)
            .join(m.observation, m.observation.c.run_id == m.ingest_run.c.id)
        )
        found = conn.execute(query).all()
    assert {f.origin for f in found} == {"file:///test"}
