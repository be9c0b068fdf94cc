"""The way of a case through the loop, act by act."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from data.cases.loop import (
    CaseNow,
    ClockMove,
    Decided,
    NewApproval,
    OwnershipItem,
    StartClock,
    StopClock,
    Withdrawn,
    project,
    remembered,
)
from data.vocabulary import Closing, Holder, Level
from tests.loop_walk import (
    CHECKER,
    COUNTY,
    HOUR,
    LEADER,
    OPERATOR,
    REASON,
    START,
    TOWN,
    WATER,
    A,
    S,
    Walk,
    checked,
    closed,
    dispatched,
    handling,
    opened,
    reported_back,
    suspended,
)

DAY = timedelta(days=1)


def test_the_straight_way_from_report_to_close():
    walk = closed()
    assert [e.to_state for e in walk.events] == [
        S.REPORTED,
        S.VERIFIED,
        S.OPENED,
        S.DISPATCHED,
        S.ACCEPTED,
        S.HANDLING,
        S.REPORTED_BACK,
        S.CHECKED,
        S.CLOSED,
    ]
    assert walk.case.closing is Closing.NORMAL
    assert walk.case.ended_at == walk.now
    assert walk.case.version == len(walk.events)
    assert walk.held() == [
        (Holder.CENTRE, 3),
        (Holder.DEPARTMENT, 3),
        (Holder.CENTRE, 2),
    ]


def test_a_case_is_the_projection_of_its_events():
    for walk in (closed(), suspended(), reported_back()):
        assert project(walk.events) == walk.case
        assert remembered(walk.case, walk.events) == walk.case


def test_what_an_event_keeps_is_plain_json():
    walk = suspended()
    walk.do(WATER, A.RESUME)
    for event in walk.events:
        assert json.loads(json.dumps(event.detail)) == event.detail


def test_a_report_is_led_here_and_waits_for_the_centre():
    walk = Walk(due_at=START + DAY, level=Level.ORANGE, reported_at=START - HOUR)
    case = walk.case
    assert (case.state, case.holder, case.led) == (S.REPORTED, Holder.CENTRE, True)
    assert (case.county, case.town, case.level) == (COUNTY, TOWN, Level.ORANGE)
    assert case.reported_at == START - HOUR == walk.events[0].at
    assert walk.events[0].note == "自来水管爆裂"
    assert walk.asked(StartClock) == [StartClock("verify"), StartClock("total", START + DAY)]


def test_each_step_stops_its_clock_and_starts_the_next():
    clocks = {
        A.VERIFY: (["verify"], ["dispatch"]),
        A.OPEN: ([], []),
        A.DISPATCH: (["dispatch"], ["accept"]),
        A.ACCEPT: (["accept"], ["handle"]),
        A.START: ([], []),
        A.REPORT_BACK: (["handle"], ["check"]),
        A.CHECK_GOOD: (["check"], []),
        A.CLOSE: (["total"], []),
    }
    walk = Walk(due_at=START + DAY)
    for actor, act, fields in (
        (OPERATOR, A.VERIFY, {}),
        (OPERATOR, A.OPEN, {}),
        (OPERATOR, A.DISPATCH, {"department": "water"}),
        (WATER, A.ACCEPT, {}),
        (WATER, A.START, {}),
        (WATER, A.REPORT_BACK, {"note": "好"}),
        (CHECKER, A.CHECK_GOOD, {}),
        (OPERATOR, A.CLOSE, {}),
    ):
        walk.do(actor, act, **fields)
        stops = [ask.kind for ask in walk.asked(StopClock)]
        starts = [ask.kind for ask in walk.asked(StartClock)]
        assert (stops, starts) == clocks[act], act


def test_the_first_due_time_stands():
    walk = opened()
    due = walk.case.due_at
    walk.do(OPERATOR, A.DISPATCH, department="water", due_at=due + DAY)
    assert walk.case.due_at == due
    assert "due_at" not in walk.events[-1].detail
    assert not walk.asked(ClockMove)


def test_a_due_time_may_come_with_the_dispatch():
    walk = Walk()
    walk.do(OPERATOR, A.VERIFY)
    walk.do(OPERATOR, A.OPEN)
    assert walk.case.due_at is None
    walk.do(OPERATOR, A.DISPATCH, department="water", due_at=START + DAY)
    assert walk.case.due_at == START + DAY
    assert StartClock("total", START + DAY) in walk.asks


def test_a_dispatch_names_department_help_and_level():
    walk = dispatched(co_departments=["health", "water", "fire"], level=Level.RED)
    case = walk.case
    assert (case.department, case.co_departments) == ("water", ("health", "fire"))
    assert case.level == Level.RED
    assert (case.dispatched_by, case.dispatched_name) == (OPERATOR.id, OPERATOR.name)


def test_a_dispatch_to_the_same_department_is_no_transfer():
    walk = dispatched()
    walk.do(WATER, A.ACCEPT)
    walk.do(CHECKER, A.DISPATCH, department="water", co_departments=["fire"])
    case = walk.case
    assert (case.state, case.transfers, case.co_departments) == (S.ACCEPTED, 0, ("fire",))
    assert case.dispatched_by == OPERATOR.id
    assert walk.events[-1].to_state is None


def test_a_dispatch_to_another_department_is_a_transfer_with_a_reason():
    walk = dispatched()
    walk.do(WATER, A.ACCEPT)
    walk.do(CHECKER, A.DISPATCH, department="health", reason=REASON)
    case, told = walk.case, walk.events[-1].detail
    assert (case.state, case.department, case.transfers) == (S.DISPATCHED, "health", 1)
    assert (told["from_department"], told["dispatched_by"]) == ("water", OPERATOR.id)
    assert case.dispatched_by == CHECKER.id
    assert [ask.kind for ask in walk.asked(StartClock)] == ["accept"]


def test_a_transfer_of_what_is_dispatched_starts_the_time_to_accept_anew():
    walk = dispatched()
    walk.do(OPERATOR, A.DISPATCH, department="health", reason=REASON)
    assert (walk.asked(StopClock), walk.asked(StartClock)) == (
        [StopClock("accept")],
        [StartClock("accept")],
    )


def test_a_granted_return_counts_against_who_dispatched():
    walk = dispatched()
    walk.do(WATER, A.ASK_RETURN, reason=REASON, suggests="health")
    assert (walk.case.state, walk.case.holder) == (S.DISPATCHED, Holder.APPROVER)
    assert walk.asked(NewApproval)[0].wanted == {"suggests": "health"}
    walk.do(LEADER, A.GRANT, note="属实")
    case, told = walk.case, walk.events[-1].detail
    assert (case.state, case.holder, case.department) == (S.OPENED, Holder.CENTRE, None)
    assert (case.returns, case.transfers) == (1, 1)
    assert told["wrong_dispatch"] is True
    assert told["wrong_department"] == "water"
    assert (told["dispatched_by"], told["dispatched_name"]) == (OPERATOR.id, OPERATOR.name)
    assert told["suggests"] == "health"
    walk.do(OPERATOR, A.DISPATCH, department="health")
    assert walk.case.transfers == 1, "the return was the transfer"


def test_a_denied_return_leaves_it_where_it_was():
    walk = dispatched()
    walk.do(WATER, A.ASK_RETURN, reason=REASON)
    walk.do(LEADER, A.DENY, note="属你单位职责")
    case = walk.case
    assert (case.state, case.holder, case.department) == (S.DISPATCHED, Holder.DEPARTMENT, "water")
    assert (case.returns, case.transfers, case.pending) == (0, 0, ())
    assert walk.asked(Decided) == [Decided(1, "return", False, "属你单位职责")]


def test_three_transfers_that_nobody_started_after_ask_whose_it_is():
    walk = dispatched()
    for n, department in enumerate(("health", "fire", "water"), start=1):
        walk.do(OPERATOR, A.DISPATCH, department=department, reason=REASON)
        assert walk.asked(OwnershipItem) == ([OwnershipItem("transfers")] if n == 3 else [])


def test_who_starts_ends_the_wandering():
    walk = dispatched()
    walk.do(OPERATOR, A.DISPATCH, department="health", reason=REASON)
    walk.do(OPERATOR, A.DISPATCH, department="water", reason=REASON)
    walk.do(WATER, A.ACCEPT)
    walk.do(WATER, A.START)
    walk.do(WATER, A.ASK_RETURN, reason=REASON)
    walk.do(LEADER, A.GRANT)
    assert (walk.case.transfers, walk.case.idle_transfers) == (3, 1)
    assert not walk.asked(OwnershipItem)


def test_the_question_of_ownership_is_asked_once():
    walk = dispatched()
    walk.case = CaseNow(**{**walk.case.__dict__, "idle_transfers": 2, "ownership_open": True})
    walk.do(OPERATOR, A.DISPATCH, department="health", reason=REASON)
    assert not walk.asked(OwnershipItem)


def test_a_bad_check_is_rework_and_three_ask_whose_it_is():
    walk = reported_back()
    for n in (1, 2, 3):
        walk.do(CHECKER, A.CHECK_BAD, note="仍在漏水")
        assert (walk.case.state, walk.case.rework) == (S.REWORK, n)
        assert walk.case.holder is Holder.DEPARTMENT
        assert walk.asked(OwnershipItem) == ([OwnershipItem("rework")] if n == 3 else [])
        walk.do(WATER, A.START)
        assert walk.case.state is S.HANDLING
        walk.do(WATER, A.REPORT_BACK, note="重新修复")


def test_an_extension_moves_the_due_time_and_keeps_the_old():
    walk = handling()
    old = walk.case.due_at
    walk.do(WATER, A.ASK_EXTENSION, reason=REASON, until=old + DAY)
    assert (walk.case.due_at, walk.case.holder) == (old, Holder.APPROVER)
    walk.do(LEADER, A.GRANT, pending=1)
    assert (walk.case.due_at, walk.case.extensions) == (old + DAY, 1)
    assert (walk.case.state, walk.case.holder) == (S.HANDLING, Holder.DEPARTMENT)
    assert walk.events[-1].detail["old_due_at"] == old.isoformat()
    assert walk.asked(ClockMove) == [
        ClockMove("total", 86400, 1, old + DAY),
        ClockMove("handle", 86400, 1),
    ]


def test_an_approver_may_grant_less_than_was_asked():
    walk = handling()
    old = walk.case.due_at
    walk.do(WATER, A.ASK_EXTENSION, reason=REASON, until=old + 3 * DAY)
    walk.do(LEADER, A.GRANT, until=old + DAY)
    assert walk.case.due_at == old + DAY


def test_a_denied_extension_moves_nothing():
    walk = handling()
    old = walk.case.due_at
    walk.do(WATER, A.ASK_EXTENSION, reason=REASON, until=old + DAY)
    walk.do(LEADER, A.DENY, note="不同意")
    assert (walk.case.due_at, walk.case.extensions, walk.asked(ClockMove)) == (old, 0, [])


def test_a_suspension_stands_still_and_moves_the_due_time_when_it_ends():
    walk = suspended(days=2)
    due = walk.case.due_at
    assert (walk.case.state, walk.case.holder) == (S.SUSPENDED, Holder.SUSPENDED)
    assert (walk.case.suspensions, walk.case.suspended_s) == (1, 0)
    assert not walk.asked(ClockMove)
    walk.do(WATER, A.RESUME)
    assert (walk.case.state, walk.case.suspended_s) == (S.HANDLING, 3600)
    assert walk.case.due_at == due + HOUR
    assert walk.asked(ClockMove)[0] == ClockMove("total", 3600, 1, due + HOUR)
    assert walk.case.suspended_at is None


def test_a_suspension_moves_the_due_time_by_no_more_than_was_approved():
    walk = suspended(days=1)
    due, since, review = walk.case.due_at, walk.case.suspended_at, walk.case.review_at
    walk.now += 5 * DAY
    walk.do(OPERATOR, A.RESUME)
    assert walk.case.due_at == due + (review - since)
    assert walk.case.suspended_s == round((walk.now - since).total_seconds())


def test_the_time_until_the_approver_decides_is_the_approvers():
    walk = handling()
    walk.do(WATER, A.ASK_SUSPENSION, reason=REASON, review_at=walk.now + DAY)
    walk.now += 4 * HOUR
    walk.do(LEADER, A.GRANT)
    walk.do(WATER, A.RESUME)
    assert walk.held()[-2:] == [(Holder.APPROVER, 5), (Holder.SUSPENDED, 1)]


def test_forced_close_counts_the_suspension_and_withdraws_what_was_asked():
    walk = suspended()
    walk.do(LEADER, A.FORCE_CLOSE, reason=REASON)
    case = walk.case
    assert (case.closing, case.suspended_s, case.suspended_at) == (Closing.FORCED, 3600, None)
    asking = handling()
    asking.do(WATER, A.ASK_SUSPENSION, reason=REASON, review_at=asking.now + DAY)
    asking.do(LEADER, A.FORCE_CLOSE, reason=REASON)
    assert (asking.case.pending, asking.case.holder) == ((), Holder.NOBODY)
    assert asking.asked(Withdrawn) == [Withdrawn(1, "suspension")]


def test_late_is_said_by_the_due_time_whatever_was_chosen():
    walk = checked()
    walk.now = walk.case.due_at
    walk.do(OPERATOR, A.CLOSE, kind="normal")
    assert walk.case.closing is Closing.TIMEOUT
    walk = checked()
    walk.do(OPERATOR, A.CLOSE, kind="timeout")
    assert walk.case.closing is Closing.NORMAL


def test_a_case_without_a_due_time_is_not_late():
    walk = Walk(CaseNow(S.CHECKED, START))
    walk.do(OPERATOR, A.CLOSE)
    assert walk.case.closing is Closing.NORMAL


@pytest.mark.parametrize("kind", [Closing.ERROR, Closing.SPECIAL])
def test_a_leader_may_close_without_a_check_with_a_reason(kind):
    walk = handling()
    walk.do(LEADER, A.CLOSE, kind=kind, reason=REASON)
    assert (walk.case.state, walk.case.closing) == (S.CLOSED, kind)
    assert walk.events[-1].note == REASON


def test_reopened_it_is_the_centres_again_and_keeps_its_due_time_and_counts():
    walk = closed()
    due = walk.case.due_at
    walk.do(LEADER, A.REOPEN, reason=REASON)
    case = walk.case
    assert (case.state, case.holder, case.department) == (S.OPENED, Holder.CENTRE, None)
    assert (case.closing, case.ended_at, case.checked_at, case.due_at) == (None, None, None, due)
    assert StartClock("total", due) in walk.asks
    assert StartClock("dispatch") in walk.asks


def test_refused_to_open_and_opened_after_all():
    walk = Walk()
    walk.do(OPERATOR, A.REJECT, reason="查无此事")
    assert (walk.case.state, walk.case.holder) == (S.REJECTED, Holder.NOBODY)
    walk.do(LEADER, A.REOPEN, reason=REASON)
    assert walk.case.state is S.OPENED


def test_merged_it_names_its_parent_and_is_over():
    walk = handling()
    walk.do(OPERATOR, A.MERGE, parent="C9")
    assert (walk.case.state, walk.case.parent, walk.case.ended) == (S.MERGED, "C9", True)
    assert StopClock("total") in walk.asks
