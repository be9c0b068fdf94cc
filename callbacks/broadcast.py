"""One thread a web worker writes to every open stream: no thread to wake for each display.

A stream lives in a thread of the web server, asleep; waking five hundred of them for
each change costs more than what they write. Here one thread does the writing: it takes
the ready bytes from the Hub, frames them once, and hands the same bytes to each socket.
"""

from __future__ import annotations

import random
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Protocol

from callbacks.hub import HEARTBEAT_S, Hub, Scope
from data.logs import logger

log = logger("broadcast")

MAX_AGE_S = 900.0
"""A stream ends itself by then: workers rebalance, half-open leftovers go."""
STALLED_S = 30.0
"""A display that takes nothing for so long is let go; it comes back by itself."""
LOOK_S, RETRY_S = 1.0, 0.05


class Outlet(Protocol):
    """Where the bytes of one stream go."""

    def send(self, data: memoryview) -> int:
        """Take what fits now and return how much; raise OSError when nobody is there."""

    def close(self, *, broken: bool) -> None:
        """Say that nothing more comes; broken: half an event was written, nothing may follow."""


class SocketOutlet:
    """The socket of a stream; its thread in the web server sleeps until the end."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket, self._over = connection, threading.Event()

    def send(self, data: memoryview) -> int:
        """Write without waiting."""
        try:
            return self._socket.send(data, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return 0

    def close(self, *, broken: bool) -> None:
        """Wake the thread that holds the request."""
        if broken:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
        self._over.set()

    def __iter__(self) -> Iterator[bytes]:
        """Yield nothing, until the stream is over."""
        self._over.wait()
        yield from ()


class QueueOutlet:
    """A stream under a server that hides its sockets: its own thread passes the bytes on."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[bytes] = SimpleQueue()

    def send(self, data: memoryview) -> int:
        """Leave the bytes for the stream's own thread."""
        self._queue.put(bytes(data))
        return len(data)

    def close(self, *, broken: bool) -> None:  # noqa: ARG002 - whole pieces only
        """Leave the mark of the end."""
        self._queue.put(b"")

    def __iter__(self) -> Iterator[bytes]:
        """Yield what is left here, until the stream is over."""
        return iter(self._queue.get, b"")


@dataclass(eq=False)
class Stream:
    """One display: what it shows, how far it is, what waits to be written."""

    scopes: tuple[Scope, ...]
    rev: int
    epoch: str
    outlet: Outlet
    chunked: bool
    end: float
    beat: float = 0.0
    ok: bool = True
    goes_on: bool = False
    rest: memoryview = field(default_factory=lambda: memoryview(b""))
    moved: float = 0.0


class Broadcast:
    """Follows the Hub's bell and serves all streams of this worker."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self._streams: set[Stream] = set()
        self._bell: SimpleQueue[Stream | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def open(
        self, environ: Mapping[str, Any], scopes: tuple[Scope, ...], rev: int, epoch: str
    ) -> Iterator[bytes]:
        """Yield one stream's bytes, or nothing where the socket itself is written to."""
        connection = environ.get("gunicorn.socket")
        plain = isinstance(connection, socket.socket) and not isinstance(connection, ssl.SSLSocket)
        outlet = SocketOutlet(connection) if plain else QueueOutlet()  # type: ignore[arg-type]
        chunked = plain and environ.get("SERVER_PROTOCOL") != "HTTP/1.0"
        self._start()
        yield b"retry: 2000\n\n"  # by the server itself: behind it the socket is ours
        end = time.monotonic() + MAX_AGE_S * random.uniform(0.8, 1.2)  # noqa: S311
        stream = Stream(scopes, rev, epoch, outlet, chunked, end)
        with self._lock:
            self._streams.add(stream)
        self._bell.put(stream)
        try:
            yield from outlet
        finally:
            self._drop(stream)

    def _start(self) -> None:
        """Start once a process, after any fork."""
        self.hub.start()
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self.hub.listen(lambda: self._bell.put(None))
                self._thread = threading.Thread(target=self._run, daemon=True, name="broadcast")
                self._thread.start()

    def _run(self) -> None:
        while not self.hub.closing:
            try:
                self._serve(self._wanted(), time.monotonic())
            except Exception:  # whatever happened, the displays must go on
                log.exception("a round of the live streams failed")
                time.sleep(LOOK_S)
        for stream in self._all():
            self._drop(stream)

    def _wanted(self) -> set[Stream]:
        """Wait for the bell; return the newcomers when only they rang, else everybody."""
        rung: list[Stream | None] = []
        waits = any(s.rest for s in self._all())
        with suppress(Empty):
            rung.append(self._bell.get(timeout=RETRY_S if waits else LOOK_S))
            while True:
                rung.append(self._bell.get_nowait())
        newcomers = {stream for stream in rung if stream is not None}
        return newcomers if newcomers and None not in rung else self._all()

    def _all(self) -> set[Stream]:
        with self._lock:
            return set(self._streams)

    def _serve(self, streams: set[Stream], now: float) -> None:
        """Give each stream what it lacks. Those that lack the same get the same bytes."""
        ready: dict[tuple[Any, ...], tuple[int, str, memoryview]] = {}
        self.hub.look({scope for stream in streams for scope in stream.scopes})
        for stream in streams:
            try:
                self._one(stream, now, ready)
            except OSError:
                self._drop(stream)  # the display is gone
            except Exception:
                log.exception("a live stream cannot be served")
                self._drop(stream)

    def _one(
        self, s: Stream, now: float, ready: dict[tuple[Any, ...], tuple[int, str, memoryview]]
    ) -> None:
        if s.rest and not self._written(s, now):
            return
        if now > s.end:
            self._drop(s)
            return
        hub = self.hub
        beats = now - s.beat > HEARTBEAT_S - 0.5 or hub.db_ok != s.ok
        if not beats and s.goes_on and s.rev == hub.rev and s.epoch == hub.epoch:
            return
        key = (s.scopes, s.rev, s.epoch, s.goes_on, beats, s.chunked)
        if key not in ready:
            ready[key] = self._ready(s, beats=beats)
        s.rev, s.epoch, s.rest = ready[key]
        s.goes_on, s.moved = True, now
        if beats:
            s.beat, s.ok = now, hub.db_ok
        self._written(s, now)

    def _ready(self, s: Stream, *, beats: bool) -> tuple[int, str, memoryview]:
        rev, epoch, frames = self.hub.answer(s.rev, s.epoch, s.scopes, goes_on=s.goes_on)
        data = frames + self.hub.heartbeat(s.scopes) if beats else frames
        if data and s.chunked:
            data = b"%X\r\n%s\r\n" % (len(data), data)
        return rev, epoch, memoryview(data)

    def _written(self, s: Stream, now: float) -> bool:
        """Write what waits; return whether all of it went. Raise OSError on a stalled display."""
        if s.rest:
            sent = s.outlet.send(s.rest)
            s.rest = s.rest[sent:]
            if sent:
                s.moved = now
            elif now - s.moved > STALLED_S:
                raise TimeoutError("the display takes nothing")
        return not s.rest

    def _drop(self, stream: Stream) -> None:
        with self._lock:
            self._streams.discard(stream)
        stream.outlet.close(broken=bool(stream.rest))
