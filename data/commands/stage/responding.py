"""Begin, change and end a statutory response level, each with the document that orders it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from data import models as m
from data.cases.loop import Actor
from data.catalogue import Catalogue
from data.commands import audit
from data.commands.stage.look import BEGINS
from data.panels.stage import publish_stage
from data.queries.keys import Keys
from data.stage import Code, Refusal, Response, started, stopped
from data.stage.respond import RESPONDERS

r = m.response_level.c


def start_response(
    conn: Connection, catalogue: Catalogue, keys: Keys, plan: str, area: str, level: Any,
    basis: str, at: datetime, *, actor: Actor, now: datetime, origin: str = "",
) -> int | Refusal:  # fmt: skip
    """Begin a level of one plan in the city or one county; return its row, or why not."""
    refused = _may(catalogue, actor, area, now)
    if refused is not None:
        return refused
    row = _open(conn, keys, plan=plan, area=area)
    wrong = started(
        catalogue.stage.plans.get(plan), level, basis, at, now, _response(row, area), changes=False
    )
    if wrong is not None:
        return wrong
    number = _begin(conn, keys, plan, area, level, basis, at, actor, now)
    after = {"plan": plan, "area": area, "level": level, "basis": basis.strip()}
    _done(conn, catalogue, keys, "response.start", number, actor, now, origin, after=after)
    return number


def change_response(
    conn: Connection, catalogue: Catalogue, keys: Keys, number: int, level: Any, basis: str,
    at: datetime, *, actor: Actor, now: datetime, origin: str = "",
) -> int | Refusal:  # fmt: skip
    """End a level and begin another in its place; return the new row, or why not.

    number: the row that was seen; one that is over was changed by somebody else since.
    """
    row = _row(conn, number)
    area = _area(keys, row)
    refused = _gone(row, r_ended=True) or _may(catalogue, actor, area, now)
    if refused is not None or row is None:
        return refused or Refusal(Code.ENDED)
    plan = catalogue.stage.plans.get(row.plan)
    wrong = started(plan, level, basis, at, now, _response(row, area), changes=True)
    if wrong is not None:
        return wrong
    _end(conn, row, at, f"→ {level}: {basis.strip()}", actor, now)
    made = _begin(conn, keys, row.plan, area, level, basis, at, actor, now)
    _done(
        conn, catalogue, keys, "response.change", made, actor, now, origin,
        before={"id": number, "level": row.level},
        after={"plan": row.plan, "area": area, "level": level, "basis": basis.strip()},
    )  # fmt: skip
    return made


def end_response(
    conn: Connection, catalogue: Catalogue, keys: Keys, number: int, reason: str, at: datetime, *,
    actor: Actor, now: datetime, origin: str = "",
) -> int | Refusal:  # fmt: skip
    """End a level; return its row, or why not. reason: the document or order that ends it."""
    row = _row(conn, number)
    area = _area(keys, row)
    refused = _gone(row, r_ended=True) or _may(catalogue, actor, area, now)
    wrong = refused or stopped(_response(row, area), reason, at, now)
    if wrong is not None or row is None:
        return wrong or Refusal(Code.ENDED)
    _end(conn, row, at, reason.strip(), actor, now)
    _done(
        conn, catalogue, keys, "response.end", number, actor, now, origin,
        before={"plan": row.plan, "area": area, "level": row.level},
        after={"reason": reason.strip()},
    )  # fmt: skip
    return number


def _may(catalogue: Catalogue, actor: Actor, area: str, now: datetime) -> Refusal | None:
    if now < BEGINS:
        return Refusal(Code.CLOCK)
    if actor.role not in RESPONDERS:
        return Refusal(Code.WRONG_ROLE, {"roles": tuple(sorted(RESPONDERS))})
    places = [catalogue.city.code, *(a.code for a in catalogue.counties())]
    if area not in places:
        return Refusal(Code.UNKNOWN_CHOICE, {"field": "area"})
    if actor.area not in (None, catalogue.city.code, area):
        return Refusal(Code.OTHER_AREA, {"area": actor.area})
    return None


def _gone(row: Row[Any] | None, *, r_ended: bool) -> Refusal | None:
    if row is None:
        return Refusal(Code.UNKNOWN_CHOICE, {"field": "response"})
    if r_ended and row.ended_at is not None:
        return Refusal(Code.ENDED, {"by": row.ended_name, "at": row.ended_at})
    return None


def _row(conn: Connection, number: int) -> Row[Any] | None:
    return conn.execute(select(m.response_level).where(r.id == number)).first()


def _open(conn: Connection, keys: Keys, *, plan: str, area: str) -> Row[Any] | None:
    wanted = (r.plan == plan, r.area_id == keys.areas.get(area, -1), r.ended_at.is_(None))
    return conn.execute(select(m.response_level).where(*wanted)).first()


def _area(keys: Keys, row: Row[Any] | None) -> str:
    return "" if row is None else keys.area_codes().get(row.area_id, "")


def _response(row: Row[Any] | None, area: str) -> Response | None:
    if row is None:
        return None
    return Response(row.id, row.plan, row.level, area, row.started_at)


def _begin(
    conn: Connection, keys: Keys, plan: str, area: str, level: int, basis: str, at: datetime,
    actor: Actor, now: datetime,
) -> int:  # fmt: skip
    values = {
        "plan": plan,
        "level": level,
        "area_id": keys.areas[area],
        "started_at": at,
        "recorded_at": now,
        "basis": basis.strip(),
        "actor_id": actor.id,
        "actor": actor.name[:60],
    }
    return int(conn.execute(m.response_level.insert().values(values).returning(r.id)).scalar_one())


def _end(
    conn: Connection, row: Row[Any], at: datetime, reason: str, actor: Actor, now: datetime
) -> None:
    values = {
        "ended_at": at,
        "ended_recorded_at": now,
        "ended_name": actor.name[:60],
        "end_reason": reason[:500],
    }
    conn.execute(m.response_level.update().where(r.id == row.id).values(values))


def _done(
    conn: Connection, catalogue: Catalogue, keys: Keys, act: str, number: int, actor: Actor,
    now: datetime, origin: str, *, before: Any = None, after: Any = None,
) -> None:  # fmt: skip
    by = audit.By(actor.id, actor.name, actor.role.value, origin)
    audit.note(conn, by, act, f"response {number}", at=now, before=before, after=after)
    publish_stage(conn, catalogue, keys, now)
