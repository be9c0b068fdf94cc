"""The sources page: its first paint, its views, its forms, and the way to raw bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qs

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component
from flask import Flask, Response
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from callbacks import identity
from callbacks.guard import WATCHERS
from callbacks.hub import Hub
from callbacks.pages import Asked, Page, chosen_language, query_written
from callbacks.watching import may_watch
from components.debt_board import debt_error, proposal_title
from components.empty import failed
from components.i18n import _, use
from components.person import sign_in_first
from components.replaying import Replay
from components.sources_ids import PATH, BoardIds, act_id, address, field_id, view_of
from components.sources_page import Shown, body, page_parts, sources_page
from components.sources_then import sources_then_page
from components.wall import Props, render_panel
from data.cases.loop import Actor
from data.catalogue import Catalogue
from data.commands import audit
from data.commands import debts as commands
from data.commands.screens import KEEPERS as SCREEN_KEEPERS
from data.logs import logger
from data.panels.board import is_demo
from data.queries.alarms.screens import screen_rows
from data.queries.alarms.self_checks import self_checks
from data.queries.debts import debts
from data.queries.intake import fetch_detail, raw_file, run_detail, run_page
from data.queries.keys import read_keys
from data.queries.raw import raw_parts
from data.queries.sharing import board
from data.queries.then.heard import source_rows_then
from data.queries.then.reach import moment_of
from data.queries.then.runs import runs_then
from data.sharing.words import Board, Proposal, View
from data.snapshots import Snapshot
from data.store import Store, utc_now
from data.vocabulary import Role, SourceRow
from data.vocabulary.then import SourceRun

log = logger("sources")

KEEPERS = frozenset({Role.STEWARD, Role.LEADER})
"""Who may take and close debts where not everybody may."""

STATUS = {"withheld": 403, "gone": 410}


def page(store: Store, hub: Hub, catalogue: Catalogue, *, acting: bool) -> Page:
    """Return the sources page over the store; the footer's line comes from `hub`."""
    home = catalogue.city.code

    def layout(asked: Asked) -> Component:
        hub.start()
        lang, view = chosen_language(asked), view_of(asked)
        shown = hub.newest(home).get("sources")
        return sources_page(
            _shown(store, catalogue, view, acting=acting, build=hub.build),
            view,
            lang=lang,
            search=query_written(),
            fill=_footer(shown, lang) if shown else {},
            area=home,
            city=catalogue.city.name,
            build=hub.build,
            now=utc_now().timestamp(),
            signed=identity.shown(),
        )

    def then(asked: Asked, replay: Replay) -> Component:
        """Return what the wall said of each source then, and the runs up to then."""
        lang = chosen_language(asked)
        rows, runs = _then(store, catalogue, replay)
        with use(lang):
            return sources_then_page(
                rows, runs, area=home, city=catalogue.city.name, build=hub.build,
                now=replay.at.timestamp(), signed=identity.shown(),
            )  # fmt: skip

    return Page(PATH, layout, page_parts, roles=WATCHERS, then=then)


def _then(
    store: Store, catalogue: Catalogue, replay: Replay
) -> tuple[list[SourceRow] | None, list[SourceRun]]:
    try:
        with store.read() as conn:
            known = moment_of(conn, replay.at).known
            keys = read_keys(conn)
            return source_rows_then(conn, catalogue, keys, known), runs_then(conn, keys, known)
    except SQLAlchemyError as error:
        log.warning("the sources cannot be shown as they were", error=str(error).split("\n")[0])
        return None, []


def _footer(shown: Snapshot, lang: str) -> Props:
    return render_panel("sources", json.loads(shown.payload), lang=lang, area=shown.area)


def register(
    app: Dash, store: Store, catalogue: Catalogue, *, acting: bool, build: str = ""
) -> None:
    """Attach the page's callbacks and the download of raw bytes. build: the server's own."""
    _register_raw(app.server, store, catalogue)
    _register_view(app, store, catalogue, acting=acting, build=build)
    _register_acts(app, store, catalogue, acting=acting)


