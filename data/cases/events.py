"""The event an act appends: what moved, who holds the case then, and all it takes to repeat it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from data.cases.change import Request
from data.cases.projection import ASKED_BY
from data.cases.rules import RULES
from data.cases.standing import HOLDER_OF, CaseNow, Event
from data.vocabulary import ENDED, Asked, CaseAct, CaseState, Holder, Role

Told = dict[str, Any]


def event_of(case: CaseNow, request: Request, told: Told, at: datetime) -> Event:
    """Return the event of an act that is allowed. Only an act that moves has a to_state."""
    to, department = _target(case, request.act, told)
    told = dict(told)
    note, rule = _words(told), told.pop("rule", None)
    detail = plain(told)
    if _takes_lead(case, request):
        detail["took_lead"] = True
    return Event(
        at=at,
        action=request.act,
        actor=request.actor.name,
        actor_id=request.actor.id,
        from_state=case.state,
        to_state=to,
        holder=_holder(case, request.act, to or case.state),
        department=department,
        note=note,
        rule=rule,
        detail=detail,
    )


def _words(told: Told) -> str:
    """Take the words of the event out: the reason, else the note; a note beside it stays."""
    reason = told.pop("reason", None)
    return str(reason if reason is not None else told.pop("note", ""))


def plain(told: Mapping[str, Any]) -> Told:
    """Return fields as plain JSON: times in ISO 8601, tuples as lists; `detail` as more."""
    return {
        ("more" if name == "detail" else name): (
            value.isoformat()
            if isinstance(value, datetime)
            else list(value)
            if isinstance(value, tuple)
            else value
        )
        for name, value in told.items()
    }


def _takes_lead(case: CaseNow, request: Request) -> bool:
    rule, system = RULES[request.act], request.actor.role is Role.SYSTEM_ACTOR
    return not case.led and rule.leads and not system and not case.ended


def _target(case: CaseNow, act: CaseAct, told: Told) -> tuple[CaseState | None, str | None]:
    """Return the state moved to, None if it stays, and the department that leads then."""
    if act is CaseAct.DISPATCH:
        return (None if told.get("same_department") else CaseState.DISPATCHED), told["department"]
    if act is CaseAct.REOPEN:
        return CaseState.OPENED, None
    if act is CaseAct.GRANT and told["kind"] is Asked.RETURN:
        return CaseState.OPENED, None
    if act is CaseAct.GRANT and told["kind"] is Asked.SUSPENSION:
        return CaseState.SUSPENDED, case.department
    return RULES[act].to, case.department


def _holder(case: CaseNow, act: CaseAct, state: CaseState) -> Holder:
    settles = act in (CaseAct.GRANT, CaseAct.DENY) or state in ENDED
    waits = act in ASKED_BY or (bool(case.pending) and not settles)
    return Holder.APPROVER if waits else HOLDER_OF[state]
