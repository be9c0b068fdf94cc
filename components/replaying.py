"""That a page looks back: at which instant, and how links keep it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from data.sharing.at import written

NAME = "at"
"""The name in the address."""


@dataclass(frozen=True)
class Replay:
    """The instant a page looks back to, the present, and since when the store kept what it knew.

    loaded: history that was brought in at once stands as known from this instant on. What lies
    before it is shown by when it happened, and the band says so.
    """

    at: datetime
    now: datetime
    first: datetime
    loaded: datetime | None = None

    @property
    def written(self) -> str:
        """Return the instant as addresses carry it."""
        return written(self.at)

    @property
    def afterwards(self) -> bool:
        """Whether all that is shown was brought in later, so nobody could know it then."""
        return self.loaded is not None and self.at < self.loaded


_replay: ContextVar[Replay | None] = ContextVar("replay", default=None)


@contextmanager
def looking_back(replay: Replay | None) -> Iterator[None]:
    """Look back inside the block; None: look at the present."""
    token = _replay.set(replay)
    try:
        yield
    finally:
        _replay.reset(token)


def replaying() -> Replay | None:
    """Return what the page that is drawn now looks back to; None: it is live."""
    return _replay.get()


def keep(href: str) -> str:
    """Return an address of this house that looks back to the same instant, if the page does."""
    found = _replay.get()
    if found is None or not href.startswith(("/", "?")):
        return href
    return with_at(href, found.written)


def with_at(href: str, at: str | None) -> str:
    """Return an address with another instant; None: the live one."""
    parts = urlsplit(href)
    query = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k != NAME]
    if at is not None:
        query.append((NAME, at))
    asked = urlencode(query, safe=":,")
    return urlunsplit(parts._replace(query=asked)) or parts.path or "/"
