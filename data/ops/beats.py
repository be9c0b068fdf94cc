"""Waits for the heartbeat outside the house: in a file, or as a call to a listener of its own.

Ages are counted on the clock that never jumps, from the moment at which something new was seen: a
clock set an hour back neither hides a heartbeat that stopped nor invents one.
"""

from __future__ import annotations

import hmac
import json
import threading
import time
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from data.alarms.channels import webhook_sign
from data.logs import logger
from data.ops import OpsError
from data.ops.watch import Alarm

log = logger("watch")

LATE_S = 480.0
"""Heartbeats come each 300 s: one so late has stopped, and fewer than two are missing."""
MOST_BYTES = 65536
CALL_S = 5.0
SKEW_S = 600.0
"""The clocks of the two machines may differ by so much; an older signature was sent again."""

Steady = Callable[[], float]


class BeatWatch(Alarm):
    """Alarms when nothing new was heard for `late` seconds; the first is waited for as long."""

    def __init__(
        self, address: str, *, late: float, command: Sequence[str] = (),
        steady: Steady = time.monotonic,
    ) -> None:  # fmt: skip
        super().__init__(address, misses=1, command=command)
        self.late, self.steady = late, steady
        self.last, self.heard = steady(), False

    def beat(self) -> None:
        """Note that a heartbeat came now."""
        self.last, self.heard = self.steady(), True

    def look(self) -> str:
        """Return why all is not well, "" when it is."""
        age = self.steady() - self.last
        if age <= self.late:
            return ""
        said = "no heartbeat for" if self.heard else "no heartbeat since the watch began,"
        return f"{said} {age:.0f} s"


class BeatFile(BeatWatch):
    """Waits for a file to change: one that the heartbeat's target writes."""

    def __init__(
        self, path: Path, *, late: float = LATE_S, command: Sequence[str] = (),
        steady: Steady = time.monotonic, clock: Steady = time.time,
    ) -> None:  # fmt: skip
        """Take the age of the file as it is found; from then on only changes count."""
        super().__init__(path.as_uri(), late=late, command=command, steady=steady)
        self.path = path
        self._mark = self._found()
        if self._mark is not None:
            self.heard = True
            self.last -= max(0.0, clock() - self._mark[0] / 1e9)

    def look(self) -> str:
        """Return why all is not well, "" when it is."""
        mark = self._found()
        if mark is not None and mark != self._mark:
            self._mark = mark
            self.beat()
        return super().look()

    def _found(self) -> tuple[int, int, int] | None:
        try:
            stat = self.path.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_ino, stat.st_size


class BeatListener(BeatWatch):
    """Waits for calls: the heartbeat's target is http://this-machine:port/."""

    def __init__(
        self, place: str, *, secret: str = "", late: float = LATE_S, command: Sequence[str] = (),
        steady: Steady = time.monotonic, clock: Steady = time.time,
    ) -> None:  # fmt: skip
        """Listen at host:port. Without a secret whoever reaches the port can send a heartbeat.

        Raises:
            OpsError: the place is none, or is taken.
        """
        host, _, port = place.rpartition(":")
        if not host or not port.isascii() or not port.isdigit():
            raise OpsError(f"{place} is no place to listen at: host:port is needed")
        super().__init__(f"heartbeats at {place}", late=late, command=command, steady=steady)
        self.secret, self.clock = secret, clock
        self._keys: list[str] = []
        try:
            self.server = ThreadingHTTPServer((host.strip("[]"), int(port)), _handler(self))
        except (OSError, OverflowError) as error:
            raise OpsError(f"cannot listen at {place}: {error}") from error
        self.server.daemon_threads = True
        self.server.block_on_close = False
        threading.Thread(target=self.server.serve_forever, daemon=True, name="beats").start()

    def close(self) -> None:
        """Listen no longer."""
        self.server.shutdown()
        self.server.server_close()

    def refused(self, body: bytes, stamp: str, sign: str) -> str:
        """Return why a call is no heartbeat, "" if it is one; the same one twice is one."""
        try:
            told = json.loads(body)
            act, key = told["act"], str(told["key"])
        except (ValueError, KeyError, TypeError, RecursionError):
            return "not a heartbeat"
        if act == "test":
            return ""
        if act != "heartbeat":
            return "not a heartbeat"
        if self.secret and not self._signed(body, stamp, sign):
            return "not signed with the secret that both sides know"
        if key not in self._keys:
            self._keys = [*self._keys[-100:], key]
            self.beat()
        return ""

    def _signed(self, body: bytes, stamp: str, sign: str) -> bool:
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12):
            return False
        near = abs(self.clock() - int(stamp)) <= SKEW_S
        return near and hmac.compare_digest(webhook_sign(self.secret, stamp, body), sign)


def _handler(listener: BeatListener) -> type[BaseHTTPRequestHandler]:
    """Return what answers a call: 204, or 400 with a reason."""

    class Handler(BaseHTTPRequestHandler):
        timeout = CALL_S
        server_version, sys_version = "zhizhi", ""

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not (length.isascii() and length.isdigit() and int(length) <= MOST_BYTES):
                self._say(413, "too large, or of unknown length")
                return
            body = self.rfile.read(int(length))
            headers = (self.headers.get(f"X-Zhizhi-{n}", "") for n in ("Timestamp", "Signature"))
            why = listener.refused(body, *headers)
            self._say(400 if why else 204, why)

        def _say(self, status: int, why: str) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(why)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(why.encode())
            if why:
                log.warning("call refused", reason=why)

        def log_message(self, *_args: object) -> None:
            return

    return Handler
