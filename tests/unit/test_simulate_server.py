"""The simulator answers over HTTP, on the loopback address only."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from data.simulate.scenarios import SCENARIOS
from data.simulate.server import City, Server
from data.vocabulary import LOCAL

NOW = datetime(2026, 11, 20, 15, 2, 10, tzinfo=LOCAL)


@pytest.fixture
def clock():
    return {"now": NOW}


@pytest.fixture
def ask(clock):
    city = City(4416, lambda: clock["now"], hold_s=0.05)
    with Server("127.0.0.1", 0, city) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()

        def request(method, path, body=None):
            connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
            connection.request(method, path, json.dumps(body) if body is not None else None)
            answer = connection.getresponse()
            found = answer.read()
            connection.close()
            return answer.status, found

        yield request
        server.shutdown()


def test_it_serves_feeds_and_says_that_it_is_a_demo(ask):
    status, found = ask("GET", "/health")
    assert status == 200
    assert json.loads(found)["demo"] is True
    assert ask("GET", "/cap/warnings.atom")[1].startswith(b"<?xml")
    assert (
        ask("GET", "/open311/yuepingan/requests.json?start_date=2026-11-20T14:00:00%2B08:00")[0]
        == 200
    )
    assert ask("GET", "/nowhere")[0] == 404


def test_a_scenario_is_started_and_stopped(ask, clock):
    assert json.loads(ask("GET", "/scenario")[1])["active"] is None
    status, found = ask("POST", "/scenario", {"name": "rainstorm"})
    assert status == 200
    assert json.loads(found)["active"]["zh"] == "暴雨演练"
    clock["now"] = NOW + timedelta(minutes=3)
    assert json.loads(ask("GET", "/scenario")[1])["active"]["name"] == "rainstorm"
    assert "暴雨橙色".encode() in ask("GET", "/cap/warnings.atom")[1]
    assert ask("DELETE", "/scenario")[0] == 200
    clock["now"] = NOW + timedelta(minutes=4)
    assert json.loads(ask("GET", "/scenario")[1])["active"] is None
    assert b"<msgType>Cancel</msgType>" in ask("GET", "/cap/warnings.atom")[1]


def test_a_scenario_can_start_at_a_given_time(ask):
    start = (NOW - timedelta(minutes=5)).isoformat()
    active = json.loads(ask("POST", "/scenario", {"name": "rainstorm", "start": start})[1])[
        "active"
    ]
    assert datetime.fromisoformat(active["start"]) == NOW - timedelta(minutes=5)


@pytest.mark.parametrize("body", [{"name": "volcano"}, {}, [], {"name": "rainstorm", "start": "x"}])
def test_what_cannot_be_started_is_refused(ask, body):
    assert ask("POST", "/scenario", body)[0] == 400
    assert ask("POST", "/elsewhere", body)[0] == 404


def test_a_feed_that_times_out_answers_late(ask):
    ask("POST", "/scenario", {"name": "source_outage"})
    assert ask("GET", "/gtfs-rt/trip-updates.pb")[0] == 504


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "localhost"])
def test_no_other_address_is_served(host):
    with pytest.raises(ValueError, match=r"127\.0\.0\.1 only"):
        Server(host, 0, City(1, lambda: NOW))


def test_the_process_leaves_cleanly_when_told_to():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = f"from data.simulate.server import serve; serve({port}, 4416)"
    root = Path(__file__).parents[2]
    process = subprocess.Popen([sys.executable, "-c", program], cwd=root, stderr=subprocess.PIPE)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=10)
        assert (process.returncode, said) == (0, b"")
    finally:
        process.kill()
        process.wait()


def test_a_restart_still_knows_the_scenario_that_was_going_on(tmp_path):
    keep, now = tmp_path / "var" / "story.json", datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
    City(1, lambda: now, keep=keep).start(SCENARIOS["rainstorm"])
    again = City(1, lambda: now + timedelta(minutes=5), keep=keep)
    assert again.state()["active"]["name"] == "rainstorm"
    keep.write_text("not json")
    assert City(1, lambda: now, keep=keep).state()["active"] is None
