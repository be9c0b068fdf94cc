"""Looks at the clocks of open cases: once a minute, and at each moment one of them is due.

That a limit passed is no event: the clock's row says it for good, and an event would count the
case a version up under the hands of whoever writes on it. The desks and the board are told.
"""

from __future__ import annotations

from datetime import datetime

from data.catalogue import Catalogue
from data.commands.alarms import tick
from data.logs import logger
from data.queries.clocks import Crossed, crossed, next_due
from data.queries.keys import read_keys
from data.store import Store

log = logger("clocks")

EVERY_S, SOONEST_S = 60.0, 1.0


class ClockWatch:
    """Remembers up to when it looked, so that no limit passes between two looks."""

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self.store, self.catalogue = store, catalogue
        self._until: datetime | None = None
        self.passed: list[Crossed] = []
        """What passed at the last look."""

    def look(self, now: datetime) -> float:
        """Tell the screens of the limits that passed; return the seconds to the next look.

        The first look tells nothing: the panels were made knowing what is late already.
        """
        since, self._until = self._until or now, max(now, self._until or now)
        with self.store.read() as conn:
            self.passed = list(crossed(conn, since=since, now=now)) if since < now else []
            following = next_due(conn, now=now)
        if self.passed:
            self._tell(now)
        if following is None:
            return EVERY_S
        return min(EVERY_S, max(SOONEST_S, (following - now).total_seconds()))

    def _tell(self, now: datetime) -> None:
        numbers = [x.case_no for x in self.passed]
        with self.store.write() as conn:
            tick.publish_moved(
                conn,
                self.catalogue,
                read_keys(conn),
                numbers,
                {x.county_id for x in self.passed if x.matter},
                now,
                matter=any(x.matter for x in self.passed),
            )
        whole = sum(1 for x in self.passed if x.whole)
        log.info("limits passed", cases=whole, stages=len(numbers) - whole)
