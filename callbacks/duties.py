"""The page of duties and procedures: its views, a change proposed, and a second person's word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from callbacks import identity
from callbacks.hub import Hub
from callbacks.pages import Asked, Page, chosen_language
from components.duties_ids import (
    PATH,
    DutyIds,
    DutyView,
    address,
    decide_id,
    step_act_id,
    step_field_id,
    view_of,
)
from components.duties_page import DutyPlace, duties_body, duties_page, page_parts
from components.duties_shown import DutiesShown
from components.i18n import _, name, use
from components.procedure_form import moved, proposed, read_fields, step_rows, wrong_words
from components.procedure_words import sop_refusal
from components.replaying import Replay
from data.cases.change import Code, Refusal
from data.cases.loop import Actor
from data.cases.procedures import body_of, wrong_in
from data.catalogue import Catalogue
from data.catalogue.loop_entries import Sop
from data.commands.cases import decide_sop, propose_sop
from data.commands.cases.procedures import APPROVERS, PROPOSERS
from data.logs import logger
from data.panels.board import is_demo
from data.queries.duty_board import duty_lines
from data.queries.keys import read_keys
from data.queries.procedures import in_force, sop_versions
from data.queries.then.shadow import kept_then
from data.store import Store, utc_now
from data.vocabulary import LOCAL, Role

log = logger("duties")
READERS = frozenset(Role) - {Role.SYSTEM_ACTOR}
"""Whoever is signed in may read who answers for what; cases are named within their scope only."""


def page(store: Store, hub: Hub, catalogue: Catalogue) -> Page:
    """Return the page over the store."""
    place = DutyPlace(catalogue.city.code, catalogue.city.name, hub.build)

    def layout(asked: Asked) -> Component:
        hub.start()
        view, now = view_of(asked), utc_now()
        shown = _shown(store, catalogue, identity.current(), now)
        return duties_page(
            shown, view, place, identity.shown(), lang=chosen_language(asked), now=now.timestamp()
        )

    def then(asked: Asked, replay: Replay) -> Component:
        """Return the duties and procedures that held then, by what had been decided."""
        view, at = view_of(asked), replay.at
        shown = _shown(store, catalogue, identity.current(), at, replay=replay)
        lang = chosen_language(asked)
        return duties_page(shown, view, place, identity.shown(), lang=lang, now=at.timestamp())

    return Page(PATH, layout, page_parts, roles=READERS, then=then)


def register(app: Dash, store: Store, catalogue: Catalogue) -> None:
    """Attach the page's callbacks."""
    _register_views(app, store, catalogue)
    _register_form(app, catalogue)
    _register_proposal(app, store, catalogue)
    _register_decision(app, store, catalogue)


def _register_views(app: Dash, store: Store, catalogue: Catalogue) -> None:
    @app.callback(
        Output(DutyIds.BODY, "children"),
        Input(DutyIds.URL, "search"),
        Input(DutyIds.NUDGE, "data"),
        State(DutyIds.ROOT, "lang"),
        prevent_initial_call=True,
    )
    def show(search: str | None, _nudge: int, lang: str) -> Any:
        actor = identity.require(*READERS)
        shown = _shown(store, catalogue, actor, utc_now())
        with use(lang):
            return duties_body(shown, _view(search))

    @app.callback(
        Output(DutyIds.URL, "search"),
        Input(DutyIds.FIND, "value"),
        Input(DutyIds.DEPARTMENT, "value"),
        State(DutyIds.URL, "search"),
        prevent_initial_call=True,
    )
    def narrow(text: str | None, department: str | None, search: str | None) -> Any:
        identity.require(*READERS)
        view = _view(search)
        wanted = address(view, q=(text or "").strip()[:80], department=department or "")
        return no_update if wanted == address(view) else wanted.removeprefix(PATH)


def _register_form(app: Dash, catalogue: Catalogue) -> None:
    @app.callback(
        Output(DutyIds.STEPS, "children"),
        Input(step_act_id(ALL, ALL), "n_clicks"),
        State(step_field_id(ALL, ALL), "id"),
        State(step_field_id(ALL, ALL), "value"),
        State(DutyIds.ROOT, "lang"),
        prevent_initial_call=True,
    )
    def move(
        _clicks: Sequence[int], ids: Sequence[Mapping[str, Any]], values: Sequence[Any], lang: str
    ) -> Any:
        clicked = ctx.triggered_id
        if not isinstance(clicked, dict) or not ctx.triggered[0]["value"]:
            return no_update
        identity.require(*PROPOSERS)
        draft = moved(read_fields(ids, values), int(clicked["step"]), clicked["act"])
        with use(lang):
            options = [{"label": name(d.name), "value": k} for k, d in _offices(catalogue)]
            return step_rows(draft, options)


def _register_proposal(app: Dash, store: Store, catalogue: Catalogue) -> None:
    @app.callback(
        Output(DutyIds.TOLD, "children"),
        Output(DutyIds.SEND, "disabled"),
        Input(DutyIds.SEND, "n_clicks"),
        State(step_field_id(ALL, ALL), "id"),
        State(step_field_id(ALL, ALL), "value"),
        State(DutyIds.BASE, "data"),
        State(DutyIds.REASON, "value"),
        State(DutyIds.ROOT, "lang"),
        prevent_initial_call=True,
    )
    def send(
        clicks: int, ids: Sequence[Mapping[str, Any]], values: Sequence[Any], base: Any,
        reason: str | None, lang: str,
    ) -> Any:  # fmt: skip
        if not clicks or not isinstance(base, dict):
            return no_update, no_update
        actor = identity.require(*PROPOSERS)
        code, seen = str(base.get("code", ""))[:40], int(base.get("version", 0))
        with use(lang):
            found = _propose(
                store, catalogue, code, seen, read_fields(ids, values), reason or "", actor
            )
            if not isinstance(found, int):
                return found, False
            return proposed(DutyView(tab="procedures", sop=code, version=found)), True


