"""What the desk's scripts ask: JSON both ways, worded in a language, never a traceback."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, jsonify, request
from sqlalchemy.exc import SQLAlchemyError

from callbacks.identity import NotSignedIn, Refused, StoreLost, touch
from callbacks.pages import chosen_language
from components.i18n import _, use
from components.person import may_not, sign_in_first
from data.logs import logger

log = logger("desk")

Answer = dict[str, Any]
LARGEST = 2_000_000
"""Bytes of a question; a pasted book is refused before it is read."""


def answer(**parts: Any) -> Answer:
    """Return an answer; a name so that every one is seen for what it is."""
    return parts


def no_text(body: Mapping[str, Any], key: str) -> str:
    """Return a text of a question, "" for anything else."""
    value = body.get(key)
    return value if isinstance(value, str) else ""


def json_route(server: Flask, path: str, *, post: bool = False) -> Callable[..., Any]:
    """Register a function as an address.

    post: it takes the body, and only a page of ours can ask it: another site's form cannot
    send JSON, and its script may not.
    """

    def register(work: Callable[..., Answer]) -> Callable[..., Answer]:
        @functools.wraps(work)
        def route(**named: str) -> tuple[Response, int]:
            body = _body() if post else {}
            with use(_language(body)):
                found, status = _worked(work, (body,) if post else (), named)
            response = jsonify(found)
            response.headers["Cache-Control"] = "no-store"
            return response, status

        server.add_url_rule(path, f"desk {path}", route, methods=["POST" if post else "GET"])
        return work

    return register


def _body() -> Mapping[str, Any]:
    if request.content_length is None or request.content_length > LARGEST:
        return {"too_large": True}
    found = request.get_json(silent=True) if request.is_json else None
    return found if isinstance(found, dict) else {}


def _language(body: Mapping[str, Any]) -> str:
    return chosen_language({"lang": no_text(body, "lang")} if body else dict(request.args))


def _worked(
    work: Callable[..., Answer], body: tuple[Any, ...], named: Mapping[str, str]
) -> tuple[Answer, int]:
    """Return what a function answers and its status, whatever becomes of it."""
    try:
        if body and body[0].get("too_large"):
            return answer(refused=_("Not saved: the text is far too long")), 200
        found = work(*body, **named)
        if body:
            touch()
        return found, 200
    except NotSignedIn:
        return answer(refused=sign_in_first()), 401
    except Refused as refused:
        return answer(refused=may_not(refused.actor.role)), 403
    except (StoreLost, SQLAlchemyError):
        log.exception("the desk cannot ask the store")
        return answer(refused=_("Not saved: the store cannot be written")), 503
    except ValueError:
        return answer(
            refused=_("Not understood: the page and the server differ, load it again")
        ), 400
    except Exception:
        log.exception("the desk cannot answer")
        return answer(refused=_("Not saved: the server failed; it was noted")), 500
