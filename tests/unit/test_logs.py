"""Each line is JSON, carries the request's name, and has no secret in it."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask

from callbacks import request_id, server_log
from data import logs
from data.settings import settings


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("postgresql://zhizhi:geheim@db/x lost", "postgresql://zhizhi:***@db/x lost"),
        ("Authorization: Bearer abcdefgh.12345", "Authorization: ***"),
        ("sent Bearer abcdefgh12345 to them", "sent Bearer *** to them"),
        ("password=geheim host=db", "password=*** host=db"),
        ('{"api_key": "0123456"}', '{"api_key": "***"}'),
        ("https://a.gov.cn/x?token=abc123&day=2", "https://a.gov.cn/x?token=***&day=2"),
        ("Cookie: zhizhi=abc.def", "Cookie: ***"),
        ("the password is wrong", "the password is wrong"),
        ("http://127.0.0.1:8050/live", "http://127.0.0.1:8050/live"),
        ("紫金县: 12 件", "紫金县: 12 件"),
    ],
)
def test_what_looks_like_a_secret_is_blackened(text, left):
    event = logs.redact(None, "info", {"event": text})
    assert event["event"].startswith(left.split("***")[0])
    assert logs.redact(None, "info", {"event": text})["event"] == left or "***" in event["event"]
    for secret in ("geheim", "abcdefgh", "0123456", "abc123", "abc.def"):
        assert secret not in event["event"]
    if "***" not in left:
        assert event["event"] == text


def test_fields_are_blackened_by_their_names_and_deep_inside():
    event = logs.redact(
        None,
        "info",
        {
            "token": "abc",
            "n": 5,
            "seen": {"Set-Cookie": "x=y", "a": ["password=geheim"]},
            "ok": True,
        },
    )
    assert event == {
        "token": "***",
        "n": 5,
        "seen": {"Set-Cookie": "***", "a": ["password=***"]},
        "ok": True,
    }


def test_secrets_of_the_environment_are_known_by_their_text(monkeypatch):
    monkeypatch.setattr(logs, "_hidden", set())
    logs.hide_environment(
        {
            "ZHIZHI_SECRET_KEY": "s3cr3t-s3cr3t",
            "DATABASE_URL": "postgresql://u:p4ssw0rd@h/x",
            "OPENAQ_TOKEN": "abc",
            "HOME": "/home/zhizhi",
        }
    )
    assert logs.without_secrets("a s3cr3t-s3cr3t b p4ssw0rd c abc /home/zhizhi") == (
        "a *** b *** c abc /home/zhizhi"
    )


PROGRAM = """
import logging, sys
from data import logs
logs.configure()
log = logs.logger("test")
log.info("one", address="postgresql://u:geheim99@h/x")
logging.getLogger("gunicorn.error").error("two %s", "password=geheim99")
try:
    raise ValueError("postgresql://u:geheim99@h/x")
except ValueError:
    log.exception("three")
    logging.getLogger("flask").exception("four")
"""


def test_all_lines_are_json_also_those_of_libraries_and_tracebacks():
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    ).stderr
    lines = [json.loads(line) for line in told.splitlines()]
    assert [x["event"].split()[0] for x in lines] == ["one", "two", "three", "four"]
    assert "geheim99" not in told
    assert all(x["timestamp"] and x["level"] and x["part"] for x in lines)
    assert "ValueError" in lines[2]["exception"]
    assert "ValueError" in lines[3]["exception"]
    assert lines[1]["part"] == "gunicorn.error"


@pytest.fixture
def server():
    made = Flask("test")
    request_id.register(made)

    @made.get("/")
    def home():
        import structlog

        return structlog.contextvars.get_contextvars()["request"]

    return made


def test_each_request_has_a_name_of_its_own(server):
    client = server.test_client()
    first, second = client.get("/"), client.get("/")
    assert first.text == first.headers["X-Request-ID"]
    assert first.text != second.text
    assert client.get("/none").headers["X-Request-ID"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [("abcd-1234.x", True), ("short", False), ("x" * 65, False), ("a b c d e f g", False)],
)
def test_a_proxys_name_is_kept_when_it_is_one(server, given, kept):
    answer = server.test_client().get("/", headers={"X-Request-ID": given})
    assert (answer.text == given) is kept


def access_line(monkeypatch, *, on):
    seen = []
    monkeypatch.setattr(server_log, "log", SimpleNamespace(info=lambda e, **f: seen.append((e, f))))
    monkeypatch.setattr(server_log, "settings", lambda: SimpleNamespace(access_log=on))
    answer = SimpleNamespace(status="200 OK", sent=12, headers=[("X-Request-ID", "abc")])
    asked = SimpleNamespace(method="GET", path="/desk?q=王敏")
    found = server_log.ServerLog.__new__(server_log.ServerLog)
    found.access(answer, asked, {"REMOTE_ADDR": "10.0.0.1"}, timedelta(milliseconds=3))
    return seen


def test_an_access_line_has_no_query_in_it(monkeypatch):
    ((event, fields),) = access_line(monkeypatch, on=True)
    assert event == "request"
    assert fields == {
        "method": "GET", "path": "/desk", "status": 200, "ms": 3.0, "size": 12,
        "address": "10.0.0.1", "request": "abc",
    }  # fmt: skip
    assert access_line(monkeypatch, on=False) == []


def test_no_access_lines_unless_they_are_asked_for():
    assert settings().access_log is False
    assert logging.getLogger("gunicorn.access") is not None
