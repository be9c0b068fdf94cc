"""What the supervision page shows: how each department, county or category keeps its limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from typing_extensions import TypedDict

from data.vocabulary.terms import Names

By = Literal["department", "county", "category"]


class GroupLine(TypedDict):
    """One group in a period. Times are seconds; a rate never stands without its n.

    due: cases whose limit fell into the period, of these on_time; low, high: Wilson
    interval of the rate, 0 to 1. late: ended after their limit; overdue: still open past it.
    open, inside: open now, of these still inside their limit. reported, ended, median,
    p90, longest: time to the end of what was reported in the period, open ones censored.
    called: results of call-backs of what ended in the period, by kind.
    """

    key: str
    name: Names
    due: int
    on_time: int
    low: float | None
    high: float | None
    late: int
    overdue: int
    open: int
    inside: int
    reported: int
    ended: int
    median: float | None
    p90: float | None
    longest: float
    rework: int
    returns: int
    suspensions: int
    extensions: int
    called: dict[str, int]
    cards: dict[int, int]


class CardLine(TypedDict):
    """One supervision card with what it stands on. Instants are epoch seconds."""

    id: int
    case_no: str
    title: str
    level: int
    department: str
    department_name: Names
    county: Names
    rule: str
    rule_version: int
    rule_name: Names
    basis: Names
    next_step: Names
    next_step_at: float | None
    colour: int
    raised_at: float
    evidence: dict[str, Any]
    state: str
    answer: str | None
    ended_at: float | None
    case_version: int
    history: list[CardEvent]


class CardEvent(TypedDict):
    """What was done about a card."""

    at: float
    action: str
    actor: str
    note: str


class OwnerLine(TypedDict):
    """A case that wanders: whose is it?"""

    id: int
    case_no: str
    title: str
    category: str
    category_name: Names
    county: Names
    why: str
    raised_at: float
    transfers: int
    rework: int
    department_name: Names
    decided_at: float | None
    decided_name: str | None
    decision: Names | None
    reason: str | None


class SupervisionBoard(TypedDict):
    """Everything on the page. late: sources that are not heard; their cases raise no cards."""

    by: By
    lines: list[GroupLine]
    whole: GroupLine
    cards: list[CardLine]
    more_cards: int
    owners: list[OwnerLine]
    departments: dict[str, Names]
    counties: dict[str, Names]
    domains: dict[str, Names]
    start: float
    end: float
    as_of: float
    late: list[Names]
    demo: bool


@dataclass(frozen=True)
class Period:
    """From start up to before end."""

    start: datetime
    end: datetime
