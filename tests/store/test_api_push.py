"""Pushes: stored as evidence, answered row by row, within scope, once, never too fast."""

from __future__ import annotations

import json
import zlib
from datetime import timedelta

import pytest

from data import models as m
from data.catalogue import catalogue
from data.panels.single import evidence_of
from tests.conftest import NOW
from tests.store.api_client import (
    AT_COUNTER,
    HALLS,
    WAITING,
    Caller,
    caller,
    case,
    event,
    value,
    verdicts,
)
from tests.store.payloads import request, requests
from tests.store.support import CITY, ZIJIN, count, rows_of, sums, take, values

__all__ = ["caller"]


def test_values_are_stored_and_each_row_has_its_verdict(caller: Caller):
    first = caller.push("observations", [value(), value(ZIJIN, 3)])
    assert (first.status_code, verdicts(first)) == (200, ["new", "new"])
    again = caller.push("observations", {"observations": [value(), value(ZIJIN, 4)]})
    assert (again.status_code, verdicts(again)) == (200, ["same", "changed"])
    assert (again.json["accepted"], again.json["refused"]) == (2, 0)
    stored = values(caller.store, AT_COUNTER)
    assert sorted(stored.values()) == [(4.0, 10.0), (5.0, 10.0)]
    assert sums(caller.store, "day", AT_COUNTER, CITY, "2026-11-18") == (9.0, 20.0, 2)


def test_the_body_is_kept_with_its_hash_and_a_number_walks_back_to_its_row(caller: Caller):
    answer = caller.push("observations", [value(ZIJIN), value()])
    (fetch,) = rows_of(caller.store, m.fetch)
    assert json.loads(zlib.decompress(fetch.raw)) == [value(ZIJIN), value()]
    assert fetch.origin == "push-observations:token/1"
    (run,) = rows_of(caller.store, m.ingest_run)
    assert (run.id, run.fetch_id, run.sha256) == (answer.json["run"], fetch.id, fetch.sha256)
    with caller.store.read() as conn:
        found = evidence_of(conn, catalogue(), AT_COUNTER, ZIJIN, now=NOW)
    (link,) = found["links"]
    assert (link["row"], link["run_id"], link["sha256"]) == (1, run.id, fetch.sha256)
    assert ZIJIN in link["excerpt"]


def test_the_wall_moves_in_the_same_transaction(caller: Caller):
    before = {r.panel: r.rev for r in rows_of(caller.store, m.panel_snapshot)}
    caller.push("requests", [case("1", "DT-01")])
    panels_ = {r.panel: r.rev for r in rows_of(caller.store, m.panel_snapshot)}
    assert before == {}
    assert {"queue", "map", "sources"} <= set(panels_)


def test_bad_rows_are_refused_by_name_and_the_good_ones_stay(caller: Caller):
    rows = [value(), value("999"), value(ZIJIN, 11), value(indicator="XX-1"), 7, value("441622")]
    answer = caller.push("observations", rows)
    assert answer.status_code == 207
    assert verdicts(answer) == [
        "new", "unknown_area", "ratio_above_one", "unknown_indicator", "not_an_object", "new",
    ]  # fmt: skip
    assert [r["row"] for r in answer.json["rows"]] == [1, 2, 3, 4, 5, 6]
    assert answer.json["rows"][2]["field"] == "numerator"
    assert (answer.json["accepted"], answer.json["refused"]) == (2, 4)
    kept = rows_of(caller.store, m.quarantine)
    assert [q.row_no for q in kept] == [5, 2, 3, 4]


def test_when_every_row_is_refused_that_is_an_error_and_the_rows_are_kept(caller: Caller):
    answer = caller.push("observations", [value("999"), value(ZIJIN, 11)])
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert (answer.json["code"], verdicts(answer)) == (
        "all_refused", ["unknown_area", "ratio_above_one"],
    )  # fmt: skip
    assert count(caller.store, m.quarantine) == 2


