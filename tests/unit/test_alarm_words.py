"""Every state, act, outcome, refusal and figure of alarms has its words and its look."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from components.alarm_figures import GROUPS, LOADS, LOOKS
from components.alarm_ids import AlarmIds, period_of, query_of, view_of
from components.alarm_refusals import WORDS
from components.alarm_words import ACTS, OUTCOMES, STATES, state_address
from components.i18n import use
from data.alarms.acts import AlarmCode
from data.alarms.log_frames import Log
from data.alarms.performance import SPREAD, TARGETS, performance
from data.vocabulary.alarm_console import ConsoleView
from data.vocabulary.alarm_log import Load
from data.vocabulary.alarms import AlarmAct, AlarmState, Outcome

SCRIPTS = Path(__file__).parents[2] / "assets" / "alerts"


def test_everything_of_the_vocabulary_has_words():
    assert set(STATES) == {s.value for s in AlarmState}
    assert set(ACTS) == {a.value for a in AlarmAct}
    assert set(OUTCOMES) == {o.value for o in Outcome} | {""}
    assert set(WORDS) == set(AlarmCode)
    assert set(LOADS) == set(Load)


def test_every_figure_that_is_counted_is_shown_once():
    figures = {f.key for f in performance(Log(0.0, 0.0, 0.0)).whole.figures}
    shown = [key for _word, keys in GROUPS for key in keys]
    assert figures == set(shown) == set(LOOKS)
    assert len(shown) == len(set(shown))
    assert set(TARGETS) <= figures
    assert sum(SPREAD.values()) == pytest.approx(101)


def test_no_two_states_look_alike():
    for priority in (1, 2, 3, 4):
        assert len({state_address(s.value, priority) for s in AlarmState}) == len(AlarmState)


def test_the_scripts_use_the_ids_of_the_page():
    script = (SCRIPTS / "1-core.js").read_text()
    used = set(re.findall(r"'(alerts-[a-z]+|alerts)'", script)) - {"alerts-ready"}
    assert used == {i.value for i in AlarmIds}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_view_and_its_address_are_the_same(lang):
    with use(lang):
        view = ConsoleView(
            "441602", frozenset("12"), frozenset({"shelved"}), "rain", "transport", "7", "雨"
        )
        asked = dict(x.split("=") for x in query_of(view).split("&"))
    assert view_of({**asked, "state": "shelved", "priority": "1,2", "q": "雨"}) == view
    assert query_of(view_of({"state": "normal,nonsense", "priority": "9"})) == ""


def test_a_period_that_is_no_period_is_a_week():
    assert period_of({"span": "century"}).span == "week"
    assert period_of({"span": "day", "to": "x" * 99}).end == "x" * 16
