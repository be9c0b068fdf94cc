"""Every word that the desk's browser scripts write."""

from __future__ import annotations

from components.i18n import _
from components.loop_words import act_word
from components.theme import LEVELS, shape_address
from data.vocabulary import CaseAct

ACTS = (
    CaseAct.ACKNOWLEDGE,
    CaseAct.TAKE_LEAD,
    CaseAct.VERIFY,
    CaseAct.OPEN,
    CaseAct.DISPATCH,
    CaseAct.ACCEPT,
    CaseAct.START,
    CaseAct.CHECK_GOOD,
    CaseAct.RESUME,
)
"""What the desk itself can do: acts that need no words, and dispatch."""


def script_words() -> dict[str, object]:
    """Return the words in the language spoken now, by the names the scripts use."""
    return {
        "levels": {str(int(x)): _(LEVELS[x].word) for x in LEVELS},
        "shapes": {str(int(x)): shape_address(x) for x in LEVELS},
        "fills": {str(int(x)): LEVELS[x].fill for x in LEVELS},
        "acts": {act.value: act_word(act) for act in ACTS},
        **_counts(),
        **_forms(),
        **_views(),
    }


def _counts() -> dict[str, str]:
    return {
        "total": _("{n} cases · {overdue} overdue"),
        "shown": _("{shown} of {n} cases shown · {overdue} overdue"),
        "more": _("Show {n} more"),
        "no_limit": _("No limit"),
        "still": _("Clock stands"),
        "asof": _("As of {time}"),
        "on_map": _("{n} open"),
        "unseen": _("Not acknowledged"),
        "seen": _("Acknowledged"),
        "platform": _("Led by its platform"),
    }


def _forms() -> dict[str, str]:
    return {
        "sending": _("Sending …"),
        "not_sent": _("Not sent: no connection. What you typed is kept; send it again."),
        "failed": _("Not saved: the store cannot be written"),
        "draft": _("Draft kept on this machine"),
        "draft_again": _("Draft of {time} taken up again"),
        "gone": _("{no} is no longer in this view"),
        "choose_first": _("Choose a case first"),
        "signed_out": _("Signed out: sign in again. What you typed is kept."),
        "point": _("Point {lat}, {lon}"),
        "looking": _("Looking up …"),
    }


def _views() -> dict[str, str]:
    return {
        "keep": _("Keep this view"),
        "view_name": _("Name of the view"),
        "rename": _("Rename"),
        "remove": _("Remove"),
        "begin": _("Begin with it"),
        "begins": _("Begins with it"),
        "plain": _("All open"),
        "views": _("Views"),
    }
