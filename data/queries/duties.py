"""Who answers for a kind of case in an area: the catalogue's duties and what was decided since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, or_, select

from data import models as m
from data.catalogue import Catalogue
from data.catalogue.loop_entries import Duty
from data.queries.keys import Keys
from data.queries.procedures import sop_for


@dataclass(frozen=True)
class Decision:
    """A decision that stands over the catalogue's duty."""

    id: int
    version: int
    lead: str
    co: tuple[str, ...]
    reason: str
    name: str
    at: datetime
    case_no: str | None = None


@dataclass(frozen=True)
class Proposal:
    """To whom a case should go, and why.

    department, co_departments: codes. duty: the entry of the catalogue; decided: what was
    decided over it, None if nothing was. sop: a procedure that fits, by code.
    """

    department: str
    co_departments: tuple[str, ...]
    duty: Duty
    level: int
    decided: Decision | None = None
    sop: str | None = None

    @property
    def ref(self) -> str:
        """Return what a case keeps of it: that of the duty, or its version and +7 by decision 7."""
        if self.decided is None:
            return self.duty.ref
        return f"{self.duty.ref.partition('@')[0]}@{self.decided.version}+{self.decided.id}"[:40]


def propose(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    category: str,
    area: str,
    *,
    on: datetime,
    severity: int | None = None,
) -> Proposal:
    """Return who answers for a category in an area at an instant.

    severity: 1-4 chooses the procedure; without it that of the category.

    Raises:
        KeyError: no such category or area.
    """
    level = catalogue.areas[area].level
    duty = catalogue.duty_of(category, level, on)
    worst = severity or catalogue.categories[category].level
    by_rule = sop_for(conn, catalogue, category, worst)
    sop = by_rule.code if by_rule else duty.sop
    decided = _decided(conn, keys, category, area, level, on)
    if decided is None:
        return Proposal(duty.lead, duty.co, duty, level, sop=sop)
    return Proposal(decided.lead, decided.co, duty, level, decided, sop)


d, o = m.duty_version.c, m.ownership_item.c
_DECIDED = (
    select(m.duty_version, m.cases.c.case_no)
    .outerjoin(m.ownership_item, o.id == d.item_id)
    .outerjoin(m.cases, m.cases.c.id == o.case_id)
    .where(
        d.category_id == bindparam("category"),
        d.area_level == bindparam("level"),
        d.valid_from <= bindparam("on"),
        or_(d.area_id.is_(None), d.area_id.in_(bindparam("areas", expanding=True))),
    )
    .order_by(d.valid_from.desc(), d.id.desc())
    .limit(1)
)


def _decided(
    conn: Connection, keys: Keys, category: str, area: str, level: int, on: datetime
) -> Decision | None:
    own = keys.areas[area]
    values = {
        "category": keys.categories[category],
        "level": level,
        "on": on,
        "areas": sorted({own, *keys.parents.get(own, frozenset())}),
    }
    row = conn.execute(_DECIDED, values).first()
    return _decision(row, keys) if row else None


def _decision(row: Row[Any], keys: Keys) -> Decision:
    lead = next(code for code, i in keys.departments.items() if i == row.lead_id)
    return Decision(
        row.id, row.version, lead, tuple(row.co), row.reason, row.decided_name, row.decided_at,
        row.case_no,
    )  # fmt: skip
