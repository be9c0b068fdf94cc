"""What a person may do to an alarm, and what comes of it; a refusal says why and what they may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from data.alarms.states import (
    COVERED,
    B,
    C,
    D,
    E,
    F,
    G,
    Step,
    Stood,
    Walk,
    by_condition,
    moment,
    unshelve,
)
from data.vocabulary import Role
from data.vocabulary.alarms import AlarmAct, AlarmState, Outcome

LONGEST = 500
"""Letters of a reason or a note."""
SHELF = {
    1: timedelta(hours=1),
    2: timedelta(hours=8),
    3: timedelta(hours=24),
    4: timedelta(hours=24),
}
"""For how long an alarm of each priority may be shelved: the gravest for an hour."""
OUT_OF_SERVICE = timedelta(days=31)
"""For how long an alarm may be taken out of service at once."""

_DESK = frozenset({Role.OPERATOR, Role.LEADER, Role.SYSTEM, Role.SYSTEM_ACTOR})
_TELLS = _DESK | {Role.DEPARTMENT, Role.STEWARD}
_OWNS = frozenset({Role.LEADER, Role.STEWARD})
WHO: Mapping[AlarmAct, frozenset[Role]] = {
    AlarmAct.ACKNOWLEDGE: _DESK,
    AlarmAct.RESET: _DESK,
    AlarmAct.SHELVE: _DESK,
    AlarmAct.UNSHELVE: _DESK,
    AlarmAct.REMOVE: _OWNS,
    AlarmAct.RESTORE: _OWNS,
    AlarmAct.NOTE: _TELLS,
    AlarmAct.OUTCOME: _TELLS,
    AlarmAct.LINK: _DESK,
}
"""Who may do what by hand. Everything else is the condition's or a window's."""

FROM: Mapping[AlarmAct, frozenset[AlarmState]] = {
    AlarmAct.ACKNOWLEDGE: frozenset({B, D}),
    AlarmAct.RESET: frozenset({C}),
    AlarmAct.SHELVE: frozenset({B, C, D}),
    AlarmAct.UNSHELVE: frozenset({E}),
    AlarmAct.REMOVE: frozenset({B, C, D, E, F}),
    AlarmAct.RESTORE: frozenset({G}),
    AlarmAct.NOTE: frozenset(AlarmState),
    AlarmAct.OUTCOME: frozenset(AlarmState),
    AlarmAct.LINK: frozenset(AlarmState),
}
"""In which states an alarm takes an act."""

REASONED = frozenset({AlarmAct.SHELVE, AlarmAct.REMOVE, AlarmAct.NOTE})
"""Acts that are nothing without words."""


class AlarmCode(StrEnum):
    """Why an act was refused. Permanent."""

    NO_SUCH_ALARM = "no_such_alarm"
    OUT_OF_DATE = "out_of_date"
    NOT_ALLOWED_IN_STATE = "not_allowed_in_state"
    NOT_LATCHED = "not_latched"
    WRONG_ROLE = "wrong_role"
    MISSING_REASON = "missing_reason"
    TOO_LONG = "too_long"
    MISSING_END = "missing_end"
    NOT_LATER = "not_later"
    TOO_LATE = "too_late"
    UNKNOWN_CHOICE = "unknown_choice"
    BY_CONDITION = "by_condition"
    HAS_CASE = "has_case"
    NO_CATEGORY = "no_category"
    CASE_REFUSED = "case_refused"
    WINDOW_REFUSED = "window_refused"
    UNDER_WINDOW = "under_window"


@dataclass(frozen=True)
class AlarmRefusal:
    """Nothing was changed. allowed: what this person may do to the alarm now.

    params, by code: state and states (not_allowed_in_state); roles (wrong_role); limit, length
    (too_long); until and latest (too_late, missing_end, not_later); choices (unknown_choice);
    version and since, the events that were not seen (out_of_date); case_no (has_case);
    rule (no_category); code and params of the case's refusal (case_refused); fault and what of the
    window's (window_refused); window, the number of another that covers the alarm (under_window).
    """

    code: AlarmCode
    params: Mapping[str, Any] = field(default_factory=dict)
    allowed: tuple[AlarmAct, ...] = ()


@dataclass(frozen=True)
class Wish:
    """What somebody wants of an alarm. cover: the window that stands over it now."""

    act: AlarmAct
    by: str
    role: Role
    reason: str = ""
    until: datetime | None = None
    outcome: Outcome | None = None
    cover: AlarmState | None = None


def allowed(stood: Stood, role: Role) -> tuple[AlarmAct, ...]:
    """Return what a person of this role may do to an alarm that stands so."""
    return tuple(
        act
        for act, roles in WHO.items()
        if role in roles
        and stood.state in FROM[act]
        and (act is not AlarmAct.RESET or stood.latched)
    )


def take(stood: Stood, wish: Wish, now: datetime) -> Step | AlarmRefusal:
    """Return what an act makes of an alarm, or why it is refused."""
    refused = _refused(stood, wish, now)
    if refused is not None:
        code, params = refused
        return AlarmRefusal(code, {"act": wish.act.value, **params}, allowed(stood, wish.role))
    walk = Walk(stood, moment(stood, now, now))
    _do(walk, wish)
    return walk.steps[0]


_Why = tuple[AlarmCode, dict[str, Any]]


def _refused(stood: Stood, wish: Wish, now: datetime) -> _Why | None:
    act = wish.act
    if act not in WHO:
        return AlarmCode.BY_CONDITION, {}
    if wish.role not in WHO[act]:
        return AlarmCode.WRONG_ROLE, {"roles": sorted(r.value for r in WHO[act])}
    if stood.state not in FROM[act]:
        states = sorted(s.value for s in FROM[act])
        return AlarmCode.NOT_ALLOWED_IN_STATE, {"state": stood.state.value, "states": states}
    if act is AlarmAct.RESET and not stood.latched:
        return AlarmCode.NOT_LATCHED, {"state": stood.state.value}
    if act is AlarmAct.OUTCOME and wish.outcome is None:
        return AlarmCode.UNKNOWN_CHOICE, {"choices": [o.value for o in Outcome]}
    return _bad_words(wish) or _bad_end(stood, wish, now)


def _bad_words(wish: Wish) -> _Why | None:
    if len(wish.reason) > LONGEST:
        return AlarmCode.TOO_LONG, {"limit": LONGEST, "length": len(wish.reason)}
    if wish.act in REASONED and not wish.reason.strip():
        return AlarmCode.MISSING_REASON, {}
    return None


def longest(act: AlarmAct, priority: int) -> timedelta:
    """Return for how long an alarm of a priority may be shelved or taken out of service."""
    return SHELF[priority] if act is AlarmAct.SHELVE else OUT_OF_SERVICE


def _bad_end(stood: Stood, wish: Wish, now: datetime) -> _Why | None:
    if wish.act not in (AlarmAct.SHELVE, AlarmAct.REMOVE):
        return None
    latest = now + longest(wish.act, stood.priority)
    if wish.until is None:
        return AlarmCode.MISSING_END, {"latest": latest}
    if wish.until <= moment(stood, now, now):
        return AlarmCode.NOT_LATER, {"until": wish.until, "latest": latest}
    if wish.until > latest:
        return AlarmCode.TOO_LATE, {"until": wish.until, "latest": latest}
    return None


def _do(walk: Walk, wish: Wish) -> None:
    stood, act = walk.stood, wish.act
    if act is AlarmAct.ACKNOWLEDGE:
        walk.go(act, C if stood.active or stood.latched else AlarmState.NORMAL)
    elif act is AlarmAct.RESET:
        walk.go(act, C if stood.active else AlarmState.NORMAL, latched=False)
    elif act is AlarmAct.SHELVE:
        _shelve(walk, wish)
    elif act is AlarmAct.UNSHELVE:
        unshelve(walk, active=stood.active, cover=wish.cover)
    elif act is AlarmAct.REMOVE:
        walk.go(act, G)
    elif act is AlarmAct.RESTORE:
        there = wish.cover if wish.cover in COVERED and wish.cover is not G else None
        walk.go(act, there or by_condition(active=stood.active, latched=stood.latched))
    else:
        walk.go(act, stood.state)


def _shelve(walk: Walk, wish: Wish) -> None:
    walk.go(AlarmAct.SHELVE, E)
    (step,) = walk.steps
    owned = replace(step.after, owner=wish.by, reason=wish.reason.strip(), until=wish.until)
    walk.stood, walk.steps = owned, [replace(step, after=owned)]
