"""`at=` of every page: what it means, which page can look back, and that a replay changes nothing.

A page says by its `then` how it looks at an instant. One without it is never drawn under `at`:
it says plainly that it cannot be replayed, so live data never stands under the band.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from flask import Flask, Response, current_app, jsonify, request
from sqlalchemy.exc import SQLAlchemyError

from components.replaying import NAME, Replay
from data.logs import logger
from data.queries.then.reach import Reach, reach
from data.sharing.at import AtFault, read_at
from data.store import Store, utc_now

log = logger("replay")
CALLBACKS = "/_dash-update-component"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OWN = ("/login", "/logout", "/beat")
"""What a page sends about itself and its reader: it changes nothing that a replay shows."""
HEADER = "X-Zhizhi-At"
KEPT_S = 60.0
"""How far the store reaches back is asked so often."""


@dataclass
class Instants:
    """Reads `at` out of addresses, by what the store holds."""

    store: Store
    clock: Callable[[], datetime] = utc_now
    _kept: tuple[float, Reach] | None = None

    def reach(self) -> Reach | None:
        """Return how far back the store knows anything; None while it cannot be asked."""
        if self._kept is None or time.monotonic() - self._kept[0] > KEPT_S:
            try:
                with self.store.read() as conn:
                    self._kept = (time.monotonic(), reach(conn))
            except SQLAlchemyError as error:
                log.warning("the store cannot be asked", error=str(error).split("\n")[0])
                return None
        return self._kept[1]

    def read(self, asked: Mapping[str, str]) -> Replay | AtFault | None:
        """Return what an address looks back to, why it cannot, or None: it is of the present."""
        if NAME not in asked:
            return None
        return self.at(asked[NAME])

    def at(self, text: str) -> Replay | AtFault:
        """Return what `at=<text>` looks back to, or why it cannot."""
        found, now = self.reach(), self.clock()
        if found is None:
            return AtFault.UNKNOWN
        at = read_at(text, first=found.first, now=now)
        if isinstance(at, AtFault):
            return at
        assert found.first is not None  # noqa: S101 - else it were too early
        return Replay(at, now, found.first, found.loaded)


def instants() -> Instants | None:
    """Return who reads `at` in this server; None where nothing is registered (tests of parts)."""
    found = current_app.extensions.get("instants")
    return found if isinstance(found, Instants) else None


def asked_at() -> Replay | AtFault | None:
    """Return what this request, or the page that asks, looks back to; None: the present."""
    here = instants()
    text = request.args.get(NAME) or referred()
    return here.at(text) if here is not None and text is not None else None


def needed() -> Replay | None:
    """Return what the page that asks looks back to, None if it is live.

    Raises:
        ValueError: it names an instant that cannot be shown; live data must not stand for it.
    """
    found = asked_at()
    if isinstance(found, AtFault):
        raise ValueError(f"at: {found.value}")
    return found


def referred() -> str | None:
    """Return the `at` of the page that sent this request, None if it is live.

    Its scripts send it along; a request of a browser without them tells its page.
    """
    if HEADER in request.headers:
        return request.headers[HEADER] or None
    found = parse_qs(urlsplit(request.referrer or "").query).get(NAME)
    return found[0] if found else None


def register(server: Flask, store: Store) -> Instants:
    """Make `at` known to `server`, and shut what writes to pages that look back."""
    here = Instants(store)
    server.extensions["instants"] = here
    server.before_request(_read_only)
    return here


def _read_only() -> Response | None:
    """Refuse whatever a page under replay would change; its callbacks get nothing new."""
    if request.path.startswith(OWN) or referred() is None:
        return None
    if request.method in SAFE:
        return _refused() if _tells_now(request.path) else None
    if request.path == CALLBACKS:
        return None if _allowed() else Response("", 204)
    return _refused()


def _refused() -> Response:
    refusal = jsonify(error="replay", detail="nothing can be changed or followed in a replay")
    refusal.status_code = 409
    return refusal


def _tells_now(path: str) -> bool:
    """Return whether a path only tells of the present: a page that looks back must not get it."""
    return path.startswith("/live") or path.endswith("/version")


def _allowed() -> bool:
    """Return whether a callback said that it answers by `at` too."""
    body = request.get_json(silent=True)
    output = body.get("output") if isinstance(body, dict) else None
    return isinstance(output, str) and output in _ANSWERS_THEN


def answers_then(output: str) -> None:
    """Let a callback through under replay. It must ask `asked_at` itself."""
    _ANSWERS_THEN.add(output)


_ANSWERS_THEN: set[str] = set()