def _register_decision(app: Dash, store: Store, catalogue: Catalogue) -> None:
    @app.callback(
        Output(DutyIds.DECIDED, "children"),
        Output(DutyIds.SAID, "children"),
        Output(DutyIds.NUDGE, "data"),
        Input(decide_id(ALL, ALL), "n_clicks"),
        State(DutyIds.DECISION, "value"),
        State(DutyIds.NUDGE, "data"),
        State(DutyIds.ROOT, "lang"),
        prevent_initial_call=True,
    )
    def decide(_clicks: Sequence[int], reason: str | None, nudge: int, lang: str) -> Any:
        clicked = ctx.triggered_id
        if not isinstance(clicked, dict) or not ctx.triggered[0]["value"]:
            return no_update, no_update, no_update
        actor, approved = identity.require(*APPROVERS), clicked["act"] == "approve"
        with use(lang):
            found = _decide(store, catalogue, int(clicked["number"]), reason or "", actor,
                            approved=approved)  # fmt: skip
            if not isinstance(found, int):
                return found, no_update, no_update
            said = _("Version {n} is approved: new cases start from it")
            if not approved:
                said = _("Version {n} is refused; nothing changes")
            return "", said.format(n=found), (nudge or 0) + 1


def _propose(
    store: Store, catalogue: Catalogue, code: str, seen: int, draft: Sequence[Mapping[str, str]],
    reason: str, actor: Actor,
) -> int | str | list[Component]:  # fmt: skip
    """Return the version proposed, or in words why not: then nothing changed."""
    try:
        with store.write() as conn:
            base = in_force(conn, catalogue, code, seen)
            if base is None:
                return sop_refusal(Refusal(Code.UNKNOWN_CHOICE, {"field": "sop", "value": code,
                                                                 "choices": ()}))  # fmt: skip
            wrong = wrong_in(base, draft, catalogue.departments)
            if wrong:
                return wrong_words(wrong)
            return _asked(conn, catalogue, base, draft, reason, actor)
    except SQLAlchemyError as error:
        return _lost(error)


def _asked(
    conn: Connection, catalogue: Catalogue, base: Sop, draft: Sequence[Mapping[str, str]],
    reason: str, actor: Actor,
) -> int | str:  # fmt: skip
    made = propose_sop(
        conn, catalogue, base.code, body_of(base, draft), reason, actor=actor, now=utc_now(),
        origin=identity.origin(), seen=base.version,
    )  # fmt: skip
    if isinstance(made, Refusal):
        return sop_refusal(made)
    every = sop_versions(conn, catalogue)[base.code]
    return next(x.sop.version for x in every if x.id == made)


def _decide(
    store: Store, catalogue: Catalogue, number: int, reason: str, actor: Actor, *, approved: bool
) -> int | str:
    try:
        with store.write() as conn:
            found = decide_sop(
                conn, catalogue, number, approved=approved, reason=reason, actor=actor,
                now=utc_now(), origin=identity.origin(),
            )  # fmt: skip
    except SQLAlchemyError as error:
        return _lost(error)
    return sop_refusal(found) if isinstance(found, Refusal) else found


def _lost(error: SQLAlchemyError) -> str:
    log.warning("nothing was written", error=str(error).split("\n")[0])
    return _("The store cannot be asked now. Nothing changed; what you typed is kept.")


def _view(search: str | None) -> DutyView:
    return view_of({k: v[0] for k, v in parse_qs((search or "").lstrip("?")).items()})


def _offices(catalogue: Catalogue) -> list[tuple[str, Any]]:
    return list(catalogue.departments.items())


def _shown(
    store: Store,
    catalogue: Catalogue,
    actor: Actor | None,
    now: datetime,
    *,
    replay: Replay | None = None,
) -> DutiesShown | None:
    today, acts = now.astimezone(LOCAL).date(), replay is None
    try:
        with store.read() if acts else kept_then(store, now) as conn:
            keys = read_keys(conn)
            lines = duty_lines(conn, catalogue, keys, identity.scope(actor), now)
            sops, demo = sop_versions(conn, catalogue), is_demo(conn)
    except SQLAlchemyError as error:
        log.warning("the page cannot be read", error=str(error).split("\n")[0])
        return None
    return DutiesShown(
        lines,
        sops,
        departments={k: d.short or d.name for k, d in _offices(catalogue)},
        categories={k: c.name for k, c in catalogue.categories.items()},
        domains={k: d.name for k, d in catalogue.domains.items()},
        domain_of={k: c.domain for k, c in catalogue.categories.items()},
        areas={k: a.short for k, a in catalogue.areas.items()},
        clocks={code: catalogue.clock(code, today) for code in catalogue.loop.clocks},
        as_of=now.timestamp(),
        demo=demo,
        proposing=acts and actor is not None and actor.role in PROPOSERS,
        deciding=acts and actor is not None and actor.role in APPROVERS and actor.area is None,
        me=actor.id if actor else None,
    )
