"""Publishes one change a second, as the collector would, and tells when each was committed."""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

from sqlalchemy import select

from data import models as m
from data import snapshots
from data.panels.board import MOVING, PANEL_TTL
from data.store import open_store

CITY = "441600"


def main() -> None:
    """Print [[revision, epoch seconds just before its commit], …]."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--warm", type=int, default=0, help="changes before `ready` is said")
    parser.add_argument("--same", action="store_true", help="publish unchanged content")
    asked = parser.parse_args()
    store = open_store()
    told: list[list[float]] = []
    with store.read() as conn:
        p = m.panel_snapshot.c
        rows = conn.execute(
            select(p.panel, p.payload).where(p.area == CITY, p.panel.like("domain-%"))
        ).all()
    bodies: list[tuple[str, Any]] = [(panel, json.loads(body)) for panel, body in rows]
    start = time.monotonic()
    for step in range(asked.warm + int(asked.seconds)):
        if step == asked.warm:
            print("ready", flush=True)
            told.clear()
        time.sleep(max(0.0, start + step - time.monotonic()))
        panel, body = bodies[step % len(bodies)]
        if not asked.same:
            tile = body["tiles"][step // len(bodies) % len(body["tiles"])]
            tile["value"] = (tile["value"] or 0) + 1
        with store.write() as conn:
            snapshots.publish(
                conn, {(panel, CITY): body}, now=time.time(), ttl=PANEL_TTL, moving=MOVING
            )
            rev = int(conn.execute(select(m.live_rev.c.rev)).scalar_one())
            at = time.time()
        told.append([rev, at])
    print(json.dumps(told))


if __name__ == "__main__":
    main()
