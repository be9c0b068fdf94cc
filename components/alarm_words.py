"""How alarms are spoken of and drawn: states under the names of ISA-18.2, acts, outcomes."""

from __future__ import annotations

from functools import cache

from dash import html

from components.i18n import N_, _
from components.theme import GREY, INK, LEVELS, TEXT, image
from data.vocabulary.alarms import AlarmAct, AlarmState, Outcome

STATES: dict[str, str] = {
    AlarmState.NORMAL: N_("Back to normal"),
    AlarmState.UNACKNOWLEDGED: N_("Unacknowledged"),
    AlarmState.ACKNOWLEDGED: N_("Acknowledged"),
    AlarmState.RETURNED: N_("Returned, unacknowledged"),
    AlarmState.SHELVED: N_("Shelved"),
    AlarmState.SUPPRESSED: N_("Suppressed by design"),
    AlarmState.OUT_OF_SERVICE: N_("Out of service"),
}
ACTS: dict[str, str] = {
    AlarmAct.RAISE: N_("Raised"),
    AlarmAct.WORSEN: N_("Got graver"),
    AlarmAct.EASE: N_("Got lighter"),
    AlarmAct.RETURN: N_("Condition is over"),
    AlarmAct.LATCH: N_("Latched: it chatters"),
    AlarmAct.ACKNOWLEDGE: N_("Acknowledge"),
    AlarmAct.RESET: N_("Reset the latch"),
    AlarmAct.SHELVE: N_("Shelve"),
    AlarmAct.UNSHELVE: N_("Unshelve"),
    AlarmAct.SUPPRESS: N_("Suppressed by planned work"),
    AlarmAct.UNSUPPRESS: N_("Planned work is over"),
    AlarmAct.REMOVE: N_("Take out of service"),
    AlarmAct.RESTORE: N_("Return to service"),
    AlarmAct.NOTE: N_("Add a note"),
    AlarmAct.OUTCOME: N_("What it turned out to be"),
    AlarmAct.LINK: N_("Linked to a case"),
}
OUTCOMES: dict[str, str] = {
    Outcome.ACTED_ON: N_("acted on"),
    Outcome.REAL_NO_ACTION: N_("real, nothing to do"),
    Outcome.FALSE_ALARM: N_("false alarm"),
    Outcome.TEST: N_("test"),
    "": N_("not said"),
}


def alarm_state_word(state: str) -> str:
    """Return the name of a state; an unknown one is shown as it came."""
    return _(STATES[state]) if state in STATES else state


def alarm_act_word(act: str) -> str:
    """Return what an act is called; an unknown one is shown as it came."""
    return _(ACTS[act]) if act in ACTS else act


def outcome_word(outcome: str | None) -> str:
    """Return what an alarm turned out to be; nothing said is said so."""
    found = OUTCOMES.get(outcome or "")
    return _(found) if found else str(outcome)


_HOLLOW = {AlarmState.ACKNOWLEDGED: "", AlarmState.RETURNED: "4.2 3"}
_MARKS = {
    AlarmState.SHELVED: "M5 15.5h14M12 5.5v6.5m-3-3 3 3 3-3",
    AlarmState.SUPPRESSED: "M5 19 19 5",
    AlarmState.OUT_OF_SERVICE: "M6.5 6.5 17.5 17.5M17.5 6.5 6.5 17.5",
    AlarmState.NORMAL: "M5.5 12.5 10 17 18.5 7.5",
}


@cache
def state_address(state: str, priority: int) -> str:
    """Return the picture of a state: the priority's shape, or a grey mark.

    Filled waits for an answer; hollow was seen; dashed went away unseen. What was put aside is a
    grey ring with its mark.
    """
    found = LEVELS[priority]
    if state in _MARKS:
        inner = (
            f'<circle cx="12" cy="12" r="10.4" fill="none" stroke="{GREY}" stroke-width="2"/>'
            f'<path d="{_MARKS[AlarmState(state)]}" fill="none" stroke="{TEXT}" stroke-width="2.2" '
            'stroke-linecap="round" stroke-linejoin="round"/>'
        )
    elif state in _HOLLOW:
        dash = _HOLLOW[AlarmState(state)]
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        inner = (
            f'<g transform="translate(1.8 1.8) scale(.85)"><path d="{found.outline}" fill="none" '
            f'stroke="{found.fill}" stroke-width="3"{dashes}/></g>'
        )
    else:
        inner = f'<path d="{found.outline}" fill="{found.fill}" stroke="{INK}"/>'
    return image(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">{inner}</svg>')


def state_mark(state: str, priority: int) -> html.Span:
    """Return picture and name of a state; only the picture of an unacknowledged one blinks."""
    waits = state == AlarmState.UNACKNOWLEDGED.value
    picture = html.Img(
        src=state_address(state, priority), alt="", className="stp blink" if waits else "stp"
    )
    return html.Span([picture, html.Span(alarm_state_word(state))], className=f"ast st-{state}")
