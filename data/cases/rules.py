"""The table of the loop: each act, from which states, by whom, with which fields, to where."""

from __future__ import annotations

from dataclasses import dataclass

from data.cases.fields import NAME_LIMIT, REASON_LIMIT, Field
from data.vocabulary import (
    ENDED,
    CallBack,
    CaseAct,
    CaseState,
    Closing,
    Colour,
    Level,
    LinkKind,
    Role,
)

S = CaseState
OPEN = frozenset(CaseState) - ENDED
CENTRE = frozenset({Role.OPERATOR, Role.LEADER})
LEADER = frozenset({Role.LEADER})
DEPARTMENT = frozenset({Role.DEPARTMENT})
PEOPLE = CENTRE | DEPARTMENT
SYSTEM = frozenset({Role.SYSTEM_ACTOR})
WITH_DEPARTMENT = frozenset({S.DISPATCHED, S.ACCEPTED, S.HANDLING, S.REWORK})


@dataclass(frozen=True)
class Rule:
    """When an act is allowed and where it leads.

    to: the state after; None stays, or the act's own fields decide (grant,
    dispatch). lead: of the departments only the leading one may. waits: not
    while an approval is waited for. leads: takes a mirrored case under our lead.
    """

    states: frozenset[CaseState]
    roles: frozenset[Role]
    to: CaseState | None = None
    fields: tuple[Field, ...] = ()
    lead: bool = False
    waits: bool = False
    leads: bool = True


def _in(*states: CaseState) -> frozenset[CaseState]:
    return frozenset(states)


def _needs(name: str, kind: str = "text", limit: int = REASON_LIMIT, later: bool = False) -> Field:
    return Field(name, kind, required=True, limit=limit, later=later)


REASON, WORDS = _needs("reason"), _needs("note", limit=4000)
SHORT_NOTE = Field("note", limit=REASON_LIMIT)
LEVEL = Field("level", "choice", choices=tuple(Level))
DUE = Field("due_at", "time")
PENDING = Field("pending", "number")
COLOUR = Field("colour", "choice", True, choices=(Colour.BLUE, Colour.YELLOW, Colour.RED))
CLOSINGS = (Closing.NORMAL, Closing.TIMEOUT, Closing.ERROR, Closing.SPECIAL)
TIES = tuple(kind for kind in LinkKind if kind is not LinkKind.ALARM)
"""What can be tied by hand: a case is an alarm's only by being made of it."""
MOVES = ("arrived", "started", "ended")
STEPS = ("done", "skipped")

REPORT_FIELDS = (
    _needs("body", limit=4000),
    Field("no", "code"),
    Field("title", limit=NAME_LIMIT),
    Field("category", "code"),
    Field("county", "code"),
    Field("town", "code"),
    Field("address", limit=NAME_LIMIT),
    Field("department", "code"),
    Field("channel", "code"),
    Field("reported_at", "time", past=True),
    LEVEL,
    DUE,
)
REPORTERS = CENTRE | SYSTEM

