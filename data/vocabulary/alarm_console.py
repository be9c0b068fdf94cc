"""What the alarm console shows, in no language. Times are epoch seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from typing_extensions import TypedDict

from data.vocabulary.alarms import AlarmState
from data.vocabulary.terms import Names

SHOWN = frozenset(
    {AlarmState.UNACKNOWLEDGED.value, AlarmState.ACKNOWLEDGED.value, AlarmState.RETURNED.value}
)
"""States that a list holds which asks for none: what was put aside has to be asked for."""

MOST = 500
"""Rows of a page."""
MOST_FOLDED = 500
"""Alarms of one situation that are shown when it is unfolded, the gravest first."""


@dataclass(frozen=True)
class ConsoleView:
    """What of the open alarms is listed. area: with all below; situation: its row id, as text."""

    area: str = ""
    priority: frozenset[str] = frozenset()
    state: frozenset[str] = frozenset()
    rule: str = ""
    domain: str = ""
    situation: str = ""
    q: str = ""


class ConsoleRow(TypedDict):
    """One alarm of the list.

    group: what it is folded with, the row id of a situation or minus its own. gravest, newest: of
    that group. folded: how many more of it the view holds, behind this one. until: when its
    shelving or the plan over it ends. planned: why, of planned work.
    """

    id: int
    version: int
    group: int
    gravest: int
    newest: float
    folded: int
    waiting: int
    """How many of the group wait for an answer."""
    under: bool
    priority: int
    state: str
    active: bool
    rule: str
    title: Names
    said: Names
    situation: Names | None
    place: list[Names]
    raised_at: float
    count: int
    latched: bool
    owner: str | None
    until: float | None
    planned: str | None
    case_no: str | None


class ConsoleCounts(TypedDict):
    """How many open alarms a view holds: total, and by each chip as if it alone were left out."""

    total: int
    groups: int
    state: dict[str, int]
    priority: dict[str, int]


class LogLine(TypedDict):
    """One event of an alarm."""

    seq: int
    at: float
    recorded_at: float
    act: str
    state: str
    active: bool
    priority: int
    value: float | None
    actor: str
    by_hand: bool
    reason: str
    detail: dict[str, Any]


class NoticeLine(TypedDict):
    """One notice of an alarm. state: sent, waiting, failing (tried in vain) or given_up."""

    target: Names
    made_at: float
    sent_at: float | None
    due_at: float
    tries: int
    state: str
    error: str | None


class PastLine(TypedDict):
    """One earlier alarm of the same rule."""

    id: int
    place: Names
    raised_at: float
    lasted: float | None
    outcome: str | None
    case_no: str | None


class Similar(TypedDict):
    """Earlier alarms of one kind: how many, what they turned out to be, the newest few.

    outcomes: by outcome; "" is what nobody said anything of. half_lasted: median, seconds.
    """

    alarms: int
    outcomes: dict[str, int]
    half_lasted: float | None
    newest: list[PastLine]


class ValuePoint(TypedDict):
    """The value of one hour; None where there is none, or it must not be shown."""

    at: float
    value: float | None


class BehindWarning(TypedDict):
    """A warning from outside that an alarm stands on."""

    headline: str
    body: str
    sender: str
    level: int
    sent: float
    expires: float | None
    in_force: bool


class Evaluation(TypedDict):
    """What a rule said of a place at one look."""

    at: float
    holds: bool | None
    """None: it could not be judged."""
    value: float | None
    said: Names


class OneAlarm(TypedDict):
    """All that is known of one alarm. days: how far back `similar` looks."""

    row: ConsoleRow
    key: str
    rule_version: int
    rule_name: Names
    answer: Names | None
    category: str | None
    """What a case made of it would be; None: its rule names none, a person has to."""
    placed: bool
    """Whether its place is one that a case can have; the whole city is none."""
    area: str
    value: float | None
    limit: float | None
    unit: Names | None
    decimals: int
    recorded_at: float
    returned_at: float | None
    ended_at: float | None
    acknowledged_at: float | None
    acknowledged_by: str | None
    outcome: str | None
    evidence: dict[str, Any]
    warnings: list[BehindWarning]
    cases: list[str]
    indicators: list[tuple[str, Names]]
    sources: list[tuple[str, Names]]
    chart: list[ValuePoint]
    log: list[LogLine]
    notices: list[NoticeLine]
    here: Similar
    elsewhere: Similar
    this_hour: Similar
    days: int
    situation_case: str | None
    seq: int
