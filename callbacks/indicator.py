"""The page of one indicator: its views, its evidence, what is said about it, its 404."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component
from flask import Flask, Response, request
from sqlalchemy import Connection

from callbacks import identity
from callbacks.hub import Hub
from callbacks.pages import GRAPH, PLOTLY, REST_OF, Asked, Page, chosen_language
from components.empty import failed
from components.i18n import _, use
from components.indicator_ids import (
    MOST_DAYS_OF,
    PREFIX,
    IndicatorIds,
    IndicatorView,
    take_back_id,
    view_of,
)
from components.indicator_page import (
    IndicatorShown,
    Place,
    indicator_body,
    indicator_page,
    page_parts,
)
from components.indicator_proof import Proof, proof
from components.review_refusals import review_refusal
from data.catalogue import Catalogue
from data.commands.review import Refusal, Said, remark, withdraw_remark
from data.commands.review.rights import WRITERS, barred
from data.logs import logger
from data.panels import indicator as panel
from data.panels.indicator_series import Wanted, grains_of
from data.queries.chain import Question, chain
from data.queries.keys import read_keys
from data.queries.periods import Period, read_period
from data.store import Store, utc_now
from data.vocabulary import Grain, Role

log = logger("indicator")
READERS = frozenset(
    {Role.VIEWER, Role.OPERATOR, Role.DEPARTMENT, Role.LEADER, Role.STEWARD, Role.AUDITOR}
)
OWN = ("/assets/review/", "/assets/weekly/", "/assets/indicator/", *PLOTLY)
DAY = timedelta(days=1)


def page(store: Store, hub: Hub, catalogue: Catalogue) -> Page:
    """Return the page over the store."""
    city = catalogue.city
    place = Place(city.code, city.name, hub.build)

    def layout(asked: Asked) -> Component:
        hub.start()
        view = view_of(asked)
        shown = shown_now(store, catalogue, asked.get(REST_OF, ""), view)
        lang, now = chosen_language(asked), utc_now().timestamp()
        return indicator_page(shown, view, place, identity.shown(), lang=lang, now=now)

    return Page(
        PREFIX, layout, lambda: page_parts(place), prefix=True, roles=READERS, own=OWN,
        scripts=(GRAPH,),
    )  # fmt: skip


def register(app: Dash, store: Store, catalogue: Catalogue) -> None:
    """Attach the page's callbacks and the status of what is not there."""
    _register_views(app, store, catalogue)
    _register_choice(app)
    _register_talk(app, store, catalogue)
    _register_missing(app.server, catalogue)


def _register_views(app: Dash, store: Store, catalogue: Catalogue) -> None:
    @app.callback(
        Output(IndicatorIds.BODY, "children"),
        Input(IndicatorIds.URL, "search"),
        Input(IndicatorIds.NUDGE, "data"),
        State(IndicatorIds.CODE, "data"),
        State(IndicatorIds.ROOT, "lang"),
        prevent_initial_call=True,
    )
    def show(search: str | None, _nudge: int, code: str, lang: str) -> Any:
        identity.require(*READERS)
        view = _view(search)
        shown = shown_now(store, catalogue, code, view)
        with use(lang):
            return indicator_body(shown, view)

    @app.callback(
        Output(IndicatorIds.PROOF, "children"),
        Input(IndicatorIds.URL, "search"),
        State(IndicatorIds.CODE, "data"),
        State(IndicatorIds.ROOT, "lang"),
    )
    def prove(search: str | None, code: str, lang: str) -> Any:
        """Ask for the chain only when it is open: it reads facts, not roll-ups."""
        identity.require(*READERS)
        view = _view(search)
        with use(lang):
            if not view.proof or code not in catalogue.indicators:
                return []
            try:
                return proof(_proof(store, catalogue, code, view), view)
            except Exception:
                log.exception("the evidence cannot be shown")
                return failed()


def _register_choice(app: Dash) -> None:
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("indicator", "choose"),
        Output(IndicatorIds.URL, "search"),
        Input(IndicatorIds.CHART, "clickData"),
        State(IndicatorIds.URL, "search"),
        prevent_initial_call=True,
    )


def _view(search: str | None) -> IndicatorView:
    return view_of({k: v[0] for k, v in parse_qs((search or "").lstrip("?")).items()})


