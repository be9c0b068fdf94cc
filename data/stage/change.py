"""The one change that would lower the stage: the fewest things that would have to end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from data.stage.judge import CALM, Fired, Ground, Judged, fires

SEARCHED, AMONG = 3_000, 40
"""Sets that are tried at the most for a smaller one than the one found first; and among so many
alarms only: in a flood nobody waits for a proof."""


@dataclass(frozen=True)
class Change:
    """What would have to end for the rules to ask for less.

    grounds: all of these together. leads_to: the stage the rules would then ask for. single:
    one change would do, the end of one alarm or of one cause. cause: which, if it is a cause of
    several. smallest: no smaller set of alarms would do (proved, not guessed).
    """

    grounds: tuple[Ground, ...]
    leads_to: int
    single: bool
    smallest: bool
    cause: str = ""


def lowering(judged: Judged) -> Change | None:
    """Return the smallest change that lowers the minimum, None when no rule fires.

    Tried in this order: the end of one alarm, the end of one cause (a warning with all of its
    alarms), else the fewest alarms that are enough together.
    """
    if not judged.fired:
        return None
    top = judged.top
    one = _one_ground(top)
    if one is not None:
        return _made(judged, [one], single=True, smallest=True)
    cause = _one_cause(top)
    fewest, proved = _fewest(top)
    if cause is not None:
        return _made(judged, _caused(top, cause), single=True, smallest=False, cause=cause)
    return _made(judged, fewest, single=False, smallest=proved)


def without(judged: Judged, gone: Collection[str]) -> int:
    """Return the minimum if the grounds with these keys were over."""
    left = (
        f.rule.stage
        for f in judged.fired
        if fires(f.rule, [g for g in f.grounds if g.key not in gone])
    )
    return max(left, default=CALM)


def _made(
    judged: Judged, gone: Sequence[Ground], *, single: bool, smallest: bool, cause: str = ""
) -> Change:
    leads_to = without(judged, {g.key for g in gone})
    return Change(tuple(gone), leads_to, single, smallest, cause)


def _likeliest(grounds: Iterable[Ground]) -> list[Ground]:
    """Return grounds in the order in which they are named: the least grave, then the newest."""
    return sorted(grounds, key=lambda g: (-g.priority, -g.since.timestamp(), g.key))


def _stops(rule: Fired, gone: Collection[str]) -> bool:
    return not fires(rule.rule, [g for g in rule.grounds if g.key not in gone])


def _one_ground(top: Sequence[Fired]) -> Ground | None:
    """Return one alarm without which none of these rules fires."""
    shared = set.intersection(*({g.key for g in f.grounds} for f in top))
    vital = [_vital(f) for f in top]
    for ground in _likeliest(g for g in top[0].grounds if g.key in shared):
        if all(ground.key in v for v in vital):
            return ground
    return None


def _vital(fired: Fired) -> set[str]:
    """Return the grounds that a rule cannot spare, each by itself."""
    rule, grounds = fired.rule, fired.grounds
    units, here = Counter(g.unit for g in grounds), Counter(g.county for g in grounds if g.county)
    scarce = len(units) == rule.count
    narrow = bool(rule.counties) and len(here) == rule.counties
    return {
        g.key
        for g in grounds
        if (scarce and units[g.unit] == 1) or (narrow and g.county and here[g.county] == 1)
    }


def _one_cause(top: Sequence[Fired]) -> str | None:
    """Return one cause whose end stops all of these rules, None if none does."""
    causes = set.intersection(*({g.cause for g in f.grounds if g.cause} for f in top))
    for cause in sorted(causes):
        if all(_stops(f, {g.key for g in f.grounds if g.cause == cause}) for f in top):
            return cause
    return None


def _caused(top: Sequence[Fired], cause: str) -> list[Ground]:
    found = {g.key: g for f in top for g in f.grounds if g.cause == cause}
    return _likeliest(found.values())


def _fewest(top: Sequence[Fired]) -> tuple[list[Ground], bool]:
    """Return few grounds whose end stops all rules, and whether fewer are proved not to do.

    One rule by itself is counted exactly. Several that share alarms: each in turn, what is not
    needed left out again, then smaller sets are tried while there are not too many of them.
    """
    least = max(len(_cheapest(f, set())) for f in top)
    found = _needed(top, _greedy(top))
    if len(found) == least:
        return found, True
    every = _likeliest({g.key: g for f in top for g in f.grounds}.values())
    if len(every) > AMONG:
        return found, False
    tried = 0
    for size in range(least, len(found)):
        for chosen in combinations(every, size):
            tried += 1
            if tried > SEARCHED:
                return found, False
            keys = {g.key for g in chosen}
            if all(_stops(f, keys) for f in top):
                return list(chosen), True
    return found, True


def _greedy(top: Sequence[Fired]) -> list[Ground]:
    gone: dict[str, Ground] = {}
    for fired in sorted(top, key=lambda f: -len(_cheapest(f, set()))):
        gone |= {g.key: g for g in _cheapest(fired, gone)}
    return _likeliest(gone.values())


def _needed(top: Sequence[Fired], found: list[Ground]) -> list[Ground]:
    """Leave out, the gravest first, what the others can do without."""
    left = list(found)
    for ground in reversed(found):
        fewer = [g for g in left if g.key != ground.key]
        if all(_stops(f, {g.key for g in fewer}) for f in top):
            left = fewer
    return left


def _cheapest(fired: Fired, gone: Collection[str]) -> list[Ground]:
    """Return the fewest further grounds whose end stops one rule, `gone` being over."""
    rule = fired.rule
    left = _likeliest(g for g in fired.grounds if g.key not in gone)
    if not fires(rule, left):
        return []
    by_count = _emptied(left, [g.unit for g in left], rule.count)
    if not rule.counties:
        return by_count
    by_county = _emptied(left, [g.county for g in left], rule.counties)
    return min(by_count, by_county, key=len)


def _emptied(grounds: Sequence[Ground], groups: Sequence[str | None], enough: int) -> list[Ground]:
    """Return the fewest grounds without which fewer than `enough` groups are left."""
    own: dict[str, list[Ground]] = {}
    for ground, group in zip(grounds, groups, strict=True):
        if group is not None:
            own.setdefault(group, []).append(ground)
    small = sorted(own.values(), key=len)
    return [g for group in small[: len(own) - enough + 1] for g in group]
