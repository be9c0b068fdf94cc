"""The document of a weekly review: official layout, the words of the page, ways to the numbers."""

from __future__ import annotations

import re
from io import BytesIO

import docx
import pytest
from docx.shared import Pt

from components.i18n import use
from components.report import document
from components.report.sheet_people import told
from components.report.sheets import sheets
from components.review_sentences import message_text
from components.review_words import doubt_word
from data.vocabulary import Names
from data.vocabulary.meeting import Edit, PromiseLine
from data.vocabulary.review import Message
from data.vocabulary.review_terms import Doubt, Verdict
from tests.report_reading import BASE, edition, everything, lines_of, no_minutes, parts_of
from tests.review_sample import sample_review
from tests.review_sample_lines import AS_OF, COUNTIES, DEPARTMENTS, line_of
from tests.review_sample_rows import matrix_row


def made(review=None, minutes=None, **more):
    return document(review or sample_review(), minutes or no_minutes(), edition(**more))


@pytest.fixture(scope="module")
def payload():
    return made()


@pytest.fixture(scope="module")
def opened(payload):
    return docx.Document(BytesIO(payload))


def promise(**changes):
    line = PromiseLine(
        id=1, version=1, state="open", text="压降诈骗警情", made="2026-W44", due="2026-W46",
        made_by="李强", made_at=AS_OF - 86400, owner="周敏", department=DEPARTMENTS["psb"],
        code="PS-09", area="441600", case_no=None, expected="lower", carried=2, overdue=True,
        verdict=Verdict.NO_SIGN, doubt=None, before=42.04, after=43.0, weeks_after=3, history=[],
    )  # fmt: skip
    return line | changes


# ---- the official layout ----


def test_the_page_is_a4_with_official_margins(opened):
    section = opened.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    margins = [section.top_margin, section.bottom_margin, section.left_margin, section.right_margin]
    assert [round(m.mm) for m in margins] == [37, 35, 28, 26]


@pytest.mark.parametrize(
    ("style", "font", "size"),
    [
        ("Normal", "仿宋_GB2312", 16),
        ("Title", "方正小标宋简体", 22),
        ("Heading 1", "黑体", 16),
        ("Heading 2", "楷体_GB2312", 16),
    ],
)
def test_each_kind_of_line_has_its_type(opened, style, font, size):
    found = opened.styles[style]
    fonts = found.element.rPr.rFonts
    assert fonts.get(docx.oxml.ns.qn("w:eastAsia")) == font
    assert not [name for name in fonts.attrib if "heme" in name]
    assert found.font.size == Pt(size)
    assert found.paragraph_format.line_spacing == Pt(28)


def test_a_font_that_is_missing_has_others_to_stand_for_it(payload):
    fonts = parts_of(payload)["word/fontTable.xml"]
    for font in ("仿宋_GB2312", "楷体_GB2312", "方正小标宋简体", "黑体"):
        assert re.search(f'w:name="{font}"><w:altName w:val="[^"]+,[^"]+"', fonts)


def test_pages_are_numbered_at_the_outer_edge(opened, payload):
    assert opened.settings.odd_and_even_pages_header_footer
    odd, even = opened.sections[0].footer, opened.sections[0].even_page_footer
    for footer, edge in ((odd, "right_indent"), (even, "left_indent")):
        line = footer.paragraphs[0]
        assert re.fullmatch("— .*—", line._p.xpath("string()"))
        assert " PAGE " in line._p.xml
        assert getattr(line.paragraph_format, edge) == Pt(14)


def test_the_head_and_the_record_name_issuer_readers_and_day(payload):
    lines = lines_of(payload)
    assert lines[0] == "河源市城市运行周报"
    assert lines[1] == "2026年第47周（11月16日—22日）  【演示数据】"
    assert lines[2] == "河源市城市运行指挥中心\t2026年11月23日"
    assert lines[-2] == "报：市委、市政府主要领导"
    assert lines[-1].startswith("编：河源市城市运行指挥中心")


def test_no_paragraph_has_its_form_or_lines_twice_and_the_edge_is_right(opened):
    for line in opened.paragraphs:
        assert len(line._p.xpath("w:pPr")) <= 1
        assert len(line._p.xpath("w:pPr/w:pBdr")) <= 1
    (last,) = opened.paragraphs[-1]._p.xpath("w:pPr/w:pBdr")
    assert [side.tag.split("}")[1] for side in last] == ["top", "bottom"]
    (stop,) = opened.paragraphs[2].paragraph_format.tab_stops
    assert round(stop.position.mm) == 156
    assert 'w:val="right"' in opened.paragraphs[2]._p.xml


def test_heads_are_numbered_in_the_official_way(opened):
    heads = [p.text for p in opened.paragraphs if p.style.name == "Heading 1"]
    assert [h.split("、")[0] for h in heads] == list("一二三四五六七八九")[: len(heads)]
    seconds = [p.text for p in opened.paragraphs if p.style.name == "Heading 2"]
    assert seconds[0] == "（一）公共安全"


def test_tables_say_their_head_on_every_page_and_keep_rows_whole(opened):
    assert len(opened.tables) > 8
    for table in opened.tables:
        first, *rest = table._tbl.tr_lst
        assert first.trPr.xpath("w:tblHeader")
        assert not [r for r in rest if r.trPr.xpath("w:tblHeader")]
        assert all(r.trPr.xpath("w:cantSplit") for r in table._tbl.tr_lst)


def test_no_two_tables_touch_and_none_is_wider_than_the_text(opened):
    body = [e.tag.split("}")[1] for e in opened.element.body]
    assert "tbl tbl" not in " ".join(body)
    for table in opened.tables:
        assert sum(c.width.mm for c in table.columns) == pytest.approx(156, abs=1)