def test_an_empty_list_says_that_the_source_lives(caller: Caller):
    answer = caller.push("observations", [])
    assert (answer.status_code, answer.json["rows"]) == (200, [])
    (state,) = rows_of(caller.store, m.source_state)
    assert state.last_ok_at == NOW


def test_the_same_row_twice_is_one_and_two_different_ones_are_told(caller: Caller):
    answer = caller.push("observations", [value(), value(), value(num=6)])
    assert verdicts(answer) == ["new", "same", "conflicting_duplicate"]


def test_an_older_extract_never_undoes_a_newer_one(caller: Caller):
    def cut(minutes, num):
        at = (NOW - timedelta(minutes=minutes)).isoformat()
        body = {"observations": [value(num=num)], "as_of": at}
        return verdicts(caller.push("observations", body))

    assert cut(10, 5) == ["new"]
    assert cut(20, 6) == ["outdated"]
    assert cut(5, 7) == ["changed"]


@pytest.mark.parametrize(
    ("body", "kind", "status", "said"),
    [
        (b"[1,", "application/json", 400, "line 1 column 4"),
        (b"", "application/json", 400, "empty"),
        (b"\xff\xfe\x00", "application/json", 400, "not"),
        (b'{"a":1}', "application/json", 400, "unknown part"),
        (b"[" * 50000, "application/json", 400, "nested too deep"),
        (b"x\n", "text/csv", 400, "header"),
        (b"[]", "text/plain", 415, "application/json"),
        (b"[]", "", 415, "application/json"),
        (b"a=1", "application/x-www-form-urlencoded", 415, "application/json"),
    ],
)
def test_what_cannot_be_read_is_a_problem_with_its_place(caller, body, kind, status, said):
    answer = caller.push("observations", body, Content_Type=kind)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert said in answer.json["detail"]
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]


def test_a_body_that_could_not_be_read_is_kept_and_shown_as_a_failure(caller: Caller):
    caller.push("observations", b"[1,")
    (run,) = rows_of(caller.store, m.ingest_run)
    assert (run.status, "line 1" in run.error) == ("failed", True)
    (state,) = rows_of(caller.store, m.source_state)
    assert state.failures == 1


def test_lines_and_tables_are_taken_too(caller: Caller):
    lines = "\n".join(json.dumps(r) for r in (value(), value(ZIJIN))).encode()
    assert verdicts(caller.push("observations", lines, Content_Type="application/x-ndjson")) == [
        "new", "new",
    ]  # fmt: skip
    head = "indicator,area,grain,period_start,numerator,denominator\n"
    row = f"{AT_COUNTER},441622,hour,{value()['period_start']},1,2\n"
    table = caller.push(
        "observations", (head + row).encode(), Content_Type="text/csv; charset=utf-8"
    )
    assert verdicts(table) == ["new"]


# ---- who may ----


def test_without_a_good_token_nothing_is_said_or_stored(caller: Caller):
    good = caller.token()
    with caller.store.write() as conn:
        conn.execute(m.api_token.update().values(revoked_at=NOW))
    answers = [caller.push("observations", [value()], t) for t in (good, "zz_00000000_x", "x")]
    bodies = {json.dumps({k: v for k, v in a.json.items() if k != "request_id"}) for a in answers}
    assert {a.status_code for a in answers} == {401}
    assert len(bodies) == 1
    assert all("Bearer" in a.headers["WWW-Authenticate"] for a in answers)
    assert count(caller.store, m.fetch) == 0


def test_a_token_is_for_its_kinds(caller: Caller):
    token = caller.token(kinds=["cases"])
    assert caller.push("observations", [value()], token).status_code == 403
    assert caller.push("events", [event()], token).status_code == 403
    assert caller.push("cases", [case()], token).status_code == 200
    assert caller.push("cases", [case()], caller.token(None)).status_code == 403


