"""Codes to row ids and back, read once a process and store: ids once given never change."""

from __future__ import annotations

from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Table, select

from data import models as m


@dataclass(frozen=True)
class Keys:
    """Row ids by catalogue code."""

    areas: dict[str, int]
    indicators: dict[str, int]
    sources: dict[str, int]
    departments: dict[str, int]
    domains: dict[str, int]
    categories: dict[str, int]
    county_of: dict[int, int]
    parents: dict[int, frozenset[int]] = field(default_factory=dict)

    def area_codes(self) -> dict[int, str]:
        """Return area codes by id."""
        return {v: k for k, v in self.areas.items()}

    def indicator_codes(self) -> dict[int, str]:
        """Return indicator codes by id."""
        return {v: k for k, v in self.indicators.items()}


_kept: WeakKeyDictionary[Engine, Keys] = WeakKeyDictionary()


def read_keys(conn: Connection) -> Keys:
    """Return the ids of everything in the catalogue."""
    known = _kept.get(conn.engine)
    if known is None:
        known = _read(conn)
        if known.areas:
            _kept[conn.engine] = known
    return known


def forget_keys(conn: Connection) -> None:
    """Read the ids again next time: the catalogue was loaded."""
    _kept.pop(conn.engine, None)


def _read(conn: Connection) -> Keys:
    areas = conn.execute(select(m.area.c.id, m.area.c.code, m.area.c.level, m.area.c.parent_id))
    rows = areas.all()
    above = {r.id: r.parent_id for r in rows}
    return Keys(
        areas={r.code: r.id for r in rows},
        indicators=_ids(conn, m.indicator),
        sources=_ids(conn, m.source),
        departments=_ids(conn, m.department),
        domains=_ids(conn, m.domain),
        categories=_ids(conn, m.category),
        county_of={r.id: (r.parent_id if r.level == 3 else r.id) for r in rows},
        parents={r.id: _above(r.id, above) for r in rows},
    )


def _above(area: int, parent: dict[int, int | None]) -> frozenset[int]:
    found = set()
    up = parent[area]
    while up is not None:
        found.add(up)
        up = parent[up]
    return frozenset(found)


def _ids(conn: Connection, table: Table) -> dict[str, int]:
    return {code: id_ for id_, code in conn.execute(select(table.c.id, table.c.code))}
