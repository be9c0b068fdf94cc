"""Where a number comes from: definition, facts, what they replaced, run, fetch, row."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from data import models as m
from data.catalogue import Catalogue
from data.catalogue.entries import Indicator
from data.queries.hidden import Veil
from data.queries.keys import Keys
from data.queries.provenance import Tracer
from data.queries.revisions import revisions
from data.queries.sources import source_rows
from data.vocabulary import Evidence, EvidenceLink, Names, Tile

LINKS, REVISIONS = 12, 10


def evidence(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    indicator: Indicator,
    area: str,
    tile: Tile,
    *,
    now: datetime,
) -> Evidence:
    """Return everything behind one tile: its newest facts and the way each came in."""
    source = catalogue.sources[indicator.source]
    rows = source_rows(conn, catalogue, keys, now=now)
    version = version_at(conn, keys.indicators[indicator.code])
    trace = Tracer(conn, catalogue, keys, indicator, Veil(conn, catalogue))
    below = areas_below(catalogue, keys, indicator, area)
    return {
        "code": indicator.code,
        "area": catalogue.areas[area].name,
        "tile": tile,
        "domain": catalogue.domains[indicator.domain].name,
        "department": catalogue.departments[indicator.department].name,
        "source": next(r for r in rows if r["key"] == source.key),
        "definition": indicator.definition,
        "numerator_name": indicator.numerator,
        "denominator_name": indicator.denominator,
        "aggregation": indicator.aggregation.value,
        "direction": indicator.direction.value,
        "target": target_words(indicator),
        "version": version[0],
        "valid_from": version[1],
        "standard": indicator.standard,
        "links": _links(trace, area),
        "revisions": revisions(trace, below, limit=REVISIONS)[0],
    }


TARGETS: dict[str, Names] = {
    "floor": {"zh": "不低于", "en": "not below"},
    "ceiling": {"zh": "不超过", "en": "not above"},
    "range": {"zh": "区间", "en": "range"},
    "band": {"zh": "自身常态区间", "en": "its own normal band"},
    "none": {"zh": "不设目标", "en": "no target"},
}
COLOURS = {
    1: ("红", "red"),
    2: ("橙", "orange"),
    3: ("黄", "yellow"),
    4: ("蓝", "blue"),
}


def target_words(indicator: Indicator) -> Names:
    """Return the target in words: its kind and the limit of each level, mildest first."""
    target = indicator.target
    zh, en = TARGETS[target.kind]["zh"], TARGETS[target.kind]["en"]
    for sign, limits in (("≥", target.levels), ("<", target.low)):
        sign = "<" if target.kind == "floor" else sign
        for level, limit in sorted(limits.items(), reverse=True):
            zh += f" · {COLOURS[level][0]} {sign} {limit:g}"
            en += f" · {COLOURS[level][1]} {sign} {limit:g}"
    return {"zh": zh, "en": en}


def version_at(conn: Connection, indicator: int, day: date | None = None) -> tuple[int, str, Any]:
    """Return (version, valid from, entry) of the definition in force on a day, or now.

    Days before the first version have the first.
    """
    v = m.indicator_version.c
    query = select(v.version, v.valid_from, v.entry).where(v.indicator_id == indicator)
    rows = conn.execute(query.order_by(v.valid_from, v.version)).all()
    valid = [r for r in rows if day is None or r.valid_from <= day]
    found = valid[-1] if valid else rows[0]
    return found.version, found.valid_from.isoformat(), found.entry


def areas_below(catalogue: Catalogue, keys: Keys, indicator: Indicator, area: str) -> list[int]:
    """Return the ids of the areas whose own facts make up the value of `area`."""
    if not indicator.rolls_up:
        return [keys.areas[area]]
    own = keys.areas[area]
    if area == catalogue.city.code:
        return sorted(keys.areas.values())
    return sorted(i for i in keys.areas.values() if i == own or keys.county_of.get(i) == own)


def _links(trace: Tracer, area: str) -> list[EvidenceLink]:
    """Return the newest fact of each area below, then older ones, newest first."""
    o, lt, conn = m.observation.c, m.latest.c, trace.conn
    iid = trace.keys.indicators[trace.indicator.code]
    below = areas_below(trace.catalogue, trace.keys, trace.indicator, area)
    query = select(lt.area_id, lt.grain, lt.period_start)
    rows = conn.execute(query.where(lt.indicator_id == iid, lt.area_id.in_(below)))
    newest = {a: (g, p) for a, g, p in rows}
    found: list[EvidenceLink] = []
    per_area = max(1, LINKS // max(1, len(newest)))
    for area_id, (grain, start) in sorted(newest.items()):
        facts = (
            select(m.observation)
            .where(o.indicator_id == iid, o.area_id == area_id, o.grain == grain)
            .where(o.period_start <= start)
            .order_by(o.period_start.desc())
            .limit(per_area)
        )
        found += [trace.link(row) for row in conn.execute(facts)]
    return sorted(found, key=lambda x: -x["period_start"])[: max(LINKS, len(newest))]
