"""The desk's page, and what its scripts ask: rows of a view, one case, views that are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dash.development.base_component import Component
from flask import Flask, request
from sqlalchemy import Connection

from callbacks import at, identity
from callbacks.desk_json import Answer, answer, json_route, no_text
from callbacks.hub import Hub
from callbacks.pages import Asked, Page, chosen_language
from components.desk_filters import choices
from components.desk_grid import SCRIPTS
from components.desk_ids import PATH, view_in, view_of
from components.desk_page import DeskPlace, DeskShown, desk_page
from components.desk_rows import wire
from components.i18n import _, name, use
from components.map_labels import rings
from components.person import Signed
from components.replaying import Replay
from data import geo
from data.catalogue import Catalogue
from data.commands import saved_views as kept
from data.logs import logger
from data.panels.board import is_demo
from data.queries.desk import desk_counts, desk_numbers, desk_rows, last_told
from data.queries.desk_filter import Reader
from data.queries.keys import read_keys
from data.queries.scope import EVERYTHING, Scope
from data.queries.then.shadow import shadowed
from data.store import Store, utc_now
from data.vocabulary import Role
from data.vocabulary.desk import MOST, DeskView

log = logger("desk")

CENTRE = frozenset({Role.OPERATOR, Role.LEADER})
ACTING = CENTRE | {Role.DEPARTMENT}
ROLES = ACTING | {Role.VIEWER, Role.STEWARD, Role.AUDITOR}
OWN = ("/dash_ag_grid/", "/assets/desk/")
MOST_PAGES = 10


@dataclass(frozen=True)
class House:
    """What the desk works with."""

    store: Store
    hub: Hub
    catalogue: Catalogue


def page(store: Store, hub: Hub, catalogue: Catalogue) -> Page:
    """Return the desk's page."""
    house = House(store, hub, catalogue)

    def layout(asked: Asked) -> Component:
        hub.start()
        reader, lang = reads(), chosen_language(asked)
        shown, view = _shown(house, reader, asked, lang)
        return _drawn(house, shown, view, reader, identity.shown(), lang)

    def parts() -> Component:
        everybody = Reader(None, Role.OPERATOR, EVERYTHING)
        return _drawn(house, DeskShown(), DeskView(), everybody, None, "zh", whole=True)

    def then(asked: Asked, replay: Replay) -> Component:
        reader, lang = reads(), chosen_language(asked)
        shown, view = _shown(house, reader, asked, lang, replay=replay)
        return _drawn(house, shown, view, reader, identity.shown(), lang, replay=replay)

    return Page(PATH, layout, parts, scripts=SCRIPTS, roles=ROLES, own=OWN, then=then)


def reads() -> Reader:
    """Return who looks at the desk. Raises what `identity.require` raises."""
    actor = identity.require(*ROLES)
    return Reader(actor.id, actor.role, identity.scope(actor), actor.department)


def _drawn(
    house: House,
    shown: DeskShown,
    view: DeskView,
    reader: Reader,
    signed: Signed | None,
    lang: str,
    *,
    whole: bool = False,
    replay: Replay | None = None,
) -> Component:
    """Return the page. Under replay nobody acts."""
    with use(lang):
        place = _place(house, reader.scope)
    acts = replay is None
    acting, centre = acts and reader.role in ACTING, acts and reader.role in CENTRE
    return desk_page(
        shown,
        view,
        place,
        signed,
        acting=acting or whole,
        centre=centre or whole,
        lang=lang,
        now=(replay.at if replay else utc_now()).timestamp(),
    )


@contextmanager
def looked(store: Store, replay: Replay | None) -> Iterator[tuple[Connection, datetime]]:
    """Open the store as it is, or as its cases were known at an instant; with the time it is."""
    if replay is None:
        with store.read() as conn:
            yield conn, utc_now()
    else:
        with shadowed(store, replay.at) as conn:
            yield conn, replay.at


def _shown(
    house: House,
    reader: Reader,
    asked: Mapping[str, str],
    lang: str,
    *,
    replay: Replay | None = None,
) -> tuple[DeskShown, DeskView]:
    """Ask the store for what an address means; without the store the page says so."""
    view = view_of(asked)
    try:
        with looked(house.store, replay) as (conn, now), use(lang):
            views = kept.kept_views(conn, reader.account) if reader.account else []
            home = next((k["query"] for k in views if k["home"]), "")
            if home and not set(asked) - {"lang", "at"}:
                view = view_in(home)
            keys = read_keys(conn)
            rows = desk_rows(conn, house.catalogue, keys, reader, view, now=now)
            return DeskShown(
                rows=[wire(row) for row in rows],
                counts=desk_counts(conn, keys, reader, view, now=now),
                told=last_told(conn, house.catalogue.city.code),
                demo=is_demo(conn),
                views=views,
            ), view
    except Exception:
        log.exception("the desk cannot ask the store")
        return DeskShown(), view


