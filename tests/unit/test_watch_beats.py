"""A heartbeat that stops is an alarm within two of its periods, whatever the clocks do."""

from __future__ import annotations

import json
import os
import socket
import threading
import time

import pytest
import requests
from click.testing import CliRunner

from data.alarms.channels import webhook_sign
from data.cli import main
from data.ops import OpsError, watch
from data.ops.beats import LATE_S, BeatFile, BeatListener

PERIOD_S = 300


class Steady:
    """A clock that is moved by hand."""

    def __init__(self, at=1000.0):
        self.at = at

    def __call__(self):
        return self.at


def told(alarm, monkeypatch):
    said = []
    monkeypatch.setattr(alarm, "_tell", lambda what, reason: said.append((what, reason)))
    return said


def test_a_stopped_heartbeat_alarms_once_within_two_periods_and_says_when_it_is_back(
    tmp_path, monkeypatch
):
    file, steady = tmp_path / "heartbeat.json", Steady()
    file.write_text("1")
    found = BeatFile(file, steady=steady, clock=lambda: file.stat().st_mtime)
    said = told(found, monkeypatch)
    for beat in range(3):
        steady.at += PERIOD_S
        file.write_text("x" * (beat + 2))
        found.note(found.look())
    assert said == []
    stopped = steady.at
    while not said:
        steady.at += 10
        found.note(found.look())
    assert said == [("lost", f"no heartbeat for {steady.at - stopped:.0f} s")]
    assert steady.at - stopped <= 2 * PERIOD_S
    found.note(found.look())
    file.write_text("again")
    found.note(found.look())
    assert [what for what, _ in said] == ["lost", "back"]


def test_one_heartbeat_that_is_late_by_half_a_period_is_no_alarm(tmp_path):
    file, steady = tmp_path / "b", Steady()
    file.write_text("1")
    found = BeatFile(file, steady=steady, clock=lambda: file.stat().st_mtime)
    steady.at += 1.5 * PERIOD_S
    assert found.look() == ""


def test_a_file_that_is_old_when_the_watch_begins_alarms_and_one_of_the_future_has_no_age(tmp_path):
    file, steady = tmp_path / "b", Steady()
    file.write_text("1")
    os.utime(file, (1_000_000, 1_000_000))
    old = BeatFile(file, steady=steady, clock=lambda: 1_000_000 + LATE_S + 1)
    assert old.look() == f"no heartbeat for {LATE_S + 1:.0f} s"
    ahead = BeatFile(file, steady=steady, clock=lambda: 0.0)
    assert ahead.look() == ""
    steady.at += LATE_S + 1
    assert ahead.look() != ""


def test_a_file_that_never_comes_alarms_too(tmp_path):
    steady = Steady()
    found = BeatFile(tmp_path / "none", steady=steady)
    assert found.look() == ""
    steady.at += LATE_S + 1
    assert found.look().startswith("no heartbeat since the watch began")


@pytest.fixture
def listener():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = BeatListener(f"127.0.0.1:{port}", secret="both know", steady=Steady())
    yield made
    made.close()


def call(listener, body, *, secret="both know", stamp=None, **more):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    stamp = str(int(stamp if stamp is not None else time.time()))
    headers = {
        "X-Zhizhi-Timestamp": stamp,
        "X-Zhizhi-Signature": webhook_sign(secret, stamp, raw),
    }
    url = f"http://127.0.0.1:{listener.server.server_port}/"
    return requests.post(url, data=raw, headers=headers | more, timeout=5).status_code


BEAT = {"act": "heartbeat", "key": "k1"}


def test_a_signed_call_is_a_heartbeat_and_the_same_one_again_is_none(listener):
    listener.steady.at += LATE_S
    assert call(listener, BEAT) == 204
    assert listener.heard
    listener.steady.at += LATE_S + 1
    assert call(listener, BEAT) == 204
    assert listener.look() != ""
    assert call(listener, BEAT | {"key": "k2"}) == 204
    assert listener.look() == ""


@pytest.mark.parametrize(("body", "more"), [
    (BEAT, {"secret": "another"}),
    (BEAT, {"stamp": 1_000_000}),
    ({"act": "raise", "key": "k"}, {}),
    (b"{", {}), (b"[]", {}), (b"[" * 60000, {}), (b"\xff", {}),
])  # fmt: skip
def test_what_is_no_heartbeat_is_refused(listener, body, more):
    assert call(listener, body, **more) == 400
    assert not listener.heard


def test_a_body_too_large_is_not_read(listener):
    assert call(listener, b"x" * 70000) == 413


def test_a_place_that_is_none_or_taken_is_refused(listener):
    with pytest.raises(OpsError, match="host:port"):
        BeatListener("8070")
    with pytest.raises(OpsError, match="cannot listen"):
        BeatListener(f"127.0.0.1:{listener.server.server_port}")


def test_the_command_looks_at_a_file_once(tmp_path):
    file = tmp_path / "heartbeat.json"
    assert CliRunner().invoke(main, ["watch"]).exit_code == 2
    assert CliRunner().invoke(main, ["watch", "--heartbeat", str(file)]).exit_code == 2
    file.write_text("{}")
    assert CliRunner().invoke(main, ["watch", "--heartbeat", str(file)]).exit_code == 0
    os.utime(file, (1_000_000, 1_000_000))
    answer = CliRunner().invoke(main, ["watch", "--heartbeat", str(file)])
    assert answer.exit_code == 2
    assert "no heartbeat for" in answer.output


def test_everything_is_looked_at_in_turn():
    stop, seen = threading.Event(), []

    class One(watch.Alarm):
        def look(self):
            seen.append(self.address)
            if len(seen) == 2:
                stop.set()
            return ""

    watch.run([One("a", misses=1), One("b", misses=1)], 1.0, stop)
    assert seen == ["a", "b"]
