"""Warnings from outside in force, CAP or Chinese colours, one answer an event and place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from data.alarms.conditions.verdict import Verdict
from data.alarms.conditions.words import both
from data.alarms.facts import Facts, Warned
from data.catalogue import alarm_entries

COLOURS = {1: both("红色", "red"), 2: both("橙色", "orange"), 3: both("黄色", "yellow"),
           4: both("蓝色", "blue")}  # fmt: skip
_COLOUR = re.compile(
    r"[红橙黄蓝]色|\b(?:red|orange|yellow|blue)\b|(?:预警)?信号|预警|\bwarning\b", re.I
)


def kind_of(event: str) -> str:
    """Return what a warning is about without its colour, so that a graver one is the same alarm."""
    bare = " ".join(_COLOUR.sub(" ", event).split())
    return (bare or event.strip() or "warning")[:100]


def meant(condition: alarm_entries.Warned, warning: Warned) -> bool:
    """Return whether a warning is grave enough and of an event that is asked for."""
    if (warning.level or 4) > condition.level:
        return False
    text = f"{warning.event} {warning.headline}".lower()
    return not condition.events or any(word.lower() in text for word in condition.events)


def judge(
    condition: alarm_entries.Warned, facts: Facts, where: str, county_of: Mapping[str, str]
) -> Iterator[Verdict]:
    """Yield one answer an event and place: of the gravest warning, the newest among equals.

    where: county tells each county named, the city where all of it is named; city tells the city
    once. county_of: area code -> the county it lies in; others are not ours.
    """
    found: dict[tuple[str, str], list[Warned]] = {}
    for warning in facts.warnings:
        if meant(condition, warning):
            for place in _places(warning, where, facts.city, county_of):
                found.setdefault((place, kind_of(warning.event)), []).append(warning)
    for (place, kind), warnings in found.items():
        yield _one(place, kind, warnings, facts)


def _places(warning: Warned, where: str, city: str, county_of: Mapping[str, str]) -> Sequence[str]:
    if where == "city" or city in warning.areas:
        return (city,)
    return sorted({county_of[a] for a in warning.areas if a in county_of})


def _one(place: str, kind: str, warnings: list[Warned], facts: Facts) -> Verdict:
    first = min(warnings, key=lambda w: (w.level or 4, -w.effective.timestamp(), w.identifier))
    level = first.level or 4
    colour, headline = COLOURS[level], first.headline or first.event
    return Verdict(
        True,
        min(min(w.effective for w in warnings), facts.now),
        both(headline, f"{colour['en']} warning in force: {headline}"),
        float(level),
        None,
        area=place,
        object=kind,
        priority=level,
        cause=f"warning:{first.identifier}"[:160],
        evidence={
            "kind": "warning",
            "warnings": [
                {
                    "identifier": w.identifier,
                    "source": w.source,
                    "level": w.level,
                    "event": w.event,
                    "headline": w.headline,
                    "effective": w.effective.timestamp(),
                    "expires": w.expires.timestamp() if w.expires else None,
                    "areas": sorted(w.areas),
                }
                for w in warnings
            ],
        },
    )
