"""Pushes under a key have one effect; too many or too large ones none; a lost store is said."""

from __future__ import annotations

import gzip
import json
import threading
import zlib
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from data import models as m
from data.store import Store
from tests.conftest import NOW
from tests.store.api_client import (
    AT_COUNTER,
    Caller,
    caller,
    caller_of,
    case,
    value,
    verdicts,
)
from tests.store.support import ZIJIN, count, sqlite_only, values

__all__ = ["caller"]


# ---- once ----


def test_a_key_gets_the_first_answer_again_and_changes_nothing(caller: Caller):
    first = caller.push("observations", [value(), value("999")], Idempotency_Key="k1")
    caller.push("observations", [value(num=7)])
    again = caller.push("observations", [value(), value("999")], Idempotency_Key="k1")
    assert (first.status_code, again.status_code) == (207, 207)
    assert again.data == first.data
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (
        None, "true",
    )  # fmt: skip
    assert values(caller.store, AT_COUNTER).popitem()[1] == (7, 10)


def test_a_key_stands_for_one_body_of_one_token(caller: Caller):
    caller.push("observations", [value()], Idempotency_Key="k1")
    other = caller.push("observations", [value(num=6)], Idempotency_Key="k1")
    assert (other.status_code, other.json["code"]) == (409, "key_reused")
    assert caller.push("events", [], Idempotency_Key="k1").status_code == 409
    mine = caller.push("observations", [value(num=6)], caller.token(), Idempotency_Key="k1")
    assert mine.status_code == 200


def test_a_key_is_kept_a_day_and_let_go_after_two(caller: Caller):
    caller.push("observations", [value()], Idempotency_Key="k1")
    caller.now = NOW + timedelta(hours=25)
    caller.push("observations", [])
    assert (
        "Idempotency-Replayed"
        in caller.push("observations", [value()], Idempotency_Key="k1").headers
    )
    caller.now = NOW + timedelta(days=4)
    caller.push("observations", [])
    assert count(caller.store, m.api_push) == 1


@pytest.mark.parametrize("key", ["", "a b", "x" * 201])
def test_a_key_that_is_none_is_refused(caller: Caller, key):
    assert caller.push("observations", [], Idempotency_Key=key).status_code == 400


def test_many_at_once_under_one_key_have_one_effect(caller: Caller):
    token, gate, answers = caller.token(), threading.Barrier(6), []

    def call() -> None:
        gate.wait(20)
        answers.append(caller.push("requests", [case("1")], token, Idempotency_Key="once"))

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert {a.status_code for a in answers} == {200}
    assert len({a.data for a in answers}) == 1
    assert sum("Idempotency-Replayed" in a.headers for a in answers) == 5
    assert (count(caller.store, m.ingest_run), count(caller.store, m.case_event)) == (1, 1)


# ---- limits ----


def test_a_token_may_push_so_often_a_minute_over_all_workers(store, monkeypatch):
    one = caller_of(store, monkeypatch, api_pushes_per_minute=2)
    two = caller_of(store, monkeypatch, api_pushes_per_minute=2)
    token = one.token()
    assert [w.push("events", [], token).status_code for w in (one, two, one)] == [200, 200, 429]
    answer = two.push("events", [], token)
    assert 1 <= int(answer.headers["Retry-After"]) <= 61
    assert two.push("events", [], two.token()).status_code == 200


@sqlite_only
def test_too_many_rows_or_bytes_are_too_large(store, monkeypatch):
    small = caller_of(store, monkeypatch, api_max_rows=2, api_max_mb=1)
    many = small.push("observations", [value(), value(ZIJIN), value("441622")])
    assert (many.status_code, many.json["code"]) == (413, "too_many_rows")
    big = small.push("observations", b"[" + b" " * 1_100_000 + b"]")
    assert (big.status_code, big.json["code"]) == (413, "too_large")
    assert count(store, m.fetch) == 0


@sqlite_only
def test_a_packed_body_is_unpacked_within_its_limit(store, monkeypatch):
    small = caller_of(store, monkeypatch, api_max_mb=1)
    body = json.dumps([value()]).encode()
    packed = small.push("observations", gzip.compress(body), Content_Encoding="gzip")
    assert verdicts(packed) == ["new"]
    deflated = small.push("observations", zlib.compress(body), Content_Encoding="deflate")
    assert verdicts(deflated) == ["same"]
    bomb = gzip.compress(b" " * 50_000_000)
    assert small.push("observations", bomb, Content_Encoding="gzip").status_code == 413
    cut = gzip.compress(body)[:-9]
    assert small.push("observations", cut, Content_Encoding="gzip").status_code == 400
    assert small.push("observations", b"x", Content_Encoding="gzip").status_code == 400
    assert small.push("observations", body, Content_Encoding="br").status_code == 415


# ---- a store that is not there ----


@sqlite_only
def test_a_lost_store_is_waited_for(caller: Caller, monkeypatch):
    token = caller.token()

    def lost(_self, **_more):
        raise OperationalError("begin immediate", {}, Exception("database is locked at /secret"))

    monkeypatch.setattr(Store, "write", lost)
    answer = caller.push("observations", [value()], token)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.mimetype == "application/problem+json"
    assert "secret" not in answer.text
    monkeypatch.setattr(Store, "read", lost)
    assert caller.push("observations", [value()], token).status_code == 503
    assert caller.get("cases").status_code == 503


def test_a_push_that_breaks_half_way_leaves_nothing(caller: Caller, monkeypatch):
    token = caller.token()
    before = count(caller.store, m.fetch)

    def broken(*_args, **_more):
        raise OperationalError("insert", {}, Exception("gone"))

    monkeypatch.setattr("data.panels.publish_for", broken)
    assert caller.push("observations", [value()], token, Idempotency_Key="k").status_code == 503
    monkeypatch.undo()
    with caller.store.read() as conn:
        assert conn.execute(select(m.api_push)).all() == []
    assert count(caller.store, m.fetch) == before
    assert values(caller.store, AT_COUNTER) == {}
