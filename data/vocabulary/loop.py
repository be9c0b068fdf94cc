"""The words of the closed loop: states, acts, who may act, who holds a case, how clocks count."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from data.vocabulary.terms import Stage


class CaseState(StrEnum):
    """Where a case stands, step by step. The wall shows the coarser Stage of it."""

    REPORTED = "reported"
    VERIFIED = "verified"
    REJECTED = "rejected"
    OPENED = "opened"
    DISPATCHED = "dispatched"
    ACCEPTED = "accepted"
    HANDLING = "handling"
    SUSPENDED = "suspended"
    REPORTED_BACK = "reported_back"
    CHECKED = "checked"
    REWORK = "rework"
    CLOSED = "closed"
    MERGED = "merged"


STAGE_OF = {
    CaseState.REPORTED: Stage.REPORTED,
    CaseState.VERIFIED: Stage.REPORTED,
    CaseState.REJECTED: Stage.CLOSED,
    CaseState.OPENED: Stage.OPENED,
    CaseState.DISPATCHED: Stage.DISPATCHED,
    CaseState.ACCEPTED: Stage.DISPATCHED,
    CaseState.HANDLING: Stage.HANDLING,
    CaseState.SUSPENDED: Stage.HANDLING,
    CaseState.REPORTED_BACK: Stage.CHECKING,
    CaseState.CHECKED: Stage.CHECKING,
    CaseState.REWORK: Stage.HANDLING,
    CaseState.CLOSED: Stage.CLOSED,
    CaseState.MERGED: Stage.CLOSED,
}

STATE_OF_STAGE = {
    Stage.REPORTED: CaseState.REPORTED,
    Stage.OPENED: CaseState.OPENED,
    Stage.DISPATCHED: CaseState.DISPATCHED,
    Stage.HANDLING: CaseState.HANDLING,
    Stage.CHECKING: CaseState.REPORTED_BACK,
    Stage.CLOSED: CaseState.CLOSED,
}
"""What a platform means that only tells the coarse stage."""

ENDED = frozenset({CaseState.REJECTED, CaseState.CLOSED, CaseState.MERGED})


class CaseAct(StrEnum):
    """What can be done to a case. At most 20 letters: they are stored as they are."""

    REPORT = "report"
    VERIFY = "verify"
    REJECT = "reject"
    OPEN = "open"
    DISPATCH = "dispatch"
    ACCEPT = "accept"
    START = "start"
    REPORT_BACK = "report_back"
    CHECK_GOOD = "check_good"
    CHECK_BAD = "check_bad"
    CLOSE = "close"
    FORCE_CLOSE = "force_close"
    REOPEN = "reopen"
    ASK_RETURN = "ask_return"
    ASK_EXTENSION = "ask_extension"
    ASK_SUSPENSION = "ask_suspension"
    GRANT = "grant"
    DENY = "deny"
    RESUME = "resume"
    SUPERVISE = "supervise"
    APPEAL = "appeal"
    DECIDE_APPEAL = "decide_appeal"
    MERGE = "merge"
    LINK = "link"
    NOTE = "note"
    ACKNOWLEDGE = "acknowledge"
    CALL_BACK = "call_back"
    ASSIGN_TASK = "assign_task"
    MOVE_TASK = "move_task"
    START_SOP = "start_sop"
    STEP_SOP = "step_sop"
    TAKE_LEAD = "take_lead"
    SOURCE_SAID = "source_said"


class Holder(StrEnum):
    """In whose court a case is. Every second of a case belongs to exactly one."""

    CENTRE = "centre"
    DEPARTMENT = "department"
    APPROVER = "approver"
    SUSPENDED = "suspended"
    NOBODY = "nobody"


class Role(StrEnum):
    """What an account may do. SYSTEM_ACTOR is the collector and the platforms, never a log-in."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    DEPARTMENT = "department"
    LEADER = "leader"
    STEWARD = "steward"
    SYSTEM = "system"
    SECURITY = "security"
    AUDITOR = "auditor"
    SYSTEM_ACTOR = "system_actor"


class Closing(StrEnum):
    """How a case ended."""

    NORMAL = "normal"
    TIMEOUT = "timeout"
    ERROR = "error"
    SPECIAL = "special"
    FORCED = "forced"


class Asked(StrEnum):
    """What can be asked of an approver."""

    EXTENSION = "extension"
    SUSPENSION = "suspension"
    RETURN = "return"


class CallBack(StrEnum):
    """What the call to the person who reported gave."""

    SATISFIED = "satisfied"
    DISSATISFIED = "dissatisfied"
    UNREACHED = "unreached"
    REFUSED = "refused"
    EXCLUDED = "excluded"


class ClockKind(StrEnum):
    """Which time a clock counts. Off days are weekends or holidays; make-up days are worked."""

    CONTINUOUS = "continuous"
    SKIP_WEEKENDS = "skip_weekends"
    SKIP_HOLIDAYS = "skip_holidays"
    WORKING_HOURS = "working_hours"


class Colour(IntEnum):
    """Rungs of supervision; 0 is none."""

    NONE = 0
    BLUE = 1
    YELLOW = 2
    RED = 3


class LinkKind(StrEnum):
    """How a case belongs to another case, to a warning, to an indicator or to an alarm.

    CHILD: the other case is a part of this one.
    """

    CHILD = "child"
    MERGED = "merged"
    CROSS_COUNTY = "cross_county"
    NOT_THE_SAME = "not_the_same"
    WARNING = "warning"
    INDICATOR = "indicator"
    ALARM = "alarm"
