"""Copy the catalogue's files into the store's tables, keeping ids and versions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Table, func, select

from data import models as m
from data import veil
from data.catalogue import Catalogue, CatalogueError
from data.catalogue.entries import Indicator
from data.models.facts import ensure_partitions
from data.queries.keys import forget_keys
from data.vocabulary import LOCAL

DEFINITION = ("aggregation", "factor", "feed", "numerator", "denominator", "definition", "unit")


def load_catalogue(conn: Connection, catalogue: Catalogue) -> None:
    """Bring the reference tables in step with the catalogue. Ids once given never change.

    Raises:
        CatalogueError: a definition was changed without a new version.
    """
    forget_keys(conn)
    departments = _keep(conn, m.department, catalogue.departments, lambda d: _names(d.name))
    domains = _keep(conn, m.domain, catalogue.domains, lambda d: {
        **_names(d.name),
        "department_id": departments[d.department],
        "position": list(catalogue.domains).index(d.key),
    })  # fmt: skip
    _keep(conn, m.category, catalogue.categories, lambda c: {
        **_names(c.name), "domain_id": domains[c.domain], "matter": c.matter,
    })  # fmt: skip
    _keep(conn, m.source, catalogue.sources, lambda s: {
        **_names(s.name),
        "department_id": departments[s.department],
        "connector": s.connector,
        "every_s": s.every,
        "stale_after_s": s.stale_after,
    })  # fmt: skip
    _areas(conn, catalogue)
    ids = _keep(conn, m.indicator, catalogue.indicators, lambda i: {
        **_names(i.name),
        "domain_id": domains[i.domain],
        "aggregation": i.aggregation.value,
        "grain": int(i.grain),
        "rolls_up": i.rolls_up,
        "on_wall": i.wall is not None,
    })  # fmt: skip
    for indicator in catalogue.indicators.values():
        _version(conn, ids[indicator.code], indicator)
        _target(conn, ids[indicator.code], indicator)
    veil.protect(conn, [ids[i.code] for i in catalogue.indicators.values() if i.small_count])


def _names(name: Mapping[str, Any]) -> dict[str, str]:
    return {"name_zh": name["zh"], "name_en": name["en"]}


def _keep(
    conn: Connection,
    table: Table,
    entries: Mapping[str, Any],
    columns: Callable[[Any], dict[str, Any]],
) -> dict[str, int]:
    """Insert what is new, update what changed; return ids by code."""
    known = {r.code: r for r in conn.execute(select(table))}
    following = max((r.id for r in known.values()), default=0) + 1
    ids = {}
    for code, entry in entries.items():
        values = columns(entry)
        if code not in known:
            conn.execute(table.insert().values(id=following, code=code, **values))
            ids[code], following = following, following + 1
            continue
        row = known[code]
        ids[code] = row.id
        if any(getattr(row, name) != value for name, value in values.items()):
            conn.execute(table.update().where(table.c.id == row.id).values(**values))
    return ids


def _areas(conn: Connection, catalogue: Catalogue) -> None:
    def columns(area: Any) -> dict[str, Any]:
        return {
            **_names(area.name),
            "level": area.level,
            "kind": area.kind,
            "lon": area.lon,
            "lat": area.lat,
            "valid_from": area.valid_from,
        }

    ids = _keep(conn, m.area, catalogue.areas, columns)
    for area in catalogue.areas.values():
        parent = ids[area.parent] if area.parent else None
        conn.execute(m.area.update().where(m.area.c.id == ids[area.code]).values(parent_id=parent))
    rows = []
    for code in catalogue.areas:
        above: str | None = code
        depth = 0
        while above:
            rows.append({"ancestor_id": ids[above], "descendant_id": ids[code], "depth": depth})
            above, depth = catalogue.areas[above].parent, depth + 1
    if conn.scalar(select(func.count()).select_from(m.area_closure)) != len(rows):
        conn.execute(m.area_closure.delete())
        conn.execute(m.area_closure.insert(), rows)


def _fingerprint(entry: Any) -> str:
    text = json.dumps(entry, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _version(conn: Connection, indicator_id: int, indicator: Indicator) -> None:
    entry = indicator.model_dump(mode="json")
    mark = _fingerprint({name: entry[name] for name in DEFINITION})
    v = m.indicator_version
    known = conn.execute(
        select(v.c.fingerprint, v.c.valid_from).where(
            v.c.indicator_id == indicator_id, v.c.version == indicator.version
        )
    ).first()
    if known is None:
        conn.execute(
            v.insert().values(
                indicator_id=indicator_id,
                version=indicator.version,
                valid_from=indicator.valid_from,
                fingerprint=mark,
                entry=entry,
            )
        )
    elif known.fingerprint != mark:
        raise CatalogueError(
            f"indicator {indicator.code}: the definition changed but version is still "
            f"{indicator.version}; raise version and valid_from so that old values keep theirs"
        )


def _target(conn: Connection, indicator_id: int, indicator: Indicator) -> None:
    entry = indicator.target.model_dump(mode="json")
    mark, t = _fingerprint(entry), m.target
    same = (t.c.indicator_id == indicator_id, t.c.fingerprint == mark)
    if conn.execute(select(t.c.id).where(*same)).first() is None:
        conn.execute(
            t.insert().values(
                indicator_id=indicator_id,
                kind=indicator.target.kind,
                limits={"levels": entry["levels"], "low": entry["low"]},
                set_by=indicator.target.set_by,
                valid_from=indicator.target.valid_from,
                fingerprint=mark,
            )
        )


def prepare_partitions(conn: Connection, first: Any, last: Any) -> None:
    """Make room for facts between two instants (PostgreSQL keeps a month a partition)."""
    ensure_partitions(conn, first.astimezone(LOCAL).date(), last.astimezone(LOCAL).date())