# ---- the words ----


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_message_is_the_sentence_of_the_page_with_its_code(lang):
    review = sample_review()
    lines = lines_of(made(lang=lang))
    with use(lang):
        for message in review["messages"]:
            said = message_text(message, review["areas"])
            (line,) = [x for x in lines if said in x]
            assert not message["evidence"] or message["evidence"] in line


def test_each_code_opens_its_evidence(payload):
    rels = parts_of(payload)["word/_rels/document.xml.rels"]
    links = set(re.findall(r'Target="([^"]*)" TargetMode="External"', rels))
    codes = {m["evidence"] for m in sample_review()["messages"] if m["evidence"]}
    codes |= {r["evidence"] for r in sample_review()["rows"]}
    assert links == {f"{BASE}/e/{code}" for code in codes}


def test_printed_tables_say_what_the_workbook_says(payload):
    """Same tables, fewer columns: every printed cell stands in the workbook's tables too."""
    with use("zh"):
        known = {
            cell.text for s in sheets(sample_review(), no_minutes(), edition()) for row in s.rows
            for cell in row
        } | {column.head for s in sheets(sample_review(), no_minutes(), edition())
             for column in s.columns}  # fmt: skip
    for table in docx.Document(BytesIO(payload)).tables:
        for row in table.rows:
            assert {cell.text for cell in row.cells} <= known


def test_what_somebody_wrote_stands_instead_and_is_marked():
    review = sample_review()
    key = review["messages"][0]["key"]
    text = "流感样病例上升，已部署发热门诊分流。<b>&=1+1"
    edit = Edit(key=key, text={"zh": text}, by="王敏", at=AS_OF)
    minutes = no_minutes() | {"edits": [edit]}
    (line,) = [x for x in lines_of(made(minutes=minutes)) if text in x]
    assert "王敏 11-23 08:40 人工修改" in line
    with use("en"):
        assert told(review, minutes)[0].edited == ""  # written in Chinese only
        assert told(review, minutes)[0].text.startswith("Influenza-like share")


def test_promises_head_the_review_with_their_verdict():
    lines = lines_of(made(minutes=no_minutes() | {"promises": [promise()]}))
    heads = [x for x in lines if re.match("[一二三四五六七八九十]+、", x)]
    assert heads[1].endswith("承诺事项跟踪")
    row = next(x for x in lines if x.startswith("压降诈骗警情"))
    assert "未见变化" in row or "迹象" in row
    assert "2026年第46周" in row
    assert "已逾期" in row


def test_a_word_that_is_no_word_for_xml_breaks_nothing():
    review = sample_review()
    case = review["late"][0] | {"title": "水\x00位\x08<&>\ud800异常"}
    lines = lines_of(made(review | {"late": [case]}))
    assert any("水位<&>异常" in x for x in lines)


def test_hidden_small_counts_are_nowhere():
    review = sample_review()
    row = review["rows"][0]
    secret = {"value": 98765.0, "num": 98765.0, "n": 98766.0, "low": 98767.0, "high": 98768.0}
    now = row["now"] | secret | {"doubt": Doubt.HIDDEN}
    last = row["last"] | {"then": now}
    payload = made(review | {"rows": [row | {"now": now, "last": last}]})
    assert "98765" not in everything(payload).replace("\u2009", "")
    assert "98 765" not in everything(payload)
    assert any(doubt_word(Doubt.HIDDEN) in x for x in lines_of(payload))


def test_many_areas_stand_in_several_tables():
    review = sample_review()
    towns = {f"4416021{i:02}": Names(zh=f"第{i}镇", en=f"Town {i}") for i in range(20)}
    cells = matrix_row(line_of("PS-09"))["cells"]
    line = {
        "code": "PS-09",
        "cells": [cells[i % len(COUNTIES)] | {"area": code} for i, code in enumerate(towns)],
    }
    wide = review | {
        "areas": review["areas"] | towns, "below": list(towns), "matrix": [line], "fair": [],
    }  # fmt: skip
    tables = docx.Document(BytesIO(made(wide))).tables
    heads = [[c.text for c in t.rows[0].cells] for t in tables]
    assert sum("第0镇" in h or "第9镇" in h or "第18镇" in h for h in heads) == 3


def test_the_english_document_is_english():
    lines = lines_of(made(lang="en", by="Wang Min"))
    titles = "".join(c["title"] for c in sample_review()["late"]) + "周敏"
    chinese = set(re.findall(r"[\u4e00-\u9fff【】（）〔〕、。；]", "".join(lines)))
    assert chinese <= set(titles)
    assert lines[0] == "Weekly city operations review, Heyuan"


def test_an_empty_review_is_a_whole_document():
    review = sample_review(
        rows=[], matrix=[], fair=[], departments=[], days=[], late=[], gaps=[], messages=[],
        below=[], bases={}, doubts=[Doubt.BEFORE_DATA], more_late=0, demo=False,
    )  # fmt: skip
    lines = lines_of(made(review))
    assert any(x.startswith("需注意：") for x in lines)
    assert "本周无要点。" in lines
    assert not [x for x in lines if "演示" in x]


def test_a_message_of_an_unknown_rule_still_stands_on_its_line():
    message = Message(
        key="x", rule="brand_new", fields={"name": Names(zh="新指标", en="New one")}, level=0,
        strength=1.0, department=DEPARTMENTS["psb"], until=None, evidence="",
    )  # fmt: skip
    assert any("新指标" in x for x in lines_of(made(sample_review(messages=[message]))))
