"""What the page of one case shows: plain values, so that drawing it needs no store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from data.cases.due import Due
from data.vocabulary import Names, Tile

Point = tuple[float, float]
"""lon, lat: WGS-84 degrees"""


@dataclass(frozen=True)
class Head:
    """The case itself as it stands. Times are aware; version counts its events.

    department: catalogue key; None while nobody was named. source_said: the state
    the platform tells while the case is led here. open_asks: how many approvals wait.
    """

    no: str
    version: int
    title: str
    category: str
    category_name: Names
    domain_name: Names
    level: int
    state: str
    stage: str
    holder: str
    department: str | None
    department_name: Names | None
    area: str
    county_name: Names
    town_name: Names | None
    reported_at: datetime
    updated_at: datetime
    recorded_at: datetime
    channel: str
    source: str
    source_name: Names
    ext_id: str
    run_id: int
    row_no: int | None = None
    file: str | None = None
    body: str = ""
    address: str = ""
    at: Point | None = None
    due_at: datetime | None = None
    stage_due_at: datetime | None = None
    closed_at: datetime | None = None
    held_since: datetime | None = None
    led_since: datetime | None = None
    acknowledged_at: datetime | None = None
    closing: str | None = None
    source_said: str | None = None
    rework: int = 0
    returns: int = 0
    transfers: int = 0
    extensions: int = 0
    suspensions: int = 0
    suspended_s: int = 0
    supervised: int = 0
    duty_version: str | None = None
    sop: str | None = None
    call_back: str | None = None
    called_at: datetime | None = None


@dataclass(frozen=True)
class Turn:
    """One event, as it was written. before: what it changed, column to its old value as text.

    actor_name: of a platform that told of it. person: an account did it.
    """

    seq: int
    at: datetime
    recorded_at: datetime
    actor: str
    action: str
    person: bool = False
    from_state: str | None = None
    to_state: str | None = None
    from_stage: str | None = None
    to_stage: str | None = None
    holder: str | None = None
    department_name: Names | None = None
    actor_name: Names | None = None
    note: str = ""
    rule: str | None = None
    before: Mapping[str, str] = field(default_factory=dict)
    detail: Mapping[str, Any] = field(default_factory=dict)
    run_id: int | None = None


@dataclass(frozen=True)
class Held:
    """One stretch of time in one court. end: exclusive, now for the one that runs."""

    holder: str
    department_name: Names | None
    start: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        """Length of the stretch."""
        return (self.end - self.start).total_seconds()


@dataclass(frozen=True)
class ClockRow:
    """One clock as it was computed.

    due: what explains the due time; None for one that was given from outside, and where
    nobody knows that version of the rule any more.
    """

    id: int
    kind: str
    started_at: datetime
    due_at: datetime
    rule: str
    rule_version: int
    calendar_version: str
    made_at: datetime
    due: Due | None = None
    stopped_at: datetime | None = None
    approval_id: int | None = None
    replaced_by: int | None = None


@dataclass(frozen=True)
class AskedRow:
    """Something asked of an approver. granted None: not decided. suggests: whose it should be."""

    id: int
    kind: str
    asked_at: datetime
    asked_name: str
    reason: str
    wanted: Mapping[str, Any]
    granted: bool | None = None
    decided_at: datetime | None = None
    decided_name: str | None = None
    decision: str | None = None
    suggests: Names | None = None


@dataclass(frozen=True)
class TaskRow:
    """One agency's part, with its own times."""

    id: int
    department: str
    department_name: Names
    activity: str
    asked_at: datetime
    due_at: datetime | None = None
    arrived_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    result: str = ""
    step: int | None = None
    version: int = 1


@dataclass(frozen=True)
class StepRow:
    """One step of a plan as it runs on this case."""

    sop: str
    version: int
    no: int
    name: Names
    department: str | None = None
    department_name: Names | None = None
    condition: Names | None = None
    due_at: datetime | None = None
    done_at: datetime | None = None
    done_name: str | None = None
    skipped: bool = False
    note: str = ""


@dataclass(frozen=True)
class Brief:
    """Another case in a line. title None: it lies outside what the reader may see."""

    no: str
    title: str | None
    level: int
    state: str
    department_name: Names | None = None
    county_name: Names | None = None
    due_at: datetime | None = None
    at: Point | None = None
    metres: float | None = None
    same_town: bool = False


@dataclass(frozen=True)
class LinkRow:
    """One tie to another case, a warning or an indicator. out: told on this case, not on that."""

    kind: str
    at: datetime
    by: str
    out: bool = True
    other: Brief | None = None
    ref: str | None = None
    note: str = ""


@dataclass(frozen=True)
class CardTurn:
    """One thing that was done to a supervision card."""

    at: datetime
    action: str
    actor: str
    note: str = ""


@dataclass(frozen=True)
class CardRow:
    """One supervision card with its history."""

    id: int
    rule: str
    rule_version: int
    colour: int
    state: str
    raised_at: datetime
    evidence: Mapping[str, Any]
    department_name: Names
    next_step_at: datetime | None = None
    answer: str = ""
    ended_at: datetime | None = None
    turns: tuple[CardTurn, ...] = ()
    rule_name: Names | None = None
    """None: the ladder does not know the rule any more, or it was raised by hand."""


@dataclass(frozen=True)
class BusRoute:
    """A bus route with a stop near by. metres: to its nearest stop."""

    name: str
    long_name: str
    stop: str
    metres: float
    trips: int
    source_name: Names


@dataclass(frozen=True)
class Routes:
    """Bus routes near by. known: whether the timetable said which route stops where."""

    known: bool
    rows: tuple[BusRoute, ...] = ()
    as_of: datetime | None = None


@dataclass(frozen=True)
class Hospital:
    """A place that reports capacity. metres None: the case has no position."""

    name: str
    area_name: Names
    metres: float | None
    at: Point | None = None


@dataclass(frozen=True)
class Figure:
    """A number with all that a number needs. area: whose it is. counted: this case is in it."""

    tile: Tile
    area: str
    area_name: Names
    source_name: Names
    counted: bool = True


@dataclass(frozen=True)
class WarningLine:
    """A warning in force where the case is. linked: somebody tied it to the case."""

    id: int
    level: int
    headline: str
    sent: datetime
    expires: datetime | None
    linked: bool = False


@dataclass(frozen=True)
class Around:
    """What lies about the case."""

    near: tuple[Brief, ...] = ()
    routes: Routes | None = None
    hospitals: tuple[Hospital, ...] = ()
    capacity: tuple[Figure, ...] = ()
    warnings: tuple[WarningLine, ...] = ()
    moves: tuple[Figure, ...] = ()
    duplicates: tuple[Brief, ...] = ()


@dataclass(frozen=True)
class CasePage:
    """Everything on one page. now: the server's clock when it was asked.

    departments: names by catalogue key, for what events tell of.
    """

    head: Head
    turns: tuple[Turn, ...]
    holds: tuple[Held, ...]
    now: datetime
    clocks: tuple[ClockRow, ...] = ()
    asked: tuple[AskedRow, ...] = ()
    tasks: tuple[TaskRow, ...] = ()
    steps: tuple[StepRow, ...] = ()
    links: tuple[LinkRow, ...] = ()
    cards: tuple[CardRow, ...] = ()
    around: Around = Around()
    departments: Mapping[str, Names] = field(default_factory=dict)
    demo: bool = False
