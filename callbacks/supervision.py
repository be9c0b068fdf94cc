"""The supervision page: its views, and the decision whose a case is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component
from sqlalchemy import ColumnElement
from sqlalchemy.exc import SQLAlchemyError

from callbacks import identity
from callbacks.hub import Hub
from callbacks.pages import Asked, Page, chosen_language
from components.i18n import _, use
from components.loop_words import refusal_words
from components.supervision_ids import (
    PATH,
    WatchIds,
    WatchView,
    owner_act_id,
    owner_field_id,
    view_of,
)
from components.supervision_page import Place, page_parts, supervision_page, watch_body
from data import models as m
from data.catalogue import Catalogue
from data.commands.cases import Refusal, decide_ownership
from data.logs import logger
from data.panels.board import is_demo
from data.queries.dispatches import dispatch_board
from data.queries.keys import Keys, read_keys
from data.queries.scope import Scope
from data.queries.supervision_board import supervision_board
from data.store import Store, utc_now
from data.vocabulary import LOCAL, Role
from data.vocabulary.dispatches import DispatchBoard
from data.vocabulary.supervision import Period, SupervisionBoard

log = logger("supervision")
READERS = frozenset(
    {Role.VIEWER, Role.OPERATOR, Role.DEPARTMENT, Role.LEADER, Role.STEWARD, Role.AUDITOR}
)
c = m.cases.c


def page(store: Store, hub: Hub, catalogue: Catalogue) -> Page:
    """Return the page over the store."""
    place = Place(catalogue.city.code, catalogue.city.name, hub.build)

    def layout(asked: Asked) -> Component:
        hub.start()
        view, now = view_of(asked), utc_now()
        actor = identity.current()
        scope = identity.scope(actor)
        return supervision_page(
            _board(store, catalogue, view, scope, now),
            view,
            place,
            identity.shown(),
            lang=chosen_language(asked),
            now=now.timestamp(),
            deciding=bool(actor and actor.role is Role.LEADER),
            wrong=_wrong(store, catalogue, view, scope, now),
        )

    return Page(PATH, layout, page_parts, roles=READERS)


def register(app: Dash, store: Store, catalogue: Catalogue) -> None:
    """Attach the page's callbacks."""

    @app.callback(
        Output(WatchIds.BODY, "children"),
        Input(WatchIds.URL, "search"),
        Input(WatchIds.NUDGE, "data"),
        State(WatchIds.ROOT, "lang"),
        prevent_initial_call=True,
    )
    def show(search: str | None, _nudge: int, lang: str) -> Any:
        actor = identity.require(*READERS)
        view = view_of({k: v[0] for k, v in parse_qs((search or "").lstrip("?")).items()})
        scope, now = identity.scope(actor), utc_now()
        board = _board(store, catalogue, view, scope, now)
        wrong = _wrong(store, catalogue, view, scope, now)
        with use(lang):
            return watch_body(board, view, deciding=actor.role is Role.LEADER, wrong=wrong)

    _register_decisions(app, store, catalogue)


def _register_decisions(app: Dash, store: Store, catalogue: Catalogue) -> None:
    @app.callback(
        Output(WatchIds.SAID, "children"),
        Output(WatchIds.NUDGE, "data"),
        Input(owner_act_id(ALL), "n_clicks"),
        State(owner_field_id(ALL), "value"),
        State(owner_field_id(ALL), "id"),
        State(WatchIds.NUDGE, "data"),
        State(WatchIds.ROOT, "lang"),
        prevent_initial_call=True,
    )
    def decide(
        _clicks: Sequence[int],
        values: Sequence[str | None],
        ids: Sequence[Mapping[str, str]],
        nudge: int,
        lang: str,
    ) -> Any:
        clicked = ctx.triggered_id
        if not isinstance(clicked, dict) or not ctx.triggered[0]["value"]:
            return no_update, no_update
        typed = {i["field"]: (v or "") for i, v in zip(ids, values, strict=True)}
        with use(lang):
            said, done = _decide(store, catalogue, int(clicked["item"]), typed)
        return said, (nudge or 0) + 1 if done else no_update


def _decide(
    store: Store, catalogue: Catalogue, item: int, typed: Mapping[str, str]
) -> tuple[str, bool]:
    actor = identity.require(Role.LEADER)
    with store.write() as conn:
        keys = read_keys(conn)
        found = decide_ownership(
            conn, catalogue, keys, item, typed.get("department", ""), typed.get("reason", ""),
            actor=actor, now=utc_now(), origin=identity.origin(),
        )  # fmt: skip
    if isinstance(found, Refusal):
        return refusal_words(found), False
    return _("Decided: the duty has a new version"), True


def _board(
    store: Store, catalogue: Catalogue, view: WatchView, scope: Scope, now: datetime
) -> SupervisionBoard | None:
    period = _period(view, now)
    try:
        with store.read() as conn:
            keys = read_keys(conn)
            return supervision_board(
                conn, catalogue, keys, view.by, period, now,
                where=_where(keys, view, scope), standing=not view.ended, demo=is_demo(conn),
            )  # fmt: skip
    except SQLAlchemyError as error:
        log.warning("the page cannot be counted", error=str(error).split("\n")[0])
        return None


def _period(view: WatchView, now: datetime) -> Period:
    today = now.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    return Period(today - timedelta(weeks=view.weeks), today + timedelta(days=1))


def _wrong(
    store: Store, catalogue: Catalogue, view: WatchView, scope: Scope, now: datetime
) -> DispatchBoard | None:
    """Return who dispatched wrongly; not to a department, whose scope is by who has a case now."""
    if scope.departments is not None:
        return None
    try:
        with store.read() as conn:
            keys = read_keys(conn)
            where = _where(keys, replace(view, department=""), scope)
            return dispatch_board(conn, catalogue, keys, _period(view, now), where=where)
    except SQLAlchemyError as error:
        log.warning("wrong dispatches cannot be counted", error=str(error).split("\n")[0])
        return None


def _where(keys: Keys, view: WatchView, scope: Scope) -> list[ColumnElement[bool]]:
    """Return the conditions on `cases` of what is looked at and of what the reader may see."""
    found: list[ColumnElement[bool]] = []
    if scope.areas is not None:
        found.append(c.area_id.in_([keys.areas[a] for a in scope.areas if a in keys.areas]))
    if scope.departments is not None:
        own = [keys.departments[d] for d in scope.departments if d in keys.departments]
        found.append(c.department_id.in_(own))
    if view.domain:
        found.append(c.domain_id == keys.domains.get(view.domain, -1))
    if view.area:
        found.append(c.county_id == keys.areas.get(view.area, -1))
    if view.department:
        found.append(c.department_id == keys.departments.get(view.department, -1))
    return found