def test_a_row_beyond_the_tokens_scope_is_refused(caller: Caller):
    token = caller.token(indicators=[AT_COUNTER], areas=[ZIJIN])
    town = next(a.code for a in catalogue().areas.values() if a.parent == ZIJIN)
    rows = [value(), value(town), value(ZIJIN, indicator=WAITING, denominator=None),
            value(indicator="PS-01", denominator=None), value("999")]  # fmt: skip
    answer = caller.push("observations", rows, token)
    assert verdicts(answer) == [
        "out_of_scope", "new", "out_of_scope", "out_of_scope", "unknown_area",
    ]  # fmt: skip
    assert [r.get("field") for r in answer.json["rows"]] == [
        "area", None, "indicator", "indicator", "area",
    ]  # fmt: skip
    cases_ = caller.push("cases", [case("1"), case("2", area=ZIJIN)], token)
    assert verdicts(cases_) == ["out_of_scope", "new"]


def test_progress_elsewhere_is_beyond_the_scope(caller: Caller):
    caller.push("cases", [case("1"), case("2", area=ZIJIN)])
    token = caller.token(areas=[ZIJIN])
    answer = caller.push("events", [event("1"), event("2")], token)
    assert verdicts(answer) == ["out_of_scope", "changed"]


# ---- cases ----


def test_cases_are_pushed_as_georeport_and_move_on(caller: Caller):
    later = (NOW - timedelta(minutes=1)).isoformat()
    first = caller.push("requests", requests(case("1"), case("2", code="??")))
    assert verdicts(first) == ["new", "unknown_service_code"]
    done = case("1", status="closed", updated_datetime=later)
    assert verdicts(caller.push("cases", [done])) == ["changed"]
    (row,) = rows_of(caller.store, m.cases)
    assert (row.stage, row.case_no) == ("closed", f"{HALLS}-1")


def test_a_wrong_code_is_answered_with_the_nearest(caller: Caller):
    """Codes are typed from paper lists, and places by their names."""
    seen = caller.push(
        "observations", [value(area="源城"), value(area="44160"), value(indicator="gs41")]
    )
    areas, short, code = (row["detail"] for row in seen.json["rows"])
    assert "did you mean 441602 源城区" in areas
    assert "did you mean 441600 河源市" in short
    assert "did you mean GS-41 " in code
    cases = caller.push("requests", requests(case("1", code="DT01")))
    assert "did you mean DT-01 " in cases.json["rows"][0]["detail"]
    caller.push("requests", requests(case("2")))
    moved = caller.push("events", [event("2", "dispatched", department="政务")])
    assert "did you mean " in moved.json["rows"][0]["detail"]


def test_a_form_is_one_case_with_its_key_among_its_fields(caller: Caller):
    token = caller.token()
    fields = {
        "service_code": "DT-01", "lat": "23.66", "long": "114.60", "api_key": token,
        "description": "排队", "email": "someone@example.org", "phone": "13800138000",
    }  # fmt: skip
    client = caller.server.test_client()
    answer = client.post("/api/v1/requests.json", data=fields)
    assert answer.status_code == 200
    (entry,) = answer.json
    (row,) = rows_of(caller.store, m.cases)
    assert (row.ext_id, row.title) == (entry["service_request_id"], "排队")
    (fetch,) = rows_of(caller.store, m.fetch)
    kept = zlib.decompress(fetch.raw).decode()
    for secret in (token, "someone", "13800138000"):
        assert secret not in kept
    assert client.post("/api/v1/requests", data={**fields, "api_key": "no"}).status_code == 401
    wrong = client.post("/api/v1/requests", data={**fields, "service_code": "no"})
    assert (wrong.status_code, wrong.json["rows"][0]["reason"]) == (422, "unknown_service_code")


