"""The alarm page, and what its scripts ask: rows of a view, one alarm."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dash import html
from dash.development.base_component import Component
from flask import Flask, request
from sqlalchemy import Connection, select

from callbacks import alarm_rules, alarm_windows, alert_performance, identity
from callbacks.desk_json import Answer, answer, json_route
from callbacks.hub import Hub
from callbacks.pages import Asked, Page, chosen_language
from components.alarm_filters import choices
from components.alarm_ids import PANEL, PATH, PERFORMANCE, RULES, WINDOWS, alarm_in, view_of
from components.alarm_one import evaluations_part, head_part, one_part
from components.alarm_page import AlarmsShown, Place, Told, alarm_page, framed, told_json
from components.alarm_rows import wire
from components.alarm_rule_words import condition_words
from components.alarm_rules import rules_parts
from components.alarm_script import MAKE_CASE
from components.alarm_windows import windows_view
from components.as_html import as_html
from components.i18n import _, use
from data import models as m
from data.alarms.acts import allowed, longest
from data.alarms.states import Stood
from data.catalogue import Catalogue
from data.logs import logger
from data.panels.board import is_demo
from data.queries.alarms import console
from data.queries.alarms.console_filter import House
from data.queries.alarms.judged import judged
from data.queries.alarms.one import one_alarm
from data.queries.alarms.spoken import spoken_with
from data.queries.scope import Scope
from data.store import Store, utc_now
from data.vocabulary import Role
from data.vocabulary.alarm_console import MOST, ConsoleView, OneAlarm
from data.vocabulary.alarms import AlarmAct, AlarmState

log = logger("alerts")

ACTING = frozenset({Role.OPERATOR, Role.LEADER, Role.DEPARTMENT, Role.STEWARD})
ROLES = ACTING | {Role.VIEWER, Role.AUDITOR}
MAKERS = frozenset({Role.OPERATOR, Role.LEADER})
"""Who makes a case by hand, as at the desk."""
OWN = ("/dash_ag_grid/", "/assets/alerts/")
MOST_PAGES = 20
MOST_UNFOLDED = 30


@dataclass(frozen=True)
class Desk:
    """What the page works with."""

    store: Store
    hub: Hub
    catalogue: Catalogue

    @property
    def place(self) -> Place:
        """Return where the page stands."""
        return Place(self.catalogue.city.code, self.catalogue.city.name, self.hub.build)


def page(store: Store, hub: Hub, catalogue: Catalogue) -> Page:
    """Return the page over the store."""
    desk = Desk(store, hub, catalogue)

    def layout(asked: Asked) -> Component:
        hub.start()
        with use(chosen_language(asked)):
            return TABS.get(asked.get("view", ""), _list)(desk, asked)

    def parts() -> Component:
        with use("zh"):
            listed = alarm_page(
                AlarmsShown(counts={"total": 0, "groups": 0, "state": {}, "priority": {}}),
                ConsoleView(), desk.place, None, acting=True, now=0.0,
            )  # fmt: skip
            return html.Div([listed, rules_parts()])

    return Page(PATH, layout, parts, roles=ROLES, own=OWN)


def _performance(desk: Desk, asked: Asked) -> Component:
    actor = identity.require(*ROLES)
    return alert_performance.shown(
        desk.store, desk.catalogue, desk.place, identity.shown(), identity.scope(actor), asked
    )


def _windows(desk: Desk, asked: Asked) -> Component:
    identity.require(*ROLES)
    found = alarm_windows.shown(desk.store, desk.catalogue, asked)
    return framed(
        windows_view(found), WINDOWS, desk.place, identity.shown(), query=f"view={WINDOWS}",
        now=found.now, demo=found.demo, foot=_("Source: windows made in this system"),
    )  # fmt: skip


def reads() -> Scope:
    """Return what whoever asks may see. Raises what `identity.require` raises."""
    return identity.scope(identity.require(*ROLES))


def _list(desk: Desk, asked: Asked) -> Component:
    actor, view, now = identity.require(*ROLES), view_of(asked), utc_now()
    shown = _shown(desk, identity.scope(actor), view, alarm_in(asked), now)
    return alarm_page(
        shown, view, desk.place, identity.shown(), acting=actor.role in ACTING, now=now.timestamp()
    )


def _rules(desk: Desk, asked: Asked) -> Component:
    actor = identity.require(*ROLES)
    return alarm_rules.shown(desk.store, desk.catalogue, desk.place, identity.shown(), actor, asked)


TABS: dict[str, Callable[[Desk, Asked], Component]] = {
    PERFORMANCE: _performance, RULES: _rules, WINDOWS: _windows,
}  # fmt: skip


def _shown(
    desk: Desk, scope: Scope, view: ConsoleView, alarm: int | None, now: datetime
) -> AlarmsShown:
    """Ask the store for what an address means; without the store the page says so."""
    try:
        with desk.store.read() as conn:
            house = spoken_with(conn, desk.catalogue, now)
            rows = console.rows(conn, house, scope, view)
            return AlarmsShown(
                rows=[wire(row, now.timestamp()) for row in rows],
                counts=console.counts(conn, house, scope, view),
                told=told(conn, desk.catalogue.city.code),
                demo=is_demo(conn),
                found=choices(desk.catalogue, house.rules, scope.areas),
                alarm=alarm,
            )
    except Exception:
        log.exception("the alarm page cannot ask the store")
        return AlarmsShown()


def told(conn: Connection, city: str) -> Told:
    """Return what the newest published panel says of the city."""
    p = m.panel_snapshot.c
    found = conn.scalar(select(p.payload).where(p.panel == PANEL, p.area == city))
    if not found:
        return Told()
    panel = json.loads(found)
    return Told(panel["flood"], panel["flood_count"], panel["undelivered"], seen=True)


# ---- what the scripts ask ----


def register(server: Flask, store: Store, hub: Hub, catalogue: Catalogue) -> None:
    """Attach the page's own addresses."""
    desk = Desk(store, hub, catalogue)

    @json_route(server, f"{PATH}/rows")
    def rows() -> Answer:
        return _rows(desk, reads(), request.args)

    @json_route(server, f"{PATH}/one/<no>")
    def one(no: str) -> Answer:
        return _one(desk, no)

    @json_route(server, f"{PATH}/judged/<no>")
    def evaluations(no: str) -> Answer:
        return _judged(desk, no)