# ---- what may be chosen, and the map ----


def _place(house: House, scope: Scope) -> DeskPlace:
    facts, city = house.catalogue, house.catalogue.city
    note = " ".join(
        p for p in (name(city.map.get("notice")), city.map.get("review_number", "")) if p
    )
    return DeskPlace(
        area=city.code,
        city=city.name,
        shapes=_shapes(facts, scope),
        centres=_centres(facts, scope),
        note=note,
        found=choices(facts, scope.areas),
        build=house.hub.build,
    )


def _here(facts: Catalogue, scope: Scope) -> set[str]:
    """Return the counties and zones that somebody sees something of."""
    codes = facts.areas if scope.areas is None else scope.areas
    near = set(codes) | {facts.areas[c].parent or "" for c in codes}
    return {a.code for a in facts.counties() if a.code in near}


def _shapes(facts: Catalogue, scope: Scope) -> list[dict[str, Any]]:
    here = _here(facts, scope)
    return [
        {"code": str(f["id"]), "rings": rings(f)}
        for f in geo.county_shapes()["features"]
        if str(f["id"]) in here
    ]


def _centres(facts: Catalogue, scope: Scope) -> list[dict[str, Any]]:
    here = _here(facts, scope)
    return [
        {
            "code": a.code,
            "name": name(a.short),
            "lon": a.lon,
            "lat": a.lat,
            "statutory": a.statutory,
            "below": [t.code for t in facts.areas.values() if t.parent == a.code],
        }
        for a in facts.counties()
        if a.code in here and a.lon is not None
    ]


# ---- what the scripts ask ----


def register(server: Flask, store: Store, hub: Hub, catalogue: Catalogue) -> None:
    """Attach the desk's own addresses."""
    house = House(store, hub, catalogue)

    @json_route(server, f"{PATH}/rows")
    def rows() -> Answer:
        return _rows(house, reads(), request.args)

    @json_route(server, f"{PATH}/views", post=True)
    def views(body: Mapping[str, Any]) -> Answer:
        return _views(house, reads(), body)


def _rows(house: House, reader: Reader, asked: Mapping[str, str]) -> Answer:
    """Return the rows of a view, or of a few cases that may be in it, and its counts.

    numbers: of the cases that stand in the list now, so that those that left it are known.
    """
    view, facts = view_of(asked), house.catalogue
    pages = min(max(int(asked.get("pages", "1")[:3]), 1), MOST_PAGES)
    few = [no for no in asked.get("cases", "").split(",") if no][:60]
    with looked(house.store, at.needed()) as (conn, now):
        keys = read_keys(conn)
        found = desk_rows(
            conn, facts, keys, reader, view, now=now, limit=MOST * pages, numbers=few or None
        )
        return answer(
            rows=[wire(row) for row in found],
            numbers=desk_numbers(conn, keys, reader, view, now=now, limit=MOST * pages)
            if few
            else [],
            counts=desk_counts(conn, keys, reader, view, now=now),
            told=last_told(conn, facts.city.code),
            now=now.timestamp(),
        )


def _views(house: House, reader: Reader, body: Mapping[str, Any]) -> Answer:
    what, named, account = no_text(body, "do"), no_text(body, "name"), reader.account or 0
    try:
        with house.store.write() as conn:
            _do(conn, account, what, named, body)
            return answer(views=kept.kept_views(conn, account))
    except kept.ViewError as wrong:
        return answer(refused=_view_error(wrong.reason))


def _do(conn: Connection, account: int, what: str, named: str, body: Mapping[str, Any]) -> None:
    if what == "keep":
        kept.keep(conn, account, named, no_text(body, "query"), now=utc_now())
    elif what == "rename":
        kept.rename(conn, account, named, no_text(body, "to"))
    elif what == "remove":
        kept.remove(conn, account, named)
    elif what == "begin":
        kept.begin_with(conn, account, named)
    else:
        raise kept.ViewError("unknown")


def _view_error(reason: str) -> str:
    return {
        "missing": _("Not kept: the view needs a name"),
        "too_long": _("Not kept: a name has at most {n} letters").format(n=kept.LONGEST_NAME),
        "too_many": _("Not kept: at most {n} views, remove one first").format(n=kept.MOST),
        "taken": _("Not renamed: another view has this name"),
    }.get(reason, _("Not changed: there is no such view any more"))
