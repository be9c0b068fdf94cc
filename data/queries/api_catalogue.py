"""The API's lists of areas, indicators and sources."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from data import models as m
from data.catalogue import Catalogue
from data.catalogue.entries import Area
from data.queries.api_pages import Page, known, moment, page_of
from data.queries.api_params import AreaQuery, IndicatorQuery, SourceQuery, instant
from data.queries.keys import read_keys
from data.queries.sources import source_rows
from data.vocabulary import LOCAL, Grain, SourceRow

Entry = dict[str, Any]


def areas(catalogue: Catalogue, asked: AreaQuery) -> Page:
    """Return the areas, by code."""
    if asked.parent is not None:
        known("parent", [asked.parent], catalogue.areas)
    chosen = [
        a
        for a in catalogue.areas.values()
        if asked.parent in (None, a.parent) and asked.level in (None, str(a.level))
    ]
    return page_of(chosen, lambda a: a.code, _area, limit=asked.limit, cursor=asked.cursor)


def _area(a: Area) -> Entry:
    return {
        "code": a.code,
        "name": a.name,
        "short": a.short,
        "parent": a.parent,
        "level": a.level,
        "kind": a.kind,
        "statutory": a.statutory,
        "lon": a.lon,
        "lat": a.lat,
        "valid_from": a.valid_from.isoformat(),
    }


# ---- indicators: each in the version that held at a time ----


class Versions:
    """Every version of every definition, as the store keeps them."""

    def __init__(self, conn: Connection) -> None:
        v, i = m.indicator_version.c, m.indicator.c
        query = select(i.code, v.version, v.valid_from, v.entry).join(
            m.indicator, i.id == v.indicator_id
        )
        self._kept: dict[str, list[tuple[date, int, Entry]]] = {}
        for code, version, valid_from, entry in conn.execute(query.order_by(v.version)):
            self._kept.setdefault(code, []).append((valid_from, version, entry))

    def codes(self) -> list[str]:
        """Return every indicator there ever was."""
        return sorted(self._kept)

    def at(self, code: str, day: date) -> Entry:
        """Return the definition that held on a local day; the first one for days before it."""
        versions = self._kept[code]
        held = [entry for valid_from, _, entry in versions if valid_from <= day]
        return held[-1] if held else versions[0][2]


def indicators(
    conn: Connection, catalogue: Catalogue, asked: IndicatorQuery, *, now: datetime
) -> Page:
    """Return the definitions that held at a time, by code."""
    day = (instant("as_of", asked.as_of) or now).astimezone(LOCAL).date()
    known("domain", asked.domain, catalogue.domains)
    known("source", asked.source, catalogue.sources)
    known("department", asked.department, catalogue.departments)
    versions = Versions(conn)
    chosen = [
        entry
        for entry in (versions.at(code, day) for code in versions.codes())
        if (not asked.domain or entry["domain"] in asked.domain)
        and (not asked.source or entry["source"] in asked.source)
        and (not asked.department or entry["department"] in asked.department)
    ]
    limit, cursor = asked.limit, asked.cursor
    return page_of(chosen, lambda e: str(e["code"]), _indicator, limit=limit, cursor=cursor)


_SHOWN = (
    "code", "name", "domain", "unit", "decimals", "factor", "direction", "aggregation", "rolls_up",
    "numerator", "denominator", "definition", "department", "source", "target", "standard",
    "small_count", "version", "valid_from",
)  # fmt: skip


def _indicator(entry: Entry) -> Entry:
    return {name: entry[name] for name in _SHOWN} | {"grain": grain_name(entry["grain"])}


def grain_name(grain: int) -> str:
    """Return the word for a grain."""
    return Grain(grain).name.lower()


# ---- sources ----


def sources(conn: Connection, catalogue: Catalogue, asked: SourceQuery, *, now: datetime) -> Page:
    """Return the sources and how they are doing, by key."""
    known("department", asked.department, catalogue.departments)
    rows = source_rows(conn, catalogue, read_keys(conn), now=now, waiting=False)
    chosen = [
        row
        for row in rows
        if not asked.department or catalogue.sources[row["key"]].department in asked.department
    ]

    def shape(row: SourceRow) -> Entry:
        source = catalogue.sources[row["key"]]
        at = row["last_ok_at"]
        return {
            "key": row["key"],
            "name": row["name"],
            "department": source.department,
            "platform": source.platform,
            "connector": row["connector"],
            "every_s": row["every"],
            "stale_after_s": row["stale_after"],
            "state": row["state"],
            "last_ok_at": moment(datetime.fromtimestamp(at, LOCAL)) if at else None,
            "records_24h": row["records"],
            "refused_24h": row["quarantined"],
        }

    return page_of(chosen, lambda r: r["key"], shape, limit=asked.limit, cursor=asked.cursor)
