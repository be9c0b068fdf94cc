"""How a case stands now, who acts, and what happened: the values the loop works on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from data.vocabulary import (
    ENDED,
    Asked,
    CallBack,
    CaseAct,
    CaseState,
    Closing,
    Colour,
    Holder,
    Level,
    Role,
)

HOLDER_OF = {
    CaseState.REPORTED: Holder.CENTRE,
    CaseState.VERIFIED: Holder.CENTRE,
    CaseState.REJECTED: Holder.NOBODY,
    CaseState.OPENED: Holder.CENTRE,
    CaseState.DISPATCHED: Holder.DEPARTMENT,
    CaseState.ACCEPTED: Holder.DEPARTMENT,
    CaseState.HANDLING: Holder.DEPARTMENT,
    CaseState.SUSPENDED: Holder.SUSPENDED,
    CaseState.REPORTED_BACK: Holder.CENTRE,
    CaseState.CHECKED: Holder.CENTRE,
    CaseState.REWORK: Holder.DEPARTMENT,
    CaseState.CLOSED: Holder.NOBODY,
    CaseState.MERGED: Holder.NOBODY,
}
"""In whose court each state is, unless an approval is waited for."""

STAGE_CLOCK = {
    CaseState.REPORTED: "verify",
    CaseState.VERIFIED: "dispatch",
    CaseState.OPENED: "dispatch",
    CaseState.DISPATCHED: "accept",
    CaseState.ACCEPTED: "handle",
    CaseState.HANDLING: "handle",
    CaseState.SUSPENDED: "handle",
    CaseState.REWORK: "handle",
    CaseState.REPORTED_BACK: "check",
}
"""Which stage clock runs in a state; in the others none does."""


@dataclass(frozen=True)
class Actor:
    """Who acts. department: None is any; area: GB/T 2260 code, None is the whole city."""

    id: int | None
    name: str
    role: Role
    department: str | None = None
    area: str | None = None

    def is_same(self, other_id: int | None, other_name: str) -> bool:
        """Return whether this is that person: by account, by name where no account is known."""
        if self.id is not None and other_id is not None:
            return self.id == other_id
        return bool(other_name) and self.name == other_name


@dataclass(frozen=True)
class Pending:
    """Something asked of an approver and not yet decided. id: its row, None before it has one.

    wanted: as stored: until (extension), review_at (suspension), suggests
    (return); times are ISO 8601.
    """

    id: int | None
    kind: Asked
    asked_by: int | None
    asked_name: str = ""
    wanted: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Card:
    """A supervision card on the case. state: active, answered, appealed, upheld, withdrawn, ended.

    upheld: the appeal failed and the mark stands; withdrawn: the mark is gone.
    """

    id: int | None
    colour: Colour
    state: str = "active"
    department: str | None = None
    appealed_by: int | None = None
    appealed_name: str = ""


@dataclass(frozen=True)
class CaseNow:
    """One case as it stands: its row, what waits on it, and what its events remember.

    department: code of the one that leads; before a dispatch at most a proposal.
    co_departments: the others that have a task. county, town: GB/T 2260 codes.
    led: our acts move it; else a platform does. Times are aware.
    """

    state: CaseState
    reported_at: datetime
    no: str = ""
    version: int = 1
    holder: Holder = Holder.CENTRE
    held_since: datetime | None = None
    department: str | None = None
    co_departments: tuple[str, ...] = ()
    county: str | None = None
    town: str | None = None
    led: bool = True
    level: int = Level.NONE
    due_at: datetime | None = None
    rework: int = 0
    transfers: int = 0
    returns: int = 0
    extensions: int = 0
    suspensions: int = 0
    suspended_s: int = 0
    supervised: int = Colour.NONE
    acknowledged_at: datetime | None = None
    call_back: CallBack | None = None
    closing: Closing | None = None
    parent: str | None = None
    pending: tuple[Pending, ...] = ()
    cards: tuple[Card, ...] = ()
    ownership_open: bool = False
    # remembered from the events, see `remembered`
    changed_at: datetime | None = None
    ended_at: datetime | None = None
    idle_transfers: int = 0
    dispatched_by: int | None = None
    dispatched_name: str = ""
    reported_back_by: int | None = None
    reported_back_name: str = ""
    checked_at: datetime | None = None
    suspended_at: datetime | None = None
    review_at: datetime | None = None
    suspension_id: int | None = None

    @property
    def ended(self) -> bool:
        """Return whether the case has ended, however it did."""
        return self.state in ENDED

    @property
    def areas(self) -> tuple[str, ...]:
        """Return the codes of the areas it lies in that are known, the smallest first."""
        return tuple(code for code in (self.town, self.county) if code)

    @property
    def departments(self) -> tuple[str, ...]:
        """Return the departments that have to do with it, the leading one first."""
        lead = (self.department,) if self.department else ()
        return lead + tuple(code for code in self.co_departments if code != self.department)


MEMORY = (
    "changed_at",
    "ended_at",
    "idle_transfers",
    "dispatched_by",
    "dispatched_name",
    "reported_back_by",
    "reported_back_name",
    "checked_at",
    "suspended_at",
    "review_at",
    "suspension_id",
)
"""Fields of CaseNow that no column keeps: the events do."""


@dataclass(frozen=True)
class Event:
    """One act as it is stored: append-only. A case is the projection of its events.

    to_state: None when the state stays. holder, department: after the act;
    None in an old event means as before. note: the reason or the words given.
    detail: plain JSON, all that `projection.after` needs to repeat the act.
    """

    at: datetime
    action: CaseAct
    actor: str
    actor_id: int | None = None
    from_state: CaseState | None = None
    to_state: CaseState | None = None
    holder: Holder | None = None
    department: str | None = None
    note: str = ""
    rule: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
