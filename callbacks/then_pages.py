"""How the alarm page and the stage's page look back: what stood, as it was known then."""

from __future__ import annotations

from collections.abc import Callable

from dash.development.base_component import Component
from sqlalchemy.exc import SQLAlchemyError

from callbacks import identity
from callbacks.hub import Hub
from components.alarms_then import alarms_then_page, stage_then_page
from components.i18n import use
from components.replaying import Replay
from data.catalogue import Catalogue
from data.logs import logger
from data.panels.stage import stage_panel
from data.queries.alarms.standing import standing
from data.queries.keys import read_keys
from data.queries.stage import history
from data.store import Store

log = logger("replay")
Draw = Callable[[str, Replay], Component]
"""(language, replay) -> the page"""


def alarms_then(store: Store, hub: Hub, catalogue: Catalogue) -> Draw:
    """Return what draws the alarm page at an instant, within the reader's areas."""
    city = catalogue.city

    def draw(lang: str, replay: Replay) -> Component:
        scope = identity.scope(identity.current()).areas
        rows = None
        try:
            with store.read() as conn:
                found = standing(conn, catalogue, read_keys(conn), as_of=replay.at)
                rows = [r for r in found if scope is None or r["area"] in scope]
        except SQLAlchemyError as error:
            log.warning("alarms cannot be shown", error=str(error).split("\n")[0])
        with use(lang):
            return alarms_then_page(
                rows, area=city.code, city=city.name, build=hub.build,
                now=replay.at.timestamp(), signed=identity.shown(),
            )  # fmt: skip

    return draw


def stage_then(store: Store, hub: Hub, catalogue: Catalogue) -> Draw:
    """Return what draws the stage's page at an instant."""
    city = catalogue.city

    def draw(lang: str, replay: Replay) -> Component:
        panel, events = None, []
        try:
            with store.read() as conn:
                keys = read_keys(conn)
                panel = stage_panel(conn, catalogue, keys, replay.at, as_of=replay.at)
                events = history(conn, replay.at, as_of=replay.at, most=40)
        except SQLAlchemyError as error:
            log.warning("the stage cannot be shown", error=str(error).split("\n")[0])
        with use(lang):
            return stage_then_page(
                panel, events, area=city.code, city=city.name, build=hub.build,
                now=replay.at.timestamp(), signed=identity.shown(),
            )  # fmt: skip

    return draw
