"""A file that gives a total beside its parts: is the total their sum? It is never added to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

SLACK = 0.005
"""Share of the total by which rounding in the source may be off; half a unit in any case."""


@dataclass(frozen=True)
class Total:
    """One row that sums up others of the file. place: its index; parts: theirs.

    expected: how many parts there could be, so that a total of more than what
    the file lists is not called wrong.
    """

    place: int
    parts: tuple[int, ...]
    expected: int


def find_totals(
    group: Sequence[Hashable], area: Sequence[int], parents: Mapping[int, frozenset[int]]
) -> list[Total]:
    """Return the rows whose area stands above areas of other rows of the same group.

    group: what rows must share (indicator, grain, period). parents: every area
    above an area. Only the next level below counts as parts.
    """
    rows: dict[Hashable, dict[int, int]] = defaultdict(dict)
    for place, (key, code) in enumerate(zip(group, area, strict=True)):
        rows[key][code] = place
    children = _children(parents)
    found = []
    for members in rows.values():
        above = {up for code in members for up in parents.get(code, frozenset())}
        for code in above & set(members):
            parts = [members[child] for child in children.get(code, ()) if child in members]
            if not parts:  # a level was left out: towns beside the city
                parts = [p for c, p in members.items() if code in parents.get(c, frozenset())]
            found.append(Total(members[code], tuple(sorted(parts)), len(children.get(code, ()))))
    return found


def _children(parents: Mapping[int, frozenset[int]]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for code, above in parents.items():
        nearest = max(above, key=lambda up: len(parents.get(up, frozenset())), default=None)
        if nearest is not None:
            found[nearest].append(code)
    return found


def differs(total: float, parts: Sequence[float], expected: int) -> bool:
    """Return whether a total is not the sum of its parts.

    With parts missing from the file it can only be too small.
    """
    summed = float(np.sum(parts))
    slack = max(0.5, SLACK * abs(total))
    if len(parts) < expected:
        return summed > total + slack
    return abs(summed - total) > slack
