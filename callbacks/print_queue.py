"""Who may print now: at most two browsers on a machine, a few who wait, all others are told.

Places are locks on files, so they hold between the workers of a server and of whoever prints from
a shell, and none is lost with a process that ends.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

AT_ONCE, SEATS = 2, 8
"""Browsers at once; prints that are under way or wait."""
LONGEST_WAIT_S = 60.0


class QueueFullError(Exception):
    """So many wait already."""


class Place:
    """One place in the queue of a machine: first a seat, then one of the browsers."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._held: list[int] = []

    def sit(self) -> bool:
        """Take a seat; False if all are taken."""
        return any(self._take(f"seat-{n}") for n in range(SEATS))

    def begin(self) -> bool:
        """Take the place of a browser; False if all are at work."""
        return any(self._take(f"browser-{n}") for n in range(AT_ONCE))

    def leave(self) -> None:
        """Give back what is held."""
        while self._held:
            with suppress(OSError):
                os.close(self._held.pop())

    def _take(self, name: str) -> bool:
        # Only read, so that whoever prints from a shell may be another user than the server.
        path, mode = self._folder / f"{name}.lock", os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC
        found = os.open(path, mode, 0o644)
        try:
            fcntl.flock(found, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(found)
            return False
        self._held.append(found)
        return True


@contextmanager
def seat(folder: Path) -> Iterator[Place]:
    """Hold a seat while inside.

    Raises:
        QueueFullError: every seat is taken.
    """
    place = Place(folder)
    try:
        if not place.sit():
            raise QueueFullError
        yield place
    finally:
        place.leave()


def turn(place: Place, *, step_s: float = 0.2, longest_s: float = LONGEST_WAIT_S) -> Iterator[None]:
    """Yield again and again until it is this place's turn.

    Raises:
        QueueFullError: it did not come in time.
    """
    end = time.monotonic() + longest_s
    while not place.begin():
        if time.monotonic() > end:
            raise QueueFullError
        yield
        time.sleep(step_s)
