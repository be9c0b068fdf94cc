"""Whatever conditions, windows and people do: an alarm's log never breaks and nothing is lost.

The machine begins in each state in turn, so that a derandomized run sees all of them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from data.alarms.acts import FROM, SHELF, WHO, AlarmRefusal, Wish, allowed, take
from data.alarms.chatter import chatters, ends_of
from data.alarms.states import (
    COVERED,
    LETTERS,
    NORMAL,
    SILENT,
    A,
    B,
    C,
    D,
    E,
    F,
    G,
    Heard,
    Step,
    Stood,
    expire,
    hear,
)
from data.vocabulary import Role
from data.vocabulary.alarms import AlarmAct, AlarmState, Outcome

START = datetime(2026, 11, 18, 2, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
SHELVED = Stood(E, True, 2, since=START, owner="王敏", reason="检修", until=START + HOUR)
BEGIN: dict[AlarmState, Stood] = {
    A: NORMAL,
    B: Stood(B, True, 2, since=START),
    C: Stood(C, True, 2, since=START),
    D: Stood(D, False, 2, since=START),
    E: SHELVED,
    F: Stood(F, True, 2, since=START),
    G: Stood(G, True, 2, since=START),
}
SECONDS = st.integers(min_value=-7200, max_value=7200)
PRIORITIES = st.integers(min_value=1, max_value=4)
PEOPLE = st.sampled_from([Role.OPERATOR, Role.LEADER, Role.STEWARD, Role.DEPARTMENT, Role.VIEWER])


class Alarm(RuleBasedStateMachine):
    """One key: what its condition does, what windows do, what people do, a clock that jumps."""

    begin: AlarmState = A

    @initialize()
    def stands(self) -> None:
        self.stood = BEGIN[self.begin]
        self.now = START
        self.cover = self.stood.state if self.stood.state in COVERED else None
        self.log: list[Step] = []

    def took(self, steps: tuple[Step, ...] | list[Step]) -> None:
        for step in steps:
            assert step.before is self.stood.state
            assert self.stood.since is None or step.at >= self.stood.since
            assert step.after.since == step.at
            self.fair(self.stood, step)
            self.stood = step.after
            self.log.append(step)

    def fair(self, before: Stood, step: Step) -> None:
        """What no step may do."""
        after = step.after
        if after.over:
            assert not after.active, "an active alarm was ended"
            assert before.state is not B or step.act is AlarmAct.RESET or before.latched, (
                "an alarm was ended that nobody saw"
            )
        if step.act is AlarmAct.WORSEN:
            assert after.priority < before.priority
        if before.state in (B, D) and after.state is before.state:
            assert after.priority <= before.priority, "a lower priority silenced something"
        if before.latched and not after.latched:
            assert step.act is AlarmAct.RESET or after.over

    @rule(active=st.booleans(), priority=PRIORITIES, back=SECONDS, unknown=st.booleans())
    def condition(self, active: bool, priority: int, back: int, unknown: bool) -> None:
        ends = ends_of([(s.act, s.at) for s in self.log])
        gone = [self.now] if not active and self.stood.active else []
        heard = Heard(
            active, priority, self.now - timedelta(seconds=back), unknown, self.cover,
            chatters([*ends, *gone], self.now),
        )  # fmt: skip
        before = self.stood
        self.took(expire(self.stood, heard, self.now))
        self.took(hear(self.stood, heard, self.now))
        if unknown:
            assert self.stood.active == before.active
        elif not self.stood.over:
            assert self.stood.active == active
        if self.cover and self.stood.active and self.stood.state is not E:
            assert self.stood.state is self.cover
        assert hear(self.stood, heard, self.now) == () or heard.chatters

    @rule(active=st.booleans())
    def flaps(self, active: bool) -> None:
        for _ in range(4):
            self.condition(not active, 2, 0, False)
            self.condition(active, 2, 0, False)

    @rule(cover=st.sampled_from([None, F, G]))
    def window(self, cover: AlarmState | None) -> None:
        self.cover = cover

    @rule(by=st.timedeltas(min_value=timedelta(0), max_value=timedelta(hours=30)))
    def time_goes_on(self, by: timedelta) -> None:
        self.now += by

    @rule(to=st.sampled_from([-HOUR, HOUR]))
    def clock_jumps(self, to: timedelta) -> None:
        self.now += to

    @rule(
        act=st.sampled_from(list(AlarmAct)), role=PEOPLE, reason=st.sampled_from(["", "检修"]),
        hours=st.integers(min_value=-1, max_value=40), outcome=st.sampled_from([None, *Outcome]),
    )  # fmt: skip
    def person(
        self, act: AlarmAct, role: Role, reason: str, hours: int, outcome: Outcome | None
    ) -> None:
        until = self.now + timedelta(hours=hours) if hours else None
        wish = Wish(act, "王敏", role, reason, until, outcome, self.cover)
        may = act in allowed(self.stood, role)
        found = take(self.stood, wish, self.now)
        if isinstance(found, AlarmRefusal):
            assert found.allowed == allowed(self.stood, role)
            assert may == (act in found.allowed)
            return
        assert may
        self.took([found])

    @invariant()
    def whole(self) -> None:
        stood = self.stood
        if stood.state is E:
            assert stood.owner
            assert stood.reason
            assert stood.until
            assert stood.until - START < timedelta(days=400)
        else:
            assert (stood.owner, stood.reason, stood.until) == (None, None, None)
        assert not (stood.state is D and (stood.active or stood.latched))
        assert not (stood.state is A and (stood.active or stood.latched))
        assert not (stood.state is C and not stood.active and not stood.latched)
        assert 1 <= stood.priority <= 4


@pytest.mark.parametrize("begin", list(BEGIN), ids=[LETTERS[s] for s in BEGIN])
def test_no_walk_breaks_an_alarm(begin: AlarmState) -> None:
    machine = type("Alarm", (Alarm,), {"begin": begin})
    profile = hypothesis_settings(max_examples=40, stateful_step_count=30, deadline=None)
    run_state_machine_as_test(machine, settings=profile)


def test_every_state_but_normal_can_be_left_and_reached() -> None:
    reached = set()
    for stood in BEGIN.values():
        for cover in (None, F, G):
            for active in (True, False):
                heard = Heard(active, 2, START, cover=cover)
                reached |= {s.after.state for s in hear(stood, heard, START)}
        for act in WHO:
            wish = Wish(act, "x", Role.LEADER, "x", START + HOUR, Outcome.TEST)
            step = take(stood, wish, START)
            if isinstance(step, Step):
                reached.add(step.after.state)
    assert reached == set(AlarmState)


def test_what_is_shelved_for_how_long_depends_on_its_priority() -> None:
    for priority, longest in SHELF.items():
        stood = Stood(B, True, priority, since=START)
        until = START + longest
        good = take(stood, Wish(AlarmAct.SHELVE, "x", Role.OPERATOR, "y", until), START)
        assert isinstance(good, Step)
        late = Wish(AlarmAct.SHELVE, "x", Role.OPERATOR, "y", until + timedelta(seconds=1))
        refused = take(stood, late, START)
        assert isinstance(refused, AlarmRefusal)
        assert refused.params["latest"] == until


def test_a_silent_alarm_asks_nobody() -> None:
    for state in SILENT:
        assert AlarmAct.ACKNOWLEDGE not in allowed(BEGIN[state], Role.OPERATOR)
        assert state not in FROM[AlarmAct.ACKNOWLEDGE]
