"""The tables of the weekly page: scorecard, matrix, fair comparison, cases, gaps."""

from __future__ import annotations

from components.i18n import use
from components.review_loop import LateShown, late_cases
from data.vocabulary.review_terms import Doubt
from tests.helpers import having, walk, words
from tests.review_sample import sample_review
from tests.weekly_drawn import parts, row_of, said

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
