"""What an operator reads on the page of a case."""

import json
import re
from pathlib import Path

import pytest

from components.case_ids import CaseIds, case_address, number_of
from components.case_page import CaseShown, House, case_page, case_parts
from data.vocabulary import CaseAct
from tests import samples, samples_case
from tests.drawn_case import drawn, words
from tests.helpers import walk

A = CaseAct
HOUSE = House("441600", samples.CITY, samples.CITY, "b")


# ---- addresses ----


@pytest.mark.parametrize("no", ["ZZ202611180001", "hotline-a b~1f", "警 01", "a%2Fb"[:1] + "?x"])
def test_an_address_leads_back_to_its_number(no):
    assert number_of(case_address(no)) == no


@pytest.mark.parametrize("path", ["/case/", "/case/a/b", "/case/" + "x" * 41, "/desk", "/case/%00"])
def test_what_cannot_be_a_number_is_none(path):
    assert number_of(path) == ""


# ---- the whole page ----


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_carries_case_version_and_demo_mark(lang):
    shown = CaseShown("ZZ202611180001", samples_case.page())
    found = case_page(shown, None, HOUSE, paper=False, lang=lang, now=0.0)
    (version,) = [c for c in walk(found) if getattr(c, "id", None) == CaseIds.VERSION]
    assert version.children == "6"
    assert getattr(found, "data-no") == "ZZ202611180001"
    assert ("演示数据" if lang == "zh" else "Demo data") in words(found)


def test_on_paper_the_page_has_its_own_clothes():
    shown = CaseShown("Z", samples_case.page())
    found = case_page(shown, None, HOUSE, paper=True, lang="zh", now=0.0)
    assert "paper" in found.className.split()


def test_a_case_that_is_not_there_is_said_in_words_not_found_nor_forbidden():
    text = words(case_page(CaseShown("Z9"), None, HOUSE, paper=False, lang="zh", now=0.0))
    assert "您的权限范围内没有案件 Z9" in text
    lost = CaseShown("Z9", lost=True)
    text = words(case_page(lost, None, HOUSE, paper=False, lang="zh", now=0.0))
    assert "没有案件" not in text


def test_a_page_full_of_everything_has_no_second_scrap_of_html():
    evil = "<script>alert(1)</script>"
    page = samples_case.page(head=samples_case.head(title=evil, body=evil, address=evil))
    parts = drawn(case_parts, page)
    text = words(list(parts.values()))
    assert evil in text
    assert not [c for p in parts.values() for c in walk(p) if type(c).__name__ == "Markdown"]


# ---- the browser's script ----


def test_the_script_knows_the_parts_by_their_names():
    script = (Path(__file__).parents[2] / "assets" / "case" / "case.js").read_text("utf-8")
    line = next(x for x in script.splitlines() if "const ID" in x)
    named = set(re.findall(r"'(case[\w-]*)'", line))
    assert named <= {i.value for i in CaseIds}
    page = case_page(CaseShown("Z"), None, HOUSE, paper=False, lang="zh", now=0.0)
    words_ = json.loads(getattr(page, "data-words"))
    assert set(re.findall(r"words\(\)\.(\w+)", script)) <= set(words_)
