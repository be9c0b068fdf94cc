"""The stage's page by its words: what holds, why more is asked for, who may do what."""

from __future__ import annotations

import re
from typing import Any

import pytest

from components.i18n import use
from components.stage_forms import May, decision, response_levels
from components.stage_notice import notice_page
from components.stage_page import REFUSALS, StagePlace, page_parts, refusal_said, stage_page
from components.stage_parts import in_force, past, proposal
from components.stage_rules import body_words, rules_section
from data.catalogue import catalogue
from data.panels.stage_page import _levels, _plans
from data.stage import Code, Refusal
from tests import samples
from tests.helpers import walk, words

NOW = samples.NOW
PLACE = StagePlace(
    "441600",
    {"zh": "河源市", "en": "Heyuan"},
    "b1",
    {"zh": "河源市城市运行指挥中心", "en": "Centre"},
)
LEADER = May(leads=True, raises=True, areas=("441600", "441621"), proposes=True, decides=True)
OFFICER = May(raises=True, areas=("441600",))


def row(number: int = 7, **more: Any) -> Any:
    return {
        "key": f"alarm:{number}", "alarm": number, "title": {"zh": "河道水位超警戒", "en": "Water high"},
        "said": {"zh": "25.3 米，限 25 米", "en": "25.3 m of 25 m"}, "area": "441602", "area_name": {"zh": "源城", "en": "Yuancheng"},
        "priority": 1, "since": NOW - 300, "links": [("case", "ZD-1"), ("indicator", "PS-01")], **more,
    }  # fmt: skip


def fired(**more: Any) -> Any:
    return {"code": "any_red", "version": 1, "stage": 3, "name": {"zh": "出现一级告警", "en": "An alarm of priority 1"},
            "count": 1, "counties": 0, "n": 1, "rows": [row()], **more}  # fmt: skip


def board(**more: Any) -> Any:
    why = {"minimum": 3, "rules": [fired()], "lower": {
        "leads_to": 1, "single": True, "smallest": True, "cause": "", "n": 1, "rows": [row()],
        "said": {"zh": "“源城 · 河道水位超警戒”解除后，规则只要求阶段1", "en": "If it ended, stage 1"}}}  # fmt: skip
    return {
        "as_of": NOW, "seen": 4, "stage": 2, "by": "张伟强", "since": NOW - 7200, "confirmed_at": NOW - 7200,
        "reason": "上游来水加大", "proposed": 3, "proposed_at": NOW - 600, "undecided": True, "now": why, "then": why,
        "waits": [], "levels": _levels(catalogue()), "plans": _plans(catalogue()),
        "responses": [samples.response(5)], "ended": [], "events": [], "spent": {},
        "areas": {"441600": {"zh": "全市", "en": "City"}, "441621": {"zh": "紫金", "en": "Zijin"}}, "demo": False, **more,
    }  # fmt: skip


def said(part, lang="zh"):
    with use(lang):
        return words(part())


def test_the_stage_in_force_says_by_whom_since_when_and_its_sentence_in_both_languages():
    found = said(lambda: in_force(board()))
    for word in (
        "2 关注",
        "张伟强",
        "上游来水加大",
        "市运行指挥中心正在密切关注",
        "Some areas are affected",
    ):
        assert word in found


def test_nobody_confirmed_is_said_in_words():
    found = said(lambda: in_force(board(stage=None, by=None, since=None)))
    assert "尚未有人确认运行阶段" in found


def test_a_proposal_shows_each_firing_rule_with_its_rows_and_links():
    with use("zh"):
        part = proposal(board())
    found = words(part)
    assert "高于现行阶段，待决定" in found
    assert "出现一级告警" in found
    assert "解除后，规则只要求阶段1" in found
    links = [c.href for c in walk(part) if getattr(c, "href", None)]
    assert {"/alerts?alarm=7", "/case/ZD-1", "/indicator/PS-01"} <= set(links)


def test_a_hold_time_says_what_is_left_and_never_less_than_nothing():
    waits = [{"stage": 3, "up": False, "held": 600.0, "needed": 3600.0},
             {"stage": 4, "up": True, "held": 90.0, "needed": 60.0}]  # fmt: skip
    found = said(lambda: proposal(board(waits=waits)))
    assert "还需 50 分 撤回建议" in found
    assert "还需 0 秒 提出建议" in found


def test_when_no_rule_fires_any_more_the_reasons_of_the_proposal_are_told():
    calm = {"minimum": 1, "rules": [], "lower": None}
    found = said(lambda: proposal(board(now=calm)))
    assert "提出建议时触发的规则" in found
    assert "保持时间届满后建议随之下调" in found


def options(may, **more):
    with use("zh"):
        part = decision(board(**more), may)
    return words(part), [
        [o["value"] for o in c.options] for c in walk(part) if type(c).__name__ == "RadioItems"
    ]


def test_a_leader_chooses_any_stage_and_may_keep_the_one_in_force():
    found, choices = options(LEADER)
    assert choices == [[1, 2, 3, 4, 5]]
    assert "保持阶段2" in found


