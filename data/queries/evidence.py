"""Where a number comes from: definition, facts, what they replaced, run, fetch, row."""

from __future__ import annotations

import zlib
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, select

from data import models as m
from data.catalogue import Catalogue
from data.catalogue.entries import Indicator
from data.connectors.excerpt import excerpt
from data.connectors.registry import connector_of, row_word
from data.indicators.value import value_of
from data.queries.keys import Keys
from data.queries.sources import source_rows
from data.vocabulary import Evidence, EvidenceLink, Grain, Names, Revision, Tile, period_end

LINKS, REVISIONS, CASES = 12, 10, 8


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
    version = _version(conn, keys.indicators[indicator.code])
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
        "links": _links(conn, catalogue, keys, indicator, area),
        "revisions": _revisions(conn, catalogue, keys, indicator, area),
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


def _version(conn: Connection, indicator: int) -> tuple[int, str]:
    v = m.indicator_version.c
    query = select(v.version, v.valid_from).where(v.indicator_id == indicator)
    newest = conn.execute(query.order_by(v.version.desc()).limit(1)).one()
    return newest.version, newest.valid_from.isoformat()


def _below(catalogue: Catalogue, keys: Keys, indicator: Indicator, area: str) -> list[int]:
    """Return the ids of the areas whose own facts make up the value of `area`."""
    if not indicator.rolls_up:
        return [keys.areas[area]]
    own = keys.areas[area]
    if area == catalogue.city.code:
        return sorted(keys.areas.values())
    return sorted(i for i in keys.areas.values() if i == own or keys.county_of.get(i) == own)


