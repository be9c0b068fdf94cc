"""The loop: who is due, ask them side by side, store one after another, publish."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from data.catalogue import Catalogue
from data.catalogue.addresses import addresses, connected
from data.catalogue.entries import Source
from data.collector import sql
from data.collector.chores import Chores
from data.collector.fetch import Fetched, Fetcher, api_key, folder_of
from data.collector.lease import Lease
from data.collector.rounds import Chore, Poll
from data.commands.alarms import tick
from data.ingest.exercise import feed
from data.ingest.parts import WHOLE
from data.ingest.run import BAD, Outcome, ingest, note_failure, note_heard
from data.ingest.table_files import BrokenOff, ingest_table
from data.ingest.unchanged import unchanged
from data.logs import logger
from data.queries.keys import read_keys
from data.queries.sources import last_heard
from data.settings import Settings
from data.store import Store

log = logger("collector")

TICK_S = 0.25
RENEW_S = 4.0
REHEARSE_S = 1.0
MB = 1024 * 1024
LOOK_BACK, OVERLAP = timedelta(hours=1), timedelta(minutes=10)


class Collector:
    """Polls every source on its own rhythm. Scheduled on the monotonic clock, which never jumps."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        settings: Settings,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self.store, self.catalogue, self.settings, self.clock = store, catalogue, settings, clock
        self.lease = Lease(store, "collector", seconds=settings.lease_s)
        self.stop = threading.Event()
        self._allowed = allowed = allow_list(settings)
        self.polls = [
            Poll(s, _fetcher(s, allowed)) for s in catalogue.sources.values() if connected(s)
        ]
        self._chores = Chores(store, catalogue, settings, clock=clock)
        self.chores = self._chores.all()
        self._pool: ThreadPoolExecutor | None = None
        self._renew = 0.0
        self._leads = False
        self._lost = False

    def rehearse(self) -> None:
        """Ask no source: what an exercise plays is told when it is due."""
        self.polls = []
        self.chores.append(Chore(REHEARSE_S, self._rehearse))

    def _rehearse(self) -> None:
        feed(self.store, self.catalogue, self.clock(), self._publish)

    def run(self) -> None:
        """Work until `stop` is set. A lost store is waited for, not died of."""
        with ThreadPoolExecutor(max_workers=7, thread_name_prefix="fetch") as pool:
            self._pool = self._chores.pool = pool
            while not self.stop.is_set():
                try:
                    self._turn(pool)
                    self._found()
                except SQLAlchemyError as error:
                    self._missing(error)
                    self.stop.wait(1.0)
                self.stop.wait(TICK_S)
            pool.shutdown(wait=False, cancel_futures=True)
        if self._leads and not self._lost:
            self.lease.release()

    def _turn(self, pool: ThreadPoolExecutor) -> None:
        if not self._lead():
            self.stop.wait(1.0)
            return
        for poll in self.polls:
            self._start(poll, pool)
            self._finish(poll)
        for chore in self.chores:
            if time.monotonic() >= chore.due:
                chore.due = time.monotonic() + chore.every
                chore.work()

    def _lead(self) -> bool:
        if time.monotonic() >= self._renew:
            self._renew = time.monotonic() + RENEW_S
            self.store.replaced()
            before, self._leads = self._leads, self.lease.hold(self.clock())
            if before != self._leads:
                log.info("leading" if self._leads else "standing by", holder=self.lease.holder)
                if self._leads:
                    for poll in self.polls:
                        poll.fetcher.forget()  # another leader may have stored other answers
                    self._look_back()
        return self._leads

    def _look_back(self) -> None:
        """After a long silence ask each source for all since; its usual answer is too short."""
        now = self.clock()
        with self.store.read() as conn:
            heard = last_heard(conn)
        for poll in self.polls:
            at = heard.get(poll.source.key)
            if poll.source.catch_up and at and now - at > LOOK_BACK:
                since = quote((at - OVERLAP).isoformat())
                poll.catch_up = poll.source.catch_up.replace("{since}", since)

    def _start(self, poll: Poll, pool: ThreadPoolExecutor) -> None:
        now = time.monotonic()
        if poll.running is not None or poll.fetched or now < poll.due or self._first_others(poll):
            return
        if poll.source.catch_up and now - poll.heard > LOOK_BACK.total_seconds():
            poll.heard = now
            self._look_back()
        poll.due = now + poll.source.every * random.uniform(0.95, 1.05)  # noqa: S311
        poll.running = pool.submit(self._fetch, poll)

    def _first_others(self, poll: Poll) -> bool:
        """Return whether a first poll waits for what it is read by: the sites, the timetable."""
        if poll.due:
            return False
        needed = {poll.source.sites, poll.source.static}
        return any(
            p.source.key in needed and (not p.due or p.running is not None or bool(p.fetched))
            for p in self.polls
        )

    def _fetch(self, poll: Poll) -> list[Fetched]:
        source, found = poll.source, list[Fetched]()
        if source.sql is not None:
            return sql.fetch(self.store, source, self._allowed)
        headers = api_key(source.key_header, source.key_env, os.environ)
        builtin = {"SIMULATOR": self.settings.simulator, "INBOX": self.settings.folder.as_uri()}
        for address in addresses(source, builtin):
            url, shown = address.url, address.shown
            if source.waits and url.startswith("file:") and not folder_of(url):
                continue
            if poll.catch_up:
                url += ("&" if "?" in url else "?") + poll.catch_up
                shown = url if shown == address.url else shown
            found += poll.fetcher.fetch(url, timeout=source.timeout, shown=shown, headers=headers)
        return found

    def _waits(self, poll: Poll) -> bool:
        """Return whether a source still waits for its first file: then it is not heard either."""
        if not poll.source.waits or not poll.fetcher.untouched:
            return False
        with self.store.read() as conn:
            return poll.source.key not in last_heard(conn)

    def _finish(self, poll: Poll) -> None:
        if poll.fetched:
            self._go_on(poll)
            return
        if poll.running is None or not poll.running.done():
            return
        future, poll.running = poll.running, None
        try:
            payloads = future.result()
        except Exception as error:  # whatever one address brings, the others go on
            self._failed(poll, str(error) or type(error).__name__)
            return
        if not payloads and not self._waits(poll):
            self._heard(poll)
        poll.fetched = payloads
        self._go_on(poll)

    def _go_on(self, poll: Poll) -> None:
        """Store what was brought, in its order; a large file beside the loop."""
        while poll.fetched:
            if poll.fetched[0].path is not None and not self._loaded(poll, poll.fetched[0].path):
                return
            loading, poll.loading = poll.loading, None
            try:
                self._take(poll, poll.fetched[0], loading)
            except BaseException:
                poll.fetched = []  # the store is lost: all of it comes again
                raise
            poll.fetched = poll.fetched[1:]
        if not poll.failing:
            poll.catch_up, poll.heard = "", time.monotonic()

    def _loaded(self, poll: Poll, path: Path) -> bool:
        """Begin to load a large file if nobody has; return whether it is done."""
        if poll.loading is None and self._pool is not None:
            poll.loading = self._pool.submit(self._load, poll.source, path)
        return poll.loading is not None and poll.loading.done()

    def _load(self, source: Source, path: Path) -> Outcome:
        return ingest_table(
            self.store, self.catalogue, source, path, origin=path.as_uri(), now=self.clock(),
            publish=self._publish, stopped=self._idle,
        )  # fmt: skip

    def _idle(self) -> bool:
        return self.stop.is_set() or not self._leads

    def _take(self, poll: Poll, fetched: Fetched, loading: Future[Outcome] | None = None) -> None:
        good = False
        try:
            outcome = loading.result() if loading else self._stored(poll, fetched)
        except SQLAlchemyError:
            raise
        except BrokenOff:
            return  # the file comes again, here or to whoever leads
        except Exception as error:  # a fault in one source's steps must not stop the others
            log.exception("ingest fault", source=poll.source.key)
            self._failed(poll, f"internal fault: {type(error).__name__}: {error}")
        else:
            if outcome is None:
                poll.fetcher.forget()
                poll.due = 0.0  # the store does not hold what the source calls unchanged
                return
            good = outcome.status not in BAD
            if outcome.status != "failed":  # rows that were refused wait in the quarantine
                sql.remember(self.store, poll.source, fetched)
            self._say(poll, outcome)
        # not reached when the store is lost: the file comes again
        poll.fetcher.taken(fetched, good=good)

    def _stored(self, poll: Poll, fetched: Fetched) -> Outcome | None:
        """Store what was fetched; None if it must be fetched whole."""
        now, caught_up = self.clock(), bool(poll.catch_up)
        if fetched.unchanged:
            outcome = unchanged(
                self.store,
                self.catalogue,
                poll.source,
                fetched.sha256,
                now=now,
                publish=self._publish,
                caught_up=caught_up,
            )
            if outcome is not None or fetched.payload is None:
                return outcome
        return ingest(
            self.store,
            self.catalogue,
            poll.source,
            fetched.payload or b"",
            origin=fetched.origin,
            now=now,
            publish=self._publish,
            caught_up=caught_up,
        )

    def _publish(self, conn: Connection, source: Source, now: datetime) -> None:
        tick.publish_for(conn, self.catalogue, source, now)

    def _say(self, poll: Poll, outcome: Outcome) -> None:
        """Log a failure once and its recovery once, not every poll."""
        bad = outcome.status in BAD
        if bad and not poll.failing:
            log.warning("source fails", source=poll.source.key, error=outcome.error)
        elif poll.failing and not bad:
            log.info("source is back", source=poll.source.key)
        poll.failing = bad
        poll.note(bad=bad)

    def _failed(self, poll: Poll, error: str) -> None:
        if not poll.failing:
            log.warning("source fails", source=poll.source.key, error=error)
        poll.failing = True
        poll.note(bad=True)
        now = self.clock()
        with self.store.write() as conn:
            note_failure(conn, read_keys(conn), poll.source, error, now=now)
            tick.publish_for(conn, self.catalogue, poll.source, now)

    def _heard(self, poll: Poll) -> None:
        """Count an empty watched folder as a good answer: the folder is there, nothing is new."""
        poll.failing = False
        with self.store.write() as conn:
            note_heard(conn, read_keys(conn), poll.source, now=self.clock())

    def _missing(self, error: SQLAlchemyError) -> None:
        if not self._lost:
            log.error("store lost", error=str(error).split("\n")[0])
        self._lost, self._renew = True, 0.0

    def _found(self) -> None:
        if self._lost:
            log.info("store is back")
        self._lost = False


def _fetcher(source: Source, allowed: frozenset[str]) -> Fetcher:
    if source.connector != "table":
        return Fetcher(allowed=allowed, max_bytes=source.max_mb * MB)
    return Fetcher(
        allowed=allowed, max_bytes=source.max_mb * MB, large=WHOLE, largest=source.table_mb * MB
    )


def allow_list(settings: Settings) -> frozenset[str]:
    """Return the places the collector may call: those named, and the demo's own loopback."""
    named = {part.strip() for part in settings.allowed_hosts.split(",") if part.strip()}
    return frozenset(named | ({settings.simulator} if settings.demo else set()))
