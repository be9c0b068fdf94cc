"""What follows from the fields of an act on this case: the checks that need to know it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from data.cases.bars import appealable, appealed
from data.cases.change import Code, Request
from data.cases.events import Told, plain
from data.cases.fields import Problem, problem
from data.cases.projection import moment
from data.cases.rules import CLOSINGS
from data.cases.standing import CaseNow
from data.vocabulary import (
    Asked,
    CallBack,
    CaseAct,
    CaseState,
    Closing,
    LinkKind,
    Role,
)

Decision = Told | Problem


def decided(case: CaseNow, request: Request, told: Told) -> Decision:
    """Return the detail of the event, told fields and what follows from them, or a problem."""
    decide = _DECISIONS.get(request.act)
    return decide(case, request, told) if decide else told


def _due(case: CaseNow, _request: Request, told: Told) -> Decision:
    """Keep a due time only where none is in force: it never moves without an approval."""
    due = told.get("due_at")
    if due is not None and due < case.reported_at:
        return problem(Code.BEFORE_REPORTED, "due_at", than=case.reported_at)
    if case.due_at is not None:
        told.pop("due_at", None)
    return told


WITH_SOMEBODY = frozenset(
    {CaseState.DISPATCHED, CaseState.ACCEPTED, CaseState.HANDLING, CaseState.REWORK}
)


def _dispatch(case: CaseNow, request: Request, told: Told) -> Decision:
    with_somebody = case.state in WITH_SOMEBODY and case.department is not None
    if with_somebody and told["department"] == case.department:
        told["same_department"] = True
    elif with_somebody:
        if "reason" not in told:
            return problem(Code.MISSING_FIELD, "reason")
        told |= {
            "transfer": True,
            "from_department": case.department,
            "dispatched_by": case.dispatched_by,
            "dispatched_name": case.dispatched_name,
        }
    return _due(case, request, told)


def _ask_extension(case: CaseNow, _request: Request, told: Told) -> Decision:
    if case.due_at is None:
        return Problem(Code.NOTHING_TO_EXTEND, {})
    if told["until"] <= case.due_at:
        return problem(Code.NOT_LATER, "until", than=case.due_at)
    told["old_due_at"] = case.due_at
    return _wanted(told, "until")


def _ask_suspension(_case: CaseNow, _request: Request, told: Told) -> Decision:
    return _wanted(told, "review_at")


def _ask_return(case: CaseNow, _request: Request, told: Told) -> Decision:
    if told.get("suggests") == case.department and case.department:
        return problem(Code.UNKNOWN_CHOICE, "suggests", choices=())
    return _wanted(told, "suggests")


def _wanted(told: Told, name: str) -> Told:
    return told | {"wanted": plain({name: told.pop(name, None)})}


def _grant(case: CaseNow, request: Request, told: Told) -> Decision:
    found = _which(case, told)
    if isinstance(found, Problem):
        return found
    kind, wanted = told["kind"], case.pending[0].wanted
    if kind is Asked.EXTENSION:
        return _extension(case, told, moment(wanted.get("until")))
    if told.pop("until", None) is not None:
        return problem(Code.UNKNOWN_FIELD, "until")
    if kind is Asked.SUSPENSION:
        review = moment(wanted.get("review_at"))
        if review is None or review <= request.at:
            return problem(Code.NOT_LATER, "review_at", than=request.at)
        return told | {"review_at": review}
    return told | {
        "wrong_dispatch": True,
        "wrong_department": case.department,
        "dispatched_by": case.dispatched_by,
        "dispatched_name": case.dispatched_name,
        "suggests": wanted.get("suggests"),
    }


def _extension(case: CaseNow, told: Told, wanted: datetime | None) -> Decision:
    """Give what was asked, or less, never more."""
    until = told.get("until") or wanted
    if until is None or (case.due_at is not None and until <= case.due_at):
        return problem(Code.NOT_LATER, "until", than=case.due_at)
    if wanted is not None and until > wanted:
        return problem(Code.UNKNOWN_CHOICE, "until", choices=(wanted,))
    return told | {"until": until, "old_due_at": case.due_at}


def _which(case: CaseNow, told: Told) -> Told | Problem:
    """Name the approval that is decided; the id may be left out, but must not be another."""
    asked, wanted = case.pending[0], told.pop("pending", None)
    if wanted is not None and asked.id is not None and wanted != asked.id:
        return Problem(Code.NOTHING_PENDING, {"field": "pending", "id": wanted})
    told |= {"kind": asked.kind, "approval": asked.id}
    return told


def _deny(case: CaseNow, _request: Request, told: Told) -> Decision:
    return _which(case, told)


def _resume(case: CaseNow, request: Request, told: Told) -> Decision:
    """Move the due time by the suspension, at most by as much as was approved."""
    if case.suspended_at is None:
        return told
    end = min(request.at, case.review_at) if case.review_at else request.at
    moved = max(0, int((end - case.suspended_at).total_seconds()))
    spent = max(0, int((request.at - case.suspended_at).total_seconds()))
    told |= {"approval": case.suspension_id, "suspended_s": spent, "approved_s": min(moved, spent)}
    if case.due_at is not None:
        told |= {"old_due_at": case.due_at, "due_at": case.due_at + timedelta(seconds=moved)}
    return told


def _close(case: CaseNow, request: Request, told: Told) -> Decision:
    kind = told.get("kind", Closing.NORMAL)
    usual = kind in (Closing.NORMAL, Closing.TIMEOUT)
    if usual and case.state is not CaseState.CHECKED:
        return problem(Code.UNKNOWN_CHOICE, "kind", choices=CLOSINGS[2:])
    if usual:
        late = case.due_at is not None and request.at > case.due_at
        return told | {"kind": Closing.TIMEOUT if late else Closing.NORMAL}
    return told if "reason" in told else problem(Code.MISSING_FIELD, "reason")


def _force_close(_case: CaseNow, _request: Request, told: Told) -> Decision:
    return told | {"kind": Closing.FORCED}


def _merge(case: CaseNow, _request: Request, told: Told) -> Decision:
    if told["parent"] == case.no:
        return problem(Code.UNKNOWN_CHOICE, "parent", choices=())
    return told


def _appeal(case: CaseNow, request: Request, told: Told) -> Decision:
    cards = tuple(c.id for c in appealable(case, request.actor))
    return told if told["card"] in cards else problem(Code.UNKNOWN_CHOICE, "card", choices=cards)


def _decide_appeal(case: CaseNow, request: Request, told: Told) -> Decision:
    cards = appealed(case)
    found = next((c for c in cards if c.id == told["card"]), None)
    if found is None:
        return problem(Code.UNKNOWN_CHOICE, "card", choices=tuple(c.id for c in cards))
    if request.actor.is_same(found.appealed_by, found.appealed_name):
        return Problem(Code.OWN_APPROVAL, {})
    return told


def _link(case: CaseNow, _request: Request, told: Told) -> Decision:
    name = "ref" if told["kind"] in (LinkKind.WARNING, LinkKind.INDICATOR) else "other"
    if name not in told:
        return problem(Code.MISSING_FIELD, name)
    if told.get("other") == case.no and case.no:
        return problem(Code.UNKNOWN_CHOICE, "other", choices=())
    return told


def _call_back(case: CaseNow, _request: Request, told: Told) -> Decision:
    if told["result"] is CallBack.EXCLUDED and "reason" not in told:
        return problem(Code.MISSING_FIELD, "reason")
    return _since_reported(case, told, "called_at")


def _since_reported(case: CaseNow, told: Told, name: str) -> Decision:
    if name in told and told[name] < case.reported_at:
        return problem(Code.BEFORE_REPORTED, name, than=case.reported_at)
    return told


def _move_task(case: CaseNow, request: Request, told: Told) -> Decision:
    actor = request.actor
    theirs = actor.department in (None, told["department"])
    if actor.role is Role.DEPARTMENT and not theirs:
        return Problem(Code.OTHER_DEPARTMENT, {"department": told["department"]})
    if told["move"] == "ended" and "result" not in told:
        return problem(Code.MISSING_FIELD, "result")
    return _since_reported(case, told, "moved_at")


def _assign_task(case: CaseNow, _request: Request, told: Told) -> Decision:
    return _since_reported(case, told, "due_at")


def _step_sop(_case: CaseNow, _request: Request, told: Told) -> Decision:
    if told["move"] == "skipped" and "note" not in told:
        return problem(Code.MISSING_FIELD, "note")
    return told


_DECISIONS: dict[CaseAct, Callable[[CaseNow, Request, Told], Decision]] = {
    CaseAct.OPEN: _due,
    CaseAct.DISPATCH: _dispatch,
    CaseAct.ASK_EXTENSION: _ask_extension,
    CaseAct.ASK_SUSPENSION: _ask_suspension,
    CaseAct.ASK_RETURN: _ask_return,
    CaseAct.GRANT: _grant,
    CaseAct.DENY: _deny,
    CaseAct.RESUME: _resume,
    CaseAct.CLOSE: _close,
    CaseAct.FORCE_CLOSE: _force_close,
    CaseAct.MERGE: _merge,
    CaseAct.APPEAL: _appeal,
    CaseAct.DECIDE_APPEAL: _decide_appeal,
    CaseAct.LINK: _link,
    CaseAct.CALL_BACK: _call_back,
    CaseAct.MOVE_TASK: _move_task,
    CaseAct.ASSIGN_TASK: _assign_task,
    CaseAct.STEP_SOP: _step_sop,
}
