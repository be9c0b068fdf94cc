"""The page of one case: its first paint, its refreshing, its 404, and how new it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from dash import Dash, Input, Output, State, no_update
from dash.development.base_component import Component
from flask import Flask, Response, jsonify, request
from sqlalchemy import Connection, select

from callbacks import identity
from callbacks.hub import Hub
from callbacks.pages import REST_OF, Asked, Page, chosen_language
from components.case_acts import Acting, case_acts
from components.case_fields import Offers
from components.case_ids import PREFIX, CaseIds, number_of
from components.case_page import CaseShown, House, as_of, case_page, case_parts, page_parts
from components.empty import failed
from components.i18n import use
from components.replaying import Replay
from data import models as m
from data.cases.loop import Actor, allowed
from data.catalogue import Catalogue
from data.catalogue.entries import Indicator
from data.catalogue.loop_entries import Sop
from data.logs import logger
from data.panels.one_case import one_case
from data.panels.then.tiles import tiles_then
from data.queries.case_now import stand
from data.queries.duties import Proposal, propose
from data.queries.keys import Keys, read_keys
from data.queries.procedures import all_in_force
from data.queries.then.reach import moment_of
from data.queries.then.shadow import shadowed
from data.store import Store, utc_now
from data.vocabulary import CaseAct, Names, Role, Tile

log = logger("case")

READERS = frozenset(Role) - {Role.SYSTEM_ACTOR}
"""Whoever is signed in may read what lies in their scope."""


def page(store: Store, hub: Hub, catalogue: Catalogue) -> Page:
    """Return the page over the store."""
    city = catalogue.city
    house = House(city.code, city.name, city.title, hub.build)

    def layout(asked: Asked) -> Component:
        hub.start()
        lang, no = chosen_language(asked), number_of(PREFIX + asked.get(REST_OF, ""))
        return case_page(
            shown_now(store, catalogue, no),
            identity.shown(),
            house,
            paper=asked.get("print") == "1",
            lang=lang,
            now=utc_now().timestamp(),
        )

    def then(asked: Asked, replay: Replay) -> Component:
        """Return the case as it was known, its timeline up to then; nobody acts."""
        lang, no = chosen_language(asked), number_of(PREFIX + asked.get(REST_OF, ""))
        return case_page(
            shown_then(store, catalogue, no, replay),
            identity.shown(),
            house,
            paper=asked.get("print") == "1",
            lang=lang,
            now=replay.at.timestamp(),
        )

    return Page(
        PREFIX,
        layout,
        lambda: page_parts(house),
        prefix=True,
        roles=READERS,
        own=("/assets/case/",),
        then=then,
    )


def register(app: Dash, store: Store, catalogue: Catalogue) -> None:
    """Attach the refreshing and the routes beside the page."""
    _register_refresh(app, store, catalogue)
    _register_routes(app.server, store)


def _register_refresh(app: Dash, store: Store, catalogue: Catalogue) -> None:
    parts = (CaseIds.HEAD, CaseIds.LEFT, CaseIds.MIDDLE, CaseIds.RIGHT, CaseIds.ACTS)

    @app.callback(
        *[Output(part, "children") for part in parts],
        Output(CaseIds.AS_OF, "children"),
        Output(CaseIds.VERSION, "children"),
        Input(CaseIds.NUDGE, "data"),
        State(CaseIds.NO, "data"),
        State(CaseIds.BUSY, "data"),
        State(CaseIds.ROOT, "lang"),
        prevent_initial_call=True,
    )
    def refresh(_nudge: int, no: str, busy: bool, lang: str) -> Any:
        """Draw all parts again; the acts only while no form is in use."""
        shown = shown_now(store, catalogue, no)
        with use(lang):
            if shown.page is None:
                return no_update if shown.lost else ([failed()], [], [], [], [], "", "0")
            drawn = case_parts(shown.page)
            acts = no_update if busy else case_acts(shown.page, shown.acting)
            version = str(shown.page.head.version)
            return *[drawn[p] for p in parts[:-1]], acts, as_of(shown), version


def shown_now(store: Store, catalogue: Catalogue, no: str) -> CaseShown:
    """Ask the store for a case as whoever asks may see it; without the store the page says so."""
    if not no:
        return CaseShown(no)
    try:
        with store.read() as conn:
            return _asked(conn, catalogue, no, utc_now())
    except Exception:
        log.exception("a case cannot be shown")
        return CaseShown(no, lost=True)


def shown_then(store: Store, catalogue: Catalogue, no: str, replay: Replay) -> CaseShown:
    """Return a case as it was known at an instant, as far as whoever asks may see it now."""
    if not no:
        return CaseShown(no)
    who, at = identity.current(), replay.at
    try:
        with shadowed(store, at, case_no=no) as conn, store.read() as live:
            keys = read_keys(live)

            def tiles(wanted: Sequence[Indicator], area: str) -> Mapping[str, Tile]:
                if not wanted:
                    return {}
                moment = moment_of(live, at)
                return tiles_then(live, catalogue, keys, wanted, area, moment, now=replay.now)

            found = one_case(
                conn, catalogue, keys, no, scope=identity.scope(who), now=at, tiles=tiles
            )
    except Exception:
        log.exception("a case cannot be shown as it was")
        return CaseShown(no, lost=True)
    return CaseShown(no, found, acting=Acting(signed=who is not None))


def _asked(conn: Connection, catalogue: Catalogue, no: str, now: datetime) -> CaseShown:
    keys, who = read_keys(conn), identity.current()
    found = one_case(conn, catalogue, keys, no, scope=identity.scope(who), now=now)
    if found is None:
        return CaseShown(no)
    acting = Acting(signed=who is not None)
    if who is not None:
        acting = _acting(conn, catalogue, keys, no, who, now)
    return CaseShown(no, found, acting=acting)


def _acting(
    conn: Connection, catalogue: Catalogue, keys: Keys, no: str, who: Any, now: datetime
) -> Acting:
    actor = Actor(who.id, who.name, who.role, who.department, who.area)
    stood = stand(conn, keys, no)
    if stood is None:
        return Acting()
    may = allowed(stood.case, actor)
    offers = Offers()
    if may:
        duty = propose(conn, catalogue, keys, stood.category, stood.area, on=now,
                       severity=stood.case.level or None)  # fmt: skip
        offers = _offers(catalogue, duty, all_in_force(conn, catalogue))
    told = tuple(a for a in may if a is not CaseAct.SOURCE_SAID)
    own = actor.department if actor.role is Role.DEPARTMENT else None
    return Acting(told, True, actor.role, own, offers)


def _offers(catalogue: Catalogue, duty: Proposal, sops: Mapping[str, Sop]) -> Offers:
    return Offers(
        departments=[(d.key, d.name) for d in catalogue.departments.values()],
        sops=[(code, sop.name) for code, sop in sops.items()],
        department=duty.department,
        co=duty.co_departments,
        sop=duty.sop,
        why=_why(catalogue, duty),
    )


def _why(catalogue: Catalogue, duty: Proposal) -> Names:
    """Return why the duties propose this department: a decision if there is one, else the list."""
    lead = catalogue.departments[duty.department].name
    basis, ref = duty.duty.basis, duty.ref
    if duty.decided is not None:
        said = f"{duty.decided.name}：{duty.decided.reason}"
        basis = {"zh": said, "en": said}
    return {
        "zh": f"建议派遣：{lead['zh']}。权责清单 {ref}：{basis['zh']}",
        "en": f"Proposed: {lead['en']}. Duties {ref}: {basis['en']}",
    }


def _register_routes(server: Flask, store: Store) -> None:
    @server.get(f"{PREFIX}<no>/version")
    def version(no: str) -> Response:
        """Say how new a case is, so that a page asks for it again only when it moved."""
        with store.read() as conn:
            number = _version(conn, no)
        answer = jsonify({"version": number})
        answer.status_code = 404 if number is None else 200
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @server.after_request
    def missing(response: Response) -> Response:
        """Give the page of a case that is not there the status of one that is not there."""
        no = number_of(urlsplit(request.path).path) if request.method in ("GET", "HEAD") else ""
        if request.path.startswith(PREFIX) and response.status_code == 200 and _is_page(request):
            try:
                with store.read() as conn:
                    there = _version(conn, no) is not None
            except Exception:
                log.exception("a case cannot be looked up")
                return response
            if not there:
                response.status_code = 404
        return response


def _is_page(asked: Any) -> bool:
    return bool(asked.url_rule is None or asked.url_rule.rule == "/<path:path>")


def _version(conn: Connection, no: str) -> int | None:
    """Return the version of a case that whoever asks may see."""
    c, t = m.cases.c, m.case_task.c
    row = conn.execute(select(c.id, c.version, c.area_id, c.department_id).where(c.case_no == no))
    found = row.one_or_none()
    if found is None:
        return None
    keys = read_keys(conn)
    tasked = conn.scalars(select(t.department_id).where(t.case_id == found.id)).all()
    codes = {i: key for key, i in keys.departments.items()}
    mine = [codes[i] for i in (found.department_id, *tasked) if i in codes]
    area = keys.area_codes()[found.area_id]
    covered = identity.scope(identity.current()).covers(area, mine)
    return int(found.version) if covered else None
