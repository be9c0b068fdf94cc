"""Every word that the alarm console's browser scripts write."""

from __future__ import annotations

from components.alarm_words import alarm_act_word, state_address
from components.i18n import _
from components.theme import LEVELS, shape_address
from data.vocabulary.alarms import AlarmState

BY_HAND = (
    "acknowledge", "shelve", "unshelve", "reset", "remove_from_service", "return_to_service",
    "note", "outcome",
)  # fmt: skip
"""What a person can do, in the order of the buttons; make_case stands beside them."""
MAKE_CASE = "make_case"


def script_words() -> dict[str, object]:
    """Return the words in the language spoken now, by the names the scripts use."""
    return {
        "levels": {str(int(x)): _(LEVELS[x].word) for x in LEVELS},
        "shapes": {str(int(x)): shape_address(x) for x in LEVELS},
        "states": {
            s.value: {str(int(p)): state_address(s.value, p) for p in LEVELS} for s in AlarmState
        },
        "acts": {a: alarm_act_word(a) for a in BY_HAND} | {MAKE_CASE: _("Make a case")},
        "total": _("{n} alarms in {groups} lines"),
        "shown": _("{shown} of {groups} lines shown · {n} alarms"),
        "more": _("Show {n} more"),
        "asof": _("As of {time}"),
        "fold": _("{n} more in this situation"),
        "waiting": _("{n} unseen"),
        "sending": _("Sending …"),
        "not_sent": _("Not sent: no connection. What you typed is kept; send it again."),
        "failed": _("Not saved: the store cannot be written"),
        "draft": _("Draft kept on this machine"),
        "draft_again": _("Draft of {time} taken up again"),
        "gone": _("No longer in this view: {title}"),
        "choose_first": _("Choose an alarm first"),
        "signed_out": _("Signed out: sign in again. What you typed is kept."),
        "looking": _("Looking up …"),
        "not_now": _("This cannot be done to the alarm as it stands: {act}"),
        "most": _("at most {n}"),
        "whole": _("Whole situation"),
    }
