"""Gives each request a name, so that all its lines in the log can be found."""

from __future__ import annotations

import re
import uuid

import structlog
from flask import Flask, Response, g, request

HEADER = "X-Request-ID"
_GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")
"""What a proxy may name a request: nothing that could break a line or a header."""


def register(server: Flask) -> None:
    """Name requests, in the log and in their answers."""
    server.before_request(_begin)
    server.after_request(_tell)


def current() -> str:
    """Return the name of this request: the caller's own if it is a plain one, else a new one."""
    if "request_id" not in g:
        given = request.headers.get(HEADER, "")
        g.request_id = given if _GIVEN.fullmatch(given) else uuid.uuid4().hex
    return str(g.request_id)


def _begin() -> None:
    structlog.contextvars.clear_contextvars()  # the thread served somebody else before
    structlog.contextvars.bind_contextvars(request=current())


def _tell(response: Response) -> Response:
    response.headers[HEADER] = current()
    return response
