"""Which points of a block are special causes, and why (NHS Making Data Count).

A rule that needs several points marks every point of the run, not only the one that completes it.
A missing value ends every run.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.indicators.spc.arrays import Bits, Bools, Counts, Floats, Ints
from data.indicators.spc.limits import Limits
from data.vocabulary.review_terms import SpcRule

RUN = 7
"""Points on one side of the centre, or rising or falling, that are a signal."""
BIT = {
    SpcRule.OUTSIDE: 1,
    SpcRule.TREND: 2,
    SpcRule.TWO_OF_THREE: 4,
    SpcRule.SHIFT: 8,
}
"""Rules as bits of a byte, the one that gives a point its name first."""
RULES_OF = [frozenset(rule for rule, bit in BIT.items() if bits & bit) for bits in range(16)]


@dataclass(frozen=True)
class Marks:
    """Of each point: rules as bits; toward: 1 high or rising, -1 low or falling, 0 no signal.

    runs: of the last point of each row, how many points of the run on its side, and of the run
    that rises or falls, end there.
    """

    rules: Bits
    toward: Ints
    runs: tuple[Counts, Counts]


def marks_of(limits: Limits) -> Marks:
    """Return the marks of a block (series, weeks)."""
    points, off = limits.judged, limits.tolerance
    above, below = points > limits.side + off, points < limits.side - off
    high = points > limits.middle + 3 * limits.sigma + off
    low = points < limits.middle - 3 * limits.sigma - off
    near_high = (points > limits.middle + 2 * limits.sigma + off) & ~high
    near_low = (points < limits.middle - 2 * limits.sigma - off) & ~low
    rising, falling = _trend(points[:, 1:] > points[:, :-1]), _trend(points[:, 1:] < points[:, :-1])
    two_high, two_low = _two_of_three(near_high, above), _two_of_three(near_low, below)
    shift_high, shift_low = _marked(_runs(above, RUN), RUN), _marked(_runs(below, RUN), RUN)
    rules = (
        (high | low) * np.uint8(BIT[SpcRule.OUTSIDE])
        | (rising | falling) * np.uint8(BIT[SpcRule.TREND])
        | (two_high | two_low) * np.uint8(BIT[SpcRule.TWO_OF_THREE])
        | (shift_high | shift_low) * np.uint8(BIT[SpcRule.SHIFT])
    )
    up, down = _way(points, rising, falling)
    toward = _first((high, low), (up, down), (two_high, two_low), (shift_high, shift_low))
    ends = (
        np.maximum(_ending(above), _ending(below)),
        _trend_ending(points),
    )
    return Marks(rules, toward, ends)


def _first(*pairs: tuple[Bools, Bools]) -> Ints:
    """Return the way of the first rule that holds at each point."""
    toward = np.zeros(pairs[0][0].shape, np.int8)
    for high, low in reversed(pairs):
        toward[high] = 1
        toward[low] = -1
    return toward


def _runs(holds: Bools, size: int) -> Bools:
    """Return at each place whether it and the `size` - 1 places before all hold."""
    out = holds.copy()
    have = 1
    while have < size:
        step = min(have, size - have)
        out[:, step:] &= out[:, :-step].copy() if step < out.shape[1] else False
        out[:, :step] = False
        have += step
    return out


def _marked(ends: Bools, size: int) -> Bools:
    """Return each place that is in a run of `size` that ends at one of `ends`."""
    out = ends.copy()
    have = 1
    while have < size:
        step = min(have, size - have)
        if step < out.shape[1]:
            out[:, :-step] |= out[:, step:].copy()
        have += step
    return out


def _trend(moves: Bools) -> Bools:
    """Return each point in a run of seven whose six steps all go one way."""
    out = np.zeros((moves.shape[0], moves.shape[1] + 1), bool)
    out[:, 1:] = _runs(moves, RUN - 1)
    return _marked(out, RUN)


def _way(points: Floats, rising: Bools, falling: Bools) -> tuple[Bools, Bools]:
    """Return which points of trends rise and fall: where one turns, what begins counts."""
    both = rising & falling
    if not both.any():
        return rising, falling
    begins = np.zeros(points.shape, bool)
    begins[:, :-1] = points[:, 1:] > points[:, :-1]
    return rising & ~(both & ~begins), falling & ~(both & begins)


def _two_of_three(near: Bools, side: Bools) -> Bools:
    """Return near points of which two are among three neighbours on the same side."""
    out = np.zeros(near.shape, bool)
    if near.shape[1] >= 3:
        a, b, c = near[:, :-2], near[:, 1:-1], near[:, 2:]
        out[:, 2:] = ((a & b) | (a & c) | (b & c)) & side[:, :-2] & side[:, 1:-1] & side[:, 2:]
    return _marked(out, 3) & near


def _ending(holds: Bools) -> Counts:
    """Return how many places at the end of each row hold without a break."""
    back = holds[:, ::-1]
    length: Counts = np.where(back.all(axis=1), holds.shape[1], np.argmin(back, axis=1))
    return length


def _trend_ending(points: Floats) -> Counts:
    """Return how many points at the end of each row rise, or fall, without a break."""
    if points.shape[1] < 2:
        return np.ones(points.shape[0], np.int64)
    up, down = points[:, 1:] > points[:, :-1], points[:, 1:] < points[:, :-1]
    steps: Counts = np.maximum(_ending(up), _ending(down)) + 1
    return steps
