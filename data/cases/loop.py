"""The closed loop of a case: what may be done to it now, and what comes of doing it. Pure.

`take` checks an act and returns a Change or a Refusal; `allowed` lists what an
actor may do; `report` begins a case. The table is in `rules`, what an event
does to a case in `projection`, who held it when in `holding`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from data.cases.bars import barred, covers, out_of_scope
from data.cases.change import (
    Ask,
    CardMove,
    Change,
    ClockMove,
    Code,
    Decided,
    NewApproval,
    NewCard,
    OwnershipItem,
    Refusal,
    Request,
    StartClock,
    StopClock,
    Withdrawn,
)
from data.cases.consequences import consequences
from data.cases.decide import decided
from data.cases.events import event_of, plain
from data.cases.fields import Problem, cleaned, problem
from data.cases.holding import Hold, holding, sums
from data.cases.projection import after, begun, project, remembered
from data.cases.rules import REPORT_FIELDS, REPORTERS, RULES
from data.cases.standing import HOLDER_OF, Actor, Card, CaseNow, Event, Pending
from data.vocabulary import CaseAct, CaseState, Holder

__all__ = [
    "HOLDER_OF",
    "Actor",
    "Ask",
    "Card",
    "CardMove",
    "CaseNow",
    "Change",
    "ClockMove",
    "Code",
    "Decided",
    "Event",
    "Hold",
    "NewApproval",
    "NewCard",
    "OwnershipItem",
    "Pending",
    "Refusal",
    "Request",
    "StartClock",
    "StopClock",
    "Withdrawn",
    "after",
    "allowed",
    "holding",
    "project",
    "remembered",
    "report",
    "sums",
    "take",
]


def allowed(case: CaseNow, actor: Actor) -> tuple[CaseAct, ...]:
    """Return the acts that are not barred for this actor now: role, scope, state, own work."""
    return tuple(act for act in RULES if barred(case, actor, act) is None)


def take(case: CaseNow, request: Request) -> Change | Refusal:
    """Return what the act makes of the case, or why it is refused; nothing else happens.

    The order of the checks: role, area, department; then whether the case was
    seen as it stands; then state, approvals waited for and own work; then the
    fields. An act told with an earlier time than the last event counts from
    that one on.
    """
    act, actor = request.act, request.actor
    rule = RULES.get(act)
    scope = out_of_scope(case, actor, rule) if rule else None
    bar = scope or _out_of_date(case, request) or barred(case, actor, act)
    if bar is not None:
        return _refusal(case, request, *bar)
    at = max(request.at, case.changed_at or request.at)
    if at < case.reported_at:
        return _refusal(case, request, Code.BEFORE_REPORTED, {"than": case.reported_at})
    request = replace(request, at=at)
    told = cleaned(RULES[act].fields, request.fields, at)
    detail = told if isinstance(told, Problem) else decided(case, request, told)
    if isinstance(detail, Problem):
        return _refusal(case, request, detail.code, detail.params)
    event = event_of(case, request, detail, at)
    new = after(case, event)
    return Change(new, event, consequences(case, event, new))


def _out_of_date(case: CaseNow, request: Request) -> tuple[Code, dict[str, Any]] | None:
    if request.version is None or request.version == case.version:
        return None
    return Code.OUT_OF_DATE, {"version": request.version, "now": case.version}


def _refusal(case: CaseNow, request: Request, code: Code, params: Mapping[str, Any]) -> Refusal:
    told = {"act": request.act, "state": case.state, **params}
    return Refusal(code, told, allowed(case, request.actor))


def report(request: Request) -> Change | Refusal:
    """Return a new case, led here from the start, or why it is refused.

    fields: body (required), no, title, category, county, town, address,
    department (a proposal), channel, level, due_at, reported_at (not after
    now, default now; the event is of then). Category, area and place are
    looked up by the caller.
    """
    actor = request.actor
    if actor.role not in REPORTERS:
        return _unreported(Code.WRONG_ROLE, {"roles": tuple(sorted(REPORTERS))})
    told = cleaned(REPORT_FIELDS, request.fields, request.at)
    found = told if isinstance(told, Problem) else _reported(request, told)
    if isinstance(found, Problem):
        return _unreported(found.code, found.params)
    event = Event(
        at=found["reported_at"],
        action=CaseAct.REPORT,
        actor=actor.name,
        actor_id=actor.id,
        to_state=CaseState.REPORTED,
        holder=Holder.CENTRE,
        department=found.pop("department", None),
        note=found.pop("body"),
        rule=found.pop("rule", None),
        detail=plain(found),
    )
    case = begun(event)
    return Change(case, event, consequences(None, event, case))


def _reported(request: Request, told: dict[str, Any]) -> dict[str, Any] | Problem:
    reported: datetime = told.setdefault("reported_at", request.at)
    if "due_at" in told and told["due_at"] < reported:
        return problem(Code.BEFORE_REPORTED, "due_at", than=reported)
    codes = tuple(c for c in (told.get("town"), told.get("county")) if c)
    if not covers(request.actor.area, codes):
        return Problem(Code.OTHER_AREA, {"area": request.actor.area})
    return told


def _unreported(code: Code, params: Mapping[str, Any]) -> Refusal:
    acts = () if code in (Code.WRONG_ROLE, Code.OTHER_AREA) else (CaseAct.REPORT,)
    return Refusal(code, {"act": CaseAct.REPORT, **params}, acts)
