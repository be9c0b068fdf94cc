"""What stands beside the way of a case: supervision, tasks, platforms, who held it when."""

from __future__ import annotations

from datetime import timedelta

from data.cases.loop import (
    CaseNow,
    NewCard,
    Request,
    allowed,
    report,
    sums,
    take,
)
from data.cases.loop import holding as holds
from data.vocabulary import CallBack, Colour, Holder, Level
from tests.loop_walk import (
    COUNTY,
    HEALTH,
    HOUR,
    LEADER,
    OPERATOR,
    PLATFORM,
    REASON,
    START,
    WATER,
    A,
    S,
    Walk,
    closed,
    dispatched,
    handling,
    reported_back,
    suspended,
)

DAY = timedelta(days=1)


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
