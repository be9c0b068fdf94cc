"""Hold times: a stage is proposed once it was asked for long enough, and let go likewise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from data.catalogue.alarm_entries import StageLevel
from data.stage.judge import CALM

HELD_MAX = timedelta(minutes=2)
"""Between two looks at the most so much counts as held: nobody saw what was in between."""


@dataclass(frozen=True)
class Held:
    """For how long one stage has been asked for without a break, or no longer been.

    since: seen_at less what was held, by the clock of the last look. active: asked for.
    """

    since: datetime
    seen_at: datetime
    active: bool

    @property
    def held(self) -> timedelta:
        """Return how long it has been so, as of the last look; never negative."""
        return max(self.seen_at - self.since, timedelta())


@dataclass(frozen=True)
class Step:
    """What a look came to. waits: the hold times that run, by stage."""

    proposed: int
    waits: Mapping[int, Held]


def step(
    proposed: int,
    waits: Mapping[int, Held],
    minimum: int,
    levels: Mapping[int, StageLevel],
    now: datetime,
) -> Step:
    """Return what is proposed after a look at `now` that found `minimum`.

    A stage above the proposal is proposed once the rules asked for it, or for more, through its
    `up_s`; a stage is let go once they asked for less through its `down_s`. Held time is added
    up look by look, so that a clock set forward skips no hold time and one set back (an hour,
    or to 1970) makes none negative: held time stays what it was, and goes on.
    """
    running = {}
    for stage in sorted(s for s in levels if s > CALM):
        asked = minimum >= stage
        if asked != (proposed >= stage):  # the answer differs from what is proposed
            running[stage] = _on(waits.get(stage), now, active=asked)
    found = _raised(proposed, running, levels)
    if found == proposed:
        found = _lowered(proposed, running, levels)
    left = {s: h for s, h in running.items() if h.active != (found >= s)}
    return Step(found, left)


def _on(before: Held | None, now: datetime, *, active: bool) -> Held:
    """Return the hold time that goes on, or a new one."""
    if before is None or before.active != active:
        return Held(now, now, active)
    passed = min(max(now - before.seen_at, timedelta()), HELD_MAX)
    return Held(now - before.held - passed, now, active)


def _over(held: Held | None, seconds: int, *, active: bool) -> bool:
    known = held is not None and held.active is active
    return known and held is not None and held.held >= timedelta(seconds=seconds)


def _raised(proposed: int, running: Mapping[int, Held], levels: Mapping[int, StageLevel]) -> int:
    """Return the gravest stage above whose hold time is over."""
    due = [
        s for s, level in levels.items()
        if s > proposed and _over(running.get(s), level.up_s, active=True)
    ]  # fmt: skip
    return max(due, default=proposed)


def _lowered(proposed: int, running: Mapping[int, Held], levels: Mapping[int, StageLevel]) -> int:
    """Return the first stage from above that is not let go yet."""
    at = proposed
    while at > CALM and _over(running.get(at), levels[at].down_s, active=False):
        at -= 1
    return at
