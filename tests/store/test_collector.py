"""The collector: who leads, what may be fetched, and one source's fault is its own."""

from __future__ import annotations

import gzip
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from data import models as m
from data.catalogue import catalogue
from data.collector import loop
from data.collector.fetch import Fetcher, FetchError, origin_of
from data.collector.lease import Lease
from data.collector.loop import Collector, allow_list
from data.settings import Settings
from tests.conftest import NOW
from tests.store.payloads import request, requests
from tests.store.stub_server import serving
from tests.store.support import CITY, count, pg_only, rows_of, sqlite_only, until
from tests.workbooks import county_monthly

# ---- the lease ----


def at(seconds):
    return NOW + timedelta(seconds=seconds)


@pytest.fixture
def two(store):
    return Lease(store, "collector", seconds=15), Lease(store, "collector", seconds=15)


def test_one_leads_and_the_other_stands_by(two):
    one, other = two
    assert one.hold(at(0))
    assert not other.hold(at(1))
    assert one.hold(at(10))
    assert not other.hold(at(20))


def test_a_lease_that_lapsed_is_taken_over_and_not_given_back(store, two):
    one, other = two
    one.hold(at(0))
    assert not other.hold(at(15))
    assert other.hold(at(16))
    assert not one.hold(at(17))
    (row,) = rows_of(store, m.lease)
    assert (row.holder, row.started_at, row.until) == (other.holder, at(16), at(31))


def test_a_renewal_keeps_the_start(store, two):
    one, _ = two
    one.hold(at(0))
    one.hold(at(5))
    (row,) = rows_of(store, m.lease)
    assert (row.started_at, row.beat_at) == (at(0), at(5))


def test_a_lease_given_up_is_free_at_once(store, two):
    one, other = two
    one.hold(at(0))
    other.release()  # not its own: nothing happens
    assert not other.hold(at(1))
    one.release()
    assert other.hold(at(2))


def test_a_clock_that_steps_back_does_not_cost_the_lease(two):
    one, other = two
    assert one.hold(at(0))
    assert one.hold(at(-3600))
    assert not other.hold(at(-3599))


def test_of_many_at_once_one_leads(store):
    leases = [Lease(store, "collector", seconds=15) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        held = list(pool.map(lambda x: x.hold(NOW), leases))
    assert sum(held) == 1


# ---- getting bytes ----


@pytest.fixture
def stub():
    with serving() as found:
        yield found


@pytest.fixture
def fetcher(stub):
    return Fetcher(allowed=frozenset({stub.address}), max_bytes=1000)


def get(fetcher, url, timeout=2.0):
    """Fetch and take everything."""
    found = list(fetcher.fetch(url, timeout=timeout))
    for fetched in found:
        fetcher.taken(fetched)
    return [f.payload for f in found]


def test_a_payload_comes_with_its_address(stub, fetcher):
    url = stub.says("/a", b"hello")
    (found,) = fetcher.fetch(url, timeout=2)
    assert (found.payload, found.origin) == (b"hello", url)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/a",
        "https://127.0.0.1:{port}/a",
        "http://localhost:{port}/a",
        "ftp://127.0.0.1:{port}/a",
    ],
)
def test_only_places_on_the_list_are_asked(stub, fetcher, url):
    stub.says("/a")
    with pytest.raises(FetchError, match="not on the allow-list"):
        get(fetcher, url.format(port=stub.address.rsplit(":", 1)[1]))
    assert stub.asked == []


def test_a_redirect_is_not_followed(stub, fetcher):
    stub.says("/secret", b"no")
    url = stub.says("/a", b"", 302, Location=stub.url("/secret"))
    with pytest.raises(FetchError, match="answered 302"):
        get(fetcher, url)
    assert stub.asked == ["/a"]


@pytest.mark.parametrize("status", [404, 500, 503])
def test_an_error_answer_is_an_error(stub, fetcher, status):
    with pytest.raises(FetchError, match=f"answered {status}"):
        get(fetcher, stub.says("/a", b"sorry", status))


def test_an_answer_larger_than_allowed_is_cut_off(stub, fetcher):
    assert get(fetcher, stub.says("/fits", b"x" * 1000)) == [b"x" * 1000]
    with pytest.raises(FetchError, match="more than"):
        get(fetcher, stub.says("/big", b"x" * 300_000))


def test_a_server_that_never_answers_is_given_up(stub, fetcher):
    stub.answers["/slow"] = lambda _handler: stub.over.wait(10)
    with pytest.raises(FetchError, match="no answer"):
        get(fetcher, stub.url("/slow"), timeout=0.2)


def test_a_server_that_drips_byte_by_byte_is_given_up(stub, fetcher):
    """Each byte comes in time; the whole would take an hour."""
    sent = []

    def drip(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "900")
        handler.end_headers()
        while len(sent) < 900 and not stub.over.wait(0.01):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            sent.append(1)

    stub.answers["/drip"] = drip
    with pytest.raises(FetchError, match="not finished within"):
        get(fetcher, stub.url("/drip"), timeout=0.3)
    assert len(sent) < 900


def test_an_answer_that_breaks_off_is_an_error(stub, fetcher):
    def half(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "900")
        handler.end_headers()
        handler.wfile.write(b"x" * 100)
        handler.close_connection = True

    stub.answers["/half"] = half
    with pytest.raises(FetchError, match="no answer"):
        get(fetcher, stub.url("/half"))


