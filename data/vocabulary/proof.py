"""Where a number comes from: what the drawer, the sources overlay and the command line show."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict

from data.vocabulary.panels import SourceRow, Tile
from data.vocabulary.terms import Names


class EvidenceLink(TypedDict):
    """One fact behind a value, walked back to the file it came from.

    hidden: the number must not be shown. let_go: since when the bytes are gone; the hash stays.
    """

    area: Names
    area_code: str
    grain: int
    period_start: float
    period_end: float
    value: float | None
    numerator: float | None
    denominator: float | None
    hidden: bool
    revision: int
    recorded_at: float
    source: Names
    run_id: int
    as_of: float | None
    fetch_id: int | None
    sha256: str | None
    received_at: float | None
    origin: str | None
    row_word: str
    row: int | None
    line: int | None
    excerpt: str | None
    let_go: float | None


class Revision(TypedDict):
    """One value that was replaced: was, now, why, when.

    late: seconds from the end of the period to the correction. now None: taken back.
    """

    area: Names
    area_code: str
    grain: int
    period_start: float
    period_end: float
    revision: int
    was: float | None
    now: float | None
    hidden: bool
    why: Names
    recorded_at: float
    superseded_at: float
    late: float
    was_run: int
    was_origin: str | None
    was_row: int | None
    now_run: int
    now_origin: str | None
    now_sha256: str | None
    now_as_of: float | None
    now_row: int | None


class Evidence(TypedDict):
    """Everything behind one number of one area."""

    code: str
    area: Names
    tile: Tile
    domain: Names
    department: Names
    source: SourceRow
    definition: Names
    numerator_name: Names
    denominator_name: Names | None
    aggregation: str
    direction: str
    target: Names
    version: int
    valid_from: str
    standard: str
    links: list[EvidenceLink]
    revisions: list[Revision]


class ProblemRow(TypedDict):
    """One refused row as the sources panel shows it."""

    run_id: int
    at: float
    origin: str | None
    row_word: str
    row: int | None
    field: str | None
    reason: str
    value: str | None
    detail: str


class RunRow(TypedDict):
    """One collection run."""

    run_id: int
    at: float
    status: str
    records: int
    new: int
    changed: int
    same: int
    quarantined: int
    origin: str | None
    sha256: str | None
    error: str | None


class SourceDetail(TypedDict):
    """One source with its latest runs and refused rows."""

    source: SourceRow
    runs: list[RunRow]
    problems: list[ProblemRow]


class ChainDefinition(TypedDict):
    """What the number meant in its period."""

    version: int
    valid_from: str
    definition: Names
    numerator: Names
    denominator: Names | None
    aggregation: str
    factor: float
    standard: str
    target: dict[str, Any] | None


class PartRow(TypedDict):
    """One row a total is made of; `drill` is how to ask for it."""

    area: Names
    area_code: str
    grain: str
    period: str
    numerator: float | None
    denominator: float | None
    hidden: bool
    drill: str


class Chain(TypedDict):
    """Everything behind one number of one area and period.

    sums: what the parts add up to; stored: what the roll-up table holds; None where not shown.
    reconciles: whether both are the same; None where nothing is stored to compare with.
    parts_left, facts_left, revisions_left: how many are not listed.
    """

    indicator: str
    name: Names
    unit: Names
    decimals: int
    area_code: str
    area: Names
    period: str
    grain: str
    period_start: float | None
    period_end: float | None
    as_of: float | None
    value: float | None
    hidden: bool
    small_count: int
    sums: tuple[float | None, float | None]
    stored: tuple[float | None, float | None] | None
    reconciles: bool | None
    definition: ChainDefinition
    parts: list[PartRow]
    parts_left: int
    facts: list[EvidenceLink]
    facts_left: int
    revisions: list[Revision]
    revisions_left: int