def test_a_form_repeated_under_its_key_is_one_case(caller: Caller):
    token = caller.token()
    fields = {"service_code": "DT-01", "lat": "23.66", "long": "114.60", "api_key": token}
    client = caller.server.test_client()
    answers = [
        client.post("/api/v1/requests", data=fields, headers={"Idempotency-Key": "f1"})
        for _ in range(2)
    ]
    assert answers[0].json == answers[1].json
    assert count(caller.store, m.cases) == 1


def test_cases_of_a_polled_source_can_be_pushed_between_polls(caller: Caller):
    take(caller.store, "yuepingan", requests(request("7", "ZD-01")))
    token = caller.token("yuepingan")
    assert verdicts(caller.push("events", [event("7", "dispatched")], token)) == ["changed"]
    (row,) = rows_of(caller.store, m.cases)
    assert row.stage == "dispatched"
    outcome = take(
        caller.store, "yuepingan", requests(request("7", "ZD-01"), request("8", "ZD-01"))
    )
    assert (outcome.counts.new, outcome.counts.outdated) == (1, 1)


def test_long_numbers_that_begin_alike_are_two_cases_and_too_long_ones_none(caller: Caller):
    long = "x" * 60
    rows = [case(f"{long}1"), case(f"{long}2"), case("y" * 81)]
    assert verdicts(caller.push("cases", rows)) == ["new", "new", "id_too_long"]
    numbers = {r.case_no for r in rows_of(caller.store, m.cases)}
    assert len(numbers) == 2
    assert max(map(len, numbers)) <= 40


# ---- events ----


def test_events_move_a_case_through_its_loop(caller: Caller):
    caller.push("cases", [case("1")])
    steps = ["accepted", "dispatched", "arrived", "handled", "closed"]
    rows = [event("1", name, minutes) for minutes, name in enumerate(steps, -9)]
    answer = caller.push("events", {"events": rows})
    assert (answer.status_code, verdicts(answer)) == (200, ["changed"] * 5)
    (row,) = rows_of(caller.store, m.cases)
    assert (row.stage, row.closed_at) == ("closed", NOW - timedelta(minutes=5))
    told = [(e.seq, e.action, e.to_stage) for e in rows_of(caller.store, m.case_event)]
    assert told == [
        (1, "reported", "opened"), (2, "accepted", "opened"), (3, "dispatched", "dispatched"),
        (4, "arrived", "handling"), (5, "handled", "checking"), (6, "closed", "closed"),
    ]  # fmt: skip


def test_an_event_told_twice_is_one_and_a_late_one_moves_nothing(caller: Caller):
    caller.push("cases", [case("1")])
    caller.push("events", [event("1", "handled", -2)])
    again = caller.push("events", [event("1", "handled", -2), event("1", "arrived", -4)])
    assert verdicts(again) == ["same", "outdated"]
    (row,) = rows_of(caller.store, m.cases)
    assert row.stage == "checking"
    assert [e.action for e in rows_of(caller.store, m.case_event)] == [
        "reported", "handled", "arrived",
    ]  # fmt: skip
    assert verdicts(caller.push("events", [event("1", "arrived", -4)])) == ["same"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (event("9"), "unknown_case"),
        (event("1", minutes=60), "future_time"),
        (event("1", minutes=-60), "before_report"),
        (event("1", department="nobody"), "unknown_department"),
        (event("1", "vanished"), "bad_event"),
    ],
)
def test_an_event_that_cannot_be_is_refused(caller: Caller, row, reason):
    caller.push("cases", [case("1")])
    assert verdicts(caller.push("events", [row])) == [reason]


def test_a_closed_case_is_moved_only_by_opening_it_again(caller: Caller):
    caller.push("cases", [case("1")])
    answer = caller.push("events", [
        event("1", "closed", -4), event("1", "arrived", -3), event("1", "reopened", -2),
        event("1", "handled", -1, department="dsb"),
    ])  # fmt: skip
    assert verdicts(answer) == ["changed", "case_closed", "changed", "changed"]
    (row,) = rows_of(caller.store, m.cases)
    assert (row.stage, row.closed_at) == ("checking", None)
