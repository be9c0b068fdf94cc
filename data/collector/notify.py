"""The sender of notices: beside the loop, one line of work a target, none waits for another.

A notice is taken by moving its hour of being due behind the longest try, in one transaction: no
other collector takes it meanwhile, and if we die it is due again. Sent at least once, so sent
twice at times: each try of one notice has the same key.
"""

from __future__ import annotations

import json
import os
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.exc import SQLAlchemyError

from data import models as m
from data.alarms.messages import NoticeBody
from data.catalogue import Catalogue
from data.catalogue.notices import Channel, channel
from data.collector.outbound import AllowList
from data.collector.post import NotSentError, Post
from data.logs import logger
from data.queries.alarms.notices import TARGETS
from data.settings import Settings
from data.store import Store

log = logger("notify")

n = m.notice.c
TICK_S = 1.0
CLAIM = timedelta(seconds=60)
"""Longer than any try: a notice that was taken is due again after so long."""
FIRST_S, MOST_S = 5.0, 600.0
"""The first and the longest pause between tries: each twice the last, give or take a fifth."""
GIVE_UP = timedelta(hours=24)
BEAT_GIVE_UP = timedelta(minutes=5)
"""A heartbeat that was not taken before the next one is none."""
LEAST_TRIES = 5
"""However far the clock jumped, so often a notice was tried before it is given up."""
FAR = timedelta(seconds=2 * MOST_S) + CLAIM
"""A notice due later than this was written before the clock went back: it is due now."""
TOLD_S = 60.0
"""Between two looks whether the store still knows which targets are in use: it may be another."""
A_MINUTE = 20
"""Chat groups take so many messages a minute; more are refused for all."""
AT_ONCE = 5


class Way(Protocol):
    """How a notice gets to its target."""

    def send(self, body: NoticeBody, *, key: str, at: float) -> None:
        """Tell a notice. Raises NotSentError."""

    def cut(self) -> None:
        """End what is under way: whoever waits for an answer gets an error."""


@dataclass
class Line:
    """One target's line of work."""

    found: Channel
    way: Way
    running: Future[None] | None = None
    sent: deque[float] = field(default_factory=deque)
    """When it was tried in the last minute, on the monotonic clock."""
    failing: bool = False

    def free(self) -> int:
        """Return how many may be sent now."""
        if self.running is not None and not self.running.done():
            return 0
        while self.sent and time.monotonic() - self.sent[0] > 60:
            self.sent.popleft()
        return min(AT_ONCE, A_MINUTE - len(self.sent))


