"""What a session is bound to: its machine, and before it begins the code that is still owed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime

from flask import g, request, session

from callbacks.csrf import NONCE
from data.vocabulary.people import Account

HALF, HALF_S = "half", 300
"""Of a session that has shown a password and owes a code; and for how long it may."""

SLACK_S = 60


def bound_to(kind: str) -> Callable[[], str]:
    """Return what names the machine of a session: Flask-Login's own believes X-Forwarded-For.

    kind: address (with the browser), browser, or none.
    """

    def name() -> str:
        place = request.remote_addr if kind == "address" else ""
        text = f"{place}|{request.headers.get('User-Agent', '')}"
        return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()

    return name


def begin_half(found: Account, back: str, now: datetime) -> None:
    """The password was right, the code is still to come: kept for five minutes, good for that."""
    g.identity_asked = True
    nonce = session.get(NONCE)
    session.clear()
    if nonce:
        session[NONCE] = nonce
    session[HALF] = [found.id, found.epoch, int(now.timestamp()), back]


def half(now: datetime) -> tuple[int, int, str] | None:
    """Return whose code is awaited (account, epoch) and where it leads; None for nobody."""
    kept = session.get(HALF)
    if not isinstance(kept, list) or len(kept) != 4:
        return None
    number, epoch, at, back = kept
    age = now.timestamp() - at
    return (number, epoch, back) if -SLACK_S <= age < HALF_S else None
