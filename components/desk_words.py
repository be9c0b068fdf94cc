"""What the desk calls times left, narrowings and orders."""

from __future__ import annotations

from components.i18n import N_
from data.vocabulary import ENDED, CaseState
from data.vocabulary.desk import Left, Only, Sort

OPEN_STATES = tuple(s for s in CaseState if s not in ENDED)
"""In the order of the loop."""

LEFTS: dict[str, str] = {
    Left.OVERDUE: N_("Overdue"),
    Left.HOUR: N_("Under 1 h"),
    Left.TODAY: N_("Today"),
    Left.LATER: N_("Later"),
    Left.NONE: N_("No limit"),
}

ONLY: dict[str, str] = {
    Only.TURN: N_("Our turn"),
    Only.MINE: N_("I acted on"),
    Only.UNSEEN: N_("Unseen"),
    Only.ASKED: N_("For approval"),
    Only.TWICE: N_("Duplicates?"),
}

SORTS: dict[str, str] = {
    Sort.LEVEL: N_("By level, then time left"),
    Sort.LEFT: N_("By time left"),
    Sort.NEWEST: N_("Newest report first"),
    Sort.MOVED: N_("Last moved first"),
}
