"""Which page an address means, and in which language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from dash import Dash, dcc, html
from dash.development.base_component import Component
from flask import Response, abort, request

from callbacks import at, guard, identity
from components.i18n import use
from components.replay_bar import under_band
from components.replay_pages import cannot_look_back, not_replayed
from components.replaying import Replay, looking_back
from data.sharing.at import AtFault
from data.vocabulary import LANGUAGES, Role

FOLDERS = ("/_dash-", "/assets/", "/api/")
REST = "/<path:path>"
"""Dash's own rule for every address that nobody else answers."""
YEAR_S, WEEK_S = 31536000, 604800
GRAPH = "/_dash-component-suites/dash/dcc/async-graph.js"
"""The script of dcc.Graph."""
PLOTLY = ("/assets/00-geo-stub", "/assets/01-plotly")
"""What draws its figures: 1.4 MB that only pages with a map or a chart get."""

Asked = Mapping[str, str]
"""The query of an address, one value a name; under REST_OF what follows the page's own path."""
REST_OF = "_path"


@dataclass(frozen=True)
class Page:
    """One page of the house. To add one, make one of these and name it in app.py.

    layout: query -> the whole page with what is known now, in `chosen_language`.
    parts: everything that callbacks touch on it, also what is drawn later;
    Dash checks the callbacks of all pages against it, whichever page is open.
    scripts: what Dash fetches only when a part of the page needs it, fetched from the start.
    roles: who may open it and ask its callbacks; None is everybody, without a sign-in.
    prefix: the path, which ends in a slash, has one more part: `/case/` is every `/case/<no>`,
    and the layout finds it as asked["_path"].
    own: parts of addresses of scripts and styles that only pages get which name them.
    then: query, replay -> the page as it was at that instant, for addresses with `at=`. Without
    it the page says that it cannot be replayed.
    """

    path: str
    layout: Callable[[Asked], Component]
    parts: Callable[[], Component]
    scripts: tuple[str, ...] = ()
    roles: frozenset[Role] | None = None
    prefix: bool = False
    own: tuple[str, ...] = ()
    then: Callable[[Asked, Replay], Component] | None = None


@dataclass(frozen=True)
class Known:
    """The pages of the house by their address."""

    pages: Mapping[str, Page]

    def find(self, path: str) -> tuple[Page, str] | None:
        """Return the page that an address means and what follows its path; None if none is."""
        page = self.pages.get(path)
        if page is not None:
            return None if page.prefix else (page, "")
        start, slash, rest = path.rpartition("/")
        page = self.pages.get(start + slash)
        return (page, rest) if page is not None and page.prefix and rest else None


def register(app: Dash, pages: Sequence[Page]) -> None:
    """Set the layout, turn unknown addresses into 404, keep the chosen language."""
    known = Known({page.path: page for page in pages})
    app.server.extensions["pages"] = {page.path: page.roles for page in pages}
    app.server.before_request(_only(known))
    app.server.before_request(_door(known))
    gate = guard.Gate(app, pages, _walk)
    app.server.extensions["gate"] = gate
    app.server.before_request(gate)
    guard.register_errors(app.server)
    app.server.after_request(_language_of(known))
    app.server.after_request(_scripts_of(known))
    app.server.after_request(_private(known))
    app.server.after_request(_cache)

    def layout() -> Component:
        path, query = asked_for()
        page, rest = known.find(path) or (pages[0], "")
        asked = {name: value for name, value in query.items() if name != REST_OF}
        back = f"{quote(path)}?{urlencode(query)}" if query else quote(path)
        stop = guard.instead(page.roles, back, chosen_language(query))
        if stop is not None:
            return stop
        whole = _drawn(page, asked | {REST_OF: rest} if rest else asked, back)
        _at_its_address(whole)
        return whole

    _keep_to_their_pages(app, known)
    with app.server.test_request_context(pages[0].path):
        parts = html.Div(list(_bare(page.parts() for page in pages)))
        app.validation_layout = parts  # type: ignore[assignment]
        app.layout = layout


def _drawn(page: Page, asked: dict[str, str], address: str) -> Component:
    """Return a page as it is now, or as it was at the instant its address names."""
    here = at.instants()
    replay = here.read(asked) if here is not None else None
    if replay is None:
        return page.layout(asked)
    lang = chosen_language(asked)
    with use(lang):
        if isinstance(replay, AtFault):
            reach = here.reach() if here is not None else None
            first = reach.first if reach is not None else None
            return cannot_look_back(replay, asked["at"], first, address, lang)
        with looking_back(replay):
            drawn = (
                page.then(asked, replay) if page.then else not_replayed(page.path, address, lang)
            )
            return under_band(drawn, replay, address, plays=page.path == "/")


