"""Which counts must not be shown, so that no small one can be had from the others.

A count of 1 to k-1 is hidden (primary). What is shown adds up: children to their
parent area, hours to days, days to weeks and to months. So further cells are hidden
(secondary) until every small count could as well be anything from 1 to k-1 with all
that is shown unchanged.

Areas with one parent times periods of one longer period are a table with known sums.
In it one full rectangle is hidden. What a cell of such a rectangle can be is known
exactly (the bounds of Fréchet), and whatever is hidden is hidden for all areas and
periods below it, so any other content of a rectangle can be spread downwards.
Where a full table is not enough, its sums are hidden one level further up.

Rectangles grow in the order of time and of area codes, not by size: what is hidden at
noon is then hidden at midnight too. Months stand alone; a week joins two of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from data.indicators.suppression_table import NONE, Cell, Counts, Table
from data.vocabulary import Grain


@dataclass(frozen=True)
class Month:
    """All stored cells of one indicator that one local month needs.

    counts: hours and days of the month, whole weeks that touch it, the month itself.
    parents: each area's parent among the areas that add up, None for a top.
    day_of: hour -> day; week_of: day -> week; month: ordinal of the first day.
    least: k. running: day, week and month that are not over; nothing is known of their sums.
    """

    counts: Mapping[Cell, Counts]
    parents: Mapping[str, str | None]
    day_of: Callable[[int], int]
    week_of: Callable[[int], int]
    month: int
    least: int
    running: frozenset[tuple[Grain, int]] = frozenset()


def small(counts: Iterable[float], least: int) -> bool:
    """Return whether a cell holds a count that is too small to show; zero is not."""
    return any(0 < n < least for n in counts)


Memo = dict[tuple[str, str, int], tuple[object, "Hours"]]
"""Of a parent, its first area and a day: what its hours were decided from and what came of it."""


@dataclass(frozen=True)
class Hours:
    """What was hidden of one day's hours, and how far those cells can move."""

    hidden: frozenset[Cell]
    slack: Mapping[Cell, list[tuple[float, float]]]


def suppress(month: Month, memo: Memo | None = None) -> set[Cell]:
    """Return every cell of the month (and of its weeks) that must not be shown.

    memo: what an earlier call came to, day by day; a day that is as it was is not done again.
    """
    work = Work(month, memo=memo if memo is not None else {})
    before = None
    while before != (before := len(work.forced)):
        work.once()
    return work.hidden | _running(month, work.hidden)


