"""The duty list: who leads what at which level, from the catalogue and from what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from data import models as m
from data.cases.duties import Decided, DutyLine
from data.catalogue import Catalogue
from data.catalogue.loop_entries import LEVELS, Duty
from data.queries.keys import Keys
from data.queries.scope import Scope

d, o = m.duty_version.c, m.ownership_item.c

_ALL = (
    select(m.duty_version, m.cases.c.case_no, m.cases.c.area_id.label("of"),
           m.cases.c.department_id.label("has"))
    .outerjoin(m.ownership_item, o.id == d.item_id)
    .outerjoin(m.cases, m.cases.c.id == o.case_id)
    .order_by(d.valid_from.desc(), d.id.desc())
)  # fmt: skip
"""Newest first: the first that fits is the one that holds."""


def duty_lines(
    conn: Connection, catalogue: Catalogue, keys: Keys, scope: Scope, now: datetime
) -> list[DutyLine]:
    """Return a line for each category and group of levels that share a duty, in file order.

    Levels stand together as long as the catalogue has one entry for them and nothing was
    decided over it. The number of a case is told to those who may see the case only.
    """
    decided = _decided(conn, catalogue, keys, scope)
    found: list[DutyLine] = []
    for category in catalogue.categories:
        for level in LEVELS.values():
            duty = catalogue.duty_of(category, level, now)
            over = tuple(decided.get((category, level), ()))
            last = found[-1] if found else None
            if last and last.duty is duty and not over and not last.decided:
                found[-1] = DutyLine(duty, (*last.levels, level), (), last.older)
                continue
            found.append(DutyLine(duty, (level,), over, _older(catalogue, duty, level)))
    return found


def _older(catalogue: Catalogue, duty: Duty, level: int) -> tuple[Duty, ...]:
    """Return the versions of the catalogue that held before, newest first."""
    versions = catalogue.loop.duties.get((duty.category, level), ())
    return tuple(v for v in reversed(versions) if v.version < duty.version)


def _decided(
    conn: Connection, catalogue: Catalogue, keys: Keys, scope: Scope
) -> dict[tuple[str, int], list[Decided]]:
    names = _Names(
        {i: k for k, i in keys.departments.items()},
        {i: k for k, i in keys.categories.items()},
        keys.area_codes(),
    )
    found: dict[tuple[str, int], list[Decided]] = {}
    for row in conn.execute(_ALL):
        rows = found.setdefault((names.categories[row.category_id], row.area_level), [])
        rows.append(_one(row, names, scope, rows))
    return {k: v for k, v in found.items() if k[0] in catalogue.categories}


@dataclass(frozen=True)
class _Names:
    """Codes by row id."""

    departments: Mapping[int, str]
    categories: Mapping[int, str]
    areas: Mapping[int, str]


def _one(row: Row[Any], names: _Names, scope: Scope, newer: list[Decided]) -> Decided:
    area = names.areas.get(row.area_id) if row.area_id else None
    has = names.departments.get(row.has, "")
    seen = bool(row.case_no) and scope.covers(names.areas.get(row.of, ""), [has])
    return Decided(
        version=row.version,
        lead=names.departments[row.lead_id],
        co=tuple(row.co),
        area=area,
        reason=row.reason,
        name=row.decided_name,
        at=row.decided_at,
        valid_from=row.valid_from,
        case_no=row.case_no if seen else None,
        hidden=bool(row.case_no) and not seen,
        in_force=not any(x.area in (None, area) for x in newer),
    )
