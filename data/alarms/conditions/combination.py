"""Several conditions in one area within some minutes of each other, across domains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from data.alarms.conditions.verdict import Verdict, unknown
from data.alarms.conditions.words import both
from data.alarms.facts import AHEAD, age_s
from data.catalogue.alarm_entries import Combination
from data.vocabulary import Names

QUIET = Names(zh="条件不成立", en="the conditions do not hold")
PARTS = Names(zh="项", en="conditions")


@dataclass(frozen=True)
class Part:
    """One condition in the area. holds: now, None unknown. last_held: before, None never noted."""

    holds: bool | None
    verdict: Verdict | None
    last_held: datetime | None = None


def part_of(verdicts: Sequence[Verdict], last_held: datetime | None) -> Part:
    """Return one condition from all it says in an area: it holds where one thing does."""
    yes = [v for v in verdicts if v.holds]
    if yes:
        return Part(True, min(yes, key=lambda v: (v.priority or 4, -len(v.evidence))), last_held)
    dark = [v for v in verdicts if v.holds is None]
    first = next(iter(dark or verdicts), None)
    return Part(None if dark else False, first, last_held)


def counts(part: Part, minutes: int, now: datetime) -> bool | None:
    """Return whether a part counts: it holds, or held within the minutes; None: unknown."""
    if part.holds:
        return True
    held = part.last_held
    if held is not None and held <= now + AHEAD and age_s(held, now) <= minutes * 60:
        return True
    return part.holds


def judge(condition: Combination, parts: Sequence[Part], *, area: str, now: datetime) -> Verdict:
    """Return whether enough parts hold together; one that is unknown is neither yes nor no."""
    need = condition.at_least or len(condition.of)
    told = [counts(part, condition.minutes, now) for part in parts]
    yes, dark = sum(1 for t in told if t), sum(1 for t in told if t is None)
    evidence = _evidence(condition, parts, told)
    if yes < need <= yes + dark:
        found = unknown("no_data", now, area=area)
        return Verdict(None, now, found.said, area=area, doubt="no_data", evidence=evidence)
    held = [p.verdict for p, t in zip(parts, told, strict=True) if t and p.verdict]
    since = max((v.at for v in held), default=now)
    causes = [v.cause for v in held if v.cause.startswith("warning:")]
    return Verdict(
        yes >= need, min(since, now), _said(held), float(yes), float(need), PARTS, area=area,
        cause=causes[0] if causes else "", evidence=evidence,
    )  # fmt: skip


def quiet(holds: Sequence[bool | None], area: str, now: datetime) -> Verdict:
    """Return that it does not hold, where too many parts do not to look any closer."""
    parts = [{"holds": one} for one in holds]
    return Verdict(False, now, QUIET, area=area, evidence={"kind": "combination", "parts": parts})


def _said(held: Sequence[Verdict]) -> Names:
    return both("；".join(v.said["zh"] for v in held), "; ".join(v.said["en"] for v in held))


def _evidence(
    condition: Combination, parts: Sequence[Part], told: Sequence[bool | None]
) -> dict[str, object]:
    return {
        "kind": "combination",
        "need": condition.at_least or len(condition.of),
        "minutes": condition.minutes,
        "parts": [
            {
                "holds": part.holds,
                "counts": count,
                "last_held": part.last_held.timestamp() if part.last_held else None,
                "said": part.verdict.said if part.verdict else None,
                **(dict(part.verdict.evidence) if part.verdict else {"kind": of.kind}),
            }
            for part, count, of in zip(parts, told, condition.of, strict=True)
        ],
    }


def memory_key(rule: str, area: str, place: int) -> str:
    """Return the key under which it is noted when a part last held."""
    return f"{rule}|{area}|#{place}"


def remembered(minutes: int, last: datetime, now: datetime) -> bool:
    """Return whether a note is still of use."""
    return now - last <= timedelta(minutes=minutes)