def _rows(desk: Desk, scope: Scope, asked: Mapping[str, str]) -> Answer:
    """Return the rows of a view with those of the situations that are unfolded, and its counts."""
    view, now = view_of(asked), utc_now()
    pages = min(max(int(asked.get("pages", "1")[:3]), 1), MOST_PAGES)
    unfolded = [int(g) for g in asked.get("open", "").split(",") if g.isdigit()][:MOST_UNFOLDED]
    with desk.store.read() as conn:
        house = spoken_with(conn, desk.catalogue, now)
        found = console.rows(conn, house, scope, view, limit=MOST * pages, unfolded=unfolded)
        return answer(
            rows=[wire(row, now.timestamp()) for row in found],
            counts=console.counts(conn, house, scope, view),
            told=told_json(told(conn, desk.catalogue.city.code)),
            now=now.timestamp(),
        )


def _one(desk: Desk, no: str) -> Answer:
    actor, now = identity.require(*ROLES), utc_now()
    with desk.store.read() as conn:
        house, id_ = spoken_with(conn, desk.catalogue, now), alarm_in({"alarm": no})
        return drawn(conn, house, identity.scope(actor), actor.role, id_, now)


def _judged(desk: Desk, no: str) -> Answer:
    scope, id_, now = reads(), alarm_in({"alarm": no}), utc_now()
    with desk.store.read() as conn:
        house = spoken_with(conn, desk.catalogue, now)
        found, decimals = judged(conn, house, scope, id_ or 0, now=now)
    return answer(id=id_ or 0, html=as_html(evaluations_part(found, decimals)))


def drawn(
    conn: Connection, house: House, scope: Scope, role: Role, id_: int | None, now: datetime
) -> Answer:
    """Return one alarm as the page shows it beside the list; `refused` if it is not there."""
    found = one_alarm(conn, house, scope, id_, now=now) if id_ is not None else None
    if found is None:
        return answer(id=0, refused=_("There is no such alarm for you"))
    at = now.timestamp()
    return answer(
        id=found["row"]["id"],
        v=found["row"]["version"],
        row=wire(found["row"], at),
        head=as_html(head_part(found, at)),
        html=as_html(one_part(found, at, _condition(house, found["row"]["rule"]))),
        **may(found, role),
    )


def _condition(house: House, rule: str) -> str:
    known = house.rules.get(rule)
    if known is None:
        return ""
    return condition_words(known.condition, alarm_rules.terms(house.catalogue))


def may(found: OneAlarm, role: Role) -> dict[str, Any]:
    """Return what somebody of a role may do to an alarm now, and for how long at the most."""
    row = found["row"]
    stood = Stood(AlarmState(row["state"]), row["active"], row["priority"], row["latched"])
    can = [a.value for a in allowed(stood, role) if a is not AlarmAct.LINK]
    if role in MAKERS and not row["case_no"] and not found["ended_at"]:
        can.append(MAKE_CASE)
    shelf = longest(AlarmAct.SHELVE, row["priority"])
    return {
        "allowed": can,
        "shelf_s": shelf.total_seconds(),
        "category": found["category"] or "",
        "placed": found["placed"],
    }
