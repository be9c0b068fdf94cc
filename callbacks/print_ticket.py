"""A ticket with which a browser of ours may read one page as whoever asked for its print.

It is signed with the server's key and names the exact address, the account with its epoch and
session, and an end in a minute. It opens two answers, each once: the page at that address, and the
layout that this page asks for. It is no session: nothing else listens to it, no callback, no form,
no file, no other ticket, and what it opens is judged by the account as it stands at that moment.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from flask import Request
from itsdangerous import BadSignature, URLSafeSerializer

HEADER = "X-Zhizhi-Print"
VALID_S = 60
LONGEST = 2000
SHELL = 0
"""The account of whoever has the machine's shell; believed only by a server made for that print."""


@dataclass(frozen=True)
class Ticket:
    """What a ticket says. address: path and query; until: epoch seconds; nonce: its own name."""

    address: str
    account: int
    epoch: int
    session: str
    until: float
    nonce: str


def issue(key: str, address: str, *, account: int, epoch: int, session: str, now: float) -> str:
    """Return a ticket for one print of one address."""
    ticket = Ticket(address, account, epoch, session, now + VALID_S, secrets.token_hex(16))
    return str(_signer(key).dumps(asdict(ticket)))


def read(key: str, text: str, *, now: float) -> Ticket | None:
    """Return what a ticket says; None if it is not ours or its time is over."""
    if not key or len(text) > LONGEST:
        return None
    try:
        ticket = Ticket(**_signer(key).loads(text))
    except (BadSignature, TypeError):
        return None
    return ticket if now <= ticket.until else None


def opens(ticket: Ticket, asked: Request) -> str | None:
    """Return which of its two answers a request is for: page or layout; None: neither."""
    if asked.method != "GET":
        return None
    if asked.path == "/_dash-layout":
        page = urlsplit(asked.referrer or "")
        return "layout" if _address(page.path, page.query) == ticket.address else None
    here = _address(asked.path, asked.query_string.decode("ascii", "replace"))
    return "page" if here == ticket.address else None


def _address(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


def _signer(key: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt="print")
