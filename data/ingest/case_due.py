"""When is a case due that comes without a due time? As the clock of its duty counts. Fast."""

from __future__ import annotations

from datetime import date, datetime

from data.cases.clocks import due_at
from data.catalogue import Catalogue
from data.catalogue.clock_rule import ClockRule
from data.vocabulary import LOCAL

Limits = dict[tuple[str, int, date], tuple[ClockRule, datetime | None]]
"""What was found so far, of one catalogue: category, level of area, local day of the report ->
the rule, and the due time where it is the same for all that day."""


def due_by_duty(
    catalogue: Catalogue, category: str, level: int, reported_at: datetime, limits: Limits
) -> datetime:
    """Return the due time by the whole-case clock of the duty.

    A clock of working days that begins with the next day is counted once a day, not once a case.

    Raises:
        KeyError: no such category.
    """
    key = (category, level, reported_at.astimezone(LOCAL).date())
    if key not in limits:
        duty = catalogue.duty_of(category, level, reported_at)
        rule = catalogue.clock(duty.clocks.total, reported_at)
        whole = rule.by_days and rule.count_from == "next_day"
        limits[key] = rule, due_at(rule, reported_at, catalogue.calendar) if whole else None
    rule, same = limits[key]
    return same or due_at(rule, reported_at, catalogue.calendar)
