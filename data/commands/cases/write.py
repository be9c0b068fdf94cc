"""Writes one change of a case: what it asks for beside it, its event, and its row."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam

from data import models as m
from data.cases.change import (
    Ask,
    CardMove,
    Change,
    ClockMove,
    Decided,
    NewApproval,
    NewCard,
    OwnershipItem,
    StartClock,
    StopClock,
    Withdrawn,
)
from data.cases.loop import CaseNow, Event
from data.catalogue import Catalogue
from data.commands.cases.clocks import CaseClocks
from data.queries.case_now import Stood
from data.queries.duties import Proposal
from data.queries.keys import Keys
from data.vocabulary import STAGE_OF, CaseAct


@dataclass
class Writing:
    """One act while it is written, in the transaction of whoever acts.

    columns: of `cases`, what is beside the rules. made: the id of the row that was added.
    """

    conn: Connection
    catalogue: Catalogue
    keys: Keys
    stood: Stood
    change: Change
    duty: Proposal
    columns: dict[str, Any] = field(default_factory=dict)
    detail: dict[str, Any] = field(default_factory=dict)
    made: int | None = None

    @property
    def event(self) -> Event:
        """Return the event that is written."""
        return self.change.event

    @property
    def at(self) -> datetime:
        """Return when it happens."""
        return self.event.at

    @property
    def clocks(self) -> CaseClocks:
        """Return the clocks of the case."""
        return CaseClocks(self.conn, self.catalogue, self.duty.duty, self.stood.id, self.at)


def write(w: Writing) -> None:
    """Write what is asked beside the case, then the event, then the case as it stands now."""
    w.detail = {**w.event.detail, **w.detail}
    _lead(w)
    for ask in w.change.asks:
        _ask(w, ask)
    w.conn.execute(m.case_event.insert().values(event_row(w)))
    own = m.cases.update().where(m.cases.c.id == bindparam("b_id"))
    w.conn.execute(own.values(case_row(w)), {"b_id": w.stood.id})


def _lead(w: Writing) -> None:
    """When we begin to lead, the clocks of the platform's case become ours."""
    case = w.stood.case
    if case.led or not w.change.case.led:
        return
    w.columns["led_since"] = w.at
    if case.due_at is not None and not case.ended:
        w.clocks.start(StartClock("total", case.due_at), case.reported_at)


def _ask(w: Writing, ask: Ask) -> None:
    match ask:
        case NewApproval():
            w.made = w.detail["approval"] = _approval(w, ask)
        case Decided():
            _decide(w, ask.id, granted=ask.granted, words=ask.decision)
        case Withdrawn():
            _decide(w, ask.id, granted=False, words="")
        case StartClock():
            w.clocks.start(ask, w.stood.case.reported_at)
        case StopClock():
            w.clocks.stop(ask)
        case ClockMove():
            w.clocks.move(ask, suspended_since=w.stood.case.suspended_at)
        case OwnershipItem():
            _ownership(w, ask.why)
        case NewCard():
            w.made = w.detail["card"] = _card(w, ask)
        case CardMove():
            _card_moves(w, ask)


def _approval(w: Writing, ask: NewApproval) -> int:
    values = {
        "case_id": w.stood.id,
        "kind": ask.kind.value,
        "asked_at": w.at,
        "asked_by": w.event.actor_id,
        "asked_name": w.event.actor[:60],
        "reason": ask.reason[:500],
        "wanted": dict(ask.wanted),
    }
    made = m.case_approval.insert().values(values).returning(m.case_approval.c.id)
    return int(w.conn.execute(made).scalar_one())


def _decide(w: Writing, approval: int | None, *, granted: bool, words: str) -> None:
    """Close an approval. One that the end of its case made void is denied without a word."""
    a = m.case_approval.c
    values = {
        "granted": granted,
        "decided_at": w.at,
        "decided_by": w.event.actor_id,
        "decided_name": w.event.actor[:60],
        "decision": words[:500],
    }
    w.conn.execute(m.case_approval.update().where(a.id == approval).values(values))


def _ownership(w: Writing, why: str) -> None:
    """Ask one level up: of a town the county, else the city."""
    stood, facts = w.stood, w.catalogue
    values = {
        "case_id": stood.id,
        "category_id": stood.row.category_id,
        "area_id": stood.row.area_id,
        "why": why,
        "raised_at": w.at,
        "up_to": facts.areas[stood.area].parent or facts.city.code,
    }
    made = m.ownership_item.insert().values(values).returning(m.ownership_item.c.id)
    w.detail["ownership"] = int(w.conn.execute(made).scalar_one())


def _card(w: Writing, ask: NewCard) -> int:
    """Raise a card; by hand it has no rung, so no version and no next step."""
    more = w.detail.get("more") or {}
    department = w.change.case.department
    own = w.keys.departments[department] if department else w.stood.row.department_id
    values = {
        "case_id": w.stood.id,
        "department_id": own,
        "rule": w.event.rule or "by_hand",
        "rule_version": more.get("rule_version", 0),
        "colour": int(ask.colour),
        "raised_at": w.at,
        "evidence": more.get("evidence", {"note": ask.note}),
        "next_step_at": _moment(more.get("next_step_at")),
    }
    made = m.supervision_card.insert().values(values).returning(m.supervision_card.c.id)
    card = int(w.conn.execute(made).scalar_one())
    _card_event(w, card, "raised", ask.note)
    return card


def _card_moves(w: Writing, ask: CardMove) -> None:
    s = m.supervision_card.c
    values: dict[str, Any] = {"state": ask.state}
    if ask.state == "withdrawn":
        values["ended_at"] = w.at
    w.conn.execute(m.supervision_card.update().where(s.id == ask.id).values(values))
    if ask.id is not None:
        _card_event(w, ask.id, ask.state, w.event.note)


def _card_event(w: Writing, card: int, action: str, note: str) -> None:
    values = {
        "card_id": card,
        "at": w.at,
        "action": action,
        "actor_id": w.event.actor_id,
        "actor": w.event.actor[:60],
        "note": note[:500],
    }
    w.conn.execute(m.supervision_event.insert().values(values))


def _moment(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None


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
        "updated_at": w.at,
        "recorded_at": w.at,
        **_counts(case),
        **w.columns,
    }
    if case.department:
        row["department_id"] = w.keys.departments[case.department]
    if w.event.action is CaseAct.DISPATCH:
        row["duty_version"] = w.duty.ref
    return row


def _counts(case: CaseNow) -> dict[str, int]:
    names = ("rework", "returns", "transfers", "extensions", "suspensions", "supervised")
    counts = {name: int(getattr(case, name)) for name in names}
    return counts | {"suspended_s": case.suspended_s}
