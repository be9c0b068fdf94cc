"""What belongs together: alarms of one cause are one situation, the gravest leads, others fold.

An alarm joins at most one situation, by the strongest tie it has, in this order: the same cause
(one warning over many areas, one source that fell silent), a combination rule and what it is made
of, bursts of calls near each other, the same place and subject within minutes. Alarms of different
subjects in one place are not tied by place and time alone, nor is one of the gravest. What a person
put in or took out of a situation stays so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from data import geo
from data.catalogue.alarm_entries import AlarmRule, Cases, Combination, Simple, Warned
from data.vocabulary.terms import Names

PLACE = timedelta(minutes=15)
"""Alarms of one subject in one place belong together when one follows another within this."""
NEAR = timedelta(minutes=30)
NEAR_M = 2000.0
"""Bursts of calls within this distance and time are of one thing."""
GRAVEST = 1
"""An alarm of this priority is folded by what it is about, never by place and time alone."""
LONGEST = timedelta(hours=2)
"""A situation that place and time made takes nothing in later than this after it began."""


class Tie(StrEnum):
    """What put an alarm into its situation. APART: a person took it out."""

    CAUSE = "cause"
    COMBINATION = "combination"
    NEAR = "near"
    PLACE = "place"
    HAND = "hand"
    APART = "apart"


BY_PERSON = frozenset({Tie.HAND, Tie.APART})

WHY: Mapping[Tie, Names] = {
    Tie.CAUSE: {"zh": "起因相同", "en": "Same cause"},
    Tie.COMBINATION: {"zh": "属于同一组合规则", "en": "Part of one combination rule"},
    Tie.NEAR: {
        "zh": f"{NEAR_M / 1000:g} 公里、{NEAR.seconds // 60} 分钟内的诉求聚集",
        "en": f"Bursts of calls within {NEAR_M / 1000:g} km and {NEAR.seconds // 60} min",
    },
    Tie.PLACE: {
        "zh": f"同一地区、同一领域，相隔不超过 {PLACE.seconds // 60} 分钟",
        "en": f"Same area and domain, within {PLACE.seconds // 60} min of each other",
    },
    Tie.HAND: {"zh": "人工归并", "en": "Grouped by hand"},
    Tie.APART: {"zh": "人工移出", "en": "Taken out by hand"},
}
CAUSES: Mapping[str, Names] = {
    "warning": {"zh": "同一条外部预警", "en": "The same external warning"},
    "source": {"zh": "同一数据源中断", "en": "The same source fell silent"},
}
"""What a cause is, by the word before its colon."""


def why(tie: Tie, cause: str) -> Names:
    """Return in words what ties an alarm to its situation."""
    if tie is Tie.CAUSE:
        return CAUSES.get(cause.partition(":")[0], WHY[tie])
    return WHY[tie]


@dataclass(frozen=True)
class Facts:
    """What grouping needs of a rule. parts: the rules a combination is made of."""

    domain: str | None = None
    burst: bool = False
    parts: frozenset[str] = frozenset()
    within: timedelta = timedelta(0)


@dataclass(frozen=True)
class Member:
    """An open alarm as grouping sees it. area: code. point: lon, lat in WGS-84 degrees."""

    id: int
    rule: str
    area: str
    cause: str
    priority: int
    raised_at: datetime
    situation: int | None = None
    tie: Tie | None = None
    point: tuple[float, float] | None = None


@dataclass(frozen=True)
class Joined:
    """One alarm of a situation and what put it there. new: it was in none before."""

    member: Member
    tie: Tie
    new: bool


@dataclass
class Group:
    """A situation with what joined it now. id None: it begins now. cause: its name for good."""

    id: int | None
    cause: str
    first_at: datetime
    members: list[Joined] = field(default_factory=list)

    @property
    def grown(self) -> bool:
        """Whether something joined it."""
        return any(j.new for j in self.members)

    @property
    def lead(self) -> Member:
        """Return the gravest, the earliest of those."""
        return leading(j.member for j in self.members)


def leading(members: Iterable[Member]) -> Member:
    """Return which alarm stands for a situation: the gravest, of those the earliest."""
    return min(members, key=lambda x: (x.priority, x.raised_at, x.id))


def area_of(areas: Iterable[str], city: str) -> str:
    """Return the area of a situation: the one they all lie in, else the city."""
    found = set(areas)
    return found.pop() if len(found) == 1 else city


def facts_of(rules: Iterable[AlarmRule]) -> dict[str, Facts]:
    """Return what grouping needs of each rule, by code."""
    every = list(rules)
    return {rule.code: _facts(rule, every) for rule in every}


def _facts(rule: AlarmRule, every: Sequence[AlarmRule]) -> Facts:
    condition = rule.condition
    burst = isinstance(condition, Cases) and condition.measure == "burst"
    if not isinstance(condition, Combination):
        return Facts(rule.domain, burst)
    parts = frozenset(
        other.code for other in every if any(_about(other, part) for part in condition.of)
    )
    return Facts(rule.domain, burst, parts, timedelta(minutes=max(condition.minutes, 1)))


def _about(rule: AlarmRule, part: Simple) -> bool:
    """Return whether a rule looks at the same thing as one part of a combination."""
    own = rule.condition
    if own.kind != part.kind:
        return False
    if isinstance(own, Warned) and isinstance(part, Warned):
        return not own.events or not part.events or bool(set(own.events) & set(part.events))
    if isinstance(own, Cases) and isinstance(part, Cases):
        alike = not own.categories or not part.categories
        return alike or bool(set(own.categories) & set(part.categories))
    named = [getattr(x, "indicator", None) or getattr(x, "source", None) for x in (own, part)]
    return named[0] == named[1]


def group(
    fresh: Sequence[Member], standing: Iterable[Member], rules: Mapping[str, Facts]
) -> list[Group]:
    """Return the situations that something joined, each with those who were in it before.

    fresh: raised now, in any order. standing: all others that are open. Nothing is moved from one
    situation to another.
    """
    table = _Table(rules)
    for member in sorted(standing, key=_order):
        table.seat(member)
    for member in sorted(fresh, key=_order):
        table.join(member)
    return [g for g in table.groups if g.grown and len(g.members) > 1]


def _order(member: Member) -> tuple[datetime, int]:
    return (member.raised_at, member.id)


class _Table:
    """Who sits where. Looked up by what ties alarms, so that ten thousand need no pairs."""

    def __init__(self, rules: Mapping[str, Facts]) -> None:
        self.rules = rules
        self.groups: list[Group] = []
        self._known: dict[int, Group] = {}
        self._of: dict[int, Group] = {}
        self._cause: dict[str, Member] = {}
        self._rule: dict[tuple[str, str], Member] = {}
        self._place: dict[tuple[str, str | None], Member] = {}
        self._bursts: dict[tuple[int, int], list[Member]] = {}
        self._made_of: dict[str, list[str]] = {}
        for code, facts in rules.items():
            for part in facts.parts:
                self._made_of.setdefault(part, []).append(code)

    def seat(self, member: Member) -> None:
        """Take in an alarm that stood before."""
        if member.tie is Tie.APART:
            return
        if member.situation is not None:
            found = self._known.get(member.situation)
            if found is None:
                found = self._begin(member.situation, "", member.raised_at)
                self._known[member.situation] = found
            found.members.append(Joined(member, member.tie or Tie.CAUSE, new=False))
            self._of[member.id] = found
        self._note(member)

    def join(self, member: Member) -> None:
        """Take in a new alarm: with the first it is tied to, the strongest tie first."""
        if member.tie not in BY_PERSON:
            for find in (self._by_cause, self._by_combination, self._by_burst, self._by_place):
                found = find(member)
                if found is not None:
                    self._together(member, *found)
                    break
        self._note(member)
        self._pull_parts(member)

    def _note(self, member: Member) -> None:
        facts = self.rules.get(member.rule, Facts())
        if member.cause:
            self._cause.setdefault(member.cause, member)
        self._rule[member.rule, member.area] = member
        if facts.domain is not None:
            self._place[member.area, facts.domain] = member
        if facts.burst and member.point is not None:
            self._bursts.setdefault(_cell(member.point), []).append(member)

    def _begin(self, id_: int | None, cause: str, at: datetime) -> Group:
        found = Group(id_, cause, at)
        self.groups.append(found)
        return found

    def _together(self, member: Member, other: Member, tie: Tie, cause: str) -> None:
        found = self._of.get(other.id)
        if found is None:
            found = self._begin(None, cause, other.raised_at)
            found.members.append(Joined(other, tie, new=True))
            self._of[other.id] = found
        found.members.append(Joined(member, tie, new=True))
        self._of[member.id] = found

    def _by_cause(self, member: Member) -> tuple[Member, Tie, str] | None:
        other = self._cause.get(member.cause) if member.cause else None
        return (other, Tie.CAUSE, member.cause) if other is not None else None

    def _by_combination(self, member: Member) -> tuple[Member, Tie, str] | None:
        """Find the combination in this place that the alarm is a part of."""
        for code in self._made_of.get(member.rule, ()):
            other = self._rule.get((code, member.area))
            if other is not None and self._in_time(member, other, self.rules[code].within):
                return other, Tie.COMBINATION, f"combination:{code}|{member.area}"
        return None

    def _pull_parts(self, member: Member) -> None:
        """Fold the parts that stand alone under a combination that was raised now."""
        facts = self.rules.get(member.rule, Facts())
        cause = f"combination:{member.rule}|{member.area}"
        for code in sorted(facts.parts):
            other = self._rule.get((code, member.area))
            if other is None or other.id == member.id or other.id in self._of:
                continue
            if other.tie not in BY_PERSON and self._in_time(other, member, facts.within):
                self._together(other, member, Tie.COMBINATION, cause)

    def _by_burst(self, member: Member) -> tuple[Member, Tie, str] | None:
        facts = self.rules.get(member.rule, Facts())
        if not facts.burst or member.point is None:
            return None
        x, y = _cell(member.point)
        for other in (
            o for i in (-1, 0, 1) for j in (-1, 0, 1) for o in self._bursts.get((x + i, y + j), ())
        ):
            lon, lat = other.point or member.point
            close = geo.metres(*member.point, lon, lat) <= NEAR_M
            if close and self._may_grow(member, other, NEAR):
                return other, Tie.NEAR, f"near:{lon:.3f},{lat:.3f}"
        return None

    def _by_place(self, member: Member) -> tuple[Member, Tie, str] | None:
        if member.priority == GRAVEST:
            return None
        domain = self.rules.get(member.rule, Facts()).domain
        other = self._place.get((member.area, domain)) if domain is not None else None
        if other is None or not self._may_grow(member, other, PLACE):
            return None
        return other, Tie.PLACE, f"place:{domain}|{member.area}"

    def _in_time(self, member: Member, other: Member, within: timedelta) -> bool:
        return abs(member.raised_at - other.raised_at) <= within

    def _may_grow(self, member: Member, other: Member, within: timedelta) -> bool:
        """Return whether time ties them, and their situation did not begin too long ago."""
        found = self._of.get(other.id)
        young = found is None or member.raised_at - found.first_at <= LONGEST
        return young and self._in_time(member, other, within)


_CELL = 0.05
"""Degrees: more than NEAR_M both ways where the city lies."""


def _cell(point: tuple[float, float]) -> tuple[int, int]:
    return int(point[0] // _CELL), int(point[1] // _CELL)