def _register_talk(app: Dash, store: Store, catalogue: Catalogue) -> None:
    @app.callback(
        Output(IndicatorIds.SAID, "children"),
        Output(IndicatorIds.NUDGE, "data"),
        Input(IndicatorIds.SEND, "n_clicks"),
        Input(take_back_id(ALL), "n_clicks"),
        State(IndicatorIds.REMARK, "value"),
        State(IndicatorIds.DAY, "value"),
        State(IndicatorIds.URL, "search"),
        State(IndicatorIds.CODE, "data"),
        State(IndicatorIds.NUDGE, "data"),
        State(IndicatorIds.ROOT, "lang"),
        prevent_initial_call=True,
    )
    def say(
        _send: int, _back: Sequence[int], text: str, day: str, search: str | None, code: str,
        nudge: int, lang: str,
    ) -> Any:  # fmt: skip
        if not ctx.triggered[0]["value"]:
            return no_update, no_update
        clicked = ctx.triggered_id
        area = _view(search).area or catalogue.city.code
        with use(lang):
            if isinstance(clicked, dict):
                done = _take_back(store, catalogue, int(clicked["remark"]))
            else:
                done = _say(store, catalogue, Said(code, area, text or "", day or ""))
            if isinstance(done, Refusal):
                return review_refusal(done), no_update
            return _("Kept"), (nudge or 0) + 1


def _say(store: Store, catalogue: Catalogue, said: Said) -> Any:
    actor = identity.require(*READERS)
    with store.write() as conn:
        return remark(
            conn, catalogue, read_keys(conn), said, actor, utc_now(), origin=identity.origin()
        )


def _take_back(store: Store, catalogue: Catalogue, number: int) -> Any:
    actor = identity.require(*READERS)
    with store.write() as conn:
        return withdraw_remark(
            conn, catalogue, read_keys(conn), number, actor, utc_now(), origin=identity.origin()
        )


def _register_missing(server: Flask, catalogue: Catalogue) -> None:
    @server.after_request
    def missing(response: Response) -> Response:
        """Give the page of what is not there the status of it."""
        if response.status_code != 200 or not request.path.startswith(PREFIX):
            return response
        code = unquote(request.path.removeprefix(PREFIX))
        if "/" not in code and unknown(catalogue, code, request.args.get("area", "")):
            response.status_code = 404
        return response


def unknown(catalogue: Catalogue, code: str, area: str) -> str:
    """Return which of the two is not there: indicator, area or nothing."""
    if code not in catalogue.indicators:
        return "indicator"
    return "area" if area and area not in catalogue.areas else ""


def shown_now(store: Store, catalogue: Catalogue, code: str, view: IndicatorView) -> IndicatorShown:
    """Ask the store for an indicator; without the store the page says so."""
    missing = unknown(catalogue, code, view.area)
    if missing:
        return IndicatorShown(code, unknown=missing, asked=view.area)
    try:
        with store.read() as conn:
            return _asked(conn, catalogue, code, view)
    except Exception:
        log.exception("an indicator cannot be shown")
        return IndicatorShown(code, lost=True)


def warm(store: Store, catalogue: Catalogue) -> None:
    """Ask once for one page of each kind: the first reader does not wait for what is kept then."""
    weekly = [i for i in catalogue.indicators.values() if i.weekly]
    kinds = {bool(i.small_count): i for i in weekly}
    try:
        with store.read() as conn:
            for one in kinds.values():
                wanted = Wanted(one.code, catalogue.city.code, "week", 104, None)
                panel.indicator_page(conn, catalogue, read_keys(conn), wanted, utc_now())
    except Exception as error:  # whoever comes first waits instead
        log.info("not warmed", error=str(error).split("\n")[0])


def _asked(
    conn: Connection, catalogue: Catalogue, code: str, view: IndicatorView
) -> IndicatorShown:
    area = view.area or catalogue.city.code
    weeks = min(view.weeks, MOST_DAYS_OF) if view.grain == "day" else view.weeks
    wanted = Wanted(code, area, view.grain, weeks, _day(view.at))
    found = panel.indicator_page(conn, catalogue, read_keys(conn), wanted, utc_now())
    actor = identity.current()
    return IndicatorShown(
        code,
        found,
        grains=tuple(grains_of(catalogue.indicators[code])),
        writing=actor is not None and barred(catalogue, actor, area, WRITERS) is None,
        own=actor.name if actor else "",
        leading=actor is not None and actor.role is Role.LEADER,
    )


def _day(written: str) -> date | None:
    """Return the last day of a period, None if it is none."""
    period = _period(written)
    if period is None:
        return None
    return Period(Grain.DAY, period.end).first_day - DAY


def _period(written: str) -> Period | None:
    try:
        return read_period(written) if written else None
    except ValueError:
        return None


def _proof(store: Store, catalogue: Catalogue, code: str, view: IndicatorView) -> Proof:
    area = view.area if view.area in catalogue.areas else catalogue.city.code
    fact = catalogue.indicators[code]
    with store.read() as conn:
        wanted = Wanted(code, area, view.grain, 4, _day(view.at))
        period = panel.chosen_period(conn, catalogue, read_keys(conn), wanted, utc_now())
        chosen = chain(conn, catalogue, Question(fact, area, read_period(period)))
        newest = chain(conn, catalogue, Question(fact, area, None, limit=6))
    return Proof(code, chosen, newest, period)
