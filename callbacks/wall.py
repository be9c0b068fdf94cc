"""The wall's page, and the clicks on it that need no server: county, drawer, list of sources."""

from __future__ import annotations

import json
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output
from dash.development.base_component import Component
from sqlalchemy.exc import SQLAlchemyError

from callbacks.guard import WATCHERS
from callbacks.hub import Hub
from callbacks.pages import GRAPH, PLOTLY, Asked, Page, chosen_language
from components.replaying import Replay
from components.wall import CityWall, Ids, tile_id, wall_page
from data.catalogue import Catalogue
from data.logs import logger
from data.panels.then import panels_at
from data.snapshots import Snapshot
from data.store import Store, utc_now
from data.vocabulary import Names

log = logger("wall")
SOUND = "/assets/wall/"
"""What only the wall gets: the sound of alarms."""


def page(store: Store, hub: Hub, catalogue: Catalogue) -> Page:
    """Return the wall's page over what `hub` holds; of the past over the store."""
    city = _city_wall(catalogue, hub.build)

    def drawn(newest: dict[str, Snapshot], lang: str, area: str) -> Component:
        return wall_page(
            city,
            {panel: json.loads(shown.payload) for panel, shown in newest.items()},
            revisions={panel: shown.rev for panel, shown in newest.items()},
            lang=lang,
            area=area,
            now=utc_now().timestamp(),
        )

    def layout(asked: Asked) -> Component:
        hub.start()
        area = asked.get("area", "")
        area = area if area in city.areas else catalogue.city.code
        return drawn(hub.newest(area), chosen_language(asked), area)

    def then(asked: Asked, replay: Replay) -> Component:
        """Return the wall as it was; while the store is lost its panels are empty."""
        area = asked.get("area", "")
        area = area if area in city.areas else catalogue.city.code
        payloads: dict[str, Any] = {}
        try:
            with store.read() as conn:
                payloads = panels_at(conn, catalogue, area, replay.at, now=replay.now)
        except SQLAlchemyError as error:
            log.warning("an instant cannot be shown", error=str(error).split("\n")[0])
        return wall_page(
            city, payloads, lang=chosen_language(asked), area=area, now=replay.at.timestamp()
        )

    return Page(
        "/",
        layout,
        lambda: drawn({}, "zh", catalogue.city.code),
        scripts=(GRAPH,),
        own=(*PLOTLY, SOUND),
        roles=WATCHERS,
        then=then,
    )


def _city_wall(catalogue: Catalogue, build: str) -> CityWall:
    city, counties = catalogue.city, [a.code for a in catalogue.counties()]
    names: dict[str, Names] = {d.key: d.name for d in catalogue.domains.values()}
    names |= {
        i.code: (i.wall.name if i.wall and i.wall.name else i.name)
        for i in catalogue.indicators.values()
    }
    return CityWall(
        name=city.name,
        areas={code: catalogue.areas[code].name for code in (city.code, *counties)},
        tiles={d: [i.code for i in catalogue.wall_indicators(d)] for d in catalogue.wall_domains()},
        build=build,
        names=names,
        title=city.title,
        map_note=city.map.get("notice"),
        review_number=city.map.get("review_number", ""),
    )


def register(app: Dash) -> None:
    """Attach the wall's clientside callbacks; their functions stand in assets/wall.js."""
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("zhizhi", "area"),
        Output(Ids.AREA, "data"),
        Input(Ids.MAP, "clickData"),
        Input(Ids.AREA_HOME, "n_clicks"),
        prevent_initial_call=True,
    )
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("zhizhi", "drawer"),
        Output(Ids.DRAWER, "className"),
        Input(tile_id(ALL), "n_clicks"),
        Input(Ids.DRAWER_CLOSE, "n_clicks"),
        prevent_initial_call=True,
    )
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("zhizhi", "overlay"),
        Output(Ids.SOURCES, "className"),
        Input(Ids.SOURCES_BUTTON, "n_clicks"),
        Input(Ids.SOURCES_CLOSE, "n_clicks"),
        prevent_initial_call=True,
    )
