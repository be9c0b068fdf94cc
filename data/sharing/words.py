"""The words of the sources page: who shares, who has gone quiet, who owes what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from typing_extensions import TypedDict

from data.vocabulary import Names, RunRow


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
    """One source. Rhythms in seconds; last_ok_at: it answered; last_new_at: with new facts.

    waits: it never was heard, and nobody is to expect anything of it yet: it has no address.
    """

    key: str
    name: Names
    platform: str
    department: str
    department_name: Names
    domains: list[str]
    connector: str
    personal: bool
    waits: bool
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
    """The whole page above the drill.

    now: when states and debts were read. looked_at: up to when shares, rows and
    findings were counted; None when the look at quality has never been.
    """

    now: float
    looked_at: float | None
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


class Refusal(TypedDict):
    """One row that was refused, or taken with a warning. settled: it was put right since."""

    row_word: str
    row: int | None
    field: str | None
    reason: str
    value: str | None
    detail: str
    refused: bool
    settled: bool


class Mended(TypedDict):
    """What a steward changed in a row before it was read again."""

    row: int
    field: str
    was: str | None
    now: str
    by: str
    why: str
    at: float


class RunDetail(TypedDict):
    """One run: what came, what was refused and why, what changed in the store."""

    run: RunRow
    source: str
    as_of: float
    outdated: int
    fetch_id: int | None
    summary: dict[str, str]
    problems: list[Refusal]
    mended: list[Mended]


class Line(TypedDict):
    """One line of a preview. refused: why, where a refused row stands on it."""

    number: int
    text: str
    refused: str | None


class TableTop(TypedDict):
    """The first rows of a table as its mapping reads them, masked.

    header: rows that name columns; sheet: "" for a text. refused: by row of the file, why.
    """

    sheet: str
    header: list[int]
    names: list[str]
    rows: list[tuple[int, list[str]]]
    refused: dict[int, str]


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
    runs: list[RunRow]
    table: TableTop | None


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
    every: str = ""
    before: int = 0
    run: int = 0
    fetch: int = 0
    debt: int = 0
    propose: str = ""
