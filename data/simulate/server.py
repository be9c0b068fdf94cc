"""Serves the made-up city on the loopback address. The only part that asks for the time."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from data.simulate.feeds import Reply, feed
from data.simulate.rhythm import iso, parse_instant
from data.simulate.scenario import Running, Scenario, Story, begin, current, end
from data.simulate.scenarios import SCENARIOS

LOOPBACK = "127.0.0.1"
HOLD_S = 12.0
"""How long a timing-out feed keeps its caller waiting."""

_MAX_BODY = 4096
Clock = Callable[[], datetime]


def utc_clock() -> datetime:
    """Return the time now."""
    return datetime.fromtimestamp(time.time(), UTC)


class City:
    """The one city that a server tells of: its seed, its clock and what was started in it."""

    def __init__(
        self, seed: int, clock: Clock, hold_s: float = HOLD_S, keep: Path | None = None
    ) -> None:
        self.seed = seed
        self.clock = clock
        self.hold_s = hold_s
        self.keep = keep
        self._story: Story = read_story(keep) if keep else ()
        self._lock = threading.Lock()

    def start(self, scenario: Scenario, start: datetime | None = None) -> Running:
        """Begin a scenario; whatever was going on stops. Return what was begun."""
        now = self.clock()
        with self._lock:
            self._story = begin(self._story, scenario, start or now, now)
            self._save()
            return self._story[-1]

    def stop(self) -> None:
        """Stop what is going on."""
        with self._lock:
            self._story = end(self._story, self.clock())
            self._save()

    def _save(self) -> None:
        """Remember what was told, so that a restart still ends it and closes its cases."""
        if self.keep:
            told = [{"name": r.scenario.key, "start": r.start, "stopped": r.stopped}
                    for r in self._story]  # fmt: skip
            self.keep.parent.mkdir(parents=True, exist_ok=True)
            self.keep.write_text(json.dumps(told), encoding="utf-8")

    def answer(self, path: str, query: dict[str, str]) -> Reply:
        """Return the answer to a GET."""
        if path == "/health":
            return _json(200, {"ok": True, "demo": True, "seed": self.seed, "at": self._at()})
        if path == "/scenario":
            return _json(200, self.state())
        return feed(path, query, seed=self.seed, now=self.clock(), scenario=self._story)

    def state(self) -> dict[str, Any]:
        """Return what is going on and what could be."""
        running = current(self._story, self.clock().timestamp())
        known = [{"name": s.key, **s.name} for s in SCENARIOS.values()]
        return {"active": _told(running) if running else None, "available": known, "demo": True}

    def _at(self) -> str:
        return iso(self.clock().timestamp())


def read_story(path: Path) -> Story:
    """Return the story kept at `path`; a missing or damaged file is no story."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return tuple(Running(SCENARIOS[r["name"]], int(r["start"]), r["stopped"]) for r in rows)
    except (OSError, KeyError, TypeError, ValueError):
        return ()


def _told(running: Running) -> dict[str, Any]:
    last = running.start + running.scenario.length_s
    name = running.scenario.name
    return {"name": running.scenario.key, **name, "start": iso(running.start), "until": iso(last)}


def _json(status: int, value: Any) -> Reply:
    return status, "application/json; charset=utf-8", json.dumps(value, ensure_ascii=False).encode()


class _Handler(BaseHTTPRequestHandler):
    """Turns HTTP into questions to the city, and says nothing on the console."""

    server: Server
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        """Answer with a feed or a state."""
        parts = urlsplit(self.path)
        reply = self.server.city.answer(parts.path, dict(parse_qsl(parts.query)))
        if reply[0] == 504:
            time.sleep(self.server.city.hold_s)
        self._send(reply)

    def do_POST(self) -> None:
        """Begin a scenario."""
        body = self._body()
        if urlsplit(self.path).path != "/scenario":
            return self._send(_json(404, {"error": "no such place"}))
        try:
            asked = json.loads(body or b"{}")
            scenario, start = SCENARIOS[asked["name"]], asked.get("start")
            moment = parse_instant(str(start)) if start else None
            if start and moment is None:
                raise ValueError(start)
        except (KeyError, TypeError, ValueError):
            return self._send(_json(400, {"error": "unknown scenario", "known": list(SCENARIOS)}))
        self._send(_json(200, {"active": _told(self.server.city.start(scenario, moment))}))

    def do_DELETE(self) -> None:
        """Stop the scenario."""
        if urlsplit(self.path).path != "/scenario":
            return self._send(_json(404, {"error": "no such place"}))
        self.server.city.stop()
        self._send(_json(200, {"active": None}))

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > _MAX_BODY:
            self.close_connection = True
            return b""
        return self.rfile.read(int(length))

    def _send(self, reply: Reply) -> None:
        status, kind, body = reply
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("X-Demo-Data", "true")
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: a demo is asked hundreds of times a minute."""


class Server(ThreadingHTTPServer):
    """A server of one city, on the loopback address only."""

    daemon_threads = True

    def __init__(self, host: str, port: int, city: City) -> None:
        if host != LOOPBACK:
            raise ValueError(f"the simulator serves {LOOPBACK} only, not {host}")
        self.city = city
        super().__init__((host, port), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of callers that hang up."""


def serve(
    port: int,
    seed: int,
    *,
    host: str = LOOPBACK,
    scenario: Scenario | None = None,
    clock: Clock = utc_clock,
    keep: Path | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT. Raises OSError when the port is taken.

    keep: a file that remembers the scenarios over a restart.
    """
    city = City(seed, clock, keep=keep)
    with Server(host, port, city) as server:

        def leave(_number: int, _frame: FrameType | None) -> None:
            threading.Thread(target=server.shutdown, daemon=True).start()

        signal.signal(signal.SIGTERM, leave)
        signal.signal(signal.SIGINT, leave)
        if scenario:
            city.start(scenario)
        server.serve_forever(poll_interval=0.2)
