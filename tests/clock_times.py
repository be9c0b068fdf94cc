"""Local times and due times as the clock tests write them."""

from __future__ import annotations

from datetime import datetime

from data.cases.clocks import ClockRule, Due
from data.vocabulary import LOCAL, ClockKind


def at(text: str) -> datetime:
    """Return a local time, as "2026-11-20 16:10"."""
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


def said(moment: datetime) -> str:
    """Return an instant as `at` reads it."""
    return f"{moment.astimezone(LOCAL):%Y-%m-%d %H:%M}"


def rule(kind: ClockKind, amount: float, unit: str, **more) -> ClockRule:
    return ClockRule(code="a_clock", kind=kind, amount=amount, unit=unit, **more)


def told(due: Due) -> list[tuple]:
    """Return its lines: kind, first and last moment, counted hours."""
    return [
        (line.kind.value, said(line.start)[5:], said(line.end)[5:], line.seconds / 3600)
        for line in due.lines
    ]
