"""What people said when they were called back, with everybody counted who could not be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from data import models as m
from data.vocabulary import CallBack


@dataclass(frozen=True)
class Satisfaction:
    """Calls back of some closed cases, by result. excluded: with a reason, told on the event."""

    satisfied: int
    dissatisfied: int
    unreached: int
    refused: int
    excluded: int
    not_called: int

    @property
    def answered(self) -> int:
        """Return how many said something: the denominator of the rate."""
        return self.satisfied + self.dissatisfied

    @property
    def reached(self) -> int:
        """Return how many were spoken to, whether or not they wanted to answer."""
        return self.answered + self.refused

    @property
    def rate(self) -> float | None:
        """Return satisfied ÷ answered; None where nobody answered."""
        return self.satisfied / self.answered if self.answered else None


def satisfaction(
    conn: Connection, start: datetime, end: datetime, *chosen: ColumnElement[bool]
) -> Satisfaction:
    """Count the calls back of cases that ended in [start, end). chosen: more about `cases`."""
    c = m.cases.c
    query = (
        select(c.call_back, func.count())
        .where(c.closed_at >= start, c.closed_at < end, *chosen)
        .group_by(c.call_back)
    )
    told: dict[Any, int] = dict(conn.execute(query).all())
    counts = {result.value: told.get(result.value, 0) for result in CallBack}
    return Satisfaction(**counts, not_called=told.get(None, 0))
