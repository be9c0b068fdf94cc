"""The weekly review: which week and area an address means, and its page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from dash import Dash, Input, Output, State
from dash.development.base_component import Component
from sqlalchemy.exc import SQLAlchemyError

from callbacks import identity, weekly_acts
from callbacks.hub import Hub
from callbacks.pages import Asked, Page, chosen_language
from callbacks.weekly_kept import Kept
from components.i18n import _, language, use
from components.review_head import gone
from components.review_ids import OWN, PATH, WeekIds, WeekView, read_week, view_of
from components.review_loop import LateShown
from components.review_page import Choice, House, Shown, page_parts, weekly_body, weekly_page
from components.review_promises import Rights
from data.calendar.week import Week
from data.cases.loop import Actor
from data.catalogue import Catalogue
from data.commands.review.rights import LEADERS, WRITERS
from data.logs import logger
from data.panels import weekly as panel
from data.panels.board import is_demo
from data.queries.keys import read_keys
from data.queries.review.meeting import minutes
from data.queries.review.reach import first_week
from data.store import Store, utc_now
from data.vocabulary import COUNTY_LEVEL, TOWN_LEVEL, Role
from data.vocabulary.review import Review

log = logger("weekly")
READERS = frozenset(
    {Role.VIEWER, Role.OPERATOR, Role.DEPARTMENT, Role.LEADER, Role.STEWARD, Role.AUDITOR}
)


def page(store: Store, hub: Hub, catalogue: Catalogue) -> Page:
    """Return the page over the store."""
    house = _house(catalogue, hub.build)
    desk = Desk(store, catalogue, house)

    def layout(asked: Asked) -> Component:
        hub.start()
        lang, now = chosen_language(asked), utc_now()
        with use(lang):
            shown = desk.shown(view_of(asked), identity.current(), now)
        return weekly_page(shown, house, identity.shown(), lang=lang, now=now.timestamp())

    return Page(PATH, layout, page_parts, roles=READERS, own=OWN)


def register(app: Dash, store: Store, catalogue: Catalogue) -> None:
    """Attach the page's callbacks."""
    house = _house(catalogue, "")
    desk = Desk(store, catalogue, house)

    @app.callback(
        Output(WeekIds.BODY, "children"),
        Input(WeekIds.URL, "search"),
        Input(WeekIds.NUDGE, "data"),
        State(WeekIds.ROOT, "lang"),
        prevent_initial_call=True,
    )
    def show(search: str | None, _nudge: int, lang: str) -> Any:
        actor = identity.require(*READERS)
        asked = {k: v[0] for k, v in parse_qs((search or "").lstrip("?")).items()}
        with use(lang):
            return weekly_body(desk.shown(view_of(asked), actor, utc_now()), house)

    weekly_acts.register(app, store, catalogue)


def _house(catalogue: Catalogue, build: str) -> House:
    city = catalogue.city
    return House(city.code, catalogue.areas[city.code].name, build)


class Desk:
    """Finds what a reader is to see."""

    def __init__(self, store: Store, catalogue: Catalogue, house: House) -> None:
        self.store, self.catalogue, self.house = store, catalogue, house
        self.kept = Kept()

    def shown(self, asked: WeekView, actor: Actor | None, now: datetime) -> Shown:
        """Return the page an address means; what it cannot mean is said with what it can."""
        view = replace(asked, area=asked.area or self.catalogue.city.code)
        newest = str(panel.this_week(now) - 1)
        if view.area not in self.catalogue.areas:
            said = _("There is no area {code}: choose one above.").format(code=view.area)
            return self._wrong(replace(view, area=""), newest, said)
        week = read_week(view.week or newest)
        if week is None:
            said = _("{week} is no week: write it as {example}.").format(
                week=view.week, example=newest
            )
            return self._wrong(view, newest, said)
        view = replace(view, week=str(week))
        try:
            return self._page(view, week, newest, actor, now)
        except SQLAlchemyError as error:
            log.warning("the week cannot be shown", error=str(error).split("\n")[0])
            return Shown(view, self._choice(view, newest), lost=True)

    def _page(
        self, view: WeekView, week: Week, newest: str, actor: Actor | None, now: datetime
    ) -> Shown:
        with self.store.read() as conn:
            keys = read_keys(conn)
        review = panel.page(self.store, self.catalogue, keys, str(week), view.area, now)
        if gone(review["doubts"]):
            return replace(self._wrong(view, newest, ""), review=review)
        with self.store.read() as conn:
            found = minutes(conn, self.catalogue, keys, str(week), view.area, now, review)
        shown = Shown(
            view,
            self._choice(view, newest),
            review,
            found,
            self._rights(actor, view.area),
            _late(review, actor),
        )
        return replace(shown, drawn=self.kept.sheet(shown, self.house, language()))

    def _wrong(self, view: WeekView, newest: str, said: str) -> Shown:
        """Return the page that says what can be asked for."""
        first, demo = None, False
        try:
            with self.store.read() as conn:
                keys = read_keys(conn)
                area = view.area or self.catalogue.city.code
                first, demo = first_week(conn, self.catalogue, keys, area), is_demo(conn)
        except SQLAlchemyError as error:
            log.warning("the first week cannot be asked for", error=str(error).split("\n")[0])
        choice = self._choice(view, newest, str(first) if first else "")
        return Shown(view, choice, wrong=said, demo=demo)

    def _choice(self, view: WeekView, newest: str, first: str = "") -> Choice:
        areas = self.catalogue.areas
        tops = [areas[self.catalogue.city.code], *self.catalogue.counties()]
        here = areas.get(view.area)
        county = here.code if here and here.level == COUNTY_LEVEL else ""
        if here and here.level == TOWN_LEVEL:
            county = here.parent or ""
        towns = [a for a in areas.values() if county and a.parent == county]
        return Choice(
            [(a.code, a.short) for a in tops], [(a.code, a.short) for a in towns], county,
            first, newest,
        )  # fmt: skip

    def _rights(self, actor: Actor | None, area: str) -> Rights:
        """Return what somebody may do in the review of an area; the commands ask again."""
        if actor is None:
            return Rights()
        reach = identity.scope(actor).areas
        covered = reach is None or area in reach
        leads = covered and actor.role in LEADERS
        own = self.catalogue.departments.get(actor.department or "")
        return Rights(
            promise=leads,
            edit=covered and actor.role in WRITERS,
            freeze=leads,
            own=own.name if own and actor.role is Role.DEPARTMENT else None,
            departments=_departments(self.catalogue) if leads else {},
        )


def _departments(catalogue: Catalogue) -> Mapping[str, Any]:
    return {key: d.name for key, d in catalogue.departments.items()}


def _late(review: Review, actor: Actor | None) -> LateShown:
    scope = identity.scope(actor)
    mine = [c for c in review["late"] if scope.covers(c["area_code"], [c["department_code"]])]
    return LateShown(mine, len(review["late"]) - len(mine))
