"""The wall: one page, and what each published panel changes on it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from dash import dcc, html

from components.alarm_marks import alarm_props
from components.domain_panel import domain_panel, domain_props
from components.empty import failed
from components.header import header, header_props
from components.i18n import _, name, use
from components.ids import PANELS, Ids, Props, domain_note_id, key, tile_id
from components.live_banner import live_banner
from components.map_panel import map_panel, map_props
from components.queue_panel import queue_panel, queue_props
from components.shell import drawer, footer, sources_overlay
from components.sources_panel import sources_props
from components.stage_mark import stage_props
from data.vocabulary import (
    DomainPanel,
    HeaderPanel,
    MapPanel,
    Names,
    QueuePanel,
    SourcesPanel,
)
from data.vocabulary.alarms import AlarmsPanel, StagePanel

__all__ = [
    "PANELS",
    "CityWall",
    "Ids",
    "Props",
    "domain_note_id",
    "key",
    "render_panel",
    "tile_id",
    "wall_page",
]

DOMAIN = "domain-"
_SAYS: dict[str, str] = {
    "header": Ids.RESPONSE,
    "map": Ids.MAP_TOTAL,
    "queue": Ids.QUEUE_ROWS,
    "sources": Ids.FOOTER,
    "stage": Ids.STAGE,
    "alarms": Ids.ALARM_COUNTS,
}
"""Where a panel that cannot be drawn says so."""

DESK_CHANGES = "desk-changes"
"""What the desk's script reads of its panel; no part of a page has this name."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CityWall:
    """What a wall shows to every visitor alike.

    name: of the city.
    areas: code and name of everything that can be chosen; the first is the city.
    tiles: indicator codes by domain, both in the order of the wall.
    build: version of the program; the page reloads itself once when it changes.
    names: names of those domains and indicators, for before their first data.
    title: what the wall is called, if it is not made from the city's name.
    map_note: what must be said about the map's outlines.
    review_number: review number of a published map (审图号).
    """

    name: Names
    areas: Mapping[str, Names]
    tiles: Mapping[str, Sequence[str]]
    build: str
    names: Mapping[str, Names] = field(default_factory=dict)
    title: Names | None = None
    map_note: Names | None = None
    review_number: str = ""


def render_panel(panel: str, payload: Mapping[str, Any], *, lang: str, area: str) -> Props:
    """Return {component id: {property: value}} for one panel; pattern ids are JSON.

    The same answer feeds the first paint and every push. Raises when the payload
    is not what the panel's TypedDict says; the caller keeps the other panels going.
    """
    with use(lang):
        if panel.startswith(DOMAIN):
            return domain_props(cast(DomainPanel, payload))
        if panel == "header":
            return header_props(cast(HeaderPanel, payload))
        if panel == "map":
            return map_props(cast(MapPanel, payload), area)
        if panel == "queue":
            return queue_props(cast(QueuePanel, payload))
        if panel == "desk":
            return {DESK_CHANGES: {"data": payload}}
        if panel == "stage":
            return stage_props(cast(StagePanel, payload))
        if panel == "alarms":
            return alarm_props(cast(AlarmsPanel, payload))
        if panel == "sources":
            return sources_props(cast(SourcesPanel, payload))
        raise ValueError(f"no such panel: {panel}")


def wall_page(
    city: CityWall,
    panels: Mapping[str, Mapping[str, Any]],
    *,
    lang: str,
    area: str,
    now: float,
    revisions: Mapping[str, int] | None = None,
) -> html.Div:
    """Return the whole wall with what is known now.

    Args:
        city: what every visitor of this wall gets alike.
        panels: payload by panel name; a panel that is missing shows its empty state.
        lang: zh or en.
        area: whose values `panels` holds.
        now: server's clock, epoch seconds.
        revisions: of `panels`; what is pushed again at the same one need not be drawn again.
    """
    home, areas = next(iter(city.areas), area), city.areas
    with use(lang):
        fill = _fill(panels, lang, area)
        parts = [
            header(fill, title=_title(city), area=area, areas=areas, home=home),
            _body(city, fill, area),
            footer(fill, area=area),
            live_banner(
                area=area,
                home=home,
                areas=areas,
                build=city.build,
                now=now,
                revisions=revisions or {},
            ),
            drawer(),
            sources_overlay(),
            dcc.Store(id=Ids.AREA, data=area),
        ]
        return html.Div(parts, id=Ids.WALL, className=f"wall-root lang-{lang}", lang=lang)


def _title(city: CityWall) -> str:
    return name(city.title) or _("{city} Operations Command").format(city=name(city.name))


def _body(city: CityWall, fill: Props, area: str) -> html.Main:
    note = " ".join(part for part in (name(city.map_note), city.review_number) if part)
    domains = [domain_panel(d, codes, fill, city.names) for d, codes in city.tiles.items()]
    right = html.Div([html.Div(domains, className="dom"), queue_panel(fill)], className="rt")
    return html.Main([map_panel(fill, area=area, note=note), right], className="bd")


def _fill(panels: Mapping[str, Mapping[str, Any]], lang: str, area: str) -> Props:
    """Render what there is; a panel that fails says so, and the log says why."""
    fill: Props = {}
    for panel, payload in panels.items():
        try:
            fill |= render_panel(panel, payload, lang=lang, area=area)
        except Exception:  # whatever is wrong with one panel, the others must show
            log.exception("panel %s cannot be drawn", panel)
            fill |= _failed(panel)
    return fill


def _failed(panel: str) -> Props:
    if panel.startswith(DOMAIN):
        place = key(domain_note_id(panel.removeprefix(DOMAIN)))
    else:
        place = _SAYS.get(panel, "")
    if panel == "queue":
        return {place: {"children": [html.Tr(html.Td(failed(), colSpan=6), className="alone")]}}
    return {place: {"children": _("Cannot be shown")}}
