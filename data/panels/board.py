"""Build the panels of the wall for the city and each county, and publish what changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, select

from data import models as m
from data import snapshots
from data.catalogue import Catalogue
from data.catalogue.entries import Source
from data.panels.alarms import alarms_panels
from data.panels.desk import moved, moved_by
from data.panels.matters import Matters, ask
from data.panels.stage import stage_panels
from data.panels.tiles import scene, tile
from data.queries.keys import Keys, read_keys
from data.queries.sources import source_rows
from data.queries.then.heard import note_states
from data.queries.warnings import ActiveWarning, in_force
from data.vocabulary import (
    DeskPanel,
    DomainPanel,
    HeaderPanel,
    SourcesPanel,
    SourceState,
    WarningRow,
)

PANEL_TTL = 120
"""Seconds after which a panel that nobody confirmed is shown as stale."""

MOVING = frozenset({"known_at", "observed_at"})
"""Fields that move with every poll; they wake nobody and travel in the heartbeat."""

Panels = dict[tuple[str, str], Any]


def publish_for(
    conn: Connection,
    catalogue: Catalogue,
    source: Source,
    now: datetime,
    *,
    connector: str = "",
    alarms: Collection[str] = (),
) -> int:
    """Publish the panels that a poll of `source` may have changed.

    connector: what was read, if it was not the source's own connector. alarms: codes of the areas
    whose alarms moved; their panel is published whether somebody looks or not.

    For the city and the counties that somebody looks at; the others follow
    with the next `publish_all`.
    """
    seen = snapshots.watched_areas(conn, now=now)
    areas = [catalogue.city.code, *(a.code for a in catalogue.counties() if a.code in seen)]
    domains = {i.domain for i in catalogue.of_source(source.key) if i.wall}
    read = connector or source.connector
    matters = source.tells_cases(read)
    header = matters or read in ("cap", "cma-warning")
    desk = moved_by(conn, catalogue, read_keys(conn), source) if matters else None
    return _publish(
        conn, catalogue, now, domains, areas, matters=matters, header=header, desk=desk,
        alarms=alarms,
    )  # fmt: skip


def publish_all(conn: Connection, catalogue: Catalogue, now: datetime) -> int:
    """Publish every panel."""
    areas = [catalogue.city.code, *(a.code for a in catalogue.counties())]
    return _publish(
        conn, catalogue, now, set(catalogue.wall_domains()), areas, matters=True, header=True,
        alarms=areas, stage=True,
    )  # fmt: skip


def publish_moved(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    case_nos: Sequence[str],
    counties: Collection[int],
    now: datetime,
    *,
    matter: bool,
    alarms: Collection[str] = (),
) -> int:
    """Publish what an act on some cases changes: the desk, and if one is a matter the board.

    counties: row ids of those the cases lie in. The map of other counties, which counts these
    too, follows with the next `publish_all`. alarms: areas whose alarms moved with it.
    """
    city = catalogue.city.code
    panels: Panels = {("desk", city): moved(conn, city, case_nos)}
    if alarms:
        panels |= alarms_panels(conn, catalogue, keys, alarms, now)
    if matter:
        own = [a.code for a in catalogue.counties() if keys.areas[a.code] in counties]
        _matter_panels(conn, catalogue, keys, [city, *own], now, panels, queue=True)
    return snapshots.publish(
        conn, panels, moving=MOVING, now=now.timestamp(), ttl=PANEL_TTL, known={}
    )


def publish_alarms(
    conn: Connection, catalogue: Catalogue, keys: Keys, areas: Collection[str], now: datetime
) -> int:
    """Publish what an act on alarms changes: their panel, in these areas."""
    panels: Panels = dict(alarms_panels(conn, catalogue, keys, areas, now))
    return snapshots.publish(
        conn, panels, moving=MOVING, now=now.timestamp(), ttl=PANEL_TTL, known={}
    )


def _publish(
    conn: Connection,
    catalogue: Catalogue,
    now: datetime,
    domains: set[str],
    areas: list[str],
    *,
    matters: bool,
    header: bool,
    desk: DeskPanel | None = None,
    alarms: Collection[str] = (),
    stage: bool = False,
) -> int:
    keys = read_keys(conn)
    panels: Panels = {("desk", areas[0]): desk} if desk else {}
    known = _domain_panels(conn, catalogue, keys, domains, areas, now, panels)
    if matters or header:
        _matter_panels(conn, catalogue, keys, areas, now, panels, queue=matters)
    if stage:
        panels |= stage_panels(conn, catalogue, keys, areas, now)
    if alarms:
        panels |= alarms_panels(conn, catalogue, keys, alarms, now)
    panels["sources", areas[0]], known["sources", areas[0]] = _sources(
        conn, catalogue, keys, now, sure=len(areas) > len(catalogue.counties())
    )
    for area in areas[1:]:
        panels["sources", area] = panels["sources", areas[0]]
    return snapshots.publish(
        conn, panels, moving=MOVING, now=now.timestamp(), ttl=PANEL_TTL, known=known
    )


def _domain_panels(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    domains: Iterable[str],
    areas: list[str],
    now: datetime,
    panels: Panels,
) -> dict[tuple[str, str], dict[str, float]]:
    """Add the domain panels; return (domain, area) -> indicator -> when last known."""
    chosen = {d: catalogue.wall_indicators(d) for d in domains}
    shown = [i for found in chosen.values() for i in found]
    known: dict[tuple[str, str], dict[str, float]] = {}
    if not shown:
        return {}
    view = scene(conn, catalogue, keys, shown, areas, now=now)
    for domain, indicators in chosen.items():
        for area in areas:
            tiles = [tile(view, indicator, area) for indicator in indicators]
            panel: DomainPanel = {
                "domain": domain,
                "name": catalogue.domains[domain].name,
                "tiles": tiles,
            }
            panels[f"domain-{domain}", area] = panel
            known[domain, area] = {t["code"]: t["known_at"] for t in tiles if t["known_at"]}
    return known


def _matter_panels(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    areas: list[str],
    now: datetime,
    panels: Panels,
    *,
    queue: bool,
) -> None:
    matters = Matters(ask(conn, areas, catalogue, keys, now, queue=queue), catalogue, keys)
    demo = is_demo(conn)
    warnings = in_force(conn, now=now)
    for area in areas:
        if queue:
            panels["queue", area] = matters.queue(area)
            panels["map", area] = matters.map(area)
        panels["header", area] = header_panel(catalogue, warnings, matters, area, demo=demo)


def header_panel(
    catalogue: Catalogue, warnings: list[ActiveWarning], matters: Matters, area: str, *, demo: bool
) -> HeaderPanel:
    """Return what the header of an area says: warnings in force, and its gravest matter."""
    city = catalogue.city.code
    here = [w for w in warnings if area == city or {area, city} & w.areas]
    responses = [w for w in here if w.response]
    return {
        "demo": demo,
        "scenario": None,
        "response": _warning(responses[0]) if responses else None,
        "warnings": [_warning(w) for w in here if not w.response][:5],
        "red": matters.red(area),
    }


def _warning(w: ActiveWarning) -> WarningRow:
    return {
        "level": w.level,
        "headline": w.headline,
        "event": w.event,
        "sent_at": w.sent.timestamp(),
        "expires_at": w.expires.timestamp() if w.expires else None,
        "areas": sorted(w.areas),
        "response": w.response is not None,
        "verified": False,
    }


def _sources(
    conn: Connection, catalogue: Catalogue, keys: Keys, now: datetime, *, sure: bool
) -> tuple[SourcesPanel, dict[str, float]]:
    """Return the footer's panel, and when each source last answered well.

    What moves with each good poll is no content: it travels in the heartbeat. What is said of a
    source is kept as it changes, for whoever looks back; sure: by what the store keeps of it.
    """
    rows = source_rows(conn, catalogue, keys, now=now, counted=False, waiting=False)
    heard = {row["key"]: row["last_ok_at"] for row in rows if row["last_ok_at"]}
    for row in rows:
        row["last_try_at"] = None
        if row["state"] in (SourceState.FRESH.value, SourceState.NEVER.value):
            row["last_ok_at"] = row["error"] = None
    note_states(conn, keys, rows, now, sure=sure)
    return {"sources": rows}, heard


_demo: WeakKeyDictionary[Engine, bool] = WeakKeyDictionary()


def is_demo(conn: Connection) -> bool:
    """Return whether the store holds the synthetic city; every screen must say so.

    Once a demo, always a demo: only that answer is kept.
    """
    if not _demo.get(conn.engine):
        i = m.store_info.c
        found = conn.execute(select(i.value).where(i.key == "demo")).scalar() == "true"
        _demo[conn.engine] = found
    return _demo[conn.engine]
