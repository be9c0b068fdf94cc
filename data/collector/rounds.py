"""What the collector goes round by: a source's polls, and its own regular chores."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from data.catalogue.entries import Source
from data.collector.fetch import Fetched, Fetcher
from data.ingest.run import Outcome

RETRY_S = 15.0
"""Until a source that failed is asked again; each time twice as long."""


@dataclass
class Poll:
    """One source's place in the round. Times on the monotonic clock."""

    source: Source
    fetcher: Fetcher
    due: float = 0.0
    running: Future[list[Fetched]] | None = None
    fetched: list[Fetched] = field(default_factory=list)
    """What was brought and is not stored yet: the first may be large and under way."""
    loading: Future[Outcome] | None = None
    failing: bool = False
    missed: int = 0
    catch_up: str = ""
    heard: float = field(default_factory=time.monotonic)

    def note(self, *, bad: bool) -> None:
        """Ask a source that failed again sooner than its rhythm, each time twice as late."""
        self.missed = self.missed + 1 if bad else 0
        if bad:
            wait = RETRY_S * 2 ** min(self.missed - 1, 10)
            self.due = min(self.due, time.monotonic() + wait)


@dataclass
class Chore:
    """Something done every so often."""

    every: float
    work: Callable[[], None]
    due: float = field(default=0.0)
