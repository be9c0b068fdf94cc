"""A named person confirms a stage, or keeps the one in force although more is proposed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from data import models as m
from data.cases.loop import Actor
from data.catalogue import Catalogue
from data.commands import audit
from data.commands.stage.look import BEGINS, moment
from data.panels.stage import publish_stage
from data.queries.keys import Keys
from data.queries.stage import StageNow, stage_now
from data.queries.stage_asked import asked, why
from data.stage import CALM, Code, Refusal, decide


def decide_stage(
    conn: Connection, catalogue: Catalogue, keys: Keys, stage: Any, reason: str, *,
    actor: Actor, now: datetime, seen: int, origin: str = "",
) -> int | Refusal:  # fmt: skip
    """Set the stage in force; return the event's number, or why nothing was changed.

    seen: the newest event whoever decides had before them. If another one was written since, a
    decision of somebody else or another proposal, they have to look at that first.
    """
    if now < BEGINS:
        return Refusal(Code.CLOCK)
    if actor.area not in (None, catalogue.city.code):
        return Refusal(Code.OTHER_AREA, {"area": actor.area})
    stands = stage_now(conn)
    if stands.seen != seen:
        return _moved(stands)
    found = decide(stage, reason, actor.role, stands.proposed, stands.decided)
    if isinstance(found, Refusal):
        return found
    number = _write(conn, catalogue, keys, stands, found, reason.strip(), actor, now)
    before = stands.decided.stage if stands.decided else None
    proposed = stands.proposed.stage if stands.proposed else CALM
    by = audit.By(actor.id, actor.name, actor.role.value, origin)
    audit.note(
        conn, by, "stage.keep" if found == before else "stage.set", "stage", at=now,
        before={"stage": before, "proposed": proposed},
        after={"stage": found, "reason": reason.strip()},
    )  # fmt: skip
    publish_stage(conn, catalogue, keys, now)
    return number


def _moved(stands: StageNow) -> Refusal:
    """Return what happened since, by whom and when."""
    rows = [row for row in (stands.proposal, stands.confirmed) if row is not None]
    last = max(rows, key=lambda row: row.id, default=None)
    if last is None:
        return Refusal(Code.OUT_OF_DATE)
    said = {"by": last.actor, "at": last.at, "stage": last.stage, "kind": last.kind}
    return Refusal(Code.OUT_OF_DATE, said)


def _write(
    conn: Connection, catalogue: Catalogue, keys: Keys, stands: StageNow, stage: int, reason: str,
    actor: Actor, now: datetime,
) -> int:  # fmt: skip
    at = moment(stands, now)
    values = {
        "kind": "confirmed",
        "stage": stage,
        "at": at,
        "recorded_at": at,
        "actor_id": actor.id,
        "actor": actor.name[:60],
        "reason": reason,
        "sentence": catalogue.stage.levels[stage].sentence,
        "why": why(asked(conn, catalogue, keys, now), catalogue),
    }
    made = m.stage_event.insert().values(values).returning(m.stage_event.c.id)
    return int(conn.execute(made).scalar_one())
