"""Fields, times and reports that are refused, with the name of what is wrong."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data.cases.bars import barred
from data.cases.loop import CaseNow, Code, Refusal, Request, allowed, report, take
from data.cases.rules import RULES
from data.vocabulary import CallBack, CaseAct, Holder, LinkKind
from tests.loop_walk import (
    CHECKER,
    COUNTY,
    COUNTY_OPERATOR,
    HOUR,
    LEADER,
    OPERATOR,
    OTHER_COUNTY,
    REASON,
    SECOND_LEADER,
    START,
    TOWN,
    VIEWER,
    WATER,
    A,
    S,
    Walk,
    closed,
    dispatched,
    handling,
    opened,
    reported_back,
)

DAY = timedelta(days=1)


def code(refusal):
    return refusal.code, refusal.params.get("field")


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
        (
            A.LINK,
            {"kind": "cousin", "other": "C2"},
            "kind",
            tuple(k for k in LinkKind if k is not LinkKind.ALARM),
        ),
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
