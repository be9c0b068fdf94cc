"""The loop speaks both languages: every state, act, holder, ending, and every refusal."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from components import loop_words as words
from components.i18n import use
from components.refusal_words import FIELDS
from data.cases.fields import EVERYWHERE
from data.cases.loop import CaseNow, Code, Refusal
from data.cases.rules import REPORT_FIELDS, RULES
from data.vocabulary import (
    LANGUAGES,
    Asked,
    CallBack,
    CaseAct,
    CaseState,
    Closing,
    Colour,
    Holder,
    LinkKind,
    Role,
)
from tests.loop_walk import (
    CHECKER,
    LEADER,
    OPERATOR,
    OTHER_OPERATOR,
    REASON,
    START,
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
TABLES = [
    (words.state_word, CaseState),
    (words.act_word, CaseAct),
    (words.holder_word, Holder),
    (words.closing_word, Closing),
    (words.call_back_word, CallBack),
    (words.colour_word, Colour),
    (words.asked_word, Asked),
    (words.link_word, LinkKind),
    (words.role_word, Role),
]
COUNTY = {"zh": "源城区", "en": "Yuancheng"}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("word", "kinds"), TABLES)
def test_every_key_has_a_word_of_its_own(word, kinds, lang):
    with use(lang):
        spoken = [word(kind) for kind in kinds]
    assert len(set(spoken)) == len(spoken)
    assert all(bool(re.search("[一-鿿]", s)) is (lang == "zh") for s in spoken)


def test_the_words_are_those_of_the_trade():
    acts = {
        A.REPORT: "上报",
        A.VERIFY: "核实",
        A.OPEN: "立案",
        A.REJECT: "不予立案",
        A.DISPATCH: "派遣",
        A.ACCEPT: "签收",
        A.REPORT_BACK: "反馈",
        A.CLOSE: "结案",
        A.FORCE_CLOSE: "强制结案",
        A.SUPERVISE: "督办",
        A.APPEAL: "申诉",
        A.MERGE: "合并",
    }
    assert {act: words.act_word(act) for act in acts} == acts
    assert words.state_word(S.SUSPENDED) == "挂账"
    assert words.state_word(S.REWORK) == "返工"


def test_an_unknown_key_is_shown_as_it_is():
    assert words.state_word("limbo") == "limbo"
    assert words.colour_word(9) == "9"
    assert words.field_word("weight") == "weight"


def test_every_field_of_every_act_has_a_name():
    fields = {f.name for rule in RULES.values() for f in rule.fields}
    fields |= {f.name for f in (*REPORT_FIELDS, *EVERYWHERE)}
    assert fields <= set(FIELDS)


def asking():
    walk = handling()
    walk.do(WATER, A.ASK_RETURN, reason=REASON)
    return walk


def refusals():
    """Return one refusal of every code and of every way to say it."""
    return [*_of_the_act(), *_of_the_fields(), *_of_what_stands()]


def _of_the_act():
    own = OPERATOR.__class__(WATER.id, "x", Role.OPERATOR)
    approver = OPERATOR.__class__(WATER.id, "x", Role.LEADER)
    return [
        Walk().refused(OPERATOR, A.CLOSE),
        Walk().refused(OPERATOR, A.REPORT),
        dispatched().refused(OPERATOR, A.ACCEPT),
        dispatched().refused(OTHER_OPERATOR, A.NOTE, note="x"),
        dispatched().refused(WATER.__class__(6, "x", Role.DEPARTMENT, "fire"), A.ACCEPT),
        reported_back().refused(own, A.CHECK_GOOD),
        asking().refused(approver, A.GRANT),
    ]


def _of_the_fields():
    future = {"task": 1, "department": "x", "move": "arrived", "moved_at": START + 99 * DAY}
    due = handling().case.due_at
    many = [f"d{n}" for n in range(40)]
    return [
        Walk().refused(OPERATOR, A.REJECT),
        Walk().refused(OPERATOR, A.NOTE, note="x" * 100_000),
        opened().refused(OPERATOR, A.DISPATCH, department="water", co_departments=many),
        handling().refused(LEADER, A.CLOSE),
        handling().refused(LEADER, A.SUPERVISE, colour=7, note="x"),
        handling().refused(LEADER, A.LINK, kind="x", other="C2"),
        handling().refused(LEADER, A.SUPERVISE, colour=1, level=9, note="x"),
        handling().refused(WATER, A.STEP_SOP, sop="x", step=1, move="x"),
        handling().refused(OPERATOR, A.MERGE, parent="C1"),
        handling().refused(OPERATOR, A.NOTE, note="x", colour=1),
        handling().refused(OPERATOR, A.NOTE, note=7),
        handling().refused(WATER, A.ASK_EXTENSION, reason=REASON, until=due),
        handling().refused(OPERATOR, A.MOVE_TASK, **future),
        Refusal(Code.OUTSIDE_CITY, {"field": "lon", "lon": 1.0, "lat": 2.0, "mistake": ""}),
        Refusal(Code.OTHER_COUNTY, {"field": "lon", "area": COUNTY, "found": COUNTY}),
    ]


def _of_what_stands():
    merged, rejected, noted = handling(), Walk(), Walk()
    merged.do(OPERATOR, A.MERGE, parent="C9")
    rejected.do(OPERATOR, A.REJECT, reason=REASON)
    noted.do(OPERATOR, A.ACKNOWLEDGE)
    return [
        Walk(CaseNow(S.REPORTED, START + DAY)).refused(OPERATOR, A.VERIFY),
        handling().refused(LEADER, A.GRANT),
        handling().refused(WATER, A.APPEAL, card=1, reason="x"),
        handling().refused(LEADER, A.DECIDE_APPEAL, card=1, upheld=True, reason="x"),
        asking().refused(WATER, A.REPORT_BACK, note="x"),
        noted.refused(CHECKER, A.ACKNOWLEDGE),
        Walk(CaseNow(S.HANDLING, START, department="water")).refused(
            WATER, A.ASK_EXTENSION, reason=REASON, until=START + DAY
        ),
        closed().refused(OPERATOR, A.CLOSE),
        merged.refused(OPERATOR, A.NOTE, note="x"),
        rejected.refused(OPERATOR, A.NOTE, note="x"),
        Walk(CaseNow(S.CLOSED, START)).refused(OPERATOR, A.NOTE, note="x"),
        handling().refused(OPERATOR, A.NOTE, seen=1, note="x"),
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_refusal_is_a_whole_sentence(lang):
    found = refusals()
    assert {r.code for r in found} == set(Code)
    for refusal in found:
        with use(lang):
            said = words.refusal_words(refusal)
        assert said.endswith("。" if lang == "zh" else "."), said
        assert not re.search(r"[{}<>]|None|Code\.", said), said
        if lang == "zh":
            assert not re.search("[a-z]", said), said


def test_a_refusal_says_why_and_what_is_allowed():
    said = words.refusal_words(Walk().refused(OPERATOR, A.CLOSE))
    assert said.startswith("案件当前状态为“已上报”，不能办理“结案”；须处于：核查通过。")
    assert "您现在可以：核实、不予立案" in said
    with use("en"):
        said = words.refusal_words(Walk().refused(OPERATOR, A.CLOSE))
    assert said.startswith("“Close the case” is not possible in the state “Case reported”")
    assert "You can now: Verify, Refuse to open, " in said


def test_an_ended_case_says_when_and_how():
    walk = closed()
    said = words.refusal_words(walk.refused(OPERATOR, A.NOTE, note="x"))
    assert said == "案件已于 2026-11-18 18:00 正常结案。您现在可以：回访。"


def test_nothing_to_do_is_said():
    walk = closed()
    assert words.refusal_words(walk.refused(WATER, A.NOTE, note="x")).endswith(
        "您目前对本案没有可办理的操作。"
    )


def test_a_wrong_field_does_not_list_other_acts():
    refusal = Walk().refused(OPERATOR, A.REJECT)
    assert words.refusal_words(refusal) == "请填写“原因”。"
    too_long = Walk().refused(OPERATOR, A.NOTE, note="长" * 100_000)
    assert "4\u2009000 字" in words.refusal_words(too_long)


def test_what_can_be_chosen_is_worded():
    refusal = handling().refused(LEADER, A.CLOSE)
    assert words.refusal_words(refusal) == "“类型”没有此选项，可选：误报结案、特殊结案。"


def test_the_role_that_may_is_named():
    said = words.refusal_words(dispatched().refused(OPERATOR, A.FORCE_CLOSE, reason="x"))
    assert said.startswith("“强制结案”由值班领导办理，您的角色无此权限。")


def test_a_refusal_of_a_report_can_be_worded_without_a_case():
    refusal = Refusal(Code.OTHER_AREA, {"act": CaseAct.REPORT, "area": "441621"})
    assert words.refusal_words(refusal) == "案件不在您的管辖区域内。"
