"""What can be done to a case on its page, and what is said of it."""

import pytest

from components.case_acts import Acting, case_acts
from components.case_fields import Offers, fields_of
from components.case_page import House
from components.case_told import acted, overtaken, refused
from components.i18n import use
from data.cases.change import Code, Refusal
from data.cases.rules import RULES
from data.catalogue import catalogue
from data.commands.cases import Conflict, Since
from data.vocabulary import CaseAct, CaseState, Holder
from tests import samples, samples_case
from tests.drawn_case import drawn, said, words
from tests.helpers import walk
from tests.samples_case import at

A = CaseAct
HOUSE = House("441600", samples.CITY, samples.CITY, "b")


# ---- acts ----


def buttons(found):
    return [getattr(b, "data-open") for b in walk(found) if hasattr(b, "data-open")]


def test_the_buttons_are_exactly_what_is_allowed_the_next_step_first():
    acting = Acting((A.NOTE, A.FORCE_CLOSE, A.CHECK_BAD, A.CHECK_GOOD))
    found = drawn(case_acts, samples_case.page(), acting)
    assert buttons(found) == ["check_good", "check_bad", "note", "force_close"]


def test_who_may_do_nothing_is_told_so():
    assert "登录后方可办理" in said(case_acts, samples_case.page(), Acting(signed=False))
    assert "没有可办理的操作" in said(case_acts, samples_case.page(), Acting())


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("act", [a for a in RULES if a is not A.SOURCE_SAID])
def test_every_act_has_a_form_with_the_version_seen(act, lang):
    waits = samples_case.granted(id=8, granted=None, decided_at=None)
    page = samples_case.page(asked=(waits,), cards=(samples_case.card(),),
                             tasks=(samples_case.task(),), steps=samples_case.steps())  # fmt: skip
    offers = Offers(departments=(("water", samples_case.WATER),), sops=(("a", samples_case.WATER),))
    found = drawn(case_acts, page, Acting((act,), offers=offers), lang=lang)
    ids = [c.id for c in walk(found) if isinstance(getattr(c, "id", None), dict)]
    shown = {i["field"] for i in ids if i["type"] == "case-field"}
    needed = {f.name for f in RULES[act].fields if f.required}
    known = {"department"} if act is A.MOVE_TASK else {"sop"} if act is A.STEP_SOP else set()
    assert needed - known <= shown
    assert {i["field"] for i in ids if i["type"] == "case-wrong"} == shown
    (seen,) = [
        c for c in walk(found) if getattr(c, "id", None) == {"type": "case-seen", "act": act}
    ]
    assert seen.data == 6


def test_an_act_without_fields_takes_a_note():
    assert [f.name for f in fields_of(A.VERIFY)] == ["note"]


def test_a_dispatch_begins_with_what_the_duties_propose_and_says_why():
    offers = Offers(
        departments=(("water", samples_case.WATER), ("highway", samples_case.HIGHWAY)),
        department="water",
        why=samples_case.both("建议派遣：市水务局。权责清单 flood_risk@1"),
    )
    found = drawn(case_acts, samples_case.page(), Acting((A.DISPATCH,), offers=offers))
    (field,) = [
        c for c in walk(found)
        if getattr(c, "id", None) == {"type": "case-field", "act": "dispatch", "field": "department"}
    ]  # fmt: skip
    assert field.value == "water"
    assert "权责清单 flood_risk@1" in words(found)


def test_a_refusal_stands_beside_its_field():
    refusal = Refusal(
        Code.TOO_LONG, {"act": A.NOTE, "field": "note", "limit": 4000, "length": 100_000}
    )
    with use("zh"):
        beside, inside = refused(refusal, ["note"])
    assert inside == ""
    assert "4\u2009000" in beside["note"]
    assert "100\u2009000" in beside["note"]
    with use("zh"):
        beside, inside = refused(refusal, ["reason"])
    assert beside == {}
    assert "4\u2009000" in inside


def test_who_comes_second_reads_what_the_first_did():
    since = (Since(7, at(130), "陈浩", "check_bad", "rework", "water", "仍有渗水"),)
    late = Conflict("Z1", 7, CaseState.REWORK, Holder.DEPARTMENT, since)
    with use("zh"):
        text = words(overtaken(late, catalogue()))
    assert "未作任何改动" in text
    assert "案件现为“返工”" in text
    assert "2026-11-18 11:10" in text
    assert "核查不通过 · 陈浩 · → 返工 · 市水务局" in text
    assert "仍有渗水" in text
    assert "您填写的内容已保留" in text


def test_what_was_done_is_said_with_its_version():
    with use("zh"):
        assert acted(A.VERIFY, 3) == "已办理：核实（第 3 版）"
