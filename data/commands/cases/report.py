"""A case by hand: from a call, a patrol, a leader, or a warning. Led here from the start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, text

from data import models as m
from data.cases.change import Change, Refusal, Request
from data.cases.loop import Actor
from data.cases.loop import report as begin
from data.catalogue import Catalogue
from data.commands import audit
from data.commands.alarms import tick
from data.commands.cases.clocks import CaseClocks
from data.commands.cases.drafts import Understood, Wrong, understand
from data.commands.cases.outcomes import Done, Draft
from data.queries.keys import Keys
from data.vocabulary import LOCAL, STAGE_OF, CaseAct, CaseState, Holder, LinkKind

SOURCE, PREFIX = "desk", "ZZ"


def report(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    draft: Draft,
    actor: Actor,
    now: datetime,
    *,
    publish: bool = True,
    origin: str = "",
) -> Done | Refusal:
    """Begin a case by hand, all of it or nothing; see `act` for conn, publish and origin.

    Returns:
        Done with the number of the new case, or Refusal that names the field and what is wrong
        with it: unknown area or category, a point outside the city (and which mistake it looks
        like), a due time before the report, a text that is too long.
    """
    try:
        told = understand(conn, catalogue, keys, draft, now)
    except Wrong as wrong:
        return Refusal(wrong.code, wrong.params, (CaseAct.REPORT,))
    number = _number(conn, keys, now)
    request = Request(CaseAct.REPORT, actor, now, None, told.fields | {"no": number})
    begun = begin(request)
    if isinstance(begun, Refusal):
        return begun
    made = Making(conn, catalogue, keys, draft, told, begun, now)
    made.write()
    by = audit.By(actor.id, actor.name, actor.role.value, origin)
    audit.note(conn, by, "case.report", number, at=now, after=made.facts())
    if publish:
        county, matter = keys.county_of[keys.areas[told.place.area]], told.category.matter
        tick.publish_moved(conn, catalogue, keys, [number], {county}, now, matter=matter)
    return Done(number, 1, 1, CaseState.REPORTED, Holder.CENTRE)


_OF_DAY = select(func.count()).where(
    m.cases.c.source_id == bindparam("source"),
    m.cases.c.ext_id >= bindparam("first"),
    m.cases.c.ext_id < bindparam("last"),
)


def _number(conn: Connection, keys: Keys, now: datetime) -> str:
    """Return the next number of the local day. The writer's place is held: nobody else takes it."""
    day = now.astimezone(LOCAL).date()
    first, last = (f"{PREFIX}{d:%Y%m%d}" for d in (day, day + timedelta(days=1)))
    known = {"source": keys.sources[SOURCE], "first": first, "last": last}
    return f"{first}{(conn.scalar(_OF_DAY, known) or 0) + 1:04d}"


@dataclass(frozen=True)
class Making:
    """A case by hand while it is written."""

    conn: Connection
    catalogue: Catalogue
    keys: Keys
    draft: Draft
    read: Understood
    begun: Change
    now: datetime

    def write(self) -> None:
        """Write the case, its first event, its clocks, and the warning it is made from."""
        case_id = _next_id(self.conn)
        self.conn.execute(m.cases.insert().values(self._row(case_id)))
        self.conn.execute(m.case_event.insert().values(self._event(case_id)))
        clocks = CaseClocks(self.conn, self.catalogue, self.read.duty.duty, case_id, self.now)
        clocks.begin(self.begun, self.begun.case.reported_at)
        stage = clocks.stage_due_at()
        own = m.cases.update().where(m.cases.c.id == case_id)
        self.conn.execute(own.values(stage_due_at=stage))
        if self.draft.warning:
            self._link(case_id, self.draft.warning)

    def facts(self) -> dict[str, Any]:
        """Return what the audit keeps of it."""
        case = self.begun.case
        due = case.due_at.isoformat() if case.due_at else None
        named = {"category": self.draft.category, "area": self.read.place.area, "level": case.level}
        return named | {"due_at": due, "duty": self.read.duty.ref}

    def _row(self, case_id: int) -> dict[str, Any]:
        case, told = self.begun.case, self.begun.event.detail
        category = self.read.category
        area = self.keys.areas[self.read.place.area]
        return {
            "id": case_id,
            "case_no": case.no,
            "source_id": self.keys.sources[SOURCE],
            "ext_id": case.no,
            "category_id": self.keys.categories[category.code],
            "domain_id": self.keys.domains[category.domain],
            "matter": category.matter,
            "level": int(case.level),
            "stage": STAGE_OF[case.state].value,
            "area_id": area,
            "county_id": self.keys.county_of[area],
            "department_id": self.keys.departments[self.read.duty.department],
            "lon": self.read.place.lon,
            "lat": self.read.place.lat,
            "title": told["title"],
            "address": told.get("address", ""),
            "body": self.begun.event.note,
            "channel": self.draft.channel,
            "reported_at": case.reported_at,
            "due_at": case.due_at,
            "updated_at": self.now,
            "recorded_at": self.now,
            "run_id": 0,
            "version": 1,
            "state": case.state.value,
            "holder": case.holder.value,
            "held_since": self.now,
            "led_since": self.now,
            "duty_version": self.read.duty.ref,
        }

    def _event(self, case_id: int) -> dict[str, Any]:
        event = self.begun.event
        return {
            "case_id": case_id,
            "seq": 1,
            "at": event.at,
            "recorded_at": self.now,
            "actor": event.actor[:80],
            "action": event.action.value,
            "to_stage": STAGE_OF[self.begun.case.state].value,
            "to_state": self.begun.case.state.value,
            "holder": event.holder.value if event.holder else None,
            "actor_id": event.actor_id,
            "note": event.note or None,
            "rule": event.rule,
            "detail": dict(event.detail) or None,
        }

    def _link(self, case_id: int, warning: str) -> None:
        values = {
            "case_id": case_id,
            "kind": LinkKind.WARNING.value,
            "ref": warning[:120],
            "at": self.now,
            "actor_id": self.begun.event.actor_id,
            "by_name": self.begun.event.actor[:60],
        }
        self.conn.execute(m.case_link.insert().values(values))


def _next_id(conn: Connection) -> int:
    """Return an id for a new case. The writer's place is held, so nobody else takes it."""
    if conn.dialect.name == "sqlite":
        return int(conn.execute(select(func.max(m.cases.c.id))).scalar() or 0) + 1
    wanted = text("select nextval(pg_get_serial_sequence('cases', 'id'))")
    return int(conn.execute(wanted).scalar_one())
