"""Pretended displays in a process of their own: they read the live stream, they do not draw."""

from __future__ import annotations

import argparse
import json
import random
import re
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

EVENT = re.compile(rb"id: (\d+)\nevent: p\n")
HEARTBEAT = b"event: hb\n"


@dataclass
class Display:
    """One connection and what came over it."""

    number: int
    socket: socket.socket | None = None
    tail: bytes = b""
    live: bool = False
    heartbeats: int = 0
    heartbeat_bytes: int = 0
    bytes: int = 0
    got: dict[int, float] = field(default_factory=dict)


class Crowd:
    """Many displays of one server, read by one loop."""

    def __init__(self, url: str, count: int) -> None:
        parts = urlsplit(url)
        self.address = (parts.hostname or "127.0.0.1", parts.port or 80)
        self.displays = [Display(n) for n in range(count)]
        self.refused = self.broken = 0
        self.selector = selectors.DefaultSelector()
        self.measuring = False

    def connect(self, display: Display) -> None:
        """Open the stream of one display; a busy server is asked again."""
        display.socket = socket.create_connection(self.address, timeout=10)
        ask = "GET /live?scopes=zh:441600&rev=-1 HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n"
        display.socket.sendall(ask.encode())
        display.socket.setblocking(False)
        display.tail, display.live = b"", False
        self.selector.register(display.socket, selectors.EVENT_READ, display)

    def read(self, seconds: float) -> None:
        """Take what arrives for some seconds."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            for key, _mask in self.selector.select(min(left, 0.5)):
                self._take(key.data)

    def _take(self, display: Display) -> None:
        assert display.socket is not None
        try:
            data = display.socket.recv(262144)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._again(display)
            return
        now = time.time()
        if self.measuring:
            display.bytes += len(data)
        text = display.tail + data
        if not display.live and b"503 " in text[:20]:
            self.refused += 1
            self._again(display)
            return
        cut = text.rfind(b"\n\n")
        display.tail = text[cut + 2 :] if cut >= 0 else text
        self._events(display, text[: cut + 2] if cut >= 0 else b"", now)

    def _events(self, display: Display, text: bytes, now: float) -> None:
        for event in text.split(b"\n\n"):
            if HEARTBEAT in event:
                display.live = True
                if self.measuring:
                    display.heartbeats += 1
                    display.heartbeat_bytes += len(event) + 2
            elif self.measuring and (found := EVENT.search(event)):
                display.got.setdefault(int(found[1]), now)

    def _again(self, display: Display) -> None:
        assert display.socket is not None
        self.selector.unregister(display.socket)
        display.socket.close()
        if self.measuring:
            self.broken += 1
        time.sleep(0.01 * random.random())
        self.connect(display)

    def result(self, seconds: float) -> dict[str, object]:
        """Return every arrival by revision, and the bytes."""
        arrivals: dict[int, list[float]] = {}
        for display in self.displays:
            for rev, at in display.got.items():
                arrivals.setdefault(rev, []).append(at)
        return {
            "displays": len(self.displays),
            "seconds": seconds,
            "refused": self.refused,
            "broken": self.broken,
            "bytes": sum(d.bytes for d in self.displays),
            "heartbeats": sum(d.heartbeats for d in self.displays),
            "heartbeat_bytes": sum(d.heartbeat_bytes for d in self.displays),
            "arrivals": arrivals,
        }


def main() -> None:
    """Connect everybody, say `ready`, listen, print what came."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    asked = parser.parse_args()
    crowd = Crowd(asked.url, asked.count)
    for display in crowd.displays:
        crowd.connect(display)
        crowd.read(0.002)
    end = time.monotonic() + 60
    while not all(d.live for d in crowd.displays):
        crowd.read(0.2)
        if time.monotonic() > end:
            missing = sum(not d.live for d in crowd.displays)
            sys.exit(f"{missing} of {asked.count} displays got no stream ({crowd.refused} refused)")
    crowd.read(1.5)
    crowd.measuring = True
    print("ready", flush=True)
    crowd.read(asked.seconds)
    print(json.dumps(crowd.result(asked.seconds)), flush=True)


if __name__ == "__main__":
    main()
