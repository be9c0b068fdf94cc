"""What an act asks of others: approvals, supervision cards, the question whose a case is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from data import models as m
from data.cases.change import CardMove, NewApproval, NewCard
from data.commands.cases.writing import Writing


def approval(w: Writing, ask: NewApproval) -> int:
    """Ask an approver; return the row that is to be decided."""
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


def decide(w: Writing, approval: int | None, *, granted: bool, words: str) -> None:
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


def ownership(w: Writing, why: str) -> int:
    """Ask one level up whose it is, of a town the county, else the city; return the item."""
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
    return int(w.conn.execute(made).scalar_one())


def card(w: Writing, ask: NewCard) -> int:
    """Raise a card and return its row; by hand it has no rung, so no version and no next step."""
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
    number = int(w.conn.execute(made).scalar_one())
    _card_event(w, number, "raised", ask.note)
    return number


def card_moves(w: Writing, ask: CardMove) -> None:
    """Freeze a card that is appealed; let it stand, or take it back."""
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
