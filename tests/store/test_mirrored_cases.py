"""A platform's case is kept as the platform tells it; one that is led here only hears it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data import models as m
from tests.conftest import NOW
from tests.store.payloads import request, requests
from tests.store.support import rows_of, take

T0 = NOW - timedelta(minutes=30)


def told(minutes, **more):
    return requests(
        request("1", at=T0, updated_datetime=(T0 + timedelta(minutes=minutes)).isoformat(), **more)
    )


def tell(store, *words):
    """Let the platform say one thing after the other; return the case."""
    for turn, word in enumerate(words):
        closed = word == "已办结"
        notes = {"status": "closed"} if closed else {"status_notes": word}
        take(store, "yuepingan", told(turn, **notes), now=NOW + timedelta(seconds=turn))
    (case,) = rows_of(store, m.cases)
    return case


@pytest.mark.parametrize(
    ("word", "state", "stage", "holder"),
    [
        ("待核实", "reported", "reported", "centre"),
        ("已签收", "accepted", "dispatched", "department"),
        ("挂账", "suspended", "handling", "suspended"),
        ("返工中", "rework", "handling", "department"),
        ("待核查", "reported_back", "checking", "centre"),
        ("没见过的词", "opened", "opened", "centre"),
    ],
)
def test_a_platforms_word_says_where_a_case_stands_and_who_has_it(
    store, word, state, stage, holder
):
    case = tell(store, "待派单", word) if word != "没见过的词" else tell(store, word)
    assert (case.state, case.stage, case.holder) == (state, stage, holder)
    last = rows_of(store, m.case_event)[-1]
    assert (last.to_state, last.holder) == (state, holder)


def test_what_goes_wrong_on_the_way_is_counted(store):
    case = tell(
        store, "待派单", "已派单", "退回", "已派单", "处置中", "挂账", "处置中", "待核查", "返工",
        "待核查", "已办结",
    )  # fmt: skip
    assert (case.returns, case.transfers, case.suspensions, case.rework) == (1, 1, 1, 1)
    assert (case.state, case.holder) == ("closed", "nobody")


def test_a_case_is_held_since_its_state_changed_not_since_it_was_last_told(store):
    tell(store, "待派单", "处置中")
    take(store, "yuepingan", told(9, status_notes="处置中", priority="1"), now=NOW)
    (case,) = rows_of(store, m.cases)
    assert case.level == 1
    assert case.held_since == T0 + timedelta(minutes=1)


def lead(store):
    tell(store, "待派单", "处置中")
    with store.write() as conn:
        conn.execute(m.cases.update().values(led_since=NOW))


def test_of_a_case_that_is_led_here_the_platforms_word_is_kept_and_moves_nothing(store):
    lead(store)
    take(store, "yuepingan", told(5, status="closed"), now=NOW + timedelta(seconds=5))
    (case,) = rows_of(store, m.cases)
    assert (case.state, case.stage, case.closed_at) == ("handling", "handling", None)
    assert case.source_said == "closed"
    event = rows_of(store, m.case_event)[-1]
    assert (event.action, event.to_state, event.note) == ("source_said", None, "closed")
    assert event.seq == case.version == 3


def test_the_same_word_again_about_a_case_that_is_led_here_is_no_event(store):
    lead(store)
    for turn in (5, 6):
        take(store, "yuepingan", told(turn, status="closed"), now=NOW + timedelta(seconds=turn))
    assert len(rows_of(store, m.case_event)) == 3


def test_a_call_back_is_kept_and_a_later_message_without_it_does_not_take_it_away(store):
    tell(store, "待派单")
    take(store, "yuepingan", told(3, status="closed", call_back="不满意"), now=NOW)
    take(store, "yuepingan", told(4, status="closed", priority="2"), now=NOW)
    (case,) = rows_of(store, m.cases)
    assert (case.call_back, case.called_at) == ("dissatisfied", T0 + timedelta(minutes=3))
