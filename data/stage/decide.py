"""What a person may decide about the stage, and when a proposal still waits for somebody."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from data.stage.judge import CALM
from data.vocabulary import Role

REASON_LIMIT = 500
LEADERS = frozenset({Role.LEADER})
RAISERS = frozenset({Role.LEADER, Role.OPERATOR})
"""Who may confirm a proposal that is higher: at night the duty officer of the city does."""


class Code(StrEnum):
    """Why nothing was changed. Permanent."""

    WRONG_ROLE = "wrong_role"
    OTHER_AREA = "other_area"
    OUT_OF_DATE = "out_of_date"
    MISSING_FIELD = "missing_field"
    TOO_LONG = "too_long"
    UNKNOWN_CHOICE = "unknown_choice"
    BAD_VALUE = "bad_value"
    IN_THE_FUTURE = "in_the_future"
    TOO_OLD = "too_old"
    IN_FORCE_ALREADY = "in_force_already"
    ENDED = "ended"
    SAME_LEVEL = "same_level"
    NOT_LATER = "not_later"
    OWN_APPROVAL = "own_approval"
    ALREADY_DONE = "already_done"
    CLOCK = "clock"


@dataclass(frozen=True)
class Refusal:
    """Nothing was changed.

    params, by code: roles (wrong_role); area (other_area); by, at, stage (out_of_date); field;
    limit and length (too_long); choices (unknown_choice); said (bad_value); than (not_later).
    """

    code: Code
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Proposed:
    """The newest proposal. id: its event; rules: codes of the rules that asked for it."""

    id: int
    stage: int
    rules: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Decided:
    """The newest decision. id: its event; stage: what is in force since."""

    id: int
    stage: int


def is_open(proposed: Proposed | None, decided: Decided | None) -> bool:
    """Return whether a higher stage is proposed and nobody has decided about it since."""
    if proposed is None:
        return False
    in_force = decided.stage if decided else CALM
    unseen = decided is None or decided.id < proposed.id
    return unseen and proposed.stage > in_force


def wants_anew(
    proposed: Proposed | None, decided: Decided | None, stage: int, rules: Collection[str]
) -> bool:
    """Return whether a look must make a new proposal.

    When another stage is asked for; and when a stage that somebody decided not to take is asked
    for by a rule that was not among the reasons then: it is another reason, so it is asked anew.
    """
    if proposed is None or proposed.stage != stage:
        return proposed is not None or stage > CALM
    kept = decided is not None and decided.id > proposed.id and decided.stage < stage
    return kept and not proposed.rules.issuperset(rules)


def decide(
    stage: Any, reason: str, role: Role, proposed: Proposed | None, decided: Decided | None
) -> int | Refusal:
    """Return the stage that a person sets, or why they may not.

    The leader sets any, with a reason unless it is what the rules ask for. The duty officer of
    the city may only raise to what is proposed. Nothing but a person lowers a stage.
    """
    in_force = decided.stage if decided else None
    asked = proposed.stage if proposed else CALM
    if not isinstance(stage, int) or isinstance(stage, bool) or not CALM <= stage <= 5:
        return Refusal(Code.UNKNOWN_CHOICE, {"field": "stage", "choices": (1, 2, 3, 4, 5)})
    raises = stage == asked and stage > (in_force or CALM)
    may = RAISERS if raises else LEADERS
    if role not in may:
        return Refusal(Code.WRONG_ROLE, {"roles": tuple(sorted(may)), "raises": not raises})
    text = reason.strip()
    if len(text) > REASON_LIMIT:
        return Refusal(
            Code.TOO_LONG, {"field": "reason", "limit": REASON_LIMIT, "length": len(text)}
        )
    if not text and stage != asked:
        return Refusal(Code.MISSING_FIELD, {"field": "reason"})
    return stage
