"""Who calls the API, whether they may, and how often."""

from __future__ import annotations

import math
import time

from flask import request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from callbacks.api_problem import ApiError
from data.ingest.tokens import USED_EVERY, note_used
from data.panels.board import is_demo
from data.queries.tokens import Token, find_token
from data.settings import Settings
from data.store import Store, utc_now

FAILURES_PER_MINUTE = 60
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="api"'}


class Access:
    """The door of the API in one worker. Pushes are also counted in the store, over all workers."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store, self.settings = store, settings
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._pushes = RateLimitItemPerMinute(2 * settings.api_pushes_per_minute)
        self._reads = RateLimitItemPerMinute(settings.api_reads_per_minute)
        self._failures = RateLimitItemPerMinute(FAILURES_PER_MINUTE)

    def pusher(self, kind: str, api_key: str | None = None) -> Token:
        """Return the token of a push of this kind; raise ApiError 401, 403 or 429."""
        token = self._token(api_key or bearer())
        if token is None:
            raise self._unknown()
        self._slow_down(self._pushes, f"push {token.id}")
        if not token.may_push(kind):
            raise ApiError(403, "out_of_scope", f"this token may not push {kind}")
        return token

    def reader(self, conn: Connection) -> None:
        """Let a reader in; raise ApiError 401 or 429. A token that is shown must be a good one."""
        text = bearer()
        if text is None and self._is_open(conn):
            self._slow_down(self._reads, f"read {request.remote_addr}")
            return
        token = find_token(conn, text, now=utc_now()) if text else None
        if token is None:
            raise self._unknown()
        self._slow_down(self._reads, f"read token {token.id}")
        self._note(token)

    def _is_open(self, conn: Connection) -> bool:
        chosen = self.settings.api_read
        return chosen == "open" or (chosen == "auto" and is_demo(conn))

    def _token(self, text: str | None) -> Token | None:
        if not text:
            return None
        with self.store.read() as conn:
            return find_token(conn, text, now=utc_now())

    def _unknown(self) -> ApiError:
        """Say the same for none, an unknown, a revoked and an expired token."""
        self._slow_down(self._failures, f"failed {request.remote_addr}")
        detail = "a valid token is needed: Authorization: Bearer …"
        return ApiError(401, "unauthorized", detail, headers=CHALLENGE)

    def _slow_down(self, limit: RateLimitItemPerMinute, who: str) -> None:
        if not self._limiter.hit(limit, who):
            reset = self._limiter.get_window_stats(limit, who).reset_time
            raise too_fast(max(1, math.ceil(reset - time.time())))

    def _note(self, token: Token) -> None:
        """Remember at most hourly that a reader's token is in use; that may fail in silence."""
        now = utc_now()
        if token.last_used_at is not None and now - token.last_used_at < USED_EVERY:
            return
        try:
            with self.store.write() as conn:
                note_used(conn, token, now=now)
        except SQLAlchemyError:
            return


def bearer() -> str | None:
    """Return the token of the Authorization header, None if there is none."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    return text.strip() if scheme.lower() == "bearer" and text.strip() else None


def too_fast(seconds: int) -> ApiError:
    """Return the answer to a caller who asks too often."""
    detail = f"too many calls; try again in {seconds} s"
    return ApiError(429, "too_many_requests", detail, headers={"Retry-After": str(seconds)})
