"""The collector's loop: every source asked in its turn, and its faults are its own."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from data import models as m
from data.catalogue import catalogue
from data.collector import loop
from data.collector.fetch import Fetcher
from data.collector.lease import Lease
from data.collector.loop import Collector
from data.collector.rounds import Poll
from data.settings import Settings
from tests.conftest import NOW
from tests.store.fetching import drop
from tests.store.payloads import request, requests
from tests.store.support import CITY, count, rows_of, sqlite_only, until
from tests.workbooks import county_monthly


class Log:
    """Remembers what was said."""

    def __init__(self):
        self.said = []

    def _say(self, event, **fields):
        self.said.append((event, fields.get("source")))

    info = warning = error = exception = debug = _say


@pytest.fixture
def log(monkeypatch):
    found = Log()
    monkeypatch.setattr(loop, "log", found)
    return found


class Clock:
    """A clock that can be set."""

    def __init__(self):
        self.offset, self._began = timedelta(), time.monotonic()

    def __call__(self):
        return NOW + timedelta(seconds=time.monotonic() - self._began) + self.offset


@pytest.fixture
def collector(store, stub, log):
    """A collector of three sources at the stub, driven by hand."""
    config = Settings(allowed_hosts=stub.address, demo=False, lease_s=15)
    found = Collector(store, catalogue(), config, clock=Clock())
    chosen = {}
    for poll in found.polls:
        key = poll.source.key
        if key in ("yuepingan", "hotline", "approvals"):
            poll.source = poll.source.model_copy(
                update={"urls": (stub.url(f"/{key}"),), "timeout": 2}
            )
            chosen[key] = poll
    found.polls = list(chosen.values())
    return found


def rounds(collector, n=1):
    """Ask every source n times, each to its end."""
    with ThreadPoolExecutor(3) as pool:
        for _ in range(n):
            for poll in collector.polls:
                poll.due = 0.0
            collector._turn(pool)
            until(lambda: all(p.running is None or p.running.done() for p in collector.polls))
            for poll in collector.polls:
                collector._finish(poll)


def test_sources_are_asked_stored_and_published(store, stub, collector):
    stub.says("/yuepingan", requests(request("1", "ZD-01")))
    stub.says("/hotline", requests(request("2", "01")))
    stub.says("/approvals", requests(request("3", "BL-01")))
    rounds(collector)
    assert {c.case_no for c in rows_of(store, m.cases)} == {
        "yuepingan-1",
        "hotline-2",
        "approvals-3",
    }
    panels = {(p.panel, p.area) for p in rows_of(store, m.panel_snapshot)}
    assert ("queue", CITY) in panels


def test_one_source_that_fails_does_not_stop_the_others(store, stub, collector, log):
    stub.says("/yuepingan", b"", 503)
    stub.says("/hotline", b"{ broken")
    stub.says("/approvals", requests(request("3", "BL-01")))
    rounds(collector, 3)
    assert {c.case_no for c in rows_of(store, m.cases)} == {"approvals-3"}
    failed = {
        s.source_id: (s.failures, s.error) for s in rows_of(store, m.source_state) if s.failures
    }
    assert sorted(n for n, _ in failed.values()) == [3, 3]
    assert all(error for _, error in failed.values())


def test_a_failure_and_its_end_are_logged_once(stub, collector, log):
    for key in ("hotline", "approvals"):
        stub.says(f"/{key}", requests())
    stub.says("/yuepingan", b"", 503)
    rounds(collector, 3)
    stub.says("/yuepingan", requests())
    rounds(collector, 2)
    stub.says("/yuepingan", b"{")
    rounds(collector, 2)
    said = [event for event, source in log.said if source == "yuepingan"]
    assert said == ["source fails", "source is back", "source fails"]


@pytest.mark.parametrize("fault", [KeyError("x"), ValueError("x"), ZeroDivisionError()])
def test_a_fault_in_the_steps_of_one_source_is_its_own(
    store, stub, collector, log, monkeypatch, fault
):
    from data.ingest import cases

    for key, code in (("yuepingan", "110-01"), ("hotline", "01"), ("approvals", "BL-01")):
        stub.says(f"/{key}", requests(request("1", code)))
    real = cases.store_requests

    def broken(conn, found, intake):
        if intake.source.key == "hotline":
            raise fault
        return real(conn, found, intake)

    monkeypatch.setattr(cases, "store_requests", broken)
    rounds(collector, 2)
    assert {c.case_no for c in rows_of(store, m.cases)} == {"yuepingan-1", "approvals-1"}
    states = [s.error for s in rows_of(store, m.source_state) if s.failures]
    assert len(states) == 1
    assert "internal fault" in states[0]


def test_a_fault_while_fetching_is_the_sources_own(store, stub, collector, log):
    """A port that is no number in one address of the source list."""
    for key in ("hotline", "approvals"):
        stub.says(f"/{key}", requests())
    bad = collector.polls[0]
    bad.source = bad.source.model_copy(update={"urls": ("http://127.0.0.1:port/x",)})
    rounds(collector, 2)
    assert [s.failures for s in rows_of(store, m.source_state)].count(2) == 1
    assert stub.asked.count("/hotline") == 2


def test_a_clock_that_steps_back_does_not_stop_the_polls(store, stub, collector):
    for key in ("yuepingan", "hotline", "approvals"):
        stub.says(f"/{key}", requests())
    rounds(collector)
    collector.clock.offset = timedelta(hours=-5)
    collector._renew = 0.0
    before = len(stub.asked)
    rounds(collector, 2)
    assert len(stub.asked) == before + 6
    assert collector._leads


def test_a_source_is_not_asked_twice_at_once(stub, collector):
    gate = threading.Event()
    for key in ("yuepingan", "hotline", "approvals"):
        stub.answers[f"/{key}"] = lambda _handler: gate.wait(5)
    with ThreadPoolExecutor(6) as pool:
        collector._lead()
        for _ in range(3):
            for poll in collector.polls:
                poll.due = 0.0
                collector._start(poll, pool)
        until(lambda: len(stub.asked) >= 3)
        assert sorted(stub.asked) == ["/approvals", "/hotline", "/yuepingan"]
        gate.set()


def test_a_standby_asks_nobody(store, stub, collector):
    other = Lease(store, "collector", seconds=3600)
    assert other.hold(collector.clock())
    collector.stop.set()  # so that standing by does not wait
    rounds(collector)
    assert stub.asked == []


def test_an_empty_folder_is_a_good_answer(store, collector, tmp_path):
    poll = collector.polls[0]
    poll.source = poll.source.model_copy(update={"urls": (tmp_path.as_uri(),)})
    collector.polls = [poll]
    rounds(collector)
    (state,) = rows_of(store, m.source_state)
    assert (state.failures, state.last_ok_at is not None) == (0, True)


def test_a_source_that_waits_is_silent_until_its_first_file(store, log, tmp_path):
    config = Settings(allowed_hosts="", demo=False, lease_s=15, inbox=tmp_path)
    collector = Collector(store, catalogue(), config, clock=Clock())
    collector.polls = [p for p in collector.polls if p.source.key == "county_monthly"]
    rounds(collector)
    (tmp_path / "county_monthly").mkdir()
    rounds(collector)
    assert rows_of(store, m.source_state) == []
    assert count(store, m.ingest_run) == 0
    drop(tmp_path / "county_monthly", "月报.xlsx", county_monthly("2024年3月"))
    rounds(collector, 2)
    (state,) = rows_of(store, m.source_state)
    assert (state.failures, state.last_ok_at is not None) == (0, True)
    assert count(store, m.ingest_run) == 1


def watched(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


def large_tables(collector, folder):
    """Let the collector watch a folder of one source, whose tables count as large.

    It is a folder of its own: beside it lies the store, whose file grows while it is watched.
    """
    key = "county_monthly"
    source = collector.catalogue.sources[key].model_copy(update={"urls": (folder.as_uri(),)})
    fetcher = Fetcher(allowed=frozenset(), max_bytes=1 << 26, large=1000)
    collector.polls = [Poll(source, fetcher)]
    return collector.polls[0]


def until_stored(collector, poll):
    """Turn until everything that was fetched is stored."""
    with ThreadPoolExecutor(3) as pool:
        collector._pool = pool
        poll.due = 0.0
        done = lambda: collector._turn(pool) or (not poll.running and not poll.fetched)  # noqa: E731
        until(done, 60)  # a workbook is read in a process of its own


def test_a_large_table_is_loaded_beside_the_loop(store, collector, tmp_path):
    drop(watched(tmp_path), "made.xlsx", county_monthly("2024年3月"))
    poll = large_tables(collector, tmp_path / "in")
    until_stored(collector, poll)
    run = rows_of(store, m.ingest_run)[0]
    assert (run.status, run.new > 0) == ("ok", True)
    state = next(s for s in rows_of(store, m.source_state) if s.source_id == run.source_id)
    assert (state.failures, state.error, state.last_new_at is not None) == (0, None, True)
    assert not poll.failing
    until_stored(collector, poll)  # taken: not given again
    assert count(store, m.ingest_run) == 1


def test_a_large_table_that_cannot_be_read_is_said(store, collector, tmp_path, log):
    drop(watched(tmp_path), "broken.xlsx", b"<html>" * 1000)
    poll = large_tables(collector, tmp_path / "in")
    until_stored(collector, poll)
    assert [r.status for r in rows_of(store, m.ingest_run)] == ["failed"]
    assert [s.failures for s in rows_of(store, m.source_state) if s.failures] == [1]
    assert ("source fails", "county_monthly") in log.said


def test_a_large_table_that_is_broken_off_comes_again(store, collector, tmp_path, monkeypatch):
    drop(watched(tmp_path), "made.xlsx", county_monthly("2024年3月"))
    poll = large_tables(collector, tmp_path / "in")
    collector.stop.set()
    until_stored(collector, poll)
    assert [r.status for r in rows_of(store, m.ingest_run)] == ["running"]
    collector.stop.clear()
    until_stored(collector, poll)
    assert [r.status for r in rows_of(store, m.ingest_run)] == ["ok"]


def test_a_file_is_not_lost_when_the_store_is(store, collector, tmp_path, monkeypatch):
    drop(tmp_path, "a.json", requests(request("1")))
    poll = next(p for p in collector.polls if p.source.key == "yuepingan")
    poll.source = poll.source.model_copy(update={"urls": (tmp_path.as_uri(),)})
    collector.polls = [poll]
    rounds(collector, 0)
    real = loop.ingest

    def lost(*args, **more):
        monkeypatch.setattr(loop, "ingest", real)
        raise OperationalError("commit", {}, Exception("gone"))

    monkeypatch.setattr(loop, "ingest", lost)
    with pytest.raises(OperationalError):
        rounds(collector)
    rounds(collector)
    assert [c.ext_id for c in rows_of(store, m.cases)] == ["1"]


def test_the_loop_runs_until_it_is_stopped_and_gives_the_lease_up(store, stub, collector, log):
    for key in ("yuepingan", "hotline", "approvals"):
        stub.says(
            f"/{key}",
            requests(request("1", {"hotline": "01", "approvals": "BL-01"}.get(key, "110-01"))),
        )
    thread = threading.Thread(target=collector.run)
    thread.start()
    try:
        until(lambda: count(store, m.cases) == 3)
        assert count(store, m.lease) == 1
    finally:
        collector.stop.set()
        thread.join(20)
    assert not thread.is_alive()
    assert count(store, m.lease) == 0
    assert log.said[0] == ("leading", None)


@sqlite_only
def test_a_store_that_is_lost_is_waited_for_and_said_once(store, stub, collector, log, monkeypatch):
    for key in ("yuepingan", "hotline", "approvals"):
        stub.says(f"/{key}", requests())
    real, gone = collector._turn, threading.Event()
    seen = []

    def turn(pool):
        seen.append(1)
        if gone.is_set():
            raise OperationalError("select 1", {}, Exception("server closed the connection"))
        real(pool)

    monkeypatch.setattr(collector, "_turn", turn)
    gone.set()
    thread = threading.Thread(target=collector.run)
    thread.start()
    try:
        until(lambda: len(seen) >= 2)
        gone.clear()
        until(lambda: ("store is back", None) in log.said)
    finally:
        collector.stop.set()
        thread.join(20)
    assert [e for e, _ in log.said if e in ("store lost", "store is back")] == [
        "store lost",
        "store is back",
    ]


def test_a_source_that_failed_is_asked_again_before_its_hour(stub, collector):
    """A register asked every hour that missed one answer must not be without one for an hour."""
    for name in ("yuepingan", "hotline", "approvals"):
        stub.says(f"/{name}", requests())
    stub.says("/yuepingan", b"", 503)
    slow, *_ = collector.polls
    slow.source = slow.source.model_copy(update={"every": 3600})
    waits = []
    for _ in range(3):
        rounds(collector)
        waits.append(slow.due - time.monotonic())
    assert all(0 < wait <= limit for wait, limit in zip(waits, (15, 30, 60), strict=True))
    assert waits[2] > 30
    stub.says("/yuepingan", requests())
    rounds(collector)
    assert slow.due - time.monotonic() > 3000


def test_a_first_poll_waits_for_the_register_that_it_is_read_by(stub, collector):
    for name in ("yuepingan", "hotline", "approvals"):
        stub.says(f"/{name}", requests())
    register, reader, _ = collector.polls
    reader.source = reader.source.model_copy(update={"sites": register.source.key})
    with ThreadPoolExecutor(3) as pool:
        collector._start(reader, pool)
        assert reader.running is None
        collector._start(register, pool)
        until(register.running.done)
        collector._start(reader, pool)
        assert reader.running is None
        collector._finish(register)
        collector._start(reader, pool)
        assert reader.running is not None
        until(reader.running.done)
