"""Who may open which page, and ask which callback."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any, Protocol

from dash import Dash, html
from dash.development.base_component import Component
from dash.exceptions import InvalidCallbackReturnValue
from flask import Flask, Response, jsonify, redirect, request

from callbacks import identity, watching
from callbacks.gate.contract import Contract, OffError, UndeclaredError, read
from callbacks.gate.envelope import check, opened
from components.i18n import use
from components.person import (
    cannot_ask_page,
    login_address,
    may_not_page,
    sign_in_first_page,
)
from data.logs import logger
from data.vocabulary import Role

log = logger("gate")

CALLBACKS = "/_dash-update-component"
Roles = frozenset[Role] | None
"""None: open to everybody."""


class Watchers(frozenset[Role]):
    """Of the wall and the sources: every role, and displays; everybody where walls are open."""


WATCHERS = Watchers(set(Role) - {Role.SYSTEM_ACTOR})


class Guarded(Protocol):
    """As much of a page as the guard must know."""

    @property
    def roles(self) -> Roles:
        """Who may open it."""

    @property
    def parts(self) -> Callable[[], Component]:
        """Everything that callbacks touch on it."""


class Verdict(Enum):
    """Whether somebody may pass; the value is the HTTP status of a callback's answer."""

    PASS = 200
    UNSIGNED = 401
    REFUSED = 403
    LOST = 503


def verdict(roles: Roles) -> Verdict:
    """Return whether whoever asks now may pass where only `roles` may."""
    if roles is None:
        return Verdict.PASS
    if isinstance(roles, Watchers):
        return Verdict.PASS if watching.may_watch() else Verdict.UNSIGNED
    try:
        identity.require(*(roles or (Role.SYSTEM_ACTOR,)))  # none named: nobody
    except identity.NotSignedIn:
        return Verdict.UNSIGNED
    except identity.Refused:
        return Verdict.REFUSED
    except identity.StoreLost:
        return Verdict.LOST
    return Verdict.PASS


def instead(roles: Roles, back: str, lang: str) -> Component | None:
    """Return what stands instead of a page for whoever asks now, None if they may see it."""
    found = verdict(roles)
    with use(lang):
        if found is Verdict.UNSIGNED:
            return _framed(sign_in_first_page(back), lang)
        if found is Verdict.REFUSED:
            named = sorted(roles or ())
            return _framed(may_not_page(identity.shown(), list(named), back), lang)
        return _framed(cannot_ask_page(), lang) if found is Verdict.LOST else None


def _framed(inside: Component, lang: str) -> Component:
    return html.Div(inside, className=f"wall-root page stopped lang-{lang}", lang=lang)


def answer(roles: Roles) -> Response | None:
    """Return the answer to a page that may not be opened: to the sign-in page first.

    The wrong role and the lost store get the page's frame, with the words in its layout.
    """
    found = verdict(roles)
    if found is Verdict.UNSIGNED:
        back = request.full_path.rstrip("?")
        return redirect(login_address(back, said="first"), 302)  # type: ignore[return-value]
    if found is Verdict.PASS and roles is not None and not isinstance(roles, Watchers):
        identity.touch()
    return None


def status(roles: Roles) -> int:
    """Return the HTTP status of a page for whoever asks now."""
    found = verdict(roles)
    return found.value if found in (Verdict.REFUSED, Verdict.LOST) else 200


