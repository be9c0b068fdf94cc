"""Cases of platforms: noted on as they are, led here from the first act that moves them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from data import models as m
from data import panels
from data.catalogue import catalogue
from data.commands.cases import Done
from data.vocabulary import CaseAct
from tests.conftest import NOW
from tests.store.acting import OPERATOR, WATER, Loop
from tests.store.payloads import request, requests
from tests.store.support import rows_of, take


@pytest.fixture
def told(store):
    """A flood hazard that its platform tells as just dispatched, due in four hours."""
    due = (NOW + timedelta(hours=4)).isoformat()
    payload = requests(request("1", "ZD-02", expected_datetime=due, status_notes="已派单"))
    take(store, "yuepingan", payload)
    loop = Loop.__new__(Loop)
    loop.store, loop.now, loop.no = store, NOW, "yuepingan-1"
    return loop


def test_a_note_on_a_mirrored_case_leaves_it_to_its_platform(told):
    before = told.row
    told.does(CaseAct.NOTE, note="已电话核实")
    after = told.row
    assert after.led_since is None
    assert after.updated_at == before.updated_at
    assert (after.state, after.holder, after.due_at) == (before.state, before.holder, before.due_at)
    assert after.version == before.version + 1
    later = request("1", "ZD-02", expected_datetime=before.due_at.isoformat(),
                    status_notes="处置中", updated_datetime=(NOW + timedelta(minutes=1)).isoformat())  # fmt: skip
    take(told.store, "yuepingan", requests(later), now=NOW + timedelta(minutes=11))
    assert told.row.stage == "handling"


def test_the_first_act_takes_the_lead_with_the_due_time_of_the_platform(told):
    due = told.row.due_at
    set_state(told, "dispatched")
    done = told.does(CaseAct.ACCEPT, WATER)
    assert isinstance(done, Done)
    row = told.row
    assert row.led_since == told.now
    assert row.due_at == due
    (total,) = [c for c in told.beside(m.case_clock) if c.kind == "total"]
    assert (total.rule, total.due_at, total.started_at) == ("given", due, row.reported_at)
    assert total.calendar_version == catalogue().calendar.version


def test_taking_the_lead_starts_the_clock_of_the_stage_it_is_in(told):
    set_state(told, "dispatched")
    told.does(CaseAct.TAKE_LEAD, OPERATOR)
    kinds = {c.kind for c in told.beside(m.case_clock) if c.stopped_at is None}
    assert kinds == {"total", "accept"}
    assert told.row.stage_due_at is not None


def set_state(loop, state):
    """Let the platform have told the step, as newer files do."""
    with loop.store.write() as conn:
        conn.execute(m.cases.update().values(state=state, holder="department"))
    assert rows_of(loop.store, m.cases)[0].state == state


def test_what_a_platform_says_of_a_case_led_here_reaches_the_desks_by_its_number(told):
    set_state(told, "dispatched")
    told.does(CaseAct.ACCEPT, WATER)
    later = request("1", "ZD-02", status="closed", updated_datetime=told.now.isoformat())
    other = request("2", "ZD-02", at=NOW)
    take(told.store, "yuepingan", requests(later, other), now=told.now + timedelta(minutes=1))
    with told.store.write() as conn:
        panels.publish_for(conn, catalogue(), catalogue().sources["yuepingan"], told.now)
    p = m.panel_snapshot
    (desk,) = rows_of(told.store, p, p.c.panel == "desk")
    assert set(json.loads(desk.payload)["cases"]) == {"yuepingan-1", "yuepingan-2"}
    assert (told.row.state, told.row.source_said) == ("accepted", "closed")
