"""Versions of a procedure side by side, drafts that cannot be, and the page in words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from components.dispatch_table import dispatch_list
from components.duties_ids import DutyView, address, view_of
from components.duties_page import duties_body
from components.duties_shown import DutiesShown
from components.i18n import use
from components.procedure_form import moved, read_fields, wrong_word
from components.procedure_words import sop_refusal
from components.procedures_view import procedures_view
from data.cases.change import Code, Refusal
from data.cases.duties import Decided, DutyLine
from data.cases.procedures import SopVersion, body_of, compared, draft_of, wrong_in
from data.catalogue import catalogue
from data.catalogue.loop_entries import Sop
from data.vocabulary import LANGUAGES
from data.vocabulary.dispatches import DispatchBoard, DispatchLine
from tests.conftest import NOW
from tests.helpers import words as text

CODE = "flood_risk"


def sop(version=1, draft=None):
    base = catalogue().sop(CODE)
    body = body_of(base, draft if draft is not None else draft_of(base))
    return Sop.model_validate({**body, "code": CODE, "version": version})


def states(old, new):
    return [line.state for line in compared(old, new)]


def test_a_version_that_is_the_same_differs_nowhere():
    assert set(states(sop(), sop(2))) == {"same"}


def test_a_step_that_changed_is_one_line_with_both():
    draft = draft_of(sop())
    draft[1]["within"] = "20"
    draft[2]["zh"] += "并逐一核对"
    lines = compared(sop(), sop(2, draft))
    assert [x.state for x in lines[:4]] == ["same", "changed", "changed", "same"]
    assert (lines[1].old.within, lines[1].new.within) == (45, 20)


def test_steps_added_removed_and_moved_are_named_as_such():
    draft = draft_of(sop())
    gone = draft.pop(0)
    assert states(sop(), sop(2, draft))[0] == "removed"
    draft.append(gone)
    found = states(sop(), sop(2, draft))
    assert (found[-1], "removed" in found, "added" in found) == ("moved", False, False)
    extra = {**gone, "zh": "通知媒体", "en": "Tell the press"}
    assert states(sop(), sop(2, [*draft_of(sop()), extra]))[-1] == "added"


def test_a_form_gives_back_what_it_was_given():
    base = sop()
    assert body_of(base, draft_of(base))["steps"] == [s.model_dump(mode="json") for s in base.steps]


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("zh", " ", "missing"),
        ("en", "", "missing"),
        ("within", "0", "number"),
        ("within", "-5", "number"),
        ("within", "1.5", "number"),
        ("within", "٣", "number"),
        ("within", "999999", "number"),
        ("department", "", "missing"),
        ("department", "nobody", "unknown"),
        ("condition_zh", "有人", "both_languages"),
        ("zh", "长" * 100_000, "too_long"),
    ],
)
def test_what_is_wrong_in_a_draft_is_named_with_its_step_and_field(field, value, why):
    draft = draft_of(sop())
    draft[1][field] = value
    (wrong,) = wrong_in(sop(), draft, catalogue().departments)
    assert (wrong.step, wrong.why) == (2, why)
    for lang in LANGUAGES:
        with use(lang):
            said = wrong_word(wrong)
            assert "2" in said
            assert "{" not in said


def test_a_draft_without_steps_or_without_a_change_is_nothing_to_propose():
    known = catalogue().departments
    assert wrong_in(sop(), [], known)[0].why == "no_steps"
    assert wrong_in(sop(), draft_of(sop()), known)[0].why == "same"
    assert wrong_in(sop(), draft_of(sop()) * 5, known)[0].why == "too_many"


def test_steps_are_added_removed_and_moved_and_nothing_typed_is_lost():
    draft = draft_of(sop())
    first, second = draft[0]["zh"], draft[1]["zh"]
    assert [x["zh"] for x in moved(draft, 0, "down")][:2] == [second, first]
    assert [x["zh"] for x in moved(draft, 0, "up")][:2] == [first, second]
    assert len(moved(draft, 0, "remove")) == len(draft) - 1
    assert moved(draft, 99, "add")[-1]["zh"] == ""
    assert len(moved(draft[:1], 0, "remove")) == 1
    ids = [{"step": n, "field": f} for n in (1, 0) for f in ("zh", "within")]
    assert [x["zh"] for x in read_fields(ids, ["b", 5, "a", None])] == ["a", "b"]


@pytest.mark.parametrize(
    "view",
    [DutyView(), DutyView("procedures", "health", "water", "排 水", "flood_risk", 2, edit=True)],
)
def test_a_view_is_its_address(view):
    from urllib.parse import parse_qs, urlsplit

    query = {k: v[0] for k, v in parse_qs(urlsplit(address(view)).query).items()}
    assert view_of(query) == view


def shown(versions=None, lines=None, **more):
    facts = catalogue()
    today = NOW.date()
    duty = facts.duty_of(CODE, 3, today)
    return DutiesShown(
        lines if lines is not None else [DutyLine(duty, (3,))],
        {CODE: versions or [SopVersion(sop(), "shipped", in_force=True)]},
        departments={k: d.name for k, d in facts.departments.items()},
        categories={k: c.name for k, c in facts.categories.items()},
        domains={k: d.name for k, d in facts.domains.items()},
        domain_of={k: c.domain for k, c in facts.categories.items()},
        areas={k: a.short for k, a in facts.areas.items()},
        clocks={code: facts.clock(code, today) for code in facts.loop.clocks},
        as_of=NOW.timestamp(),
        **more,
    )


def words(parts):
    return "\n".join(text(x) for x in parts)


def test_the_list_says_who_leads_by_which_limits_and_on_what_basis():
    with use("zh"):
        said = words(duties_body(shown(), DutyView()))
    duty = catalogue().duty_of(CODE, 3, NOW.date())
    assert catalogue().departments[duty.lead].name["zh"] in said
    assert duty.basis["zh"] in said
    assert "第 1 版，2020-01-01 起执行" in said
    assert "来源" in said


def decided(**more):
    told = {"version": 2, "lead": "housing", "co": ("water",), "area": None, "reason": "三次转派",
            "name": "陈立国", "at": NOW, "valid_from": NOW, "case_no": "HY1"} | more  # fmt: skip
    return Decided(**told)


def test_a_decision_stands_over_the_list_with_who_when_why_and_from_which_case():
    duty = catalogue().duty_of(CODE, 3, NOW.date())
    lines = [DutyLine(duty, (3,), (decided(), decided(case_no=None, hidden=True, in_force=False)))]
    with use("zh"):
        said = words(duties_body(shown(lines=lines), DutyView()))
    for part in ("三次转派", "陈立国", "HY1", "依裁定", "已被新裁定取代", "权限范围以外"):
        assert part in said


@pytest.mark.parametrize(
    ("view", "there"),
    [
        (DutyView(q="水利"), True),
        (DutyView(q="flood"), True),
        (DutyView(q="nothing like it"), False),
        (DutyView(department="water"), True),
        (DutyView(department="education"), False),
        (DutyView(domain="health"), False),
    ],
)
def test_the_list_is_narrowed_by_domain_department_and_text(view, there):
    with use("zh"):
        assert ("没有符合条件" not in words(duties_body(shown(), view))) is there


def proposal(**more):
    draft = draft_of(sop())
    draft[0]["within"] = "20"
    return SopVersion(
        sop(2, draft), "proposed", id=7, reason="精简", proposed_at=NOW, proposed_by=1,
        proposed_name="王敏", **more,
    )  # fmt: skip


def looked(**more):
    every = [proposal(), SopVersion(sop(), "shipped", in_force=True)]
    with use("zh"):
        return words(procedures_view(shown(every, **more), DutyView("procedures")))


def test_a_proposal_shows_line_by_line_what_it_changes_and_who_asks():
    said = looked(me=2, deciding=True)
    for part in (
        "待第二人审批",
        "王敏",
        "精简",
        "1 处不同",
        "20 分钟",
        "30 分钟",
        "批准，新办事件起",
    ):
        assert part in said, part


def test_whoever_proposed_it_is_not_offered_the_decision():
    assert "须由第二人审批" in looked(me=1, deciding=True)
    assert "批准，新办事件起" not in looked(me=1, deciding=True)
    assert "批准，新办事件起" not in looked(me=2, deciding=False)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "refusal",
    [
        Refusal(Code.WRONG_ROLE, {"roles": ("leader", "steward")}),
        Refusal(Code.OWN_APPROVAL),
        Refusal(Code.OTHER_AREA, {"area": "441621"}),
        Refusal(Code.ALREADY_DONE, {"at": datetime(2026, 1, 1, tzinfo=UTC)}),
        Refusal(Code.ALREADY_DONE, {"at": None}),
        Refusal(Code.OUT_OF_DATE, {"version": 1, "now": 2}),
        Refusal(Code.MISSING_FIELD, {"field": "reason"}),
        Refusal(Code.TOO_LONG, {"field": "reason", "limit": 300, "length": 301}),
        Refusal(Code.BAD_VALUE, {"said": "steps.0.within"}),
    ],
)
def test_every_refusal_is_worded_and_speaks_of_no_case(lang, refusal):
    with use(lang):
        said = sop_refusal(refusal)
    assert said
    assert "{" not in said
    assert "case" not in said
    assert "事件" not in said


def test_wrong_dispatches_stand_with_their_denominator():
    line = DispatchLine("王敏", {"zh": "河源市", "en": "Heyuan"}, {CODE: [2, 25]})
    board = DispatchBoard((line,), {CODE: {"zh": "水利险情", "en": "Flood"}}, NOW, NOW)
    with use("zh"):
        said = words(dispatch_list(board))
        assert "本期内无派遣" in words(dispatch_list(DispatchBoard((), {}, NOW, NOW)))
        assert "仅向指挥中心" in words(dispatch_list(None))
    for part in ("王敏", "河源市", "2／25", "8.0%", "水利险情 2／25"):
        assert part in said, part