def _register_view(
    app: Dash, store: Store, catalogue: Catalogue, *, acting: bool, build: str
) -> None:
    @app.callback(
        Output(BoardIds.BODY, "children"),
        Input(BoardIds.URL, "search"),
        Input(BoardIds.NUDGE, "data"),
        State(BoardIds.ROOT, "lang"),
        prevent_initial_call=True,
    )
    def show(search: str | None, _nudge: int, lang: str) -> Any:
        view = view_of(_query(search))
        with use(lang):
            try:
                return body(_shown(store, catalogue, view, acting=acting, build=build), view)
            except Exception:
                log.exception("the sources page cannot be shown")
                return failed()


def _register_acts(app: Dash, store: Store, catalogue: Catalogue, *, acting: bool) -> None:
    @app.callback(
        Output(BoardIds.SAID, "children"),
        Output(BoardIds.URL, "search"),
        Output(BoardIds.NUDGE, "data"),
        Input(act_id(ALL), "n_clicks"),
        State(field_id(ALL), "value"),
        State(field_id(ALL), "id"),
        State(BoardIds.URL, "search"),
        State(BoardIds.NUDGE, "data"),
        State(BoardIds.ROOT, "lang"),
        prevent_initial_call=True,
    )
    def act(
        _clicks: Sequence[int],
        values: Sequence[str | None],
        ids: Sequence[Mapping[str, str]],
        search: str | None,
        nudge: int,
        lang: str,
    ) -> Any:
        clicked = ctx.triggered_id
        if not isinstance(clicked, dict) or not ctx.triggered[0]["value"]:
            return no_update, no_update, no_update
        typed = {i["field"]: (v or "") for i, v in zip(ids, values, strict=True)}
        view = view_of(_query(search))
        with use(lang):
            if _named_but_gone(typed):
                return sign_in_first(), no_update, no_update
            if not _may_act(acting=acting):
                return no_update, no_update, no_update
            try:
                said = _act(store, catalogue, str(clicked.get("act")), view, typed)
            except commands.DebtError as wrong:
                return debt_error(wrong.field, wrong.reason), no_update, no_update
            except Exception:
                log.exception("a debt cannot be written")
                return _("Not saved: the store cannot be written"), no_update, no_update
        after = address(view, debt=0, propose="", tab="debts")
        return said, f"?{after.partition('?')[2]}", (nudge or 0) + 1


def _may_act(*, acting: bool) -> bool:
    """Return whether whoever asks may take and close debts.

    acting: whether everybody may, as in a demonstration.
    """
    actor = identity.current()
    return acting or (actor is not None and actor.role in KEEPERS)


def _named_but_gone(typed: Mapping[str, str]) -> bool:
    """Return whether a form that was drawn for a signed-in person comes from nobody."""
    return "said_by" not in typed and identity.current() is None


def _query(search: str | None) -> dict[str, str]:
    return {k: v[0] for k, v in parse_qs((search or "").removeprefix("?")).items()}


def _shown(store: Store, catalogue: Catalogue, view: View, *, acting: bool, build: str) -> Shown:
    """Ask the store for what a view shows; without the store the page says so."""
    actor = identity.current()
    name, acting = actor.name if actor else "", _may_act(acting=acting)
    keeping = actor is not None and actor.role.value in SCREEN_KEEPERS
    try:
        with store.read() as conn:
            return replace(
                _asked(conn, catalogue, view, build), acting=acting, by=name, keeping=keeping
            )
    except Exception:
        log.exception("the sources page cannot ask the store")
        return Shown(None)


def _asked(conn: Connection, catalogue: Catalogue, view: View, build: str) -> Shown:
    keys, now = read_keys(conn), utc_now()
    found: dict[str, Any] = {}
    if view.fetch:
        found["fetch"] = fetch_detail(conn, catalogue, keys, view.fetch)
    elif view.run:
        found["run"] = run_detail(conn, catalogue, keys, view.run)
    elif view.source in catalogue.sources:
        found["runs"] = run_page(
            conn, keys, view.source, span=view.span, before=view.before,
            every=bool(view.every), now=now,
        )  # fmt: skip
    elif view.tab == "debts":
        found["ended"] = debts(conn, catalogue, keys, now=now, ended=True)
    found["checks"] = self_checks(conn, catalogue, now)
    if view.tab == "watch":
        found["screens"] = screen_rows(conn, now, build=build)
    whole = board(conn, catalogue, keys, now=now, demo=is_demo(conn))
    return Shown(whole, **found)


