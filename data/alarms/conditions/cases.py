"""Matters over their limit, not taken, many open, or many in one place in a short time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from data.alarms.conditions.places import Place, Spot, bursts
from data.alarms.conditions.verdict import Verdict, unknown
from data.alarms.conditions.words import both, span
from data.alarms.facts import Facts, OneCase
from data.catalogue.alarm_entries import Cases
from data.vocabulary import Names

CASES = Names(zh="件", en="cases")
LISTED = 50
"""Case numbers kept as evidence; how many there are is told beside them."""
OBJECTS = Mapping[tuple[str, str], bool]
"""Area and object of what is open of a rule -> whether its condition held last."""


def asked(condition: Cases, case: OneCase) -> bool:
    """Return whether a case is of the categories and grave enough."""
    named = not condition.categories or case.category in condition.categories
    return named and (case.level or 4) <= condition.level


def late_since(condition: Cases, case: OneCase) -> datetime | None:
    """Return from when a case is late, or untaken, for as long as the condition says."""
    begun = case.due_at if condition.measure == "overdue" else case.since
    return begun + timedelta(minutes=condition.minutes) if begun else None


def judge(
    condition: Cases, facts: Facts, areas: Sequence[str], sources: frozenset[str], known: OBJECTS
) -> Iterator[Verdict]:
    """Yield one answer a case where one is enough, else one an area; a burst one a place.

    areas: those looked at; the city's own code counts all. sources: which bring such cases: while
    one of them is quiet, few reports prove nothing. known: what is open, so that a burst that
    drifts stays the same place.
    """
    if condition.measure == "burst":
        yield from _burst(condition, facts, areas, sources, known)
    elif condition.measure == "open":
        yield from _open(condition, facts, areas)
    else:
        yield from _standing(condition, facts, areas)


def _in(area: str, county: str, city: str) -> bool:
    return area in (city, county)


def _standing(condition: Cases, facts: Facts, areas: Sequence[str]) -> Iterator[Verdict]:
    told = facts.late if condition.measure == "overdue" else facts.untaken
    found = [
        (case, at)
        for case in told
        if asked(condition, case)
        and (at := late_since(condition, case)) is not None
        and at <= facts.now
    ]
    for area in areas:
        own = [(case, at) for case, at in found if _in(area, case.county, facts.city)]
        if condition.count == 1:
            yield from (_single(condition, area, case, at) for case, at in own)
        else:
            since = max((at for _, at in own), default=facts.now)
            yield _number(condition, facts, area, [case for case, _ in own], len(own), since)


WORDS = {"overdue": both("超时限", "over its limit"), "untaken": both("无人接单", "not taken")}


def _single(condition: Cases, area: str, case: OneCase, at: datetime) -> Verdict:
    word, for_long = WORDS[condition.measure], span(condition.minutes * 60)
    return Verdict(
        True, at,
        both(f"{case.no} {word['zh']}已逾{for_long['zh']}",
             f"{case.no} {word['en']} for more than {for_long['en']}"),
        area=area, object=case.no, cause=f"case:{case.no}",
        evidence=_evidence(condition, [case], 1),
    )  # fmt: skip


def _number(
    condition: Cases, facts: Facts, area: str, cases: list[OneCase], number: int, at: datetime
) -> Verdict:
    what = {
        **WORDS,
        "open": both("未办结", "open"),
        "burst": both(
            f"{condition.minutes}分钟内集中上报", f"reported within {condition.minutes} min"
        ),
    }[condition.measure]
    return Verdict(
        number >= condition.count, min(at, facts.now),
        both(f"{what['zh']} {number} 件，限 {condition.count} 件",
             f"{number} cases {what['en']}, limit {condition.count}"),
        float(number), float(condition.count), CASES, area=area,
        evidence=_evidence(condition, cases, number),
    )  # fmt: skip


def _open(condition: Cases, facts: Facts, areas: Sequence[str]) -> Iterator[Verdict]:
    counts: Counter[str] = Counter()
    for (category, county, level), number in facts.open_counts.items():
        named = not condition.categories or category in condition.categories
        if named and (level or 4) <= condition.level:
            counts[county] += number
            counts[facts.city] += number
    for area in areas:
        yield _number(condition, facts, area, [], counts[area], facts.now)


def _burst(
    condition: Cases, facts: Facts, areas: Sequence[str], sources: frozenset[str], known: OBJECTS
) -> Iterator[Verdict]:
    since = facts.now - timedelta(minutes=condition.minutes)
    found = [c for c in facts.recent if since < c.reported_at <= facts.now and asked(condition, c)]
    deaf = bool(sources & facts.quiet)
    if condition.radius_m is None:
        for area in areas:
            own = [c for c in found if _in(area, c.county, facts.city)]
            if len(own) < condition.count and deaf:
                yield unknown("stale", facts.now, area=area)
                continue
            at = _nth(own, condition.count) or facts.now
            yield _number(condition, facts, area, own, len(own), at)
        return
    yield from _places(condition, facts, areas, found, known, deaf=deaf)


def _nth(cases: Sequence[OneCase], count: int) -> datetime | None:
    """Return when the count was reached."""
    times = sorted(c.reported_at for c in cases)
    return times[count - 1] if len(times) >= count else None


def _places(
    condition: Cases, facts: Facts, areas: Sequence[str], found: list[OneCase], known: OBJECTS,
    *, deaf: bool,
) -> Iterator[Verdict]:  # fmt: skip
    placed = [c for c in found if c.lon is not None and c.lat is not None]
    spots = [Spot(c.lon or 0.0, c.lat or 0.0) for c in placed]
    radius = float(condition.radius_m or 0)
    told: set[tuple[str, str]] = set()
    for members, centre in bursts(spots, radius, condition.count):
        own = sorted((placed[i] for i in members), key=lambda c: (c.reported_at, c.no))
        area, name = _named(own, centre, radius, areas, facts.city, known, told)
        if area not in areas:
            continue
        told.add((area, name))
        one = _number(
            condition, facts, area, own, len(own), _nth(own, condition.count) or facts.now
        )
        yield _at(one, name, centre, radius)
    for area, name in known:
        if (area, name) not in told and deaf:
            yield unknown("stale", facts.now, area=area, object=name)


def _named(
    own: list[OneCase], centre: Spot, radius: float, areas: Sequence[str], city: str,
    known: OBJECTS, told: set[tuple[str, str]],
) -> tuple[str, str]:  # fmt: skip
    """Return area and name of a place: those of an open alarm that is near, else its own."""
    for area, name in known:
        place = Place.read(name)
        if place and (area, name) not in told and place.near(centre, radius):
            return area, name
    counties = Counter(c.county for c in own)
    area = city if city in areas else counties.most_common(1)[0][0]
    return area, Place(centre.lat, centre.lon).name


def _at(one: Verdict, name: str, centre: Spot, radius: float) -> Verdict:
    where = {"lon": centre.lon, "lat": centre.lat, "radius_m": radius}
    said = both(f"同一地点（半径{radius:g}米）{one.said['zh']}",
                f"in one place (within {radius:g} m) {one.said['en']}")  # fmt: skip
    return Verdict(
        one.holds, one.at, said, one.value, one.limit, one.unit, area=one.area, object=name,
        evidence={**one.evidence, "place": where},
    )  # fmt: skip


def _evidence(condition: Cases, cases: Sequence[OneCase], number: int) -> dict[str, Any]:
    return {
        "kind": "cases",
        "measure": condition.measure,
        "minutes": condition.minutes,
        "count": condition.count,
        "number": number,
        "cases": [c.no for c in cases[:LISTED]],
        "since": [c.reported_at.timestamp() for c in cases[:LISTED]],
    }