class Gate:
    """Lets a callback through only as it was declared, and for those who may open its page.

    A net below `identity.require`: a callback of a guarded page that forgets to ask is shut too.
    """

    def __init__(self, app: Dash, pages: Iterable[Guarded], walk: Callable[[Any], Any]) -> None:
        self._app = app
        self._owners = _owners(pages, walk)
        self._known: dict[str, Contract] = {}

    def seal(self) -> None:
        """Read every callback there is; the server does not start with one that nobody declared.

        Raises:
            UndeclaredError: it touches no part of any page, or takes what cannot be checked.
        """
        for output in self._app.callback_map:
            self._contract(output)

    def __call__(self) -> Response | None:
        """Answer a callback that may not be asked; None lets it through."""
        if request.path != CALLBACKS or request.method != "POST":
            return None
        body = _body()
        output = body.get("output")
        if not isinstance(output, str) or output not in self._app.callback_map:
            return _off("no such callback")
        contract = self._contract(output)
        found = verdict(contract.roles)
        if found is not Verdict.PASS:
            refusal = jsonify(error=found.name.lower())
            refusal.status_code = found.value
            return refusal
        try:
            check(opened(body), contract)
        except OffError as off:
            return _off(str(off))
        return None

    def _contract(self, output: str) -> Contract:
        if output not in self._known:
            callback = self._app.callback_map[output]
            self._known[output] = read(output, callback, self._roles(output, callback))
        return self._known[output]

    def _roles(self, output: str, callback: Mapping[str, Any]) -> Roles:
        """Return who may ask: everybody, unless a part stands on guarded pages only."""
        used = [_shape(d["id"]) for d in (*callback["inputs"], *callback["state"])]
        used += [_shape(part) for part in outputs_of(output)]
        homeless = [shape for shape in used if shape not in self._owners]
        if homeless:
            raise UndeclaredError(f"{output}: on no page, so for no role: {', '.join(homeless)}")
        found: Roles = None
        for shape in used:
            roles = self._owners[shape]
            found = _narrower(found, roles)
        return found


def register_errors(server: Flask) -> None:
    """Let what a callback cannot read be told as such: what it was sent fitted its types only."""

    @server.errorhandler(InvalidCallbackReturnValue)  # as many answers as were wanted: not ours
    @server.errorhandler(ValueError)
    def unreadable(error: Exception) -> Response:
        if request.path != CALLBACKS:
            raise error
        frame = traceback.extract_tb(error.__traceback__)[-1]
        return _off(f"{type(error).__name__} in {frame.filename.rpartition('/')[2]}:{frame.lineno}")


def _body() -> Mapping[str, Any]:
    try:
        body = request.get_json(silent=True)
    except RecursionError:  # so deep that nobody meant it
        body = None
    return body if isinstance(body, dict) else {}


def _off(why: str) -> Response:
    """Answer what no page of ours sends. Why is for the log: what was sent may name a person."""
    log.info("not a question of ours", why=why)
    answer = jsonify(error="bad_request")
    answer.status_code = 400
    return answer


def outputs_of(output: str) -> list[str]:
    """Return the ids that a callback's name says it writes."""
    parts = output.strip(".").split("...")
    return [p.partition("@")[0].rsplit(".", 1)[0] for p in parts]


def _owners(pages: Iterable[Guarded], walk: Callable[[Any], Any]) -> dict[str, Roles]:
    """Return who may touch each part. A part that also stands on an open page is open."""
    found: dict[str, Roles] = {}
    for page in pages:
        for part in walk(page.parts()):
            id_ = getattr(part, "id", None)
            if id_ is None:
                continue
            shape = _shape(id_)
            before = found.get(shape, frozenset())
            found[shape] = _wider(before, page.roles)
    return found


def _wider(one: Roles, other: Roles) -> Roles:
    if one is None or other is None:
        return None
    watched = next((r for r in (one, other) if isinstance(r, Watchers)), None)
    return watched or one | other


def _narrower(one: Roles, other: Roles) -> Roles:
    if one is None or other is None:
        return other if one is None else one
    if isinstance(one, Watchers) or isinstance(other, Watchers):
        return other if isinstance(one, Watchers) else one
    return one & other


def _shape(id_: Any) -> str:
    """Return a part's id; of a pattern its type, whatever else stands in it."""
    if isinstance(id_, str) and id_.startswith("{"):
        id_ = json.loads(id_)
    if isinstance(id_, dict):
        return "pattern " + str(id_.get("type", ",".join(sorted(id_))))
    return str(id_)
