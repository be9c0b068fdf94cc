"""Areas of one parent by periods of one longer period: the rectangle of it that is hidden."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from data.vocabulary import Grain

if TYPE_CHECKING:
    from data.indicators.suppression import Work

Cell = tuple[Grain, str, int]
"""grain, area, period: epoch hour (seconds / 3600) or ordinal of the local first day"""
Counts = tuple[float, ...]
"""What is counted in a cell: one number, or numerator and denominator of a ratio."""
NONE = ""
"""The parent of an area that nothing sums."""
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Table:
    """Areas of one parent by periods of one longer period, and what of it is hidden.

    Arrays are (what is counted, area, period).
    """

    def __init__(
        self,
        work: Work,
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
        if not self._small_week(row, week):
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

    def _small_week(self, row: str, week: int) -> bool:
        """Return whether a week is small; one that runs too, once its month tells a part of it."""
        cell, month = (Grain.WEEK, row, week), self.work.month
        if cell in self.work.primary:
            return True
        if (Grain.WEEK, week) not in month.running or (Grain.MONTH, month.month) in month.running:
            return False
        return any(0 < n < month.least for n in month.counts.get(cell, ()))

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
