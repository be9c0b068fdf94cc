"""Acts on cases: one transaction each, refused or overtaken without a trace."""

from __future__ import annotations

import pytest

from data import models as m
from data.cases.loop import project
from data.commands.cases import Code, Conflict, Done, Refusal
from data.queries.case_now import Codes, case_events
from data.queries.keys import read_keys
from data.vocabulary import CaseAct, CaseState, Closing, Holder
from tests.store.acting import (
    HEALTH,
    LEADER,
    OPERATOR,
    OTHER,
    TO_CLOSED,
    TO_HANDLING,
    VIEWER,
    WATER,
    Loop,
)
from tests.store.support import contents

BESIDE = (
    m.cases, m.case_event, m.case_clock, m.case_approval, m.case_task, m.case_step, m.case_link,
    m.ownership_item, m.panel_snapshot,
)  # fmt: skip


@pytest.fixture
def loop(store):
    return Loop(store)


def test_a_case_goes_the_whole_way_and_every_step_is_kept(loop):
    done = loop.goes(TO_CLOSED)
    assert (done.state, done.holder) == (CaseState.CLOSED, Holder.NOBODY)
    row = loop.row
    assert (row.state, row.stage, row.closing) == ("closed", "closed", Closing.NORMAL.value)
    assert row.closed_at == loop.now
    assert row.led_since is not None
    told = [e.action for e in loop.events()]
    assert [a for a in told if a != "start_sop"] == ["report", *[a.value for a, _, _ in TO_CLOSED]]
    assert [e.seq for e in loop.events()] == list(range(1, row.version + 1))
    assert {e.actor for e in loop.events()} >= {OPERATOR.name, WATER.name}


def test_the_row_is_the_projection_of_the_events(loop):
    loop.goes(TO_HANDLING)
    stood = loop.stood()
    with loop.store.read() as conn:
        told = project(case_events(conn, stood.id, Codes.of(read_keys(conn))))
    assert (told.state, told.version, told.holder, told.department, told.due_at) == (
        stood.case.state, stood.case.version, stood.case.holder, stood.case.department,
        stood.case.due_at,
    )  # fmt: skip


def test_two_who_saw_the_same_version_do_not_overwrite_each_other(loop):
    loop.does(CaseAct.VERIFY)
    seen = loop.row.version
    first = loop.tries(CaseAct.OPEN, OPERATOR, seen=seen)
    before = contents(loop.store, *BESIDE)
    second = loop.tries(CaseAct.REJECT, OTHER, seen=seen, reason="重复上报")
    assert isinstance(first, Done)
    assert isinstance(second, Conflict)
    assert contents(loop.store, *BESIDE) == before
    assert second.since[0].action == "open"
    assert second.since[0].actor == OPERATOR.name
    assert second.version == loop.row.version


@pytest.mark.parametrize(
    ("what", "actor", "fields", "code"),
    [
        (CaseAct.CLOSE, OPERATOR, {}, Code.NOT_ALLOWED_IN_STATE),
        (CaseAct.VERIFY, VIEWER, {}, Code.WRONG_ROLE),
        (CaseAct.NOTE, HEALTH, {"note": "x"}, Code.OTHER_DEPARTMENT),
        (CaseAct.NOTE, OPERATOR, {"note": "长" * 100_000}, Code.TOO_LONG),
        (CaseAct.NOTE, OPERATOR, {}, Code.MISSING_FIELD),
        (CaseAct.MERGE, OPERATOR, {"parent": "nowhere"}, Code.UNKNOWN_CHOICE),
        (CaseAct.LINK, OPERATOR, {"kind": "warning", "ref": "none"}, Code.UNKNOWN_CHOICE),
        (CaseAct.LINK, OPERATOR, {"kind": "indicator", "ref": "XX-1"}, Code.UNKNOWN_CHOICE),
        (CaseAct.START_SOP, OPERATOR, {"sop": "none"}, Code.UNKNOWN_CHOICE),
    ],
)
def test_what_may_not_be_is_refused_with_its_reason_and_leaves_nothing(
    loop, what, actor, fields, code
):
    before = contents(loop.store, *BESIDE)
    refused = loop.tries(what, actor, **fields)
    assert isinstance(refused, Refusal)
    assert refused.code is code
    assert contents(loop.store, *BESIDE) == before


def test_an_unknown_department_or_case_is_refused(loop):
    loop.goes(TO_HANDLING[:2])
    refused = loop.tries(CaseAct.DISPATCH, department="nowhere")
    assert (refused.code, refused.params["field"]) == (Code.UNKNOWN_CHOICE, "department")
    loop.no = "nothing"
    with pytest.raises(AssertionError):
        loop.stood()
    refused = loop.tries(CaseAct.NOTE, seen=None, note="x")
    assert (refused.code, refused.params["field"]) == (Code.UNKNOWN_CHOICE, "case")


def test_nobody_checks_what_they_reported_back(loop):
    loop.goes(TO_HANDLING)
    loop.does(CaseAct.REPORT_BACK, WATER, note="好")
    same = type(OPERATOR)(WATER.id, WATER.name, OPERATOR.role)
    assert loop.tries(CaseAct.CHECK_GOOD, same).code is Code.OWN_CHECK


def test_a_force_close_needs_a_leader_and_a_reason(loop):
    loop.goes(TO_HANDLING)
    assert loop.tries(CaseAct.FORCE_CLOSE, OPERATOR, reason="x").code is Code.WRONG_ROLE
    assert loop.tries(CaseAct.FORCE_CLOSE, LEADER).code is Code.MISSING_FIELD
    loop.does(CaseAct.FORCE_CLOSE, LEADER, reason="领导决定")
    assert loop.row.closing == "forced"