def _keep_to_their_pages(app: Dash, known: Known) -> None:
    """Leave out of each page what only others need: a grid's megabyte is none of the wall's."""
    whole: Callable[..., str] = app.interpolate_index

    def index(**parts: str) -> str:
        found = known.find(request.path)
        here = found[0] if found else None
        mine = here.own if here else ()
        others = {m for page in known.pages.values() for m in page.own if m not in mine}
        for name in ("scripts", "css"):
            lines = parts.get(name, "").splitlines()
            parts[name] = "\n".join(x for x in lines if not any(mark in x for mark in others))
        return whole(**parts)

    app.interpolate_index = index  # type: ignore[method-assign,assignment]


def asked_for() -> tuple[str, dict[str, str]]:
    """Return path and query of this request, or of the page that asks for its layout."""
    if not request.path.startswith("/_dash"):
        return request.path, dict(request.args)
    address = urlsplit(request.referrer or "/")
    return unquote(address.path), {k: v[0] for k, v in parse_qs(address.query).items()}


def query_written() -> str:
    """Return the query of the page's address exactly as the browser has it, "" or with its "?"."""
    said = request.query_string.decode("ascii", "replace")
    if request.path.startswith("/_dash"):
        said = (request.referrer or "").partition("#")[0].partition("?")[2]
    return f"?{said}" if said else ""


def _at_its_address(whole: Component) -> None:
    """Tell the page's Location the query it stands at.

    One that is not told finds it out when it is there and calls that a change: the body would be
    drawn a second time, and what somebody typed into the first would be gone.
    """
    if request.path.startswith("/_dash") and not request.referrer:
        return  # it would take the query that it is told for the one to go to
    parts = getattr(whole, "children", None)
    for part in parts if isinstance(parts, list | tuple) else ():
        if isinstance(part, dcc.Location):
            part.search = query_written()  # type: ignore[attr-defined]


def chosen_language(asked: Asked) -> str:
    """Return the language of the address, else of the last choice, else of the browser."""
    for wanted in (asked.get("lang"), request.cookies.get("lang")):
        if wanted in LANGUAGES:
            return wanted
    best = request.accept_languages.best_match(["zh", "zh-CN", "en"])
    return "en" if best == "en" else LANGUAGES[0]


def _bare(trees: Iterable[Component]) -> Iterator[Component]:
    """Yield everything that has an id, once and empty: enough to check callbacks against."""
    seen: set[str] = set()
    for tree in trees:
        for part in _walk(tree):
            id_ = getattr(part, "id", None)
            if id_ is not None and str(id_) not in seen:
                seen.add(str(id_))
                yield type(part)(id=id_)


def _walk(part: Any) -> Iterator[Component]:
    if isinstance(part, Component):
        yield part
        part = getattr(part, "children", None)
    for child in part if isinstance(part, list | tuple) else [part]:
        if isinstance(child, Component):
            yield from _walk(child)


def _only(known: Known) -> Callable[[], None]:
    def only_known() -> None:
        """Dash answers 200 to any address; a mistyped /readyz would look healthy."""
        rest = request.url_rule is None or request.url_rule.rule == REST
        if rest and known.find(request.path) is None and not request.path.startswith(FOLDERS):
            abort(404)

    return only_known


def _door(known: Known) -> Callable[[], Response | None]:
    def door() -> Response | None:
        found = known.find(request.path) if request.method in ("GET", "HEAD") else None
        return guard.answer(found[0].roles) if found else None

    return door


def _private(known: Known) -> Callable[[Response], Response]:
    def private(response: Response) -> Response:
        """Give a page that is not for everybody its status, and let nothing keep it."""
        found = known.find(request.path)
        if found and found[0].roles is not None and response.status_code == 200:
            response.status_code = guard.status(found[0].roles)
        if identity.asked():
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return private


def _language_of(known: Known) -> Callable[[Response], Response]:
    def remember(response: Response) -> Response:
        wanted = request.args.get("lang")
        if known.find(request.path) and wanted in LANGUAGES:
            response.set_cookie("lang", wanted, max_age=YEAR_S, samesite="Strict", httponly=True)
        return response

    return remember


def _scripts_of(known: Known) -> Callable[[Response], Response]:
    def announce(response: Response) -> Response:
        found = known.find(request.path)
        for script in found[0].scripts if found else ():
            response.headers.add("Link", f"<{script}>; rel=preload; as=script")
        return response

    return announce


def _cache(response: Response) -> Response:
    """Files that carry their version in the address never change; fonts hardly ever."""
    versioned, font = "m" in request.args, request.path.startswith("/assets/fonts/")
    if response.status_code == 200 and request.path.startswith("/assets/") and (versioned or font):
        age = YEAR_S if versioned else WEEK_S
        response.headers["Cache-Control"] = f"public, max-age={age}, immutable"
    return response
