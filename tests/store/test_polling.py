"""Polls that cost little: conditional requests, keys, and what an unchanged answer means."""

from __future__ import annotations

import gzip
from datetime import timedelta

import brotli
import pytest
from click.testing import CliRunner

from data import models as m
from data.catalogue import catalogue
from data.cli import main
from data.collector import loop
from data.collector.fetch import Fetcher, FetchError
from data.collector.loop import Collector
from data.settings import Settings
from tests.conftest import NOW
from tests.shared_samples import payload
from tests.store.payloads import realtime, vehicle
from tests.store.stub_server import serving
from tests.store.support import YUANCHENG, contents, count, rows_of
from tests.store.test_collector import Clock, Log, rounds

DETAIL = payload("cma_detail.jsonp")


@pytest.fixture
def stub():
    with serving() as found:
        yield found


@pytest.fixture
def fetcher(stub):
    return Fetcher(allowed=frozenset({stub.address}), max_bytes=100_000)


def conditional(stub, path, body, seen, etag='"v1"', stamp="Wed, 18 Nov 2026 02:00:00 GMT"):
    """Answer 304 to whoever holds this version."""

    def answer(handler):
        seen.append(dict(handler.headers))
        held = handler.headers.get("If-None-Match") == etag
        handler.send_response(304 if held else 200)
        handler.send_header("ETag", etag)
        handler.send_header("Last-Modified", stamp)
        if not held:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if not held:
            handler.wfile.write(body)

    stub.answers[path] = answer
    return stub.url(path)


def once(fetcher, url, good=True, **more):
    (found,) = fetcher.fetch(url, timeout=2, **more)
    fetcher.taken(found, good=good)
    return found


def test_what_was_taken_is_asked_for_only_if_it_changed(stub, fetcher):
    seen = []
    url = conditional(stub, "/a", b"one", seen)
    first, second, third = (once(fetcher, url) for _ in range(3))
    assert (first.payload, first.unchanged) == (b"one", False)
    for found in (second, third):
        assert (found.payload, found.unchanged, found.sha256) == (None, True, first.sha256)
    assert "If-None-Match" not in seen[0]
    assert seen[1]["If-None-Match"] == '"v1"'
    assert seen[1]["If-Modified-Since"] == "Wed, 18 Nov 2026 02:00:00 GMT"


def test_what_was_not_understood_is_asked_for_whole_again(stub, fetcher):
    seen = []
    url = conditional(stub, "/a", b"one", seen)
    once(fetcher, url, good=False)
    assert once(fetcher, url).payload == b"one"
    assert "If-None-Match" not in seen[1]


def test_the_same_bytes_are_known_as_the_same_without_any_header(stub, fetcher):
    url = stub.says("/a", b"one")
    assert [once(fetcher, url).unchanged for _ in range(3)] == [False, True, True]
    stub.says("/a", b"two")
    assert not once(fetcher, url).unchanged


def test_a_304_to_somebody_who_holds_nothing_is_an_error(stub, fetcher):
    with pytest.raises(FetchError, match="answered 304"):
        once(fetcher, stub.says("/a", b"", 304))


def test_a_header_that_could_break_the_request_is_not_sent_back(stub, fetcher):
    url = stub.says("/a", b"one", ETag="\x01bad")
    once(fetcher, url)
    assert once(fetcher, url).payload == b"one"


def test_brotli_is_unpacked_and_bounded(stub, fetcher):
    packed = brotli.compress(b"y" * 90_000)
    url = stub.says("/br", packed, **{"Content-Encoding": "br"})
    assert once(fetcher, url).payload == b"y" * 90_000
    bomb = stub.says("/bomb", brotli.compress(b"0" * 5_000_000), **{"Content-Encoding": "br"})
    with pytest.raises(FetchError, match="more than"):
        once(fetcher, bomb)


def test_a_key_is_sent_and_told_to_nobody(stub, fetcher):
    seen = []
    url = conditional(stub, "/a?token=s3cret", b"one", seen)
    found = once(fetcher, url, shown=stub.url("/a?..."), headers={"X-API-Key": "k3y"})
    assert seen[0]["X-API-Key"] == "k3y"
    assert found.origin == stub.url("/a?...")
    for broken in (lambda h: h.send_error(500), lambda h: setattr(h, "close_connection", True)):
        stub.answers["/a?token=s3cret"] = broken
        with pytest.raises(FetchError) as error:
            once(fetcher, url, shown=stub.url("/a?..."), headers={"X-API-Key": "k3y"})
        told = repr(error.value) + repr(error.value.__cause__)
        assert "s3cret" not in told
        assert "k3y" not in told


def test_headers_that_drip_are_given_up(stub, fetcher):
    """Each byte comes in time, and no answer ever begins."""

    def drip(handler):
        while not stub.over.wait(0.02):
            handler.wfile.write(b"H")
            handler.wfile.flush()

    stub.answers["/drip"] = drip
    with pytest.raises(FetchError, match=r"no answer|not finished"):
        list(fetcher.fetch(stub.url("/drip"), timeout=0.3))


# ---- in the loop ----