@dataclass
class Work:
    """Where the search stands: what is hidden, what a table asked to be, how far cells can move."""

    month: Month
    hidden: set[Cell] = field(default_factory=set)
    forced: set[Cell] = field(default_factory=set)
    groups: dict[str, list[list[int]]] = field(default_factory=dict)
    """Of each area the weeks within which its hidden days may move."""
    loose: set[tuple[str, int]] = field(default_factory=set)
    """Areas and weeks whose hidden days move by themselves, since no sum of them is told yet."""
    slack: dict[Cell, list[tuple[float, float]]] = field(default_factory=dict)
    memo: Memo = field(default_factory=dict)

    def __post_init__(self) -> None:
        m = self.month
        over = {c: n for c, n in m.counts.items() if (c[0], c[2]) not in m.running}
        self.counts = _filled(over)
        self.primary = {c for c, n in over.items() if small(n, m.least)}
        self.periods: dict[tuple[Grain, str], set[int]] = defaultdict(set)
        for grain, area, at in self.counts:
            self.periods[grain, area].add(at)
        areas = {area for _, area, _ in over}
        kin: dict[str, list[str]] = defaultdict(list)
        for area in sorted(areas, key=str):
            above = m.parents.get(area) or NONE
            kin[above if above in areas else NONE].append(area)
        self.families = _downwards(kin)

    def once(self) -> None:
        """Go through all tables, from the top area and the longest period downwards."""
        self.hidden, self.slack, self.groups = set(self.primary | self.forced), {}, {}
        self.loose = set()
        for top, rows in self.families:
            self.areas(Grain.MONTH, top, rows)
            self._days(top, rows)
            days: dict[int, list[int]] = defaultdict(list)
            for at in self._columns(Grain.HOUR, rows):
                days[self.month.day_of(at)].append(at)
            for day, hours in sorted(days.items()):
                self._hours(top, rows, day, hours)

    def _hours(self, top: str, rows: Sequence[str], day: int, hours: list[int]) -> None:
        """Hide hours of a day, or do again what was done when all was the same."""
        place, state = (top, rows[0], day), self._state(top, rows, day, hours)
        before, done = self.memo.get(place, (None, None))
        if done is not None and before == state:
            self.hidden |= done.hidden
            self.slack.update(done.slack)
            return
        open_cells = False
        for part in self._runs(rows[0], day, hours) if top == NONE else [hours]:
            table = Table(self, top, rows, Grain.HOUR, part, (Grain.DAY, day))
            table.running = table.total in self.month.running
            unsafe = table.solve()
            open_cells = open_cells or bool(unsafe)
            self._raise(unsafe, table)
        if open_cells:
            self.memo.pop(place, None)
            return
        hidden = self.hidden.intersection((Grain.HOUR, r, at) for r in rows for at in hours)
        slack = {cell: self.slack[cell] for cell in hidden if cell in self.slack}
        self.memo[place] = state, Hours(frozenset(hidden), slack)

    def _state(self, top: str, rows: Sequence[str], day: int, hours: list[int]) -> object:
        """Return all that the hidden hours of a day depend on."""
        cells = [(Grain.HOUR, r, at) for r in rows for at in hours]
        above = [(Grain.HOUR, top, at) for at in hours] if top != NONE else []
        above += [(Grain.DAY, r, day) for r in rows]
        counts, told, forced = self.counts, self.month.counts, self.forced
        return (
            (top, tuple(rows), hours, self.month.least, (Grain.DAY, day) in self.month.running),
            [counts.get(c) for c in cells],
            [c in told for c in cells],
            [c for c in cells if c in forced] if forced else [],
            [c in self.hidden for c in above],
            [self.slack.get(c) for c in above],
        )

    def _runs(self, area: str, day: int, hours: list[int]) -> list[list[int]]:
        """Hide hours of a top area in runs that are safe by themselves.

        So its total of the day so far can be shown after each hour that is shown.
        """
        if (Grain.DAY, area, day) in self.hidden:
            return [hours]
        hidden = [(Grain.HOUR, area, at) in self.hidden for at in hours]
        runs: list[list[int]] = []
        at = 0
        while at < len(hours):
            end = at + 1
            if hidden[at]:
                while end < len(hours) and (hidden[end] or self._open(area, day, hours[at:end])):
                    end += 1
                while at > 0 and self._open(area, day, hours[at:end]):
                    at -= 1
                while runs and runs[-1][-1] >= hours[at]:
                    at = min(at, hours.index(runs.pop()[0]))
                runs.append(hours[at:end])
            at = end
        self.hidden |= {(Grain.HOUR, area, at) for run in runs for at in run}
        return runs

    def _open(self, area: str, day: int, run: list[int]) -> bool:
        table = Table(self, NONE, [area], Grain.HOUR, run, (Grain.DAY, day))
        return bool(table.unsafe(np.ones(1, bool), np.ones(len(run), bool)).any())

    def _columns(self, grain: Grain, rows: Sequence[str]) -> list[int]:
        return sorted(set().union(*(self.periods.get((grain, row), set()) for row in rows)))

    def areas(self, grain: Grain, top: str, rows: Sequence[str]) -> None:
        """Hide areas in periods that nothing longer sums, each period by itself."""
        for at in self._columns(grain, rows):
            table = Table(self, top, rows, grain, [at], None)
            self._raise(table.solve(), table)

    def _days(self, top: str, rows: Sequence[str]) -> None:
        """Hide days within their weeks while that is enough, else across neighbouring weeks."""
        weeks: dict[int, list[int]] = defaultdict(list)
        for at in self._columns(Grain.DAY, rows):
            weeks[self.month.week_of(at)].append(at)
        if not weeks:  # told by the month alone
            return
        free = any((Grain.MONTH, row, self.month.month) in self.hidden for row in rows)
        groups = [sorted(weeks)] if free else self._groups(top, weeks)
        place = 0
        while place < len(groups):
            kept, whole = (set(self.hidden), dict(self.slack)), len(groups) == 1
            table = self._day_table(top, rows, weeks, groups[place], whole=whole)
            unsafe = table.solve()
            if not unsafe or whole:
                self._raise(unsafe, table)
                if table.free:
                    self._hide_weeks(rows, table.weeks)
                    self.loose |= {(row, week) for row in rows for week in table.weeks}
                place += 1
                continue
            self.hidden, self.slack = kept  # what is shown again does not move
            place = min(place, len(groups) - 2)
            groups[place : place + 2] = [groups[place] + groups[place + 1]]
        for group in groups:
            if len(group) > 1 or free:
                self._hide_weeks(rows, {week: weeks[week] for week in group})
        self.groups |= dict.fromkeys(rows, groups)

    def _groups(self, top: str, weeks: Mapping[int, list[int]]) -> list[list[int]]:
        """Begin with single weeks, or with what the days of the parent move within."""
        above = [[w for w in group if w in weeks] for group in self.groups.get(top, [])]
        known = {week for group in above for week in group}
        return sorted([g for g in above if g] + [[w] for w in weeks if w not in known])

    def _day_table(
        self,
        top: str,
        rows: Sequence[str],
        weeks: Mapping[int, list[int]],
        group: list[int],
        *,
        whole: bool,
    ) -> Table:
        days = sorted(day for week in group for day in weeks[week])
        total = (Grain.MONTH, self.month.month) if whole else None
        table = Table(self, top, rows, Grain.DAY, days, total, fixed=True)
        table.weeks = {week: weeks[week] for week in group}
        running = self.month.running  # a month that is over tells the sum of its last week
        table.free = any((top, week) in self.loose for week in group)  # spread what moves above
        open_week = whole or any((Grain.WEEK, week) in running for week in group)
        table.running = open_week and (Grain.MONTH, self.month.month) in running
        return table

    def _hide_weeks(self, rows: Sequence[str], weeks: Mapping[int, list[int]]) -> None:
        for row in rows:
            for week, days in weeks.items():
                cell = (Grain.WEEK, row, week)
                days_hidden = any((Grain.DAY, row, at) in self.hidden for at in days)
                if days_hidden and cell in self.counts:
                    self.hidden.add(cell)

    def _raise(self, unsafe: list[tuple[str, int]], table: Table) -> None:
        """Hide a sum above each cell that its own table cannot cover."""
        for row, at in unsafe:
            above = [(table.total[0], row, table.total[1])] if table.total else []
            if table.top != NONE:
                above.append((table.grain, table.top, at))
            for cell in above:
                if cell in self.counts and cell not in self.hidden | self.forced:
                    self.forced.add(cell)
                    break


