"""Service requests of a busy year, as a large case extract would hold them."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from data.catalogue import Catalogue
from data.catalogue.entries import Source
from data.connectors.records import ServiceRequest


def made_requests(
    catalogue: Catalogue, source: Source, *, end: datetime, rows: int, seed: int = 7
) -> list[ServiceRequest]:
    """Return requests of all kinds from every town, the oldest first; most are closed."""
    rng = np.random.default_rng(seed)
    towns = [a for a in catalogue.areas.values() if a.level == 3]
    places = rng.integers(0, len(towns), rows).tolist()
    kinds = list(source.categories)
    kind = rng.integers(0, len(kinds), rows).tolist()
    hours = (rng.random(rows) * 72).tolist()
    found = []
    for n in range(rows):
        town = towns[places[n]]
        county = catalogue.areas[town.parent or town.code]
        at = end - timedelta(minutes=5 * (rows - n))
        closed = hours[n] < 60 and at + timedelta(hours=hours[n]) < end
        found.append(
            ServiceRequest(
                request_id=f"L-{n:07d}",
                status="closed" if closed else "open",
                status_notes="",
                service_code=kinds[kind[n]],
                service_name=kinds[kind[n]],
                agency="",
                description=f"第{n}号诉求：路灯不亮，请派人维修",
                address=f"{county.name['zh']}{town.name['zh']}",
                requested_at=at,
                updated_at=at + timedelta(hours=hours[n]) if closed else at,
                expected_at=None,
                lon=None,
                lat=None,
                priority="",
                row=n + 2,
            )
        )
    return found
