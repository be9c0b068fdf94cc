"""Writes one change of a case: what it asks for beside it, its event, and its row."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam

from data import models as m
from data.cases.change import (
    Ask,
    CardMove,
    ClockMove,
    Decided,
    NewApproval,
    NewCard,
    OwnershipItem,
    StartClock,
    StopClock,
    Withdrawn,
)
from data.cases.loop import CaseNow
from data.cases.standing import STAGE_CLOCK
from data.commands.cases.asked import approval, card, card_moves, decide, ownership
from data.commands.cases.writing import Writing
from data.vocabulary import STAGE_OF, CaseAct


def write(w: Writing) -> None:
    """Write what is asked beside the case, then the event, then the case as it stands now."""
    w.detail = {**w.event.detail, **w.detail}
    _lead(w)
    for ask in w.change.asks:
        _ask(w, ask)
    _lead_stage(w)
    w.conn.execute(m.case_event.insert().values(event_row(w)))
    own = m.cases.update().where(m.cases.c.id == bindparam("b_id"))
    w.conn.execute(own.values(case_row(w)), {"b_id": w.stood.id})


def _lead(w: Writing) -> None:
    """When we begin to lead, the due time of the platform's case becomes a clock of ours."""
    case = w.stood.case
    if case.led or not w.change.case.led:
        return
    w.columns["led_since"] = w.at
    if case.due_at is not None and not case.ended:
        w.clocks.start(StartClock("total", case.due_at), case.reported_at)


def _lead_stage(w: Writing) -> None:
    """Start the clock of the stage that a case we begin to lead is in."""
    kind = STAGE_CLOCK.get(w.change.case.state)
    if "led_since" in w.columns and kind and w.clocks.stage_due_at() is None:
        w.clocks.start(StartClock(kind), w.at)


def _ask(w: Writing, ask: Ask) -> None:
    match ask:
        case NewApproval():
            w.made = w.detail["approval"] = approval(w, ask)
        case Decided():
            decide(w, ask.id, granted=ask.granted, words=ask.decision)
        case Withdrawn():
            decide(w, ask.id, granted=False, words="")
        case StartClock():
            w.clocks.start(ask, w.stood.case.reported_at)
        case StopClock():
            w.clocks.stop(ask)
        case ClockMove():
            w.clocks.move(ask, suspended_since=w.stood.case.suspended_at)
        case OwnershipItem():
            w.detail["ownership"] = ownership(w, ask.why)
        case NewCard():
            w.made = w.detail["card"] = card(w, ask)
        case CardMove():
            card_moves(w, ask)


def event_row(w: Writing) -> dict[str, Any]:
    """Return the event as it is appended."""
    event, before, case = w.event, w.stood.case, w.change.case
    return {
        "case_id": w.stood.id,
        "seq": case.version,
        "at": event.at,
        "recorded_at": event.at,
        "actor": event.actor[:80],
        "action": event.action.value,
        "from_stage": STAGE_OF[before.state].value,
        "to_stage": STAGE_OF[case.state].value,
        "department_id": w.keys.departments[event.department] if event.department else None,
        "note": event.note or None,
        "from_state": before.state.value,
        "to_state": event.to_state.value if event.to_state else None,
        "holder": event.holder.value if event.holder else None,
        "actor_id": event.actor_id,
        "rule": event.rule,
        "detail": w.detail or None,
        "before": _before(before, case) or None,
    }


def _before(before: CaseNow, after: CaseNow) -> dict[str, str]:
    """Return what the columns that an act changes beside its state were, as files write it too.

    Whoever looks back undoes by it what was not known yet.
    """
    return {
        name: str(getattr(before, name))
        for name in ("level", "due_at")
        if getattr(before, name) != getattr(after, name)
    }


def case_row(w: Writing) -> dict[str, Any]:
    """Return the columns of `cases` as the case stands after the change."""
    case = w.change.case
    row = {
        "version": case.version,
        "state": case.state.value,
        "stage": STAGE_OF[case.state].value,
        "holder": case.holder.value,
        "held_since": case.held_since,
        "level": int(case.level),
        "due_at": case.due_at,
        "stage_due_at": w.clocks.stage_due_at(),
        "acknowledged_at": case.acknowledged_at,
        "closing": case.closing.value if case.closing else None,
        "closed_at": case.ended_at if case.ended else None,
        "call_back": case.call_back.value if case.call_back else None,
        "recorded_at": w.at,
        **_counts(case),
        **w.columns,
    }
    if case.led:
        row["updated_at"] = w.at  # of a mirrored case it is when its platform last spoke
    if case.department:
        row["department_id"] = w.keys.departments[case.department]
    if w.event.action is CaseAct.DISPATCH:
        row["duty_version"] = w.duty.ref
    return row


def _counts(case: CaseNow) -> dict[str, int]:
    names = ("rework", "returns", "transfers", "extensions", "suspensions", "supervised")
    counts = {name: int(getattr(case, name)) for name in names}
    return counts | {"suspended_s": case.suspended_s}