def test_a_compressed_answer_in_pieces_is_one_payload(stub, fetcher):
    body = gzip.compress(b"y" * 900)

    def pieces(handler):
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for start in range(0, len(body), 5):
            part = body[start : start + 5]
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        handler.wfile.write(b"0\r\n\r\n")

    stub.answers["/zip"] = pieces
    assert get(fetcher, stub.url("/zip")) == [b"y" * 900]
    assert get(fetcher, stub.says("/empty", b"")) == [b""]


def test_a_small_file_that_unpacks_to_a_large_one_is_cut_off(stub, fetcher):
    url = stub.says("/bomb", gzip.compress(b"0" * 5_000_000), **{"Content-Encoding": "gzip"})
    with pytest.raises(FetchError, match="more than"):
        get(fetcher, url)


def test_a_lost_connection_is_tried_once_more(stub, fetcher):
    def hang_up(handler):
        handler.close_connection = True
        stub.says("/a", b"now")

    stub.answers["/a"] = hang_up
    assert get(fetcher, stub.url("/a")) == [b"now"]
    assert stub.asked == ["/a", "/a"]


def test_nobody_there_is_one_line_for_the_operator(fetcher, stub):
    with serving() as gone:
        address = gone.address
    with pytest.raises(FetchError) as error:
        get(Fetcher(allowed=frozenset({address}), max_bytes=10), f"{address}/a")
    assert "\n" not in str(error.value)


def test_a_proxy_of_the_environment_is_not_used(stub, fetcher, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    assert get(fetcher, stub.says("/a")) == [b"ok"]


def test_the_allow_list_has_what_is_named_and_the_demos_own_loopback():
    named = "https://a.example:443, http://b.example:80 ,"
    assert allow_list(Settings(allowed_hosts=named, demo=False)) == {
        "https://a.example:443",
        "http://b.example:80",
    }
    demo = allow_list(Settings(allowed_hosts="", demo=True, simulator="http://127.0.0.1:8051"))
    assert demo == {"http://127.0.0.1:8051"}
    assert allow_list(Settings(allowed_hosts="", demo=False)) == frozenset()


def test_an_origin_is_scheme_host_and_port():
    assert origin_of("https://a.example/x?y") == "https://a.example:443"
    assert origin_of("http://a.example:8080/x") == "http://a.example:8080"
    assert origin_of("http://user@a.example/x") == "http://a.example:80"


# ---- a watched folder ----


def old(path, age=60):
    stamp = time.time() - age
    os.utime(path, (stamp, stamp))
    return path


def drop(folder, name, body=b"x", age=60):
    path = folder / name
    path.write_bytes(body)
    return old(path, age)


def test_each_file_of_a_folder_is_taken_once_oldest_first(tmp_path, fetcher):
    drop(tmp_path, "b.xml", b"1", 90)
    drop(tmp_path, "a.xml", b"2", 60)
    assert get(fetcher, tmp_path.as_uri()) == [b"1", b"2"]
    assert get(fetcher, tmp_path.as_uri()) == []
    drop(tmp_path, "c.xml", b"3")
    assert get(fetcher, tmp_path.as_uri()) == [b"3"]


def test_a_file_written_again_is_taken_again(tmp_path, fetcher):
    drop(tmp_path, "a.xml", b"1", 90)
    get(fetcher, tmp_path.as_uri())
    drop(tmp_path, "a.xml", b"2", 60)
    assert get(fetcher, tmp_path.as_uri()) == [b"2"]


def test_files_that_are_hidden_partial_or_young_wait(tmp_path, fetcher):
    for name in (".hidden", "a.tmp", "b.part"):
        drop(tmp_path, name)
    young = drop(tmp_path, "young.xml", age=0)
    (tmp_path / "folder").mkdir()
    assert get(fetcher, tmp_path.as_uri()) == []
    old(young)
    assert get(fetcher, tmp_path.as_uri()) == [b"x"]
    assert young.exists()


def test_a_file_that_could_not_be_stored_comes_again(tmp_path, fetcher):
    drop(tmp_path, "a.xml", b"1")
    for _ in range(2):
        assert [f.payload for f in fetcher.fetch(tmp_path.as_uri(), timeout=1)] == [b"1"]


def test_a_folder_with_a_blank_and_chinese_in_its_name(tmp_path, fetcher):
    folder = tmp_path / "预警 收件"
    folder.mkdir()
    drop(folder, "一.xml", b"1")
    assert get(fetcher, folder.as_uri()) == [b"1"]


def test_a_folder_that_is_not_there_is_an_error(tmp_path, fetcher):
    with pytest.raises(FetchError, match="not a folder"):
        get(fetcher, (tmp_path / "no").as_uri())


def test_a_file_too_big_is_told_once_and_costs_no_other_file(tmp_path, fetcher):
    drop(tmp_path, "a.xml", b"1", 90)
    drop(tmp_path, "b.xml", b"x" * 2000, 80)
    drop(tmp_path, "c.xml", b"3", 70)
    found = []
    for _ in range(3):
        try:
            found += get(fetcher, tmp_path.as_uri())
        except FetchError as error:
            found.append(str(error))
    assert sorted(f for f in found if isinstance(f, bytes)) == [b"1", b"3"]
    assert [f for f in found if isinstance(f, str)] == ["b.xml: more than 0 MB"]


# ---- the loop ----


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


@pg_only
def test_a_writer_that_dies_lets_the_next_one_in(store):
    """The place of the writer is held by the transaction, so it cannot be left locked."""
    store.engine.dispose()
    conn = store.engine.connect()
    conn.exec_driver_sql("select pg_advisory_xact_lock(441600)")
    raw = conn.connection.driver_connection
    raw.close()
    conn.invalidate()
    conn.close()
    assert Lease(store, "collector", seconds=15).hold(NOW)
