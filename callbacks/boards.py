"""The pages of one domain and of one area: their views, and the status of what is not there."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, unquote

from dash import Dash, Input, Output, State
from dash.development.base_component import Component
from flask import Flask, Response, request

from callbacks import identity
from callbacks.hub import Hub
from callbacks.pages import REST_OF, Asked, Page, chosen_language
from components.area_page import AreaShown, area_body, area_page
from components.board_ids import AREA, DOMAIN, OWN, BoardPageIds, BoardView, view_of
from components.domain_page import DomainShown, Town, domain_body, domain_page
from components.i18n import _, use
from components.review_ids import read_week
from data.catalogue import Catalogue
from data.logs import logger
from data.panels.boards import Place, area_board, domain_board
from data.panels.weekly import this_week
from data.queries.keys import read_keys
from data.store import Store, utc_now
from data.vocabulary import Role

log = logger("boards")
READERS = frozenset(
    {Role.VIEWER, Role.OPERATOR, Role.DEPARTMENT, Role.LEADER, Role.STEWARD, Role.AUDITOR}
)


def pages(store: Store, hub: Hub, catalogue: Catalogue) -> list[Page]:
    """Return both pages over the store."""
    town = Town(catalogue.city.code, catalogue.city.name, hub.build)

    def domain(asked: Asked) -> Component:
        hub.start()
        view, now, lang = view_of(asked), utc_now(), chosen_language(asked)
        with use(lang):
            shown = domain_shown(store, catalogue, asked.get(REST_OF, ""), view, now)
        return domain_page(shown, view, town, identity.shown(), lang=lang, now=now.timestamp())

    def area(asked: Asked) -> Component:
        hub.start()
        view, now, lang = view_of(asked), utc_now(), chosen_language(asked)
        with use(lang):
            shown = area_shown(store, catalogue, asked.get(REST_OF, ""), view, now)
        return area_page(shown, view, town, identity.shown(), lang=lang, now=now.timestamp())

    def parts(draw: Any, shown: Any) -> Any:
        return lambda: draw(shown, BoardView(), town, None, lang="zh", now=0.0)

    more: dict[str, Any] = {"prefix": True, "roles": READERS, "own": OWN}
    return [
        Page(DOMAIN, domain, parts(domain_page, DomainShown("")), **more),
        Page(AREA, area, parts(area_page, AreaShown("")), **more),
    ]


def register(app: Dash, store: Store, catalogue: Catalogue) -> None:
    """Attach the views, and a 404 to what is not there."""

    @app.callback(
        Output(BoardPageIds.DOMAIN_BODY, "children"),
        Input(BoardPageIds.DOMAIN_URL, "search"),
        State(BoardPageIds.DOMAIN_KEY, "data"),
        State(BoardPageIds.DOMAIN_ROOT, "lang"),
        prevent_initial_call=True,
    )
    def show_domain(search: str | None, key: str, lang: str) -> Any:
        identity.require(*READERS)
        view = _view(search)
        with use(lang):
            return domain_body(domain_shown(store, catalogue, key, view, utc_now()), view)

    @app.callback(
        Output(BoardPageIds.AREA_BODY, "children"),
        Input(BoardPageIds.AREA_URL, "search"),
        State(BoardPageIds.AREA_KEY, "data"),
        State(BoardPageIds.AREA_ROOT, "lang"),
        prevent_initial_call=True,
    )
    def show_area(search: str | None, key: str, lang: str) -> Any:
        identity.require(*READERS)
        view = _view(search)
        with use(lang):
            return area_body(area_shown(store, catalogue, key, view, utc_now()), view)

    _register_missing(app.server, catalogue)


def _register_missing(server: Flask, catalogue: Catalogue) -> None:
    @server.after_request
    def missing(response: Response) -> Response:
        """Give the page of what is not there the status of it."""
        if response.status_code == 200 and _nowhere(catalogue, request.path, request.args):
            response.status_code = 404
        return response


def _view(search: str | None) -> BoardView:
    return view_of({k: v[0] for k, v in parse_qs((search or "").lstrip("?")).items()})


def _nowhere(catalogue: Catalogue, path: str, asked: Any) -> bool:
    if path.startswith(AREA):
        return unquote(path.removeprefix(AREA)) not in catalogue.areas
    if path.startswith(DOMAIN):
        unknown = unquote(path.removeprefix(DOMAIN)) not in catalogue.domains
        return unknown or asked.get("area", catalogue.city.code) not in catalogue.areas
    return False


def domain_shown(
    store: Store, catalogue: Catalogue, key: str, view: BoardView, now: datetime
) -> DomainShown:
    """Ask the store for a domain; what the address cannot mean is said in words."""
    newest = str(this_week(now) - 1)
    area = view.area or catalogue.city.code
    wrong = _week_wrong(view, newest) or _area_wrong(catalogue, area)
    if key not in catalogue.domains:
        wrong = _("There is no domain {code}.").format(code=key[:40])
    if wrong:
        return DomainShown(key, wrong=wrong)
    try:
        place = _place(store, catalogue, view.week or newest, area, now)
        return DomainShown(key, domain_board(place, key), newest=newest)
    except Exception:
        log.exception("a domain cannot be shown")
        return DomainShown(key)


def area_shown(
    store: Store, catalogue: Catalogue, key: str, view: BoardView, now: datetime
) -> AreaShown:
    """Ask the store for an area; what the address cannot mean is said in words."""
    newest = str(this_week(now) - 1)
    wrong = _week_wrong(view, newest) or _area_wrong(catalogue, key)
    if wrong:
        return AreaShown(key, wrong=wrong)
    try:
        place = _place(store, catalogue, view.week or newest, key, now)
        return AreaShown(key, area_board(place), newest=newest)
    except Exception:
        log.exception("an area cannot be shown")
        return AreaShown(key)


def _place(store: Store, catalogue: Catalogue, week: str, area: str, now: datetime) -> Place:
    with store.read() as conn:
        keys = read_keys(conn)
    return Place(store, catalogue, keys, str(read_week(week)), area, now)


def _week_wrong(view: BoardView, newest: str) -> str:
    if not view.week or read_week(view.week) is not None:
        return ""
    return _("{week} is no week: write it as {example}.").format(week=view.week, example=newest)


def _area_wrong(catalogue: Catalogue, area: str) -> str:
    if area in catalogue.areas:
        return ""
    return _("There is no area {code}.").format(code=area[:12])
