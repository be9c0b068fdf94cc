"""What the desk calls states, holders, times left and narrowings."""

from __future__ import annotations

from components.i18n import N_, _
from data.vocabulary import Asked, CaseState, Holder
from data.vocabulary.desk import Left, Only, Sort

STATES: dict[str, str] = {
    CaseState.REPORTED: N_("To verify"),
    CaseState.VERIFIED: N_("To open"),
    CaseState.OPENED: N_("To dispatch"),
    CaseState.DISPATCHED: N_("To accept"),
    CaseState.ACCEPTED: N_("Accepted"),
    CaseState.HANDLING: N_("Handling"),
    CaseState.SUSPENDED: N_("Suspended"),
    CaseState.REPORTED_BACK: N_("To check"),
    CaseState.CHECKED: N_("To close"),
    CaseState.REWORK: N_("Rework"),
    CaseState.REJECTED: N_("Rejected"),
    CaseState.MERGED: N_("Merged"),
    CaseState.CLOSED: N_("Closed"),
}
"""In the order of the loop; a desk names an open state by what comes next."""

OPEN_STATES = tuple(list(STATES)[:10])

HOLDERS: dict[str, str] = {
    Holder.CENTRE: N_("Command centre"),
    Holder.DEPARTMENT: N_("Department"),
    Holder.APPROVER: N_("Approver"),
    Holder.SUSPENDED: N_("Suspended"),
    Holder.NOBODY: N_("Nobody"),
}

ASKED: dict[str, str] = {
    Asked.EXTENSION: N_("Extension"),
    Asked.SUSPENSION: N_("Suspension"),
    Asked.RETURN: N_("Return"),
}

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
    Only.UNSEEN: N_("Not acknowledged"),
    Only.ASKED: N_("Waiting for approval"),
    Only.TWICE: N_("Possible duplicates"),
}

SORTS: dict[str, str] = {
    Sort.LEVEL: N_("By level, then time left"),
    Sort.LEFT: N_("By time left"),
    Sort.NEWEST: N_("Newest report first"),
    Sort.MOVED: N_("Last moved first"),
}


def state_word(state: str) -> str:
    """Return what a state is called; an unknown one is shown as it came."""
    return _(STATES[state]) if state in STATES else state


def holder_word(holder: str) -> str:
    """Return in whose court a case is."""
    return _(HOLDERS[holder]) if holder in HOLDERS else holder


def asked_word(kind: str) -> str:
    """Return what an approver was asked for."""
    return _(ASKED[kind]) if kind in ASKED else kind
