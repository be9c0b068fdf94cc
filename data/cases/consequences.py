"""What has to be written beside an event: approvals, clocks, cards, the question of ownership."""

from __future__ import annotations

from datetime import datetime

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
from data.cases.projection import ASKED_BY
from data.cases.standing import STAGE_CLOCK, CaseNow, Event
from data.vocabulary import ENDED, Asked, CaseAct

MANY = 3
"""Transfers that nobody started after, or reworks, before somebody asks whose it is."""


def consequences(before: CaseNow | None, event: Event, now: CaseNow) -> tuple[Ask, ...]:
    """Return what an event asks for, in the order in which it is to be written."""
    if before is None:
        return _clocks(None, event, now)
    return (
        *_approvals(before, event),
        *_clocks(before, event, now),
        *_moves(before, event, now),
        *_cards(event),
        *_ownership(before, now),
    )


def _approvals(before: CaseNow, event: Event) -> tuple[Ask, ...]:
    act, told = event.action, event.detail
    if act in ASKED_BY:
        return (NewApproval(ASKED_BY[act], event.note, dict(told["wanted"])),)
    if act in (CaseAct.GRANT, CaseAct.DENY):
        granted = act is CaseAct.GRANT
        return (Decided(told["approval"], Asked(told["kind"]), granted, event.note),)
    return tuple(Withdrawn(p.id, p.kind) for p in before.pending if event.to_state in ENDED)


def _clocks(before: CaseNow | None, event: Event, now: CaseNow) -> tuple[Ask, ...]:
    return (*_stage_clock(before, event, now), *_total_clock(before, now))


def _stage_clock(before: CaseNow | None, event: Event, now: CaseNow) -> tuple[Ask, ...]:
    """Stop one stage and start the next; a transfer starts its stage anew."""
    old, new = STAGE_CLOCK.get(before.state) if before else None, STAGE_CLOCK.get(now.state)
    if old == new and not event.detail.get("transfer"):
        return ()
    stops = (StopClock(old),) if old else ()
    starts = (StartClock(new),) if new else ()
    return (*stops, *starts)


def _total_clock(before: CaseNow | None, now: CaseNow) -> tuple[Ask, ...]:
    if before is not None and now.ended != before.ended:
        if now.ended:
            return (StopClock("total"),)
        return (StartClock("total", now.due_at),) if now.due_at else ()
    if now.due_at is not None and (before is None or before.due_at is None):
        return (StartClock("total", now.due_at),)
    return ()


def _moves(before: CaseNow, event: Event, now: CaseNow) -> tuple[Ask, ...]:
    """Move the total clock by what was approved, and that of handling if it runs."""
    if before.due_at is None or now.due_at is None or now.due_at == before.due_at:
        return _stage_move(event)
    seconds, approval = _seconds(before.due_at, now.due_at), event.detail.get("approval")
    total = ClockMove("total", seconds, approval, now.due_at)
    handled = STAGE_CLOCK.get(now.state) == "handle"
    return (total, ClockMove("handle", seconds, approval)) if handled else (total,)


def _stage_move(event: Event) -> tuple[Ask, ...]:
    seconds = event.detail.get("approved_s", 0) if event.action is CaseAct.RESUME else 0
    return (ClockMove("handle", seconds, event.detail.get("approval")),) if seconds else ()


def _seconds(old: datetime, new: datetime) -> int:
    return int((new - old).total_seconds())


def _cards(event: Event) -> tuple[Ask, ...]:
    told = event.detail
    if event.action is CaseAct.SUPERVISE:
        return (NewCard(told["colour"], event.note),)
    if event.action is CaseAct.APPEAL:
        return (CardMove(told["card"], "appealed"),)
    if event.action is CaseAct.DECIDE_APPEAL:
        return (CardMove(told["card"], "upheld" if told["upheld"] else "withdrawn"),)
    return ()


def _ownership(before: CaseNow, now: CaseNow) -> tuple[Ask, ...]:
    """Ask whose it is at every third time, unless the question is open already."""
    if now.ownership_open:
        return ()
    transfers = now.idle_transfers > before.idle_transfers and now.idle_transfers % MANY == 0
    rework = now.rework > before.rework and now.rework % MANY == 0
    return tuple(
        OwnershipItem(why) for why, hit in (("transfers", transfers), ("rework", rework)) if hit
    )
