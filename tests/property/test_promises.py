"""However a promise is acted on, its history replays to what it is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from data.review.promises import (
    ENDS,
    Act,
    Standing,
    State,
    Step,
    allowed,
    begun,
    followed,
    replay,
    take,
)
from data.review.refusals import Refusal

FIRST = date(2026, 1, 5)
AT = datetime(2026, 1, 7, 1, tzinfo=UTC)


def week(n):
    return FIRST + timedelta(weeks=n)


MADE = st.builds(
    lambda n, due: Step(Act.MADE, AT, week(n), week(n + due)), st.integers(0, 3), st.integers(0, 9)
)
STEPS = st.lists(
    st.builds(
        lambda act, n, due: Step(act, AT, week(3 + n), week(due) if act is Act.MOVED else None),
        st.sampled_from([a for a in Act if a is not Act.MADE]),
        st.integers(0, 6),
        st.integers(0, 20),
    ),
    max_size=15,
)


def walked(made, steps):
    """Do every step that can be done; return what was done and the promise after it."""
    now, done = begun(made), [made]
    for step in steps:
        new = take(now, step)
        if isinstance(new, Standing):
            now, done = new, [*done, step]
        else:
            assert isinstance(new, Refusal)
    return now, done


@given(MADE, STEPS)
def test_a_history_replays_to_its_state(made, steps):
    now, done = walked(made, steps)
    assert replay(done) == now
    assert now.version == len(done)


@given(MADE, STEPS)
def test_a_promise_is_decided_by_its_last_deciding_act(made, steps):
    now, done = walked(made, steps)
    turns = [s for s in done if s.act in ENDS or s.act in (Act.MADE, Act.REOPENED)]
    assert now.state is ENDS.get(turns[-1].act, State.OPEN)
    assert (now.decided_in is None) is (now.state is State.OPEN)


@given(MADE, STEPS)
def test_it_is_due_when_it_was_last_said_to_be(made, steps):
    now, done = walked(made, steps)
    assert now.due == [s.due for s in done if s.due is not None][-1]
    assert now.carried == sum(s.act is Act.CARRIED for s in done)


@given(MADE, STEPS, st.integers(0, 12))
def test_what_is_open_is_followed_by_every_meeting_from_its_own_on(made, steps, n):
    now, _ = walked(made, steps)
    if now.state is State.OPEN:
        assert followed(now, week(n)) is (week(n) >= made.week)
    if followed(now, week(n)):
        assert week(n) >= made.week


@given(MADE, STEPS)
def test_only_what_is_allowed_is_done(made, steps):
    now, _ = walked(made, steps)
    for act in Act:
        step = Step(act, AT, week(30), week(40) if act is Act.MOVED else None)
        if act not in allowed(now.state):
            assert isinstance(take(now, step), Refusal)
        elif act is not Act.MADE:
            assert isinstance(take(now, step), Standing)
    assert not now.overdue(now.due)
    assert now.overdue(now.due + timedelta(weeks=1)) is (now.state is State.OPEN)
