"""Rows to facts: keys, numbers, totals and notes of one stretch of a table."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from data.catalogue.mapping import Mapping
from data.connectors.connector import Problem, shorten
from data.connectors.records import ServiceRequest
from data.tables.areas import AreaNames
from data.tables.chunk import Chunk
from data.tables.headers import Header
from data.tables.layout import is_total_word, starts_note
from data.tables.moments import MomentError
from data.tables.numerals import ABSENT, BAD, HIDDEN, OK, Numerals
from data.tables.periods import Period, Periods
from data.tables.plan import Plan, Series

COLUMNS = ("indicator", "area", "grain", "period_start", "numerator", "denominator", "row")


@dataclass
class Frame:
    """What a stretch of a table says. values has one row a fact, in the order of the file.

    values: indicator, area (codes), grain (int), period_start (datetime64, UTC), numerator,
    denominator (float64, NaN for none), row (int64). rows = accepted + refused data rows.
    """

    values: pd.DataFrame
    requests: list[ServiceRequest] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    rows: int = 0
    accepted: int = 0


@dataclass
class Tally:
    """What was met in the whole table."""

    rows: int = 0
    accepted: int = 0
    missing: int = 0
    suppressed: int = 0
    facts: int = 0
    blank: int = 0
    short_rows: int = 0
    total_rows: list[int] = field(default_factory=list)
    note_rows: list[int] = field(default_factory=list)
    indicators: Counter[str] = field(default_factory=Counter)
    areas: Counter[str] = field(default_factory=Counter)
    grains: Counter[str] = field(default_factory=Counter)
    first: pd.Timestamp | None = None
    last: pd.Timestamp | None = None
    stopped: bool = False


class FactReader:
    """Turns chunks of one table into frames."""

    def __init__(
        self, mapping: Mapping, header: Header, plan: Plan, areas: AreaNames, periods: Periods
    ) -> None:
        self.mapping, self.header, self.plan = mapping, header, plan
        self.areas, self.periods, self.tally = areas, periods, Tally()
        self.numerals = Numerals(
            mapping.decimal, mapping.missing, mapping.suppressed, mapping.zeros == "missing"
        )
        self._carried: dict[int, Any] = {}
        self._levels: set[int] | None = None

    def read(self, chunk: Chunk) -> Frame:
        """Return the facts of one chunk."""
        return _Stretch(self, chunk).frame()

    def name(self, column: int) -> str:
        """Return the name of a column for people."""
        return (
            self.header.names[column] if column < len(self.header.names) else f"column {column + 1}"
        )


class _Stretch:
    """One chunk on its way to a frame. Arrays are as long as the chunk."""

    def __init__(self, reader: FactReader, chunk: Chunk) -> None:
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

    def frame(self) -> Frame:
        chunk = self.chunk
        data = ~np.asarray(chunk.blank, dtype=bool)
        self.tally.blank += int((~data).sum())
        data &= self._before_stop(data)
        self._zero_rows(data)
        area, period, indicator = self._area(), self._period(), self._indicator()
        data &= ~self._notes(data, (area, period, indicator))
        data &= ~self._totals(data, area)
        for codes, problems_of in (area, period, indicator):
            self._refuse_keys(data, codes, problems_of)
        parts = [self._series(s, data, area[0], period[0], indicator[0]) for s in self.plan.series]
        self._unread(data)
        return self._conclude(data, [p for p in parts if p is not None])

    # ---- which rows are data ----

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

    def _notes(self, data: Any, keys: tuple[Any, ...]) -> Any:
        """Rows without a number that begin like a note, or whose only word is no key."""
        empty = data & self._empty_numbers()
        if not empty.any():
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
        notes = empty & (starts & (unknown | alone) | lonely)
        self.tally.note_rows += [int(n) for n in self.chunk.lines[notes]][:1000]
        return np.asarray(notes)

    def _totals(self, data: Any, area: Any) -> Any:
        """Rows that add up others: by a word, by columns left empty, by arithmetic."""
        told = self.mapping.totals
        total = np.zeros(len(data), dtype=bool)
        labels = [c for c in (0, self.plan.area, self.plan.indicator) if c is not None]
        for column in {c for c in labels if c in self.chunk.cells and c not in self.numbers}:
            codes, cells = self.chunk.texts(column)
            words = [is_total_word(c, told.words) for c in cells]
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
            total |= self._above_others(data & ~total, area) | self._sums(data & ~total, area)
        self.tally.total_rows += [int(n) for n in self.chunk.lines[total]][:1000]
        return total

    def _above_others(self, data: Any, area: Any) -> Any:
        """A row of the whole city in a table of counties, a county's in one of its towns."""
        none = np.zeros(len(data), dtype=bool)
        if self.plan.area is None:
            return none
        codes, problems = area
        names = self._area_list
        levels = np.array([self.reader.areas.level(n) if n else 0 for n in names] or [0])
        mine = levels[codes]
        if self.reader._levels is None:
            self.reader._levels = set(int(v) for v in np.unique(mine[data]) if v)
        if len(self.reader._levels) < 2 or 1 not in self.reader._levels:
            return none
        return data & (mine == 1)

    def _sums(self, data: Any, area: Any) -> Any:
        """The one row without a known area that is the sum of all others."""
        total = np.zeros(len(data), dtype=bool)
        codes, problems = area
        unknown = data & np.isin(codes, list(problems)) if problems else total
        if not self.chunk.whole or not 1 <= unknown.sum() <= 50 or data.sum() < 4:
            return total
        for row in _places(unknown):
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

    # ---- keys ----

    def _area(self) -> tuple[Any, dict[int, tuple[str, str, str]]]:
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

    def _indicator(self) -> tuple[Any, dict[int, tuple[str, str, str]]]:
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

    def _period(self) -> tuple[Any, dict[int, tuple[str, str, str]]]:
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
        cells = [*cells, self.reader._carried.get(column, "")]
        last = len(cells) - 1
        at = np.where(empty, -1, np.arange(len(codes)))
        at = np.maximum.accumulate(at) if len(at) else at
        codes = np.where(at < 0, last, codes[np.maximum(at, 0)])
        if len(codes):
            self.reader._carried[column] = cells[int(codes[-1])]
        return codes, cells

    def _refuse_keys(
        self, data: Any, codes: Any, problems: dict[int, tuple[str, str, str]]
    ) -> None:
        if not problems:
            return
        bad = data & ~self.refused & np.isin(codes, list(problems))
        for row in _places(bad):
            reason, name, detail = problems[int(codes[row])]
            value = self._key_value(codes, row, name)
            self._problem(reason, row, name, value, detail, refused=True)
        self.refused |= bad

    def _key_value(self, codes: Any, row: int, name: str) -> str:
        column = next((c for c in self.chunk.cells if self.reader.name(c) == name), None)
        if column is None:
            return str(self._period_texts[int(codes[row])])
        return self.chunk.text_at(column, row)

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
            for row in _places(lacking):
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
        for row in _places(hidden):
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
        for row in _places(rows & bad):
            refused = alone or not good[row]
            for column, (_, states) in self.numbers.items():
                if states[row] == BAD:
                    value = self.chunk.text_at(column, row)
                    name = self.reader.name(column)
                    self._problem("bad_number", row, name, value, "not a number", refused=refused)
                    if refused:
                        self.refused[row] = True
                        break

    def _problem(
        self, reason: str, row: int, name: str, value: str, detail: str, *, refused: bool
    ) -> None:
        line = int(self.chunk.lines[row])
        self.problems.append(Problem(reason, line, name[:80], shorten(value), detail, refused))

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
        values = _together(frames)
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


def _places(mask: Any) -> list[int]:
    return [int(n) for n in np.flatnonzero(mask)]


def _coded(codes: Any, names: list[str]) -> Any:
    return pd.Categorical.from_codes(codes, pd.Index(names, dtype=object))


def _joined_date(words: dict[str, str]) -> str:
    year, month, day = (words.get(n, "").strip("年月日份度") for n in ("year", "month", "day"))
    if "month" not in words:
        return words["year"]
    text = f"{year}-{month}" + (f"-{day}" if "day" in words else "")
    return f"{text} {words['hour'].strip('时点')}:00" if "hour" in words else text


def _together(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Return frames as one, in the order of the file's rows."""
    if not frames:
        return empty_values()
    if len(frames) == 1:
        return frames[0]
    plain = [f.astype({"indicator": object, "area": object}) for f in frames]
    return pd.concat(plain, ignore_index=True).sort_values("row", kind="stable", ignore_index=True)


def empty_values() -> pd.DataFrame:
    """Return a frame of no facts with the columns of one that has some."""
    kinds = ("object", "object", "int64", "datetime64[s, UTC]", "float64", "float64", "int64")
    return pd.DataFrame({n: pd.Series([], dtype=k) for n, k in zip(COLUMNS, kinds, strict=True)})
