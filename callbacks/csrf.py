"""Forms of ours come from pages of ours: each carries a signed word of its browser's session."""

from __future__ import annotations

import hmac
import secrets

from flask import current_app, session
from itsdangerous import BadSignature, URLSafeTimedSerializer

NONCE = "nonce"
VALID_S = 12 * 3600


def form_token() -> str:
    """Return the token for a form on a page of this browser; begins its session if need be."""
    if NONCE not in session:
        session[NONCE] = secrets.token_urlsafe(16)
    return str(_signer().dumps(session[NONCE]))


def is_ours(token: str) -> bool:
    """Return whether a form came from a page that we gave to this browser."""
    nonce = session.get(NONCE)
    try:
        said = _signer().loads(token[:400], max_age=VALID_S)
    except BadSignature:
        return False
    return isinstance(said, str) and bool(nonce) and hmac.compare_digest(said, str(nonce))


def _signer() -> URLSafeTimedSerializer:
    key = current_app.secret_key
    if not key:
        raise RuntimeError("sessions have no key yet")
    return URLSafeTimedSerializer(key, salt="form")
