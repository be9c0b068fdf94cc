"""The handover page: the shift that runs, those that are kept, and their signatures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from callbacks import identity
from callbacks.hub import Hub
from callbacks.pages import Asked, Page, chosen_language
from components.handover_page import (
    PATH,
    HandIds,
    HandPlace,
    HandShown,
    hand_body,
    handover_error,
    handover_page,
    note_id,
    page_parts,
    sign_id,
)
from components.i18n import _, use
from components.replaying import Replay
from data.cases.shifts import shift_at
from data.catalogue import Catalogue
from data.commands.handover import SIGNERS, HandoverError, Signer, sign
from data.logs import logger
from data.panels.board import is_demo
from data.queries.handover import gather, handovers
from data.queries.keys import Keys, read_keys
from data.queries.then.shadow import kept_then
from data.store import Store, utc_now
from data.vocabulary import Role
from data.vocabulary.handover import HandoverRow

log = logger("handover")
READERS = frozenset({Role.OPERATOR, Role.LEADER, Role.STEWARD, Role.AUDITOR, Role.VIEWER})


def page(store: Store, hub: Hub, catalogue: Catalogue) -> Page:
    """Return the page over the store."""
    place = HandPlace(catalogue.city.code, catalogue.city.name, hub.build)

    def layout(asked: Asked) -> Component:
        hub.start()
        now, actor = utc_now(), identity.current()
        kept = {k: v for k, v in asked.items() if k in ("area", "no")}
        return handover_page(
            _shown(store, catalogue, asked, now),
            place,
            identity.shown(),
            lang=chosen_language(asked),
            address=f"{PATH}?{urlencode(kept)}" if kept else PATH,
            now=now.timestamp(),
            signing=bool(actor and actor.role in SIGNERS),
        )

    def then(asked: Asked, replay: Replay) -> Component:
        """Return the handovers that were made by then, with the signatures they bore."""
        kept = {k: v for k, v in asked.items() if k in ("area", "no")}
        return handover_page(
            _shown_then(store, catalogue, asked, replay.at),
            place,
            identity.shown(),
            lang=chosen_language(asked),
            address=f"{PATH}?{urlencode(kept)}" if kept else PATH,
            now=replay.at.timestamp(),
            signing=False,
        )

    return Page(PATH, layout, page_parts, roles=READERS, then=then)


def register(app: Dash, store: Store, catalogue: Catalogue) -> None:
    """Attach the page's callbacks."""

    @app.callback(
        Output(HandIds.BODY, "children"),
        Input(HandIds.URL, "search"),
        Input(HandIds.NUDGE, "data"),
        State(HandIds.ROOT, "lang"),
        prevent_initial_call=True,
    )
    def show(search: str | None, _nudge: int, lang: str) -> Any:
        actor = identity.require(*READERS)
        shown = _shown(store, catalogue, _query(search), utc_now())
        with use(lang):
            return hand_body(shown, signing=actor.role in SIGNERS)

    @app.callback(
        Output(HandIds.SAID, "children"),
        Output(HandIds.NUDGE, "data"),
        Input(sign_id(ALL), "n_clicks"),
        State(note_id(ALL), "value"),
        State(HandIds.URL, "search"),
        State(HandIds.NUDGE, "data"),
        State(HandIds.ROOT, "lang"),
        prevent_initial_call=True,
    )
    def put(
        _clicks: Sequence[int], notes: Sequence[str | None], search: str | None, nudge: int,
        lang: str,
    ) -> Any:  # fmt: skip
        clicked = ctx.triggered_id
        if not isinstance(clicked, dict) or not ctx.triggered[0]["value"]:
            return no_update, no_update
        note = next((n for n in notes if n), "") or ""
        with use(lang):
            said, done = _sign(store, catalogue, _number(_query(search)), clicked["act"], note)
        return said, (nudge or 0) + 1 if done else no_update


def _query(search: str | None) -> Mapping[str, str]:
    return {k: v[0] for k, v in parse_qs((search or "").lstrip("?")).items()}


def _number(asked: Mapping[str, str]) -> int:
    written = asked.get("no", "")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 12 else 0


def _sign(store: Store, catalogue: Catalogue, number: int, act: str, note: str) -> tuple[str, bool]:
    actor = identity.require(*SIGNERS)
    signer = Signer(actor.id, actor.name, actor.role, actor.area, identity.origin())
    try:
        with store.write() as conn:
            sign(
                conn, catalogue, read_keys(conn), number, signer, coming=act != "out",
                agreed=act != "disagree", note=note, now=utc_now(),
            )  # fmt: skip
    except HandoverError as error:
        return handover_error(error.reason), False
    return _("Signed"), True


def _areas(catalogue: Catalogue) -> list[str]:
    """Return the areas whose handovers the person may read: the own one, or city and counties."""
    every = [catalogue.city.code, *(a.code for a in catalogue.counties())]
    reach = identity.scope(identity.current()).areas
    if reach is None:
        return every
    return [code for code in every if code in reach]


def _shown(
    store: Store, catalogue: Catalogue, asked: Mapping[str, str], now: datetime
) -> HandShown | None:
    areas = _areas(catalogue)
    if not areas:
        return HandShown(None)
    area = asked.get("area") if asked.get("area") in areas else areas[0]
    actor = identity.current()
    try:
        with store.read() as conn:
            keys = read_keys(conn)
            return HandShown(
                preview=_preview(conn, catalogue, keys, str(area), now),
                kept=handovers(conn, catalogue, keys, str(area)),
                chosen=_number(asked),
                areas=[(code, catalogue.areas[code].short) for code in areas],
                demo=is_demo(conn),
                me=(actor.id, actor.name) if actor else (None, None),
            )
    except SQLAlchemyError as error:
        log.warning("the page cannot be shown", error=str(error).split("\n")[0])
        return None


def _shown_then(
    store: Store, catalogue: Catalogue, asked: Mapping[str, str], at: datetime
) -> HandShown | None:
    areas = _areas(catalogue)
    if not areas:
        return HandShown(None)
    area = asked.get("area") if asked.get("area") in areas else areas[0]
    try:
        with kept_then(store, at) as conn:
            return HandShown(
                preview=None,
                kept=handovers(conn, catalogue, read_keys(conn), str(area)),
                chosen=_number(asked),
                areas=[(code, catalogue.areas[code].short) for code in areas],
                demo=is_demo(conn),
            )
    except SQLAlchemyError as error:
        log.warning("the page cannot be shown", error=str(error).split("\n")[0])
        return None


def _preview(
    conn: Connection, catalogue: Catalogue, keys: Keys, area: str, now: datetime
) -> HandoverRow | None:
    if not catalogue.loop.shifts:
        return None
    shift = shift_at(catalogue.loop.shifts, now)
    return {
        "id": 0,
        "area": area,
        "position": shift.key,
        "shift": shift.name,
        "starts_at": shift.start.timestamp(),
        "ends_at": shift.end.timestamp(),
        "made_at": now.timestamp(),
        "body": gather(conn, catalogue, keys, area, shift, now),
        "out_by": None, "out_name": None, "out_at": None,
        "in_by": None, "in_name": None, "in_at": None, "in_note": None, "agreed": None,
    }  # fmt: skip
