"""Answers a click on a number, and a click on the sources."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update

from callbacks import at
from components.empty import failed
from components.evidence import evidence as evidence_view
from components.i18n import use
from components.replay_drawer import tile_then
from components.replaying import Replay
from components.sources_panel import sources_detail as sources_view
from components.sources_then import states_table
from components.wall import Ids, tile_id
from data.catalogue import Catalogue
from data.logs import logger
from data.panels.single import evidence_of
from data.panels.then.tiles import tiles_then
from data.queries.keys import read_keys
from data.queries.sources import source_detail, source_rows
from data.queries.then.heard import source_rows_then
from data.queries.then.reach import moment_of
from data.store import Store, utc_now

log = logger("evidence")

SHOWN = 8
"""Runs and refused rows shown of each source, newest first."""


def register(app: Dash, store: Store, catalogue: Catalogue) -> None:
    """Attach the drawer's and the overlay's content."""

    @app.callback(
        Output(Ids.EVIDENCE, "children"),
        Input(tile_id(ALL), "n_clicks"),
        State(Ids.AREA, "data"),
        State(Ids.WALL, "lang"),
        prevent_initial_call=True,
    )
    def show_evidence(_clicks: list[int | None], area: str, lang: str) -> Any:
        clicked = ctx.triggered_id
        code = clicked.get("code") if isinstance(clicked, dict) else None
        if code not in catalogue.indicators or not ctx.triggered[0]["value"]:
            return no_update
        place = area if area in catalogue.areas else catalogue.city.code
        replay = at.needed()
        if replay is not None:
            return _drawn(lang, lambda: _then(store, catalogue, str(code), place, replay))
        return _drawn(lang, lambda: _evidence(store, catalogue, str(code), place))

    @app.callback(
        Output(Ids.SOURCES_DETAIL, "children"),
        Input(Ids.SOURCES_BUTTON, "n_clicks"),
        State(Ids.WALL, "lang"),
        prevent_initial_call=True,
    )
    def show_sources(_clicks: int, lang: str) -> Any:
        replay = at.needed()
        if replay is not None:
            return _drawn(lang, lambda: _sources_then(store, catalogue, replay))
        return _drawn(lang, lambda: _sources(store, catalogue))

    for shown in (Ids.EVIDENCE, Ids.SOURCES_DETAIL):
        at.answers_then(f"{shown.value}.children")


def _drawn(lang: str, draw: Callable[[], Any]) -> Any:
    """Return what `draw` gives in the page's language; a fault is said there, never hidden."""
    with use(lang):
        try:
            return draw()
        except Exception:
            log.exception("cannot be shown")
            return failed()


def _evidence(store: Store, catalogue: Catalogue, code: str, area: str) -> Any:
    with store.read() as conn:
        return evidence_view(evidence_of(conn, catalogue, code, area, now=utc_now()))


def _sources(store: Store, catalogue: Catalogue) -> Any:
    with store.read() as conn:
        keys, now = read_keys(conn), utc_now()
        return sources_view(
            [
                source_detail(conn, catalogue, keys, row["key"], now=now, limit=SHOWN)
                for row in source_rows(conn, catalogue, keys, now=now, waiting=False)
            ]
        )


def _then(store: Store, catalogue: Catalogue, code: str, area: str, replay: Replay) -> Any:
    """Return what was known of one number at an instant."""
    indicator = catalogue.indicators[code]
    with store.read() as conn:
        keys, moment = read_keys(conn), moment_of(conn, replay.at)
        told = tiles_then(conn, catalogue, keys, [indicator], area, moment, now=replay.now)
    source = catalogue.sources[indicator.source].name
    return tile_then(told[code], catalogue.areas[area].name, source, replay)


def _sources_then(store: Store, catalogue: Catalogue, replay: Replay) -> Any:
    with store.read() as conn:
        known = moment_of(conn, replay.at).known
        return [states_table(source_rows_then(conn, catalogue, read_keys(conn), known))]