RULES: dict[CaseAct, Rule] = {
    CaseAct.VERIFY: Rule(_in(S.REPORTED), CENTRE, S.VERIFIED),
    CaseAct.REJECT: Rule(_in(S.REPORTED, S.VERIFIED), CENTRE, S.REJECTED, (REASON,)),
    CaseAct.OPEN: Rule(_in(S.VERIFIED), CENTRE, S.OPENED, (DUE,)),
    CaseAct.DISPATCH: Rule(
        _in(S.OPENED, S.DISPATCHED, S.ACCEPTED),
        CENTRE,
        None,
        (
            _needs("department", "code"),
            Field("co_departments", "codes"),
            LEVEL,
            DUE,
            Field("reason", limit=REASON_LIMIT),
        ),
        waits=True,
    ),
    CaseAct.ACCEPT: Rule(_in(S.DISPATCHED), DEPARTMENT, S.ACCEPTED, lead=True, waits=True),
    CaseAct.START: Rule(_in(S.ACCEPTED, S.REWORK), DEPARTMENT, S.HANDLING, lead=True, waits=True),
    CaseAct.REPORT_BACK: Rule(
        _in(S.HANDLING), DEPARTMENT, S.REPORTED_BACK, (WORDS,), lead=True, waits=True
    ),
    CaseAct.CHECK_GOOD: Rule(_in(S.REPORTED_BACK), CENTRE, S.CHECKED),
    CaseAct.CHECK_BAD: Rule(_in(S.REPORTED_BACK), CENTRE, S.REWORK, (WORDS,)),
    CaseAct.CLOSE: Rule(
        _in(S.CHECKED),
        CENTRE,
        S.CLOSED,
        (Field("kind", "choice", choices=CLOSINGS), Field("reason", limit=REASON_LIMIT)),
        waits=True,
    ),
    CaseAct.FORCE_CLOSE: Rule(OPEN, LEADER, S.CLOSED, (REASON,)),
    CaseAct.REOPEN: Rule(_in(S.CLOSED, S.REJECTED), LEADER, S.OPENED, (REASON,)),
    CaseAct.ASK_RETURN: Rule(
        _in(S.DISPATCHED, S.ACCEPTED, S.HANDLING),
        DEPARTMENT,
        None,
        (REASON, Field("suggests", "code")),
        lead=True,
        waits=True,
    ),
    CaseAct.ASK_EXTENSION: Rule(
        WITH_DEPARTMENT,
        DEPARTMENT,
        None,
        (REASON, _needs("until", "time", later=True)),
        lead=True,
        waits=True,
    ),
    CaseAct.ASK_SUSPENSION: Rule(
        _in(S.HANDLING),
        DEPARTMENT,
        None,
        (REASON, _needs("review_at", "time", later=True)),
        lead=True,
        waits=True,
    ),
    CaseAct.GRANT: Rule(
        WITH_DEPARTMENT,
        LEADER,
        None,
        (PENDING, SHORT_NOTE, Field("until", "time")),
    ),
    CaseAct.DENY: Rule(WITH_DEPARTMENT, LEADER, None, (PENDING, _needs("note"))),
    CaseAct.RESUME: Rule(_in(S.SUSPENDED), PEOPLE, S.HANDLING, lead=True),
    CaseAct.SUPERVISE: Rule(OPEN, LEADER | SYSTEM, None, (COLOUR, _needs("note"), LEVEL)),
    CaseAct.APPEAL: Rule(
        OPEN | _in(S.CLOSED), DEPARTMENT, None, (_needs("card", "number"), REASON)
    ),
    CaseAct.DECIDE_APPEAL: Rule(
        OPEN | _in(S.CLOSED),
        LEADER,
        None,
        (_needs("card", "number"), _needs("upheld", "flag"), REASON),
    ),
    CaseAct.MERGE: Rule(OPEN, CENTRE, S.MERGED, (_needs("parent", "code"),)),
    CaseAct.LINK: Rule(
        OPEN,
        PEOPLE | SYSTEM,
        None,
        (
            Field("kind", "choice", True, choices=TIES),
            Field("other", "code"),
            Field("ref", limit=120),
            Field("note", limit=NAME_LIMIT),
        ),
        leads=False,
    ),
    CaseAct.NOTE: Rule(OPEN, PEOPLE | SYSTEM, None, (WORDS,), leads=False),
    CaseAct.ACKNOWLEDGE: Rule(OPEN, CENTRE, leads=False),
    CaseAct.CALL_BACK: Rule(
        _in(S.REPORTED_BACK, S.CHECKED, S.CLOSED, S.REJECTED),
        CENTRE,
        None,
        (
            Field("result", "choice", True, choices=tuple(CallBack)),
            Field("reason", limit=REASON_LIMIT),
            Field("called_at", "time", past=True),
        ),
        leads=False,
    ),
    CaseAct.ASSIGN_TASK: Rule(
        OPEN - _in(S.REPORTED, S.VERIFIED, S.CHECKED),
        CENTRE,
        None,
        (
            _needs("department", "code"),
            _needs("activity", limit=80),
            DUE,
            Field("step", "small"),
        ),
    ),
    CaseAct.MOVE_TASK: Rule(
        OPEN - _in(S.REPORTED, S.VERIFIED),
        PEOPLE,
        None,
        (
            _needs("task", "number"),
            Field("move", "choice", True, choices=MOVES),
            _needs("department", "code"),
            Field("moved_at", "time", past=True),
            Field("result", limit=REASON_LIMIT),
        ),
    ),
    CaseAct.START_SOP: Rule(
        OPEN, CENTRE | SYSTEM, None, (_needs("sop", "code"), Field("version", "small"))
    ),
    CaseAct.STEP_SOP: Rule(
        OPEN,
        PEOPLE,
        None,
        (
            _needs("step", "small"),
            _needs("sop", "code"),
            Field("move", "choice", True, choices=STEPS),
            SHORT_NOTE,
        ),
    ),
    CaseAct.TAKE_LEAD: Rule(OPEN, CENTRE),
    CaseAct.SOURCE_SAID: Rule(
        frozenset(CaseState),
        SYSTEM,
        None,
        (Field("said", "choice", True, choices=tuple(CaseState)),),
        leads=False,
    ),
}
"""`report` stands apart: before it there is no case."""

ON_ENDED = frozenset(act for act, rule in RULES.items() if rule.states & ENDED)
"""What can still be done to a case that has ended."""

LEADER_CLOSES = OPEN - _in(S.CHECKED, S.REPORTED, S.VERIFIED)
"""Where a leader may close as error or special with a reason and without a check."""
