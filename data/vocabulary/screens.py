"""The words of displays and self-checks as pages show them."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from typing_extensions import TypedDict


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
    """One self-check. level: ok, warn, bad or unknown.

    values: plain figures that its words are made of; at: epoch seconds of what is told, None if
    there is no such moment.
    """

    key: str
    level: str
    values: dict[str, Any]
    at: float | None
