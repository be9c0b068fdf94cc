"""Counts that are told by another length than those beside them: each length by itself.

A roll-up is made of what is told shorter, and of what is told by its own length where nothing
shorter is. So a week has no days below it when it was told as a week; a city's day may hold
counties that tell hours and one that tells the day. What a period holds beyond the shorter ones
can be had by subtraction as soon as both are shown, so it is a count of its own.

Each length is decided as if the others were known: its counts move among themselves, with all
else as it stands. Whoever is told by one length alone is decided as before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from data.indicators.suppression import Memo, Month, Work, small, suppress
from data.indicators.suppression_table import Cell, Counts
from data.vocabulary import Grain

_NOISE = 1e-6
"""Sums of floating numbers differ by less than this."""


@dataclass
class Rest:
    """What periods of one grain hold beyond the shorter ones below them.

    cells: of each period that holds any, all areas that tell it, zeros too.
    below: the sums of the shorter ones, where there are any. mixed: some period has both.
    """

    cells: dict[Cell, Counts] = field(default_factory=dict)
    below: dict[Cell, Counts] = field(default_factory=dict)
    mixed: bool = False


def suppress_told(
    month: Month, beside: Mapping[Cell, Counts] | None = None, memo: Memo | None = None
) -> set[Cell]:
    """Return every cell of the month (and of its weeks) that must not be shown.

    beside: days of other months in the weeks that touch the month: a week is then decided the
    same by both. memo: see suppress.
    """
    days = {c: n for c, n in month.counts.items() if c[0] is Grain.DAY}
    weeks = _rest(month, Grain.WEEK, [*days.items(), *(beside or {}).items()], month.week_of)
    months = _rest(month, Grain.MONTH, days.items(), lambda _: month.month)
    hidden = _alone(month, Grain.WEEK, weeks) | _alone(month, Grain.MONTH, months)
    counts = month.counts
    for rest in (weeks, months):
        counts = _without(counts, rest)
    shorter = month if counts is month.counts else replace(month, counts=counts)
    hours = [(c, n) for c, n in counts.items() if c[0] is Grain.HOUR]
    told = _rest(shorter, Grain.DAY, hours, month.day_of)
    if not told.mixed:
        return hidden | suppress(shorter, memo)
    of_hours, of_days = _split(shorter, told)
    if _changes(shorter, of_hours) or _changes(shorter, of_days):
        few = any(small(n, month.least) for n in shorter.counts.values())
        return hidden | (set(month.counts) if few else set())
    return hidden | suppress(of_hours, memo) | suppress(of_days)


def _rest(
    month: Month,
    grain: Grain,
    shorter: Iterable[tuple[Cell, Counts]],
    longer: Callable[[int], int],
) -> Rest:
    """Return what the periods of a grain hold beyond the shorter ones. longer: where those lie."""
    sums: dict[tuple[str, int], Counts] = {}
    for (_, area, at), counts in shorter:
        key = (area, longer(at))
        known = sums.get(key)
        sums[key] = counts if known is None else _plus(known, counts)
    own = {c: n for c, n in month.counts.items() if c[0] is grain}
    rests = {c: _minus(n, sums[c[1:]]) if c[1:] in sums else n for c, n in own.items()}
    some = {c[2] for c, n in rests.items() if any(n)}
    both = {at for _, at in sums}
    found = Rest(mixed=bool(some & both))
    for cell, counts in rests.items():
        if cell[2] in some and (any(counts) or cell[1:] not in sums):
            found.cells[cell] = counts
        if cell[1:] in sums:
            found.below[cell] = sums[cell[1:]]
    return found


def _plus(one: Counts, other: Counts) -> Counts:
    return tuple(a + b for a, b in zip(one, other, strict=True))


def _minus(one: Counts, other: Counts) -> Counts:
    left = (a - b for a, b in zip(one, other, strict=True))
    return tuple(n if n > _NOISE else 0.0 for n in left)


def _without(counts: Mapping[Cell, Counts], rest: Rest) -> Mapping[Cell, Counts]:
    """Leave to the shorter periods what they hold."""
    if not rest.cells:
        return counts
    found = {c: n for c, n in counts.items() if c not in rest.cells}
    return found | {c: rest.below[c] for c in rest.cells if c in rest.below}


def _alone(month: Month, grain: Grain, rest: Rest) -> set[Cell]:
    """Decide periods that nothing longer sums: one by one, so that two months say the same."""
    periods: dict[int, dict[Cell, Counts]] = defaultdict(dict)
    for cell, counts in rest.cells.items():
        periods[cell[2]][cell] = counts
    hidden: set[Cell] = set()
    for cells in periods.values():
        work = Work(replace(month, counts=cells, running=frozenset()))
        before = None
        while before != (before := len(work.forced)):
            work.hidden, work.slack = set(work.primary | work.forced), {}
            for top, rows in work.families:
                work.areas(grain, top, rows)
        hidden |= work.hidden
    return hidden


def _changes(month: Month, part: Month) -> bool:
    """Return whether an area tells some days by the hour and others whole, beside other areas.

    Then none of its days is known to be a partner: the month is shown whole or not at all.
    """
    above = {month.parents.get(area) for _, area, _ in month.counts}
    own = {(a, at) for g, a, at in part.counts if g is Grain.DAY}
    leaves = {a for a, _ in own} - above
    told = {(a, at) for g, a, at in month.counts if g is Grain.DAY and a in leaves}
    return not told <= own


def _split(month: Month, told: Rest) -> tuple[Month, Month]:
    """Return the month of what is told by the hour, and that of what is told by the day."""
    hours = {c: n for c, n in month.counts.items() if c[0] is Grain.HOUR}
    parts = (hours | told.below, dict(told.cells))
    for part in parts:
        areas = {area for _, area, _ in part}
        days: dict[str, Counts] = {}
        for (grain, area, _), counts in part.items():
            if grain is Grain.DAY:
                days[area] = _plus(days[area], counts) if area in days else counts
        for cell, counts in month.counts.items():
            if cell[1] not in areas:
                continue
            if cell[0] is Grain.WEEK:
                part[cell] = counts
            elif cell[0] is Grain.MONTH and cell[1] in days:
                part[cell] = days[cell[1]]
    return replace(month, counts=parts[0]), replace(month, counts=parts[1])
