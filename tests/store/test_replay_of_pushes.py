"""A push is read again like any other file, and never beyond what its sender may say."""

from __future__ import annotations

from datetime import timedelta

from data import models as m
from data.catalogue import catalogue
from data.ingest.replay import Fix, replay
from tests.conftest import NOW
from tests.store.api_client import AT_COUNTER, Caller, caller, value, verdicts
from tests.store.support import YUANCHENG, ZIJIN, rows_of, values

__all__ = ["caller"]

LATER = NOW + timedelta(minutes=10)


def test_a_row_of_a_push_is_put_right_by_name_and_reason(caller: Caller):
    answer = caller.push("observations", [value(), value("999")])
    assert verdicts(answer) == ["new", "unknown_area"]
    fix = Fix(2, "area", ZIJIN, "李工", "区划代码填错")
    done = replay(caller.store, catalogue(), answer.json["run"], now=LATER, fixes=[fix])
    assert (done.resolved, done.still) == (1, 0)
    assert len(values(caller.store, AT_COUNTER)) == 2


def test_what_the_token_was_not_for_stays_refused(caller: Caller):
    store, token = caller.store, caller.token(areas=[YUANCHENG])
    answer = caller.push("observations", [value(ZIJIN), value("999")], token=token)
    assert verdicts(answer) == ["out_of_scope", "unknown_area"]
    done = replay(store, catalogue(), answer.json["run"], now=LATER)
    assert (done.resolved, done.still) == (0, 2)
    assert values(store, AT_COUNTER) == {}
    open_rows = [q for q in rows_of(store, m.quarantine) if q.resolved_at is None]
    assert sorted(q.reason for q in open_rows) == ["out_of_scope", "unknown_area"]
