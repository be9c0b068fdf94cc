"""The watcher outside raises one alarm a trouble, and hangs on nothing."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from click.testing import CliRunner

from data.cli import main
from data.ops import OpsError
from data.ops.watch import Watcher


@contextmanager
def served(status: int, body: bytes) -> Iterator[str]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.send_header("X-Path", self.path)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def watcher(url, *, misses=2, **more):
    return Watcher(url, path="/readyz", misses=misses, timeout=more.pop("timeout", 0.5), **more)


def test_a_good_answer_is_well():
    with served(200, b'{"ready": true}') as url:
        assert watcher(url).look() == ""
        answer = CliRunner().invoke(main, ["watch", url])
    assert (answer.exit_code, answer.output.strip()) == (0, f"{url}: well")


def test_the_reasons_are_told():
    with served(503, b'{"ready": false, "reasons": ["collector is not alive", "x"]}') as url:
        assert watcher(url).look() == "503: collector is not alive; x"
        answer = CliRunner().invoke(main, ["watch", url, "--misses", "1"])
    assert answer.exit_code == 2
    assert "collector is not alive" in answer.output


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"reasons": 5}', b""])
def test_another_answer_is_a_miss_too(body):
    with served(502, body) as url:
        assert watcher(url).look() == "answered 502"


def test_nobody_there_and_nobody_answers():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        assert "cannot be reached" in watcher(url).look()
        taken.listen(1)  # it takes the connection and never says a word
        assert watcher(url, timeout=0.2).look() == "no answer within 0.2 s"


def test_an_answer_without_an_end_is_a_miss():
    with served(200, b"x" * 100000) as url:
        assert watcher(url).look() == "the answer does not end"


def test_one_alarm_a_trouble(tmp_path):
    told = tmp_path / "told"
    script = tmp_path / "alarm"
    script.write_text(f'#!/bin/sh\necho "$1 $ZHIZHI_ALARM: $ZHIZHI_REASON" >> {told}\n')
    script.chmod(0o755)
    found = watcher("http://127.0.0.1:1", misses=3, command=[str(script), "a b"])
    for reason in ("x", "x", "", "x", "x", "x", "x", "", "", "x"):
        found.note(reason)
    assert told.read_text() == "a b lost: x\na b back: \n"


def test_an_alarm_that_fails_does_not_stop_the_watch():
    found = watcher("http://127.0.0.1:1", misses=1, command=["/none/such"])
    found.note("x")
    found.note("")
    assert not found.lost


@pytest.mark.parametrize("url", ["host:80", "ftp://host", "http://u:p@host", "file:///etc/passwd"])
def test_what_is_no_address_is_refused(url):
    with pytest.raises(OpsError):
        watcher(url)
    answer = CliRunner().invoke(main, ["watch", url])
    assert answer.exit_code == 2
    assert "u:p" not in answer.output
