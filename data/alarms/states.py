"""The alarm states of ISA-18.2 / IEC 62682, and what moves an alarm from one to another.

Letters as in the standard: normal A, unacknowledged B, acknowledged C, returned unacknowledged D,
shelved E, suppressed by design F, out of service G. What the condition does is `hear`, what a
person does is `take` in `data.alarms.acts`. Every move is one `Step`, and each step begins where
the one before ended.

What the standard leaves open, decided here:

- An alarm that gets graver comes back unacknowledged, also from the shelf: what was shelved was
  the lesser one. One that gets lighter silences nothing: as long as nobody saw it, it stays as
  grave as it was.
- A chattering alarm is latched: held in alarm whatever its condition does, without sounding
  again, until a person acknowledges and resets it.
- Planned work and being out of service take an alarm that is active; one that went away unseen
  still waits for a look. When the window ends the condition of that moment decides. A shelved
  alarm stays on its shelf meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from data.vocabulary.alarms import AlarmAct, AlarmState

A, B, C, D = (
    AlarmState.NORMAL,
    AlarmState.UNACKNOWLEDGED,
    AlarmState.ACKNOWLEDGED,
    AlarmState.RETURNED,
)
E, F, G = AlarmState.SHELVED, AlarmState.SUPPRESSED, AlarmState.OUT_OF_SERVICE

LETTERS = {A: "A", B: "B", C: "C", D: "D", E: "E", F: "F", G: "G"}
COVERED = frozenset({F, G})
"""States that a window keeps an alarm in."""
SILENT = frozenset({E, F, G})
"""States in which an alarm asks nobody for an answer."""
WAITS = frozenset({B, D})
"""States in which an alarm waits for somebody to see it."""

LIGHTEST = 4


@dataclass(frozen=True)
class Stood:
    """How an alarm stands. priority: 1 gravest. since: when it last moved, None: never.

    owner, reason, until: of the shelf it lies on, else None.
    """

    state: AlarmState = A
    active: bool = False
    priority: int = LIGHTEST
    latched: bool = False
    since: datetime | None = None
    owner: str | None = None
    reason: str | None = None
    until: datetime | None = None

    @property
    def over(self) -> bool:
        """Whether the alarm is normal again."""
        return self.state is A


NORMAL = Stood()


@dataclass(frozen=True)
class Heard:
    """What is known of an alarm's condition now.

    at: since when it is so. unknown: nothing could be judged, so it is as it was.
    cover: SUPPRESSED or OUT_OF_SERVICE while a window covers the alarm. chatters: with this
    change it came and went too often, see `data.alarms.chatter`.
    """

    active: bool
    priority: int
    at: datetime
    unknown: bool = False
    cover: AlarmState | None = None
    chatters: bool = False


@dataclass(frozen=True)
class Step:
    """One move. before: the state it began in; after: how the alarm stands then."""

    act: AlarmAct
    at: datetime
    before: AlarmState
    after: Stood


@dataclass
class Walk:
    """Steps of one alarm, one after the other. at: of all of them, never before `stood.since`."""

    stood: Stood
    at: datetime
    steps: list[Step] = field(default_factory=list)

    def go(
        self, act: AlarmAct, state: AlarmState, *, active: bool | None = None,
        priority: int | None = None, latched: bool | None = None,
    ) -> None:  # fmt: skip
        """Take one step; what is not named stays as it is. Off the shelf nobody owns it."""
        before = self.stood
        after = replace(
            before,
            state=state,
            active=before.active if active is None else active,
            priority=before.priority if priority is None else priority,
            latched=before.latched if latched is None else latched,
            since=self.at,
        )
        if state is not E:
            after = replace(after, owner=None, reason=None, until=None)
        if state is A:
            after = replace(after, latched=False)
        self.stood = after
        self.steps.append(Step(act, self.at, before.state, after))


def moment(stood: Stood, at: datetime, now: datetime) -> datetime:
    """Return when a step is said to be: not after now, and never before the last one.

    A clock that jumps back must not turn an alarm's log around.
    """
    told = min(at, now)
    return told if stood.since is None else max(told, stood.since)


def by_condition(*, active: bool, latched: bool) -> AlarmState:
    """Return where an alarm goes that nothing keeps silent any more."""
    return B if active or latched else A


def hear(stood: Stood, heard: Heard, now: datetime) -> tuple[Step, ...]:
    """Return what the condition of now, and the windows of now, do to an alarm; maybe nothing."""
    walk = Walk(stood, moment(stood, heard.at, now))
    active = stood.active if heard.unknown else heard.active
    _cover(walk, heard, active=active)
    if not heard.unknown:
        _condition(walk, heard)
    return tuple(walk.steps)


def expire(stood: Stood, heard: Heard | None, now: datetime) -> tuple[Step, ...]:
    """Return what happens to a shelved alarm whose time is over: the condition of now decides."""
    if stood.state is not E or stood.until is None or stood.until > now:
        return ()
    known = heard is not None and not heard.unknown
    active = heard.active if heard is not None and known else stood.active
    walk = Walk(stood, moment(stood, stood.until, now))
    cover = heard.cover if heard is not None else None
    unshelve(walk, active=active, cover=cover)
    return tuple(walk.steps)


def unshelve(walk: Walk, *, active: bool, cover: AlarmState | None) -> None:
    """Take an alarm off its shelf: to where its window or its condition puts it."""
    there = cover if cover and active else by_condition(active=active, latched=walk.stood.latched)
    walk.go(AlarmAct.UNSHELVE, there, active=active)


def _cover(walk: Walk, heard: Heard, *, active: bool) -> None:
    """Put an active alarm under a window that began, bring it back from one that ended."""
    stood, cover = walk.stood, heard.cover
    if stood.state in COVERED and cover is not stood.state:
        _uncover(walk, heard, active=active)
    elif cover and active and not heard.unknown and stood.state in (A, B, C, D):
        priority = heard.priority if stood.over else min(stood.priority, heard.priority)
        walk.go(_COVERING[cover], cover, active=True, priority=priority)
    elif cover and active and stood.state in (B, C):
        walk.go(_COVERING[cover], cover)


def _uncover(walk: Walk, heard: Heard, *, active: bool) -> None:
    """Leave a window: for another one that stands, else to where the condition puts it."""
    latched = walk.stood.latched
    there = heard.cover or by_condition(active=active, latched=latched)
    act = AlarmAct.RESTORE if walk.stood.state is G else AlarmAct.UNSUPPRESS
    if there in COVERED:
        act = _COVERING[there]
    priority = heard.priority if active and not heard.unknown else None
    walk.go(act, there, active=active, priority=priority)


_COVERING = {F: AlarmAct.SUPPRESS, G: AlarmAct.REMOVE}


def _condition(walk: Walk, heard: Heard) -> None:
    """Let the condition come, go, get graver or lighter."""
    state = walk.stood.state
    if state is A:
        if heard.active:
            walk.go(AlarmAct.RAISE, B, active=True, priority=heard.priority)
            _latch(walk, heard)
    elif state in SILENT:
        _unheard(walk, heard)
    elif heard.active:
        _active(walk, heard)
        _latch(walk, heard)
    elif walk.stood.active:
        _latch(walk, heard)
        _returned(walk)


def _latch(walk: Walk, heard: Heard) -> None:
    if heard.chatters and not walk.stood.latched and walk.stood.state in (B, C):
        walk.go(AlarmAct.LATCH, walk.stood.state, latched=True)


def _active(walk: Walk, heard: Heard) -> None:
    """The condition holds, of an alarm that asks for an answer or was given one."""
    stood = walk.stood
    graver = heard.priority < stood.priority
    if not stood.active:
        there = C if stood.state is C and stood.latched and not graver else B
        priority = min(stood.priority, heard.priority)
        walk.go(AlarmAct.RAISE, there, active=True, priority=priority)
    elif graver:
        walk.go(AlarmAct.WORSEN, B, priority=heard.priority)
    elif heard.priority > stood.priority and stood.state is C:
        walk.go(AlarmAct.EASE, C, priority=heard.priority)


def _returned(walk: Walk) -> None:
    """The condition is over: unseen it waits for a look, seen it is normal, latched it is held."""
    stood = walk.stood
    there = {B: D, C: A}[stood.state]
    walk.go(AlarmAct.RETURN, stood.state if stood.latched else there, active=False)


def _unheard(walk: Walk, heard: Heard) -> None:
    """The condition of a silent alarm: noted, and only getting graver brings one off its shelf."""
    stood = walk.stood
    graver = heard.active and heard.priority < stood.priority
    if graver:
        there = (heard.cover or B) if stood.state is E else stood.state
        walk.go(AlarmAct.WORSEN, there, active=True, priority=heard.priority)
    elif heard.active != stood.active:
        act = AlarmAct.RAISE if heard.active else AlarmAct.RETURN
        walk.go(act, stood.state, active=heard.active)
