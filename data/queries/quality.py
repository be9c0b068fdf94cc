"""How well each source and reporting unit keeps its word: figures and findings, from small tables.

Only reception, rhythm and quality_finding are read, never the facts.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from sqlalchemy import Connection

from data.queries.keys import Keys


class Finding(TypedDict):
    """One finding. first, last, ended: epoch seconds; ended None while it still holds."""

    id: int
    source: str
    indicator: str | None
    area: str | None
    kind: str
    first: float
    last: float
    ended: float | None
    times: int
    value: str | None
    detail: str
    run_id: int | None


class Rhythm(TypedDict):
    """A rhythm in seconds. median_s None: not learned yet (n says from how many gaps).

    declared_s is what the catalogue says (None: nothing); expected_s what is judged by.
    """

    declared_s: float | None
    median_s: float | None
    spread_s: float | None
    n: int
    expected_s: float | None


class Period(TypedDict):
    """The figures of one stretch of time. A share is None where nothing was expected or due.

    start: epoch seconds. completeness = received / expected periods, timeliness =
    timely / due, each Σ/Σ in percent. refused of read: rows. corrected: periods changed late.
    """

    start: float
    expected: int
    received: int
    completeness: float | None
    due: int
    timely: int
    timeliness: float | None
    read: int
    refused: int
    corrected: int
    runs: int


class UnitQuality(TypedDict):
    """One reporting unit. area None: the whole source; state: see data.quality.rhythm.

    last_at: epoch seconds of the last new content, None when never. total: the whole period;
    buckets: the same by hour (24 h) or by week (12 weeks), oldest first.
    """

    source: str
    department: str
    area: str | None
    state: str
    last_at: float | None
    rhythm: Rhythm
    total: Period
    buckets: list[Period]
    findings: list[Finding]


def unit_quality(
    conn: Connection, keys: Keys, *, now: datetime, weeks: int = 0, source: str | None = None
) -> list[UnitQuality]:
    """Return every source (area None) and each of its counties; weeks 0: the last 24 hours."""
    raise NotImplementedError


def findings(
    conn: Connection,
    keys: Keys,
    *,
    source: str | None = None,
    ended_since: datetime | None = None,
    limit: int = 500,
) -> list[Finding]:
    """Return open findings, newest first; ended_since: also those that ended after it."""
    raise NotImplementedError
