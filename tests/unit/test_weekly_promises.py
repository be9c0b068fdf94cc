"""What people add to the weekly page: promises, wordings of their own, and what is refused."""

from __future__ import annotations

from components.i18n import use
from components.review_messages import key_messages
from components.review_promises import Rights, follow_up
from components.review_refusals import review_refusal
from components.review_said import overtaken_words
from data.review.refusals import Code, Problem, Refusal, refused
from data.vocabulary import Names
from data.vocabulary.meeting import PromiseEvent
from data.vocabulary.review_terms import Doubt
from tests.helpers import having, walk, words
from tests.review_sample import sample_review
from tests.weekly_drawn import LEADER, body, minutes, promise, said

# ---- promises ----


def test_promises_head_the_review_with_owner_due_week_and_verdict():
    text = said(body(minutes=minutes(promises=[promise()])))
    assert text.index("承诺事项跟进") < text.index("期初未办结")
    assert "已逾期 诈骗警情下降两成" in text
    assert "市公安局 陈强 · 应于2026年第46周完成 · 全市 电信网络诈骗警情 应降低 · 已结转2次" in text
    assert "未见变化 ：承诺前43.2，承诺后44.8起（其后5周）" in text


def test_a_promise_that_cannot_be_judged_says_why():
    text = said(body(minutes=minutes(promises=[
        promise(verdict="unknown", doubt=Doubt.BREAK, before=None, after=None)])))  # fmt: skip
    assert "无法判断" in text
    assert "其间口径变更" in text


def test_a_promise_of_a_case_says_how_the_case_stands():
    of_case = promise(code=None, case_no="ZZ1", case_state="closed", case_closed=1795193800.0)
    text = said(body(minutes=minutes(promises=[of_case])))
    assert "ZZ1 已结案" in text
    assert "事件已于11-21 00:56结案" in text
    assert "尚未结案" in said(body(minutes=minutes(promises=[of_case | {"case_closed": None}])))


def test_only_leaders_find_forms_and_departments_note_on_their_own():
    given = minutes(promises=[promise(), promise(id=8, state="kept", overdue=False)])
    with use("zh"):
        plain = follow_up(sample_review(), given, Rights())
        leading = follow_up(sample_review(), given, LEADER)
        own = follow_up(sample_review(), given, Rights(own=Names(zh="市公安局", en="Police")))
        other = follow_up(sample_review(), given, Rights(own=Names(zh="市教育局", en="Schools")))
    assert having(plain, "form") == having(other, "form") == []
    assert len(having(leading, "form")) == 3
    open_, ended, new = having(leading, "form")
    assert "确认未兑现" in words(open_)
    assert "重新启动" in words(ended)
    assert "确认兑现" not in words(ended)
    assert "承诺内容" in words(new)
    assert [words(b) for b in having(own, "btn")] == ["仅备注"] * 2


def test_a_form_is_kept_for_its_version_and_not_for_the_next():
    with use("zh"):
        first = follow_up(sample_review(), minutes(promises=[promise()]), LEADER)
        later = follow_up(sample_review(), minutes(promises=[promise(version=4)]), LEADER)
    kept = [
        {c.persistence for c in walk(part) if getattr(c, "persistence", None)}
        for part in (first, later)
    ]
    assert len(kept[0] - kept[1]) == 1


# ---- messages ----


def test_a_message_carries_its_level_and_the_code_of_its_evidence():
    text = said(body())
    assert "2 流感样病例占比6.2%（n=18320），高于控制上限5.4%。" in text
    assert "HE-13.441600.26W47" in text
    links = [c.href for c in walk(body()) if getattr(c, "className", "") == "code"]
    assert links[0] == "/e/HE-13.441600.26W47"


def test_a_wording_by_hand_is_marked_and_can_go_back():
    key = sample_review()["messages"][0]["key"]
    edits = [
        {"key": key, "text": {"zh": "流感上升，学校加强晨检。"}, "by": "黄志强", "at": 1795393800.0}
    ]
    with use("zh"):
        mine = key_messages(sample_review(), edits, LEADER)
    assert "流感上升，学校加强晨检。 人工修改 · 黄志强 · 11-23 08:30" in said(mine)
    assert "恢复规则文字" in words(having(mine, "form")[0])
    assert "恢复规则文字" not in words(having(mine, "form")[1])
    with use("en"):
        other = key_messages(sample_review(), edits, LEADER)
    assert "Influenza-like share" in words(other), "the other language keeps the rule's words"


# ---- refusals ----


def test_a_refusal_names_every_wrong_field():
    wrong = {"text": Problem(Code.MISSING), "due": Problem(Code.PAST, {"than": "2026-W48"}),
             "owner": Problem(Code.TOO_LONG, {"limit": 60, "length": 71})}  # fmt: skip
    found = refused(wrong)
    assert found is not None
    with use("zh"):
        assert review_refusal(found) == (
            "未保存：文字 未填写；完成周 不得早于2026-W48；责任人 有71字，最多60字"
        )
        assert review_refusal(Refusal(Code.WRONG_ROLE, {"roles": ("leader",)})) == (
            "未保存：仅限：值班领导"
        )
        for code in Code:
            assert "{" not in review_refusal(Refusal(code, {"field": "week", "value": "x"}))


def test_who_comes_second_is_told_what_happened():
    since = [PromiseEvent(at=1795393800.0, week="2026-W47", action="kept", by="黄志强", note="")]
    with use("zh"):
        assert "黄志强 11-23 08:30 确认兑现" in overtaken_words(since)
