"""Who held a case, second by second: every one belongs to exactly one holder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from data.cases.standing import HOLDER_OF, Event
from data.vocabulary import CaseState, Holder


@dataclass(frozen=True)
class Hold:
    """One stretch [start, end) with one holder; department: the one that led meanwhile."""

    holder: Holder
    department: str | None
    start: datetime
    end: datetime

    @property
    def time(self) -> timedelta:
        """Return how long it was."""
        return self.end - self.start


def holding(events: Iterable[Event], now: datetime) -> list[Hold]:
    """Return who held the case from its first event until `now`, oldest first, without a gap.

    After the end of a case NOBODY holds it. Events after `now` do not count;
    one that is told with an earlier time than the one before it counts from
    that one on. Neighbours with the same holder are one stretch.
    """
    found: list[Hold] = []
    holder, department, since = Holder.CENTRE, None, None
    for event in events:
        if event.at > now:
            break
        at = event.at if since is None else max(since, event.at)
        _add(found, holder, department, since, at)
        since = at
        holder, department = _after(event, holder, department)
    _add(found, holder, department, since, now)
    return found


def _after(event: Event, holder: Holder, department: str | None) -> tuple[Holder, str | None]:
    if event.holder is not None:
        return event.holder, event.department
    state: CaseState | None = event.to_state
    return (HOLDER_OF[state] if state else holder), event.department or department


def _add(
    found: list[Hold],
    holder: Holder,
    department: str | None,
    start: datetime | None,
    end: datetime,
) -> None:
    if start is None or end <= start:
        return
    last = found[-1] if found else None
    if last and (last.holder, last.department) == (holder, department):
        found[-1] = replace(last, end=end)
    else:
        found.append(Hold(holder, department, start, end))


def sums(holds: Iterable[Hold]) -> dict[tuple[Holder, str | None], timedelta]:
    """Return the time by holder and department, in the order in which they came first.

    Of one department: (DEPARTMENT, it) is its own work, (APPROVER, it) and
    (CENTRE, it) what it waited for, (SUSPENDED, it) approved suspension.
    """
    found: dict[tuple[Holder, str | None], timedelta] = {}
    for hold in holds:
        key = (hold.holder, hold.department)
        found[key] = found.get(key, timedelta()) + hold.time
    return found
