"""Notices when the clock on the wall jumps: it is held against one that never does."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from data.logs import logger
from data.queries.alarms.marks import JUMP, leave_mark
from data.store import Store

log = logger("clock")

LEAST_S = 60.0
"""A clock that is set by NTP moves by less; so does one that waited for a slow store."""


class ClockJump:
    """Remembers both clocks of the last look."""

    def __init__(self, store: Store, steady: Callable[[], float] = time.monotonic) -> None:
        """Take `steady` for the clock that never jumps."""
        self.store, self.steady = store, steady
        self._last: tuple[datetime, float] | None = None

    def look(self, now: datetime) -> float:
        """Leave a mark in the store if the clock jumped; return by how many seconds, 0: it did not.

        Work on sources goes on: it is timed by the steady clock.
        """
        steady = self.steady()
        before, self._last = self._last, (now, steady)
        if before is None:
            return 0.0
        jump = (now - before[0]).total_seconds() - (steady - before[1])
        if abs(jump) < LEAST_S:
            return 0.0
        log.error("the clock jumped", seconds=round(jump))
        with self.store.write() as conn:
            leave_mark(conn, JUMP, {"at": now.timestamp(), "seconds": round(jump)})
        return jump
