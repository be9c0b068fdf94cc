"""What the page of a case offers: only acts that find something, said as they are."""

import dataclasses

import pytest

from components.case_acts import Acting, case_acts
from components.case_clocks import case_clocks
from components.case_page import CaseShown, as_of
from components.desk_grid import COLUMNS, desk_grid
from components.i18n import use
from components.refusal_words import refusal_words
from data import geo
from data.cases.change import Code, Refusal
from data.vocabulary import CaseAct
from tests import samples_case
from tests.helpers import walk
from tests.helpers import words as written
from tests.samples_case import at

A = CaseAct
CLOSED = samples_case.head(state="checked")


def drawn(make, *given):
    with use("zh"):
        return make(*given)


def said(make, *given):
    return " ".join(written(drawn(make, *given)).split())


def acts(page, *allowed, department=None):
    found = drawn(case_acts, page, Acting(tuple(allowed), department=department))
    return [getattr(b, "data-open") for b in walk(found) if hasattr(b, "data-open")]


def values(page, act, department=None):
    """Return what the choices of an act's form stand for."""
    found = drawn(case_acts, page, Acting((act,), department=department))
    return [o["value"] for c in walk(found) for o in getattr(c, "options", None) or []]


def test_without_a_task_or_a_step_their_acts_are_not_offered():
    bare = samples_case.page(tasks=(), steps=())
    assert acts(bare, A.NOTE, A.MOVE_TASK, A.STEP_SOP) == ["note"]
    done = samples_case.page(tasks=(samples_case.task(ended_at=at(99)),))
    assert acts(done, A.NOTE, A.MOVE_TASK) == ["note"]
    full = samples_case.page(tasks=(samples_case.task(),), steps=samples_case.steps())
    assert acts(full, A.NOTE, A.MOVE_TASK, A.STEP_SOP) == ["note", "move_task", "step_sop"]


def test_a_department_is_offered_its_own_tasks_and_steps_only():
    tasks = (samples_case.task(), samples_case.task(id=2, department="water"))
    theirs = dataclasses.replace(samples_case.steps()[2], department="emergency")
    page = samples_case.page(tasks=tasks, steps=(theirs,))
    assert 2 in values(page, A.MOVE_TASK, "water")
    assert 1 not in values(page, A.MOVE_TASK, "water")
    assert acts(page, A.NOTE, A.STEP_SOP, department="water") == ["note"]
    assert acts(page, A.NOTE, A.STEP_SOP, department="emergency") == ["note", "step_sop"]


def test_a_close_says_which_tasks_are_not_finished():
    page = samples_case.page(head=CLOSED, tasks=(samples_case.task(), samples_case.task(id=2)))
    assert "尚有 2 项任务未完成" in said(case_acts, page, Acting((A.CLOSE,)))
    assert "未完成" not in said(case_acts, samples_case.page(head=CLOSED), Acting((A.CLOSE,)))


def test_without_a_check_closing_is_no_next_step_and_has_no_usual_kind():
    page = samples_case.page()
    assert acts(page, A.CLOSE, A.NOTE) == ["note", "close"]
    assert values(page, A.CLOSE) == ["error", "special"]
    checked = samples_case.page(head=CLOSED)
    assert acts(checked, A.NOTE, A.CLOSE) == ["close", "note"]
    assert "normal" in values(checked, A.CLOSE)


def test_a_grant_asks_for_a_time_only_where_one_was_asked_for():
    def fields(kind, wanted):
        waits = samples_case.granted(id=8, granted=None, decided_at=None, kind=kind, wanted=wanted)
        found = drawn(case_acts, samples_case.page(asked=(waits,)), Acting((A.GRANT,)))
        return [getattr(c, "data-field") for c in walk(found) if hasattr(c, "data-field")]

    assert "until" not in fields("return", {"suggests": "highway"})
    assert "until" in fields("extension", {"until": at(900).isoformat()})


def test_a_stage_that_was_cut_short_is_not_called_met():
    clocks = (
        samples_case.clock(5, "accept", due_at=at(120), stopped_at=at(70)),
        samples_case.clock(6, "accept", due_at=at(140), stopped_at=at(80)),
    )
    turns = (
        samples_case.turn(1, 60, "dispatch"),
        samples_case.turn(2, 70, "dispatch"),
        samples_case.turn(3, 80, "accept"),
    )
    text = said(case_clocks, samples_case.page(clocks=clocks, turns=turns))
    assert "未完成（因“派遣”终止）" in text
    assert text.count("按期完成") == 1


def test_what_runs_stands_before_what_was_met_before_the_case_was_opened_again():
    clocks = (
        samples_case.clock(1, stopped_at=at(200)),
        samples_case.clock(2, due_at=at(900)),
    )
    text = said(case_clocks, samples_case.page(clocks=clocks))
    assert text.index("2026-11-19 00:00") < text.index("2026-11-18 15:00")


def test_the_time_of_the_page_is_that_of_its_reading():
    with use("zh"):
        assert as_of(CaseShown("Z1")) == ""
        assert as_of(CaseShown("Z1", samples_case.page())) == "截至 2026-11-18 19:00"


def test_the_grid_gives_english_words_more_room():
    with use("en"):
        wide = {c["colId"]: c["flex"] for c in desk_grid().columnDefs[1:]}
    plain = dict(COLUMNS)
    assert list(wide) == list(plain)
    assert wide["matter"] > plain["matter"]
    assert wide["state"] > plain["state"]


@pytest.mark.parametrize(
    ("county", "lon", "lat", "inside"),
    [
        ("441602", 114.70, 23.74, True),
        ("441602", 115.40, 24.10, False),
        ("441622", 115.40, 24.10, True),
        ("4416jd", 115.40, 24.10, True),  # a zone has no outline to say no by
    ],
)
def test_a_point_lies_beside_its_county_or_does_not(county, lon, lat, inside):
    assert geo.beside(county, lon, lat) is inside


def test_a_point_in_another_county_is_refused_with_both_names():
    county, other = {"zh": "源城区", "en": "Y"}, {"zh": "龙川县", "en": "L"}
    told = Refusal(Code.OTHER_COUNTY, {"field": "lon", "area": county, "found": other})
    with use("zh"):
        assert refusal_words(told) == "所选点位在龙川县，与所选区域（源城区）不符。"
