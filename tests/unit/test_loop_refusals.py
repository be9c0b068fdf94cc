"""What is refused, with which code, and what the refusal says is allowed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from data.cases.bars import barred, covers
from data.cases.loop import Actor, Card, CaseNow, Code, Refusal, Request, allowed, report, take
from data.cases.rules import RULES
from data.vocabulary import CallBack, CaseAct, CaseState, Closing, Colour, Holder, LinkKind, Role
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
    SECOND_LEADER,
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
    opened,
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


# ---- fields ----

NEEDED = [
    (Walk, OPERATOR, A.REJECT, {"reason": REASON}),
    (opened, OPERATOR, A.DISPATCH, {"department": "water"}),
    (handling, WATER, A.REPORT_BACK, {"note": "好"}),
    (reported_back, CHECKER, A.CHECK_BAD, {"note": "差"}),
    (handling, LEADER, A.FORCE_CLOSE, {"reason": REASON}),
    (closed, LEADER, A.REOPEN, {"reason": REASON}),
    (handling, WATER, A.ASK_RETURN, {"reason": REASON}),
    (handling, WATER, A.ASK_EXTENSION, {"reason": REASON, "until": START + 9 * DAY}),
    (handling, WATER, A.ASK_SUSPENSION, {"reason": REASON, "review_at": START + 9 * DAY}),
    (handling, LEADER, A.SUPERVISE, {"colour": 1, "note": "督办"}),
    (handling, OPERATOR, A.MERGE, {"parent": "C2"}),
    (handling, OPERATOR, A.LINK, {"kind": "child", "other": "C2"}),
    (handling, OPERATOR, A.LINK, {"kind": "warning", "ref": "W1"}),
    (handling, OPERATOR, A.NOTE, {"note": "x"}),
    (closed, OPERATOR, A.CALL_BACK, {"result": "satisfied"}),
    (closed, OPERATOR, A.CALL_BACK, {"result": "excluded", "reason": REASON}),
    (handling, OPERATOR, A.ASSIGN_TASK, {"department": "fire", "activity": "排险"}),
    (
        handling,
        WATER,
        A.MOVE_TASK,
        {"task": 1, "department": "water", "move": "ended", "result": "好"},
    ),
    (handling, OPERATOR, A.START_SOP, {"sop": "flood"}),
    (
        handling,
        WATER,
        A.STEP_SOP,
        {"sop": "flood", "step": 1, "move": "skipped", "note": "无需"},
    ),
]


@pytest.mark.parametrize(("made", "actor", "act", "fields"), NEEDED)
def test_each_needed_field_is_asked_for_by_name(made, actor, act, fields):
    for name in fields:
        less = {k: v for k, v in fields.items() if k != name}
        assert code(made().refused(actor, act, **less)) == (Code.MISSING_FIELD, name)
        if isinstance(fields[name], str):
            blank = made().refused(actor, act, **{**fields, name: ""})
            assert code(blank) == (Code.MISSING_FIELD, name)
    made().do(actor, act, **fields)


def test_a_denial_and_a_transfer_need_a_reason():
    walk = dispatched()
    assert code(walk.refused(OPERATOR, A.DISPATCH, department="fire")) == (
        Code.MISSING_FIELD,
        "reason",
    )
    walk.do(WATER, A.ASK_RETURN, reason=REASON)
    assert code(walk.refused(LEADER, A.DENY)) == (Code.MISSING_FIELD, "note")


def test_pasted_text_of_a_hundred_kilobytes_is_too_long():
    walk = handling()
    refusal = walk.refused(OPERATOR, A.NOTE, note="长" * 100_000)
    assert code(refusal) == (Code.TOO_LONG, "note")
    assert (refusal.params["limit"], refusal.params["length"]) == (4000, 100_000)
    walk.do(OPERATOR, A.NOTE, note="长" * 4000)


@pytest.mark.parametrize(
    ("act", "fields", "limit"),
    [
        (A.MERGE, {"parent": "C" * 41}, 40),
        (A.ASSIGN_TASK, {"department": "fire", "activity": "x" * 81}, 80),
        (A.LINK, {"kind": "warning", "ref": "w" * 121}, 120),
        (A.LINK, {"kind": "child", "other": "C2", "note": "w" * 201}, 200),
        (A.ASSIGN_TASK, {"department": "f" * 41, "activity": "x"}, 40),
        (A.FORCE_CLOSE, {"reason": "x" * 501}, 500),
    ],
)
def test_every_text_has_the_limit_of_where_it_is_kept(act, fields, limit):
    refusal = handling().refused(LEADER, act, **fields)
    assert (refusal.code, refusal.params["limit"]) == (Code.TOO_LONG, limit)


def test_too_many_co_departments_are_too_many():
    refusal = opened().refused(
        OPERATOR, A.DISPATCH, department="water", co_departments=[f"d{n}" for n in range(31)]
    )
    assert (refusal.code, refusal.params["limit"]) == (Code.TOO_LONG, 30)


@pytest.mark.parametrize(
    ("act", "fields", "name", "choices"),
    [
        (A.SUPERVISE, {"colour": 0, "note": "x"}, "colour", (1, 2, 3)),
        (A.SUPERVISE, {"colour": 9, "note": "x"}, "colour", (1, 2, 3)),
        (A.SUPERVISE, {"colour": True, "note": "x"}, "colour", (1, 2, 3)),
        (A.LINK, {"kind": "cousin", "other": "C2"}, "kind", tuple(LinkKind)),
        (A.CALL_BACK, {"result": ["happy"]}, "result", tuple(CallBack)),
        (A.MERGE, {"parent": "C1"}, "parent", ()),
        (A.LINK, {"kind": "child", "other": "C1"}, "other", ()),
    ],
)
def test_a_choice_that_is_none_names_what_can_be_chosen(act, fields, name, choices):
    walk = reported_back()
    refusal = walk.refused(LEADER, act, **fields)
    assert (*code(refusal), refusal.params["choices"]) == (Code.UNKNOWN_CHOICE, name, choices)


def test_cards_that_are_not_there_cannot_be_appealed():
    walk = handling()
    walk.do(LEADER, A.SUPERVISE, colour=1, note="督办")
    refusal = walk.refused(WATER, A.APPEAL, card=9, reason=REASON)
    assert (*code(refusal), refusal.params["choices"]) == (Code.UNKNOWN_CHOICE, "card", (1,))
    walk.do(WATER, A.APPEAL, card=1, reason=REASON)
    refusal = walk.refused(LEADER, A.DECIDE_APPEAL, card=9, upheld=True, reason=REASON)
    assert (*code(refusal), refusal.params["choices"]) == (Code.UNKNOWN_CHOICE, "card", (1,))


def test_a_return_does_not_suggest_who_has_it():
    refusal = handling().refused(WATER, A.ASK_RETURN, reason=REASON, suggests="water")
    assert code(refusal) == (Code.UNKNOWN_CHOICE, "suggests")


@pytest.mark.parametrize(
    ("act", "fields", "name", "wanted"),
    [
        (A.NOTE, {"note": 7}, "note", "text"),
        (
            A.ASSIGN_TASK,
            {"department": "fire", "activity": "x", "due_at": "soon"},
            "due_at",
            "time",
        ),
        (
            A.ASSIGN_TASK,
            {"department": "fire", "activity": "x", "due_at": START.replace(tzinfo=None)},
            "due_at",
            "time",
        ),
        (A.ASSIGN_TASK, {"department": "fire", "activity": "x", "step": 40_000}, "step", "number"),
        (A.MOVE_TASK, {"task": "1", "department": "x", "move": "arrived"}, "task", "number"),
        (A.MOVE_TASK, {"task": True, "department": "x", "move": "arrived"}, "task", "number"),
        (A.NOTE, {"note": "x", "detail": "y"}, "detail", "mapping"),
    ],
)
def test_what_cannot_be_read_is_named(act, fields, name, wanted):
    refusal = handling().refused(OPERATOR, act, **fields)
    assert (*code(refusal), refusal.params["wanted"]) == (Code.BAD_VALUE, name, wanted)


def test_lists_and_flags_are_read_as_such():
    refusal = opened().refused(OPERATOR, A.DISPATCH, department="water", co_departments="fire")
    assert (*code(refusal), refusal.params["wanted"]) == (
        Code.BAD_VALUE,
        "co_departments",
        "list",
    )
    refusal = opened().refused(OPERATOR, A.DISPATCH, department="water", co_departments=[1])
    assert refusal.params["wanted"] == "text"
    walk = handling()
    walk.do(LEADER, A.SUPERVISE, colour=1, note="督办")
    walk.do(WATER, A.APPEAL, card=1, reason=REASON)
    refusal = walk.refused(LEADER, A.DECIDE_APPEAL, card=1, upheld="yes", reason=REASON)
    assert (*code(refusal), refusal.params["wanted"]) == (Code.BAD_VALUE, "upheld", "flag")


@pytest.mark.parametrize("act", [A.VERIFY, A.REJECT])
def test_the_level_changes_by_dispatch_and_supervision_only(act):
    refusal = Walk().refused(OPERATOR, act, level=1, reason=REASON)
    assert refusal.code is Code.UNKNOWN_FIELD
    carriers = {a for a, rule in RULES.items() if any(f.name == "level" for f in rule.fields)}
    assert carriers == {A.DISPATCH, A.SUPERVISE}


def test_an_unknown_field_is_not_dropped_in_silence():
    refusal = handling().refused(OPERATOR, A.NOTE, note="x", colour=2)
    assert code(refusal) == (Code.UNKNOWN_FIELD, "colour")


# ---- times ----


def test_no_act_lies_before_the_report():
    walk = Walk(CaseNow(S.REPORTED, START + DAY, county=COUNTY))
    refusal = walk.refused(OPERATOR, A.VERIFY)
    assert (refusal.code, refusal.params["than"]) == (Code.BEFORE_REPORTED, START + DAY)


@pytest.mark.parametrize(
    ("made", "act", "fields", "name"),
    [
        (opened, A.ASSIGN_TASK, {"department": "x", "activity": "x"}, "due_at"),
        (
            handling,
            A.MOVE_TASK,
            {"task": 1, "department": "x", "move": "arrived"},
            "moved_at",
        ),
        (closed, A.CALL_BACK, {"result": "satisfied"}, "called_at"),
    ],
)
def test_no_time_lies_before_the_report(made, act, fields, name):
    refusal = made().refused(OPERATOR, act, **fields, **{name: START - HOUR})
    assert (*code(refusal), refusal.params["than"]) == (Code.BEFORE_REPORTED, name, START)


@pytest.mark.parametrize(
    ("act", "fields", "name"),
    [
        (A.MOVE_TASK, {"task": 1, "department": "x", "move": "arrived"}, "moved_at"),
        (A.CALL_BACK, {"result": "satisfied"}, "called_at"),
    ],
)
def test_what_has_happened_lies_not_in_the_future(act, fields, name):
    refusal = reported_back().refused(OPERATOR, act, **fields, **{name: START + 99 * DAY})
    assert code(refusal) == (Code.IN_THE_FUTURE, name)


def test_a_due_time_before_the_report_is_refused():
    walk = Walk()
    walk.do(OPERATOR, A.VERIFY)
    assert code(walk.refused(OPERATOR, A.OPEN, due_at=START - HOUR)) == (
        Code.BEFORE_REPORTED,
        "due_at",
    )


# ---- reports ----


def told(**fields):
    return {"body": "水管爆裂", **fields}


@pytest.mark.parametrize(
    ("actor", "fields", "expected", "field"),
    [
        (WATER, told(), Code.WRONG_ROLE, None),
        (VIEWER, told(), Code.WRONG_ROLE, None),
        (OPERATOR, {}, Code.MISSING_FIELD, "body"),
        (OPERATOR, told(body=" \n"), Code.MISSING_FIELD, "body"),
        (OPERATOR, told(body="x" * 100_000), Code.TOO_LONG, "body"),
        (OPERATOR, told(title="x" * 201), Code.TOO_LONG, "title"),
        (OPERATOR, told(reported_at=START + HOUR), Code.IN_THE_FUTURE, "reported_at"),
        (OPERATOR, told(due_at=START - HOUR), Code.BEFORE_REPORTED, "due_at"),
        (OPERATOR, told(level=7), Code.UNKNOWN_CHOICE, "level"),
        (OPERATOR, told(weight=7), Code.UNKNOWN_FIELD, "weight"),
        (COUNTY_OPERATOR, told(county=OTHER_COUNTY), Code.OTHER_AREA, None),
        (COUNTY_OPERATOR, told(), Code.OTHER_AREA, None),
    ],
)
def test_a_bad_report_is_refused(actor, fields, expected, field):
    refusal = report(Request(A.REPORT, actor, START, None, fields))
    assert isinstance(refusal, Refusal)
    assert code(refusal) == (expected, field)


def test_a_county_reports_in_its_own_area():
    made = report(Request(A.REPORT, COUNTY_OPERATOR, START, None, told(town=TOWN, county=COUNTY)))
    assert made.case.holder is Holder.CENTRE


def test_a_refusal_lists_exactly_what_is_not_barred():
    walk = handling()
    refusal = walk.refused(OPERATOR, A.CLOSE)
    assert refusal.allowed == allowed(walk.case, OPERATOR)
    for act in CaseAct:
        bar = barred(walk.case, OPERATOR, act)
        assert (bar is None) is (act in refusal.allowed)


def test_a_second_leader_may_approve_what_the_first_did_not():
    walk = handling()
    walk.do(WATER, A.ASK_RETURN, reason=REASON)
    walk.do(LEADER, A.DENY, note="再核")
    walk.do(WATER, A.ASK_RETURN, reason=REASON)
    walk.do(SECOND_LEADER, A.GRANT)
    assert walk.case.returns == 1


def test_an_act_does_not_touch_what_it_is_given():
    walk = handling()
    fields = {"reason": REASON, "until": walk.case.due_at + DAY}
    kept = dict(fields)
    take(walk.case, Request(A.ASK_EXTENSION, WATER, walk.now, None, fields))
    assert fields == kept
