"""An alarm as it was known at an instant: its events up to then, one after the other. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from data.vocabulary.alarms import AlarmAct, AlarmState

SILENT = frozenset({AlarmState.SHELVED, AlarmState.SUPPRESSED, AlarmState.OUT_OF_SERVICE})
NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Happened:
    """One event of an alarm, as the log keeps it."""

    act: AlarmAct
    at: datetime
    recorded_at: datetime
    state: AlarmState
    active: bool
    priority: int
    value: float | None
    actor: str
    reason: str = ""
    detail: Mapping[str, Any] | None = None


@dataclass
class Known:
    """What was known of an alarm. title, said, unit: as the log keeps them."""

    state: AlarmState
    active: bool
    priority: int
    raised_at: datetime
    changed_at: datetime
    title: Any = None
    said: Any = None
    unit: Any = None
    value: float | None = None
    limit: float | None = None
    rule_version: int | None = None
    cause: str = ""
    count: int = 1
    latched: bool = False
    situation: int | None = None
    case_no: str | None = None
    owner: str | None = None
    until: datetime | None = None
    outcome: str | None = None
    sounded_at: datetime | None = None
    """When it last asked for an answer anew, as that was recorded."""


def as_known(events: Iterable[Happened]) -> Known | None:
    """Return what the events of one alarm, oldest first, add up to; None: there were none."""
    found: Known | None = None
    for event in events:
        if found is None:
            found = Known(event.state, event.active, event.priority, event.at, event.at)
        elif event.active and not found.active:
            found.count += 1
        _follow(found, event)
    return found


def _follow(known: Known, event: Happened) -> None:
    before = known.state
    known.state, known.active, known.priority = event.state, event.active, event.priority
    known.changed_at = event.at
    if event.value is not None:
        known.value = event.value
    _read(known, event.detail or NOTHING)
    _owned(known, event, before)
    if event.act in (AlarmAct.LATCH, AlarmAct.RESET):
        known.latched = event.act is AlarmAct.LATCH
    if event.act in SOUNDS and event.state is AlarmState.UNACKNOWLEDGED and event.active:
        known.sounded_at = event.recorded_at


SOUNDS = frozenset({AlarmAct.RAISE, AlarmAct.WORSEN, AlarmAct.UNSHELVE, AlarmAct.UNSUPPRESS,
                    AlarmAct.RESTORE})  # fmt: skip
"""Acts by which an alarm asks for an answer anew."""


def _read(known: Known, detail: Mapping[str, Any]) -> None:
    for name in ("title", "said", "unit", "limit", "rule_version", "cause", "situation",
                 "case_no", "outcome"):  # fmt: skip
        if name in detail:
            setattr(known, name, detail[name])


def _owned(known: Known, event: Happened, before: AlarmState) -> None:
    """Keep who acknowledged or shelved it, for as long as that holds."""
    if event.act in (AlarmAct.ACKNOWLEDGE, AlarmAct.SHELVE, AlarmAct.REMOVE):
        known.owner = event.actor
    elif event.state is AlarmState.UNACKNOWLEDGED and before is not event.state:
        known.owner = None
    if event.state not in SILENT:
        known.until = None
    elif event.detail and event.detail.get("until") is not None:
        known.until = datetime.fromtimestamp(event.detail["until"], UTC)
