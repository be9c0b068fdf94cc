"""What a page that looks back shows beside the shapes of live pages."""

from __future__ import annotations

from typing_extensions import TypedDict


class SourceRun(TypedDict):
    """One run that had ended by then. at: epoch seconds."""

    source: str
    at: float
    status: str
    records: int
    new: int
    changed: int
    quarantined: int
    error: str | None
