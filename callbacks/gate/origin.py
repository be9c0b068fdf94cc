"""Whether a request comes from a page of ours: the browser says from where, and a token proves it.

Dash's renderer and our scripts send back what stands in a cookie that only our own pages can read
(`assets/0-gate.js`). It belongs to one session: another's is no key.
"""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import urlsplit

from flask import Response, current_app, request, session

from data.settings import Settings

HEADER = "X-CSRFToken"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OWN, SIGNED = "own", "_user_id"
"""Of a session: its own name, and whose it is."""


def cookie_name(config: Settings) -> str:
    """Return the name of the cookie that scripts read; browsers guard the one of https."""
    return "__Host-zhizhi-page" if config.https else "zhizhi-page"


def token() -> str:
    """Return the token of this session, "" where nobody is signed in: nothing can be misused."""
    own = session.get(OWN)
    if not own or SIGNED not in session:
        return ""
    key = str(current_app.secret_key).encode()
    return hmac.new(key, f"page {own}".encode(), hashlib.sha256).hexdigest()[:40]


def token_stands() -> bool:
    """Return whether a request shows the token of its own session; True where there is none."""
    wanted = token()
    shown = request.headers.get(HEADER, "")
    return not wanted or hmac.compare_digest(shown.encode(), wanted.encode())


def hand_out(response: Response, config: Settings) -> Response:
    """Give the token to a page of ours, once a session; take it away when the session is over."""
    name = cookie_name(config)
    kept, wanted = request.cookies.get(name, ""), token()
    if wanted and kept != wanted:
        response.set_cookie(name, wanted, secure=config.https, samesite="Strict", path="/")
    elif kept and not wanted:
        response.delete_cookie(name, secure=config.https, samesite="Strict", path="/")
    return response


def from_elsewhere(config: Settings) -> bool:
    """Return whether the browser says that another site asks.

    What is no browser says nothing of it: it has no cookies of a person either.
    """
    site = request.headers.get("Sec-Fetch-Site", "")
    if request.method in SAFE:
        visits = request.headers.get("Sec-Fetch-Mode") == "navigate"
        return site in ("cross-site", "same-site") and not visits
    origin = request.headers.get("Origin")
    if origin is not None:
        return not _is_ours(origin, config)
    return site not in ("", "same-origin", "none")


def _is_ours(origin: str, config: Settings) -> bool:
    try:
        parts = urlsplit(origin)
        public = urlsplit(config.public_url)
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return False
    if config.https and parts.scheme != "https":
        return False
    return parts.netloc.casefold() in {request.host.casefold(), public.netloc.casefold()} - {""}
