"""Do a source's points lie where they should? Compared with the same places as others know them."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import Connection, select

from data import geo
from data import models as m
from data.catalogue import Catalogue
from data.collector.quality.book import Found
from data.quality.places import MIN_PAIRS, Point, better_system, mistake
from data.queries.keys import Keys

KINDS = frozenset({"wrong_crs", "outside_city"})
LIMIT = 3000
"""Places of a source compared at most."""


def place_findings(conn: Connection, catalogue: Catalogue, keys: Keys) -> list[Found]:
    """Return sources whose stops or sites fit another coordinate system, or lie outside."""
    points = _points(conn)
    found: list[Found] = []
    for key, source in catalogue.sources.items():
        own = points.get(keys.sources[key])
        if not own:
            continue
        found += _outside(keys.sources[key], own)
        others = {name: p for other, named in points.items() if other != keys.sources[key]
                  for name, p in named.items()}  # fmt: skip
        pairs = [(p, others[name]) for name, p in own.items() if name in others]
        shift = better_system([a for a, _ in pairs], [b for _, b in pairs], source.crs)
        if shift:
            said = f"declared {source.crs}; {shift.n} places known elsewhere lie "
            said += f"{shift.before_m:.0f} m off, {shift.after_m:.0f} m if read as {shift.crs}"
            found.append(Found("wrong_crs", keys.sources[key], value=shift.crs, detail=said))
    return found


def _points(conn: Connection) -> dict[int, dict[str, Point]]:
    """Return the named places of each source; a name that stands twice says nothing."""
    found: dict[int, dict[str, Point]] = defaultdict(dict)
    for table in (m.facility, m.transit_stop):
        t = table.c
        query = select(t.source_id, t.name, t.lon, t.lat).where(t.lon.is_not(None), t.name != "")
        twice: set[tuple[int, str]] = set()
        for source, name, lon, lat in conn.execute(query.limit(LIMIT * 4)):
            if name in found[source]:
                twice.add((source, name))
            if len(found[source]) < LIMIT:
                found[source][name] = (lon, lat)
        for source, name in twice:
            del found[source][name]
    return found


def _outside(source_id: int, own: dict[str, Point]) -> list[Found]:
    outside = {name: p for name, p in own.items() if not geo.in_city(*p)}
    if len(outside) < min(MIN_PAIRS, len(own)) or not outside:
        return []
    mistakes = [mistake(*p, geo.in_city) for p in outside.values()]
    told = next((x for x in ("swapped", "lost_sign") if mistakes.count(x) * 2 > len(mistakes)), "")
    name, point = next(iter(outside.items()))
    said = f"{len(outside)} of {len(own)} places; {name} {point[1]:.5f}, {point[0]:.5f}"
    return [Found("outside_city", source_id, value=told, detail=said)]
