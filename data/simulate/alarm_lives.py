"""What became of an alarm of the demonstration's past: seen, shelved, flapping, over. Pure.

Every step is taken by the rules of the states themselves, so that the past reads as the present.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from numpy.random import Generator

from data.alarms.acts import Wish, take
from data.alarms.states import NORMAL, Heard, Step, Stood, expire, hear
from data.vocabulary import Role
from data.vocabulary.alarms import AlarmAct, Outcome

MINUTE = timedelta(minutes=1)
FLAPS, SHELVED, UNSEEN, SLOW = 0.02, 0.03, 0.05, 0.02
"""Shares of alarms that flap, are shelved, go away before anybody looked, wait for half an hour."""
SAID = 0.78
"""Of those that are over: somebody said what they turned out to be."""
OUTCOMES = (
    (0.42, Outcome.ACTED_ON),
    (0.80, Outcome.REAL_NO_ACTION),
    (0.97, Outcome.FALSE_ALARM),
    (1.01, Outcome.TEST),
)
SHELF_WORDS = (
    "现场检修，已核实",
    "设备调试期间误报",
    "已转部门处置，待反馈",
    "道路施工，数据异常已知悉",
)


@dataclass(frozen=True)
class Happened:
    """One step, who took it (None: the rules), when it was written down, what is kept beside."""

    step: Step
    by_person: bool
    at: datetime
    reason: str = ""
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass
class Life:
    """An alarm from its raising on. ends: when its condition is over."""

    priority: int
    begins: datetime
    ends: datetime
    chance: Generator
    stood: Stood = NORMAL
    events: list[Happened] = field(default_factory=list)
    outcome: Outcome | None = None
    seen_at: datetime | None = None

    def live(self, worse: tuple[tuple[datetime, int], ...] = ()) -> None:
        """Let it happen. worse: when it got which graver priority."""
        draw = float(self.chance.random())
        self._hears(self.begins, True, self.priority)
        if draw < FLAPS:
            self._flaps()
        seen = self.begins + self._delay(draw)
        for at, priority in worse:
            if self.begins < at < self.ends and priority < self.stood.priority:
                self._see(min(seen, at))
                self._hears(at, True, priority)
                seen = at + self._delay(1.0)
        if seen < self.ends:
            self._see(seen)
            if FLAPS <= draw < FLAPS + SHELVED:
                self._shelve(seen + 2 * MINUTE)
        if not self.stood.over:
            self._hears(self.ends, False, self.stood.priority)
        self._close(max(seen, self.ends))
        self._say()

    @property
    def last(self) -> datetime:
        """When the last step was written down."""
        return self.events[-1].at

    def _delay(self, draw: float) -> timedelta:
        """Return how long it takes until somebody looks; the gravest are seen first."""
        median = {1: 1.2, 2: 2.2, 3: 4.0, 4: 9.0}[self.stood.priority if self.events else 3]
        minutes = median * float(self.chance.lognormal(0, 0.6))
        if FLAPS + SHELVED <= draw < FLAPS + SHELVED + SLOW:
            minutes += 35
        if draw > 1 - UNSEEN and draw < 1:
            return self.ends - self.begins + minutes * MINUTE
        return minutes * MINUTE

    def _hears(self, at: datetime, active: bool, priority: int, *, flaps: bool = False) -> None:
        steps = hear(self.stood, Heard(active, priority, at, chatters=flaps), at)
        self._take(steps, at)

    def _take(self, steps: tuple[Step, ...], at: datetime) -> None:
        self.events += [Happened(step, False, at) for step in steps]
        if steps:
            self.stood = steps[-1].after

    def _does(self, act: AlarmAct, at: datetime, reason: str = "", **more: Any) -> None:
        wish = Wish(act, "officer", Role.LEADER, reason, **more)
        step = take(self.stood, wish, at)
        if isinstance(step, Step):
            detail: dict[str, Any] = {}
            if wish.until is not None:
                detail["until"] = wish.until.timestamp()
            if wish.outcome is not None:
                detail["outcome"] = wish.outcome.value
            self.events.append(Happened(step, True, at, reason, detail))
            self.stood = step.after

    def _see(self, at: datetime) -> None:
        if self.stood.state.value in ("unacknowledged", "returned_unacknowledged"):
            self._does(AlarmAct.ACKNOWLEDGE, at)
            self.seen_at = at

    def _flaps(self) -> None:
        at = self.begins
        for turn in range(4):
            at += timedelta(seconds=20)
            self._hears(at, bool(turn % 2), self.priority, flaps=turn == 3)
        self.ends = max(self.ends, at + MINUTE)

    def _shelve(self, at: datetime) -> None:
        """Shelve it for a while; what is over then ends by itself."""
        if at >= self.ends:
            return
        until = at + (1 if self.stood.priority == 1 else 2) * timedelta(minutes=45)
        word = SHELF_WORDS[int(self.chance.integers(len(SHELF_WORDS)))]
        self._does(AlarmAct.SHELVE, at, word, until=until)
        if self.ends < until:
            self._hears(self.ends, False, self.stood.priority)
        self._take(expire(self.stood, None, until), until)
        if not self.stood.over:
            self._see(until + 3 * MINUTE)
            self.ends = max(self.ends, until + 5 * MINUTE)

    def _close(self, at: datetime) -> None:
        self._see(at + MINUTE)
        if self.stood.latched:
            self._does(AlarmAct.RESET, at + 3 * MINUTE)

    def _say(self) -> None:
        """Say what it turned out to be, a while after."""
        if float(self.chance.random()) < SAID:
            draw = float(self.chance.random())
            self.outcome = next(o for limit, o in OUTCOMES if draw < limit)
            late = float(self.chance.uniform(2, 40)) * MINUTE
            self._does(AlarmAct.OUTCOME, self.last + late, outcome=self.outcome)
