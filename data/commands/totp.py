"""Codes of the minute (RFC 6238), from the standard library. Pure: no clock, no store."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
from urllib.parse import quote, urlencode

PERIOD_S, DIGITS = 30, 6
AROUND = 1
"""Codes of so many periods before and after count too: clocks differ."""


def secret_of(key: str, nonce: str) -> bytes:
    """Return the secret of an account: 20 bytes of the house's key and the account's nonce.

    The store holds the nonce only, so whoever reads a backup can make no code.
    """
    return hmac.new(key.encode(), f"second factor {nonce}".encode(), hashlib.sha256).digest()[:20]


def code_at(secret: bytes, step: int) -> str:
    """Return the code of one period; step: periods since 1970 (RFC 4226, HMAC-SHA-1)."""
    digest = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def step_of(secret: bytes, code: str, now: float) -> int | None:
    """Return the period whose code this is, None if it is of none around now (epoch seconds)."""
    plain = "".join(code.split())
    if len(plain) != DIGITS or not plain.isascii() or not plain.isdigit():
        return None
    here = int(now // PERIOD_S)
    found = None
    for step in range(here - AROUND, here + AROUND + 1):
        if hmac.compare_digest(code_at(secret, max(0, step)), plain):
            found = step
    return found


def written(secret: bytes) -> str:
    """Return a secret as people type it: base32 in groups of four."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def address(secret: bytes, account: str, issuer: str) -> str:
    """Return the otpauth address that authenticator apps read."""
    label = quote(f"{issuer}:{account}", safe=":@.-_")
    facts = {"secret": written(secret).replace(" ", ""), "issuer": issuer, "digits": DIGITS,
             "period": PERIOD_S, "algorithm": "SHA1"}  # fmt: skip
    return f"otpauth://totp/{label}?{urlencode(facts, quote_via=quote)}"
