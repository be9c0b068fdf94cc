"""The desk over a million cases: its queue, an act, who sees it when, the clocks that run.

Times are of the CPU here and in the database, for the machine is shared; only how soon another
desk sees an act is by the clock on the wall.
"""

from __future__ import annotations

import gc
import http.client
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import event

from data import panels
from data.catalogue import catalogue
from data.cli.store import prepare
from data.collector.clock_watch import ClockWatch
from data.commands.cases import Actor, Done, Request, act
from data.queries.clocks import clocks_now
from data.queries.desk import desk_counts, desk_rows
from data.queries.desk_filter import Reader
from data.queries.keys import read_keys
from data.queries.scope import EVERYTHING
from data.store import Store, utc_now
from data.vocabulary import CaseAct, Role
from data.vocabulary.desk import MOST, DeskView
from tests.bench.desk_cases import Made
from tests.bench.report import emit, quantile, say
from tests.bench.sign_in import account, session
from tests.bench.stage import DATABASES, Stage
from tests.bench.system import System, exact_cpu_s

OPERATOR = Actor(1, "bench", Role.OPERATOR)
WARM = 5
ROWS = MOST
"""As many as the page asks for at once."""
READER = Reader(1, Role.OPERATOR, EVERYTHING)
VIEWS = {
    "all": DeskView(),
    "county": DeskView(area="441602"),
    "town": DeskView(area="441602001"),
    "department": DeskView(dept="water"),
    "domain": DeskView(domain="public_safety"),
    "state": DeskView(state=frozenset({"handling"})),
    "level": DeskView(level=frozenset({"1"})),
    "late": DeskView(left=frozenset({"overdue"})),
    "text": DeskView(q="号诉求"),
}


def measure(stage: Stage) -> None:
    """Measure each database with some, then with ten times as many cases that ended."""
    for name in DATABASES:
        folder = stage.folder()
        url = stage.postgres.create() if name == "postgres" else ""
        desk = Desk(stage, name, folder, url)
        few = 10_000 if stage.quick else 100_000
        desk.fill(few)
        desk.open(500 if stage.quick else 5_000)
        first = desk.figures(few)
        desk.fill(few, times=9)
        second = desk.figures(10 * few)
        for what, before in first.items():
            emit(
                f"desk_flat.{name}.{what}", second[what] / before, "times, ten times the cases",
                first_ms=round(before, 2), then_ms=round(second[what], 2),
            )  # fmt: skip
        desk.seen(50 if stage.quick else 200)
        desk.store.dispose()


