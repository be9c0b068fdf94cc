"""The same again: values that stand still, zeros that go on, each against its own past."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

MIN_ENDED = 6
"""Stretches that must have ended before anything can be called longer than usual."""
MIN_HOURS = 6
MIN_PAST = 72
UNLIKELY = 9.2
"""Mean lengths: a stretch by chance lasts this long once in ten thousand (e to the minus 9.2)."""


@dataclass(frozen=True)
class Hour:
    """One whole hour of a series. steady: every fact of the hour said the same."""

    start: datetime
    num: float | None
    den: float | None
    steady: bool = True


@dataclass(frozen=True)
class Streak:
    """How long a series has said the same, in hours heard, and how it used to be."""

    bucket: datetime
    num: float | None
    den: float | None
    since: datetime
    length: int
    longest: int = 0
    longest_zero: int = 0
    ended: int = 0
    zero_ended: int = 0
    seen: int = 1
    zeros: int = 0

    @property
    def zero(self) -> bool:
        """Whether the standing value is zero (0 over anything is)."""
        return self.num == 0


def extend(streak: Streak | None, hours: Iterable[Hour]) -> Streak | None:
    """Return the streak after some later hours, in order. Hours not heard count for nothing."""
    for hour in hours:
        zero = int(hour.num == 0 and hour.steady)
        if streak is None:
            streak = Streak(hour.start, hour.num, hour.den, hour.start, 1, zeros=zero)
        elif hour.start <= streak.bucket:
            continue
        elif hour.steady and (hour.num, hour.den) == (streak.num, streak.den):
            streak = replace(
                streak, bucket=hour.start, length=streak.length + 1, seen=streak.seen + 1,
                zeros=streak.zeros + zero,
            )  # fmt: skip
        else:
            streak = _begin_anew(streak, hour, zero)
    return streak


def _begin_anew(old: Streak, hour: Hour, zero: int) -> Streak:
    return Streak(
        hour.start, hour.num, hour.den, hour.start, 1,
        longest=old.longest if old.zero else max(old.longest, old.length),
        longest_zero=max(old.longest_zero, old.length) if old.zero else old.longest_zero,
        ended=old.ended + (not old.zero),
        zero_ended=old.zero_ended + old.zero,
        seen=old.seen + 1,
        zeros=old.zeros + zero,
    )  # fmt: skip


def frozen(streak: Streak) -> bool:
    """Return whether something that moves stands still longer than ever.

    What never moved (a constant) or mostly rests has no past to break with;
    zeros are another question.
    """
    if streak.zero or streak.num is None:
        return False
    moving = streak.seen - streak.zeros - streak.length
    return _unusual(streak.length, streak.longest, streak.ended, moving, streak.seen)


def long_zero(streak: Streak) -> bool:
    """Return whether zero goes on longer than ever, and than chance allows for its rarity."""
    if not streak.zero:
        return False
    past = streak.zeros - streak.length
    return _unusual(streak.length, streak.longest_zero, streak.zero_ended, past, streak.seen)


def _unusual(length: int, longest: int, ended: int, hours: int, seen: int) -> bool:
    if ended < MIN_ENDED or length < MIN_HOURS or seen - length < MIN_PAST:
        return False
    return length > 1.5 * longest and length > UNLIKELY * max(1.0, hours / ended)
