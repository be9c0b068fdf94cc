"""What goes wrong on the way of a request: sent back, set aside, done again, as loops know it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from data.vocabulary import CallBack, CaseState

STATES = (
    CaseState.OPENED,
    CaseState.DISPATCHED,
    CaseState.HANDLING,
    CaseState.REPORTED_BACK,
    CaseState.CLOSED,
)
"""The straight way, one state for each column of `Batch.times`."""

STATE_WORDS = {
    CaseState.OPENED: "待派单",
    CaseState.DISPATCHED: "已派单",
    CaseState.HANDLING: "处置中",
    CaseState.SUSPENDED: "挂账",
    CaseState.REWORK: "返工",
    CaseState.REPORTED_BACK: "待核查",
    CaseState.CLOSED: "已办结",
}
"""How the platforms write each state."""


class Detour(IntEnum):
    """What a request goes through besides the straight way. The last two make it longer."""

    NONE = 0
    SENT_BACK = 1
    SET_ASIDE = 2
    DONE_AGAIN = 3


_WAY = {
    Detour.SENT_BACK: (1, CaseState.OPENED, CaseState.DISPATCHED),
    Detour.SET_ASIDE: (2, CaseState.SUSPENDED, CaseState.HANDLING),
    Detour.DONE_AGAIN: (3, CaseState.REWORK, CaseState.REPORTED_BACK),
}
"""Which step it comes after, into which state, and back into which."""

_SHARES = (0.07, 0.03, 0.06)
_AWAY, _BACK = 0.3, 0.7


@dataclass(frozen=True)
class Detours:
    """One a request. away, back: epoch seconds, meaningless where kind is NONE."""

    kind: np.ndarray
    away: np.ndarray
    back: np.ndarray


def detours(times: np.ndarray, salt: np.ndarray) -> Detours:
    """Return what each request goes through; scripted ones (salt below 0) go straight.

    Args:
        times: (n, 5) epoch seconds of the straight way.
        salt: (n,) whole numbers.
    """
    draw = (salt % 9973) / 9973
    kind = np.searchsorted(np.cumsum(_SHARES), draw, side="right") + 1
    kind = np.where((salt < 0) | (kind > len(_SHARES)), Detour.NONE, kind)
    after = np.where(kind == Detour.NONE, 0, kind)
    row = np.arange(len(times))
    start, end = times[row, after], times[row, np.minimum(after + 1, times.shape[1] - 1)]
    kind = np.where(end - start < _SHORTEST_S, Detour.NONE, kind)
    span = end - start
    away = start + (_AWAY * span).astype(np.int64)
    return Detours(kind, away, start + (_BACK * span).astype(np.int64))


_SHORTEST_S = 60
"""A step shorter than this has no room for a detour."""


def way(times: tuple[int, ...], kind: int, away: int, back: int) -> list[tuple[CaseState, int]]:
    """Return every state a request goes through and when, its end included."""
    steps = list(zip(STATES, times, strict=True))
    if kind == Detour.NONE:
        return steps
    after, out, home = _WAY[Detour(kind)]
    return [*steps[: after + 1], (out, away), (home, back), *steps[after + 1 :]]


_CALLED = (
    (0.76, CallBack.SATISFIED, "满意"),
    (0.83, CallBack.DISSATISFIED, "不满意"),
    (0.93, CallBack.UNREACHED, "未接通"),
    (0.98, CallBack.REFUSED, "拒绝评价"),
    (1.01, CallBack.EXCLUDED, "不予回访"),
)


def called_back(salt: int) -> str:
    """Return what the call to the person who reported gave, in the words of the hotline."""
    draw = (abs(salt) // 9973 % 997) / 997
    return next(words for limit, _, words in _CALLED if draw < limit)
