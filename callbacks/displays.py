"""Displays are devices: /display takes the code once; the cookie it leaves lets a wall be seen.

A device is nobody: it signs nothing, sees no page that asks for a person, and nothing of persons.
"""

from __future__ import annotations

from dash import Dash
from dash.development.base_component import Component
from flask import Flask, Response, g, redirect, request
from sqlalchemy.exc import SQLAlchemyError

from callbacks import identity
from callbacks.csrf import form_token, is_ours
from callbacks.gate.door import carries_token, refusal
from callbacks.login import Slow
from callbacks.pages import Asked, Page, chosen_language
from callbacks.watching import Walls, device, signer
from components.display_page import PATH, display_page
from data.catalogue import Catalogue
from data.commands.displays import Enrolled, enrol
from data.logs import logger
from data.settings import Settings
from data.store import Store, utc_now
from data.vocabulary import Names
from data.vocabulary.people import Display

log = logger("displays")
KEPT_S = 400 * 86400
"""As long as a browser keeps a cookie; begun anew with each opening of the wall."""


def page(catalogue: Catalogue) -> Page:
    """Return the page where a code is typed."""
    title: Names = catalogue.city.title or catalogue.city.name

    def layout(asked: Asked) -> Component:
        shown = _shown()
        return display_page(
            form_token(), asked.get("said", "")[:20], shown.name if shown else "",
            lang=chosen_language(asked), title=title,
        )  # fmt: skip

    return Page(PATH, layout, lambda: display_page("", "", "", lang="zh", title=title))


def register(app: Dash, store: Store, config: Settings) -> None:
    """Attach the form, and the cookie that lasts."""
    server: Flask = app.server
    walls = Walls(store, config.walls, config.https)
    server.extensions["walls"] = walls
    carries_token(server, PATH)
    slow = Slow(per_address=20)

    @server.post(PATH)
    def take() -> Response:
        if not is_ours(request.form.get("token", "")):
            return _again("stale")
        if wait := slow.wait("display"):
            return refusal(429, wait=wait)
        try:
            with store.write(wait_s=5) as conn:
                found = enrol(
                    conn, request.form.get("code", ""), now=utc_now(), origin=identity.origin()
                )
        except SQLAlchemyError:
            return _again("busy")
        if found is None:
            return _again("wrong")
        log.info("a display was enrolled", display=found.name)
        return _keep(redirect("/", 303), _written(found), walls)  # type: ignore[arg-type]

    @server.after_request
    def renewed(response: Response) -> Response:
        kept = request.cookies.get(walls.cookie)
        if request.path == "/" and kept and g.get("display") is not None:
            return _keep(response, kept, walls)
        return response


def _again(said: str) -> Response:
    answer = redirect(f"{PATH}?said={said}", 303)
    answer.headers["Cache-Control"] = "no-store"
    return answer  # type: ignore[return-value]


def _keep(response: Response, value: str, walls: Walls) -> Response:
    response.set_cookie(
        walls.cookie, value, max_age=KEPT_S, secure=walls.https, httponly=True,
        samesite="Strict", path="/",
    )  # fmt: skip
    return response


def _shown() -> Display | None:
    try:
        return device()
    except identity.StoreLost:
        return None


def _written(found: Enrolled) -> str:
    return str(signer().dumps([found.id, found.secret]))
