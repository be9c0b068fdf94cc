"""/setup: the one-time link of a real city without accounts makes the first ones."""

from __future__ import annotations

from urllib.parse import urlencode

from dash import Dash
from dash.development.base_component import Component
from flask import Flask, Response, redirect, request
from sqlalchemy.exc import SQLAlchemyError

from callbacks import identity
from callbacks.csrf import form_token, is_ours
from callbacks.gate.door import carries_token, refusal
from callbacks.login import Slow
from callbacks.pages import Asked, Page, chosen_language
from components.person import login_address
from components.set_up_page import FIRST, PATH, SetUp, set_up_page
from data.catalogue import Catalogue
from data.commands import set_up
from data.commands.accounts import AccountError
from data.logs import logger
from data.store import Store, utc_now
from data.vocabulary import Names

log = logger("setup")


def page(store: Store, catalogue: Catalogue) -> Page:
    """Return the page."""
    title: Names = catalogue.city.title or catalogue.city.name

    def layout(asked: Asked) -> Component:
        word, shown = asked.get("word", ""), SetUp()
        if word and _stands(store, word):
            shown = SetUp(form_token(), word, asked.get("said", "")[:60])
        return set_up_page(shown, lang=chosen_language(asked), title=title)

    parts = SetUp("x", "x")
    return Page(PATH, layout, lambda: set_up_page(parts, lang="zh", title=title))


def _stands(store: Store, word: str) -> bool:
    try:
        with store.read() as conn:
            return set_up.opens(conn, word, now=utc_now())
    except SQLAlchemyError:
        return False


def register(app: Dash, store: Store, catalogue: Catalogue) -> None:
    """Attach the form."""
    server: Flask = app.server
    carries_token(server, PATH)
    slow = Slow(per_address=20)

    @server.post(PATH, endpoint="set_up_make")
    def make() -> Response:
        form = request.form
        word = form.get("word", "")[:200]
        if not is_ours(form.get("token", "")):
            return _again(word, "stale")
        if wait := slow.wait("setup"):
            return refusal(429, wait=wait)
        wanted = [
            set_up.First(
                role, form.get(f"{role.value}-name", "")[:80],
                form.get(f"{role.value}-display", "")[:200],
                form.get(f"{role.value}-password", ""),
            )
            for role in FIRST
        ]  # fmt: skip
        try:
            with store.write(wait_s=5) as conn:
                names = set_up.make_first(
                    conn, catalogue, word, wanted, now=utc_now(), origin=identity.origin()
                )
        except AccountError as wrong:
            return _again(word, f"{wrong.field}-{wrong.reason}")
        except SQLAlchemyError:
            return _again(word, "busy")
        log.info("the first accounts were made", accounts=names)
        return _to(login_address(said="made"))


def _again(word: str, said: str) -> Response:
    return _to(f"{PATH}?{urlencode({'word': word, 'said': said})}")


def _to(address: str) -> Response:
    answer = redirect(address, 303)
    answer.headers["Cache-Control"] = "no-store"
    return answer  # type: ignore[return-value]
