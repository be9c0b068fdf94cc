"""Who the made-up officers are, which cases are theirs, and how one of them does one act."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, case, func, or_, select

from data import models as m
from data.catalogue import Catalogue
from data.commands.cases import Actor, Done, Request, act
from data.commands.cases.act import BY_RULE
from data.commands.cases.report import SOURCE as DESK
from data.logs import logger
from data.panels.board import is_demo
from data.queries.accounts import demo_accounts
from data.queries.keys import Keys, read_keys
from data.simulate.limits import CALLING
from data.simulate.officers_plan import (
    CHECKER,
    LEADER,
    RULE,
    Matter,
    Plan,
    Step,
    Turn,
    is_led,
    plan,
)
from data.simulate.randomness import share
from data.vocabulary import CaseAct, CaseState, Level, Role

log = logger("officers")

ORIGIN = "officers"
"""Where their acts come from, as the audit keeps it: a person's come from an address."""
TOLD = "demo_officers"
"""Of store_info: how the first cases go on, where the plan is not the one of their number."""

Told = Mapping[str, tuple[Turn, datetime]]
"""By case: its turn and its end."""


@dataclass(frozen=True)
class Crew:
    """The people of the demonstration, by role and place."""

    operators: Mapping[str | None, Actor]
    handlers: Mapping[str, Actor]
    leader: Actor

    @classmethod
    def of(cls, conn: Connection) -> Crew | None:
        """Return who is there; None without a city operator and a leader."""
        found = [(a, Actor(a.id, a.display, a.role, a.department, a.area))
                 for a in demo_accounts(conn)]  # fmt: skip
        operators = {a.area: p for a, p in found if a.role is Role.OPERATOR}
        handlers = {a.department: p for a, p in found if a.role is Role.DEPARTMENT and a.department}
        leader = next((p for a, p in found if a.role is Role.LEADER), None)
        return cls(operators, handlers, leader) if leader and None in operators else None

    def who(self, by: str, no: str, county: str) -> Actor:
        """Return who does a step; what a department without a handler does, the centre enters."""
        if by == RULE:
            return BY_RULE
        if by == LEADER:
            return self.leader
        if by in self.handlers:
            return self.handlers[by]
        own = self.operators.get(county) if share(0, "desk", no) < 0.7 else None
        return own if own and by != CHECKER else self.operators[None]


