"""The least stage that the rules ask for now, and what makes each of them fire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from data.catalogue.alarm_entries import StageRule
from data.vocabulary import Names

CALM = 1
"""The stage when no rule fires."""


@dataclass(frozen=True)
class Ground:
    """One thing that holds now and may make a rule fire: an active alarm, or a reading.

    key: identity, unique among all grounds of a look. rule: of the alarm. county: code, None: the
    whole city, which counts for no county. cause: what ends it together with others, "" none
    known. alarm: its row. refs: plain JSON for links (cases, warnings, indicators). system: it is
    about the system or its sources, not about the city.
    """

    key: str
    rule: str
    county: str | None
    priority: int
    since: datetime
    title: Names
    said: Names
    cause: str = ""
    alarm: int | None = None
    refs: Mapping[str, Any] = field(default_factory=dict)
    system: bool = False

    @property
    def unit(self) -> str:
        """Return what it is counted as: alarms of one cause are one thing in many places."""
        return self.cause or self.key


@dataclass(frozen=True)
class Fired:
    """A rule that fires, with every ground that counts for it, the gravest and oldest first."""

    rule: StageRule
    grounds: tuple[Ground, ...]


@dataclass(frozen=True)
class Judged:
    """What the rules say now. minimum: 1 if none fires; fired: the gravest stage first."""

    minimum: int
    fired: tuple[Fired, ...]

    @property
    def top(self) -> tuple[Fired, ...]:
        """Return the rules that ask for the minimum: all of them must stop to lower it."""
        return tuple(f for f in self.fired if f.rule.stage == self.minimum)


def judge(
    rules: Iterable[StageRule],
    alarms: Sequence[Ground],
    own: Mapping[str, Sequence[Ground]] | None = None,
) -> Judged:
    """Return the least stage asked for.

    Args:
        rules: those in force.
        alarms: every open, active alarm that counts.
        own: what holds of a rule's own condition, by the rule's code.
    """
    fired = []
    for rule in rules:
        counted = (own or {}).get(rule.code, ()) if rule.condition else alarms
        grounds = [g for g in counted if rule.condition or counts(rule, g)]
        if fires(rule, grounds):
            grounds.sort(key=lambda g: (g.priority, g.since, g.key))
            fired.append(Fired(rule, tuple(grounds)))
    fired.sort(key=lambda f: (-f.rule.stage, f.rule.code))
    return Judged(max((f.rule.stage for f in fired), default=CALM), tuple(fired))


def counts(rule: StageRule, ground: Ground) -> bool:
    """Return whether an alarm counts for a rule; one of the system only if it is named."""
    named = ground.rule in rule.rules if rule.rules else not ground.system
    return named and ground.priority <= rule.priority


def fires(rule: StageRule, grounds: Sequence[Ground]) -> bool:
    """Return whether so many things, in so many counties, are enough for a rule.

    One warning that covers eight counties is one thing in eight counties, not eight things.
    """
    if len({g.unit for g in grounds}) < rule.count:
        return False
    return not rule.counties or len({g.county for g in grounds if g.county}) >= rule.counties
