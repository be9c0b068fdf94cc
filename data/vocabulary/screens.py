"""The words of displays, notices and self-checks as pages show them."""

from __future__ import annotations

from enum import StrEnum

from typing_extensions import TypedDict

from data.vocabulary.terms import Names


class ScreenState(StrEnum):
    """How a display does."""

    FRESH = "fresh"
    LATE = "late"
    FROZEN = "frozen"
    """It beats, and paints nothing new."""
    LOST = "lost"
    CLOSED = "closed"
    """Somebody closed the page; nobody waits for it."""
    RETIRED = "retired"


class ScreenRow(TypedDict):
    """One display. Times are epoch seconds, memory in MB."""

    id: str
    name: str
    page: str
    build: str
    other_build: bool
    state: str
    seen_at: float
    painted_at: float | None
    memory_mb: float | None
    size: str
    origin: str


class CheckRow(TypedDict):
    """One self-check: what was looked at, how it is (ok, warn, bad, unknown), in words.

    at: epoch seconds of what is told, None if there is no such moment.
    """

    key: str
    level: str
    said: Names
    at: float | None
