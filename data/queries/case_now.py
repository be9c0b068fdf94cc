"""One case as the loop sees it: its row, what waits on it, what its events remember."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from data import models as m
from data.cases.loop import Card, CaseNow, Event, Pending, remembered
from data.queries.keys import Keys
from data.vocabulary import (
    STATE_OF_STAGE,
    Asked,
    CallBack,
    CaseAct,
    CaseState,
    Closing,
    Colour,
    Holder,
    Stage,
)

UNDISPATCHED = frozenset({CaseState.REPORTED, CaseState.VERIFIED, CaseState.OPENED})
"""Here the department of the row is at most a proposal: the case is nobody's yet."""


@dataclass(frozen=True)
class Codes:
    """Catalogue codes by row id."""

    areas: dict[int, str]
    departments: dict[int, str]
    categories: dict[int, str]

    @classmethod
    def of(cls, keys: Keys) -> Codes:
        """Turn the ids around."""
        turned = ({i: c for c, i in d.items()}
                  for d in (keys.areas, keys.departments, keys.categories))  # fmt: skip
        return cls(*turned)


@dataclass(frozen=True)
class Stood:
    """A case before an act: its row of `cases`, and how it stands."""

    row: Row[Any]
    case: CaseNow
    category: str
    area: str

    @property
    def id(self) -> int:
        """Return the number of its row."""
        return int(self.row.id)


def stand(conn: Connection, keys: Keys, case_no: str) -> Stood | None:
    """Return how a case stands; None if there is none of this number."""
    row = conn.execute(_CASE, {"no": case_no}).first()
    if row is None:
        return None
    codes = Codes.of(keys)
    case = case_now(conn, row, codes)
    return Stood(row, case, codes.categories[row.category_id], codes.areas[row.area_id])


def case_now(conn: Connection, row: Row[Any], codes: Codes) -> CaseNow:
    """Return the case of a row of `cases`."""
    state = CaseState(row.state)
    area, county = codes.areas[row.area_id], codes.areas[row.county_id]
    told = CaseNow(
        state=state,
        reported_at=row.reported_at,
        no=row.case_no,
        version=row.version,
        holder=Holder(row.holder),
        held_since=row.held_since,
        department=None if state in UNDISPATCHED else codes.departments[row.department_id],
        co_departments=_co(conn, row.id, codes),
        county=county,
        town=area if area != county else None,
        led=row.led_since is not None,
        level=row.level,
        due_at=row.due_at,
        rework=row.rework,
        transfers=row.transfers,
        returns=row.returns,
        extensions=row.extensions,
        suspensions=row.suspensions,
        suspended_s=row.suspended_s,
        supervised=row.supervised,
        acknowledged_at=row.acknowledged_at,
        call_back=CallBack(row.call_back) if row.call_back else None,
        closing=Closing(row.closing) if row.closing else None,
        parent=_parent(conn, row.parent_id),
        pending=_pending(conn, row.id),
        cards=_cards(conn, row.id, codes),
        ownership_open=conn.execute(_OWNERSHIP, {"id": row.id}).first() is not None,
    )
    return remembered(told, case_events(conn, row.id, codes))


def case_events(conn: Connection, case_id: int, codes: Codes) -> list[Event]:
    """Return what happened to a case, oldest first, in the words of the loop."""
    return list(events_of(conn.execute(_EVENTS, {"id": case_id}).all(), codes))


def events_of(rows: Iterable[Row[Any]], codes: Codes) -> Iterable[Event]:
    """Yield rows of `case_event` as events; what a platform told is `source_said`."""
    for row in rows:
        known = row.action in _ACTS
        yield Event(
            at=row.at,
            action=CaseAct(row.action) if known else CaseAct.SOURCE_SAID,
            actor=row.actor,
            actor_id=row.actor_id,
            from_state=CaseState(row.from_state) if row.from_state else None,
            to_state=_to_state(row),
            holder=Holder(row.holder) if row.holder else None,
            department=codes.departments.get(row.department_id),
            note=row.note or "",
            rule=row.rule,
            detail=row.detail or {},
        )


def _to_state(row: Row[Any]) -> CaseState | None:
    """Return where an event led; old ones only tell the coarse stage."""
    if row.to_state:
        return CaseState(row.to_state)
    moved = row.to_stage and row.to_stage != row.from_stage
    return STATE_OF_STAGE[Stage(row.to_stage)] if moved else None


_ACTS = frozenset(CaseAct)
c, e, a = m.cases.c, m.case_event.c, m.case_approval.c
_CASE = select(m.cases).where(c.case_no == bindparam("no"))
_EVENTS = select(m.case_event).where(e.case_id == bindparam("id")).order_by(e.seq)
_OWNERSHIP = select(m.ownership_item.c.id).where(
    m.ownership_item.c.case_id == bindparam("id"), m.ownership_item.c.decided_at.is_(None)
)
_PENDING = (
    select(m.case_approval)
    .where(a.case_id == bindparam("id"), a.decided_at.is_(None))
    .order_by(a.id)
)
_CARDS = (
    select(m.supervision_card)
    .where(m.supervision_card.c.case_id == bindparam("id"))
    .order_by(m.supervision_card.c.id)
)
_APPEALS = (
    select(m.supervision_event)
    .where(
        m.supervision_event.c.card_id.in_(
            select(m.supervision_card.c.id).where(m.supervision_card.c.case_id == bindparam("id"))
        ),
        m.supervision_event.c.action == "appealed",
    )
    .order_by(m.supervision_event.c.id)
)
_TASKS = (
    select(m.case_task.c.department_id)
    .where(m.case_task.c.case_id == bindparam("id"))
    .order_by(m.case_task.c.id)
)
_NUMBER = select(c.case_no).where(c.id == bindparam("id"))


def _co(conn: Connection, case_id: int, codes: Codes) -> tuple[str, ...]:
    found = conn.scalars(_TASKS, {"id": case_id})
    return tuple(dict.fromkeys(codes.departments[i] for i in found))


def _parent(conn: Connection, parent_id: int | None) -> str | None:
    if parent_id is None:
        return None
    return conn.scalar(_NUMBER, {"id": parent_id})


def _pending(conn: Connection, case_id: int) -> tuple[Pending, ...]:
    rows = conn.execute(_PENDING, {"id": case_id})
    return tuple(Pending(r.id, Asked(r.kind), r.asked_by, r.asked_name, r.wanted) for r in rows)


def _cards(conn: Connection, case_id: int, codes: Codes) -> tuple[Card, ...]:
    rows = conn.execute(_CARDS, {"id": case_id}).all()
    appeals: dict[int, Row[Any]] = {}
    if any(r.state == "appealed" for r in rows):
        appeals = {r.card_id: r for r in conn.execute(_APPEALS, {"id": case_id})}
    found = []
    for r in rows:
        by = appeals.get(r.id)
        who = (by.actor_id, by.actor) if by else (None, "")
        found.append(
            Card(r.id, Colour(r.colour), r.state, codes.departments[r.department_id], *who)
        )
    return tuple(found)
