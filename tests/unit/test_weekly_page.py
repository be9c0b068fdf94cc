"""The weekly page by the words a reader finds on it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import orjson
import pytest
from dash import dcc, html
from plotly.io.json import to_json_plotly

from callbacks.weekly_kept import Kept
from components.as_html import as_html, packed, shortened
from components.i18n import use
from components.person import Signed
from components.review_ids import WeekView, address, read_week, view_of, week_beside
from components.review_loop import LateShown, late_cases
from components.review_messages import key_messages
from components.review_page import (
    Choice,
    House,
    Shown,
    body_parts,
    end_parts,
    sheet_parts,
    weekly_body,
    weekly_page,
)
from components.review_promises import Rights, follow_up
from components.review_refusals import review_refusal
from components.review_said import overtaken_words
from data.review.refusals import Code, Problem, Refusal, refused
from data.vocabulary import Names, Role
from data.vocabulary.meeting import Minutes, PromiseEvent, PromiseLine
from data.vocabulary.review import Review
from data.vocabulary.review_terms import Doubt
from tests.helpers import having, walk, words
from tests.review_sample import sample_review

VIEW = WeekView("2026-W47", "441600")
HOUSE = House("441600", Names(zh="河源市", en="Heyuan"), "build")
LEADER = Rights(
    True, True, True, departments={"psb": Names(zh="市公安局", en="Police")}
)  # fmt: skip
CHOICE = Choice([("441600", Names(zh="全市", en="City"))], first="2024-W48", last="2026-W47")


def promise(**changes: Any) -> PromiseLine:
    plain: dict[str, Any] = {
        "id": 7, "version": 3, "state": "open", "text": "诈骗警情下降两成", "made": "2026-W42",
        "due": "2026-W46", "made_by": "黄志强", "made_at": 1792393800.0, "owner": "陈强",
        "department": Names(zh="市公安局", en="Police"), "code": "PS-09", "area": "441600",
        "case_no": None, "expected": "lower", "carried": 2, "overdue": True, "verdict": "no_sign",
        "doubt": None, "before": 43.2, "after": 44.8, "weeks_after": 5, "case_state": None,
        "case_closed": None,
        "history": [{"at": 1792393800.0, "week": "2026-W42", "action": "made", "by": "黄志强",
                     "note": ""}],
    }  # fmt: skip
    return PromiseLine(**(plain | changes))


def minutes(**changes: Any) -> Minutes:
    plain: dict[str, Any] = {
        "edits": [], "promises": [], "frozen": None, "earlier": [],
        "reminders": [{"kind": "preread", "at": 1795384800.0, "state": "due"}],
    }  # fmt: skip
    return Minutes(**(plain | changes))


def pack(**changes: Any) -> Any:
    plain: dict[str, Any] = {
        "week": "2026-W46", "area": "441600", "frozen_at": 1794784800.0, "frozen_by": "system",
        "sha256": "ab", "intact": True, "restated": [],
    }  # fmt: skip
    return plain | changes


def body(review: Review | None = None, *, lang: str = "zh", **more: Any) -> Any:
    shown = {"view": VIEW, "choice": CHOICE, "review": review or sample_review(),
             "minutes": minutes()} | more  # fmt: skip
    with use(lang):
        return weekly_body(Shown(**shown), HOUSE)


def said(part: Any) -> str:
    """Return what is written, thin spaces taken out."""
    return re.sub(" +", " ", words(part).replace("\u2009", ""))


def parts(review: Review | None = None, lang: str = "zh") -> Any:
    with use(lang):
        shown = review or sample_review()
        return [*body_parts(shown, VIEW), *end_parts(shown)]


def row_of(part: Any, name: str) -> str:
    table = having(part, "score")[0]
    rows = [r for r in walk(table) if type(r).__name__ == "Tr" and name in words(r)]
    return said(rows[0])


# ---- the address ----


@pytest.mark.parametrize("text", ["2026-W60", "nonsense", "2026-47", "", "2025-W53", "９９"])
def test_what_is_no_week_is_none(text):
    assert read_week(text) is None


def test_weeks_go_over_the_ends_of_years():
    assert week_beside("2026-W53", 1) == "2027-W01"
    assert week_beside("2027-W01", -1) == "2026-W53"
    assert week_beside("0001-W01", -1) == "0001-W01"
    assert str(read_week("2026w07")) == "2026-W07"


def test_an_address_is_read_back():
    view = view_of({"week": " 2026-W47 ", "area": "441602", "print": "1"})
    assert view == WeekView("2026-W47", "441602", True)
    assert address(view, paper=False) == "/weekly?week=2026-W47&area=441602"
    assert len(view_of({"week": "x" * 999}).week) == 20


# ---- head, totals ----


def test_the_head_says_what_of_when_and_how_sure():
    text = said(body())
    assert "河源市城市运行周研判 演示数据" in text
    assert "2026年第47周（11月16日—22日） · 全市" in text
    assert "数据截至11-23 08:40" in text
    assert "共26条序列，按偶然性预计约1.3个信号，实际7个" in text
    assert "会前材料（提前48小时） 11-23 06:00" in text.replace("  ", " ")
    assert "现已到期" in text


def test_a_week_that_runs_is_marked():
    text = said(body(sample_review(whole=False, doubts=[Doubt.PARTIAL])))
    assert "本周未结束" in text
    assert "不作比较" in text


def test_a_frozen_week_says_when_by_whom_and_what_moved():
    line = {"code": "PS-24", "area": "441600", "was": 81.2, "now": 80.4, "late_records": 14,
            "decimals": 1, "reason": "late"}  # fmt: skip
    frozen = pack(week="2026-W47", frozen_by="黄志强", intact=False, restated=[line])
    text = said(body(minutes=minutes(frozen=frozen, earlier=[pack(restated=[line])])))
    assert "已定稿 11-16 07:20 黄志强" in text
    assert "1项数字已更正" in text
    assert "定稿内容已被改动" in text
    assert "2026年第46周 矛盾纠纷按期化解率" in text
    assert "81.2 80.4 14 数据迟到" in text


def test_many_restated_numbers_of_areas_below_stand_in_lines():
    line = {"code": "PS-24", "was": 81.2, "now": 80.4, "late_records": 14, "decimals": 1,
            "reason": "late"}  # fmt: skip
    lines = [line | {"area": area} for area in ("441600", *["441602", "441621"] * 5)]
    part = body(minutes=minutes(earlier=[pack(restated=lines)]))
    rows = [r for r in walk(having(part, "restated")[0]) if type(r).__name__ == "Tr"]
    assert len(rows) == 2, "head and the area's own"
    text = said(part)
    assert text.count("矛盾纠纷按期化解率 81.2 → 80.4 (数据迟到, 14)") == 10


def test_the_totals_show_their_sum():
    review = sample_review()
    totals = review["totals"]
    assert (
        totals["before"] + totals["new"] + totals["reopened"] - totals["closed"] == totals["open"]
    )
    text = said(body(review))
    assert "期初未办结1382 + 新增4120 + 重新打开23 − 办结4089 = 期末未办结1436" in text
    assert "其中超期118" in text
    assert "按期办结率92.3%（3609/3911），上周93.0%" in text
    without = said(body(sample_review(totals=totals | {"reopened": 0, "due": 0})))
    assert "重新打开" not in without
    assert "本周无到期事项" in without


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


# ---- scorecard ----


def test_a_row_says_value_n_comparisons_target_signal_and_freshness():
    text = row_of(parts(), "矛盾纠纷按期化解率")
    assert "88.4 n=129" in text
    assert "94.0 ↓ 5.6" in text
    assert "≥ 95 关注（降） 时好时坏" in text
    assert text.endswith("7/7 08:25")


def test_nothing_is_blank_without_a_word():
    text = row_of(parts(), "臭氧浓度")
    assert "— 无数据" in text
    assert "数据源中断" in text
    assert "不足12周" in row_of(parts(), "并联审批按期办结率")
    assert "口径变更" in row_of(parts(), "急诊滞留超6小时")
    for part in parts():
        for table in having(part, "rvt"):
            for cell in (c for c in walk(table) if type(c).__name__ == "Td"):
                shown = words(cell).strip() or list(walk(cell))[1:]
                assert shown or "axis" in (cell.className or ""), words(table)[:80]


def test_the_heads_say_on_what_days_the_comparisons_stand():
    head = said(having(parts(), "score")[0])
    assert "上周 11-09–11-15" in head
    assert "去年同周 2025 11-17–11-23" in head
    text = said(parts())
    assert "不可比：11月22日" in text


def test_signals_lead_their_domain():
    table = having(parts(), "score")[0]
    rows = [r for r in walk(table) if "first" in (getattr(r, "className", "") or "").split()]
    assert ["k-" in r.className for r in rows] == [True, True, True, True, False]


def test_the_matrix_marks_signals_by_shape_and_says_why_a_cell_is_empty():
    table = having(parts(), "matrix")[0]
    marks = [c for c in walk(table) if "spc" in (getattr(c, "className", "") or "").split()]
    assert marks
    assert {m.title for m in marks} <= {"关注（升）", "关注（降）", "向好（升）", "向好（降）"}
    text = said(table)
    assert "— 不予显示" in text
    assert "— 本地无此指标" in text
    links = [c.href for c in walk(table) if type(c).__name__ == "Link"]
    assert links[0] == "/weekly?week=2026-W47&area=441602"


# ---- fair comparison, loop, gaps ----


def test_units_stand_in_bands_and_small_ones_apart_without_a_rank():
    text = said(having(parts(), "fair1")[0])
    assert "第2档 龙川" in text
    assert "低于漏斗下限" in text
    assert "样本不足10，不参与比较、不排名：高新 n=3" in text
    assert "同档单位不可区分" in text
    towns = said(having(parts(), "fair1")[1])
    assert "起／10000常住人口（2020年）" in towns
    assert "所列单位均不可区分，不作排名" in towns


def test_a_comparison_that_is_not_possible_says_why():
    review = sample_review()
    review["fair"][0]["doubt"] = Doubt.NO_RESIDENTS
    assert "无法按人口比较" in said(having(parts(review), "fair1")[0])
    assert "本级无可比较的单位" in said(parts(sample_review(fair=[])))


def test_departments_show_rate_interval_and_n():
    table = having(parts(), "deps")[0]
    assert "市住房城乡建设局 86.5% 171 23 19 3 96" in said(table)
    assert "件数少" in said(table)
    spans = [c.title for c in walk(table) if getattr(c, "title", None)]
    assert len(spans) == 8


def test_late_cases_are_named_in_scope_and_counted_outside():
    review = sample_review()
    with use("zh"):
        text = said(late_cases(review, LateShown(review["late"][:2], 6)))
        none = said(late_cases(sample_review(late=[], more_late=0), LateShown()))
    assert "AJ-20261119-0032" in text
    assert "AJ-20261112-0141" not in text
    assert "另有6件不在您的查看范围；另有106件超期未列出" in text
    assert "无超期与临期事项" in none


def test_gaps_name_source_department_and_what_they_weaken():
    text = said(parts())
    assert "空气质量站 已中断41小时 市生态环境局 臭氧浓度、PM2.5浓度" in text
    assert "本页各数据源均已足额上报" in said(parts(sample_review(gaps=[])))


# ---- no week, no store, languages ----


def test_a_week_without_data_says_what_is_possible():
    for doubt, why in ((Doubt.FUTURE, "该周尚未开始。"), (Doubt.BEFORE_DATA, "该周早于首批数据。")):
        text = said(body(sample_review(doubts=[doubt], rows=[])))
        assert why in text
        assert "可查看2024-W48至2026-W47。" in text
        assert "分领域主要指标" not in text
    with use("zh"):
        assert "没有这样的周" in said(weekly_body(Shown(VIEW, CHOICE, wrong="没有这样的周"), HOUSE))


def test_the_sheet_says_which_week_and_area_it_is_of():
    sheet = having(body(), "sheet")[0]
    assert getattr(sheet, "data-week") == "2026-W47"
    assert getattr(sheet, "data-area") == "441600"


def test_a_lost_store_is_said():
    with use("zh"):
        assert "无法显示" in words(weekly_body(Shown(VIEW, CHOICE, lost=True), HOUSE))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_whole_page_speaks_one_language(lang):
    shown = Shown(VIEW, CHOICE, sample_review(), minutes(promises=[promise()]), LEADER)
    signed = Signed(1, "Huang", Role.LEADER, None, None, "t", 100)
    text = words(weekly_page(shown, HOUSE, signed, lang=lang, now=0.0))
    assert "{" not in text
    if lang == "en":
        bare = text.replace("诈骗警情下降两成", "").replace("中文", "")
        for typed in ("黄志强", "陈强", "周敏", "江东新区工地边坡塌方排险"):
            bare = bare.replace(typed, "")
        titles = {c["title"] for c in sample_review()["late"]}
        for title in titles:
            bare = bare.replace(title, "")
        assert re.findall(r"[\u4e00-\u9fff]+", bare) == []


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


# ---- what is kept ----


def test_kept_parts_say_what_would_have_been_drawn():
    shown, kept = (
        Shown(VIEW, CHOICE, sample_review(), minutes(promises=[promise()]), LEADER),
        Kept(),
    )
    with use("zh"):
        first = kept.sheet(shown, HOUSE, "zh")
        drawn = sheet_parts(shown, HOUSE)
    assert to_json_plotly(first[0]) == to_json_plotly(drawn[0])
    for kept_part, part in zip(first[1:], drawn[1:], strict=True):
        text = orjson.loads(to_json_plotly(kept_part))["props"]["data-html"]
        assert text == shortened(as_html(part.children))
    assert kept.sheet(shown, HOUSE, "zh")[1] is first[1]


def test_another_count_of_the_week_other_rights_and_other_scopes_are_drawn_anew():
    shown, kept = Shown(VIEW, CHOICE, sample_review(), minutes(), Rights()), Kept()

    def drawn(**changes: Any) -> list[orjson.Fragment]:
        with use("zh"):
            return kept.sheet(replace(shown, **changes), HOUSE, "zh")

    plain = drawn()
    assert [a is b for a, b in zip(plain, drawn(rights=LEADER), strict=True)] == [
        False, True, True, True,
    ]  # fmt: skip
    mine = LateShown(sample_review()["late"][:1], 7)
    assert [a is b for a, b in zip(plain, drawn(late=mine), strict=True)] == [
        True, True, False, True,
    ]  # fmt: skip
    again = sample_review(as_of=sample_review()["as_of"] + 1)
    assert not any(a is b for a, b in zip(plain, drawn(review=again), strict=True))


def test_no_more_is_kept_than_fits():
    shown, kept = Shown(VIEW, CHOICE, sample_review(), minutes(), Rights()), Kept(most=1000)
    with use("zh"):
        first = kept.sheet(shown, HOUSE, "zh")[1]
        assert kept.sheet(shown, HOUSE, "zh")[1] is not first


def test_html_text_is_escaped_and_refuses_what_a_callback_may_touch():
    part = html.Td(["<b>&", html.Small("x")], className='a"b', title="", **{"data-v": ""})
    assert as_html(part) == (
        '<td class="a&quot;b" title="" data-v="">&lt;b&gt;&amp;<small>x</small></td>'
    )
    assert as_html(html.I(style={"marginLeft": "1%"})) == '<i style="margin-left:1%"></i>'
    assert as_html(dcc.Link("a", href="/weekly?a=1&b=2")) == (
        '<a href="/weekly?a=1&amp;b=2" data-go="1">a</a>'
    )
    assert packed([html.Br(), None, 3], "x").to_plotly_json()["props"]["data-html"] == "{br}3"
    text = as_html(html.B("{a|b}`c`", title="x/y"))
    back = shortened(text).translate(str.maketrans("{}|`", '<>/"'))
    assert back == '<b title="x/y">&#123;a&#124;b&#125;&#96;c&#96;</b>'
    for bad in (html.Div(id="x"), dcc.Input(), html.Div([dcc.Store(id="y")])):
        with pytest.raises(TypeError):
            as_html(bad)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_review_that_was_kept_as_json_is_drawn_the_same(lang):
    review = sample_review()
    again = orjson.loads(orjson.dumps(review, option=orjson.OPT_NON_STR_KEYS))
    for line in again["departments"]:
        line["cards"] = {int(k): v for k, v in line["cards"].items()}
    drawn = [to_json_plotly(body(r, lang=lang)) for r in (review, again)]
    assert drawn[0] == drawn[1]
