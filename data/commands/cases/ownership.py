"""Who owns this? Decided one level up, once; the decision is a duty version from then on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from data import models as m
from data.cases.bars import covers
from data.cases.change import Code, Refusal
from data.cases.loop import Actor
from data.catalogue import Catalogue
from data.commands import audit
from data.queries.keys import Keys
from data.vocabulary import CITY_LEVEL, Role

REASON_LIMIT = 500
i, d = m.ownership_item.c, m.duty_version.c


def decide_ownership(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    item: int,
    department: str,
    reason: str,
    *,
    actor: Actor,
    now: datetime,
    co: tuple[str, ...] = (),
    origin: str = "",
) -> int | Refusal:
    """Decide an open item and return the row of the duty version that it makes.

    It holds from now on for the category at the level of the item's area, within the area that
    decides (`up_to`). The case itself is not moved: an operator dispatches it by the new duty.
    """
    row = conn.execute(select(m.ownership_item).where(i.id == item)).first()
    refused = _wrong(catalogue, row, item, (department, *co), reason, actor)
    if refused is not None or row is None:
        return refused or Refusal(Code.UNKNOWN_CHOICE, {"field": "item"})
    version_id = _version(conn, catalogue, keys, row, department, co, reason.strip(), actor, now)
    values = {
        "state": "decided",
        "decided_at": now,
        "decided_by": actor.id,
        "decided_name": actor.name[:60],
        "department_id": keys.departments[department],
        "reason": reason.strip(),
        "duty_version_id": version_id,
    }
    conn.execute(m.ownership_item.update().where(i.id == item).values(values))
    by = audit.By(actor.id, actor.name, actor.role.value, origin)
    after = {"department": department, "co": list(co), "duty_version": version_id}
    audit.note(conn, by, "ownership.decide", f"item {item}", at=now, after=after)
    return version_id


def _wrong(
    catalogue: Catalogue,
    row: Row[Any] | None,
    item: int,
    departments: tuple[str, ...],
    reason: str,
    actor: Actor,
) -> Refusal | None:
    if actor.role is not Role.LEADER:
        return Refusal(Code.WRONG_ROLE, {"roles": (Role.LEADER,)})
    if row is None:
        return _refuse(Code.UNKNOWN_CHOICE, "item", value=str(item), choices=())
    if not covers(actor.area, (row.up_to,)):
        return Refusal(Code.OTHER_AREA, {"area": actor.area})
    if row.decided_at is not None:
        return _refuse(Code.ALREADY_DONE, "item", at=row.decided_at)
    if not departments[0]:
        return _refuse(Code.MISSING_FIELD, "department")
    strange = [code for code in departments if code not in catalogue.departments]
    if strange:
        return _refuse(Code.UNKNOWN_CHOICE, "department", value=strange[0][:60], choices=())
    if len(set(departments)) < len(departments):
        return _refuse(Code.ALREADY_DONE, "co")
    if not reason.strip():
        return _refuse(Code.MISSING_FIELD, "reason")
    if len(reason.strip()) > REASON_LIMIT:
        return _refuse(Code.TOO_LONG, "reason", limit=REASON_LIMIT, length=len(reason.strip()))
    return None


def _refuse(code: Code, field: str, **params: Any) -> Refusal:
    return Refusal(code, {"field": field, **params})


def _version(
    conn: Connection, catalogue: Catalogue, keys: Keys, row: Row[Any], department: str,
    co: tuple[str, ...], reason: str, actor: Actor, now: datetime,
) -> int:  # fmt: skip
    area = next(code for code, n in keys.areas.items() if n == row.area_id)
    category = next(code for code, n in keys.categories.items() if n == row.category_id)
    level = catalogue.areas[area].level
    of = (d.category_id == row.category_id, d.area_level == level)
    newest = conn.scalar(select(func.max(d.version)).where(*of)) or 0
    shipped = catalogue.duty_of(category, level, now).version
    decides = catalogue.areas[row.up_to]
    values = {
        "category_id": row.category_id,
        "area_level": level,
        "area_id": None if decides.level == CITY_LEVEL else keys.areas[row.up_to],
        "version": max(newest, shipped) + 1,
        "lead_id": keys.departments[department],
        "co": list(co),
        "valid_from": now,
        "decided_at": now,
        "decided_by": actor.id,
        "decided_name": actor.name[:60],
        "reason": reason,
        "item_id": row.id,
    }
    made = m.duty_version.insert().values(values).returning(d.id)
    return int(conn.execute(made).scalar_one())
