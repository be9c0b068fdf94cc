"""Which rows of a stretch are data, and which only add up others, say something or are empty?"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from data.tables.keys import Found, Keys, places
from data.tables.layout import is_total_word, starts_note
from data.tables.numerals import ABSENT, OK


class RowKinds(Keys):
    """A chunk whose rows are told apart."""

    def _before_stop(self, data: Any) -> Any:
        if self.tally.stopped:
            return np.zeros(len(data), dtype=bool)
        words = self.mapping.stop_at
        if not words:
            return np.ones(len(data), dtype=bool)
        codes, cells = self.chunk.texts(0)
        ends = np.array([c.startswith(words) for c in cells] or [False], dtype=bool)[codes]
        if not ends.any():
            return np.ones(len(data), dtype=bool)
        self.tally.stopped = True
        at = int(np.argmax(ends))
        rest = np.flatnonzero(data[at:]) + at
        self.tally.note_rows += [int(n) for n in self.chunk.lines[rest]][:1000]
        return np.arange(len(data)) < at

    def _zero_rows(self, data: Any) -> None:
        """Where a row of nothing but zeros was declared to mean "not known", make it so."""
        if self.mapping.zeros != "missing_rows":
            return
        own = sorted({s.column for s in self.plan.series})
        zero = data.copy()
        for column in own:
            values, states = self.numbers[column]
            zero &= (states == ABSENT) | ((states == OK) & (values == 0))
        for column in own:
            values, states = self.numbers[column]
            states[zero] = ABSENT
            values[zero] = math.nan

    def _empty_numbers(self) -> Any:
        empty = np.ones(len(self.chunk), dtype=bool)
        for _, states in self.numbers.values():
            empty &= states == ABSENT
        return empty

    def _any_number(self) -> Any:
        found = np.zeros(len(self.chunk), dtype=bool)
        for _, states in self.numbers.values():
            found |= states == OK
        return found

    def _notes(self, data: Any, keys: tuple[Any, ...]) -> Any:
        """Rows without a number that begin like a note, or whose only word is no key."""
        empty, wordy = data & self._empty_numbers(), data & ~self._any_number()
        if not wordy.any():
            return np.zeros(len(data), dtype=bool)
        codes, cells = self.chunk.texts(0)
        starts = np.array([starts_note(c, self.mapping.notes) for c in cells], dtype=bool)[codes]
        alone = np.ones(len(data), dtype=bool)
        for column in self.chunk.cells:
            if column not in self.numbers and column != 0:
                codes, cells = self.chunk.texts(column)
                alone &= np.array([not c for c in cells], dtype=bool)[codes]
        unknown = np.zeros(len(data), dtype=bool)
        for found, problems in keys:
            if problems:
                unknown |= np.isin(found, list(problems))
        lonely = alone & unknown & (len(self.chunk.cells) > 1)
        notes = (wordy & starts & (unknown | alone)) | (empty & lonely)
        self.tally.note_rows += [int(n) for n in self.chunk.lines[notes]][:1000]
        return np.asarray(notes)

    def _totals(self, data: Any, keys: tuple[Found, Found, Found]) -> Any:
        """Rows that add up others: by a word, by columns left empty, by areas, by arithmetic."""
        told, area = self.mapping.totals, keys[0]
        total = np.zeros(len(data), dtype=bool)
        labels = [c for c in (0, self.plan.area, self.plan.indicator) if c is not None]
        for column in {c for c in labels if c in self.chunk.cells and c not in self.numbers}:
            codes, cells = self.chunk.texts(column)
            # A word that the mapping itself translates means what the mapping says.
            meant = self._translated(column)
            words = [c not in meant and is_total_word(c, told.words) for c in cells]
            if any(words):
                total |= np.array(words, dtype=bool)[codes]
        if self.plan.total_blank:
            blank = np.ones(len(data), dtype=bool)
            for column in self.plan.total_blank:
                codes, cells = self.chunk.texts(column)
                blank &= np.array([not c for c in cells], dtype=bool)[codes]
            total |= blank & ~self._empty_numbers()
        total &= data
        if told.detect:
            total |= self._above_others(data & ~total, keys) | self._sums(data & ~total, area)
        self.tally.total_rows += [int(n) for n in self.chunk.lines[total]][:1000]
        return total

    def _translated(self, column: int) -> set[str]:
        key = self.mapping.indicator
        words = set(key.codes) if key and column == self.plan.indicator else set()
        return words | (set(self.mapping.area.names) if column == self.plan.area else set())

    def _above_others(self, data: Any, keys: tuple[Found, Found, Found]) -> Any:
        """Rows of an area of which parts stand in the same table, for the same thing and period."""
        none = np.zeros(len(data), dtype=bool)
        if self.plan.area is None or not data.any():
            return none
        area, period, indicator = (found[0] for found in keys)
        above = [self.reader.areas.above(n) if n else () for n in self._area_list]
        named = {n for n in self._area_list if n}
        if not any(a in named for chain in above for a in chain):
            return none
        place = {n: at for at, n in enumerate(sorted({*named, *(a for c in above for a in c)}))}
        own = np.array([place.get(n or "", -1) for n in self._area_list], dtype=np.int64)[area]
        group = (indicator * (int(period.max()) + 1) + period) * (len(place) + 1)
        covered = []
        for step in range(max(len(chain) for chain in above)):
            higher = np.array([place[c[step]] if len(c) > step else -1 for c in above])[area]
            covered.append((group + higher)[data & (higher >= 0)])
        return data & (own >= 0) & np.isin(group + own, np.concatenate(covered))

    def _sums(self, data: Any, area: Any) -> Any:
        """The one row without a known area that is the sum of all others."""
        total = np.zeros(len(data), dtype=bool)
        codes, problems = area
        unknown = data & np.isin(codes, list(problems)) if problems else total
        if not self.chunk.whole or not 1 <= unknown.sum() <= 50 or data.sum() < 4:
            return total
        for row in places(unknown):
            others = data.copy()
            others[row] = False
            equal = told = 0
            for values, states in self.numbers.values():
                if states[row] != OK or values[row] == 0:
                    continue
                mine = values[others & (states == OK)]
                if len(mine) >= 3:
                    told += 1
                    equal += math.isclose(math.fsum(mine), values[row], rel_tol=1e-9)
            if equal and (equal >= 2 or equal == told):
                total[row] = True
        return total
