"""Statutory response levels I to IV of one plan in one area: begun, changed and ended by order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from data.catalogue.alarm_entries import ResponsePlan
from data.stage.decide import Code, Refusal
from data.vocabulary import Role

RESPONDERS = frozenset({Role.LEADER, Role.OPERATOR})
"""Who writes down what a document ordered."""
BASIS_LIMIT, REASON_LIMIT = 200, 500
AHEAD, BEHIND = timedelta(minutes=5), timedelta(days=30)
"""How far a begin may lie ahead of the clock or behind it: an order is written down soon."""


@dataclass(frozen=True)
class Response:
    """One response level in force. id: its row."""

    id: int
    plan: str
    level: int
    area: str
    started_at: datetime


def started(
    plan: ResponsePlan | None, level: Any, basis: str, at: datetime, now: datetime,
    before: Response | None, *, changes: bool,
) -> Refusal | None:  # fmt: skip
    """Return why a level cannot begin at `at`, None if it can.

    before: what is in force of this plan in this area; changes: it is to be replaced.
    """
    if plan is None:
        return Refusal(Code.UNKNOWN_CHOICE, {"field": "plan"})
    if not isinstance(level, int) or isinstance(level, bool) or not 1 <= level <= 4:
        return Refusal(Code.UNKNOWN_CHOICE, {"field": "level", "choices": (1, 2, 3, 4)})
    wrong = _text("basis", basis, BASIS_LIMIT) or _time(at, now)
    if wrong is not None:
        return wrong
    if before is None:
        return Refusal(Code.ENDED) if changes else None
    if not changes:
        return Refusal(Code.IN_FORCE_ALREADY, {"level": before.level, "at": before.started_at})
    if before.level == level:
        return Refusal(Code.SAME_LEVEL, {"level": level})
    return None if at >= before.started_at else _later(before)


def stopped(before: Response | None, reason: str, at: datetime, now: datetime) -> Refusal | None:
    """Return why a level cannot end at `at`, None if it can."""
    if before is None:
        return Refusal(Code.ENDED)
    wrong = _text("reason", reason, REASON_LIMIT) or _time(at, now)
    if wrong is not None:
        return wrong
    return None if at >= before.started_at else _later(before)


def _later(before: Response) -> Refusal:
    return Refusal(Code.NOT_LATER, {"than": before.started_at})


def _text(name: str, text: str, limit: int) -> Refusal | None:
    written = text.strip()
    if not written:
        return Refusal(Code.MISSING_FIELD, {"field": name})
    if len(written) > limit:
        return Refusal(Code.TOO_LONG, {"field": name, "limit": limit, "length": len(written)})
    return None


def _time(at: datetime, now: datetime) -> Refusal | None:
    if at > now + AHEAD:
        return Refusal(Code.IN_THE_FUTURE, {"now": now})
    return Refusal(Code.TOO_OLD, {"than": now - BEHIND}) if at < now - BEHIND else None
