"""The whole way of one number: value, definition, parts, facts, runs, files, corrections."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from data import models as m
from data.catalogue import Catalogue
from data.catalogue.entries import Indicator
from data.indicators.value import Counts, add_areas, value_of
from data.queries.evidence import areas_below, version_at
from data.queries.facts_at import (
    Part,
    add_up,
    area_parts,
    count_of,
    known_at,
    natives,
    standing,
    stored,
    time_parts,
)
from data.queries.hidden import Veil
from data.queries.keys import read_keys
from data.queries.periods import Period
from data.queries.provenance import Tracer
from data.queries.revisions import revisions
from data.vocabulary import Aggregation, Grain, Revision
from data.vocabulary.proof import Chain, ChainDefinition, PartRow


@dataclass(frozen=True)
class Question:
    """What is asked. period None: the newest. as_of: as it was known then. open: by a steward."""

    indicator: Indicator
    area: str
    period: Period | None
    as_of: datetime | None = None
    open: bool = False
    limit: int = 12


@dataclass(frozen=True)
class _Found:
    parts: list[Part]
    total: Counts | None
    kept: Counts | None
    facts: list[Any]
    fact_count: int


def chain(conn: Connection, catalogue: Catalogue, asked: Question) -> Chain | None:
    """Return the evidence of one number, None when there is no fact behind it."""
    keys = read_keys(conn)
    fact, period = asked.indicator, asked.period
    trace = Tracer(conn, catalogue, keys, fact, Veil(conn, catalogue), asked.open)
    areas = natives(conn, keys, fact, asked.area)
    found: _Found | None
    if period is None:
        found = _newest(trace, areas, asked)
    elif asked.as_of is not None:
        found = _then(trace, areas, asked, period, asked.as_of)
    else:
        found = _now(trace, areas, asked, period)
    if found is None or found.total is None:
        return None
    return _answer(trace, asked, found)


def _now(trace: Tracer, areas: list[int], asked: Question, period: Period) -> _Found | None:
    """Ask the stored roll-up, the rows it was made of, and the facts below them."""
    conn, keys, fact = trace.conn, trace.keys, asked.indicator
    own = keys.areas[asked.area]
    parts = (
        time_parts(conn, keys, fact, own, period)
        if areas == [own]
        else area_parts(conn, keys, fact, areas, period)
    )
    query = standing(keys, fact, areas, period)
    facts = list(conn.execute(query.limit(asked.limit)).all())
    kept = stored(conn, keys, fact, own, period)
    total = _sum(parts, fact, over_time=areas == [own])
    if total is None:
        total = kept
    return _Found(parts, total, kept, facts, count_of(conn, query))


def _sum(parts: list[Part], fact: Indicator, *, over_time: bool) -> Counts | None:
    if fact.aggregation is Aggregation.LAST and over_time and parts:
        return max(parts, key=lambda p: p.start).counts
    return add_areas(p.counts for p in parts)


def _then(
    trace: Tracer, areas: list[int], asked: Question, period: Period, as_of: datetime
) -> _Found:
    """Add up the facts as they were known: roll-ups are kept for the present only."""
    facts = known_at(trace.conn, trace.keys, asked.indicator, areas, period, as_of)
    parts = [Part(r.area_id, Grain(r.grain), r.period_start, (r.num, r.den)) for r in facts]
    total = add_up(facts, asked.indicator)
    return _Found(parts, total, None, facts[: asked.limit], len(facts))


def _newest(trace: Tracer, areas: list[int], asked: Question) -> _Found:
    """Take the newest fact of each reporting area."""
    lt, o, conn = m.latest.c, m.observation.c, trace.conn
    same = (
        (o.indicator_id == lt.indicator_id)
        & (o.area_id == lt.area_id)
        & (o.grain == lt.grain)
        & (o.period_start == lt.period_start)
    )
    query = (
        select(m.observation)
        .join(m.latest, same)
        .where(
            lt.indicator_id == trace.keys.indicators[asked.indicator.code],
            lt.area_id.in_(areas),
            lt.flag < 9,
        )
    )
    facts = list(conn.execute(query.order_by(o.period_start.desc(), o.area_id)).all())
    parts = [Part(r.area_id, Grain(r.grain), r.period_start, (r.num, r.den)) for r in facts]
    total = add_areas(p.counts for p in parts)
    return _Found(parts, total, None, facts[: asked.limit], len(facts))


def _answer(trace: Tracer, asked: Question, found: _Found) -> Chain:
    fact, period = asked.indicator, asked.period
    area = trace.catalogue.areas[asked.area]
    hidden = _hidden(trace, asked, found)
    total = found.total or (0.0, None)
    nothing: tuple[float | None, float | None] = (None, None)
    rows = [_part(trace, p) for p in found.parts[: asked.limit]]
    changed, corrections = _corrected(trace, asked)
    return {
        "indicator": fact.code,
        "name": fact.name,
        "unit": fact.unit,
        "decimals": fact.decimals,
        "area_code": asked.area,
        "area": area.name,
        "period": period.written() if period else "now",
        "grain": (period.grain.name if period else "latest").lower(),
        "period_start": period.start.timestamp() if period else None,
        "period_end": period.end.timestamp() if period else None,
        "as_of": asked.as_of.timestamp() if asked.as_of else None,
        "value": None if hidden else value_of(total, fact.aggregation, fact.factor),
        "hidden": hidden,
        "small_count": fact.small_count,
        "sums": nothing if hidden else total,
        "stored": None if found.kept is None else nothing if hidden else found.kept,
        "reconciles": None if found.kept is None else _same(total, found.kept),
        "definition": _definition(trace, fact, period),
        "parts": rows,
        "parts_left": len(found.parts) - len(rows),
        "facts": [trace.link(row) for row in found.facts],
        "facts_left": found.fact_count - len(found.facts),
        "revisions": changed,
        "revisions_left": corrections - len(changed),
    }


def _corrected(trace: Tracer, asked: Question) -> tuple[list[Revision], int]:
    """Return the corrections of what was asked, and how many there are in all."""
    below, period = (
        areas_below(trace.catalogue, trace.keys, asked.indicator, asked.area),
        asked.period,
    )
    if period is None:
        return revisions(trace, below, limit=asked.limit)
    grains = [g for g in Grain if g <= period.grain]
    return revisions(
        trace, below, start=period.start, end=period.end, grains=grains, limit=asked.limit
    )


def _hidden(trace: Tracer, asked: Question, found: _Found) -> bool:
    """Return whether the total must not be shown.

    Of protected counts only stored totals as they stand are shown: an older total
    beside today's, or a total of areas at different times, would tell single cells.
    """
    if asked.open or not asked.indicator.small_count:
        return False
    if asked.as_of is not None:
        return True
    if asked.period is not None:
        return trace.hides(asked.area, asked.period.grain, asked.period.start)
    periods = {(p.grain, p.start) for p in found.parts}
    return len(periods) != 1 or any(trace.hides(asked.area, g, at) for g, at in periods)


def _part(trace: Tracer, part: Part) -> PartRow:
    code = trace.keys.area_codes()[part.area_id]
    hidden = trace.hides(code, part.grain, part.start)
    hour = part.start.replace(minute=0, second=0)
    drill = Period(Grain.HOUR, hour) if part.grain is Grain.MINUTE else None
    written = Period(part.grain, part.start).written()
    asked = (drill or Period(part.grain, part.start)).written()
    return {
        "area": trace.catalogue.areas[code].name,
        "area_code": code,
        "grain": part.grain.name.lower(),
        "period": written,
        "numerator": None if hidden else part.counts[0],
        "denominator": None if hidden else part.counts[1],
        "hidden": hidden,
        "drill": f"{trace.indicator.code} {code} {asked}",
    }


def _same(one: Counts, other: Counts) -> bool:
    """Return whether two totals are the same but for rounding."""
    if (one[1] is None) != (other[1] is None):
        return False
    pairs = [(one[0], other[0]), (one[1] or 0.0, other[1] or 0.0)]
    return all(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-6) for a, b in pairs)


def _definition(trace: Tracer, fact: Indicator, period: Period | None) -> ChainDefinition:
    day = period.first_day if period else None
    version, since, entry = version_at(trace.conn, trace.keys.indicators[fact.code], day)
    return {
        "version": version,
        "valid_from": since,
        "definition": entry["definition"],
        "numerator": entry["numerator"],
        "denominator": entry["denominator"],
        "aggregation": entry["aggregation"],
        "factor": entry["factor"],
        "standard": entry.get("standard", ""),
        "target": _target(trace, fact, period),
    }


def _target(trace: Tracer, fact: Indicator, period: Period | None) -> dict[str, Any] | None:
    """Return the target in force in the period, of the whole city."""
    t = m.target.c
    chosen = [t.indicator_id == trace.keys.indicators[fact.code], t.area_id.is_(None)]
    rows = trace.conn.execute(select(m.target).where(*chosen).order_by(t.valid_from, t.id)).all()
    valid = [r for r in rows if period is None or r.valid_from <= period.first_day]
    if not rows:
        return None
    row = (valid or rows[:1])[-1]
    since = row.valid_from.isoformat()
    return {"kind": row.kind, **row.limits, "set_by": row.set_by, "valid_from": since}
