"""Ends what a caller never finishes sending: a thread of ours waits for no trickle."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import Any

from flask import request

LOOK_S = 0.5


class SlowBodies:
    """Cuts the reading side of a connection whose body is not there in time.

    gunicorn's threads have no end of their own for this. One daemon thread watches, only while
    a body is under way.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.cut = 0
        self._waiting: dict[int, tuple[float, socket.socket]] = {}
        self._bell = threading.Condition()
        self._thread: threading.Thread | None = None

    def whole(self) -> bool:
        """Read the body of this request; return whether all of it came in time."""
        connection = request.environ.get("gunicorn.socket")
        key = threading.get_ident()
        if isinstance(connection, socket.socket):
            self._begin(key, connection)
        try:
            body = request.get_data(cache=True)
        except (OSError, EOFError):
            return False
        finally:
            self._waiting.pop(key, None)
        wanted = request.content_length
        return wanted is None or len(body) >= wanted

    def _begin(self, key: int, connection: socket.socket) -> None:
        with self._bell:
            self._waiting[key] = (time.monotonic() + self.seconds, connection)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._watch, name="slow", daemon=True)
                self._thread.start()
            self._bell.notify()

    def _watch(self) -> None:
        while True:
            with self._bell:
                if not self._waiting:
                    self._bell.wait(30)
            time.sleep(LOOK_S)
            now = time.monotonic()
            late: list[tuple[int, Any]] = [
                (k, sock) for k, (end, sock) in list(self._waiting.items()) if end <= now
            ]
            for key, sock in late:
                if self._waiting.pop(key, None) is not None:
                    self.cut += 1
                    with suppress(OSError):
                        sock.shutdown(socket.SHUT_RD)
