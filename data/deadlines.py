"""An end to every call of the database, kept on this side.

A PostgreSQL that is frozen (a stopped process, a machine that hangs with its sockets open) answers
nothing, and none of its own time-outs runs: statement_timeout counts over there, keepalives are
answered by its kernel. So one thread here remembers until when each call may take, and cuts the
socket of the one that takes longer. Its caller gets the error of a lost connection.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from math import inf
from typing import Any

GUARDED = ("do_execute", "do_executemany", "do_execute_no_params", "do_commit", "do_rollback")
"""Each thing that a dialect says to the server; the first argument is a cursor or a connection."""
PING = "do_ping"
PING_S = 2.0
"""A connection is asked for a sign of life before it is used; one that lives gives it at once."""
LOOK_S, IDLE_S = 0.1, 1.0
"""Between two looks at what is under way; and when nothing seems to be."""

_within: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Give the calls of this thread less time than usual, or more."""
    token = _within.set(seconds)
    try:
        yield
    finally:
        _within.reset(token)


class Deadlines:
    """Watches the calls of one engine."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.cut = 0
        """How many calls were cut off."""
        self._calls: dict[int, tuple[float, Any]] = {}
        self._bell = threading.Condition()
        self._pid = 0

    def guard(self, dialect: Any) -> None:
        """Have every call through this dialect come to an end."""
        for name in GUARDED:
            setattr(dialect, name, self._guarded(getattr(dialect, name)))
        setattr(dialect, PING, self._guarded(getattr(dialect, PING), most=PING_S))

    def _guarded(self, call: Callable[..., Any], most: float = inf) -> Callable[..., Any]:
        def guarded(target: Any, *args: Any, **named: Any) -> Any:
            key = self._begin(_driver_of(target), most)
            try:
                return call(target, *args, **named)
            finally:
                self._calls.pop(key, None)

        return guarded

    def _begin(self, connection: Any, most: float) -> int:
        end = time.monotonic() + min(_within.get() or self.seconds, most)
        key = threading.get_ident()
        idle = not self._calls
        self._calls[key] = (end, connection)
        if self._pid != os.getpid() or idle:
            self._ring()
        return key

    def _ring(self) -> None:
        with self._bell:
            if self._pid != os.getpid():  # once a process, after any fork
                self._pid = os.getpid()
                threading.Thread(target=self._watch, daemon=True, name="deadlines").start()
            self._bell.notify()

    def _watch(self) -> None:
        while True:
            with self._bell:
                if not self._calls:
                    self._bell.wait(IDLE_S)
            now = time.monotonic()
            for key, call in list(self._calls.items()):
                if now >= call[0] and self._calls.get(key) is call:
                    self._calls.pop(key, None)
                    self.cut += 1
                    cut_off(call[1])
            time.sleep(LOOK_S)


def _driver_of(target: Any) -> Any:
    """Return psycopg's connection of a cursor, of the pool's wrapping, or of itself."""
    if hasattr(type(target), "driver_connection"):
        return target.driver_connection
    return getattr(target, "connection", target)


def cut_off(connection: Any) -> None:
    """Shut a connection's socket; whoever waits on it wakes with an error."""
    with suppress(Exception):  # it may be closed already, or never was a socket
        held = socket.socket(fileno=os.dup(connection.fileno()))
        try:
            held.shutdown(socket.SHUT_RDWR)
        finally:
            held.close()
