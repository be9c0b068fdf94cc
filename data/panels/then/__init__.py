"""The panels of the wall as they were known at an instant: the payloads the live ones have."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from data.catalogue import Catalogue
from data.panels.alarms import alarms_panel_at
from data.panels.board import header_panel, is_demo
from data.panels.stage import stage_panel
from data.panels.then.matters import matters_then
from data.panels.then.tiles import tiles_then
from data.queries.keys import read_keys
from data.queries.then.cases import Moment
from data.queries.then.heard import source_rows_then
from data.queries.then.reach import moment_of
from data.queries.then.warnings import in_force_then
from data.store import utc_now
from data.vocabulary import DomainPanel
from data.vocabulary.alarms import StagePanel

Panels = dict[str, Any]


def panels_at(
    conn: Connection,
    catalogue: Catalogue,
    area: str,
    at: datetime,
    *,
    now: datetime | None = None,
) -> Panels:
    """Return every panel of the wall of an area as it was known at `at`, by its name.

    now: the present, by which it is known what is not kept any more.
    """
    keys, moment = read_keys(conn), moment_of(conn, at)
    panels = _domains(conn, catalogue, area, moment, now or utc_now())
    matters = matters_then(conn, catalogue, keys, area, moment)
    panels["queue"] = matters.queue(area)
    panels["map"] = matters.map(area)
    panels["header"] = header_panel(
        catalogue, in_force_then(conn, moment), matters, area, demo=is_demo(conn)
    )
    panels["stage"] = _stage(conn, catalogue, area, moment)
    panels["alarms"] = alarms_panel_at(conn, catalogue, keys, area, moment.at)
    panels["sources"] = {"sources": source_rows_then(conn, catalogue, keys, moment.known)}
    return panels


def _stage(conn: Connection, catalogue: Catalogue, area: str, moment: Moment) -> StagePanel:
    """Return the city's stage; a county's wall names response levels of the city and its own."""
    city = catalogue.city.code
    whole = stage_panel(conn, catalogue, read_keys(conn), moment.at, as_of=moment.at)
    if area == city:
        return whole
    return {**whole, "responses": [r for r in whole["responses"] if r["area"] in (area, city)]}


def _domains(
    conn: Connection, catalogue: Catalogue, area: str, moment: Moment, now: datetime
) -> Panels:
    keys = read_keys(conn)
    chosen = {d: catalogue.wall_indicators(d) for d in catalogue.wall_domains()}
    shown = [i for found in chosen.values() for i in found]
    tiles = tiles_then(conn, catalogue, keys, shown, area, moment, now=now)
    found: Panels = {}
    for domain, indicators in chosen.items():
        panel: DomainPanel = {
            "domain": domain,
            "name": catalogue.domains[domain].name,
            "tiles": [tiles[i.code] for i in indicators],
        }
        found[f"domain-{domain}"] = panel
    return found
