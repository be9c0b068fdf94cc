"""Clocks, approvals and who is asked: a due time moves by an approval or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data import models as m
from data.cases.clocks import elapsed, left
from data.catalogue import catalogue
from data.commands.cases import Actor, Code, decide_ownership
from data.queries.clocks import clocks_now, crossed, next_due
from data.queries.duties import propose
from data.queries.keys import read_keys
from data.vocabulary import CaseAct, CaseState, Holder, Role
from tests.store.acting import HEALTH, LEADER, OPERATOR, TO_CLOSED, TO_HANDLING, WATER, Loop
from tests.store.support import YUANCHENG, count, rows_of


@pytest.fixture
def loop(store):
    return Loop(store)


def running(loop, kind):
    return [
        c
        for c in loop.beside(m.case_clock)
        if c.kind == kind and c.replaced_by is None and c.stopped_at is None
    ]


def test_a_case_has_the_due_time_of_its_duty_with_rule_and_reason(loop):
    (total,) = running(loop, "total")
    duty = catalogue().duty_of("flood_risk", 2, loop.now)
    assert total.rule == duty.clocks.total
    assert total.rule_version >= 1
    assert total.calendar_version == catalogue().calendar.version
    assert total.why["lines"]
    assert loop.row.due_at == total.due_at
    assert total.started_at == loop.row.reported_at


def test_each_stage_has_the_clock_that_its_duty_names_and_only_one_runs(loop):
    """Handling of a flood hazard has no limit of its own: only the whole case has."""
    kinds = (["verify"], ["dispatch"], ["dispatch"], ["accept"], [], [])
    for kind, (what, actor, fields) in zip(kinds, [(None, None, None), *TO_HANDLING], strict=True):
        if what:
            loop.does(what, actor, **fields)
        stages = [c for c in loop.beside(m.case_clock) if c.kind != "total" and not c.stopped_at]
        assert [c.kind for c in stages] == kind, what
        assert loop.row.stage_due_at == (stages[0].due_at if stages else None)


def test_a_closed_case_has_no_running_clock(loop):
    loop.goes(TO_CLOSED)
    assert [c for c in loop.beside(m.case_clock) if c.stopped_at is None] == []
    assert loop.row.stage_due_at is None


def test_a_granted_extension_is_a_new_clock_that_names_its_approval(loop):
    loop.goes(TO_HANDLING)
    before = loop.row.due_at
    until = before + timedelta(hours=5)
    asked = loop.does(CaseAct.ASK_EXTENSION, WATER, reason="材料未到", until=until)
    assert loop.row.due_at == before
    assert loop.row.holder == Holder.APPROVER.value
    (approval,) = loop.beside(m.case_approval)
    assert approval.id == asked.made
    loop.does(CaseAct.GRANT, LEADER, pending=asked.made)
    assert loop.row.due_at == until
    (total,) = running(loop, "total")
    assert (total.due_at, total.approval_id) == (until, approval.id)
    old = [c for c in loop.beside(m.case_clock) if c.replaced_by == total.id]
    assert [c.due_at for c in old] == [before]
    (approval,) = loop.beside(m.case_approval)
    assert (approval.granted, approval.decided_name) == (True, LEADER.name)
    assert loop.row.extensions == 1


def test_a_denied_extension_moves_nothing(loop):
    loop.goes(TO_HANDLING)
    before = [tuple(c) for c in loop.beside(m.case_clock)]
    until = loop.row.due_at + timedelta(hours=5)
    loop.does(CaseAct.ASK_EXTENSION, WATER, reason="材料未到", until=until)
    loop.does(CaseAct.DENY, LEADER, note="不同意")
    assert [tuple(c) for c in loop.beside(m.case_clock)] == before
    assert loop.row.holder == Holder.DEPARTMENT.value


def test_nobody_grants_what_they_asked(loop):
    loop.goes(TO_HANDLING)
    until = loop.row.due_at + timedelta(hours=5)
    loop.does(CaseAct.ASK_EXTENSION, WATER, reason="材料未到", until=until)
    same = Actor(WATER.id, WATER.name, Role.LEADER)
    assert loop.tries(CaseAct.GRANT, same).code is Code.OWN_APPROVAL


def test_a_suspension_stands_apart_and_moves_the_due_time_when_it_ends(loop):
    loop.goes(TO_HANDLING)
    before = loop.row.due_at
    review = loop.now + timedelta(days=3)
    loop.does(CaseAct.ASK_SUSPENSION, WATER, reason="汛期停工", review_at=review)
    loop.does(CaseAct.GRANT, LEADER)
    assert (loop.row.state, loop.row.holder) == ("suspended", "suspended")
    since = loop.now
    loop.does(CaseAct.RESUME, WATER, at=since + timedelta(hours=7))
    assert loop.row.due_at == before + timedelta(hours=7)
    assert loop.row.suspended_s == 7 * 3600
    (total,) = running(loop, "total")
    (approval,) = loop.beside(m.case_approval)
    assert total.approval_id == approval.id


def test_what_was_asked_is_void_when_the_case_ends(loop):
    loop.goes(TO_HANDLING)
    loop.does(CaseAct.ASK_RETURN, WATER, reason="非本单位职责")
    loop.does(CaseAct.FORCE_CLOSE, LEADER, reason="领导决定")
    (approval,) = loop.beside(m.case_approval)
    assert approval.granted is False
    assert approval.decided_at == loop.now


def test_a_return_counts_against_who_dispatched(loop):
    loop.goes(TO_HANDLING[:3])
    loop.does(CaseAct.ASK_RETURN, WATER, reason="非本单位职责", suggests="highway")
    loop.does(CaseAct.GRANT, LEADER)
    event = loop.events()[-1]
    assert event.detail["wrong_dispatch"] is True
    assert event.detail["dispatched_by"] == OPERATOR.id
    assert (loop.row.returns, loop.row.state) == (1, CaseState.OPENED.value)


# ---- who owns this ----


def wandering(loop):
    loop.goes(TO_HANDLING[:3])
    for department in ("highway", "housing", "water"):
        loop.does(CaseAct.DISPATCH, department=department, reason="再次转办")


def test_three_transfers_without_a_lead_ask_whose_it_is_and_the_answer_is_a_duty(loop):
    wandering(loop)
    (item,) = loop.beside(m.ownership_item)
    assert (item.why, item.up_to, item.state) == ("transfers", "441600", "open")
    with loop.store.write() as conn:
        keys = read_keys(conn)
        version = decide_ownership(
            conn, catalogue(), keys, item.id, "highway", "联席会议纪要第3期", actor=LEADER,
            now=loop.now, co=("water",),
        )  # fmt: skip
    assert isinstance(version, int)
    (item,) = loop.beside(m.ownership_item)
    assert (item.state, item.duty_version_id) == ("decided", version)
    with loop.store.read() as conn:
        keys = read_keys(conn)
        now = propose(conn, catalogue(), keys, "flood_risk", YUANCHENG, on=loop.now)
        before = propose(
            conn, catalogue(), keys, "flood_risk", YUANCHENG, on=loop.now - timedelta(days=1)
        )
        town = propose(conn, catalogue(), keys, "flood_risk", "441602001", on=loop.now)
    assert (now.department, now.co_departments) == ("highway", ("water",))
    assert now.decided.reason == "联席会议纪要第3期"
    assert now.decided.case_no == loop.no
    assert before.decided is None
    assert town.decided is None
    assert now.ref.endswith(f"+{version}")


def test_an_ownership_is_decided_once_by_a_leader_above_with_a_reason(loop):
    wandering(loop)
    (item,) = loop.beside(m.ownership_item)

    def tries(actor, department="highway", reason="x"):
        with loop.store.write() as conn:
            return decide_ownership(
                conn, catalogue(), read_keys(conn), item.id, department, reason, actor=actor,
                now=loop.now,
            )  # fmt: skip

    assert tries(OPERATOR).code is Code.WRONG_ROLE
    county = Actor(9, "区领导", Role.LEADER, None, YUANCHENG)
    assert tries(county).code is Code.OTHER_AREA
    assert tries(LEADER, "nobody").code is Code.UNKNOWN_CHOICE
    assert tries(LEADER, reason=" ").code is Code.MISSING_FIELD
    assert tries(LEADER, reason="长" * 501).code is Code.TOO_LONG
    assert count(loop.store, m.duty_version) == 0
    assert isinstance(tries(LEADER), int)
    assert tries(LEADER).code is Code.ALREADY_DONE


def test_three_reworks_ask_whose_it_is(loop):
    loop.goes(TO_HANDLING)
    for _ in range(3):
        loop.does(CaseAct.REPORT_BACK, WATER, note="已处置")
        loop.does(CaseAct.CHECK_BAD, OPERATOR, note="现场未整改")
        loop.does(CaseAct.START, WATER)
    (item,) = loop.beside(m.ownership_item)
    assert item.why == "rework"
    assert loop.row.rework == 3


# ---- looked at by the collector ----


@pytest.mark.parametrize("category", ["flood_risk", "hotline_complaint", "grid_event"])
def test_the_clocks_of_open_cases_tell_what_is_left(store, category):
    loop = Loop(store, category=category)
    loop.goes(TO_HANDLING[:3])
    later = loop.now + timedelta(hours=30)
    with store.read() as conn:
        found = {c.kind: c for c in clocks_now(conn, catalogue(), now=later)}
        late = clocks_now(conn, catalogue(), now=loop.row.due_at + timedelta(days=30))
    assert set(found) == {"total", "accept"}
    for row in loop.beside(m.case_clock):
        clock = found.get(row.kind)
        if clock is None:
            continue
        assert (clock.start, clock.due) == (row.started_at.timestamp(), row.due_at.timestamp())
        spent = elapsed(clock.rule, row.started_at, later, catalogue().calendar)
        rest = left(clock.rule, row.started_at, row.due_at, later, catalogue().calendar)
        assert (clock.elapsed_s, clock.left_s) == (spent.total_seconds(), rest.total_seconds())
    assert all(c.left_s < 0 for c in late)
    assert not any(c.suspended for c in late)


def test_a_limit_that_passes_is_found_once_and_never_while_suspended(loop):
    loop.goes(TO_HANDLING)
    due = loop.row.due_at
    first, second = timedelta(seconds=1), timedelta(minutes=1)
    with loop.store.read() as conn:
        assert next_due(conn, now=loop.now) == due
        found = crossed(conn, since=due, now=due + first)
        again = crossed(conn, since=due + first, now=due + second)
    assert [(c.case_no, c.whole) for c in found] == [(loop.no, True)]
    assert [c for c in again if c.whole] == []
    loop.does(CaseAct.ASK_SUSPENSION, WATER, reason="停工", review_at=loop.now + timedelta(days=3))
    loop.does(CaseAct.GRANT, LEADER)
    with loop.store.read() as conn:
        assert list(crossed(conn, since=due, now=due + first)) == []
        assert next_due(conn, now=loop.now) is None


def test_several_agencies_keep_their_own_times(loop):
    loop.goes(TO_HANDLING[:2])
    loop.does(CaseAct.DISPATCH, department="water", co_departments=["health", "fire"])
    mine = loop.does(CaseAct.ASSIGN_TASK, department="emergency", activity="疏散群众").made
    health = next(
        t for t in loop.beside(m.case_task)
        if t.department_id == departments(loop)["health"]
    )  # fmt: skip
    loop.does(CaseAct.MOVE_TASK, HEALTH, task=health.id, department="health", move="arrived")
    arrived = loop.now
    loop.does(CaseAct.MOVE_TASK, HEALTH, task=health.id, department="health", move="started")
    tasks = {t.id: t for t in loop.beside(m.case_task)}
    assert len(tasks) == 3
    assert tasks[health.id].arrived_at == arrived
    assert tasks[health.id].started_at == loop.now
    assert tasks[mine].arrived_at is None
    twice = loop.tries(
        CaseAct.MOVE_TASK, HEALTH, task=health.id, department="health", move="arrived"
    )
    assert twice.code is Code.ALREADY_DONE
    other = loop.tries(CaseAct.MOVE_TASK, HEALTH, task=mine, department="emergency", move="arrived")
    assert other.code is Code.OTHER_DEPARTMENT
    stray = loop.tries(CaseAct.MOVE_TASK, HEALTH, task=mine, department="health", move="arrived")
    assert stray.code is Code.UNKNOWN_CHOICE
    early = loop.tries(
        CaseAct.MOVE_TASK, HEALTH, task=health.id, department="health", move="ended", result="好",
        moved_at=arrived - timedelta(minutes=1),
    )  # fmt: skip
    assert early.code is Code.NOT_LATER


def departments(loop):
    return {r.code: r.id for r in rows_of(loop.store, m.department)}