def test_the_duty_officer_may_only_raise_to_what_is_proposed():
    found, choices = options(OFFICER)
    assert choices == [[3]]
    assert "保持阶段" not in found
    found, choices = options(OFFICER, proposed=1, undecided=False)
    assert choices == []
    assert "调降由值班领导决定" in found


def test_whoever_may_not_decide_is_told_who_does():
    found, choices = options(May())
    assert choices == []
    assert "由市级值班领导决定" in found


def test_response_levels_name_plan_level_document_and_who():
    found = said(lambda: response_levels(board(), May()))
    for word in ("防汛Ⅳ级应急响应", "河防指〔2026〕5号", "值班长"):
        assert word in found
    assert "启动应急响应" not in found
    assert "启动应急响应" in said(lambda: response_levels(board(), LEADER))


def test_history_says_who_decided_what_why_and_how_long():
    events = [
        {"id": 2, "kind": "confirmed", "act": "raised", "stage": 3, "at": NOW - 3600, "actor": "张伟强", "reason": "按规则",
         "lasted": 3600.0, "why": {"zh": "", "en": ""}},
        {"id": 1, "kind": "proposed", "act": "proposed", "stage": 3, "at": NOW - 4000, "actor": "rules", "reason": "",
         "lasted": None, "why": {"zh": "出现一级告警", "en": "Red"}},
    ]  # fmt: skip
    found = said(lambda: past(board(events=events, spent={"3": 3600.0})))
    for word in ("调升", "张伟强", "按规则", "60 分", "规则建议", "出现一级告警", "近90天"):
        assert word in found


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_whole_page_is_of_one_language_but_for_the_sentence(lang):
    page = stage_page(board(), PLACE, None, LEADER, lang=lang, now=NOW)
    assert ("运行阶段" if lang == "zh" else "City stage") in words(page)


def test_every_id_stands_once_and_the_parts_hold_what_callbacks_touch():
    page = stage_page(board(), PLACE, None, LEADER, lang="zh", now=NOW)
    ids = [str(c.id) for c in walk(page) if getattr(c, "id", None)]
    assert len(ids) == len(set(ids))
    named = {str(c.id) for c in walk(page_parts()) if getattr(c, "id", None)}
    assert {i for i in ids if not i.startswith("{")} <= named


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_refusal_has_words(lang):
    params = {
        "field": "reason",
        "limit": 500,
        "length": 600,
        "by": "张伟强",
        "stage": 3,
        "said": "x",
    }
    with use(lang):
        for code in Code:
            assert code in REFUSALS
            assert "{" not in refusal_said(Refusal(code, params), "10:20")


# ---- the notice ----


def test_the_notice_has_both_languages_time_and_the_issuing_office():
    found = words(notice_page(board(), PLACE, None, lang="en", now=NOW))
    for word in ("河源市城市运行阶段公告", "全市进入城市运行阶段2（关注）", "城市运行指挥中心", "city stage 2, Attention",
                 "另，依法启动并在执行中的应急响应：全市防汛Ⅳ级应急响应（河防指〔2026〕5号）"):  # fmt: skip
        assert word in found
    assert "非正式公告" not in found
    assert "非正式公告" in words(notice_page(board(demo=True), PLACE, None, lang="zh", now=NOW))


def test_nothing_is_told_the_public_that_nobody_confirmed():
    found = words(notice_page(board(stage=None, since=None), PLACE, None, lang="zh", now=NOW))
    assert "无可发布内容" in found
    assert not re.search("全市进入城市运行阶段", found)


# ---- rules ----


def test_a_rule_is_told_in_words():
    with use("zh"):
        assert body_words({"stage": 3, "priority": 1}) == "要求阶段3 · 1级及更重告警 · 至少1项"
        own = {
            "stage": 4,
            "counties": 3,
            "condition": {"kind": "warning", "events": ["暴雨"], "level": 1, "x": None},
        }
        assert (
            body_words(own)
            == "要求阶段4 · 自有条件：kind warning, events 暴雨, level 1 · 涉及3个县区"
        )
        assert body_words({"retired": True}) == "停用"


def test_only_those_who_may_get_the_forms_of_rules():
    version = {"id": 3, "version": 2, "state": "proposed", "body": {"stage": 3}, "reason": "过于敏感", "proposed_at": NOW,
               "proposed_by": "王敏", "decided_at": None, "decided_by": "", "decision": ""}  # fmt: skip
    rules = [{"code": "any_red", "in_force": True, "version": 1, "name": {"zh": "出现一级告警", "en": "Red"},
              "body": {"stage": 3, "priority": 1}, "versions": [version]}]  # fmt: skip
    with use("zh"):
        plain = words(rules_section(rules, proposing=False, deciding=False))
        whole = words(rules_section(rules, proposing=True, deciding=True))
    assert "待第二人批准" in plain
    assert "批准 不批准" not in plain
    assert "批准 不批准" in whole
    assert "提出停用" in whole
