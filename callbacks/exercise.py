"""Marks every answer of an exercise, and its page. Attached only to the servers of one."""

from __future__ import annotations

import re
from urllib.parse import quote

from dash import Dash, Input, Output, State
from flask import Flask, Response
from sqlalchemy.exc import SQLAlchemyError

from callbacks import identity
from callbacks.hub import Hub
from callbacks.pages import Asked, Page, chosen_language
from components.exercise_mark import marked_index, prefixed
from components.exercise_page import (
    PATH,
    DrillIds,
    DrillPlace,
    DrillShown,
    exercise_body,
    exercise_page,
)
from components.i18n import use
from data.catalogue import Catalogue
from data.exercise import PREFIX
from data.logs import logger
from data.panels.board import is_demo
from data.queries.exercise import drilled, exercise_of, progress
from data.queries.keys import read_keys
from data.store import Store, utc_now
from data.vocabulary import Role

log = logger("exercise")
READERS = frozenset({Role.VIEWER, Role.OPERATOR, Role.DEPARTMENT, Role.LEADER, Role.STEWARD})
HEADER = "X-Zhizhi-Exercise"
_NAMED = re.compile(r'filename="')
_NAMED_PLAIN = re.compile(r"filename\*=UTF-8''")


def page(store: Store, hub: Hub, catalogue: Catalogue) -> Page:
    """Return the page of the exercise."""
    city = catalogue.city
    place = DrillPlace(city.code, city.name, hub.build)

    def layout(asked: Asked) -> object:
        now = utc_now().timestamp()
        shown = _shown(store, catalogue)
        return exercise_page(shown, place, identity.shown(), lang=chosen_language(asked), now=now)

    def parts() -> object:
        return exercise_page(None, place, None, lang="zh", now=0.0)

    return Page(PATH, layout, parts, roles=READERS)  # type: ignore[arg-type]


def register(app: Dash, store: Store, catalogue: Catalogue) -> None:
    """Attach what the page asks again."""

    @app.callback(
        Output(DrillIds.BODY, "children"),
        Input(DrillIds.CLOCK, "n_intervals"),
        State(DrillIds.ROOT, "lang"),
        prevent_initial_call=True,
    )
    def again(_n: int, lang: str) -> object:
        identity.require(*READERS)
        with use(lang):
            return exercise_body(_shown(store, catalogue))


def mark(app: Dash, server: Flask, store: Store) -> None:
    """Put the border on every page, the prefix before every title and file, a header on all."""
    try:
        with store.read() as conn:
            plan = exercise_of(conn)
    except SQLAlchemyError as error:
        log.warning("the exercise cannot be asked", error=str(error).split("\n")[0])
        plan = None
    app.title = prefixed(app.title)
    app.index_string = marked_index(app.index_string, plan.title if plan else "")
    file = quote(PREFIX, safe="")

    @server.after_request
    def marked(answer: Response) -> Response:
        answer.headers[HEADER] = "1"
        named = answer.headers.get("Content-Disposition")
        if named:
            named = _NAMED.sub('filename="EXERCISE-', named)
            answer.headers["Content-Disposition"] = _NAMED_PLAIN.sub(
                f"filename*=UTF-8''{file}", named
            )
        return answer


def _shown(store: Store, catalogue: Catalogue) -> DrillShown | None:
    now = utc_now()
    try:
        with store.read() as conn:
            plan = exercise_of(conn)
            if plan is None:
                return None
            far = progress(conn)
            found = drilled(conn, catalogue, read_keys(conn), plan, now)
            demo = is_demo(conn)
    except SQLAlchemyError as error:
        log.warning("the page cannot be counted", error=str(error).split("\n")[0])
        return None
    names = {a.code: a.name for a in catalogue.counties()}
    return DrillShown(plan, found, names, far.told, far.waiting, far.refused, now, demo)
