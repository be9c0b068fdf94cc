"""The rules of `observations.check` over a whole frame at once, with the same verdicts.

What a row's keys decide is asked once for each distinct key, and of a real row. Numbers are
looked at as columns; a row that looks bad gets its verdict from the rule itself, and so do
the least and the greatest of each indicator: a rule that is added there holds here too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from data.catalogue import Catalogue
from data.connectors.connector import Problem
from data.ingest.copying import Array
from data.ingest.observations import Row, problem_of, refused
from data.queries.keys import Keys
from data.vocabulary import Aggregation, Grain, Observed

LISTED = 1000
"""Refused rows of one frame that get words; the others are counted."""


@dataclass(frozen=True)
class Columns:
    """Facts fit to store: parallel arrays of row ids, epoch seconds and counts; NaN is none."""

    indicator: Array
    area: Array
    grain: Array
    start: Array
    num: Array
    den: Array
    row: Array

    def __len__(self) -> int:
        """Return how many facts."""
        return len(self.indicator)

    def take(self, chosen: Array) -> Columns:
        """Return some of the facts: a mask or places."""
        return Columns(*(getattr(self, name)[chosen] for name in _NAMES))

    def rows(self) -> list[Row]:
        """Return them as the tuples that small files are stored by."""
        return [
            (i, a, g, datetime.fromtimestamp(s, UTC), n, None if d != d else d, r)
            for i, a, g, s, n, d, r in zip(
                *(getattr(self, name).tolist() for name in _NAMES), strict=True
            )
        ]


_NAMES = ("indicator", "area", "grain", "start", "num", "den", "row")


@dataclass
class Verdicts:
    """What was refused: the first problems in words, and how many rows in all."""

    problems: list[Problem] = field(default_factory=list)
    refused: int = 0

    def add(self, problems: Sequence[Problem], refused: int) -> None:
        """Count more; words are kept for the first of them."""
        self.problems += problems[: max(0, LISTED - len(self.problems))]
        self.refused += refused


def check_frame(
    values: pd.DataFrame, catalogue: Catalogue, keys: Keys, *, now: datetime
) -> tuple[Columns, Verdicts]:
    """Split a frame into facts fit to store, by key, and verdicts on the others.

    Args:
        values: indicator, area (codes), grain, period_start (UTC), numerator,
            denominator (NaN for none), row.
        catalogue: what there is.
        keys: row ids by code.
        now: periods later than this have not happened yet.
    """
    seen = _Seen(values, catalogue, keys, now)
    found = Verdicts()
    bad = seen.bad_keys()
    bad |= seen.bad_numbers(~bad)
    bad |= seen.bad_extremes(~bad)
    _refuse(seen, np.flatnonzero(bad), found)
    return _once(seen, np.flatnonzero(~bad), found)


class _Seen:
    """One frame as arrays."""

    def __init__(
        self, values: pd.DataFrame, catalogue: Catalogue, keys: Keys, now: datetime
    ) -> None:
        self.catalogue, self.now = catalogue, now
        codes, self.indicators = pd.factorize(values["indicator"])
        places, self.areas = pd.factorize(values["area"])
        self.start = _epoch(values["period_start"])
        self.num = values["numerator"].to_numpy(dtype=float)
        self.den = values["denominator"].to_numpy(dtype=float)
        self._codes, self._places = codes, places
        grain = values["grain"].to_numpy(dtype=np.int64)
        row = values["row"].to_numpy(dtype=np.int64)
        indicator = _by_code(self.indicators, keys.indicators, catalogue.indicators)[codes]
        area = _by_code(self.areas, keys.areas, catalogue.areas)[places]
        self.columns = Columns(indicator, area, grain, self.start, self.num, self.den, row)

    def observed(self, at: int) -> Observed:
        """Return one row as small files have it."""
        c, den = self.columns, float(self.den[at])
        return Observed(
            str(self.indicators[self._codes[at]]),
            str(self.areas[self._places[at]]),
            Grain(int(c.grain[at])),
            datetime.fromtimestamp(int(c.start[at]), UTC),
            float(self.num[at]),
            None if den != den else den,
            int(c.row[at]),
        )

    def problem(self, at: int) -> Problem | None:
        """Return the verdict of the rule itself."""
        return problem_of(self.observed(at), self.catalogue, self.now)

    def bad_keys(self) -> Array:
        """Return the rows of an unknown indicator or area, or of a period that cannot be."""
        bad = (self.columns.indicator < 0) | (self.columns.area < 0)
        known = np.flatnonzero(~bad)
        if not len(known):
            return bad
        when = self.start[known] * 8 + self.columns.grain[known]
        _, first, back = np.unique(when, return_index=True, return_inverse=True)
        late = np.array([self._bad_time(int(known[n])) for n in first], dtype=bool)
        bad[known] = late[back]
        return bad

    def _bad_time(self, at: int) -> bool:
        found = self.problem(at)
        return found is not None and found.field == "period_start"

    def bad_numbers(self, looked: Array) -> Array:
        """Return the rows whose counts cannot be, by the rules of their indicator."""
        divided, percent = self._kinds()
        num, den = self.num, self.den
        none = np.isnan(den)
        with np.errstate(invalid="ignore"):
            bad = ~np.isfinite(num) | np.isinf(den)
            bad |= divided & (none | (den < 0) | ((den == 0) & (num != 0)))
            bad |= percent & ~none & (num > den)
        return np.asarray(bad & looked)

    def _kinds(self) -> tuple[Array, Array]:
        """Return which rows are of an indicator that divides, and which of a share of 100."""
        told = [self.catalogue.indicators.get(str(code)) for code in self.indicators]
        divided = [i is not None and i.aggregation in _DIVIDED for i in told]
        percent = [
            i is not None and i.aggregation is Aggregation.RATIO and i.factor == 100 for i in told
        ]
        return np.array(divided, dtype=bool)[self._codes], np.array(percent, bool)[self._codes]

    def bad_extremes(self, looked: Array) -> Array:
        """Return more bad rows, of groups whose least or greatest row breaks any rule at all."""
        bad = np.zeros(len(looked), dtype=bool)
        places = np.flatnonzero(looked)
        group = self._codes[places].astype(np.int64) * 8 + self.columns.grain[places]
        order = np.argsort(group, kind="stable")
        cuts = np.flatnonzero(np.diff(group[order])) + 1
        for part in np.split(order, cuts) if len(order) else []:
            mine = places[part]
            if any(self.problem(int(at)) for at in self._ends(mine)):
                bad[mine] = [self.problem(int(at)) is not None for at in mine]
        return bad

    def _ends(self, mine: Array) -> Iterator[Any]:
        num, den = self.num[mine], self.den[mine]
        with np.errstate(invalid="ignore", divide="ignore"):
            for measured in (num, den, num / den):
                told = np.flatnonzero(np.isfinite(measured))
                if len(told):
                    yield mine[told[np.argmin(measured[told])]]
                    yield mine[told[np.argmax(measured[told])]]


_DIVIDED = (Aggregation.RATIO, Aggregation.MEAN)


def _epoch(moments: pd.Series[Any]) -> Array:
    return np.asarray(moments.dt.as_unit("s").astype("int64"))


def _by_code(codes: Any, ids: dict[str, int], known: Any) -> Array:
    """Return the row id of each distinct code, -1 for one that is not in the catalogue."""
    return np.array([ids.get(str(c), -1) if c in known else -1 for c in codes] or [0], np.int64)


def _refuse(seen: _Seen, places: Array, found: Verdicts) -> None:
    told = [p for at in places[:LISTED] if (p := seen.problem(int(at)))]
    found.add(told, len(places))


def _once(seen: _Seen, places: Array, found: Verdicts) -> tuple[Columns, Verdicts]:
    """Keep the first row of each key, in the order of keys; one that differs is refused."""
    good = seen.columns.take(places)
    order = np.lexsort((good.start, good.grain, good.area, good.indicator))
    good, places = good.take(order), places[order]
    same = _same_as_before(good)
    if not same.any():
        return good, found
    first = np.maximum.accumulate(np.where(same, 0, np.arange(len(good))))
    differs = same & ((good.num != good.num[first]) | _apart(good.den, good.den[first]))
    for at in np.flatnonzero(differs)[:LISTED]:
        shown = [_counts(good, int(n)) for n in (first[at], at)]
        one = seen.observed(int(places[at]))
        found.add([refused(one, "conflicting_duplicate", "value", " and ".join(shown))], 0)
    found.refused += int(differs.sum())
    return good.take(~same), found


def _same_as_before(c: Columns) -> Array:
    same = np.zeros(len(c), dtype=bool)
    if len(c):
        same[1:] = True
        for name in ("indicator", "area", "grain", "start"):
            same[1:] &= getattr(c, name)[1:] == getattr(c, name)[:-1]
    return same


def _apart(a: Array, b: Array) -> Array:
    return np.asarray((a != b) & ~(np.isnan(a) & np.isnan(b)))


def _counts(c: Columns, at: int) -> str:
    den = float(c.den[at])
    return f"{float(c.num[at])}/{None if den != den else den}"
