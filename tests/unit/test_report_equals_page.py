"""What is printed equals what was on the screen: every figure and sentence stands on the page."""

from __future__ import annotations

from io import BytesIO

import docx
import pytest

from components.formats import number
from components.i18n import _, use
from components.report import document
from components.report.sheets import sheets
from components.review_head import balance_words, noise_words, on_time_words
from components.review_ids import WeekView
from components.review_page import House, Shown, weekly_body
from components.review_sentences import message_parts
from data.vocabulary import Names
from data.vocabulary.review_terms import Doubt
from tests.helpers import walk
from tests.report_reading import edition, lines_of, no_minutes
from tests.review_sample import sample_review

with use("zh"):
    BAND, VARIATION = _("Band"), _("Variation")
LANGUAGES = pytest.mark.parametrize("lang", ["zh", "en"])


def page_texts(lang, review=None, minutes=None):
    """Return every piece of text on the page, in a set."""
    city = Names(zh="河源市", en="Heyuan")
    shown = Shown(WeekView(), review=review or sample_review(), minutes=minutes or no_minutes())
    found = set()
    with use(lang):
        for part in weekly_body(shown, House("441600", city, "b")):
            for one in walk(part):
                inside = getattr(one, "children", None)
                for child in inside if isinstance(inside, list | tuple) else [inside]:
                    if isinstance(child, str | int | float):
                        found.add(str(child))
                for attribute in ("title", "alt"):
                    if isinstance(getattr(one, attribute, None), str):
                        found.add(getattr(one, attribute))
    return found


def by_key(lang, review=None, minutes=None):
    with use(lang):
        return {s.key: s for s in sheets(review or sample_review(), minutes or no_minutes(), edition(lang))}  # fmt: skip


def columns(sheet, *heads):
    places = [[c.head for c in sheet.columns].index(h) for h in heads]
    return [[row[i] for i in places] for row in sheet.rows]


@LANGUAGES
def test_every_message_is_on_the_page_as_it_is_printed(lang):
    review, texts = sample_review(), page_texts(lang)
    printed = "\n".join(lines_of(document(review, no_minutes(), edition(lang))))
    with use(lang):
        for message in review["messages"]:
            lead, rest = message_parts(message, review["areas"])
            assert {lead, rest} <= texts
            assert lead in printed
            assert rest in printed


@LANGUAGES
def test_totals_and_noise_are_said_in_the_words_of_the_page(lang):
    review, texts = sample_review(), page_texts(lang)
    lines = lines_of(document(review, no_minutes(), edition(lang)))
    with use(lang):
        for words in (
            balance_words(review["totals"]),
            on_time_words(review["totals"]),
            noise_words(review["noise"]),
        ):
            assert words in texts
            assert any(line.startswith(words) for line in lines)
    for cell in columns(by_key("zh")["totals"], "本周"):
        if cell[0].text in texts or cell[0].text == "92.3":
            continue
        assert any(cell[0].text in text for text in texts), cell[0].text


def test_every_value_of_the_scorecard_is_the_one_on_the_page():
    texts = page_texts("zh")
    found = columns(
        by_key("zh")["scorecard"], "本周", "上周", "去年同周", "农历同期", "目标", "达标能力", VARIATION,
    )  # fmt: skip
    assert len(found) == len(sample_review()["rows"])
    for row in found:
        for cell in row:
            assert cell.text in texts, cell


def test_every_change_of_the_scorecard_is_the_one_on_the_page():
    texts = page_texts("zh")
    for (cell,) in columns(by_key("zh")["scorecard"], "较上周变化"):
        arrow = "" if cell.value is None else "↑ " if cell.value > 0 else "↓ "
        words = "持平" if cell.value == 0 else arrow + cell.text.lstrip("−")
        assert words in texts, cell


def test_every_value_of_the_matrix_is_the_one_on_the_page():
    texts = page_texts("zh")
    sheet = by_key("zh")["matrix"]
    for row in sheet.rows:
        for cell in row[2::2]:
            assert cell.text in texts, cell


def test_every_compared_unit_is_the_one_on_the_page():
    texts = page_texts("zh")
    for value, band in columns(by_key("zh")["fair"], "取值", BAND):
        if value.value is not None:
            assert {value.text, band.text} <= texts


def test_gaps_and_departments_are_those_of_the_page():
    texts = page_texts("zh")
    for row in columns(by_key("zh")["gaps"], "数据源", "缺口情况", "责任单位"):
        assert {cell.text for cell in row} <= texts
    for name_, rate in columns(by_key("zh")["departments"], "责任单位", "按时办结率（%）"):
        assert name_.text in texts
        assert f"{rate.text}%" in texts


def test_a_hidden_figure_is_the_same_words_on_both():
    review = sample_review()
    row = review["rows"][0]
    now = row["now"] | {"value": None, "n": None, "low": None, "high": None, "doubt": Doubt.HIDDEN}
    hidden = review | {"rows": [row | {"now": now}], "matrix": []}
    (cells,) = columns(by_key("zh", hidden)["scorecard"], "本周")
    assert cells[0].text == "不予显示"
    assert cells[0].text in page_texts("zh", hidden)


def test_the_same_number_is_rounded_the_same_everywhere():
    review = sample_review()
    row = review["rows"][1]
    for value in (88.45, 88.449999, 0.05, 1234567.25, 99.95):
        changed = row | {"now": row["now"] | {"value": value}}
        whole = review | {"rows": [changed], "matrix": [], "messages": []}
        (cells,) = columns(by_key("zh", whole)["scorecard"], "本周")
        assert cells[0].text == number(value, 1)
        assert cells[0].text in page_texts("zh", whole)
        printed = docx.Document(BytesIO(document(whole, no_minutes(), edition())))
        assert any(cells[0].text == c.text for t in printed.tables for c in t._cells)
