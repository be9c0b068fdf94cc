"""The words of alarms, after ISA-18.2 / IEC 62682, and of the city's stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NotRequired

from typing_extensions import TypedDict

from data.vocabulary.terms import Names


class AlarmState(StrEnum):
    """Where an alarm stands, under the standard's own names."""

    NORMAL = "normal"
    UNACKNOWLEDGED = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    RETURNED = "returned_unacknowledged"
    SHELVED = "shelved"
    SUPPRESSED = "suppressed_by_design"
    OUT_OF_SERVICE = "out_of_service"


class AlarmAct(StrEnum):
    """What moves an alarm. The first five are the condition's, the rest a person's or a plan's."""

    RAISE = "raise"
    WORSEN = "worsen"
    EASE = "ease"
    RETURN = "return"
    LATCH = "latch"
    ACKNOWLEDGE = "acknowledge"
    RESET = "reset"
    SHELVE = "shelve"
    UNSHELVE = "unshelve"
    SUPPRESS = "suppress"
    UNSUPPRESS = "unsuppress"
    REMOVE = "remove_from_service"
    RESTORE = "return_to_service"
    NOTE = "note"
    OUTCOME = "outcome"
    LINK = "link"


class RuleKind(StrEnum):
    """What an alarm rule looks at."""

    THRESHOLD = "threshold"
    BASELINE = "baseline"
    SPC = "spc"
    SILENCE = "silence"
    WARNING = "warning"
    CASES = "cases"
    COMBINATION = "combination"
    WATCH = "watch"
    """The system itself: heartbeat, screens, collector, store, undelivered notices."""


class RuleState(StrEnum):
    """Where a version of a rule stands: the second person approves, nobody their own."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"


class Outcome(StrEnum):
    """What an alarm turned out to be, said by who dealt with it."""

    ACTED_ON = "acted_on"
    REAL_NO_ACTION = "real_no_action"
    FALSE_ALARM = "false_alarm"
    TEST = "test"


@dataclass(frozen=True)
class Reading:
    """What one rule says of one place (and one thing in it) at one instant.

    key: rule, area and object, the identity of an alarm: `<rule>|<area>|<object>`.
    active: whether the alarm's condition holds, hysteresis and hold times taken into account.
    unknown: nothing could be judged (no value, stale): an active alarm stays, none is raised.
    priority: 1 red .. 4 blue. at: when the condition began to hold or ended, never after the look.
    value, limit: in shown units. said: one line of why, in both languages.
    evidence: plain JSON for "why it fired": operands, rows behind (observation keys, case numbers,
    warning identifiers), what it was compared with.
    cause: what ties alarms together, as "warning:<identifier>", "source:<key>"; "" none known.
    """

    rule: str
    version: int
    area: str
    object: str
    active: bool
    priority: int
    at: datetime
    said: Names
    title: Names
    value: float | None = None
    limit: float | None = None
    unit: Names | None = None
    unknown: bool = False
    cause: str = ""
    evidence: Mapping[str, Any] | None = None

    @property
    def key(self) -> str:
        """Return the identity of the alarm."""
        return f"{self.rule}|{self.area}|{self.object}"


class AlarmRow(TypedDict):
    """One alarm as lists show it. Times are epoch seconds."""

    id: int
    rule: str
    title: Names
    said: Names
    area: str
    area_name: Names
    priority: int
    state: str
    active: bool
    raised_at: float
    changed_at: float
    count: int
    latched: bool
    situation: int | None
    folded: int
    """How many alarms lie under it in its situation."""
    case_no: str | None
    owner: str | None
    """Who acknowledged or shelved it."""
    until: float | None
    """When the shelving ends."""


class AlarmsPanel(TypedDict):
    """Panel `alarms`, of the city and each county: what the wall and the desk say of alarms.

    top: the gravest situations or single alarms, highest first, at most 12. red: the gravest
    unacknowledged alarm of priority 1, which takes the header. counts: open alarms by priority
    ("1".."4"). flood: since when more than ten alarms came in ten minutes, None: no flood.
    undelivered: notices not delivered. lost_screens: displays whose beat stopped.
    """

    counts: dict[str, int]
    unacknowledged: int
    shelved: int
    top: list[AlarmRow]
    red: AlarmRow | None
    flood: float | None
    flood_count: int
    undelivered: int
    lost_screens: int
    newest: float | None
    """When the newest unacknowledged alarm was raised: a display that hears a later one sounds."""


class ResponseRow(TypedDict):
    """One statutory response level in force."""

    id: int
    plan: str
    name: Names
    level: int
    area: str
    area_name: Names
    since: float
    basis: str
    by: str
    city: NotRequired[bool]
    """It holds in the whole city."""


class StagePanel(TypedDict):
    """Panel `stage`, of the city: the stage in force, what is proposed, what would lower it.

    stage: in force, confirmed by a named person (or by the clock, see `by`); None: nobody ever
    confirmed one. proposed: what the rules ask for now. since, proposed_at: epoch seconds.
    sentence: the public sentence of the stage in force.
    """

    stage: int | None
    by: str | None
    since: float | None
    proposed: int
    proposed_at: float | None
    sentence: Names
    why: Names
    lower: Names | None
    """The one change that would lower the proposal."""
    responses: list[ResponseRow]
    firing: NotRequired[list[str]]
    """Codes of the rules behind the proposal."""
    name: NotRequired[Names]
    proposed_name: NotRequired[Names]
    undecided: NotRequired[bool]
    """The proposal is higher than the stage in force, and nobody has decided about it."""
