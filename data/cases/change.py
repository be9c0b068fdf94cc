"""What is wanted of a case, and what comes of it: a change with what it asks for, or a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from data.cases.standing import Actor, CaseNow, Event
from data.vocabulary import Asked, CaseAct


@dataclass(frozen=True)
class Request:
    """An act somebody wants. at: aware; version: the one seen, None for who sees none (sources).

    fields: see `rules.RULES[act].fields`, and for every act note (text), rule
    (text) and detail (JSON kept beside the event, under "more").
    """

    act: CaseAct
    actor: Actor
    at: datetime
    version: int | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


class Code(StrEnum):
    """Why an act was refused. Permanent."""

    NOT_ALLOWED_IN_STATE = "not_allowed_in_state"
    WRONG_ROLE = "wrong_role"
    OTHER_DEPARTMENT = "other_department"
    OTHER_AREA = "other_area"
    OWN_CHECK = "own_check"
    OWN_APPROVAL = "own_approval"
    MISSING_FIELD = "missing_field"
    TOO_LONG = "too_long"
    UNKNOWN_CHOICE = "unknown_choice"
    UNKNOWN_FIELD = "unknown_field"
    BAD_VALUE = "bad_value"
    NOT_LATER = "not_later"
    BEFORE_REPORTED = "before_reported"
    IN_THE_FUTURE = "in_the_future"
    NOTHING_PENDING = "nothing_pending"
    NOTHING_TO_EXTEND = "nothing_to_extend"
    ALREADY_PENDING = "already_pending"
    ALREADY_DONE = "already_done"
    ENDED = "ended"
    OUT_OF_DATE = "out_of_date"
    OUTSIDE_CITY = "outside_city"
    OTHER_COUNTY = "other_county"


@dataclass(frozen=True)
class Refusal:
    """Nothing was changed. allowed: what this actor may do to the case now.

    params, by code: field; limit and length (too_long); choices
    (unknown_choice); wanted (bad_value); than (not_later); states
    (not_allowed_in_state); roles (wrong_role); department, area; kind and id
    (already_pending); at, state, closing, parent (ended); version, now
    (out_of_date); lon, lat and mistake, which is swapped, lost_sign or None
    (outside_city); area and found, the county of the point or None
    (other_county). Always: act, and state where there is a case. Times are aware.
    """

    code: Code
    params: Mapping[str, Any] = field(default_factory=dict)
    allowed: tuple[CaseAct, ...] = ()


@dataclass(frozen=True)
class NewApproval:
    """An approver has to decide: a row of case_approval."""

    kind: Asked
    reason: str
    wanted: Mapping[str, Any]


@dataclass(frozen=True)
class Decided:
    """An approval was given or denied. id: its row."""

    id: int | None
    kind: Asked
    granted: bool
    decision: str


@dataclass(frozen=True)
class Withdrawn:
    """What was asked is void: the case ended meanwhile."""

    id: int | None
    kind: Asked


@dataclass(frozen=True)
class StartClock:
    """A clock starts. kind: total, verify, dispatch, accept, handle, check.

    due_at: given for total only; the stage clocks are computed by the caller.
    """

    kind: str
    due_at: datetime | None = None


@dataclass(frozen=True)
class StopClock:
    """The clock of this kind that is in force stops."""

    kind: str


@dataclass(frozen=True)
class ClockMove:
    """An approval moves a clock: the row in force is replaced by one that is due later.

    seconds: how far. due_at: the new due time of the total clock, else None.
    """

    kind: str
    seconds: int
    approval_id: int | None
    due_at: datetime | None = None


@dataclass(frozen=True)
class OwnershipItem:
    """Whose is this? To be decided one level up. why: transfers or rework."""

    why: str


@dataclass(frozen=True)
class NewCard:
    """A supervision card is raised by hand or by the rule of the event."""

    colour: int
    note: str


@dataclass(frozen=True)
class CardMove:
    """A supervision card changes its state: appealed, upheld or withdrawn."""

    id: int | None
    state: str


Ask = (
    NewApproval
    | Decided
    | Withdrawn
    | StartClock
    | StopClock
    | ClockMove
    | OwnershipItem
    | NewCard
    | CardMove
)


@dataclass(frozen=True)
class Change:
    """The case after an act, the event to append, and what else has to be written with it.

    A new approval or card stands in `case` with the id None until it has a row.
    """

    case: CaseNow
    event: Event
    asks: tuple[Ask, ...] = ()
