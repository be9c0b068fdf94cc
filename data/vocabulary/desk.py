"""The words of the desk: what a view asks for, and what one open case looks like in it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from typing_extensions import TypedDict

from data.vocabulary.terms import Names

MOST = 500
"""So many rows are given at once; the rest is counted, and given when asked for."""


class Left(StrEnum):
    """How much time a case has left. HOUR: under one; TODAY: till local midnight."""

    OVERDUE = "overdue"
    HOUR = "hour"
    TODAY = "today"
    LATER = "later"
    NONE = "none"


class Only(StrEnum):
    """What a view narrows itself to. Several narrow it together.

    TURN: in the court of who reads. MINE: who reads acted on it. UNSEEN: nobody
    acknowledged it. ASKED: an approval is waited for. TWICE: looks reported twice.
    """

    TURN = "turn"
    MINE = "mine"
    UNSEEN = "unseen"
    ASKED = "asked"
    TWICE = "twice"


class Sort(StrEnum):
    """In which order. LEVEL: gravest first, then least time left."""

    LEVEL = "level"
    LEFT = "left"
    NEWEST = "newest"
    MOVED = "moved"


@dataclass(frozen=True)
class DeskView:
    """What the desk shows, as its address says it. "" and empty sets narrow nothing.

    domain, area, dept: catalogue codes. state: CaseState; level: 1-4 as text;
    left: Left; only: Only. q: text in number, title, address and body.
    """

    domain: str = ""
    area: str = ""
    dept: str = ""
    state: frozenset[str] = frozenset()
    level: frozenset[str] = frozenset()
    left: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()
    q: str = ""
    sort: str = Sort.LEVEL.value


class DeskRow(TypedDict):
    """One open case. Times are epoch seconds; None is none. asked: what is waited for.

    led: our acts move it, else its platform does. said: the state its platform tells.
    """

    id: int
    no: str
    version: int
    level: int
    state: str
    holder: str
    category: Names
    domain: str
    county: str
    place: list[Names]
    department: Names
    lon: float | None
    lat: float | None
    title: str
    address: str
    reported_at: float
    due_at: float | None
    stage_due_at: float | None
    moved_at: float
    seen: bool
    led: bool
    said: str | None
    asked: list[str]
    supervised: int
    rework: int


class DeskCounts(TypedDict):
    """How many cases a view holds. Each facet is counted without its own narrowing."""

    total: int
    overdue: int
    state: dict[str, int]
    level: dict[str, int]
    left: dict[str, int]
    county: dict[str, int]
