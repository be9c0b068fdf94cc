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
from math import inf

import numpy as np
from numpy.typing import NDArray

from data.vocabulary import Grain

Cell = tuple[Grain, str, int]
"""grain, area, period: epoch hour (seconds / 3600) or ordinal of the local first day"""
Counts = tuple[float, ...]
"""What is counted in a cell: one number, or numerator and denominator of a ratio."""
NONE = ""
"""The parent of an area that nothing sums."""
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


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


def suppress(month: Month) -> set[Cell]:
    """Return every cell of the month (and of its weeks) that must not be shown."""
    work = _Work(month)
    before = None
    while before != (before := len(work.forced)):
        work.once()
    return work.hidden | _running(month, work.hidden)


@dataclass
class _Work:
    month: Month
    hidden: set[Cell] = field(default_factory=set)
    forced: set[Cell] = field(default_factory=set)
    groups: dict[str, list[list[int]]] = field(default_factory=dict)
    """Of each area the weeks within which its hidden days may move."""
    slack: dict[Cell, list[tuple[float, float]]] = field(default_factory=dict)

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
        for top, rows in self.families:
            self._month(top, rows)
            self._days(top, rows)
            days: dict[int, list[int]] = defaultdict(list)
            for at in self._columns(Grain.HOUR, rows):
                days[self.month.day_of(at)].append(at)
            for day, hours in sorted(days.items()):
                for part in self._runs(rows[0], day, hours) if top == NONE else [hours]:
                    table = _Table(self, top, rows, Grain.HOUR, part, (Grain.DAY, day))
                    table.running = table.total in self.month.running
                    self._raise(table.solve(), table)

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
        table = _Table(self, NONE, [area], Grain.HOUR, run, (Grain.DAY, day))
        return bool(table.unsafe(np.ones(1, bool), np.ones(len(run), bool)).any())

    def _columns(self, grain: Grain, rows: Sequence[str]) -> list[int]:
        return sorted(set().union(*(self.periods.get((grain, row), set()) for row in rows)))

    def _month(self, top: str, rows: Sequence[str]) -> None:
        for at in self._columns(Grain.MONTH, rows):
            table = _Table(self, top, rows, Grain.MONTH, [at], None)
            self._raise(table.solve(), table)

    def _days(self, top: str, rows: Sequence[str]) -> None:
        """Hide days within their weeks while that is enough, else across neighbouring weeks."""
        weeks: dict[int, list[int]] = defaultdict(list)
        for at in self._columns(Grain.DAY, rows):
            weeks[self.month.week_of(at)].append(at)
        free = any((Grain.MONTH, row, self.month.month) in self.hidden for row in rows)
        groups = [sorted(weeks)] if free else self._groups(top, weeks)
        place = 0
        while place < len(groups):
            kept, whole = set(self.hidden), len(groups) == 1
            table = self._day_table(top, rows, weeks, groups[place], whole=whole)
            unsafe = table.solve()
            if not unsafe or whole:
                self._raise(unsafe, table)
                if table.free:
                    self._hide_weeks(rows, table.weeks)
                place += 1
                continue
            self.hidden = kept
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
    ) -> _Table:
        days = sorted(day for week in group for day in weeks[week])
        total = (Grain.MONTH, self.month.month) if whole else None
        table = _Table(self, top, rows, Grain.DAY, days, total, fixed=True)
        table.weeks = {week: weeks[week] for week in group}
        running = self.month.running  # a month that is over tells the sum of its last week
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

    def _raise(self, unsafe: list[tuple[str, int]], table: _Table) -> None:
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
    spans: dict[tuple[Grain, str, int], bool] = {}
    for grain, area, at in hidden:
        day = month.day_of(at) if grain is Grain.HOUR else at
        if grain is Grain.DAY or (grain is Grain.HOUR and (Grain.DAY, day) in month.running):
            spans[Grain.DAY, area, day] = spans[Grain.WEEK, area, month.week_of(day)] = True
            spans[Grain.MONTH, area, month.month] = True
    own = (c for c in month.counts if (c[0], c[2]) in month.running)
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


