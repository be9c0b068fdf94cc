"""What the sources page asks: the board, the runs of a source, a run, a file, its bytes."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event

from data import models as m
from data.catalogue import catalogue
from data.ingest.run import note_failure
from data.queries import intake
from data.queries.intake import fetch_detail, preview, raw_file, raw_kind, run_detail, run_page
from data.queries.keys import read_keys
from data.queries.sharing import LOOKED, board, domains_of
from data.vocabulary import LOCAL
from tests.conftest import NOW
from tests.store.payloads import alert, feed, request, requests, timetable
from tests.store.support import rows_of, statements, take
from tests.workbooks import county_monthly

BUDGET = 12
"""Statements for the whole board, however many sources, runs and facts there are."""


def asked(store, question, *values, **more):
    with store.read() as conn:
        return question(conn, *values, **more)


def shown(store, now=NOW):
    return asked(store, lambda c: board(c, catalogue(), read_keys(c), now=now, demo=False))


def of(store, key, now=NOW):
    return next(s for s in shown(store, now)["sources"] if s["key"] == key)


def department(store, key, now=NOW):
    return next(d for d in shown(store, now)["departments"] if d["key"] == key)


def calls(number):
    return requests(request(str(number), "ZD-01"), request(f"x{number}", code="999"))


# ---- the board ----


def test_an_empty_store_has_a_board_of_silos(store):
    found = shown(store)
    assert {s["state"] for s in found["sources"]} == {"never"}
    assert {s["complete"]["whole"] for s in found["sources"]} == {0}
    assert department(store, "health")["silo"] == "quiet"
    assert department(store, "psb")["silo"] == "none"
    assert department(store, "water")["silo"] == "unlisted"


def test_a_department_shares_while_its_source_is_heard_and_is_quiet_when_it_stops(store):
    take(store, "yuepingan", calls(1))
    assert department(store, "politics_law")["silo"] == "open"
    later = NOW + timedelta(hours=2)
    assert department(store, "politics_law", later)["silo"] == "quiet"
    assert department(store, "psb")["through"] == [catalogue().sources["yuepingan"].name]


def test_a_source_says_when_it_answered_and_why_it_failed(store):
    take(store, "yuepingan", calls(1))
    with store.write() as conn:
        keys, entry = read_keys(conn), catalogue().sources["yuepingan"]
        for n in (20, 40):
            note_failure(conn, keys, entry, "no route", now=NOW + timedelta(seconds=n))
    line = of(store, "yuepingan", NOW + timedelta(seconds=41))
    assert (line["state"], line["failures"], line["error"]) == ("failed", 2, "no route")
    assert line["last_ok_at"] == NOW.timestamp()


def test_what_has_fallen_silent_is_proposed_as_a_debt(store):
    take(store, "yuepingan", calls(1))
    found = shown(store, NOW + timedelta(days=2))
    assert ("silent", "yuepingan") in {(p["kind"], p["source"]) for p in found["proposals"]}
    assert ("never", "hotline") in {(p["kind"], p["source"]) for p in found["proposals"]}
    assert ("no_source", "psb") in {(p["kind"], p["department"]) for p in found["proposals"]}


def test_sources_that_others_lean_on_belong_to_their_domains():
    assert domains_of(catalogue(), "bus_static") == ["transport"]
    assert domains_of(catalogue(), "health_sites") == ["health"]


def test_the_board_costs_the_same_few_statements_whatever_the_store_holds(store):
    shown(store)
    for n in range(3):
        take(store, "yuepingan", calls(n), now=NOW + timedelta(seconds=n))
    with statements(store) as said:
        shown(store)
    questions = [s for s in said if s.lower().lstrip().startswith(("select", "with"))]
    assert len(questions) <= BUDGET
    facts = ("from observation", "from quarantine", "from rollup")
    assert not [q for q in questions if any(f in q.lower() for f in facts)]


def test_twelve_weeks_are_sums_of_days_and_weeks_without_news_stand_as_zero(store):
    with store.write() as conn:
        keys = read_keys(conn)
        unit = {"source_id": keys.sources["yuepingan"], "indicator_id": 0, "area_id": 0, "grain": 3}
        days = [datetime(2026, 11, d, tzinfo=LOCAL) for d in (1, 2, 8, 16, 17)]
        rows = [
            {**unit, "bucket": d, "expected": 24, "received": 20 + n} for n, d in enumerate(days)
        ]
        rows.append({**rows[0], "area_id": keys.areas["441602"], "received": 9})
        rows.append({**rows[0], "bucket": NOW - timedelta(weeks=13)})
        conn.execute(m.reception.insert(), rows)
    weeks = of(store, "yuepingan")["weeks"]
    assert len(weeks) == 12
    assert [(w["received"], w["expected"]) for w in weeks[-4:]] == [
        (20, 24),
        (43, 48),
        (0, 0),
        (47, 48),
    ]
    assert {w["expected"] for w in weeks[:-4]} == {0}
    assert weeks[-1]["start"] == datetime(2026, 11, 16, tzinfo=LOCAL).timestamp()


def test_counts_say_up_to_which_moment_they_were_made(store):
    assert shown(store)["looked_at"] is None
    run = take(store, "yuepingan", calls(1)).run_id
    with store.write() as conn:
        conn.execute(m.store_info.insert().values(key=LOOKED, value=str(run)))
    assert shown(store, NOW + timedelta(minutes=9))["looked_at"] == NOW.timestamp()


# ---- runs ----


def page(store, *, span="24h", before=0, every=False, now=NOW, key="yuepingan"):
    return asked(
        store, lambda c: run_page(c, read_keys(c), key, span=span, before=before, every=every, now=now)
    )  # fmt: skip


def test_runs_come_newest_first_and_page_on_without_a_gap(store, monkeypatch):
    monkeypatch.setattr(intake, "PAGE", 3)
    ids = [
        take(store, "yuepingan", calls(n), now=NOW + timedelta(seconds=n // 2)).run_id
        for n in range(8)
    ]
    seen, before = [], 0
    while True:
        found = page(store, before=before, now=NOW + timedelta(minutes=1))
        seen += [r["run_id"] for r in found["runs"]]
        if found["older"] is None:
            break
        before = found["older"]
    assert seen == ids[::-1]
    assert found["newer"] is True


def test_polls_without_news_are_left_out_unless_asked_for(store):
    first = take(store, "yuepingan", calls(1)).run_id
    second = take(store, "yuepingan", calls(1), now=NOW + timedelta(seconds=20)).run_id
    late = NOW + timedelta(minutes=1)
    assert [r["run_id"] for r in page(store, now=late)["runs"]] == [first]
    assert [r["run_id"] for r in page(store, now=late, every=True)["runs"]] == [second, first]


def test_a_span_ends_where_it_says(store):
    take(store, "yuepingan", calls(1))
    assert page(store, now=NOW + timedelta(days=2))["runs"] == []
    assert len(page(store, now=NOW + timedelta(days=2), span="12w")["runs"]) == 1
    assert page(store, now=NOW + timedelta(weeks=13), span="12w")["runs"] == []


@pytest.mark.parametrize("span", ["24h", "12w"])
@pytest.mark.parametrize("every", [False, True])
def test_runs_are_found_by_their_index_on_each_database(store, span, every):
    run = take(store, "yuepingan", calls(1)).run_id
    said = []

    def note(_conn, _cursor, statement, values, *_more):
        said.append((statement, values))

    event.listen(store.engine, "before_cursor_execute", note)
    page(store, span=span, every=every, before=run)
    event.remove(store.engine, "before_cursor_execute", note)
    query, values = next(x for x in said if "ingest_run" in x[0] and "ORDER BY" in x[0])
    with store.read() as conn:
        if not store.sqlite:
            conn.exec_driver_sql("set local enable_seqscan = off")
            conn.exec_driver_sql("set local enable_bitmapscan = off")
        verb = "explain query plan " if store.sqlite else "explain "
        plan = " ".join(str(r) for r in conn.exec_driver_sql(verb + query, values))
    assert "ix_ingest_run_recent" in plan, plan


# ---- one run, one file ----


def test_a_run_has_each_refused_row_with_field_value_and_reason(store):
    outcome = take(store, "yuepingan", calls(1))
    found = asked(store, lambda c: run_detail(c, catalogue(), read_keys(c), outcome.run_id))
    assert found["source"] == "yuepingan"
    assert found["run"]["quarantined"] == 1
    (problem,) = [p for p in found["problems"] if p["refused"]]
    assert (problem["row"], problem["reason"], problem["settled"]) == (
        2,
        "unknown_service_code",
        False,
    )
    assert found["fetch_id"] is not None
    assert asked(store, lambda c: run_detail(c, catalogue(), read_keys(c), 10**9)) is None


def test_personal_data_in_a_refused_value_is_masked(store):
    outcome = take(store, "yuepingan", calls(1))
    with store.write() as conn:
        conn.execute(m.quarantine.update().values(value="call 13812345678", detail="13812345678"))
    found = asked(store, lambda c: run_detail(c, catalogue(), read_keys(c), outcome.run_id))
    assert "13812345678" not in json.dumps(found)
    assert "138****5678" in json.dumps(found)


def file_of(store, number):
    return asked(store, lambda c: fetch_detail(c, catalogue(), read_keys(c), number))


def raw_of(store, number):
    return asked(store, lambda c: raw_file(c, catalogue(), read_keys(c), number))


def only_fetch(store):
    (row,) = rows_of(store, m.fetch)
    return row


def test_a_workbook_is_seen_as_its_mapping_reads_it(store):
    take(store, "county_monthly", county_monthly())
    found = file_of(store, only_fetch(store).id)
    assert found["table"]["names"][0] == "县区"
    assert any("紫金县" in cells for _row, cells in found["table"]["rows"])
    assert found["lines"] == []


def test_a_file_says_its_hash_size_and_how_often_it_came(store):
    body = feed(alert("A1"))
    for n in range(3):
        take(store, "warnings", body, now=NOW + timedelta(seconds=n))
    found = file_of(store, only_fetch(store).id)
    assert (found["sha256"], found["size"], found["seen"]) == (
        only_fetch(store).sha256,
        len(body),
        3,
    )
    assert (found["raw"], found["source"]) == ("kept", "warnings")
    assert len(found["runs"]) == 3
    assert file_of(store, 10**9) is None


def test_the_bytes_of_a_file_come_back_as_they_were(store):
    body = feed(alert("A1"))
    take(store, "warnings", body)
    kind, content, name = raw_of(store, only_fetch(store).id)
    assert (kind, content) == ("kept", body)
    assert name.startswith("warnings-")
    assert name.endswith(".txt")
    assert raw_of(store, 10**9) is None


def test_a_file_that_is_no_text_is_handed_out_as_bytes(store):
    body = timetable()
    take(store, "bus_static", body)
    kind, content, name = raw_of(store, only_fetch(store).id)
    assert (kind, content, name[-4:]) == ("kept", body, ".bin")


def test_a_file_about_single_persons_leaves_as_a_masked_copy(store):
    told = request("1", "ZD-01") | {"description": "张三 13812345678 报警"}
    take(store, "yuepingan", requests(told))
    number = only_fetch(store).id
    kind, content, name = raw_of(store, number)
    assert kind == "masked"
    assert b"13812345678" not in content
    assert b"138****5678" in content
    assert name.endswith("-masked.txt")
    assert "13812345678" not in json.dumps(file_of(store, number))


def test_what_cannot_be_masked_is_withheld_and_what_was_let_go_is_gone(store):
    assert raw_kind(b"PK\x03\x04", personal=True) == "withheld"
    assert raw_kind(b"\x00\x01", personal=True) == "withheld"
    take(store, "warnings", feed(alert("A1")))
    with store.write() as conn:
        conn.execute(m.fetch.update().values(raw=None))
    number = only_fetch(store).id
    assert raw_of(store, number)[:2] == ("gone", b"")
    found = file_of(store, number)
    assert (found["raw"], found["lines"]) == ("gone", [])


def test_the_refused_record_is_marked_in_the_preview(store):
    take(store, "yuepingan", calls(1))
    found = file_of(store, only_fetch(store).id)
    marked = {line["number"]: line["refused"] for line in found["lines"]}
    assert marked == {1: None, 2: "unknown_service_code"}


@pytest.mark.parametrize("payload", [b"", b"\xff\xfe\x00", b"<a" * 10, b"[" * 1000, b"x\n" * 10**6])
@pytest.mark.parametrize("connector", ["cap", "gtfs", "gtfs-rt", "fhir", "open311"])
def test_a_preview_of_anything_is_short_and_never_breaks(payload, connector):
    found = preview(payload, connector, {1: ("no_id", None)})
    assert len(found) <= intake.PREVIEW_LINES
    assert all(len(line["text"]) <= intake.LINE_LENGTH for line in found)