class Notifier:
    """Sends what waits. Start it beside the collector's loop; stop it after."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        settings: Settings,
        *,
        clock: Callable[[], datetime],
        environ: Mapping[str, str] = os.environ,
        allowed: frozenset[str] = frozenset(),
    ) -> None:
        """Find the address of each target. A target whose address is unsafe is told and left out.

        allowed: the allow-list, scheme://host:port; see data.collector.outbound.
        """
        self.store, self.clock, self.settings = store, clock, settings
        self.stop = threading.Event()
        self.lines = {
            found.target.key: Line(found, Post(found, AllowList(allowed)))
            for found in connected(catalogue, settings, environ)
        }
        self.told = 0.0
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Work in a thread of its own."""
        self._thread = threading.Thread(target=self.run, name="notify", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop, without waiting for a target that hangs."""
        self.stop.set()
        for line in self.lines.values():
            line.way.cut()
        if self._thread is not None:
            self._thread.join(timeout=2.0)

    def run(self) -> None:
        """Work until `stop` is set. A lost store is waited for."""
        if not self.lines:
            return
        with self._made() as pool:
            while not self.stop.is_set():
                try:
                    self.turn(pool)
                except SQLAlchemyError as error:
                    log.warning("notices wait for the store", error=type(error).__name__)
                    self.stop.wait(5 * TICK_S)
                except Exception:  # whatever one notice brings, the others go on
                    log.exception("fault in the sender")
                    self.stop.wait(5 * TICK_S)
                self.stop.wait(TICK_S)
            pool.shutdown(wait=False, cancel_futures=True)

    def _made(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(max_workers=len(self.lines), thread_name_prefix="notice")

    def turn(self, pool: ThreadPoolExecutor) -> int:
        """Start what is due on every line that is free; return how many were taken."""
        if time.monotonic() >= self.told:
            self._tell_targets()
            self.told = time.monotonic() + TOLD_S
        taken = 0
        for key, line in self.lines.items():
            room = line.free()
            rows = self._take(key, room) if room > 0 and self._waits(key) else []
            if rows:
                line.sent.extend(time.monotonic() for _ in rows)
                line.running = pool.submit(self._send_all, line, rows)
                taken += len(rows)
        return taken

    def _tell_targets(self) -> None:
        """Say which targets have an address: notices are made for these, by whatever process."""
        value = json.dumps(sorted(self.lines))
        i = m.store_info
        with self.store.read() as conn:
            if conn.execute(select(i.c.value).where(i.c.key == TARGETS)).scalar() == value:
                return
        with self.store.write() as conn:
            if not conn.execute(i.update().where(i.c.key == TARGETS).values(value=value)).rowcount:
                conn.execute(i.insert().values(key=TARGETS, value=value))

    def _due(self, key: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
        due = or_(n.due_at <= now, n.due_at > now + FAR)
        return n.target == key, n.sent_at.is_(None), n.given_up_at.is_(None), due

    def _waits(self, key: str) -> bool:
        """Return whether anything is due, without asking for the writer's place."""
        with self.store.read() as conn:
            query = select(n.id).where(*self._due(key, self.clock())).limit(1)
            return conn.execute(query).first() is not None

    def _take(self, key: str, room: int) -> list[Any]:
        """Take what is due, the gravest first; what is too old is given up."""
        now = self.clock()
        with self.store.write() as conn:
            query = select(n.id, n.body, n.tries, n.made_at).where(*self._due(key, now))
            rows = conn.execute(query.order_by(n.made_at, n.id).limit(200)).all()
            old = [r.id for r in rows if self._old(key, r, now)]
            if old:
                conn.execute(m.notice.update().where(n.id.in_(old)).values(given_up_at=now))
            good = [r for r in rows if r.id not in set(old)]
            good.sort(key=lambda r: (r.body["priority"], r.made_at, r.id))
            chosen = good[:room]
            for row in chosen:
                new = {"tries": row.tries + 1, "due_at": now + CLAIM}
                conn.execute(m.notice.update().where(n.id == row.id).values(new))
        if old:
            log.error("notices given up", target=key, count=len(old))
        return list(chosen)

    def _old(self, key: str, row: Any, now: datetime) -> bool:
        beat = self.lines[key].found.target.kind == "heartbeat"
        limit, least = (BEAT_GIVE_UP, 1) if beat else (GIVE_UP, LEAST_TRIES)
        return bool(row.tries >= least and now - row.made_at > limit)

    def _send_all(self, line: Line, rows: list[Any]) -> None:
        for row in rows:
            if self.stop.is_set():
                return
            self._send(line, row)

    def _send(self, line: Line, row: Any) -> None:
        """Try once, and write how it ended. A store that is lost then lets it be sent again."""
        try:
            line.way.send(row.body, key=self._key(row.id), at=self.clock().timestamp())
        except Exception as error:  # one target's fault must not end its line
            said = str(error) if isinstance(error, NotSentError) else type(error).__name__
            self._failed(line, row, said[:300])
            return
        with self.store.write() as conn:
            new = {"sent_at": self.clock(), "error": None}
            conn.execute(m.notice.update().where(n.id == row.id).values(new))
        if line.failing:
            log.info("target is back", target=line.found.target.key)
        line.failing = False

    def _failed(self, line: Line, row: Any, said: str) -> None:
        if not line.failing:
            log.warning("target fails", target=line.found.target.key, error=said)
        line.failing = True
        due = self.clock() + timedelta(seconds=pause(row.tries + 1))
        with self.store.write() as conn:
            mine = m.notice.update().where(n.id == row.id, n.sent_at.is_(None))
            conn.execute(mine.values(due_at=due, error=said))

    def _key(self, number: int) -> str:
        """Return the same word for each try of one notice, another one in each store."""
        return f"zhizhi-{self._epoch()}-{number}"

    def _epoch(self) -> str:
        with self.store.read() as conn:
            return str(conn.execute(select(m.live_rev.c.epoch)).scalar() or "0")


def connected(
    catalogue: Catalogue, settings: Settings, environ: Mapping[str, str] = os.environ
) -> list[Channel]:
    """Return how each target that is in use is reached; one that is unsafe is logged, not used."""
    found = []
    for target in catalogue.notices.values():
        if not target.enabled:
            continue
        try:
            way = channel(target, settings.var / "heartbeat.json", environ)
        except ValueError as error:
            log.error("notice target not used", target=target.key, error=str(error))
            continue
        if way is not None:
            found.append(way)
    return found


def pause(tries: int) -> float:
    """Return the seconds until the next try after `tries` of them."""
    longest = min(MOST_S, FIRST_S * 2.0 ** min(tries - 1, 10))
    return longest * random.uniform(0.8, 1.2)  # noqa: S311
