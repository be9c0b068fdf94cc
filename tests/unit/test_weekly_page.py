"""The weekly page by the words a reader finds on it: address, head, totals, languages."""

from __future__ import annotations

import re

import pytest

from components.i18n import use
from components.person import Signed
from components.review_ids import WeekView, address, read_week, view_of, week_beside
from components.review_page import Shown, weekly_body, weekly_page
from data.vocabulary import Role
from data.vocabulary.review_terms import Doubt
from tests.helpers import having, walk, words
from tests.review_sample import sample_review
from tests.weekly_drawn import CHOICE, HOUSE, LEADER, VIEW, body, minutes, pack, promise, said

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
    assert "河源市城市运行周报 演示数据" in text
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
