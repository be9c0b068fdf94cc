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
    NewCard,
    OwnershipItem,
    Request,
    StartClock,
    StopClock,
    Withdrawn,
    allowed,
    project,
    remembered,
    report,
    sums,
    take,
)
from data.cases.loop import holding as holds
from data.vocabulary import CallBack, Closing, Colour, Holder, Level
from tests.loop_walk import (
    CHECKER,
    COUNTY,
    HEALTH,
    HOUR,
    LEADER,
    OPERATOR,
    PLATFORM,
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


def test_supervision_only_rises_until_an_appeal_is_won():
    walk = handling()
    walk.do(LEADER, A.SUPERVISE, colour=Colour.YELLOW, note="进展缓慢", level=Level.YELLOW)
    assert walk.asked(NewCard) == [NewCard(Colour.YELLOW, "进展缓慢")]
    walk.do(PLATFORM, A.SUPERVISE, colour=1, note="超期", rule="overdue-1")
    assert (walk.case.supervised, walk.case.level) == (Colour.YELLOW, Level.YELLOW)
    assert walk.events[-1].rule == "overdue-1"
    walk.do(WATER, A.APPEAL, card=1, reason="等待配件")
    assert walk.case.cards[0].state == "appealed"
    walk.do(LEADER, A.DECIDE_APPEAL, card=1, upheld=False, reason="情况属实")
    assert walk.case.cards[0].state == "withdrawn"
    assert walk.case.supervised == Colour.BLUE


def test_a_lost_appeal_leaves_the_mark():
    walk = handling()
    walk.do(LEADER, A.SUPERVISE, colour=3, note="超期三日")
    walk.do(WATER, A.APPEAL, card=1, reason=REASON)
    walk.do(LEADER, A.DECIDE_APPEAL, card=1, upheld=True, reason="理由不成立")
    assert (walk.case.cards[0].state, walk.case.supervised) == ("upheld", Colour.RED)


def test_an_act_while_waiting_leaves_it_with_the_approver():
    walk = handling()
    walk.do(WATER, A.ASK_RETURN, reason=REASON)
    for actor, act, fields in (
        (OPERATOR, A.NOTE, {"note": "请尽快"}),
        (OPERATOR, A.ACKNOWLEDGE, {}),
        (LEADER, A.SUPERVISE, {"colour": 1, "note": "督办"}),
        (OPERATOR, A.ASSIGN_TASK, {"department": "fire", "activity": "排险"}),
    ):
        walk.do(actor, act, **fields)
        assert walk.case.holder is Holder.APPROVER
    assert walk.held()[-1] == (Holder.APPROVER, 4)


def test_agencies_that_get_a_task_belong_to_the_case():
    walk = handling()
    due = START + DAY
    walk.do(OPERATOR, A.ASSIGN_TASK, department="health", activity="检测水质", due_at=due, step=2)
    assert walk.case.departments == ("water", "health")
    for move in ("arrived", "started"):
        walk.do(HEALTH, A.MOVE_TASK, task=4, department="health", move=move, moved_at=walk.now)
    walk.do(HEALTH, A.MOVE_TASK, task=4, department="health", move="ended", result="合格")
    assert walk.case.state is S.HANDLING
    assert walk.events[-1].detail["result"] == "合格"


def test_procedures_links_and_calls_leave_the_state():
    walk = reported_back()
    walk.do(OPERATOR, A.START_SOP, sop="flood", version=2)
    walk.do(WATER, A.STEP_SOP, sop="flood", step=1, move="done")
    walk.do(OPERATOR, A.STEP_SOP, sop="flood", step=2, move="skipped", note="无人被困")
    walk.do(OPERATOR, A.LINK, kind="warning", ref="CMA-1")
    walk.do(OPERATOR, A.LINK, kind="child", other="C8")
    walk.do(OPERATOR, A.CALL_BACK, result="unreached")
    walk.do(OPERATOR, A.CALL_BACK, result="excluded", reason="匿名")
    assert walk.case.call_back is CallBack.EXCLUDED
    assert walk.case.state is S.REPORTED_BACK
    assert {e.to_state for e in walk.events[-7:]} == {None}


def test_a_call_may_come_after_the_end():
    walk = closed()
    walk.do(OPERATOR, A.CALL_BACK, result="satisfied", called_at=walk.now)
    assert (walk.case.call_back, walk.case.state) == (CallBack.SATISFIED, S.CLOSED)


def mirrored(state=S.HANDLING, **more):
    return Walk(CaseNow(state, START, no="P1", led=False, county=COUNTY, **more))


def test_a_mirrored_case_is_led_here_as_soon_as_somebody_acts():
    for act, fields, led in (
        (A.NOTE, {"note": "已知"}, False),
        (A.LINK, {"kind": "child", "other": "C2"}, False),
        (A.ACKNOWLEDGE, {}, False),
        (A.TAKE_LEAD, {}, True),
        (A.ASSIGN_TASK, {"department": "water", "activity": "查看"}, True),
        (A.MERGE, {"parent": "C2"}, True),
    ):
        walk = mirrored()
        walk.do(OPERATOR, act, **fields)
        assert walk.case.led is led, act
        assert walk.events[-1].detail.get("took_lead", False) is led


def test_rules_and_the_call_to_the_reporter_do_not_take_the_lead():
    walk = mirrored()
    walk.do(PLATFORM, A.SUPERVISE, colour=1, note="超期")
    assert walk.case.led is False
    walk = mirrored(S.CLOSED)
    walk.do(OPERATOR, A.CALL_BACK, result="satisfied")
    assert walk.case.led is False


def test_a_mirrored_case_of_nobody_can_be_dispatched_where_it_stands():
    walk = mirrored(S.HANDLING)
    walk.do(OPERATOR, A.DISPATCH, department="water")
    assert (walk.case.state, walk.case.department, walk.case.transfers) == (
        S.DISPATCHED,
        "water",
        0,
    )
    with_one = mirrored(S.HANDLING, department="health")
    assert A.DISPATCH not in allowed(with_one.case, OPERATOR)


def test_what_the_platform_says_of_a_case_led_here_moves_nothing():
    walk = handling()
    before = walk.case
    walk.do(PLATFORM, A.SOURCE_SAID, said="closed", note="平台已办结")
    assert walk.case.state is before.state
    assert (walk.case.holder, walk.case.due_at) == (before.holder, before.due_at)
    assert walk.events[-1].detail["said"] == "closed"


def test_an_act_told_late_counts_from_the_last_event():
    walk = handling()
    last = walk.events[-1].at
    change = take(walk.case, Request(A.NOTE, OPERATOR, last - HOUR, None, {"note": "补记"}))
    assert change.event.at == last


def test_the_words_and_the_rule_go_with_the_event():
    walk = dispatched()
    walk.do(OPERATOR, A.DISPATCH, department="fire", reason=REASON, note="另附", rule="r1",
            detail={"proposal": 3})  # fmt: skip
    event = walk.events[-1]
    assert (event.note, event.rule, event.actor_id) == (REASON, "r1", OPERATOR.id)
    assert event.detail["note"] == "另附"
    assert event.detail["more"] == {"proposal": 3}


def test_invisible_control_letters_become_spaces():
    walk = Walk()
    walk.do(OPERATOR, A.NOTE, note=" 一\x00二\r\n三\ud800 ")
    assert walk.events[-1].note == "一 二\n三"


def test_time_is_summed_by_holder_and_department():
    walk = suspended()
    walk.do(WATER, A.RESUME)
    walk.do(WATER, A.REPORT_BACK, note="好")
    total = sums(holds(walk.events, walk.now))
    assert {k: v / HOUR for k, v in total.items()} == {
        (Holder.CENTRE, None): 3,
        (Holder.DEPARTMENT, "water"): 4,
        (Holder.APPROVER, "water"): 1,
        (Holder.SUSPENDED, "water"): 1,
    }


def test_who_held_it_can_be_asked_of_any_past_moment():
    walk = closed()
    past = holds(walk.events, START + 4 * HOUR)
    assert past[-1].end == START + 4 * HOUR
    assert holds(walk.events, START) == []
    assert holds([], START) == []
    after = holds(walk.events, walk.now + DAY)
    assert (after[-1].holder, after[-1].time) == (Holder.NOBODY, DAY)


def test_old_events_without_a_holder_are_held_by_their_state():
    walk = closed()
    bare = [type(e)(**{**e.__dict__, "holder": None, "department": None}) for e in walk.events]
    assert [h.holder for h in holds(bare, walk.now)] == [
        Holder.CENTRE,
        Holder.DEPARTMENT,
        Holder.CENTRE,
    ]


def test_a_source_may_report_what_a_warning_told():
    made = report(Request(A.REPORT, PLATFORM, START, None, {"body": "暴雨红色预警"}))
    assert made.case.led
    assert made.event.actor_id is None
