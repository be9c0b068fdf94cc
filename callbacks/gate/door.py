"""The first look at every request, before anything is read, kept or asked of the store."""

from __future__ import annotations

import time
from collections.abc import Callable, Container

from flask import Flask, Response, g, jsonify, request, session

from callbacks.api_problem import PREFIX, ApiError, problem
from callbacks.gate.bucket import Buckets
from callbacks.gate.headers import REPORT
from callbacks.gate.hosts import PEER, Hosts, Proxied, networks
from callbacks.gate.origin import SAFE, SIGNED, from_elsewhere, hand_out, token_stands
from callbacks.gate.plain import bad_text, unplain
from callbacks.gate.slow import SlowBodies
from data.logs import logger
from data.settings import Settings

log = logger("gate")

CALLBACKS = "/_dash-update-component"
FILES = ("/assets/", "/_dash-component-suites/", "/_favicon.ico")
UNCOUNTED = (*FILES, "/healthz", "/readyz", "/metrics", "/live", PREFIX, REPORT)
"""Files, streams and what counts for itself: not of the common bucket."""
FORM_KB = 64
"""The largest form without files; of the sign-in, of accounts."""
LONGEST_ADDRESS = 8000
WORDS = {
    400: "bad_request", 403: "refused", 408: "too_slow", 411: "no_length", 413: "too_large",
    414: "too_long", 415: "no_json", 421: "unknown_host", 429: "too_many",
}  # fmt: skip


class Door:
    """Answers what is refused before it is looked at; None lets it through."""

    def __init__(
        self, config: Settings, own: Container[str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """own: addresses of forms that carry their token in a field and check it themselves."""
        self._config, self._own, self._clock = config, own, clock
        self._hosts = Hosts(config)
        self._people = Buckets(config.calls_per_second, config.calls_at_once)
        self._places = Buckets(config.calls_per_second * 5, config.calls_at_once * 5)
        self._slow = SlowBodies(config.body_wait_s)

    def __call__(self) -> Response | None:
        """Look at a request."""
        if not self._hosts.knows(request.environ.get("HTTP_HOST", "localhost")):
            return refusal(421, detail="name this host in ZHIZHI_TRUSTED_HOSTS")
        if not _plain_address():
            return refusal(400)
        if len(request.full_path) > LONGEST_ADDRESS:
            return refusal(414)
        if request.path.startswith(FILES):
            return None
        return self._too_often() or self._from_elsewhere() or self._body()

    def _too_often(self) -> Response | None:
        """Count whoever asks: the account where one is signed in, and the address."""
        if request.path.startswith(UNCOUNTED):
            return None
        now, account = self._clock(), _account()
        address = f"{request.remote_addr}"
        wait = self._people.take(f"{account} {address}", now) if account else 0
        wait = wait or self._places.take(address, now)
        return refusal(429, wait=wait) if wait else None

    def _from_elsewhere(self) -> Response | None:
        if request.path.startswith(PREFIX) or request.path == REPORT:
            return None  # nobody's cookie opens anything there
        if from_elsewhere(self._config):
            return refusal(403, detail="another site asks")
        if request.method in SAFE or request.path in self._own:
            return None
        return None if token_stands() else refusal(403, detail="no token of this session")

    def _body(self) -> Response | None:
        """Look at size and kind before a body is read, then read it in time."""
        if request.method in SAFE or request.path.startswith(PREFIX):
            return None
        if request.content_length is None and "Transfer-Encoding" in request.headers:
            return refusal(411)
        if (request.content_length or 0) > self._most():
            return refusal(413)
        if request.path == CALLBACKS and not request.is_json:
            return refusal(415)
        if not self._slow.whole():
            return refusal(408)
        if request.is_json and request.path != CALLBACKS:  # the envelope looks for itself
            return _unplain_json()
        return refusal(400) if _bad_form() else None

    def _most(self) -> int:
        kind = request.mimetype
        form = kind in ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")
        page = request.path == CALLBACKS
        return (FORM_KB if form else self._config.max_call_kb * (1 if page else 2)) * 1024


def _account() -> str:
    """Return whose cookie it is. To count it makes no answer one of a person."""
    kept = session._get_current_object()  # type: ignore[attr-defined]
    found = str(kept.get(SIGNED, ""))
    kept.accessed = False
    return found


def _plain_address() -> bool:
    path = request.path
    if any(ord(c) < 32 or c in "\\\x7f" for c in path) or bad_text(path):
        return False
    if "%2e" in path.casefold() or any(part in (".", "..") for part in path.split("/")):
        return False
    return not any("\x00" in key or "\x00" in value for key, value in request.args.items(True))


def _unplain_json() -> Response | None:
    try:
        body = request.get_json(silent=True)
    except RecursionError:
        return refusal(400)
    return refusal(400) if unplain(body) else None


def _bad_form() -> bool:
    if request.mimetype not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return False
    return any(bad_text(key) or bad_text(value) for key, value in request.form.items(True))


def refusal(status: int, *, wait: int = 0, detail: str = "") -> Response:
    """Return the answer to what is refused; it gives away no more than why."""
    headers = {"Retry-After": str(wait)} if wait else {}
    code = WORDS.get(status, "refused")
    log.info("refused", status=status, reason=detail or code, path=request.path[:80])
    if request.path.startswith(PREFIX):
        return problem(ApiError(status, code, detail or code, headers=headers))
    answer = jsonify(error=code, **({"detail": detail} if detail else {}))
    answer.status_code = status
    answer.headers.update(headers)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def register(server: Flask, config: Settings) -> Door:
    """Put the door in front of everything that is registered later."""
    door = Door(config, _own_tokens(server))
    server.config["MAX_CONTENT_LENGTH"] = max(config.api_max_mb * 2, 16) * 1024 * 1024
    server.config["MAX_FORM_MEMORY_SIZE"] = FORM_KB * 1024
    server.config["MAX_FORM_PARTS"] = 200
    server.before_request(door)
    server.wsgi_app = Proxied(  # type: ignore[method-assign,assignment]
        server.wsgi_app, networks(config.proxy_names)
    )

    @server.after_request
    def token_cookie(response: Response) -> Response:
        return hand_out(response, config) if g.get("identity_asked") else response

    return door


def carries_token(server: Flask, *paths: str) -> None:
    """Name addresses of forms that carry their token in a field; each checks it for itself."""
    _own_tokens(server).update(paths)


def _own_tokens(server: Flask) -> set[str]:
    found: set[str] = server.extensions.setdefault("own_tokens", set())
    return found


def peer() -> str:
    """Return the address that really holds the connection: of the proxy where there is one."""
    return str(request.environ.get(PEER, request.remote_addr or ""))
