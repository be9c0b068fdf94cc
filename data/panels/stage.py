"""The panel of the city's stage, and everything its page shows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from data import snapshots
from data.catalogue import Catalogue
from data.queries.keys import Keys
from data.queries.stage import StageNow, responses, stage_now
from data.queries.stage_asked import Asked, asked, names_of, said
from data.stage import CALM
from data.stage.said import fired_for, lower_said
from data.vocabulary import Names
from data.vocabulary.alarms import StagePanel

PANEL, TTL = "stage", 120
HOLDS: Names = {
    "zh": "规则现要求的阶段较低，保持时间未满，建议暂不降低",
    "en": "The rules ask for less now; the proposal stays until its hold time is over",
}


def stage_panel(
    conn: Connection, catalogue: Catalogue, keys: Keys, now: datetime, *,
    as_of: datetime | None = None,
) -> StagePanel:  # fmt: skip
    """Return how the stage stands, or stood as far as was known at `as_of`.

    What would lower it is asked of the alarms that stand now; in the past it is what was kept
    with the proposal.
    """
    stands = stage_now(conn, as_of)
    found = asked(conn, catalogue, keys, now) if as_of is None else None
    proposed = stands.proposal.stage if stands.proposal else CALM
    in_force = stands.confirmed.stage if stands.confirmed else None
    levels = catalogue.stage.levels
    sentence = stands.confirmed.sentence if stands.confirmed else levels[CALM].sentence
    return {
        "stage": in_force,
        "by": stands.confirmed.actor if stands.confirmed else None,
        "since": stands.since.timestamp() if stands.since else None,
        "proposed": proposed,
        "proposed_at": stands.proposal.at.timestamp() if stands.proposal else None,
        "sentence": sentence,
        "why": _why(stands, found, proposed, catalogue),
        "lower": _lower(stands, found, proposed, catalogue),
        "responses": responses(conn, catalogue, keys, as_of=as_of),
        "firing": sorted(stands.proposed.rules) if stands.proposed else [],
        "name": levels[in_force or CALM].name,
        "proposed_name": levels[proposed].name,
        "undecided": stands.undecided,
    }


def _why(stands: StageNow, found: Asked | None, proposed: int, catalogue: Catalogue) -> Names:
    if found is not None and found.judged.minimum >= proposed:
        return said(fired_for(found.judged, proposed) if proposed > CALM else (), catalogue)
    kept: Names | None = stands.proposal.why.get("said") if stands.proposal else None
    return kept or said((), catalogue)


def _lower(
    stands: StageNow, found: Asked | None, proposed: int, catalogue: Catalogue
) -> Names | None:
    if proposed == CALM:
        return None
    if found is None:
        kept: Any = stands.proposal.why.get("lower") if stands.proposal else None
        return kept["said"] if kept else None
    if found.judged.minimum < proposed:
        return HOLDS
    return lower_said(found.change, names_of(catalogue))


def stage_panels(
    conn: Connection, catalogue: Catalogue, keys: Keys, areas: list[str], now: datetime
) -> dict[tuple[str, str], StagePanel]:
    """Return the panel for the walls of some areas: all show the city's stage.

    A county's wall names the response levels of the city and its own; the city's all of them.
    """
    whole, city = stage_panel(conn, catalogue, keys, now), catalogue.city.code
    return {(PANEL, area): whole if area == city else _of(whole, {area, city}) for area in areas}


def _of(panel: StagePanel, areas: set[str]) -> StagePanel:
    own = [row for row in panel["responses"] if row["area"] in areas]
    return {**panel, "responses": own}


def publish_stage(conn: Connection, catalogue: Catalogue, keys: Keys, now: datetime) -> int:
    """Publish the panel to every wall; return for how many it changed."""
    areas = [catalogue.city.code, *(a.code for a in catalogue.counties())]
    panels = stage_panels(conn, catalogue, keys, areas, now)
    return snapshots.publish(conn, panels, now=now.timestamp(), ttl=TTL)
