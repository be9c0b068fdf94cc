"""Which page an address means, in which language, for which area."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from dash import Dash
from dash.development.base_component import Component
from flask import Response, abort, request

from callbacks.hub import Hub
from components.wall import wall_page
from data.catalogue import Catalogue
from data.store import utc_now
from data.vocabulary import LANGUAGES, Names

PAGES = {"/"}
PLAIN = {"/live", "/live/since", "/healthz", "/readyz", "/_favicon.ico", "/_alive_token"}
FOLDERS = ("/_dash-", "/assets/", "/api/")
YEAR_S, WEEK_S = 31536000, 604800


def register(app: Dash, hub: Hub, catalogue: Catalogue) -> None:
    """Set the layout, turn unknown addresses into 404, keep the chosen language."""
    app.server.before_request(_only_known)
    app.server.after_request(_remember_language)
    app.server.after_request(_cache)
    with app.server.test_request_context("/"):
        app.layout = _layout(hub, catalogue)


def _layout(hub: Hub, catalogue: Catalogue) -> Callable[[], Component]:
    counties = [a.code for a in catalogue.counties()]
    areas: dict[str, Names] = {
        code: catalogue.areas[code].name for code in (catalogue.city.code, *counties)
    }
    tiles = {d: [i.code for i in catalogue.wall_indicators(d)] for d in catalogue.domains}
    names: dict[str, Names] = {d.key: d.name for d in catalogue.domains.values()}
    names |= {
        i.code: (i.wall.name if i.wall and i.wall.name else i.name)
        for i in catalogue.indicators.values()
    }

    def layout() -> Component:
        hub.start()
        asked = page_query()
        area = asked.get("area", "")
        area = area if area in areas else catalogue.city.code
        return wall_page(
            hub.payloads(area),
            lang=chosen_language(asked),
            area=area,
            areas=areas,
            tiles=tiles,
            city=catalogue.city.name,
            title=catalogue.city.title,
            names=names,
            build=hub.build,
            now=utc_now().timestamp(),
            map_note=catalogue.city.map.get("notice"),
            review_number=catalogue.city.map.get("review_number", ""),
        )

    return layout


def page_query() -> dict[str, str]:
    """Return the query of the page: of this request, or of the page that asks for its layout."""
    own = {k: v for k, v in request.args.items() if k in ("lang", "area")}
    if own or not request.path.startswith("/_dash"):
        return own
    query = parse_qs(urlsplit(request.referrer or "").query)
    return {k: v[0] for k, v in query.items()}


def chosen_language(asked: dict[str, str]) -> str:
    """Return the language of the address, else of the last choice, else of the browser."""
    for wanted in (asked.get("lang"), request.cookies.get("lang")):
        if wanted in LANGUAGES:
            return wanted
    best = request.accept_languages.best_match(["zh", "zh-CN", "en"])
    return "en" if best == "en" else LANGUAGES[0]


def _only_known() -> None:
    """Dash answers 200 to any address; a mistyped /readyz would look healthy."""
    if request.path not in PAGES | PLAIN and not request.path.startswith(FOLDERS):
        abort(404)


def _remember_language(response: Response) -> Response:
    wanted = request.args.get("lang")
    if request.path in PAGES and wanted in LANGUAGES:
        response.set_cookie("lang", wanted, max_age=YEAR_S, samesite="Strict", httponly=True)
    return response


def _cache(response: Response) -> Response:
    """Files that carry their version in the address never change; fonts hardly ever."""
    versioned, font = "m" in request.args, request.path.startswith("/assets/fonts/")
    if response.status_code == 200 and request.path.startswith("/assets/") and (versioned or font):
        age = YEAR_S if versioned else WEEK_S
        response.headers["Cache-Control"] = f"public, max-age={age}, immutable"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response
