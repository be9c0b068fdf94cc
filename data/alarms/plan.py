"""What the rules in force need of the store, and which of them one source can move. Pure.

Made once a version of the rules, so that a poll of one source touches few rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.alarms.conditions import baseline
from data.alarms.facts import Facts, Measured
from data.alarms.judging import City, places
from data.catalogue import Catalogue
from data.catalogue import alarm_entries as e
from data.catalogue.alarm_checks import WARNERS
from data.catalogue.alarm_entries import AlarmRule
from data.catalogue.entries import Indicator

EVERY = "*"
"""Rules that time alone can move are looked at with everything."""
DESK = "desk"


@dataclass(frozen=True)
class CaseNeeds:
    """Cases any condition asks for. level: this one or graver. categories: empty for all.

    shortest, longest: the fewest and most minutes any of them names.
    """

    level: int
    categories: frozenset[str]
    shortest: int
    longest: int

    def or_(self, other: CaseNeeds | None) -> CaseNeeds:
        """Return what both ask for."""
        if other is None:
            return self
        all_ = not (self.categories and other.categories)
        return CaseNeeds(
            max(self.level, other.level),
            frozenset() if all_ else self.categories | other.categories,
            min(self.shortest, other.shortest),
            max(self.longest, other.longest),
        )


@dataclass(frozen=True)
class Needs:
    """What a look asks the store for.

    values: indicators by window. charts: indicators by grain. sources, units: whether silence is
    judged. late, untaken, recent: which cases are; None: none. counted: open ones by number.
    """

    values: frozenset[tuple[str, str]] = frozenset()
    bands: frozenset[str] = frozenset()
    charts: frozenset[tuple[str, str]] = frozenset()
    sources: bool = False
    units: bool = False
    warnings: bool = False
    late: CaseNeeds | None = None
    untaken: CaseNeeds | None = None
    recent: CaseNeeds | None = None
    counted: bool = False


@dataclass
class Chosen:
    """Some rules with what they need. steady: rules of one threshold, looked at all at once."""

    rules: tuple[AlarmRule, ...]
    city: City
    areas: Mapping[str, tuple[str, ...]] = field(init=False)
    needs: Needs = field(init=False)

    def __post_init__(self) -> None:
        self.areas = {rule.code: places(rule, self.city) for rule in self.rules}
        self.needs = _needs(self.rules, self.city.catalogue)

    @cached_property
    def codes(self) -> frozenset[str]:
        """The codes of the rules."""
        return frozenset(rule.code for rule in self.rules)

    @cached_property
    def watches(self) -> tuple[AlarmRule, ...]:
        """Rules of the system itself."""
        return tuple(r for r in self.rules if isinstance(r.condition, e.Watch))

    @cached_property
    def valued(self) -> tuple[AlarmRule, ...]:
        """Rules of one value: a threshold, or a comparison with the normal band."""
        return tuple(r for r in self.rules if isinstance(r.condition, e.Threshold | e.Baseline))

    @cached_property
    def _edges(self) -> tuple[Edges, Bands]:
        found = self.city.catalogue.indicators
        return Edges.of(self.valued, self.areas), Bands.of(self.valued, self.areas, found)

    def beyond(self, facts: Facts) -> Iterator[tuple[AlarmRule, str]]:
        """Yield the rules of one value, and the areas, where it is past its limit; all at once.

        What is open or waits must be looked at besides: it may be over, or unknown.
        """
        limits, bands = self._edges
        yield from limits.beyond(facts.measured)
        yield from bands.beyond(facts)

    @cached_property
    def others(self) -> tuple[AlarmRule, ...]:
        """Rules that are judged one by one."""
        kinds = e.Threshold | e.Baseline | e.Watch
        return tuple(r for r in self.rules if not isinstance(r.condition, kinds))


@dataclass(frozen=True)
class Edges:
    """Thresholds as arrays of one length: which value, which limit, which side.

    keys: the distinct values; slot: place of each threshold's value among them.
    """

    places: tuple[tuple[AlarmRule, str], ...]
    keys: tuple[tuple[str, str, str], ...]
    slot: NDArray[np.intp]
    limit: NDArray[np.float64]
    above: NDArray[np.bool_]

    @classmethod
    def of(cls, rules: Iterable[AlarmRule], areas: Mapping[str, tuple[str, ...]]) -> Edges:
        """Return the thresholds of some rules in their areas."""
        place: list[tuple[AlarmRule, str]] = []
        keys: dict[tuple[str, str, str], int] = {}
        slot, limit, above = [], [], []
        for rule in rules:
            condition = rule.condition
            if not isinstance(condition, e.Threshold):
                continue
            for area in areas[rule.code]:
                place.append((rule, area))
                key = (condition.indicator, area, condition.window)
                slot.append(keys.setdefault(key, len(keys)))
                limit.append(condition.limit)
                above.append(condition.side == "above")
        return cls(
            tuple(place), tuple(keys), np.array(slot, np.intp), np.array(limit, np.float64),
            np.array(above, bool),
        )  # fmt: skip

    def beyond(
        self, measured: Mapping[tuple[str, str, str], Measured]
    ) -> Iterator[tuple[AlarmRule, str]]:
        """Yield the rules and areas whose value is at or past its limit."""
        if not self.places:
            return
        at = _values(measured, self.keys)[self.slot]
        with np.errstate(invalid="ignore"):
            hit = np.where(self.above, at >= self.limit, at < self.limit)
        yield from (self.places[i] for i in np.flatnonzero(hit))


def _values(
    measured: Mapping[tuple[str, str, str], Measured], keys: Iterable[tuple[str, str, str]]
) -> NDArray[np.float64]:
    told = (measured.get(key) for key in keys)
    return np.array([np.nan if m is None or m.value is None else m.value for m in told])


SIDES = {"above": 1, "below": -1, "both": 0}


@dataclass(frozen=True)
class Bands:
    """Comparisons with the normal band as arrays: how far from the centre each begins."""

    places: tuple[tuple[AlarmRule, str], ...]
    keys: tuple[tuple[str, str, str], ...]
    slot: NDArray[np.intp]
    side: NDArray[np.intp]
    sigmas: NDArray[np.float64]
    share: NDArray[np.float64]
    least: NDArray[np.float64]

    @classmethod
    def of(
        cls, rules: Iterable[AlarmRule], areas: Mapping[str, tuple[str, ...]],
        indicators: Mapping[str, Indicator],
    ) -> Bands:  # fmt: skip
        """Return the comparisons of some rules in their areas."""
        place: list[tuple[AlarmRule, str]] = []
        keys: dict[tuple[str, str, str], int] = {}
        slot, rows = [], []
        for rule in rules:
            c = rule.condition
            if not isinstance(c, e.Baseline):
                continue
            window = baseline.window_of(indicators[c.indicator])
            for area in areas[rule.code]:
                place.append((rule, area))
                slot.append(keys.setdefault((c.indicator, area, window), len(keys)))
                rows.append((SIDES[c.side], c.sigmas or 0, (c.percent or 0) / 100, c.least))
        told = np.array(rows, np.float64).reshape(-1, 4).T
        return cls(
            tuple(place), tuple(keys), np.array(slot, np.intp), told[0].astype(np.intp), *told[1:]
        )

    def beyond(self, facts: Facts) -> Iterator[tuple[AlarmRule, str]]:
        """Yield the rules and areas whose value is that far from its usual."""
        if not self.places:
            return
        bands = [facts.bands.get((i, area)) for i, area, _ in self.keys]
        centre = np.array([np.nan if b is None else b.centre for b in bands])[self.slot]
        sigma = np.array([np.nan if b is None else b.sigma for b in bands])[self.slot]
        off = _values(facts.measured, self.keys)[self.slot] - centre
        far = np.maximum.reduce([self.sigmas * sigma, self.share * np.abs(centre), self.least])
        with np.errstate(invalid="ignore"):
            distance = np.where(self.side == 0, np.abs(off), off * self.side)
            hit = (far > 0) & (distance >= far)
        yield from (self.places[i] for i in np.flatnonzero(hit))


@dataclass
class Plan:
    """The rules in force, switched-off ones left out. mark: of which versions it was made."""

    rules: Mapping[str, AlarmRule]
    city: City
    mark: object = None
    _of: dict[str, Chosen] = field(default_factory=dict)

    @property
    def banded(self) -> frozenset[str]:
        """Indicators that any rule, on or off, compares with their normal band."""
        found = (p for r in self.rules.values() for p in parts_of(r.condition))
        return frozenset(p.indicator for p in found if isinstance(p, e.Baseline))

    def chosen(self, source: str | None) -> Chosen:
        """Return the rules that a poll of `source` can move; None: all of them."""
        name = EVERY if source is None else source
        if name not in self._of:
            on = (r for r in self.rules.values() if r.enabled)
            fit = on if source is None else (r for r in on if moves(source, r, self.city.catalogue))
            self._of[name] = Chosen(tuple(fit), self.city)
        return self._of[name]


def moves(source: str, rule: AlarmRule, catalogue: Catalogue) -> bool:
    """Return whether what a source brings can change what a rule says.

    An act at the desk waits for its answer: combinations follow with the next look at everything.
    """
    if source == DESK and isinstance(rule.condition, e.Combination):
        return False
    return any(_moves(source, part, catalogue) for part in parts_of(rule.condition))


def parts_of(condition: e.Condition) -> tuple[e.Simple | e.Watch, ...]:
    """Return the conditions that a condition is made of, itself if it is simple."""
    return condition.of if isinstance(condition, e.Combination) else (condition,)


def _moves(source: str, condition: e.Simple | e.Watch, catalogue: Catalogue) -> bool:
    if isinstance(condition, e.Threshold | e.Baseline):
        indicator = catalogue.indicators.get(condition.indicator)
        return indicator is not None and indicator.source == source
    if isinstance(condition, e.Silence):  # units are counted by the collector, not by a poll
        return not condition.units and condition.source in (None, source)
    known = catalogue.sources.get(source)
    if known is None:
        return False
    if isinstance(condition, e.Warned):
        return known.connector in WARNERS
    if isinstance(condition, e.Cases):
        brought = {*known.categories.values(), known.default_category or ""}
        wanted = not condition.categories or not brought.isdisjoint(condition.categories)
        return source == DESK or (known.brings_cases and wanted)
    return False  # control charts move with a whole day or week, the system with nobody's poll


def _needs(rules: Iterable[AlarmRule], catalogue: Catalogue) -> Needs:
    values: set[tuple[str, str]] = set()
    charts: set[tuple[str, str]] = set()
    bands: set[str] = set()
    flags = dict.fromkeys(("sources", "units", "warnings", "counted"), False)
    cases: dict[str, CaseNeeds | None] = dict.fromkeys(("late", "untaken", "recent"))
    for part in (part for rule in rules for part in parts_of(rule.condition)):
        if isinstance(part, e.Threshold):
            values.add((part.indicator, part.window))
        elif isinstance(part, e.Baseline):
            values.add((part.indicator, baseline.window_of(catalogue.indicators[part.indicator])))
            bands.add(part.indicator)
        elif isinstance(part, e.Spc):
            charts.add((part.indicator, part.grain))
        elif isinstance(part, e.Silence):
            flags["units" if part.units else "sources"] = True
        elif isinstance(part, e.Warned):
            flags["warnings"] = True
        elif isinstance(part, e.Cases) and part.measure == "open":
            flags["counted"] = True
        elif isinstance(part, e.Cases):
            own = CaseNeeds(part.level, frozenset(part.categories), part.minutes, part.minutes)
            name = LISTS[part.measure]
            cases[name] = own.or_(cases[name])
            flags["sources"] = flags["sources"] or part.measure == "burst"
    more: dict[str, Any] = {**flags, **cases}
    return Needs(frozenset(values), frozenset(bands), frozenset(charts), **more)


LISTS = {"overdue": "late", "untaken": "untaken", "burst": "recent"}
