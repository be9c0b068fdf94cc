"""Legal limits of the hotline: working days as the clocks of the catalogue count them.

Its tickets are told without a due time: who takes them in must count for itself, to the same end.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import numpy as np

from data.cases.clocks import due_at
from data.catalogue import catalogue
from data.simulate.kinds import kinds
from data.simulate.rhythm import DAY_S, OFFSET_S, midnight

CALLING = "hotline"
_COUNTY = 2


@lru_cache(maxsize=1)
def legal_kinds() -> frozenset[int]:
    """Return the numbers of the kinds whose limit is a legal one: plain hotline tickets."""
    known = catalogue().categories
    return frozenset(
        n for n, k in enumerate(kinds()) if k.source == CALLING and not known[k.category].matter
    )


def due_of(kind: np.ndarray, created: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """Return when each request is due, epoch seconds; `usual` where no legal limit counts."""
    due = usual.copy()
    day = (created + OFFSET_S) // DAY_S
    for number in legal_kinds().intersection(np.unique(kind).tolist()):
        of_kind = kind == number
        for one in np.unique(day[of_kind]).tolist():
            mine = of_kind & (day == one)
            end, runs_on = _of_day(number, one)
            start = midnight(one + _EPOCH)
            due[mine] = end + (created[mine] - start if runs_on else 0)
    return due


_EPOCH = date(1970, 1, 1).toordinal()


@lru_cache(maxsize=8192)
def _of_day(number: int, day: int) -> tuple[int, bool]:
    """Return when what is reported as a local day (since 1970) begins is due.

    And whether what is reported later on that day is due as much later: hours that run at once
    do so on a counted day; whole days do not.
    """
    facts, category = catalogue(), kinds()[number].category
    start = datetime.fromtimestamp(midnight(day + _EPOCH), UTC)
    rule = facts.clock(facts.duty_of(category, _COUNTY, start).clocks.total, start)
    if rule.by_days:
        return int(due_at(rule, start, facts.calendar).timestamp()), False
    off = facts.calendar.is_off(date.fromordinal(day + _EPOCH), rule.kind)
    if off:
        return int(due_at(rule, start, facts.calendar).timestamp()), False
    second = timedelta(seconds=1)
    return int(due_at(rule, start + second, facts.calendar).timestamp()) - 1, True
