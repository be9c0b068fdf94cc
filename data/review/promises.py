"""A promise: what may be done about it, and what it is after what was done. Pure.

A promise is the sum of its events: `replay` of them gives its version, state, due week and how
often it was carried on, as the row says them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from data.review.refusals import Code, Refusal
from data.review.week_text import written


class Act(StrEnum):
    """What is done about a promise; at most 10 letters: they are stored as they are."""

    MADE = "made"
    CARRIED = "carried"
    """It stays open and is asked about again at the next meeting."""
    MOVED = "moved"
    """Another due week."""
    KEPT = "kept"
    BROKEN = "broken"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"
    NOTE = "note"


class State(StrEnum):
    """How a promise stands."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    WITHDRAWN = "withdrawn"


ENDS = {
    Act.KEPT: State.KEPT,
    Act.BROKEN: State.BROKEN,
    Act.WITHDRAWN: State.WITHDRAWN,
}
EXPECTED = ("higher", "lower")
"""Which way an indicator is to move. Of a case it is that it is closed."""
CLOSED = "closed"
FARTHEST_WEEKS = 53
"""A promise for later than this many weeks is none."""


@dataclass(frozen=True)
class Step:
    """One thing done. week: Monday of the review it was done in. due: of made and moved."""

    act: Act
    at: datetime
    week: date
    due: date | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Standing:
    """A promise as it stands. made, due: Mondays.

    carried_in: the review it was last carried on in; decided_in: the one it was decided in, while
    it is decided.
    """

    version: int
    state: State
    made: date
    due: date
    carried: int = 0
    carried_in: date | None = None
    decided_in: date | None = None

    def overdue(self, running: date) -> bool:
        """Return whether it is open though its due week is over; running: this week's Monday."""
        return self.state is State.OPEN and self.due < running


def begun(step: Step) -> Standing:
    """Return a promise that was just made. Raises ValueError: another act, or no due week."""
    if step.act is not Act.MADE or step.due is None:
        raise ValueError(f"a promise does not begin with {step.act.value}")
    return Standing(1, State.OPEN, step.week, step.due)


def allowed(state: str) -> tuple[Act, ...]:
    """Return what can be done about a promise in this state, whoever does it."""
    if state == State.OPEN:
        return (Act.CARRIED, Act.MOVED, Act.KEPT, Act.BROKEN, Act.WITHDRAWN, Act.NOTE)
    return (Act.REOPENED, Act.NOTE)


def take(now: Standing, step: Step) -> Standing | Refusal:
    """Return the promise after a step, or why it cannot be done."""
    if step.act not in allowed(now.state):
        code = Code.STILL_OPEN if step.act is Act.REOPENED else Code.ENDED
        return Refusal(code, {"state": now.state.value})
    if step.act is Act.CARRIED and now.carried_in == step.week:
        return Refusal(Code.ALREADY, {"week": written(step.week)})
    if step.act is Act.MOVED and step.due in (None, now.due):
        return Refusal(Code.MISSING if step.due is None else Code.ALREADY, {"field": "due"})
    return after(now, step)


def after(now: Standing, step: Step) -> Standing:
    """Return the promise after a step that was done."""
    new = replace(now, version=now.version + 1)
    if step.act in ENDS:
        return replace(new, state=ENDS[step.act], decided_in=step.week)
    if step.act is Act.REOPENED:
        return replace(new, state=State.OPEN, decided_in=None)
    if step.act is Act.CARRIED:
        return replace(new, carried=now.carried + 1, carried_in=step.week)
    if step.act is Act.MOVED and step.due is not None:
        return replace(new, due=step.due)
    return new


def replay(steps: Iterable[Step]) -> Standing:
    """Return what a history comes to. Raises ValueError: it does not begin with the making."""
    told = iter(steps)
    first = next(told, None)
    if first is None:
        raise ValueError("a promise without a history")
    now = begun(first)
    for step in told:
        now = after(now, step)
    return now


def followed(now: Standing, week: date) -> bool:
    """Return whether the meeting of a week follows it: made by then, and not decided before."""
    if now.made > week:
        return False
    return now.decided_in is None or now.decided_in >= week
