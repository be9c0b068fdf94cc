"""One writer for all streams: the same bytes for each, and no display holds up another."""

from __future__ import annotations

import json
import re
import socket
import threading
import time

import pytest

from callbacks import broadcast as module
from callbacks.broadcast import Broadcast
from callbacks.hub import Hub, Scope
from data.snapshots import Changes, Snapshot

ZH = Scope("zh", "441600")


def render(panel, payload, lang, area):
    return {f"{panel}-id": {"children": payload, "lang": lang}}


@pytest.fixture
def hub():
    hub = Hub(None, render, build="b7")  # type: ignore[arg-type]
    hub.start = lambda: None  # type: ignore[method-assign]
    hub.epoch, hub.db_ok = "e1", True
    publish(hub, 1, "one")
    yield hub
    hub.close()


def publish(hub, rev, text):
    shown = Snapshot("a", "441600", rev, 100.0, 60, json.dumps(text))
    hub._take(Changes(rev, "e1", {}, {}, [shown]))
    hub.wake()


@pytest.fixture
def show():
    """Make displays; their sockets are closed behind the test."""
    made: list[Display] = []

    def make(*args, **how):
        made.append(Display(*args, **how))
        return made[-1]

    yield make
    for display in made:
        display.far.close()
        display.near.close()


class Display:
    """The far end of a stream, as a browser reads it."""

    def __init__(self, broadcast, *, protocol="HTTP/1.1", environ=None, small=False, scope=ZH):
        self.far, near = socket.socketpair()
        self.far.settimeout(5)
        if small:
            near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        self.near, self.got, self.chunked = near, b"", protocol == "HTTP/1.1"
        given = {"gunicorn.socket": near, "SERVER_PROTOCOL": protocol}
        body = broadcast.open(given if environ is None else environ, (scope,), -1, "")
        self.first = next(body)
        self.over = threading.Event()
        self.passed: list[bytes] = []
        threading.Thread(target=self._rest, args=(body,), daemon=True).start()

    def _rest(self, body):
        for piece in body:
            self.passed.append(piece)
        self.over.set()

    def read_until(self, words):
        while words not in self.got:
            more = self.far.recv(65536)
            assert more, self.got
            self.got += more
        return self.got


def chunks(raw):
    """Return the chunks of a body; fail when one does not have the length it says."""
    found = []
    while raw:
        size, _, raw = raw.partition(b"\r\n")
        length = int(size, 16)
        found.append(raw[:length])
        assert raw[length : length + 2] == b"\r\n"
        raw = raw[length + 2 :]
    return found


def test_every_display_gets_what_there_is_and_then_what_changes(hub, show):
    broadcast = Broadcast(hub)
    displays = [show(broadcast) for _ in range(20)]
    for display in displays:
        assert display.first == b"retry: 2000\n\n"
        assert b'"one"' in display.read_until(b"event: hb")
    publish(hub, 2, "two")
    for display in displays:
        display.read_until(b'"two"')
        events = b"".join(chunks(display.got))
        assert re.findall(rb'"children":"(\w+)"', events) == [b"one", b"two"]


def test_an_old_client_gets_the_bytes_without_chunks(hub, show):
    display = show(Broadcast(hub), protocol="HTTP/1.0")
    got = display.read_until(b"event: hb")
    assert got.startswith(b"id: 1\nevent: p\n")


def test_under_another_server_the_stream_passes_the_bytes_itself(hub, show):
    display = show(Broadcast(hub), environ={})
    publish(hub, 2, "two")
    end = time.monotonic() + 5
    while not any(b'"two"' in piece for piece in list(display.passed)):
        assert time.monotonic() < end, display.passed
        time.sleep(0.01)


def test_a_display_that_does_not_read_holds_up_nobody_and_catches_up(hub, show):
    broadcast = Broadcast(hub)
    slow, quick = show(broadcast, small=True), show(broadcast)
    for rev in range(2, 30):
        publish(hub, rev, f"text {rev} " + "x" * 20000)
        quick.read_until(f"text {rev} ".encode())
    publish(hub, 30, "the end")
    quick.read_until(b'"the end"')
    slow.read_until(b'"the end"')
    assert chunks(slow.got)[-1].count(b'"the end"') == 1
    assert len(slow.got) < len(quick.got)  # what it missed came as one


def test_a_display_that_never_reads_is_let_go_and_no_half_event_follows(hub, show, monkeypatch):
    monkeypatch.setattr(module, "STALLED_S", 0.2)
    broadcast = Broadcast(hub)
    stuck = show(broadcast, small=True)
    stuck.read_until(b"event: hb")
    publish(hub, 2, "x" * 4_000_000)
    assert stuck.over.wait(5)
    with pytest.raises(OSError, match=r"."):
        stuck.near.send(b"0\r\n\r\n")


def test_a_display_that_went_away_is_forgotten(hub, show):
    broadcast = Broadcast(hub)
    gone, stays = show(broadcast), show(broadcast)
    gone.read_until(b"event: hb")
    gone.far.close()
    publish(hub, 2, "two")
    stays.read_until(b'"two"')
    assert gone.over.wait(5)
    publish(hub, 3, "three")
    stays.read_until(b'"three"')


def test_closing_ends_every_stream(hub, show):
    broadcast = Broadcast(hub)
    displays = [show(broadcast), show(broadcast, environ={})]
    hub.close()
    assert all(display.over.wait(5) for display in displays)


def test_a_lost_store_is_said_at_once(hub, show):
    display = show(Broadcast(hub))
    display.read_until(b'"db":true')
    hub.db_ok = False
    hub.wake()
    display.read_until(b'"db":false')


def test_a_stream_that_cannot_be_answered_is_let_go_and_the_others_go_on(hub, show):
    english = Scope("en", "441600")
    broadcast = Broadcast(hub)
    bad, good = show(broadcast, scope=english), show(broadcast)
    for display in (bad, good):
        display.read_until(b"event: hb")
    answer = hub.answer

    def picky(rev, epoch, scopes, **how):
        if scopes == (english,):
            raise ValueError("cannot be answered")
        return answer(rev, epoch, scopes, **how)

    hub.answer = picky
    publish(hub, 2, "two")
    good.read_until(b'"two"')
    assert bad.over.wait(5)
