"""Hears the displays: each open wall posts a small word of itself every quarter of a minute."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated

from flask import Flask, Response, request
from limits import RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import RequestEntityTooLarge

from callbacks import identity
from data.commands.screens import Beat, note_beats
from data.logs import logger
from data.store import Store, utc_now

log = logger("beat")

PATH = "/beat"
MOST_BYTES = 2048
A_SCREEN, AN_ADDRESS, NEW_ONES = 12, 600, 120
"""Beats a minute of one display and of one address (many walls stand behind one); new displays of
an address an hour."""
EVERY_S, FLUSH_S = 30.0, 2.0
"""One display is written once in so long; and all of a worker's at most so often."""
KEPT = 4000
LONGEST_S = 366 * 86400.0
Device = Callable[[], str | None]
Text = Annotated[str, Field(max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Word(BaseModel):
    """What a display posts. painted: seconds since it last painted; memory in MB."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: str = Field(pattern=r"^[A-Za-z0-9-]{8,40}$")
    page: Text = ""
    build: str = Field(default="", pattern=r"^[A-Za-z0-9._+-]{0,40}$")
    painted: float | None = Field(default=None, ge=0, le=LONGEST_S, allow_inf_nan=False)
    memory: float | None = Field(default=None, ge=0, le=1e6, allow_inf_nan=False)
    w: int | None = Field(default=None, gt=0, le=32767)
    h: int | None = Field(default=None, gt=0, le=32767)
    closed: bool = False


class Ear:
    """Keeps what displays told until it is written: not each beat is a write."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._lock = threading.Lock()
        self._waiting: dict[str, Beat] = {}
        self._written: dict[str, tuple[float, bool]] = {}
        self._flushed = 0.0

    def known(self, screen: str) -> bool:
        """Return whether this worker heard of a display before."""
        return screen in self._written or screen in self._waiting

    def hear(self, beat: Beat, steady: float) -> bool:
        """Keep a beat; write what is due. Return False when the store does not take it now.

        steady: seconds on a clock that never jumps.
        """
        with self._lock:
            if len(self._waiting) >= KEPT:
                self._waiting.clear()
            self._waiting[beat.id] = beat
            due = self._due(steady)
            if not due or (steady - self._flushed < FLUSH_S and not beat.closed):
                return True
            self._flushed = steady
        try:
            with self.store.write(wait_s=1) as conn:
                note_beats(conn, due)
        except SQLAlchemyError as error:
            log.warning("beats are not written", error=type(error).__name__)
            return False
        with self._lock:
            self._note(due, steady)
        return True

    def _due(self, steady: float) -> list[Beat]:
        found = []
        for beat in self._waiting.values():
            at, closed = self._written.get(beat.id, (-EVERY_S, not beat.closed))
            if steady - at >= EVERY_S or closed != beat.closed:
                found.append(beat)
        return found

    def _note(self, beats: list[Beat], steady: float) -> None:
        if len(self._written) >= KEPT:
            self._written.clear()
        for beat in beats:
            self._written[beat.id] = (steady, beat.closed)
            if self._waiting.get(beat.id) is beat:
                del self._waiting[beat.id]


def _nobody() -> None:
    return None


def register(server: Flask, store: Store, device: Device = _nobody) -> None:
    """Attach the route. It needs no sign-in: a wall has none.

    device: returns the id of the enrolled display that asks now, if it is one; it counts then,
    whatever the page calls itself.
    """
    ear, limiter = Ear(store), MovingWindowRateLimiter(MemoryStorage())
    screens, addresses = RateLimitItemPerMinute(A_SCREEN), RateLimitItemPerMinute(AN_ADDRESS)
    new_ones = RateLimitItemPerHour(NEW_ONES)

    @server.post(PATH)
    def beat() -> Response:
        origin = identity.origin()
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            return Response("not from a page of ours\n", 403)
        if request.mimetype != "application/json":
            return Response("send application/json\n", 415)
        if not limiter.hit(addresses, origin):
            return _too_often()
        word = _word()
        if isinstance(word, Response):
            return word
        if not limiter.hit(screens, word.id):
            return _too_often()
        if not ear.known(word.id) and not limiter.hit(new_ones, f"new {origin}"):
            return _too_often()
        told, enrolled = _beat(word, utc_now(), origin), device()
        if enrolled is not None:
            told = replace(told, id=enrolled, device=True)
        good = ear.hear(told, time.monotonic())
        return Response(status=204 if good else 503)


def _word() -> Word | Response:
    """Return what was posted, or the answer to what is none."""
    request.max_content_length = MOST_BYTES
    try:
        return Word.model_validate_json(request.get_data(cache=False))
    except RequestEntityTooLarge:
        return Response(f"more than {MOST_BYTES} bytes\n", 413)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"])) or "body"
        return Response(f"{where[:40]}: {first['msg'][:120]}\n", 400)


def _beat(word: Word, now: datetime, origin: str) -> Beat:
    painted = now - timedelta(seconds=word.painted) if word.painted is not None else None
    return Beat(
        id=word.id,
        at=now,
        page=word.page,
        build=word.build,
        painted_at=painted,
        memory_mb=word.memory,
        width=word.w,
        height=word.h,
        closed=word.closed,
        origin=origin,
    )


def _too_often() -> Response:
    return Response("too many beats\n", 429, {"Retry-After": "30"})