class Desk:
    """One database with cases in it."""

    def __init__(self, stage: Stage, name: str, folder: Path, url: str) -> None:
        self.stage, self.name, self.facts = stage, name, catalogue()
        self.system = System(folder, database_url=url, ZHIZHI_DEMO="false")
        self.store = Store(self.system.store_url)
        prepare(self.store)
        with self.store.read() as conn:
            self.keys = read_keys(conn)
        self.made = Made(self.facts, self.keys, utc_now())
        self.numbers: list[str] = []

    def fill(self, many: int, times: int = 0) -> None:
        """Write cases that ended; times: so often those that are there already."""
        say(f"{many * (times or 1)} cases that ended on {self.name} ...")
        with self.store.write() as conn:
            if times:
                self.made.again(conn, times)
            else:
                self.made.closed(conn, many)
        self._settle()

    def open(self, many: int) -> None:
        """Write open cases."""
        with self.store.write() as conn:
            self.numbers = self.made.open(conn, many)
            panels.publish_all(conn, self.facts, utc_now())
        self._settle()

    def _settle(self) -> None:
        """Let the database look at what it holds, as it does by itself in time.

        Else it does so under the next measure, which counts the CPU of all its processes. What
        this process has made by now is no rubbish to be looked for either.
        """
        gc.collect()
        gc.freeze()
        if self.name == "postgres":
            options = {"isolation_level": "AUTOCOMMIT"}
            with self.store.engine.connect().execution_options(**options) as conn:
                conn.exec_driver_sql("vacuum (analyze)")
                conn.exec_driver_sql("checkpoint")
        else:
            with self.store.write() as conn:
                conn.exec_driver_sql("analyze")
            self.store.checkpoint()

    def cpu(self, work: Callable[[], Any]) -> float:
        """Return the CPU milliseconds of `work` here and in the database."""
        servers = self.stage.postgres.processes if self.name == "postgres" else []
        before, start = exact_cpu_s(servers), time.process_time()
        work()
        here = time.process_time() - start
        servers = self.stage.postgres.processes if self.name == "postgres" else []
        return 1000 * (here + exact_cpu_s(servers) - before)

    def figures(self, ended: int) -> dict[str, float]:
        """Measure queue, act and clocks; return the milliseconds of each."""
        detail = {"ended": ended, "open": len(self.numbers)}
        return {
            "queue": self._queue(detail),
            "act": self._act(detail),
            "clocks": self._clocks(detail),
        }

    def _queue(self, detail: dict[str, Any]) -> float:
        found, whole = {}, {}
        for name, view in VIEWS.items():
            asked = self._statements(view)
            found[name] = statistics.median(self.cpu(partial(self._ask, asked)) for _ in range(7))
            whole[name] = statistics.median(self.cpu(partial(self._page, view)) for _ in range(7))
        worst = max(found, key=lambda n: found[n])
        shown = {n: round(ms, 1) for n, ms in found.items()}
        emit(
            f"desk_queue.{self.name}", found[worst], "ms of CPU in the database, worst view",
            worst=worst, views=shown, with_our_rows=round(max(whole.values()), 1), **detail,
        )  # fmt: skip
        return found["all"]

    def _statements(self, view: DeskView) -> list[tuple[str, Any]]:
        """Return what the page of a view asks the database, as the driver is given it."""
        asked: list[tuple[str, Any]] = []

        def note(_conn: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
            asked.append((statement, values))

        event.listen(self.store.engine, "before_cursor_execute", note)
        try:
            self._page(view)
        finally:
            event.remove(self.store.engine, "before_cursor_execute", note)
        return [x for x in asked if x[0].lstrip().lower().startswith(("select", "with"))]

    def _ask(self, asked: list[tuple[str, Any]]) -> None:
        """Ask the same again through the driver alone."""
        with self.store.read() as conn:
            driver: Any = conn.connection.driver_connection
            cursor = driver.cursor()
            for statement, values in asked:
                cursor.execute(statement, values)
                cursor.fetchall()

    def _page(self, view: DeskView) -> None:
        now = utc_now()
        with self.store.read() as conn:
            desk_rows(conn, self.facts, self.keys, READER, view, now=now, limit=ROWS)
            desk_counts(conn, self.keys, READER, view, now=now)

    def _act(self, detail: dict[str, Any]) -> float:
        spent = [self.cpu(lambda n=n: self.note(n)) for n in self._chosen(40)][WARM:]
        emit(
            f"desk_act.{self.name}", statistics.median(spent), "ms of CPU, an act with its panels",
            p95=round(quantile(spent, 0.95), 2), **detail,
        )  # fmt: skip
        return statistics.median(spent)

    def _chosen(self, many: int) -> Iterator[str]:
        step = max(1, len(self.numbers) // many)
        return iter(self.numbers[::step][:many])

    def note(self, number: str) -> None:
        """Do one act as a web worker does it."""
        request = Request(CaseAct.NOTE, OPERATOR, utc_now(), None, {"note": "现场已派员"})
        with self.store.write() as conn:
            done = act(conn, self.facts, self.keys, number, request)
        assert isinstance(done, Done), done

    def _clocks(self, detail: dict[str, Any]) -> float:
        watch = ClockWatch(self.store, self.facts)
        spent = [self.cpu(lambda: self._look(watch)) for _ in range(11)]
        ms = statistics.median(spent)
        emit(f"desk_clocks.{self.name}", ms, "ms of CPU, every clock of every open case", **detail)
        return ms

    def _look(self, watch: ClockWatch) -> None:
        with self.store.read() as conn:
            clocks_now(conn, self.facts, now=utc_now())
        watch.look(utc_now())

    def seen(self, many: int) -> None:
        """Act here and see it come to another desk, over HTTP, from a server of its own."""
        with self.system as system:
            system.start("web").wait("/healthz")
            account(self.store)
            follower = Follower(system.port, session(system.port))
            follower.start()
            follower.ready.wait(20)
            late = []
            for number in self._chosen(many):
                time.sleep(0.05)
                before = follower.last
                self.note(number)
                committed = time.monotonic()
                late.append(1000 * (follower.after(before) - committed))
            follower.stop()
        emit(
            f"desk_seen_p99.{self.name}", quantile(late, 0.99), "ms from commit to another desk",
            median=round(statistics.median(late), 1), acts=len(late),
        )  # fmt: skip


class Follower(threading.Thread):
    """Another desk: reads the live stream and notes when the panel of the desks changed."""

    def __init__(self, port: int, cookie: str) -> None:
        super().__init__(daemon=True)
        self.cookie = cookie
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.ready, self._moved, self.last = threading.Event(), threading.Condition(), 0
        self.at = 0.0

    def run(self) -> None:
        """Read until the connection is closed."""
        city = catalogue().city.code
        asked = f"/live?scopes=zh:{city}:desk"
        self.connection.request("GET", asked, headers={"Cookie": self.cookie})
        answer = self.connection.getresponse()
        try:
            while line := answer.readline():
                if line.startswith(b"event: p"):
                    self._note()
                elif line.startswith(b"event: hb"):
                    self.ready.set()
        except (OSError, ValueError, http.client.HTTPException, AttributeError):
            return

    def _note(self) -> None:
        with self._moved:
            self.last, self.at = self.last + 1, time.monotonic()
            self._moved.notify_all()

    def after(self, before: int) -> float:
        """Return when something came after the first `before` changes."""
        with self._moved:
            if not self._moved.wait_for(lambda: self.last > before, timeout=10):
                raise AssertionError("the act never came to the other desk")
            return self.at

    def stop(self) -> None:
        """Leave."""
        self.connection.close()
