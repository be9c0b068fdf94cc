"""Push panels to the displays: /live streams, /live/since answers once."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from flask import Flask, Response, abort, request

from callbacks import guard, identity
from callbacks.broadcast import Broadcast
from callbacks.hub import Hub, Scope
from components.ids import ASKED_FOR, PANELS
from data.catalogue import Catalogue
from data.vocabulary import LANGUAGES

MAX_SCOPES = 20


def register(server: Flask, hub: Hub, catalogue: Catalogue, *, max_streams: int) -> None:
    """Attach the live routes to `server`."""
    broadcast = Broadcast(hub)

    @server.get("/live")
    def live() -> Response:
        scopes = _scopes(catalogue)
        if request.method == "HEAD":
            return Response(mimetype="text/event-stream")
        if not hub.enter(max_streams):
            return Response("busy", 503, {"Retry-After": "30"})
        rev, epoch = request.args.get("rev", -1, int), request.args.get("epoch", "")
        stream = broadcast.open(request.environ, scopes, rev, epoch)
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
    if guard.verdict(guard.WATCHERS) is not guard.Verdict.PASS:
        abort(401)
    asked = [part for part in request.args.get("scopes", "").split(",") if part]
    if not asked or len(asked) > MAX_SCOPES:
        abort(400)
    found = []
    for part in asked:
        lang, _, rest = part.partition(":")
        area, _, only = rest.partition(":")
        known = lang in LANGUAGES and area in catalogue.areas
        if not known or (":" in rest and only not in (*PANELS, *ASKED_FOR)):
            abort(400)
        found.append(Scope(lang, area, only))
    return _open_to_reader(found)


def _open_to_reader(asked: list[Scope]) -> tuple[Scope, ...]:
    """Return the scopes that whoever asks may follow: single acts are for those signed in.

    One connection serves all tabs of a browser, so a wall among them goes on; with nothing left
    the answer is 401. While the store is lost nobody can be known, and nothing is published.
    """
    if all(scope.only not in ASKED_FOR for scope in asked):
        return tuple(asked)
    try:
        signed = identity.account() is not None
    except identity.StoreLost:
        signed = True
    found = tuple(s for s in asked if signed or s.only not in ASKED_FOR)
    return found or abort(401)


def _once(leave: Callable[[], None]) -> Callable[[], None]:
    """Return `leave` as something that counts only the first time."""
    left = iter([leave])
    return lambda: next(left, lambda: None)()
