"""Say something about an indicator of an area. What was said is never changed, only withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from data import models as m
from data.cases.loop import Actor
from data.catalogue import Catalogue
from data.commands.review.outcomes import Done
from data.commands.review.promising import area_problem
from data.commands.review.rights import WRITERS, barred, note, tried
from data.queries.keys import Keys
from data.review.refusals import NAME_LIMIT, REMARK_LIMIT, Code, Problem, Refusal, plain, refused
from data.vocabulary import LOCAL, Role

r = m.remark.c


@dataclass(frozen=True)
class Said:
    """A word about an indicator. day: an ISO day, it is drawn into the chart there."""

    code: str
    area: str
    text: str
    day: str = ""


def remark(
    conn: Connection, catalogue: Catalogue, keys: Keys, said: Said, actor: Actor, now: datetime,
    *, origin: str = "",
) -> Done | Refusal:  # fmt: skip
    """Keep a remark. conn: from `store.write()`. Returns Done with its number, or Refusal."""
    object_ = f"indicator {said.code[:20]} {said.area[:20]}"
    bar = area_problem(catalogue, said.area) or barred(catalogue, actor, said.area, WRITERS)
    if bar is not None:
        return tried(conn, actor, "remark", object_, now, origin, bar)
    if said.code not in catalogue.indicators:
        return Refusal(Code.UNKNOWN, {"field": "code", "value": said.code[:40]})
    text, day = plain(said.text, REMARK_LIMIT, lines=True), _day(said.day, now)
    found = {"text": text, "day": day}
    wrong = {name: value for name, value in found.items() if isinstance(value, Problem)}
    problem = refused(wrong)
    if problem is not None:
        return problem
    values = {
        "indicator_id": keys.indicators[said.code],
        "area_id": keys.areas[said.area],
        "at": now,
        "actor_id": actor.id,
        "actor": actor.name[:NAME_LIMIT],
        "text": text,
        "day": day,
        "withdrawn": False,
    }
    number = int(conn.execute(m.remark.insert().values(values).returning(r.id)).scalar_one())
    told = {"remark": number, "day": said.day or None}
    note(conn, actor, "remark", object_, now, origin, after=told)
    return Done(number)


def _day(text: str, now: datetime) -> date | Problem | None:
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return Problem(Code.UNKNOWN, {"value": text[:20]})
    return Problem(Code.IN_THE_FUTURE) if day > now.astimezone(LOCAL).date() else day


def withdraw_remark(
    conn: Connection, catalogue: Catalogue, keys: Keys, number: int, actor: Actor, now: datetime,
    *, origin: str = "",
) -> Done | Refusal:  # fmt: skip
    """Take a remark back: its author, or a leader whose area covers it. That it was, stays."""
    row = conn.execute(select(m.remark).where(r.id == number)).first()
    if row is None:
        return Refusal(Code.UNKNOWN, {"field": "remark", "value": number})
    object_, area = f"remark {number}", keys.area_codes()[row.area_id]
    bar = barred(catalogue, actor, area, WRITERS)
    if bar is None and actor.role is not Role.LEADER and not _own(row, actor):
        bar = Refusal(Code.NOT_YOURS, {"by": row.actor})
    if bar is not None:
        return tried(conn, actor, "remark.withdraw", object_, now, origin, bar)
    if row.withdrawn:
        return Refusal(Code.ALREADY, {"state": "withdrawn"})
    conn.execute(m.remark.update().where(r.id == number).values(withdrawn=True))
    note(conn, actor, "remark.withdraw", object_, now, origin)
    return Done(number)


def _own(row: object, actor: Actor) -> bool:
    return actor.is_same(getattr(row, "actor_id", None), getattr(row, "actor", ""))
