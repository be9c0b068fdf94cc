"""Two at once, an act that breaks in its middle, and what may never be changed."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy.exc import DBAPIError

from data import models as m
from data.catalogue import catalogue
from data.commands.cases import Conflict, Done, Request, act
from data.queries.keys import read_keys
from data.store import Store
from data.vocabulary import CaseAct
from tests.store.acting import LEADER, OPERATOR, OTHER, TO_CLOSED, Loop
from tests.store.support import contents, count, rows_of

EVERYTHING = (
    m.cases, m.case_event, m.case_clock, m.case_approval, m.case_task, m.case_step, m.case_link,
    m.ownership_item, m.audit, m.panel_snapshot,
)  # fmt: skip


@pytest.fixture
def loop(store):
    return Loop(store)


def at_once(loop, *wanted):
    """Let several act at the same time, each with a store of their own."""
    found, gate, seen = [], threading.Barrier(len(wanted)), loop.row.version

    def one(what, actor, fields):
        own = Store(loop.store.url)
        request = Request(what, actor, loop.now, seen, fields)
        gate.wait(10)
        with own.write() as conn:
            found.append(act(conn, catalogue(), read_keys(conn), loop.no, request))
        own.dispose()

    threads = [threading.Thread(target=one, args=w) for w in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return found


def test_of_two_acts_at_once_one_is_done_and_the_other_sees_it(loop):
    found = at_once(
        loop,
        (CaseAct.NOTE, OPERATOR, {"note": "一号席补充"}),
        (CaseAct.NOTE, OTHER, {"note": "二号席补充"}),
    )
    assert sorted(type(x).__name__ for x in found) == ["Conflict", "Done"]
    (conflict,) = [x for x in found if isinstance(x, Conflict)]
    (done,) = [x for x in found if isinstance(x, Done)]
    assert conflict.version == done.version == loop.row.version
    assert [s.action for s in conflict.since] == ["note"]
    assert [e.seq for e in loop.events()] == list(range(1, loop.row.version + 1))


def test_of_two_closes_at_once_one_closes(loop):
    loop.goes(TO_CLOSED[:-1])
    found = at_once(
        loop, (CaseAct.CLOSE, OPERATOR, {}), (CaseAct.FORCE_CLOSE, LEADER, {"reason": "x"})
    )
    assert sorted(type(x).__name__ for x in found) == ["Conflict", "Done"]
    closes = [e for e in loop.events() if e.to_state == "closed"]
    assert len(closes) == 1


def test_many_notes_at_once_without_a_version_are_all_kept(loop):
    before = loop.row.version
    gate = threading.Barrier(4)

    def one(n):
        own = Store(loop.store.url)
        gate.wait(10)
        for k in range(3):
            request = Request(CaseAct.NOTE, OPERATOR, loop.now, None, {"note": f"{n}-{k}"})
            with own.write() as conn:
                act(conn, catalogue(), read_keys(conn), loop.no, request)
        own.dispose()

    threads = [threading.Thread(target=one, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert loop.row.version == before + 12
    assert len({e.note for e in loop.events() if e.action == "note"}) == 12


def test_an_act_that_breaks_half_way_leaves_nothing(loop, monkeypatch):
    def breaks(*_args, **_more):
        raise RuntimeError("the cable was pulled")

    before = contents(loop.store, *EVERYTHING)
    monkeypatch.setattr("data.panels.publish_moved", breaks)
    with pytest.raises(RuntimeError):
        loop.does(CaseAct.VERIFY)
    assert contents(loop.store, *EVERYTHING) == before


@pytest.mark.parametrize("table", [m.case_event, m.audit], ids=lambda t: t.name)
@pytest.mark.parametrize("what", ["update", "delete"])
def test_what_was_told_cannot_be_changed_or_removed(loop, table, what):
    loop.does(CaseAct.VERIFY)
    before = contents(loop.store, table)
    column = table.c.actor
    statement = table.update().values({column: "x"}) if what == "update" else table.delete()
    with pytest.raises(DBAPIError), loop.store.write() as conn:
        conn.execute(statement)
    assert contents(loop.store, table) == before


def test_the_audit_names_who_did_what_and_who_tried(loop):
    loop.does(CaseAct.VERIFY)
    loop.tries(CaseAct.FORCE_CLOSE, OPERATOR, reason="x")
    rows = {r.act: r for r in rows_of(loop.store, m.audit)}
    assert rows["case.verify"].actor == OPERATOR.name
    assert rows["case.verify"].before["state"] == "reported"
    assert rows["case.verify"].after["state"] == "verified"
    assert rows["case.force_close"].outcome == "wrong_role"
    assert count(loop.store, m.audit) == 3
