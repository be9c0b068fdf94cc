"""Raise the cards that delays call for, end those of cases that are over. The collector's chore."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, or_, select

from data import models as m
from data.cases.clocks import due_at
from data.cases.ladder import Raised, Watched, cards
from data.catalogue import Catalogue
from data.catalogue.loop_entries import Rung
from data.queries.keys import Keys
from data.queries.supervision_board import unheard
from data.vocabulary import CaseState, Holder

c, s = m.cases.c, m.supervision_card.c
BY = "ladder"
AHEAD = timedelta(days=40)
"""Cases due later than this cannot be near their limit: the longest is 20 working days."""


@dataclass(frozen=True)
class Looked:
    """What a look did: cards raised and ended."""

    raised: int
    ended: int


def look(conn: Connection, catalogue: Catalogue, keys: Keys, now: datetime) -> Looked:
    """Raise and end cards. Every card says its rule, its grounds, and when the next step is due.

    A case moves by no card: its version stays, so that nobody's act is refused for one.
    """
    ended = _end(conn, now)
    rungs = tuple(catalogue.ladder)
    watched = _watched(conn, catalogue, keys, now)
    raised = cards(watched, rungs, _overdue_before(conn, keys, rungs, now), now)
    _write(conn, catalogue, keys, raised, now)
    return Looked(len(raised), ended)


def _end(conn: Connection, now: datetime) -> int:
    """End the cards of cases that are over; an appeal stays open until it is decided."""
    over = select(s.id, s.case_id).join_from(m.supervision_card, m.cases, c.id == s.case_id)
    chosen = over.where(s.ended_at.is_(None), s.state != "appealed", c.closed_at.is_not(None))
    rows = conn.execute(chosen).all()
    if not rows:
        return 0
    mine = m.supervision_card.update().where(s.id == bindparam("b_id"))
    new = {"state": "ended", "ended_at": now}
    conn.execute(mine.values(**new), [{"b_id": r.id} for r in rows])
    _note(conn, [r.id for r in rows], "ended", now)
    return len(rows)


def _watched(conn: Connection, catalogue: Catalogue, keys: Keys, now: datetime) -> list[Watched]:
    quiet = {keys.sources[key] for key in unheard(conn, catalogue, now)[0]}
    matters = or_(c.matter, c.led_since.is_not(None), c.due_at < now)
    query = select(
        c.id, c.department_id, c.state, c.holder, c.reported_at, c.due_at, c.led_since, c.source_id
    ).where(c.closed_at.is_(None), c.due_at < now + AHEAD, matters)
    rows = conn.execute(query).all()
    ids = [r.id for r in rows]
    carded, marked, appealed = _carded(conn, ids)
    steps = _steps(conn, ids)
    departments = {i: k for k, i in keys.departments.items()}
    return [
        Watched(
            id=r.id,
            department=departments[r.department_id],
            state=CaseState(r.state),
            holder=Holder(r.holder),
            start=r.reported_at,
            due_at=r.due_at,
            trusted=r.led_since is not None or r.source_id not in quiet,
            carded=carded.get(r.id, frozenset()),
            marked=marked.get(r.id, 0),
            appealed=r.id in appealed,
            steps=steps.get(r.id, (0, 0)),
        )
        for r in rows
    ]


PART = 900


def _carded(
    conn: Connection, ids: list[int]
) -> tuple[dict[int, frozenset[str]], dict[int, int], set[int]]:
    """Return which rungs raised a card for each case, the gravest colour, and open appeals.

    A card that was withdrawn after an appeal marks the case no longer.
    """
    codes: dict[int, set[str]] = defaultdict(set)
    marked: dict[int, int] = defaultdict(int)
    appealed: set[int] = set()
    for start in range(0, len(ids), PART):
        part = s.case_id.in_(ids[start : start + PART])
        query = select(s.case_id, s.rule, s.state, s.colour).where(part)
        for case, rule, state, colour in conn.execute(query).all():
            codes[case].add(rule)
            if state == "appealed":
                appealed.add(case)
            if state != "withdrawn":
                marked[case] = max(marked[case], colour)
    return {case: frozenset(found) for case, found in codes.items()}, marked, appealed


def _steps(conn: Connection, ids: list[int]) -> dict[int, tuple[int, int]]:
    """Return (done, all) of each case's procedure; a skipped step is out of both."""
    t, found = m.case_step.c, {}
    for start in range(0, len(ids), PART):
        asked = and_(t.case_id.in_(ids[start : start + PART]), ~t.skipped)
        query = select(t.case_id, func.count(t.done_at), func.count()).where(asked)
        for case, done, every in conn.execute(query.group_by(t.case_id)).all():
            found[case] = (done, every)
    return found


def _overdue_before(
    conn: Connection, keys: Keys, rungs: tuple[Rung, ...], now: datetime
) -> Counter[str]:
    """Return how many cases of each department went over, by "department/rung code"."""
    departments = {i: k for k, i in keys.departments.items()}
    found: Counter[str] = Counter()
    late = or_(c.closed_at.is_(None), c.closed_at > c.due_at)
    weighed = or_(c.matter, c.led_since.is_not(None))
    for rung in (r for r in rungs if r.within_days):
        since = now - timedelta(days=rung.within_days or 0)
        last = dict(
            conn.execute(
                select(s.department_id, func.max(s.raised_at))
                .where(s.rule == rung.code, s.raised_at >= since)
                .group_by(s.department_id)
            ).all()
        )
        asked = and_(c.due_at >= since, c.due_at < now, late, weighed)
        for department, due in conn.execute(select(c.department_id, c.due_at).where(asked)).all():
            if due > last.get(department, since):
                found[f"{departments[department]}/{rung.code}"] += 1
    return found


def _write(
    conn: Connection, catalogue: Catalogue, keys: Keys, raised: list[Raised], now: datetime
) -> None:
    if not raised:
        return
    rows = [_row(catalogue, keys, card, now) for card in raised]
    insert = m.supervision_card.insert().returning(s.id, sort_by_parameter_order=True)
    ids = list(conn.scalars(insert, rows))
    _note(conn, ids, "raised", now)
    mine = m.cases.update().where(c.id == bindparam("b_id"), c.supervised < bindparam("b_colour"))
    marks = [{"b_id": r.case_id, "b_colour": int(r.colour)} for r in raised]
    conn.execute(mine.values(supervised=bindparam("b_colour")), marks)


def _row(catalogue: Catalogue, keys: Keys, card: Raised, now: datetime) -> dict[str, Any]:
    rung = card.rung
    clock = catalogue.clock(rung.next_within, now) if rung.next_within else None
    return {
        "case_id": card.case_id,
        "department_id": keys.departments[card.department],
        "rule": rung.code,
        "rule_version": rung.version,
        "colour": int(rung.colour),
        "raised_at": now,
        "evidence": dict(card.evidence),
        "next_step_at": due_at(clock, now, catalogue.calendar) if clock else None,
    }


def _note(conn: Connection, ids: list[int], action: str, now: datetime) -> None:
    rows = [{"card_id": i, "at": now, "action": action, "actor": BY, "note": ""} for i in ids]
    conn.execute(m.supervision_event.insert(), rows)
