"""What the page of the city's stage carries. Times are epoch seconds, lengths seconds."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict

from data.vocabulary.alarms import ResponseRow
from data.vocabulary.terms import Names


class GroundRow(TypedDict):
    """One thing that makes a rule fire. alarm: its number, None: a condition's own reading.

    link: kind (case, warning, indicator, source) and name of what is behind it.
    """

    key: str
    alarm: int | None
    title: Names
    said: Names
    area: str | None
    area_name: Names
    priority: int
    since: float
    links: list[tuple[str, str]]


class FiredRow(TypedDict):
    """One rule that fires. rows: at most MOST, the gravest first, of `n`."""

    code: str
    version: int
    stage: int
    name: Names
    count: int
    counties: int
    n: int
    rows: list[GroundRow]


class ChangeRow(TypedDict):
    """The one change that would lower the minimum; rows at most MOST of `n`."""

    leads_to: int
    single: bool
    smallest: bool
    cause: str
    n: int
    rows: list[GroundRow]
    said: Names


class WhyRow(TypedDict):
    """What the rules said at one look, kept with each event."""

    minimum: int
    rules: list[FiredRow]
    lower: ChangeRow | None


class WaitRow(TypedDict):
    """One hold time that runs. up: asked for and not proposed yet; else: being let go."""

    stage: int
    up: bool
    held: float
    needed: float


class StageEventRow(TypedDict):
    """One entry of the history. lasted: how long this stage was in force, None: a proposal.

    act: raised, lowered, kept, first (decisions), proposed. undecided: a proposal that nobody
    decided about before the next one.
    """

    id: int
    kind: str
    act: str
    stage: int
    at: float
    actor: str
    reason: str
    lasted: float | None
    why: Names


class ResponsePast(TypedDict):
    """A response level that is over."""

    row: ResponseRow
    ended: float
    ended_by: str
    reason: str


class LevelRow(TypedDict):
    """One of the five stages."""

    stage: int
    name: Names
    sentence: Names
    advice: Names
    up_s: int
    down_s: int


class PlanRow(TypedDict):
    """One plan whose levels can be in force."""

    key: str
    name: Names
    department: Names
    basis: Names


class StageBoard(TypedDict):
    """Everything the page shows. seen: the newest event, to be sent back with a decision."""

    as_of: float
    seen: int
    stage: int | None
    by: str | None
    since: float | None
    confirmed_at: float | None
    reason: str
    proposed: int
    proposed_at: float | None
    undecided: bool
    now: WhyRow
    then: WhyRow | None
    waits: list[WaitRow]
    levels: list[LevelRow]
    plans: list[PlanRow]
    responses: list[ResponseRow]
    ended: list[ResponsePast]
    events: list[StageEventRow]
    spent: dict[str, float]
    areas: dict[str, Names]
    demo: bool


class RuleVersionRow(TypedDict):
    """One version of a stage rule that somebody proposed. body: the entry, or {"retired": true}."""

    id: int
    version: int
    state: str
    body: dict[str, Any]
    reason: str
    proposed_at: float
    proposed_by: str
    decided_at: float | None
    decided_by: str
    decision: str


class RuleRow(TypedDict):
    """One rule of the stage as it holds, and the versions proposed, newest first."""

    code: str
    in_force: bool
    version: int
    name: Names
    body: dict[str, Any]
    versions: list[RuleVersionRow]
