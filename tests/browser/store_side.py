"""What a test does to the store while a wall looks on."""

from __future__ import annotations

import json
import time
from typing import Any

from sqlalchemy import select

from components.formats import number
from data import models as m
from data import panels, snapshots
from data.catalogue import catalogue
from data.ingest.run import Outcome, ingest
from data.panels.board import MOVING, PANEL_TTL
from data.store import utc_now
from tests.bench.system import System

CITY = "441600"


def payload(system: System, panel: str, area: str = CITY) -> Any:
    """Return the newest payload of a panel."""
    p = m.panel_snapshot.c
    with system.store() as store, store.read() as conn:
        query = select(p.payload).where(p.panel == panel, p.area == area)
        return json.loads(conn.execute(query).scalar_one())


def publish(system: System, panel: str, body: Any, area: str = CITY) -> None:
    """Publish a panel as the collector would."""
    with system.store() as store, store.write() as conn:
        snapshots.publish(
            conn, {(panel, area): body}, now=time.time(), ttl=PANEL_TTL, moving=MOVING
        )


def show_value(system: System, value: float, *, tile: int = 0, panel: str = "services") -> str:
    """Publish another value of one tile and return it as the wall writes it."""
    body = payload(system, f"domain-{panel}")
    body["tiles"][tile] |= {"value": value, "decimals": 0}
    publish(system, f"domain-{panel}", body)
    return number(value)


def take(system: System, source: str, body: bytes) -> Outcome:
    """Store one file of a source and publish, as the collector would."""
    facts = catalogue()
    with system.store() as store:
        return ingest(
            store, facts, facts.sources[source], body, origin="file:///test/by-hand.json",
            now=utc_now(), publish=lambda conn, s, now: panels.publish_for(conn, facts, s, now),
        )  # fmt: skip
