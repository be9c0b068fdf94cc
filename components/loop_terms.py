"""The words of the closed loop: states, acts, holders, endings, roles."""

from __future__ import annotations

from components.i18n import N_, _
from data.vocabulary import (
    Asked,
    CallBack,
    CaseAct,
    CaseState,
    Closing,
    Colour,
    Holder,
    LinkKind,
    Role,
)

STATES: dict[str, str] = {
    CaseState.REPORTED: N_("Case reported"),
    CaseState.VERIFIED: N_("Verified"),
    CaseState.REJECTED: N_("Not opened"),
    CaseState.OPENED: N_("Case opened"),
    CaseState.DISPATCHED: N_("Dispatched"),
    CaseState.ACCEPTED: N_("Accepted"),
    CaseState.HANDLING: N_("In handling"),
    CaseState.SUSPENDED: N_("Suspended"),
    CaseState.REPORTED_BACK: N_("Reported back"),
    CaseState.CHECKED: N_("Check passed"),
    CaseState.REWORK: N_("Rework"),
    CaseState.CLOSED: N_("Case closed"),
    CaseState.MERGED: N_("Merged"),
}
ACTS: dict[str, str] = {
    CaseAct.REPORT: N_("Report"),
    CaseAct.VERIFY: N_("Verify"),
    CaseAct.REJECT: N_("Refuse to open"),
    CaseAct.OPEN: N_("Open the case"),
    CaseAct.DISPATCH: N_("Dispatch to a department"),
    CaseAct.ACCEPT: N_("Accept"),
    CaseAct.START: N_("Start handling"),
    CaseAct.REPORT_BACK: N_("Report back"),
    CaseAct.CHECK_GOOD: N_("Pass the check"),
    CaseAct.CHECK_BAD: N_("Fail the check"),
    CaseAct.CLOSE: N_("Close the case"),
    CaseAct.FORCE_CLOSE: N_("Force close"),
    CaseAct.REOPEN: N_("Reopen"),
    CaseAct.ASK_RETURN: N_("Ask to return it"),
    CaseAct.ASK_EXTENSION: N_("Ask for an extension"),
    CaseAct.ASK_SUSPENSION: N_("Ask for a suspension"),
    CaseAct.GRANT: N_("Approve"),
    CaseAct.DENY: N_("Deny"),
    CaseAct.RESUME: N_("Resume handling"),
    CaseAct.SUPERVISE: N_("Supervise"),
    CaseAct.APPEAL: N_("Appeal"),
    CaseAct.DECIDE_APPEAL: N_("Decide the appeal"),
    CaseAct.MERGE: N_("Merge"),
    CaseAct.LINK: N_("Link"),
    CaseAct.NOTE: N_("Add a note"),
    CaseAct.ACKNOWLEDGE: N_("Acknowledge"),
    CaseAct.CALL_BACK: N_("Call back"),
    CaseAct.ASSIGN_TASK: N_("Assign a task"),
    CaseAct.MOVE_TASK: N_("Update a task"),
    CaseAct.START_SOP: N_("Start a procedure"),
    CaseAct.STEP_SOP: N_("Record a procedure step"),
    CaseAct.TAKE_LEAD: N_("Take the lead here"),
    CaseAct.SOURCE_SAID: N_("Message of the source"),
}
HOLDERS: dict[str, str] = {
    Holder.CENTRE: N_("Command centre"),
    Holder.DEPARTMENT: N_("Department in charge"),
    Holder.APPROVER: N_("Waiting for approval"),
    Holder.SUSPENDED: N_("Suspended"),
    Holder.NOBODY: N_("Ended"),
}
CLOSINGS: dict[str, str] = {
    Closing.NORMAL: N_("closed normally"),
    Closing.TIMEOUT: N_("closed after its due time"),
    Closing.ERROR: N_("closed as a false report"),
    Closing.SPECIAL: N_("closed as a special case"),
    Closing.FORCED: N_("closed by force"),
}
CALL_BACKS: dict[str, str] = {
    CallBack.SATISFIED: N_("Satisfied"),
    CallBack.DISSATISFIED: N_("Dissatisfied"),
    CallBack.UNREACHED: N_("Not reached"),
    CallBack.REFUSED: N_("Declined to answer"),
    CallBack.EXCLUDED: N_("Not counted"),
}
COLOURS: dict[int, str] = {
    Colour.NONE: N_("Not supervised"),
    Colour.BLUE: N_("Blue card"),
    Colour.YELLOW: N_("Yellow card"),
    Colour.RED: N_("Red card"),
}
ASKED: dict[str, str] = {
    Asked.EXTENSION: N_("extension"),
    Asked.SUSPENSION: N_("suspension"),
    Asked.RETURN: N_("return"),
}
LINKS: dict[str, str] = {
    LinkKind.CHILD: N_("Part of this case"),
    LinkKind.MERGED: N_("Merged case"),
    LinkKind.CROSS_COUNTY: N_("Across counties"),
    LinkKind.NOT_THE_SAME: N_("Not the same matter"),
    LinkKind.WARNING: N_("Linked warning"),
    LinkKind.INDICATOR: N_("Linked indicator"),
    LinkKind.ALARM: N_("Made from an alarm"),
}
ROLES: dict[str, str] = {
    Role.VIEWER: N_("viewer"),
    Role.OPERATOR: N_("operator"),
    Role.DEPARTMENT: N_("department officer"),
    Role.LEADER: N_("leader on duty"),
    Role.STEWARD: N_("data steward"),
    Role.SYSTEM: N_("system administrator"),
    Role.SECURITY: N_("security administrator"),
    Role.AUDITOR: N_("auditor"),
    Role.SYSTEM_ACTOR: N_("automatic"),
}


def _word(words: dict[str, str], key: str) -> str:
    """Return a word of a table; a key it does not know is shown as it is, never hidden."""
    return _(words[key]) if key in words else key


def state_word(state: str) -> str:
    """Return where a case stands, in words."""
    return _word(STATES, state)


def act_word(act: str) -> str:
    """Return what is done to a case, as on a button and in the timeline."""
    return _word(ACTS, act)


def holder_word(holder: str) -> str:
    """Return in whose court a case is."""
    return _word(HOLDERS, holder)


def closing_word(closing: str) -> str:
    """Return how a case ended, as in "the case was … at …"."""
    return _word(CLOSINGS, closing)


def call_back_word(result: str) -> str:
    """Return what the call to the person who reported gave."""
    return _word(CALL_BACKS, result)


def colour_word(colour: int) -> str:
    """Return the rung of supervision."""
    return _(COLOURS[colour]) if colour in COLOURS else str(colour)


def asked_word(kind: str) -> str:
    """Return what was asked of an approver."""
    return _word(ASKED, kind)


def link_word(kind: str) -> str:
    """Return how a case belongs to something else."""
    return _word(LINKS, kind)


def role_word(role: str) -> str:
    """Return the name of a role."""
    return _word(ROLES, role)