def _links(
    conn: Connection, catalogue: Catalogue, keys: Keys, indicator: Indicator, area: str
) -> list[EvidenceLink]:
    """Return the newest fact of each area below, then older ones, newest first."""
    o, lt = m.observation.c, m.latest.c
    iid = keys.indicators[indicator.code]
    newest = {
        a: (g, p)
        for a, g, p in conn.execute(
            select(lt.area_id, lt.grain, lt.period_start).where(
                lt.indicator_id == iid,
                lt.area_id.in_(_below(catalogue, keys, indicator, area)),
            )
        )
    }
    found = []
    per_area = max(1, LINKS // max(1, len(newest)))
    for area_id, (grain, start) in sorted(newest.items()):
        query = (
            select(m.observation)
            .where(o.indicator_id == iid, o.area_id == area_id, o.grain == grain)
            .where(o.period_start <= start)
            .order_by(o.period_start.desc())
            .limit(per_area)
        )
        found += [_link(conn, catalogue, keys, indicator, row) for row in conn.execute(query)]
    shown = sorted(found, key=lambda x: -x["period_start"])[: max(LINKS, len(newest))]
    return _suppressed(shown, indicator.small_count) if indicator.small_count else shown


def _suppressed(links: list[EvidenceLink], least: int) -> list[EvidenceLink]:
    """Hide small counts, and where only one of a period is hidden the next smallest too.

    A single hidden county could be had by taking the others from the total.
    The excerpt of the file would tell, so it goes for the whole indicator.
    """
    hidden: set[int] = set()
    for start in {x["period_start"] for x in links}:
        rows = [(x["numerator"] or 0, n) for n, x in enumerate(links) if x["period_start"] == start]
        small = [n for count, n in rows if 0 < count < least]
        more = sorted((count, n) for count, n in rows if n not in small and count > 0)
        if len(small) == 1 and more:
            small.append(more[0][1])
        hidden |= set(small)
    empty: dict[str, Any] = {"value": None, "numerator": None, "denominator": None}
    return [
        cast(EvidenceLink, {**x, "excerpt": None, **(empty if n in hidden else {})})
        for n, x in enumerate(links)
    ]


def _link(
    conn: Connection, catalogue: Catalogue, keys: Keys, indicator: Indicator, row: Any
) -> EvidenceLink:
    run = _run(conn, row.run_id)
    source = catalogue.sources[indicator.source]
    place = row.row_no
    format_ = connector_of(source.connector, run.origin if run else None)
    text = _excerpt(run, format_, place) if place is not None else None
    code = keys.area_codes()[row.area_id]
    counts = (row.num, row.den)
    if text is None and indicator.feed.kind == "cases":
        text = _cases_behind(conn, keys, indicator, row)
    return {
        "area": catalogue.areas[code].name,
        "period_start": row.period_start.timestamp(),
        "period_end": period_end(row.period_start, Grain(row.grain)).timestamp(),
        "value": value_of(counts, indicator.aggregation, indicator.factor),
        "numerator": row.num,
        "denominator": row.den,
        "revision": row.rev,
        "recorded_at": row.recorded_at.timestamp(),
        "source": source.name,
        "run_id": row.run_id,
        "fetch_id": run.fetch_id if run else None,
        "sha256": run.sha256 if run else None,
        "received_at": run.received_at.timestamp() if run and run.received_at else None,
        "origin": run.origin if run else None,
        "row_word": row_word(format_),
        "row": place,
        "line": None,
        "excerpt": text,
    }


def _run(conn: Connection, run_id: int) -> Any:
    r, f = m.ingest_run.c, m.fetch.c
    query = (
        select(r.fetch_id, r.sha256, f.received_at, f.origin, f.raw)
        .outerjoin(m.fetch, f.id == r.fetch_id)
        .where(r.id == run_id)
    )
    return conn.execute(query).first()


def _excerpt(run: Any, connector: str, row: int) -> str | None:
    """Return the record in the file itself, while its raw bytes are kept."""
    if run is None or run.raw is None:
        return None
    return excerpt(zlib.decompress(run.raw), connector, row)


def _cases_behind(conn: Connection, keys: Keys, indicator: Indicator, row: Any) -> str | None:
    """Return the newest cases that a count is made of, one a line."""
    c = m.cases.c
    chosen = [
        c.source_id == keys.sources[indicator.source],
        c.category_id.in_([keys.categories[x] for x in indicator.feed.categories]),
        c.county_id == row.area_id,
    ]
    if indicator.feed.measure in ("open", "overdue"):
        chosen.append(c.closed_at.is_(None))
        if indicator.feed.measure == "overdue":
            chosen.append(c.due_at < row.period_start)
    else:
        when = {"received": c.reported_at, "share": c.reported_at, "due_on_time": c.due_at}
        at = when.get(indicator.feed.measure, c.closed_at)
        end = period_end(row.period_start, Grain(row.grain))
        chosen += [at >= row.period_start, at < end]
    query = select(c.case_no, c.reported_at, c.stage).where(*chosen)
    rows = conn.execute(query.order_by(c.reported_at.desc()).limit(CASES)).all()
    return "\n".join(f"{x.case_no}  {x.stage}" for x in rows) or None


def _revisions(
    conn: Connection, catalogue: Catalogue, keys: Keys, indicator: Indicator, area: str
) -> list[Revision]:
    """Return the latest corrections: was, now, when."""
    h, o = m.observation_history.c, m.observation.c
    if indicator.small_count:
        return []  # a small count must not come back as a correction
    areas = _below(catalogue, keys, indicator, area)
    now_ = m.observation
    query = (
        select(m.observation_history, o.num.label("now_num"), o.den.label("now_den"))
        .join(
            now_,
            (o.indicator_id == h.indicator_id)
            & (o.area_id == h.area_id)
            & (o.grain == h.grain)
            & (o.period_start == h.period_start),
        )
        .where(h.indicator_id == keys.indicators[indicator.code], h.area_id.in_(areas))
        .where(h.grain >= int(Grain.HOUR))
        .order_by(h.period_start.desc(), h.rev.desc())
        .limit(REVISIONS)
    )
    names: dict[int, Names] = {i: catalogue.areas[c].name for c, i in keys.areas.items()}
    kind, factor = indicator.aggregation, indicator.factor
    return [
        {
            "area": names[x.area_id],
            "period_start": x.period_start.timestamp(),
            "was": value_of((x.num, x.den), kind, factor),
            "now": value_of((x.now_num, x.now_den), kind, factor),
            "recorded_at": x.recorded_at.timestamp(),
            "superseded_at": x.superseded_at.timestamp(),
        }
        for x in conn.execute(query)
    ]