@dataclass
class House:
    """What the officers need to know of the store, read once a tick."""

    catalogue: Catalogue
    keys: Keys
    crew: Crew
    told: Told
    codes: Mapping[str, Mapping[int, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, conn: Connection, catalogue: Catalogue) -> House | None:
        """Read it; None where there is no demonstration or nobody to act."""
        crew = Crew.of(conn) if is_demo(conn) else None
        if crew is None:
            return None
        keys = read_keys(conn)
        codes = {
            name: {i: code for code, i in getattr(keys, name).items()}
            for name in ("areas", "categories")
        }
        return cls(catalogue, keys, crew, read_told(conn), codes)

    def matter(self, row: Row[Any]) -> Matter | None:
        """Return what the plan of a case is made of; None if nobody is there to handle it."""
        area, category = self.codes["areas"][row.area_id], self.codes["categories"][row.category_id]
        duty = self.catalogue.duty_of(category, self.catalogue.areas[area].level, row.reported_at)
        ruled = self.catalogue.sop_for(
            category, row.level or self.catalogue.categories[category].level
        )
        sop = ruled or (self.catalogue.sop(duty.sop) if duty.sop else None)
        if duty.lead not in self.crew.handlers or row.first_due is None:
            return None
        return Matter(
            no=row.case_no,
            reported_at=row.reported_at,
            due_at=row.first_due,
            department=duty.lead,
            co=duty.co,
            sop=sop.code if sop else None,
            by_rule=ruled is not None,
            steps=tuple((s.department, s.condition is not None) for s in sop.steps) if sop else (),
            others=tuple(d for d in self.crew.handlers if d != duty.lead and d not in duty.co),
            by_hand=row.source_id == self.keys.sources[DESK],
            called=row.source_id == self.keys.sources.get(CALLING),
        )

    def plan(self, row: Row[Any]) -> Plan:
        """Return the plan of a case; empty if nobody is there to handle it."""
        matter = self.matter(row)
        turn, end = self.told.get(row.case_no, (None, None))
        return plan(matter, turn=turn, end=end) if matter else ()


def do(conn: Connection, house: House, row: Row[Any], step: Step, at: datetime) -> bool:
    """Do one step of a case; return whether it could be done."""
    fields = dict(step.fields)
    if step.act is CaseAct.MOVE_TASK:
        tasks = list(conn.scalars(_TASKS, {"case": row.id}))
        if fields["task"] >= len(tasks):
            return False
        fields["task"] = tasks[fields["task"]]
    actor = house.crew.who(step.by, row.case_no, house.codes["areas"][row.county_id])
    request = Request(step.act, actor, at, None, fields)
    outcome = act(
        conn, house.catalogue, house.keys, row.case_no, request, publish=False, origin=ORIGIN
    )
    if not isinstance(outcome, Done):
        log.debug("left out", case=row.case_no, act=step.act.value, why=str(outcome))
    return isinstance(outcome, Done)


c, k, u = m.cases.c, m.case_clock.c, m.audit.c
_TASKS = (
    select(m.case_task.c.id)
    .where(m.case_task.c.case_id == bindparam("case"))
    .order_by(m.case_task.c.id)
)
_FIRST_DUE = (
    select(k.due_at)
    .where(k.case_id == c.id, k.kind == "total")
    .order_by(k.id)
    .limit(1)
    .scalar_subquery()
)
"""A due time that was approved later must not change the plan."""
_NEW = and_(c.led_since.is_(None), c.state == CaseState.OPENED.value, c.version == 1)
_OPEN: Select[Any] = (
    select(
        c.id, c.case_no, c.category_id, c.area_id, c.county_id, c.source_id, c.level,
        c.reported_at, c.updated_at, c.led_since,
        func.coalesce(_FIRST_DUE, c.due_at).label("first_due"),
    )
    .where(c.matter, c.closed_at.is_(None), or_(c.led_since.is_not(None), _NEW))
    .order_by(c.id)
)  # fmt: skip
_DONE: Select[Any] = (
    select(
        u.object,
        func.sum(case((u.origin == ORIGIN, 1), else_=0)).label("ours"),
        func.sum(case((u.origin != ORIGIN, 1), else_=0)).label("others"),
    )
    .where(
        u.object.in_(bindparam("numbers", expanding=True)), u.outcome == "done",
        u.act.like("case.%"),
    )
    .group_by(u.object)
)  # fmt: skip


@dataclass(frozen=True)
class Open:
    """One matter that is theirs: its row, and how many of its plan's acts are done."""

    row: Row[Any]
    done: int


def may_lead(no: str, level: int) -> bool:
    """Return whether a matter may be theirs. The gravest are the wall's to show, untouched."""
    return is_led(no) and level != Level.RED


def theirs(conn: Connection) -> Sequence[Open]:
    """Return the open matters that only they have acted on, and the new ones they may lead."""
    desk = read_keys(conn).sources[DESK]
    told = conn.execute(_OPEN).all()
    rows = [r for r in told if r.source_id == desk or may_lead(r.case_no, r.level)]
    numbers = [r.case_no for r in rows]
    acted = {r.object: r for r in conn.execute(_DONE, {"numbers": numbers})} if rows else {}
    found = []
    for row in rows:
        acts = acted.get(row.case_no)
        ours, others = (int(acts.ours), int(acts.others)) if acts else (0, 0)
        if not others and (ours or row.led_since is None):
            found.append(Open(row, ours))
    return found


def read_told(conn: Connection) -> Told:
    """Return how the first cases go on."""
    i = m.store_info.c
    kept = conn.execute(select(i.value).where(i.key == TOLD)).scalar()
    rows = json.loads(kept) if kept else {}
    return {no: (Turn(turn), datetime.fromtimestamp(end, UTC)) for no, (turn, end) in rows.items()}


def write_told(conn: Connection, told: Told) -> None:
    """Keep how the first cases go on."""
    value = json.dumps({no: (turn.value, int(at.timestamp())) for no, (turn, at) in told.items()})
    conn.execute(m.store_info.insert().values(key=TOLD, value=value))