class _Table:
    """Areas of one parent by periods of one longer period, and what of it is hidden.

    Arrays are (what is counted, area, period).
    """

    def __init__(
        self,
        work: _Work,
        top: str,
        rows: Sequence[str],
        grain: Grain,
        columns: Sequence[int],
        total: tuple[Grain, int] | None,
        *,
        fixed: bool = False,
    ) -> None:
        """total: the longer period that sums the columns; fixed: assume each such sum known."""
        self.work, self.top, self.grain = work, top, grain
        self.columns, self.total, self.fixed = columns, total, fixed
        self.rows = [r for r in rows if (grain, r) in work.periods]
        self.weeks: Mapping[int, list[int]] = {}
        self.running = self.free = False
        cells = [[work.counts[grain, r, c] for c in columns] for r in self.rows]
        self.x: Floats = np.moveaxis(np.array(cells, dtype=float).reshape(*self.shape, -1), 2, 0)
        forced = work.forced
        self.forced = self._mark(lambda r, c: (grain, r, c) in forced)

    @property
    def shape(self) -> tuple[int, int]:
        """How many areas and periods."""
        return len(self.rows), len(self.columns)

    def _mark(self, test: Callable[[str, int], bool]) -> Bools:
        found = [test(r, c) for r in self.rows for c in self.columns]
        return np.array(found, dtype=bool).reshape(self.shape)

    def solve(self) -> list[tuple[str, int]]:
        """Hide a rectangle that is safe; return the cells that even the whole table leaves open."""
        must = self._must()
        if not must.any():
            return []
        a: Bools = np.any(must, axis=1)
        h: Bools = np.any(must, axis=0)
        unsafe = self._settle(a, h)
        if unsafe.any() and self.running:  # the sum is not told yet
            self.free = True
            a, h = np.any(must, axis=1), np.any(must, axis=0)
            unsafe = self._settle(a, h)
        self._keep(a, h)
        return [(self.rows[i], self.columns[j]) for i, j in np.argwhere(unsafe).tolist()]

    def _settle(self, a: Bools, h: Bools) -> Bools:
        """Let the rectangle grow until it is safe or is the whole table; return what is not."""
        unsafe = self.unsafe(a, h)
        while unsafe.any() and not (a.all() and h.all()):
            self._grow(a, h)
            unsafe = self.unsafe(a, h)
        return unsafe

    def _must(self) -> Bools:
        """Mark what is small, or hangs below something that is hidden."""
        hidden = self.work.hidden
        must = self._mark(lambda r, c: (self.grain, r, c) in hidden)
        for j, c in enumerate(self.columns):
            if (self.grain, self.top, c) in hidden:
                must[:, j] = True
        for i, r in enumerate(self.rows):
            if self.total and (self.total[0], r, self.total[1]) in hidden:
                must[i] = True
        return must

    def _grow(self, a: Bools, h: Bools) -> None:
        """Add the next area until there are two, then the next period, then all areas."""
        if a.all() or (a.sum() > 1 and not h.all()):
            h[int(np.argmin(h))] = True
            return
        told = self.work.month.counts  # who reported is a better partner than who did not
        columns = [c for c, chosen in zip(self.columns, h, strict=True) if chosen]
        gaps = [sum((self.grain, r, c) not in told for c in columns) for r in self.rows]
        a[int(np.argmin(np.where(a, inf, gaps)))] = True

    def _keep(self, a: Bools, h: Bools) -> None:
        """Hide the rectangle and remember how far each of its cells can move."""
        low, high = self._bounds(a, h)
        down, up = self.x - low, high - self.x
        for i in np.flatnonzero(a).tolist():
            for j in np.flatnonzero(h).tolist():
                cell = (self.grain, self.rows[i], self.columns[j])
                self.work.hidden.add(cell)
                self.work.slack[cell] = list(
                    zip(down[:, i, j].tolist(), up[:, i, j].tolist(), strict=True)
                )

    def unsafe(self, a: Bools, h: Bools) -> Bools:
        """Mark what is known too well when the rectangle `a` by `h` is hidden."""
        low, high = self._bounds(a, h)
        x, k = self.x, self.work.month.least
        small_ = (x > 0) & (x < k) & ((low > 1) | (high < k - 1))
        wide = self.forced & ((low > np.maximum(0, x - k + 1)) | (high < x + k - 1))
        found: Bools = np.any(small_ | wide, axis=0) & np.outer(a, h)
        for week, days in self.weeks.items():
            part = np.isin(self.columns, days)
            for i in np.nonzero(a)[0]:
                if self._week_open(int(i), week, part, a, h):
                    found[i, int(np.argmax(part))] = True
        return found

    def _week_open(self, i: int, week: int, part: Bools, a: Bools, h: Bools) -> bool:
        """Return whether a small week is given away by its part of this month."""
        row = self.rows[i]
        if (Grain.WEEK, row, week) not in self.work.primary:
            return False
        if self.total and (self.total[0], row, self.total[1]) in self.work.hidden:
            return False
        if self.free:
            return False
        if not (h & ~part).any():
            return True
        k = self.work.month.least
        for x in self.x:
            own, columns = x[i, h].sum(), x[np.ix_(a, part & h)].sum()
            up = own if self.top == NONE else min(own, columns)
            down = 0.0 if self.top == NONE else own + columns - x[np.ix_(a, h)].sum()
            if up < k - 1 or down > 0:
                return True
        return False

    def _bounds(self, a: Bools, h: Bools) -> tuple[Floats, Floats]:
        """Return the least and the most each cell can be, all that is shown unchanged."""
        low, high = self.x.copy(), self.x.copy()
        at = np.ix_(np.arange(len(self.x)), np.nonzero(a)[0], np.nonzero(h)[0])
        x = self.x[at]
        if x.size:
            least, most = self._inside(x, a, h)
            low[at], high[at] = np.maximum(least, 0), np.maximum(most, x)
        return low, high

    def _inside(self, x: Floats, a: Bools, h: Bools) -> tuple[Floats, Floats]:
        """Return the bounds of a full table with known sums, or with those that are known."""
        own, sums = x.sum(axis=2, keepdims=True), x.sum(axis=1, keepdims=True)
        row_down, row_up = self._row_slack(a)
        down, up = self._column_slack(h)
        nothing = np.zeros_like(x)
        if self.free or (self.total is None and not self.fixed):  # only the areas add up
            if self.top == NONE:
                return nothing, nothing + inf
            return (nothing if x.shape[1] > 1 else x - down), nothing + sums + up
        if self.top == NONE:  # a top: only the periods add up
            return (nothing if x.shape[2] > 1 else x - row_down), nothing + own + row_up
        least = own + sums - x.sum(axis=(1, 2), keepdims=True)
        high = np.maximum(np.minimum(own, sums + up), np.minimum(own + row_up, sums))
        return np.minimum(least - down, least - row_down), high

    def _column_slack(self, h: Bools) -> tuple[Floats, Floats]:
        columns = [c for c, chosen in zip(self.columns, h, strict=True) if chosen]
        down, up = self._slack([(self.grain, self.top, c) for c in columns])
        return down[:, None, :], up[:, None, :]

    def _row_slack(self, a: Bools) -> tuple[Floats, Floats]:
        rows = [r for r, chosen in zip(self.rows, a, strict=True) if chosen]
        grain, at = self.total or (self.grain, -1)
        down, up = self._slack([(grain, r, at) for r in rows])
        return down[:, :, None], up[:, :, None]

    def _slack(self, cells: list[Cell]) -> tuple[Floats, Floats]:
        none, slack = [(0.0, 0.0)] * len(self.x), self.work.slack
        moves = np.array([slack.get(cell, none) for cell in cells]).reshape(len(cells), -1, 2)
        return moves[:, :, 0].T, moves[:, :, 1].T


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
