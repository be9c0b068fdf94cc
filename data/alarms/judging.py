"""One rule on the facts: what it says of each thing in each of its places. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from data.alarms.conditions import baseline, cases, combination, silence, spc, threshold, warning
from data.alarms.conditions.verdict import Verdict
from data.alarms.facts import NOTHING, Charted, Facts
from data.catalogue import Catalogue, alarm_entries
from data.catalogue.alarm_entries import AlarmRule, Simple

Objects = Mapping[tuple[str, str], bool]
"""What is open of a rule: area and object -> whether its condition held at the last look."""
UNCHARTED = Charted(None, "no_data")


@dataclass(frozen=True)
class City:
    """What of the catalogue every judgement needs."""

    catalogue: Catalogue
    code: str
    counties: tuple[str, ...]
    county_of: Mapping[str, str]
    bringing: Mapping[str, frozenset[str]]
    """Category -> the sources that bring such cases."""

    @classmethod
    def of(cls, catalogue: Catalogue) -> City:
        """Return it of a catalogue."""
        bringing: dict[str, set[str]] = {code: set() for code in catalogue.categories}
        for source in catalogue.sources.values():
            for category in {*source.categories.values(), source.default_category or ""}:
                bringing.setdefault(category, set()).add(source.key)
        return cls(
            catalogue,
            catalogue.city.code,
            tuple(a.code for a in catalogue.counties()),
            {a.code: (a.parent or "" if a.level == 3 else a.code)
             for a in catalogue.areas.values() if a.level > 1},
            {code: frozenset(found) for code, found in bringing.items()},
        )  # fmt: skip

    def sources_of(self, condition: alarm_entries.Cases) -> frozenset[str]:
        """Return the sources that bring cases such as a condition counts."""
        named = condition.categories or tuple(self.bringing)
        return frozenset().union(*(self.bringing.get(c, frozenset()) for c in named))


def places(rule: AlarmRule, city: City) -> tuple[str, ...]:
    """Return the areas a rule looks at, each by itself."""
    every = (city.code,) if rule.where == "city" else city.counties
    return tuple(a for a in every if a in rule.areas) if rule.areas else every


def judge(
    rule: AlarmRule, facts: Facts, city: City, known: Objects, areas: Iterable[str] | None = None
) -> Iterator[Verdict]:
    """Yield what a rule says of each thing in each of its areas.

    known: what is open of it. areas: only these, where nothing is to be said of the others.

    A watch rule is not judged here: what it looks at is no data of the city.
    """
    own = places(rule, city) if areas is None else tuple(areas)
    condition = rule.condition
    if isinstance(condition, alarm_entries.Watch):
        return
    if isinstance(condition, alarm_entries.Combination):
        for area in own:
            yield _together(rule, condition, facts, city, area, known)
        return
    yield from _chosen(_simple(condition, facts, city, rule.where, own, known), own, city)


def _chosen(verdicts: Iterator[Verdict], own: Sequence[str], city: City) -> Iterator[Verdict]:
    """Yield what is of the rule's areas; what holds in all of the city is of each of them."""
    allowed = {*own, city.code}
    return (v for v in verdicts if v.area in allowed)


def _simple(
    condition: Simple, facts: Facts, city: City, where: str, areas: Sequence[str], known: Objects
) -> Iterator[Verdict]:
    if isinstance(condition, alarm_entries.Warned):
        yield from warning.judge(condition, facts, where, city.county_of)
    elif isinstance(condition, alarm_entries.Silence):
        yield from silence.judge(condition, facts, known)
    elif isinstance(condition, alarm_entries.Cases):
        yield from cases.judge(condition, facts, areas, city.sources_of(condition), known)
    else:
        for area in areas:
            was = known.get((area, ""), False)
            yield _measured(condition, facts, city, area, was=was)


def _measured(
    condition: alarm_entries.Threshold | alarm_entries.Baseline | alarm_entries.Spc,
    facts: Facts, city: City, area: str, *, was: bool,
) -> Verdict:  # fmt: skip
    indicator = city.catalogue.indicators[condition.indicator]
    if isinstance(condition, alarm_entries.Spc):
        charted = facts.charts.get((condition.indicator, area, condition.grain), UNCHARTED)
        return spc.judge(condition, indicator, charted, now=facts.now, area=area)
    if isinstance(condition, alarm_entries.Threshold):
        value = facts.measured.get((condition.indicator, area, condition.window), NOTHING)
        return threshold.judge(condition, indicator, value, was=was, now=facts.now, area=area)
    value = facts.measured.get((condition.indicator, area, baseline.window_of(indicator)), NOTHING)
    band = facts.bands.get((condition.indicator, area))
    return baseline.judge(condition, indicator, value, band, was=was, now=facts.now, area=area)


def _together(
    rule: AlarmRule, condition: alarm_entries.Combination, facts: Facts, city: City, area: str,
    known: Objects,
) -> Verdict:  # fmt: skip
    open_here = (area, "") in known
    was = {(area, ""): known.get((area, ""), False)}
    lasts = [
        facts.last_held.get(combination.memory_key(rule.code, area, place))
        for place in range(len(condition.of))
    ]
    quick = [_quick(of, facts, city, area, was=was[area, ""]) for of in condition.of]
    need = condition.at_least or len(condition.of)
    if not open_here and quick.count(False) - sum(1 for x in lasts if x) > len(quick) - need:
        closer = (
            q
            if q is not None
            else combination.part_of(
                list(_part(of, facts, city, rule.where, area, was)), None
            ).holds
            for of, q in zip(condition.of, quick, strict=True)
        )
        return combination.quiet(list(closer), area, facts.now)
    parts = []
    for of, last in zip(condition.of, lasts, strict=True):
        said = list(_part(of, facts, city, rule.where, area, was))
        parts.append(combination.part_of(said, last))
    return combination.judge(condition, parts, area=area, now=facts.now)


def _quick(of: Simple, facts: Facts, city: City, area: str, *, was: bool) -> bool | None:
    """Return whether a value is past its limit, without a word about it; None: look closer."""
    if isinstance(of, alarm_entries.Threshold):
        told = facts.measured.get((of.indicator, area, of.window))
        if told is None or told.value is None or told.partial:
            return None
        return threshold.crossed(of, told.value, was=was)
    if isinstance(of, alarm_entries.Baseline):
        indicator = city.catalogue.indicators[of.indicator]
        told = facts.measured.get((of.indicator, area, baseline.window_of(indicator)))
        band = facts.bands.get((of.indicator, area))
        if told is None or told.value is None or told.partial or band is None:
            return None
        return baseline.beyond(of, told.value, band, was=was)
    if isinstance(of, alarm_entries.Warned):
        return None if facts.warnings else False
    return None


def _part(
    of: Simple, facts: Facts, city: City, where: str, area: str, was: Objects
) -> Iterator[Verdict]:
    """Yield what one part says of an area; a source or a warning of all the city counts there."""
    for verdict in _simple(of, facts, city, where, (area,), was):
        if verdict.area in (area, city.code) or area == city.code:
            yield verdict
