"""The collector looks at clocks: what falls due is told once, to the desks and the board."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from data import models as m
from data.catalogue import catalogue
from data.collector.clock_watch import EVERY_S, SOONEST_S, ClockWatch
from data.vocabulary import CaseAct
from tests.store.acting import LEADER, TO_CLOSED, TO_HANDLING, WATER, Loop
from tests.store.support import rows_of

SECOND = timedelta(seconds=1)


@pytest.fixture
def loop(store):
    return Loop(store)


@pytest.fixture
def watch(store):
    return ClockWatch(store, catalogue())


def shown(loop, name, area="441600"):
    p = m.panel_snapshot
    (row,) = rows_of(loop.store, p, p.c.panel == name, p.c.area == area)
    return json.loads(row.payload)


def test_a_limit_that_passes_is_told_to_desks_and_board_once(loop, watch):
    loop.goes(TO_HANDLING)
    due, seq = loop.row.due_at, shown(loop, "desk")["seq"]
    watch.look(due - SECOND)
    assert shown(loop, "map")["overdue"] == 0
    watch.look(due + SECOND)
    assert [c.case_no for c in watch.passed] == [loop.no]
    assert shown(loop, "map")["overdue"] == 1
    assert shown(loop, "desk") == {"seq": seq + 1, "cases": [loop.no]}
    watch.look(due + 2 * SECOND)
    assert watch.passed == []
    assert shown(loop, "desk")["seq"] == seq + 1


def test_nothing_is_written_on_a_case_whose_limit_passes(loop, watch):
    """Whoever is writing on it at this moment must not be told that it changed."""
    loop.goes(TO_HANDLING)
    before = (loop.row, loop.events())
    watch.look(loop.row.due_at - SECOND)
    watch.look(loop.row.due_at + SECOND)
    assert (loop.row, loop.events()) == before


def test_the_next_look_is_when_the_next_limit_passes_but_within_a_minute(loop, watch):
    due = loop.row.stage_due_at
    assert watch.look(due - timedelta(hours=1)) == EVERY_S
    assert watch.look(due - timedelta(seconds=20)) == 20
    assert watch.look(due - timedelta(milliseconds=10)) == SOONEST_S


def test_a_stage_that_is_late_is_told_too(loop, watch):
    due = loop.row.stage_due_at
    watch.look(due - SECOND)
    watch.look(due + SECOND)
    assert [(c.case_no, c.whole) for c in watch.passed] == [(loop.no, False)]


def test_a_clock_that_was_set_back_tells_nothing_twice(loop, watch):
    due = loop.row.stage_due_at
    watch.look(due - SECOND)
    watch.look(due + SECOND)
    watch.look(due - SECOND)
    watch.look(due + SECOND)
    assert watch.passed == []


def test_suspended_and_ended_cases_pass_no_limit(loop, watch):
    loop.goes(TO_HANDLING)
    due = loop.row.due_at
    loop.does(CaseAct.ASK_SUSPENSION, WATER, reason="停工", review_at=loop.now + timedelta(days=9))
    loop.does(CaseAct.GRANT, LEADER)
    ended = Loop(loop.store)
    ended.goes(TO_CLOSED)
    watch.look(due - timedelta(hours=9))
    assert watch.look(due + timedelta(days=2)) == EVERY_S
    assert watch.passed == []
