"""Hold times: a condition counts once it held, or was over, for long enough without a break. Pure.

Time is counted from look to look, so a clock that jumps counts for one ordinary look at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

USUAL = timedelta(seconds=20)
"""Between two looks when no source speaks."""
LONGEST = timedelta(seconds=90)
"""Two looks further apart than this do not attest what was between them."""
LAST = timedelta(seconds=1)


@dataclass(frozen=True)
class Pending:
    """A new answer that waits for its hold time. since: from when it holds without a break."""

    active: bool
    since: datetime
    seen_at: datetime


@dataclass(frozen=True)
class Held:
    """active: the answer that counts now. pending: what waits. at: since when `active` holds."""

    active: bool
    pending: Pending | None
    at: datetime | None = None


def held(
    was: bool, holds: bool | None, pending: Pending | None, now: datetime, hold: timedelta
) -> Held:
    """Return the answer that counts.

    Args:
        was: the answer that counted until now.
        holds: what the condition says now; None: unknown, the answer stays and waiting goes on.
        pending: what waited at the last look.
        now: the instant of this look, whatever the clock did since the last one.
        hold: for how long an answer other than `was` must hold without a break.
    """
    if holds is None:
        return Held(was, _carried(pending, now, timedelta(0)))
    if holds == was:
        return Held(was, None)
    if hold <= timedelta(0):
        return Held(holds, None, now)
    if pending is None or pending.active != holds:
        return Held(was, Pending(holds, now, now))
    moved = _carried(pending, now, _credit(pending, now, hold))
    if moved is not None and now - moved.since >= hold:
        return Held(holds, None, moved.since)
    return Held(was, moved)


def _credit(pending: Pending, now: datetime, hold: timedelta) -> timedelta:
    """Return how much of the time since the last look counts.

    After a jump (back, or further than looks lie apart) as much as an ordinary look would, but
    never so much that the jump itself fires.
    """
    step, before = now - pending.seen_at, pending.seen_at - pending.since
    if timedelta(0) <= step <= LONGEST:
        return step
    short = hold - LAST - before
    return min(USUAL, short) if short > timedelta(0) else LAST


def _carried(pending: Pending | None, now: datetime, credit: timedelta) -> Pending | None:
    """Return what waits, as of now: what it has waited so far, and the credit."""
    if pending is None:
        return None
    waited = max(pending.seen_at - pending.since, timedelta(0)) + credit
    return Pending(pending.active, now - waited, now)