@pytest.fixture
def collector(store, stub, monkeypatch):
    monkeypatch.setattr(loop, "log", Log())
    monkeypatch.setenv("ZHIZHI_CMA_WARNINGS_URL", stub.url("/warnings"))
    config = Settings(allowed_hosts=stub.address, demo=False, lease_s=15)
    found = Collector(store, catalogue(), config, clock=Clock())
    found.polls = [p for p in found.polls if p.source.key == "cma_warnings"]
    return found


def state(store):
    (found,) = rows_of(store, m.source_state)
    return found


def test_not_modified_counts_as_heard(store, stub, collector):
    seen = []
    conditional(stub, "/warnings", DETAIL, seen)
    rounds(collector)
    heard = state(store).last_ok_at
    stored = contents(store, m.external_alert)
    collector.clock.offset = timedelta(seconds=5)
    rounds(collector, 2)
    assert len(seen) == 3
    assert state(store).last_ok_at > heard
    assert state(store).failures == 0
    assert contents(store, m.external_alert) == stored
    assert [r.status for r in rows_of(store, m.ingest_run)] == ["ok", "duplicate", "duplicate"]
    (kept,) = rows_of(store, m.fetch)
    assert kept.seen == 3


def test_a_bus_feed_is_polled_over_http_with_its_key(store, stub, collector, monkeypatch):
    """Packed, with a key and a version: stored once, then heard without being sent again."""
    seen = []
    message = realtime()
    vehicle(message, "v1", YUANCHENG, speed=5.0, at=NOW)
    body = gzip.compress(message.SerializeToString())

    def answer(handler):
        seen.append(dict(handler.headers))
        held = handler.headers.get("If-None-Match") == '"v7"'
        handler.send_response(304 if held else 200)
        handler.send_header("ETag", '"v7"')
        handler.send_header("Content-Encoding", "gzip")
        if not held:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if not held:
            handler.wfile.write(body)

    stub.answers["/vehicles.pb"] = answer
    monkeypatch.setenv("BUS_KEY", "k3y")
    poll = collector.polls[0]
    poll.source = (
        catalogue()
        .sources["bus_vehicles"]
        .model_copy(
            update={
                "urls": (stub.url("/vehicles.pb"),),
                "key_header": "X-API-Key",
                "key_env": "BUS_KEY",
            }
        )
    )
    rounds(collector, 3)
    assert [h["X-API-Key"] for h in seen] == ["k3y"] * 3
    assert [h.get("If-None-Match") for h in seen] == [None, '"v7"', '"v7"']
    assert "k3y" not in repr(contents(store, m.fetch, m.ingest_run, m.source_state))
    assert [r.status for r in rows_of(store, m.ingest_run)] == ["ok", "duplicate", "duplicate"]


def test_a_store_that_does_not_hold_it_gets_it_whole(store, stub, collector):
    seen = []
    conditional(stub, "/warnings", DETAIL, seen)
    rounds(collector)
    with store.write() as conn:
        conn.execute(m.external_alert_area.delete())
        conn.execute(m.external_alert.delete())
        conn.execute(m.ingest_run.update().values(status="duplicate"))
    rounds(collector, 2)
    assert count(store, m.external_alert) == 1
    assert "If-None-Match" not in seen[-1]


def test_a_broken_answer_stays_a_failure_though_it_is_not_modified(store, stub, collector):
    seen = []
    conditional(stub, "/warnings", b"{", seen)
    rounds(collector, 3)
    assert state(store).failures == 3
    assert all("If-None-Match" not in headers for headers in seen)


def test_a_source_without_an_address_is_not_polled(store, stub):
    config = Settings(allowed_hosts=stub.address, demo=False)
    asked = {p.source.key for p in Collector(store, catalogue(), config, clock=Clock()).polls}
    assert not {"cma_warnings", "air_quality", "openaq", "beds_have", "beds_nhsn"} & asked
    assert "yuepingan" in asked


def test_a_key_that_is_missing_is_a_failure_with_the_name_of_its_variable(store, stub, collector):
    poll = collector.polls[0]
    poll.source = poll.source.model_copy(update={"key_header": "X-Key", "key_env": "NO_SUCH_KEY"})
    rounds(collector)
    assert "NO_SUCH_KEY is not set" in state(store).error
    assert stub.asked == []


def test_the_address_shown_holds_no_query(store, stub, collector, monkeypatch):
    stub.says("/warnings?token=s3cret", DETAIL)
    monkeypatch.setenv("ZHIZHI_CMA_WARNINGS_URL", stub.url("/warnings?token=s3cret"))
    rounds(collector)
    (kept,) = rows_of(store, m.fetch)
    assert kept.origin == stub.url("/warnings?...")


def test_a_bad_allow_list_is_one_line_at_the_start(fresh_settings, tmp_path):
    fresh_settings.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'store.sqlite'}")
    fresh_settings.setenv("ZHIZHI_ALLOWED_HOSTS", "https://a.example:443=10.0.0.0/99")
    found = CliRunner().invoke(main, ["collect"])
    assert found.exit_code == 1
    assert "10.0.0.0/99" in found.output
    assert "Traceback" not in found.output
