"""What an event makes of a case. A case is its events, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from data.cases.standing import MEMORY, Card, CaseNow, Event, Pending
from data.vocabulary import ENDED, Asked, CallBack, CaseAct, CaseState, Closing, Colour, Holder

ASKED_BY = {
    CaseAct.ASK_EXTENSION: Asked.EXTENSION,
    CaseAct.ASK_SUSPENSION: Asked.SUSPENSION,
    CaseAct.ASK_RETURN: Asked.RETURN,
}
STANDING_CARDS = ("active", "answered", "appealed", "upheld")
Fields = dict[str, Any]


def after(case: CaseNow, event: Event) -> CaseNow:
    """Return the case after one more event."""
    moved = _place(case, event) | _suspended(case, event) | _ended(event)
    act = _ACTS.get(event.action)
    if act is not None:
        moved |= act(case, event)
    if event.detail.get("took_lead"):
        moved["led"] = True
    return replace(case, **moved)


def project(events: Iterable[Event]) -> CaseNow:
    """Return the case that began with a report here and went through all these events."""
    first, *rest = events
    case = begun(first)
    for event in rest:
        case = after(case, event)
    return case


def remembered(case: CaseNow, events: Iterable[Event]) -> CaseNow:
    """Return the case with the fields of MEMORY as its events, oldest first, tell them.

    For a case read from its row: the row keeps state and counts, the events
    keep who dispatched, who reported back, since when it is suspended.
    """
    told = replace(case, **_EMPTY)
    for event in events:
        told = after(told, event)
    return replace(case, **{name: getattr(told, name) for name in MEMORY})


_EMPTY: Fields = {
    name: CaseNow.__dataclass_fields__[name].default for name in MEMORY if name != "changed_at"
}


def begun(event: Event) -> CaseNow:
    """Return the case that a report makes."""
    told = event.detail
    return CaseNow(
        state=CaseState.REPORTED,
        reported_at=moment(told.get("reported_at")) or event.at,
        no=told.get("no", ""),
        holder=Holder.CENTRE,
        held_since=event.at,
        department=event.department,
        county=told.get("county"),
        town=told.get("town"),
        level=told.get("level", 0),
        due_at=moment(told.get("due_at")),
        changed_at=event.at,
    )


def moment(text: Any) -> datetime | None:
    """Return a time out of the plain JSON of an event."""
    return datetime.fromisoformat(text) if isinstance(text, str) else None


def _place(case: CaseNow, event: Event) -> Fields:
    """Return state, holder and department: the same for every act."""
    holder = event.holder or case.holder
    department = case.department if event.holder is None else event.department
    same = holder is case.holder and department == case.department
    return {
        "version": case.version + 1,
        "state": event.to_state or case.state,
        "holder": holder,
        "department": department,
        "held_since": case.held_since if same else event.at,
        "changed_at": event.at,
    }


def _suspended(case: CaseNow, event: Event) -> Fields:
    """Count the suspension when it ends, whatever ends it."""
    leaves = event.to_state not in (None, CaseState.SUSPENDED)
    if case.suspended_at is None or not leaves:
        return {}
    spent = int((event.at - case.suspended_at).total_seconds())
    return {
        "suspended_s": case.suspended_s + max(0, spent),
        "suspended_at": None,
        "review_at": None,
        "suspension_id": None,
    }


def _ended(event: Event) -> Fields:
    if event.to_state not in ENDED:
        return {}
    return {"ended_at": event.at, "pending": ()}


def _due(case: CaseNow, told: Mapping[str, Any]) -> datetime | None:
    """Return the due time: the first that is told stands."""
    return case.due_at or moment(told.get("due_at"))


def _open(case: CaseNow, event: Event) -> Fields:
    return {"due_at": _due(case, event.detail)}


def _dispatch(case: CaseNow, event: Event) -> Fields:
    told = event.detail
    asked = (*case.co_departments, *told.get("co_departments", ()))
    fields: Fields = {
        "due_at": _due(case, told),
        "level": told.get("level", case.level),
        "co_departments": tuple(c for c in dict.fromkeys(asked) if c != event.department),
    }
    if not told.get("same_department"):
        fields |= {"dispatched_by": event.actor_id, "dispatched_name": event.actor}
    if told.get("transfer"):
        fields |= _transferred(case)
    return fields


def _transferred(case: CaseNow) -> Fields:
    return {"transfers": case.transfers + 1, "idle_transfers": case.idle_transfers + 1}


def _start(_case: CaseNow, _event: Event) -> Fields:
    return {"idle_transfers": 0}


def _report_back(_case: CaseNow, event: Event) -> Fields:
    return {"reported_back_by": event.actor_id, "reported_back_name": event.actor}


def _check_good(_case: CaseNow, event: Event) -> Fields:
    return {"checked_at": event.at}


def _check_bad(case: CaseNow, _event: Event) -> Fields:
    return {"rework": case.rework + 1, "checked_at": None}


def _close(_case: CaseNow, event: Event) -> Fields:
    kind = event.detail.get("kind")
    return {"closing": Closing(kind) if kind else None}


def _reopen(_case: CaseNow, _event: Event) -> Fields:
    return {
        "closing": None,
        "ended_at": None,
        "checked_at": None,
        "idle_transfers": 0,
        "reported_back_by": None,
        "reported_back_name": "",
        "dispatched_by": None,
        "dispatched_name": "",
    }


def _ask(case: CaseNow, event: Event) -> Fields:
    told = event.detail
    asked = Pending(
        told.get("approval"),
        ASKED_BY[event.action],
        event.actor_id,
        event.actor,
        dict(told.get("wanted", {})),
    )
    return {"pending": (*case.pending, asked)}


def _grant(case: CaseNow, event: Event) -> Fields:
    told = event.detail
    fields: Fields = {"pending": ()}
    match told.get("kind"):
        case Asked.EXTENSION:
            fields |= {
                "due_at": moment(told.get("until")) or case.due_at,
                "extensions": case.extensions + 1,
            }
        case Asked.SUSPENSION:
            fields |= {
                "suspensions": case.suspensions + 1,
                "suspended_at": event.at,
                "review_at": moment(told.get("review_at")),
                "suspension_id": told.get("approval"),
            }
        case Asked.RETURN:
            fields |= {"returns": case.returns + 1, "dispatched_by": None, "dispatched_name": ""}
            fields |= _transferred(case)
    return fields


def _deny(_case: CaseNow, _event: Event) -> Fields:
    return {"pending": ()}


def _resume(case: CaseNow, event: Event) -> Fields:
    return {"due_at": moment(event.detail.get("due_at")) or case.due_at}


def _supervise(case: CaseNow, event: Event) -> Fields:
    told = event.detail
    colour = Colour(told.get("colour", Colour.NONE))
    card = Card(told.get("card"), colour, department=case.department)
    return {
        "supervised": max(case.supervised, colour),
        "level": told.get("level", case.level),
        "cards": (*case.cards, card),
    }


def _appeal(case: CaseNow, event: Event) -> Fields:
    told = event.detail.get("card")
    return {
        "cards": tuple(
            replace(c, state="appealed", appealed_by=event.actor_id, appealed_name=event.actor)
            if c.id == told
            else c
            for c in case.cards
        )
    }


def _decide_appeal(case: CaseNow, event: Event) -> Fields:
    told, state = event.detail.get("card"), "upheld" if event.detail.get("upheld") else "withdrawn"
    cards = tuple(replace(c, state=state) if c.id == told else c for c in case.cards)
    standing = [c.colour for c in cards if c.state in STANDING_CARDS]
    return {"cards": cards, "supervised": max(standing, default=Colour.NONE)}


def _merge(_case: CaseNow, event: Event) -> Fields:
    return {"parent": event.detail.get("parent")}


def _acknowledge(_case: CaseNow, event: Event) -> Fields:
    return {"acknowledged_at": event.at}


def _call_back(_case: CaseNow, event: Event) -> Fields:
    result = event.detail.get("result")
    return {"call_back": CallBack(result) if result else None}


def _assign_task(case: CaseNow, event: Event) -> Fields:
    code = event.detail.get("department")
    if code is None or code in case.departments:
        return {}
    return {"co_departments": (*case.co_departments, code)}


def _take_lead(_case: CaseNow, _event: Event) -> Fields:
    return {"led": True}


_ACTS: dict[CaseAct, Callable[[CaseNow, Event], Fields]] = {
    CaseAct.OPEN: _open,
    CaseAct.DISPATCH: _dispatch,
    CaseAct.START: _start,
    CaseAct.REPORT_BACK: _report_back,
    CaseAct.CHECK_GOOD: _check_good,
    CaseAct.CHECK_BAD: _check_bad,
    CaseAct.CLOSE: _close,
    CaseAct.FORCE_CLOSE: _close,
    CaseAct.REOPEN: _reopen,
    CaseAct.ASK_RETURN: _ask,
    CaseAct.ASK_EXTENSION: _ask,
    CaseAct.ASK_SUSPENSION: _ask,
    CaseAct.GRANT: _grant,
    CaseAct.DENY: _deny,
    CaseAct.RESUME: _resume,
    CaseAct.SUPERVISE: _supervise,
    CaseAct.APPEAL: _appeal,
    CaseAct.DECIDE_APPEAL: _decide_appeal,
    CaseAct.MERGE: _merge,
    CaseAct.ACKNOWLEDGE: _acknowledge,
    CaseAct.CALL_BACK: _call_back,
    CaseAct.ASSIGN_TASK: _assign_task,
    CaseAct.TAKE_LEAD: _take_lead,
}
