"""What a wall that looks back asks for: ready panels of an instant, and when the next event was."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import orjson
from flask import Flask, Response, abort, request
from sqlalchemy.exc import SQLAlchemyError

from callbacks.at import Instants
from callbacks.hub import Scope, frame_of
from components.replaying import Replay, looking_back
from components.wall import render_panel
from data.catalogue import Catalogue
from data.logs import logger
from data.panels.then import panels_at
from data.queries.keys import read_keys
from data.queries.then.events import next_event
from data.sharing.at import AtFault
from data.store import Store
from data.vocabulary import LANGUAGES

log = logger("replay")
KEPT = 60
"""Answers kept of each server process: walls that play together ask for the same minutes."""
FRESH_S = 120
"""An instant so near the present may still be told more of; it is not kept."""
AT_ONCE = 1
"""Instants made at once: whoever plays waits a moment, live walls do not."""
TTL = 10**9

Key = tuple[float, str, str]
Make = Callable[[], bytes]


class Answers:
    """Ready answers by instant, area and language; the oldest go."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, bytes] = OrderedDict()
        self._lock, self._making = threading.Lock(), threading.Semaphore(AT_ONCE)

    def get(self, key: Key, make: Make, *, keep: bool) -> bytes:
        """Return an answer, made if it is not kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        with self._making:
            found = self._kept.get(key) or make()
        if keep:
            with self._lock:
                self._kept[key] = found
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
        return found


def register(server: Flask, store: Store, catalogue: Catalogue, instants: Instants) -> None:
    """Attach `/replay` and `/replay/next`. Both are as open as the wall is."""
    answers = Answers()

    @server.get("/replay")
    def replay() -> Response:
        found, area, lang = _asked(instants, catalogue)
        old = (found.now - found.at).total_seconds() > FRESH_S
        try:
            body = answers.get(
                (found.at.timestamp(), area, lang),
                lambda: panels_of(store, catalogue, found, area, lang),
                keep=old,
            )
        except SQLAlchemyError as error:
            log.warning("an instant cannot be asked for", error=str(error).split("\n")[0])
            return _json(b'{"error":"store"}', 503)
        return _json(body)

    @server.get("/replay/next")
    def following() -> Response:
        found, area, _lang = _asked(instants, catalogue)
        try:
            with store.read() as conn:
                event = next_event(
                    conn, read_keys(conn), found.at, area=area, city=catalogue.city.code,
                    until=found.now,
                )  # fmt: skip
        except SQLAlchemyError as error:
            log.warning("the next event cannot be asked for", error=str(error).split("\n")[0])
            return _json(b'{"error":"store"}', 503)
        if event is None:
            return _json(b'{"at":null}')
        return _json(orjson.dumps({"at": event.at.timestamp(), "kind": event.kind}))


def _asked(instants: Instants, catalogue: Catalogue) -> tuple[Replay, str, str]:
    """Return what is asked for; anything else ends in a 400 that says what is allowed."""
    found = instants.at(request.args.get("at", ""))
    area = request.args.get("area") or catalogue.city.code
    lang = request.args.get("lang", LANGUAGES[0])
    shown = {catalogue.city.code, *(a.code for a in catalogue.counties())}
    if found is AtFault.UNKNOWN:
        abort(503)
    if isinstance(found, AtFault):
        abort(_json(orjson.dumps({"error": "at", "reason": found.value}), 400))
    if area not in shown or lang not in LANGUAGES:
        allowed = {"area": sorted(shown), "lang": list(LANGUAGES)}
        abort(_json(orjson.dumps({"error": "unknown", "allowed": allowed}), 400))
    return found, area, lang


def panels_of(store: Store, catalogue: Catalogue, replay: Replay, area: str, lang: str) -> bytes:
    """Return the panels of an instant as JSON, drawn, as `/replay` answers."""
    with store.read() as conn:
        payloads = panels_at(conn, catalogue, area, replay.at, now=replay.now)
    scope, at = Scope(lang, area), replay.at.timestamp()
    frames = []
    with looking_back(replay):
        for panel, payload in payloads.items():
            drawn: Any = render_panel(panel, payload, lang=lang, area=area)
            frames.append(frame_of(scope, panel, int(at), TTL, drawn))
    return b'{"at":%s,"panels":[%s]}' % (orjson.dumps(at), b",".join(frames))


def _json(body: bytes, status: int = 200) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(body, status, headers, mimetype="application/json")
