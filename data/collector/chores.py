"""The collector's own regular chores: when each is due, and what is done beside the loop."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime

from data.catalogue import Catalogue
from data.collector import clock_watch, upkeep
from data.collector.clock_jump import ClockJump
from data.collector.clock_watch import ClockWatch
from data.collector.memory import give_back
from data.collector.quality.inspector import Inspector
from data.collector.rounds import Chore
from data.commands.alarms import tick
from data.commands.alarms.heartbeat import beat
from data.logs import logger
from data.queries.alarms.self_check import PERIOD
from data.settings import Settings
from data.store import Store

log = logger("collector")

BOARD_S = 20.0
"""Panels are made again this often even if no source spoke: limits pass, sources fall silent."""
HOUR_S, CHECKPOINT_S = 3600.0, 60.0
QUALITY_S = 300.0
"""Between two looks at data quality: rhythms are minutes to months long."""
SUPERVISE_S = 60.0
REVIEW_S = 15.0
"""Between two pages of the weekly review, each about a second's work, made beside the loop."""
HIDDEN_S = 10.0
"""Between two looks whether past months of protected indicators are undecided."""
FREEZE_S = 300.0
"""Between two looks whether a week has to be frozen."""
JUMP_S = 5.0
"""Between two comparisons of the clock on the wall with the one that never jumps."""


class Chores:
    """What is done every so often, whoever is polled. pool: for work beside the loop, once set."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        settings: Settings,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self.store, self.catalogue, self.settings, self.clock = store, catalogue, settings, clock
        self.pool: ThreadPoolExecutor | None = None
        self._beside: dict[str, Future[None]] = {}
        self._clocks = ClockWatch(store, catalogue)
        self._clock_chore = Chore(clock_watch.EVERY_S, self._look_at_clocks)
        self._inspector = Inspector(store, catalogue)
        self._jump = ClockJump(store)

    def all(self) -> list[Chore]:
        """Return every chore in the order in which those due at once are done."""
        return [
            Chore(BOARD_S, self._board),
            Chore(HOUR_S, self._hourly),
            Chore(QUALITY_S, self._look, due=time.monotonic() + CHECKPOINT_S),
            Chore(HOUR_S, self._settle),
            Chore(SUPERVISE_S, self._supervise, due=time.monotonic() + SUPERVISE_S),
            Chore(REVIEW_S, self._review),
            Chore(HIDDEN_S, self._hide),
            Chore(FREEZE_S, self._freeze, due=time.monotonic() + FREEZE_S),
            Chore(CHECKPOINT_S, self.store.checkpoint, due=time.monotonic() + CHECKPOINT_S),
            self._clock_chore,
            Chore(PERIOD.total_seconds(), self._beat),
            Chore(JUMP_S, self._look_at_clock),
        ]

    def _board(self) -> None:
        with self.store.write() as conn:
            tick.publish_all(conn, self.catalogue, self.clock())

    def _look_at_clocks(self) -> None:
        """Look again in a minute, or when the next limit passes."""
        wait = self._clocks.look(self.clock())
        self._clock_chore.due = time.monotonic() + wait

    def _beat(self) -> None:
        """Send a heartbeat on its way: it is stored as what a source tells is stored."""
        with self.store.write() as conn:
            beat(conn, self.clock())

    def _look_at_clock(self) -> None:
        self._jump.look(self.clock())

    def _hourly(self) -> None:
        upkeep.hourly(self.store, self.catalogue, self.settings, self.clock())

    def _aside(self, name: str, work: Callable[[], None]) -> None:
        """Do something beside the loop, unless it is being done: no source waits for it."""
        before = self._beside.get(name)
        if self.pool is not None and (before is None or before.done()):
            self._beside[name] = self.pool.submit(work)

    def _supervise(self) -> None:
        upkeep.supervise(self.store, self.catalogue, self.clock())

    def _review(self) -> None:
        """Make the page of the weekly review that waits longest, if any does."""
        self._aside("review", self._review_beside)

    def _review_beside(self) -> None:
        try:
            if upkeep.review(self.store, self.catalogue, self.clock()) is not None:
                give_back()
        except Exception as error:  # whoever opens the page makes it
            log.warning("weekly page not made", error=str(error).split("\n")[0])

    def _hide(self) -> None:
        """Decide ahead what must not be shown of past months: no reader waits for it then."""
        self._aside("hidden", self._hide_beside)

    def _hide_beside(self) -> None:
        try:
            if upkeep.decide_hidden(self.store, self.catalogue):
                give_back()
        except Exception as error:  # whoever asks decides it
            log.warning("hidden months not decided", error=str(error).split("\n")[0])

    def _freeze(self) -> None:
        """Freeze the week when its pre-read is due."""
        self._aside("freeze", self._freeze_beside)

    def _freeze_beside(self) -> None:
        try:
            upkeep.freeze_week(self.store, self.catalogue, self.clock())
        except Exception as error:  # it is tried again
            log.warning("week not frozen", error=str(error).split("\n")[0])

    def _look(self) -> None:
        """Look at data quality."""
        self._aside("look", self._look_beside)

    def _settle(self) -> None:
        """Make what loads that died still owe."""
        self._aside("settle", self._settle_beside)

    def _settle_beside(self) -> None:
        try:
            made = upkeep.settle_dead(self.store, self.clock())
        except Exception as error:  # what is left is still noted as due
            log.warning("roll-ups still due", error=str(error).split("\n")[0])
            return
        if made:
            log.info("roll-ups of dead loads made", stretches=made)

    def _look_beside(self) -> None:
        try:
            look = self._inspector.look(self.clock())
        except Exception as error:  # the next look goes on from where the last one ended
            log.warning("data quality not looked at", error=str(error).split("\n")[0])
            return
        if look.opened or look.ended:
            log.info("data quality", opened=look.opened, holding=look.again, ended=look.ended)
