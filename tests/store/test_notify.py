"""A target that hangs, fails, redirects or closes halfway: tried again, never in others' way."""

from __future__ import annotations

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from data import models as m
from data.catalogue import catalogue
from data.collector import notify
from data.collector.notify import Notifier
from data.settings import Settings
from tests.conftest import NOW

n = m.notice.c
MINUTE = timedelta(minutes=1)
BODY = {
    "act": "test", "marks": [], "city": {"zh": "河源市", "en": "Heyuan"}, "priority": 2,
    "situation": None, "alarms": [], "count": 0, "at": NOW.timestamp(), "link": "",
}  # fmt: skip


@contextmanager
def hearing(*answers):
    """Serve a target that answers each call in turn: a status, "hang", "close" (in the headers), "short" (in the body)."""
    heard, over = [], threading.Event()
    turns = iter(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append((self.headers["Idempotency-Key"], json.loads(body)))
            turn = next(turns, 200)
            if turn == "hang":
                over.wait(10)
                return
            if turn == "close":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Le")
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            if turn == "short":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{")
                self.close_connection = True
                return
            self.send_response(turn)
            if turn == 302:
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    origin = f"http://127.0.0.1:{server.server_port}"
    try:
        yield SimpleNamespace(origin=origin, heard=heard)
    finally:
        over.set()
        server.shutdown()
        thread.join(5)
        server.server_close()


class Clock:
    """The clock of the sender, moved by hand."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


def sender(store, tmp_path, clock, *, webhook="", wecom="", total=5.0):
    environ = {"ZHIZHI_NOTIFY_WEBHOOK": webhook, "ZHIZHI_NOTIFY_WECOM": wecom}
    made = Notifier(
        store, catalogue(), Settings(var=tmp_path / "var"), clock=clock, environ=environ,
        allowed=frozenset(x for x in (webhook, wecom) if x),
    )  # fmt: skip
    for line in made.lines.values():
        line.way.total = total
    return made


def put(store, target="platform", at=NOW, **more):
    values = {"ref": "r", "target": target, "body": BODY, "made_at": at, "due_at": at}
    with store.write() as conn:
        return conn.execute(m.notice.insert().values(values | more).returning(n.id)).scalar_one()


def turn(made):
    """Let it work once and wait until every line is done."""
    with ThreadPoolExecutor(8) as pool:
        return made.turn(pool)


def row(store, number):
    with store.read() as conn:
        return conn.execute(select(m.notice).where(n.id == number)).one()


def test_a_notice_is_sent_once_when_all_is_well(store, tmp_path):
    with hearing(200) as target:
        made = sender(store, tmp_path, Clock(), webhook=target.origin)
        number = put(store)
        assert turn(made) == 1
        assert turn(made) == 0
    assert row(store, number).sent_at == NOW
    assert [body["city"]["en"] for _, body in target.heard] == ["Heyuan"]


@pytest.mark.parametrize(("answer", "said"), [
    (500, "answered 500"), (302, "redirects are not followed"), ("close", "half an answer"),
    ("short", "no answer"),
])  # fmt: skip
def test_what_was_not_taken_is_tried_again_with_the_same_key(store, tmp_path, answer, said):
    clock = Clock()
    with hearing(answer, 200) as target:
        made = sender(store, tmp_path, clock, webhook=target.origin)
        number = put(store)
        turn(made)
        found = row(store, number)
        assert found.sent_at is None
        assert said in found.error
        assert target.origin not in found.error
        assert NOW < found.due_at <= NOW + timedelta(seconds=6)
        assert turn(made) == 0
        clock.now = NOW + timedelta(seconds=7)
        turn(made)
    assert row(store, number).sent_at == clock.now
    assert row(store, number).tries == 2
    assert len({key for key, _ in target.heard}) == 1
    assert len(target.heard) == 2


def test_a_target_that_hangs_is_cut_and_holds_up_no_other(store, tmp_path):
    with hearing("hang") as slow, hearing(200) as good:
        made = sender(store, tmp_path, Clock(), webhook=slow.origin, wecom=good.origin, total=0.3)
        stuck, well = put(store), put(store, target="duty_wecom")
        turn(made)
    assert (
        "not finished within" in row(store, stuck).error or "no answer" in row(store, stuck).error
    )
    assert row(store, stuck).sent_at is None
    assert "no JSON" in row(store, well).error
    assert len(good.heard) == 1


def test_while_a_target_hangs_the_store_can_be_written(store, tmp_path):
    with hearing("hang") as slow:
        made = sender(store, tmp_path, Clock(), webhook=slow.origin, total=0.6)
        put(store)
        with ThreadPoolExecutor(2) as pool:
            made.turn(pool)
            until = time.monotonic() + 5
            while not slow.heard and time.monotonic() < until:
                time.sleep(0.01)
            with store.write(wait_s=1) as conn:
                conn.execute(m.store_info.insert().values(key="written", value="1"))
            assert not made.lines["platform"].running.done()


def test_two_senders_never_take_the_same_and_one_that_died_is_followed_by_another(store, tmp_path):
    clock = Clock()
    first = sender(store, tmp_path, clock, webhook="http://127.0.0.1:9")
    second = sender(store, tmp_path, clock, webhook="http://127.0.0.1:9")
    number = put(store)
    assert [r.id for r in first._take("platform", 5)] == [number]
    assert second._take("platform", 5) == []
    clock.now = NOW + notify.CLAIM
    assert [r.id for r in second._take("platform", 5)] == [number]


def test_the_gravest_goes_first(store, tmp_path):
    made = sender(store, tmp_path, Clock(), webhook="http://127.0.0.1:9")
    put(store, body=BODY | {"priority": 3})
    grave = put(store, body=BODY | {"priority": 1})
    assert [r.id for r in made._take("platform", 1)] == [grave]


def test_what_nobody_took_for_a_day_is_given_up_and_says_so(store, tmp_path):
    clock = Clock()
    made = sender(store, tmp_path, clock, webhook="http://127.0.0.1:9")
    often, seldom = put(store, tries=5), put(store, tries=4)
    clock.now = NOW + notify.GIVE_UP + MINUTE
    assert [r.id for r in made._take("platform", 5)] == [seldom]
    assert row(store, often).given_up_at == clock.now


@pytest.mark.parametrize("hours", [1, -1, -24 * 365 * 50])
def test_a_clock_that_jumps_neither_holds_up_nor_loses_a_notice(store, tmp_path, hours):
    clock = Clock()
    made = sender(store, tmp_path, clock, webhook="http://127.0.0.1:9")
    number = put(store, tries=7)
    clock.now = NOW + timedelta(hours=hours)
    assert [r.id for r in made._take("platform", 5)] == [number]
    assert row(store, number).given_up_at is None


def test_a_heartbeat_is_a_file_that_is_whole(store, tmp_path):
    made = sender(store, tmp_path, Clock())
    number = put(store, target="heartbeat")
    turn(made)
    found = json.loads((tmp_path / "var" / "heartbeat.json").read_text(encoding="utf-8"))
    assert found["key"].endswith(f"-{number}")
    assert row(store, number).sent_at == NOW
    assert [p.name for p in (tmp_path / "var").iterdir()] == ["heartbeat.json"]


def test_a_place_that_is_not_on_the_allow_list_is_not_called(store, tmp_path):
    with hearing(200) as target:
        made = sender(store, tmp_path, Clock(), webhook=target.origin)
        made.lines["platform"].way.allowed.granted.clear()
        number = put(store)
        turn(made)
    assert "not on the allow-list" in row(store, number).error
    assert target.heard == []


@pytest.mark.parametrize("address", [
    "https://user:word@hook.example/x", "https://hook.example/x?token=abc",
    "ftp://hook.example/x", "https:///x", "https://[x", "nonsense",
])  # fmt: skip
def test_an_unsafe_address_is_left_out_without_being_told(store, tmp_path, address, capsys):
    made = sender(store, tmp_path, Clock())
    assert "platform" not in made.lines
    environ = {"ZHIZHI_NOTIFY_WEBHOOK": address}
    lines = notify.connected(catalogue(), Settings(var=tmp_path), environ)
    assert [x.target.key for x in lines] == ["heartbeat"]
    said = capsys.readouterr()
    assert "abc" not in said.out + said.err
    assert "word" not in (said.out + said.err).replace("password", "")


def test_a_key_in_the_address_never_goes_in_the_clear(tmp_path):
    environ = {"ZHIZHI_NOTIFY_WECOM": "http://qyapi.example/send?key=K"}
    found = notify.connected(catalogue(), Settings(var=tmp_path), environ)
    assert [x.target.key for x in found] == ["heartbeat"]
