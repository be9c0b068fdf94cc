"""Rows to facts: keys, numbers, totals and notes of one stretch of a table."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from data.tables.chunk import Chunk
from data.tables.frame import Frame, together
from data.tables.keys import State, places
from data.tables.numerals import ABSENT, BAD, HIDDEN, OK
from data.tables.periods import Period
from data.tables.plan import Series
from data.tables.row_kinds import RowKinds


class FactReader(State):
    """Turns chunks of one table into frames."""

    def read(self, chunk: Chunk) -> Frame:
        """Return the facts of one chunk."""
        return _Stretch(self, chunk).frame()


class _Stretch(RowKinds):
    """One chunk on its way to a frame."""

    def frame(self) -> Frame:
        chunk = self.chunk
        data = ~np.asarray(chunk.blank, dtype=bool)
        self.tally.blank += int((~data).sum())
        data &= self._before_stop(data)
        self._zero_rows(data)
        area, period, indicator = self._area(), self._period(), self._indicator()
        data &= ~self._notes(data, (area, period, indicator))
        data &= ~self._totals(data, (area, period, indicator))
        for codes, problems_of in (area, period, indicator):
            self._refuse_keys(data, codes, problems_of)
        parts = [self._series(s, data, area[0], period[0], indicator[0]) for s in self.plan.series]
        self._unread(data)
        return self._conclude(data, [p for p in parts if p is not None])

    # ---- numbers ----

    def _series(self, one: Series, data: Any, area: Any, period: Any, indicator: Any) -> Any:
        """Return the facts of one column as arrays, None if it has none."""
        values, states = self.numbers[one.column]
        rows = data & ~self.refused
        good, below = rows & (states == OK), None
        self.tally.missing += int((rows & (states == ABSENT)).sum())
        self._say_hidden(one.column, rows & (states == HIDDEN))
        values = self._scaled(one, values)
        if one.denominator:
            column, factor = one.denominator
            den, den_states = self.numbers[column]
            below = den * factor
            self._say_hidden(column, rows & (den_states == HIDDEN))
            lacking = good & (den_states == ABSENT)
            for row in places(lacking):
                self._problem(
                    "no_denominator", row, self.reader.name(column), "", "", refused=False
                )
            good = good & (den_states == OK)
            values = values * below if one.share else values
        at = np.flatnonzero(good)
        if not len(at):
            return None
        return (
            self._of(one.indicator, self._indicator_list, indicator, at),
            self._of(one.area, self._area_list, area, at),
            *self._when(one.period, period, at),
            values[at],
            below[at] if below is not None else np.full(len(at), math.nan),
            at,
        )

    def _scaled(self, one: Series, values: Any) -> Any:
        """Return the numbers in single things; a sign in a cell (5%) beats the column's unit."""
        if one.factor == 1.0:
            return values
        cells = self.chunk.plain(one.column)
        if cells.dtype.kind in "if":
            return values * one.factor
        return self.reader.numerals.column(cells, one.factor)[0]

    @staticmethod
    def _of(fixed: str | None, known: list[str | None], codes: Any, at: Any) -> Any:
        if fixed is not None:
            return _coded(np.zeros(len(at), np.int64), [fixed])
        names = sorted({n for n in known if n is not None})
        place = {n: i for i, n in enumerate(names)}
        lookup = np.array(
            [place.get(n, -1) if n is not None else -1 for n in known], dtype=np.int64
        )
        return _coded(lookup[codes[at]], names)

    def _when(self, fixed: Period | None, codes: Any, at: Any) -> tuple[Any, Any]:
        known = [fixed] if fixed is not None else self._period_list
        stamps = [int(p.start.timestamp()) if p else 0 for p in known]
        starts = np.array(stamps, dtype=np.int64).astype("datetime64[s]")
        grains = np.array([int(p.grain) if p else 0 for p in known], dtype=np.int64)
        places = np.zeros(len(at), dtype=np.int64) if fixed is not None else codes[at]
        return grains[places], starts[places]

    def _say_hidden(self, column: int, hidden: Any) -> None:
        name = self.reader.name(column)
        for row in places(hidden):
            value = self.chunk.text_at(column, row)
            self._problem(
                "suppressed", row, name, value, "kept as unknown, not as 0", refused=False
            )
        self.tally.suppressed += int(hidden.sum())

    def _unread(self, data: Any) -> None:
        """Note every cell that is no number; a row of which nothing is left is refused."""
        rows = data & ~self.refused
        good = np.zeros(len(rows), dtype=bool)
        bad = np.zeros(len(rows), dtype=bool)
        for _, states in self.numbers.values():
            good |= states == OK
            bad |= states == BAD
        alone = len(self.plan.series) == 1
        for row in places(rows & bad):
            refused = alone or not good[row]
            for column, (_, states) in self.numbers.items():
                if states[row] == BAD:
                    value = self.chunk.text_at(column, row)
                    name = self.reader.name(column)
                    self._problem("bad_number", row, name, value, "not a number", refused=refused)
                    if refused:
                        self.refused[row] = True
                        break

    def _conclude(self, data: Any, parts: list[Any]) -> Frame:
        frames = [
            pd.DataFrame(
                {
                    "indicator": ind,
                    "area": area,
                    "grain": grain,
                    "period_start": pd.DatetimeIndex(start).tz_localize("UTC"),
                    "numerator": num,
                    "denominator": den,
                    "row": self.chunk.lines[at],
                },
                copy=False,
            )
            for ind, area, grain, start, num, den, at in parts
        ]
        values = together(frames)
        if len(values) and self.refused.any():
            values = values[~values["row"].isin(self.chunk.lines[self.refused])]
        rows = int(data.sum())
        taken = rows - int((self.refused & data).sum())
        self._count(values, rows, taken)
        foreign = sum(p.refused for p in self.chunk.problems)
        return Frame(values, [], self.problems, rows + foreign, taken)

    def _count(self, values: pd.DataFrame, rows: int, taken: int) -> None:
        tally = self.tally
        tally.rows += rows + sum(p.refused for p in self.chunk.problems)
        tally.accepted += taken
        tally.facts += len(values)
        if not len(values):
            return
        tally.indicators.update(_counted(values["indicator"]))
        tally.areas.update(_counted(values["area"]))
        tally.grains.update(_counted(values["grain"]))
        low, high = values["period_start"].min(), values["period_start"].max()
        tally.first = low if tally.first is None else min(tally.first, low)
        tally.last = high if tally.last is None else max(tally.last, high)


def _counted(column: pd.Series[Any]) -> dict[str, int]:
    return {str(k): int(n) for k, n in column.value_counts().items() if n}


def _coded(codes: Any, names: list[str]) -> Any:
    return pd.Categorical.from_codes(codes, pd.Index(names, dtype=object))
