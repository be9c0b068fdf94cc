"""What is refused, with which code, and what the refusal says is allowed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from data.cases.bars import barred, covers
from data.cases.loop import Actor, Card, CaseNow, Code, allowed
from data.cases.rules import RULES
from data.vocabulary import CaseState, Closing, Colour, Role
from tests.loop_walk import (
    CHECKER,
    COUNTY,
    COUNTY_OPERATOR,
    HEALTH,
    HOUR,
    LEADER,
    OPERATOR,
    OTHER_COUNTY,
    OTHER_OPERATOR,
    PLATFORM,
    REASON,
    START,
    TOWN,
    VIEWER,
    WATER,
    A,
    S,
    Walk,
    checked,
    closed,
    dispatched,
    handling,
    reported_back,
    suspended,
)

DAY = timedelta(days=1)


def code(refusal):
    return refusal.code, refusal.params.get("field")


# ---- state ----


def test_an_act_out_of_turn_names_the_states_and_what_is_allowed():
    walk = Walk()
    refusal = walk.refused(OPERATOR, A.CLOSE)
    assert refusal.code is Code.NOT_ALLOWED_IN_STATE
    assert refusal.params["states"] == (S.CHECKED,)
    assert refusal.params["state"] is S.REPORTED
    assert {A.VERIFY, A.REJECT} <= set(refusal.allowed)


@pytest.mark.parametrize("state", list(CaseState))
def test_every_act_is_refused_outside_its_states(state):
    case = CaseNow(state, START, department="water", ended_at=START, county=COUNTY)
    for act, rule in RULES.items():
        for actor in (OPERATOR, LEADER, WATER, PLATFORM):
            bar = barred(case, actor, act)
            if state not in rule.states and actor.role in rule.roles:
                leader_closes = act is A.CLOSE and actor is LEADER
                assert leader_closes or bar[0] in (Code.NOT_ALLOWED_IN_STATE, Code.ENDED)


def test_a_case_cannot_be_reported_twice():
    assert Walk().refused(OPERATOR, A.REPORT, body="x").code is Code.NOT_ALLOWED_IN_STATE


@pytest.mark.parametrize(
    ("act", "fields"),
    [
        (A.NOTE, {"note": "x"}),
        (A.CLOSE, {}),
        (A.DISPATCH, {"department": "water"}),
        (A.FORCE_CLOSE, {"reason": REASON}),
        (A.ACKNOWLEDGE, {}),
        (A.MERGE, {"parent": "C2"}),
        (A.LINK, {"kind": "child", "other": "C2"}),
    ],
)
def test_what_has_ended_says_when_and_how(act, fields):
    walk = closed()
    ended = walk.now
    refusal = walk.refused(LEADER, act, **fields)
    assert refusal.code is Code.ENDED
    assert (refusal.params["at"], refusal.params["closing"]) == (ended, Closing.NORMAL)
    assert refusal.allowed == (A.REOPEN, A.CALL_BACK)


def test_a_merged_case_names_its_parent_and_is_not_reopened():
    walk = handling()
    walk.do(OPERATOR, A.MERGE, parent="C9")
    refusal = walk.refused(LEADER, A.REOPEN, reason=REASON)
    assert (refusal.code, refusal.params["parent"]) == (Code.ENDED, "C9")


def test_two_closes_at_once_the_second_sees_the_first():
    walk = checked()
    seen = walk.case.version
    walk.do(OPERATOR, A.CLOSE)
    refusal = walk.refused(CHECKER, A.CLOSE, seen=seen)
    assert refusal.code is Code.OUT_OF_DATE
    assert (refusal.params["version"], refusal.params["now"]) == (seen, seen + 1)


def test_who_may_not_act_at_all_is_not_told_of_a_newer_version():
    walk = handling()
    assert walk.refused(VIEWER, A.NOTE, seen=1, note="x").code is Code.WRONG_ROLE


@pytest.mark.parametrize("kind", [None, "normal", "timeout"])
def test_a_leader_without_a_check_closes_only_as_error_or_special(kind):
    walk = handling()
    refusal = walk.refused(LEADER, A.CLOSE, **({"kind": kind, "reason": REASON} if kind else {}))
    assert code(refusal) == (Code.UNKNOWN_CHOICE, "kind")
    assert refusal.params["choices"] == (Closing.ERROR, Closing.SPECIAL)


def test_closing_as_error_or_special_needs_a_reason_even_after_a_check():
    assert code(checked().refused(OPERATOR, A.CLOSE, kind="error")) == (
        Code.MISSING_FIELD,
        "reason",
    )
    assert code(checked().refused(OPERATOR, A.CLOSE, kind="forced")) == (
        Code.UNKNOWN_CHOICE,
        "kind",
    )


def test_acknowledged_and_led_once_is_enough():
    walk = Walk()
    walk.do(OPERATOR, A.ACKNOWLEDGE)
    assert walk.refused(CHECKER, A.ACKNOWLEDGE).code is Code.ALREADY_DONE
    assert walk.refused(OPERATOR, A.TAKE_LEAD).code is Code.ALREADY_DONE


def test_a_platform_speaks_only_of_cases_that_are_led_here():
    walk = Walk(CaseNow(S.OPENED, START, led=False))
    assert walk.refused(PLATFORM, A.SOURCE_SAID, said="closed").code is Code.NOT_ALLOWED_IN_STATE


# ---- who ----


@pytest.mark.parametrize(
    ("actor", "act", "fields"),
    [
        (OPERATOR, A.FORCE_CLOSE, {"reason": REASON}),
        (OPERATOR, A.ACCEPT, {}),
        (WATER, A.MERGE, {"parent": "C2"}),
        (VIEWER, A.NOTE, {"note": "x"}),
        (PLATFORM, A.ACCEPT, {}),
        (Actor(20, "x", Role.STEWARD), A.DISPATCH, {"department": "fire"}),
        (Actor(21, "x", Role.AUDITOR), A.NOTE, {"note": "x"}),
    ],
)
def test_the_wrong_role_is_told_whose_act_it_is(actor, act, fields):
    refusal = dispatched().refused(actor, act, **fields)
    assert refusal.code is Code.WRONG_ROLE
    assert set(refusal.params["roles"]) == set(RULES[act].roles)
    assert actor.role not in refusal.params["roles"]


def test_only_the_leading_department_moves_the_case():
    walk = dispatched(co_departments=["health"])
    refusal = walk.refused(HEALTH, A.ACCEPT)
    assert (refusal.code, refusal.params["department"]) == (Code.OTHER_DEPARTMENT, "water")
    assert set(refusal.allowed) == {A.LINK, A.NOTE, A.MOVE_TASK, A.STEP_SOP}
    walk.do(HEALTH, A.NOTE, note="已到场")


def test_a_department_that_has_nothing_to_do_with_it_may_do_nothing():
    walk = dispatched()
    assert walk.refused(HEALTH, A.NOTE, note="x").code is Code.OTHER_DEPARTMENT
    assert allowed(walk.case, HEALTH) == ()


def test_a_department_moves_only_its_own_tasks():
    walk = handling()
    walk.do(OPERATOR, A.ASSIGN_TASK, department="health", activity="检测水质")
    refusal = walk.refused(WATER, A.MOVE_TASK, task=1, department="health", move="arrived")
    assert refusal.code is Code.OTHER_DEPARTMENT
    walk.do(OPERATOR, A.MOVE_TASK, task=1, department="health", move="arrived")


def test_the_area_decides_who_moves_a_case():
    walk = Walk()
    assert walk.refused(OTHER_OPERATOR, A.VERIFY).code is Code.OTHER_AREA
    assert allowed(walk.case, OTHER_OPERATOR) == ()
    walk.do(COUNTY_OPERATOR, A.VERIFY)
    nowhere = CaseNow(S.REPORTED, START)
    assert barred(nowhere, COUNTY_OPERATOR, A.VERIFY)[0] is Code.OTHER_AREA
    assert barred(nowhere, OPERATOR, A.VERIFY) is None


@pytest.mark.parametrize(
    ("area", "held"),
    [
        (None, True),
        ("441600", True),
        ("440000", True),
        (COUNTY, True),
        (TOWN, True),
        (OTHER_COUNTY, False),
        ("441621101", False),
        ("441500", False),
    ],
)
def test_codes_of_areas_nest(area, held):
    assert covers(area, (TOWN, COUNTY)) is held


def test_nobody_checks_their_own_work():
    walk = reported_back()
    same = replace(OPERATOR, id=WATER.id)
    for act, fields in ((A.CHECK_GOOD, {}), (A.CHECK_BAD, {"note": "x"})):
        assert walk.refused(same, act, **fields).code is Code.OWN_CHECK
        assert act not in allowed(walk.case, same)
    by_name = replace(OPERATOR, id=None, name=WATER.name)
    assert walk.refused(by_name, A.CHECK_GOOD).code is Code.OWN_CHECK
    assert A.CHECK_GOOD in allowed(walk.case, replace(OPERATOR, name=WATER.name))


def test_nobody_approves_their_own_request():
    walk = handling()
    walk.do(WATER, A.ASK_RETURN, reason=REASON)
    same = replace(LEADER, id=WATER.id)
    assert walk.refused(same, A.GRANT).code is Code.OWN_APPROVAL
    assert walk.refused(same, A.DENY, note="x").code is Code.OWN_APPROVAL
    walk.do(LEADER, A.GRANT)


def test_nobody_decides_their_own_appeal():
    walk = handling()
    walk.do(LEADER, A.SUPERVISE, colour=2, note="督办")
    walk.do(WATER, A.APPEAL, card=1, reason=REASON)
    same = replace(LEADER, id=WATER.id)
    told = {"card": 1, "upheld": True, "reason": REASON}
    assert walk.refused(same, A.DECIDE_APPEAL, **told).code is Code.OWN_APPROVAL
    other = Card(2, Colour.RED, "appealed", "water", HEALTH.id, HEALTH.name)
    walk.case = replace(walk.case, cards=(*walk.case.cards, other))
    assert walk.refused(same, A.DECIDE_APPEAL, **told).code is Code.OWN_APPROVAL
    walk.do(same, A.DECIDE_APPEAL, **{**told, "card": 2})


# ---- approvals ----


def test_nothing_else_is_asked_nor_moved_while_an_approval_is_waited_for():
    walk = handling()
    walk.do(WATER, A.ASK_RETURN, reason=REASON)
    for act, fields in (
        (A.ASK_EXTENSION, {"reason": REASON, "until": START + 30 * DAY}),
        (A.ASK_SUSPENSION, {"reason": REASON, "review_at": START + 30 * DAY}),
        (A.ASK_RETURN, {"reason": REASON}),
        (A.REPORT_BACK, {"note": "好"}),
    ):
        refusal = walk.refused(WATER, act, **fields)
        assert refusal.code is Code.ALREADY_PENDING
        assert (refusal.params["kind"], refusal.params["id"]) == ("return", 1)
        assert act not in refusal.allowed
    assert A.GRANT in allowed(walk.case, LEADER)


def test_without_a_request_nothing_is_decided():
    walk = handling()
    assert walk.refused(LEADER, A.GRANT).code is Code.NOTHING_PENDING
    assert walk.refused(LEADER, A.DECIDE_APPEAL, card=1, upheld=True, reason="x").code is (
        Code.NOTHING_PENDING
    )
    assert walk.refused(WATER, A.APPEAL, card=1, reason="x").code is Code.NOTHING_PENDING


def test_an_approval_of_another_number_is_not_the_one():
    walk = handling()
    walk.do(WATER, A.ASK_RETURN, reason=REASON)
    assert code(walk.refused(LEADER, A.GRANT, pending=99)) == (Code.NOTHING_PENDING, "pending")
    assert code(walk.refused(LEADER, A.DENY, pending=99, note="x")) == (
        Code.NOTHING_PENDING,
        "pending",
    )


def test_an_extension_is_later_than_what_is_due_and_never_more_than_was_asked():
    walk = handling()
    due = walk.case.due_at
    early = walk.refused(WATER, A.ASK_EXTENSION, reason=REASON, until=due)
    assert (*code(early), early.params["than"]) == (Code.NOT_LATER, "until", due)
    past = walk.refused(WATER, A.ASK_EXTENSION, reason=REASON, until=START)
    assert code(past) == (Code.NOT_LATER, "until")
    walk.do(WATER, A.ASK_EXTENSION, reason=REASON, until=due + DAY)
    more = walk.refused(LEADER, A.GRANT, until=due + 2 * DAY)
    assert (*code(more), more.params["choices"]) == (Code.UNKNOWN_CHOICE, "until", (due + DAY,))
    assert code(walk.refused(LEADER, A.GRANT, until=due)) == (Code.NOT_LATER, "until")


def test_what_has_no_due_time_cannot_be_extended():
    walk = Walk(CaseNow(S.HANDLING, START, department="water"))
    refusal = walk.refused(WATER, A.ASK_EXTENSION, reason=REASON, until=START + DAY)
    assert refusal.code is Code.NOTHING_TO_EXTEND


def test_a_suspension_whose_review_is_over_cannot_be_granted_any_more():
    walk = handling()
    walk.do(WATER, A.ASK_SUSPENSION, reason=REASON, review_at=walk.now + 3 * HOUR)
    walk.now += DAY
    assert code(walk.refused(LEADER, A.GRANT)) == (Code.NOT_LATER, "review_at")
    walk.do(LEADER, A.DENY, note="已过复查时间")


def test_only_an_extension_has_an_until():
    walk = handling()
    walk.do(WATER, A.ASK_RETURN, reason=REASON)
    refusal = walk.refused(LEADER, A.GRANT, until=START + 9 * DAY)
    assert code(refusal) == (Code.UNKNOWN_FIELD, "until")


def test_a_suspended_case_rests_until_it_is_resumed():
    walk = suspended()
    for actor, act, fields in (
        (WATER, A.REPORT_BACK, {"note": "x"}),
        (WATER, A.START, {}),
        (LEADER, A.GRANT, {}),
        (WATER, A.ASK_EXTENSION, {"reason": "x", "until": START + 30 * DAY}),
    ):
        assert walk.refused(actor, act, **fields).code is Code.NOT_ALLOWED_IN_STATE
