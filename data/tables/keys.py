"""Which indicator, area and period is each row about? Bad keys refuse the row."""

from __future__ import annotations

from typing import Any

import numpy as np

from data.catalogue.mapping import Mapping
from data.connectors.connector import Problem, shorten
from data.tables.areas import AreaNames
from data.tables.chunk import Chunk
from data.tables.frame import Tally
from data.tables.headers import Header
from data.tables.moments import MomentError
from data.tables.numerals import Numerals
from data.tables.periods import Period, Periods
from data.tables.plan import Plan

Found = tuple[Any, dict[int, tuple[str, str, str]]]
"""Place of each row's key in a list, and for bad keys: place -> reason, field, detail."""


class State:
    """What stays the same for all chunks of a table, and what is counted over them."""

    def __init__(
        self, mapping: Mapping, header: Header, plan: Plan, areas: AreaNames, periods: Periods
    ) -> None:
        self.mapping, self.header, self.plan = mapping, header, plan
        self.areas, self.periods, self.tally = areas, periods, Tally()
        self.numerals = Numerals(
            mapping.decimal, mapping.missing, mapping.suppressed, mapping.zeros == "missing"
        )
        self.carried: dict[int, Any] = {}

    def name(self, column: int) -> str:
        """Return the name of a column for people."""
        return (
            self.header.names[column] if column < len(self.header.names) else f"column {column + 1}"
        )


class Keys:
    """One chunk of a table with its keys read. Arrays are as long as the chunk."""

    def __init__(self, reader: State, chunk: Chunk) -> None:
        self.reader, self.chunk = reader, chunk
        self.plan, self.tally, self.mapping = reader.plan, reader.tally, reader.mapping
        self.problems: list[Problem] = list(chunk.problems)
        # Which data row is refused, by its first reason.
        self.refused = np.zeros(len(chunk), dtype=bool)
        self.numbers = {
            column: (*reader.numerals.column(chunk.plain(column)),)
            for column in sorted(self._number_columns())
        }

    def _number_columns(self) -> set[int]:
        series = self.plan.series
        return {s.column for s in series} | {s.denominator[0] for s in series if s.denominator}

    def _area(self) -> Found:
        self._area_list: list[str | None] = []
        if self.plan.area is None:
            return np.zeros(len(self.chunk), dtype=np.int64), {}
        codes, cells = self._filled(self.plan.area, self.mapping.area.fill)
        problems: dict[int, tuple[str, str, str]] = {}
        name = self.reader.name(self.plan.area)
        for at, cell in enumerate(cells):
            found = self.reader.areas.find(cell)
            self._area_list.append(found)
            if found is None:
                maybe = self.reader.areas.ambiguous(cell)
                reason = "ambiguous_area" if maybe else ("unknown_area" if cell else "no_area")
                problems[at] = (reason, name, f"could be {', '.join(maybe[:5])}" if maybe else "")
        self._area_cells = cells
        return codes, problems

    def _indicator(self) -> Found:
        self._indicator_list: list[str | None] = []
        key = self.mapping.indicator
        if self.plan.indicator is None or key is None:
            return np.zeros(len(self.chunk), dtype=np.int64), {}
        codes, cells = self._filled(self.plan.indicator, key.fill)
        problems: dict[int, tuple[str, str, str]] = {}
        name = self.reader.name(self.plan.indicator)
        for at, cell in enumerate(cells):
            # Without a translation the column holds the codes themselves.
            found = key.codes.get(cell) if key.codes else (cell or None)
            self._indicator_list.append(found)
            if found is None:
                problems[at] = ("unknown_indicator" if cell else "no_indicator", name, "")
        self._indicator_cells = cells
        return codes, problems

    def _period(self) -> Found:
        self._period_list: list[Period | None] = []
        if not self.plan.period:
            return np.zeros(len(self.chunk), dtype=np.int64), {}
        codes, cells = self._period_cells()
        problems: dict[int, tuple[str, str, str]] = {}
        name = " + ".join(self.reader.name(c) for c in self.plan.period)
        for at, cell in enumerate(cells):
            try:
                self._period_list.append(self.reader.periods.read(cell))
            except MomentError as error:
                self._period_list.append(None)
                problems[at] = (error.reason, name, str(error))
        self._period_texts = cells
        return codes, problems

    def _period_cells(self) -> tuple[Any, list[Any]]:
        """Return the period cells, the parts of a date in several columns joined to one text."""
        told = self.mapping.period
        if len(self.plan.period) == 1 and told.column:
            if told.fill:
                return self._filled(self.plan.period[0], told.fill)
            return self.chunk.factor(self.plan.period[0])
        parts = [self.chunk.texts(c) for c in self.plan.period]
        known: dict[tuple[int, ...], int] = {}
        keys = zip(*(codes.tolist() for codes, _ in parts), strict=True)
        joined = np.array([known.setdefault(k, len(known)) for k in keys], dtype=np.int64)
        named = [n for n in ("year", "month", "day", "hour") if getattr(told, n)]
        texts = []
        for key in known:
            words = {n: parts[i][1][k] for i, (n, k) in enumerate(zip(named, key, strict=True))}
            texts.append(_joined_date(words))
        return joined, texts

    def _filled(self, column: int, fill: bool) -> tuple[Any, list[str]]:
        codes, cells = self.chunk.texts(column)
        if not fill:
            return codes, cells
        empty = np.array([not c for c in cells] or [False], dtype=bool)[codes]
        cells = [*cells, self.reader.carried.get(column, "")]
        last = len(cells) - 1
        at = np.where(empty, -1, np.arange(len(codes)))
        at = np.maximum.accumulate(at) if len(at) else at
        codes = np.where(at < 0, last, codes[np.maximum(at, 0)])
        if len(codes):
            self.reader.carried[column] = cells[int(codes[-1])]
        return codes, cells

    def _refuse_keys(
        self, data: Any, codes: Any, problems: dict[int, tuple[str, str, str]]
    ) -> None:
        if not problems:
            return
        bad = data & ~self.refused & np.isin(codes, list(problems))
        for row in places(bad):
            reason, name, detail = problems[int(codes[row])]
            value = self._key_value(codes, row, name)
            self._problem(reason, row, name, value, detail, refused=True)
        self.refused |= bad

    def _key_value(self, codes: Any, row: int, name: str) -> str:
        column = next((c for c in self.chunk.cells if self.reader.name(c) == name), None)
        if column is None:
            return str(self._period_texts[int(codes[row])])
        return self.chunk.text_at(column, row)

    def _problem(
        self, reason: str, row: int, name: str, value: str, detail: str, *, refused: bool
    ) -> None:
        line = int(self.chunk.lines[row])
        self.problems.append(Problem(reason, line, name[:80], shorten(value), detail, refused))


def places(mask: Any) -> list[int]:
    """Return where a mask holds."""
    return [int(n) for n in np.flatnonzero(mask)]


def _joined_date(words: dict[str, str]) -> str:
    year, month, day = (words.get(n, "").strip("年月日份度") for n in ("year", "month", "day"))
    if "month" not in words:
        return words["year"]
    text = f"{year}-{month}" + (f"-{day}" if "day" in words else "")
    return f"{text} {words['hour'].strip('时点')}:00" if "hour" in words else text
