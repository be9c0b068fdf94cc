"""Push panels to the displays: /live streams, /live/since answers once."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue

from flask import Flask, Response, abort, request

from callbacks.hub import HEARTBEAT_S, Hub, Scope
from components.ids import PANELS
from data.catalogue import Catalogue
from data.vocabulary import LANGUAGES

MAX_AGE_S = 900.0
"""A stream ends itself by then: workers rebalance, half-open leftovers go."""
MAX_SCOPES = 20


def register(server: Flask, hub: Hub, catalogue: Catalogue, *, max_streams: int) -> None:
    """Attach the live routes to `server`."""

    @server.get("/live")
    def live() -> Response:
        scopes = _scopes(catalogue)
        if not hub.enter(max_streams):
            return Response("busy", 503, {"Retry-After": "30"})
        rev, epoch = request.args.get("rev", -1, int), request.args.get("epoch", "")
        stream = _stream(hub, scopes, rev, epoch)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        answer = Response(stream, mimetype="text/event-stream", headers=headers)
        answer.call_on_close(_once(hub.leave))  # also when nobody reads a byte
        return answer

    @server.get("/live/since")
    def since() -> Response:
        hub.start()
        scopes = _scopes(catalogue)
        rev, epoch = request.args.get("rev", -1, int), request.args.get("epoch", "")
        hub.look(scopes)
        frames = hub.since(rev, epoch, scopes)
        body = b"".join(itertools.chain(frames, [hub.heartbeat(scopes)]))
        return Response(body, mimetype="text/plain", headers={"Cache-Control": "no-store"})


def _scopes(catalogue: Catalogue) -> tuple[Scope, ...]:
    """Return the scopes asked for; anything that is not one ends in a 400."""
    asked = [part for part in request.args.get("scopes", "").split(",") if part]
    if not asked or len(asked) > MAX_SCOPES:
        abort(400)
    found = []
    for part in asked:
        lang, _, rest = part.partition(":")
        area, _, only = rest.partition(":")
        known = lang in LANGUAGES and area in catalogue.areas
        if not known or (":" in rest and only not in PANELS):
            abort(400)
        found.append(Scope(lang, area, only))
    return tuple(found)


def _stream(hub: Hub, scopes: tuple[Scope, ...], rev: int, epoch: str) -> Iterator[bytes]:
    """Yield frames as they come and a heartbeat at least each five seconds."""
    end = time.monotonic() + MAX_AGE_S * random.uniform(0.8, 1.2)  # noqa: S311
    beat, ok, goes_on = 0.0, True, False
    bell: SimpleQueue[None] = SimpleQueue()
    hub.start()
    hub.bells.add(bell)
    try:
        yield b"retry: 2000\n\n"
        while not hub.closing and time.monotonic() < end:
            hub.look(scopes)
            rev, epoch, frames = hub.answer(rev, epoch, scopes, goes_on=goes_on)
            goes_on = True
            out = [frames] if frames else []
            if time.monotonic() - beat > HEARTBEAT_S - 0.5 or hub.db_ok != ok:
                out.append(hub.heartbeat(scopes))
                beat, ok = time.monotonic(), hub.db_ok
            if out:
                yield b"".join(out)
            _wait(bell)
    finally:
        hub.bells.discard(bell)


def _wait(bell: SimpleQueue[None]) -> None:
    """Sleep until the bell rings, a heartbeat's length at most; several rings are one."""
    with suppress(Empty):
        bell.get(timeout=HEARTBEAT_S)
        while True:
            bell.get_nowait()


def _once(leave: Callable[[], None]) -> Callable[[], None]:
    """Return `leave` as something that counts only the first time."""
    left = iter([leave])
    return lambda: next(left, lambda: None)()