def _running(month: Month, hidden: set[Cell]) -> set[Cell]:
    """Hide the sums of what is not over while a part is hidden: each would tell the last part."""
    own = [c for c in month.counts if (c[0], c[2]) in month.running]
    if not own:
        return set()
    spans: dict[tuple[Grain, str, int], bool] = {}
    for grain, area, at in hidden:
        day = month.day_of(at) if grain is Grain.HOUR else at
        if grain is Grain.DAY or (grain is Grain.HOUR and (Grain.DAY, day) in month.running):
            spans[Grain.DAY, area, day] = spans[Grain.WEEK, area, month.week_of(day)] = True
            spans[Grain.MONTH, area, month.month] = True
    return {c for c in own if c in spans or small(month.counts[c], month.least)}


def _filled(counts: Mapping[Cell, Counts]) -> dict[Cell, Counts]:
    """Return the cells with a zero where an area that reports did not: hidden like the others."""
    areas, columns = defaultdict(set), defaultdict(set)
    for grain, area, at in counts:
        areas[grain].add(area)
        columns[grain].add(at)
    none = (0.0,) * len(next(iter(counts.values()), ()))
    every = ((g, a, at) for g in areas for a in areas[g] for at in columns[g])
    return {cell: counts.get(cell, none) for cell in every}


def _downwards(
    kin: Mapping[str, list[str]],
) -> list[tuple[str, list[str]]]:
    """Return (parent, children), parents first; tops stand alone: nothing sums them."""
    found: list[tuple[str, list[str]]] = [(NONE, [a]) for a in kin.get(NONE, [])]
    for _, rows in found:
        found += [(row, kin[row]) for row in rows if row in kin]
    return found


def suppress_gauge(month: Month) -> set[Cell]:
    """Return what must not be shown of a gauge: it adds over areas, and its days repeat its hours.

    Areas beside one that is small are hidden for the month together; so is a parent with one child.
    """
    hidden = {c for c, n in month.counts.items() if small(n, month.least)}
    areas = {area for _, area, _ in month.counts}
    closed: set[str] = set()
    for _ in range(3):  # city, county, town
        for area in areas:
            above = month.parents.get(area)
            if above not in areas:
                continue
            rows = {a for a in areas if month.parents.get(a) == above}
            if above in closed or any(a in rows for _, a, _ in hidden):
                closed |= rows | ({above} if len(rows) == 1 else set())
        hidden |= {c for c in month.counts if c[1] in closed}
    return hidden
