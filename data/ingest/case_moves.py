"""How a known case moves on by what its platform tells, and what is written of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from data.cases import mirror
from data.vocabulary import STAGE_OF, CaseAct, CaseState

TRACKED = (
    "stage", "state", "level", "category_id", "area_id", "due_at", "closed_at", "title",
    "call_back",
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """Who tells, in which run, when it is written down."""

    actor: str
    run_id: int
    now: datetime


@dataclass(frozen=True)
class Moved:
    """A known case that a file moves on: its row as it is, the columns as told."""

    row: Row[Any]
    values: dict[str, Any]

    @property
    def led_here(self) -> bool:
        """Whether our acts move the case; then its platform is only heard."""
        return self.row.led_since is not None

    @property
    def same(self) -> bool:
        """Whether nothing is told that was not known."""
        if self.led_here:
            call_back = self.values["call_back"]
            said = self.row.source_said or self.row.state
            return bool(self.values["state"] == said and call_back in (None, self.row.call_back))
        return not self.before

    @property
    def before(self) -> dict[str, str]:
        """What the tracked columns that change were, as they are written down."""
        old = {name: getattr(self.row, name) for name in TRACKED}
        return {k: str(v) for k, v in old.items() if plain(v) != plain(self.values[k])}


def merged(row: Row[Any], values: dict[str, Any]) -> Moved:
    """Return what a file tells of a known case: what it leaves open stays as it is."""
    kept = dict(values)
    if kept["call_back"] is None:
        kept |= {"call_back": row.call_back, "called_at": row.called_at}
    elif kept["call_back"] == row.call_back:
        kept["called_at"] = row.called_at
    if kept["state"] == row.state:
        kept["held_since"] = row.held_since
    for name in COUNTERS:
        kept[name] = getattr(row, name)
    for name in mirror.counted(CaseState(row.state), CaseState(kept["state"])):
        kept[name] += 1
    return Moved(row, kept)


COUNTERS = ("rework", "returns", "transfers", "suspensions")


def written(moved: Moved, told: Told) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the new columns of a mirrored case and the event that tells of it."""
    row, values = moved.row, moved.values
    version = row.version + 1
    recorded = {"recorded_at": told.now, "run_id": told.run_id, "version": version}
    event = event_of(told, values, at=values["updated_at"], stage=row.stage, state=row.state)
    action = action_of(CaseState(row.state), CaseState(values["state"]))
    return (
        {"b_id": row.id, **values, **recorded},
        {"case_id": row.id, "seq": version, "action": action, "before": moved.before, **event},
    )


def heard(moved: Moved, told: Told) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what is kept of a platform's word about a case that is led here: it moves nothing."""
    row, values = moved.row, moved.values
    version = row.version + 1
    called = values["call_back"] is not None
    new = {
        "b_id": row.id,
        "version": version,
        "run_id": told.run_id,
        "source_said": values["state"],
        "call_back": values["call_back"] if called else row.call_back,
        "called_at": values["called_at"] if called else row.called_at,
    }
    event = event_of(told, values, at=values["updated_at"]) | {
        "to_stage": None,
        "to_state": None,
        "holder": row.holder,
        "department_id": row.department_id,
        "note": values["state"],
    }
    action = CaseAct.SOURCE_SAID.value
    kept = {"source_said": row.source_said}
    return new, {"case_id": row.id, "seq": version, "action": action, "before": kept, **event}


def event_of(
    told: Told,
    values: dict[str, Any],
    *,
    at: datetime,
    stage: str | None = None,
    state: str | None = None,
) -> dict[str, Any]:
    """Return the columns of `case_event` that every message of a platform has."""
    return {
        "at": at,
        "recorded_at": told.now,
        "actor": told.actor,
        "from_stage": stage,
        "to_stage": values["stage"],
        "from_state": state,
        "to_state": values["state"],
        "holder": values["holder"],
        "department_id": values["department_id"],
        "run_id": told.run_id,
    }


def plain(value: Any) -> Any:
    """Return a value as it can be compared: times are kept to the second on SQLite."""
    return int(value.timestamp()) if isinstance(value, datetime) else value


def action_of(before: CaseState | None, after: CaseState) -> str:
    """Return what a step of a mirrored case is called: its stage, or its state within one."""
    if before is after:
        return "corrected"
    moved = before is None or STAGE_OF[before] is not STAGE_OF[after]
    return STAGE_OF[after].value if moved else after.value