# ---- debts ----


def _act(store: Store, catalogue: Catalogue, act: str, view: View, typed: Mapping[str, str]) -> str:
    """Do what a button says and return what was done, in words. Raises DebtError."""
    now = utc_now()
    actor, note = identity.current(), typed.get("note", "")
    said_by = actor.name if actor else typed.get("said_by", "")
    with store.write() as conn:
        keys = read_keys(conn)
        if act == "take":
            proposal = _proposal(board(conn, catalogue, keys, now=now, demo=False), view.propose)
            number = commands.take(
                conn, catalogue, keys, _promise(proposal, typed), said_by=said_by, now=now
            )
            _audit(conn, actor, act, number, now)
            return _("Debt {n} is on the board").format(n=number)
        _audit(conn, actor, act, view.debt, now)
        if act == "move":
            commands.move(
                conn, view.debt, owner=typed.get("owner", ""), due=_day(typed), said_by=said_by,
                note=note, now=now,
            )  # fmt: skip
            return _("Debt {n} was changed").format(n=view.debt)
        commands.close(conn, view.debt, state=act, said_by=said_by, note=note, now=now)
        return _("Debt {n} was closed").format(n=view.debt)


def _audit(conn: Connection, actor: Actor | None, act: str, number: int, now: datetime) -> None:
    """Keep which account acted; what stands on the debt itself is a name."""
    if actor is not None:
        audit.note(conn, identity.by(actor), f"debt_{act}", f"debt/{number}", at=now)


def _proposal(found: Board, key: str) -> Proposal:
    for proposal in found["proposals"]:
        if proposal["key"] == key:
            return proposal
    raise commands.DebtError("debt", "taken")


def _promise(proposal: Proposal, typed: Mapping[str, str]) -> commands.Promise:
    return commands.Promise(
        department=proposal["department"],
        kind=proposal["kind"],
        title=proposal_title(proposal),
        owner=typed.get("owner", ""),
        due=_day(typed),
        source=proposal["source"],
        area=proposal["area"],
        why=typed.get("note", ""),
    )


def _day(typed: Mapping[str, str]) -> date:
    try:
        return date.fromisoformat(typed.get("due", "").strip())
    except ValueError:
        raise commands.DebtError("due", "not_a_date") from None


# ---- raw bytes ----


def _register_raw(server: Flask, store: Store, catalogue: Catalogue) -> None:
    @server.get(f"{PATH}/raw/<int:number>")
    def raw(number: int) -> Response:
        """Hand out a kept file as an attachment: never as something a browser would run."""
        if not may_watch():
            with use(chosen_language({})):
                return _sentence(_("Sign in to read what a source sent"), 403)
        with store.read() as conn:
            found = raw_file(conn, catalogue, read_keys(conn), number)
        with use(chosen_language({})):
            if found is None:
                return _sentence(_("There is no file {n}").format(n=number), 404)
            kind, content, name = found
            if kind in STATUS:
                return _sentence(_refusal(kind, number), STATUS[kind])
        mimetype = "application/octet-stream" if name.endswith(".bin") else "text/plain"
        answer = Response(_parts(store, number) if kind == "parts" else content, mimetype=mimetype)
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return answer


def _parts(store: Store, number: int) -> Iterator[bytes]:
    """Yield a file too large to be held whole."""
    with store.read() as conn:
        yield from raw_parts(conn, number)


def _refusal(kind: str, number: int) -> str:
    if kind == "gone":
        return _("The bytes of file {n} were let go after their time; their hash is kept").format(
            n=number
        )
    return _("File {n} tells of single persons and cannot be masked: it is withheld").format(
        n=number
    )


def _sentence(text: str, status: int) -> Response:
    return Response(f"{text}\n", status, mimetype="text/plain")
