"""The words of the sources page: who shares, who has gone quiet, who owes what. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from typing_extensions import TypedDict

from data.vocabulary import Names, ProblemRow, RunRow, SourceState

ALIVE = frozenset({SourceState.FRESH.value, SourceState.LATE.value, SourceState.FAILED.value})
"""States in which the last values of a source still hold."""


class Silo(StrEnum):
    """Whether a department shares. UNLISTED: nothing is expected of it, so it is not counted."""

    OPEN = "open"
    QUIET = "quiet"
    NONE = "none"
    UNLISTED = "unlisted"


class DebtState(StrEnum):
    """What became of a promise. BROKEN: its day passed and nobody will keep it any more."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    DROPPED = "dropped"


CLOSED = (DebtState.KEPT, DebtState.BROKEN, DebtState.DROPPED)


class Count(TypedDict):
    """A part of a whole. A share of nothing is no share."""

    part: int
    whole: int


class Cell(TypedDict):
    """One hour or one week of a source. Times are epoch seconds; received of expected periods."""

    start: float
    expected: int
    received: int
    due: int
    timely: int
    read: int
    refused: int
    runs: int


class FindingRow(TypedDict):
    """Something a quality rule found and that still holds."""

    kind: str
    area: Names | None
    indicator: str | None
    first: float
    last: float
    times: int
    value: str | None
    detail: str


class DebtRow(TypedDict):
    """One promise of the board. due: local date, ISO; overdue: its day has passed, still open."""

    id: int
    source: str | None
    source_name: Names | None
    department: str
    department_name: Names
    area: str | None
    area_name: Names | None
    kind: str
    title: str
    why: str
    owner: str
    due: str
    state: str
    overdue: bool
    created_at: float
    closed_at: float | None
    note: str | None
    said_by: str


class Proposal(TypedDict):
    """A debt that the figures suggest and nobody has taken yet. key: names it in an address."""

    key: str
    kind: str
    source: str | None
    source_name: Names | None
    department: str
    department_name: Names
    area: str | None
    area_name: Names | None
    value: str
    since: float | None


class UnitRow(TypedDict):
    """One reporting unit: a county of a source."""

    area: str
    name: Names
    department: Names
    state: str
    last_at: float | None
    complete: Count
    timely: Count
    read: int
    refused: int
    findings: list[FindingRow]
    debts: list[DebtRow]


class SourceLine(TypedDict):
    """One source of the page. Rhythms in seconds; last_ok_at: it answered; last_new_at: new facts."""

    key: str
    name: Names
    platform: str
    department: str
    department_name: Names
    domains: list[str]
    connector: str
    personal: bool
    state: str
    every: int
    learned: float | None
    stale_after: int
    failures: int
    error: str | None
    last_ok_at: float | None
    last_new_at: float | None
    complete: Count
    timely: Count
    read: int
    refused: int
    hours: list[Cell]
    weeks: list[Cell]
    findings: list[FindingRow]
    debts: list[DebtRow]
    units: list[UnitRow]


class DepartmentLine(TypedDict):
    """One department: what it owns by the catalogue, and what arrives from its own sources."""

    key: str
    name: Names
    silo: str
    sources: int
    living: int
    indicators: int
    through: list[Names]
    last_at: float | None


class Board(TypedDict):
    """The whole page above the drill. now: epoch seconds at which everything was counted."""

    now: float
    demo: bool
    departments: list[DepartmentLine]
    sources: list[SourceLine]
    debts: list[DebtRow]
    proposals: list[Proposal]
    domains: dict[str, Names]


class RunPage(TypedDict):
    """Runs of one source, newest first. older: id to page on with, None at the end."""

    runs: list[RunRow]
    older: int | None
    newer: bool


class RunDetail(TypedDict):
    """One run: what came, what was refused and why, what changed in the store."""

    run: RunRow
    source: str
    as_of: float
    outdated: int
    fetch_id: int | None
    summary: dict[str, str]
    problems: list[ProblemRow]
    problems_total: int


class Line(TypedDict):
    """One line of a preview. refused: why, where a refused row stands on it."""

    number: int
    text: str
    refused: str | None


class FetchDetail(TypedDict):
    """One file as it came in. raw: kept, masked (copy only), withheld or gone."""

    id: int
    source: str
    sha256: str
    size: int
    received_at: float
    last_seen_at: float
    seen: int
    origin: str
    raw: str
    lines: list[Line]
    more: bool
    runs: list[RunRow]


def silo(*, states: Iterable[str], indicators: int) -> Silo:
    """Return whether a department shares, from the states of its own sources."""
    found = list(states)
    if any(state in ALIVE for state in found):
        return Silo.OPEN
    if found:
        return Silo.QUIET
    return Silo.NONE if indicators else Silo.UNLISTED


def sharing(departments: Iterable[DepartmentLine]) -> Count:
    """Return how many departments share of those that something is expected of."""
    asked = [d for d in departments if d["silo"] != Silo.UNLISTED]
    return {"part": sum(1 for d in asked if d["silo"] == Silo.OPEN), "whole": len(asked)}


def summed(cells: Iterable[Cell], part: str, whole: str) -> Count:
    """Return a share over several cells: Σ part of Σ whole, never a mean of shares."""
    found: list[Mapping[str, object]] = list(cells)  # type: ignore[arg-type]
    return {
        "part": sum(int(str(c[part])) for c in found),
        "whole": sum(int(str(c[whole])) for c in found),
    }


def percent(count: Count) -> float | None:
    """Return the share in per cent, None of nothing. Never 100 while one is missing."""
    if count["whole"] <= 0:
        return None
    share = 100 * count["part"] / count["whole"]
    return share if count["part"] >= count["whole"] else min(share, 99.9)


@dataclass(frozen=True)
class View:
    """What an address of the page asks for. Empty: everything."""

    tab: str = "sources"
    state: str = ""
    dept: str = ""
    domain: str = ""
    q: str = ""
    sort: str = "state"
    open: frozenset[str] = frozenset()
    source: str = ""
    span: str = "24h"
    before: int = 0
    run: int = 0
    fetch: int = 0
    debt: int = 0
    propose: str = ""
