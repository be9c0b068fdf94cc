"""The list of the alarm console: open alarms, folded by situation, highest first, then newest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Select, and_, case, func, select

from data import models as m
from data.queries.alarms.console_filter import GROUP, WAITS, House, Where, narrowed, within
from data.queries.scope import Scope
from data.vocabulary import Names
from data.vocabulary.alarm_console import (
    MOST,
    MOST_FOLDED,
    SHOWN,
    ConsoleCounts,
    ConsoleRow,
    ConsoleView,
)

a, s = m.alarm.c, m.situation.c

COLUMNS = (
    a.id, a.version, a.priority, a.state, a.active, a.rule, a.area_id, a.object, a.title, a.said,
    a.raised_at, a.count, a.latched, a.owner_name, a.acknowledged_name, a.shelved_until, a.case_no,
    a.situation_id,
)  # fmt: skip


def rows(
    conn: Connection,
    house: House,
    scope: Scope,
    view: ConsoleView,
    *,
    limit: int = MOST,
    unfolded: Collection[int] = (),
) -> list[ConsoleRow]:
    """Return a view's alarms in order: one a group, and the rest of those that are unfolded."""
    where = and_(*narrowed(house, scope, view))
    heads = conn.execute(_heads(where, limit)).all()
    groups = {r.grp: r for r in heads}
    found = [_row(r, r, house) for r in heads]
    wanted = [g for g in unfolded if g in groups and groups[g].n > 1]
    if wanted:
        shown = {r.id for r in heads}
        under = conn.execute(_under(where, wanted)).all()
        found += [_row(r, groups[r.grp], house, under=True) for r in under if r.id not in shown]
        found.sort(key=_place)
    return found


def _rank() -> tuple[Any, ...]:
    """Return the order within a group: gravest, then what waits, then newest."""
    return (a.priority, case((a.state.in_(WAITS), 0), else_=1), a.raised_at.desc(), a.id.desc())


def _heads(where: Where, limit: int) -> Select[Any]:
    waits = case((a.state.in_(WAITS), 1), else_=0)
    inner = (
        select(
            a.id,
            GROUP.label("grp"),
            func.row_number().over(partition_by=GROUP, order_by=_rank()).label("nth"),
            func.count().over(partition_by=GROUP).label("n"),
            func.sum(waits).over(partition_by=GROUP).label("waiting"),
            func.max(a.raised_at).over(partition_by=GROUP).label("newest"),
        )
        .where(where)
        .subquery()
    )  # fmt: skip
    i = inner.c
    return (
        select(*COLUMNS, i.grp, i.n, i.waiting, i.newest, a.priority.label("gravest"),
               s.title.label("situation"))
        .join(inner, i.id == a.id)
        .outerjoin(m.situation, s.id == a.situation_id)
        .where(i.nth == 1)
        .order_by(a.priority, i.newest.desc(), i.grp.desc())
        .limit(limit)
    )  # fmt: skip


def _under(where: Where, groups: Sequence[int]) -> Select[Any]:
    inner = (
        select(
            a.id, func.row_number().over(partition_by=GROUP, order_by=_rank()).label("nth")
        )
        .where(where, GROUP.in_(groups))
        .subquery()
    )  # fmt: skip
    return (
        select(*COLUMNS, GROUP.label("grp"), s.title.label("situation"))
        .join(inner, inner.c.id == a.id)
        .outerjoin(m.situation, s.id == a.situation_id)
        .where(inner.c.nth <= MOST_FOLDED)
    )


def _place(row: ConsoleRow) -> tuple[Any, ...]:
    """Return where a row stands; assets/alerts/2-grid.js orders the same way."""
    waits = row["state"] not in WAITS
    return (row["gravest"], -row["newest"], -row["group"], row["under"], row["priority"], waits,
            -row["raised_at"], -row["id"])  # fmt: skip


def one_row(conn: Connection, house: House, scope: Scope, id_: int) -> ConsoleRow | None:
    """Return one alarm as lists show it, open or not; None if it is not there, or not for these."""
    query = (
        select(*COLUMNS, GROUP.label("grp"), s.title.label("situation"),
               a.priority.label("gravest"), a.raised_at.label("newest"))
        .outerjoin(m.situation, s.id == a.situation_id)
        .where(a.id == id_, *within(house.keys, scope))
    )  # fmt: skip
    found = conn.execute(query).first()
    return _row(found, found, house) if found is not None else None


def _row(r: Any, head: Any, house: House, *, under: bool = False) -> ConsoleRow:
    counted = not under and hasattr(r, "n")
    planned, ends = _planned(r, house)
    return {
        "id": r.id,
        "version": r.version,
        "group": r.grp,
        "gravest": head.gravest,
        "newest": head.newest.timestamp(),
        "folded": r.n - 1 if counted else 0,
        "waiting": int(r.waiting) if counted else 0,
        "under": under,
        "priority": r.priority,
        "state": r.state,
        "active": r.active,
        "rule": r.rule,
        "title": r.title,
        "said": r.said,
        "situation": r.situation,
        "place": _where(r.area_id, house),
        "raised_at": r.raised_at.timestamp(),
        "count": r.count,
        "latched": r.latched,
        "owner": r.owner_name or r.acknowledged_name,
        "until": r.shelved_until.timestamp() if r.shelved_until else ends,
        "planned": planned,
        "case_no": r.case_no,
    }


def _where(area_id: int, house: House) -> list[Names]:
    """Return the names of a place: its county before it, if it lies in one."""
    codes, areas = house.codes, house.catalogue.areas
    code = codes.get(area_id, "")
    county = codes.get(house.keys.county_of.get(area_id, area_id), code)
    names = [areas[x] for x in dict.fromkeys((county, code)) if x in areas]
    if len(names) == 2:
        return [names[0].short, names[1].name]
    return [n.name for n in names] or [{"zh": code, "en": code}]


def _planned(r: Any, house: House) -> tuple[str | None, float | None]:
    """Return why planned work or a service covers an alarm, and until when."""
    code = house.codes.get(r.area_id, "")
    for window in house.windows:
        if window.covers(r.rule, code, r.object):
            return window.reason, window.ends_at.timestamp()
    return None, None


def counts(conn: Connection, house: House, scope: Scope, view: ConsoleView) -> ConsoleCounts:
    """Return how many open alarms and groups a view holds, and how many each chip of it would."""
    where = and_(*narrowed(house, scope, view, chips=False))
    each = (a.state, a.priority)
    by = conn.execute(select(*each, func.count().label("n")).where(where).group_by(*each)).all()
    states, priorities, total = Counter[str](), Counter[str](), 0
    wanted = view.state or SHOWN
    for r in by:
        said = not view.priority or str(r.priority) in view.priority
        if said:
            states[r.state] += r.n
        if r.state in wanted:
            priorities[str(r.priority)] += r.n
            total += r.n if said else 0
    groups = conn.scalar(
        select(func.count(GROUP.distinct())).where(and_(*narrowed(house, scope, view)))
    )
    return {
        "total": total,
        "groups": int(groups or 0),
        "state": dict(states),
        "priority": dict(priorities),
    }
