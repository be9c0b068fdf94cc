"""Which supervision cards a delay calls for. Pure: the rungs are data, the time is an argument.

No card comes from what the system itself calls late: a mirrored case whose platform has gone
quiet is left alone, and so is one whose mark is appealed against or whose clock is stopped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from data.catalogue.loop_entries import Rung
from data.vocabulary import CaseState, Colour, Holder


@dataclass(frozen=True)
class Watched:
    """An open case as the ladder sees it.

    trusted: it is led here, or its platform is heard. carded: codes of the rungs that
    have raised a card already; marked: the gravest colour of these. steps: (done, all)
    of its procedure and tasks.
    """

    id: int
    department: str
    state: CaseState
    holder: Holder
    start: datetime
    due_at: datetime | None
    trusted: bool = True
    carded: frozenset[str] = frozenset()
    marked: int = Colour.NONE
    appealed: bool = False
    steps: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Raised:
    """One card to raise: for which case and department, by which rung, on what grounds."""

    case_id: int
    department: str
    rung: Rung
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def colour(self) -> Colour:
        """The colour of its rung."""
        return self.rung.colour


def cards(
    watched: Iterable[Watched],
    rungs: Iterable[Rung],
    overdue_before: Mapping[str, int],
    now: datetime,
) -> list[Raised]:
    """Return the cards to raise now, each case's gravest only of the rungs it newly meets.

    Args:
        watched: open cases.
        rungs: the ladder as it is valid now.
        overdue_before: by "department/rung code", the cases that went over their limit within
            the days of the rung, and since its last card.
        now: aware instant.
    """
    found: list[Raised] = []
    steps, told = tuple(rungs), dict(overdue_before)
    for case in watched:
        if not case.trusted or case.appealed or case.holder is Holder.SUSPENDED:
            continue
        met = [r for r in _met(case, steps, told, now) if _graver(r, case)]
        if met:
            gravest = max(met, key=lambda r: r.colour)
            found.append(gravest)
            if gravest.rung.within_days:  # one card counts the whole lot, not each case again
                told[f"{case.department}/{gravest.rung.code}"] = 0
    return found


def _graver(raised: Raised, case: Watched) -> bool:
    """Return whether a card says more than those the case has had."""
    return raised.colour > case.marked and raised.rung.code not in case.carded


def _met(
    case: Watched, rungs: tuple[Rung, ...], before: Mapping[str, int], now: datetime
) -> Iterator[Raised]:
    if case.due_at is None:
        return
    whole = (case.due_at - case.start).total_seconds()
    left = (case.due_at - now).total_seconds()
    for rung in rungs:
        evidence = _grounds(case, rung, whole, left, before)
        if evidence is not None:
            common = {"due_at": case.due_at.isoformat(), "at": now.isoformat()}
            yield Raised(case.id, case.department, rung, common | evidence)


def _grounds(
    case: Watched, rung: Rung, whole: float, left: float, before: Mapping[str, int]
) -> dict[str, Any] | None:
    """Return on what grounds a case stands on a rung, None if it does not."""
    if rung.when == "before_due":
        soon = 0 < left <= rung.threshold * whole
        return {"left_s": int(left)} if soon else None
    if rung.when == "overdue":
        late = left <= 0 and -left >= rung.threshold * whole
        return {"over_s": int(-left)} if late else None
    if rung.when == "overdue_repeated":
        times = before.get(f"{case.department}/{rung.code}", 0)
        again = left <= 0 and times >= rung.threshold
        return {"times": times, "within_days": rung.within_days} if again else None
    done, every = case.steps
    if not every or left <= 0 or whole <= 0:
        return None
    gap = 100 * (1 - left / whole) - 100 * done / every
    return {"gap": round(gap, 1), "done": done, "steps": every} if gap > rung.threshold else None
