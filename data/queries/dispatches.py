"""Wrong dispatches: what came back with approval, counted against whoever had dispatched it.

The loop of cases that are led here says who dispatched. A platform does not say it of its own,
so the detours of mirrored cases are in the figures of departments and not here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, union_all

from data import models as m
from data.catalogue import Catalogue
from data.queries.keys import Keys
from data.vocabulary import Asked, CaseAct, CaseState, Names
from data.vocabulary.dispatches import DispatchBoard, DispatchLine
from data.vocabulary.supervision import Period

c, e, a = m.cases.c, m.case_event.c, m.account.c
Who = tuple[int | None, str]


def dispatch_board(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    period: Period,
    *,
    where: Sequence[ColumnElement[bool]] = (),
) -> DispatchBoard:
    """Return wrong and all dispatches of the period by person and category.

    A dispatch counts when it was made, a wrong one when its return was granted, so a return may
    belong to a dispatch before the period. where: filters and the reader's scope, on `cases`.
    """
    categories = {i: k for k, i in keys.categories.items()}
    found: dict[Who, DispatchLine] = {}
    people = _people(conn, catalogue, keys)

    def line(who: Who) -> DispatchLine:
        number, name = who
        known = (number, "") if number is not None else who
        if known not in found:
            display, centre = people.get(number, (name, None)) if number else (name, None)
            found[known] = DispatchLine(display, centre)
        return found[known]

    for number, name, category, count in conn.execute(_made(conn, period, where)).all():
        line((number, name)).add(categories[category], 1, count)
    for detail, category in conn.execute(_granted(conn, period, where)).all():
        told = detail or {}
        if told.get("kind") == Asked.RETURN and told.get("wrong_dispatch"):
            who = (told.get("dispatched_by"), told.get("dispatched_name") or "")
            line(who).add(categories[category], 0)
    lines = sorted(found.values(), key=lambda x: (-x.wrong, -x.dispatched, x.name))
    used = {code for x in lines for code in x.by}
    named = {k: catalogue.categories[k].name for k in used if k in catalogue.categories}
    return DispatchBoard(tuple(lines), named, period.start, period.end)


def _loop(
    conn: Connection, period: Period, act: CaseAct, where: Sequence[ColumnElement[bool]]
) -> list[ColumnElement[bool]]:
    """Return the conditions on events of one act, reached by cases that ran in the period.

    Those that are open and those that ended since are asked for apart: each has an index.
    """
    known = c.source_id.in_(list(conn.scalars(select(m.source.c.id))))  # opens their indexes
    led = (known, c.led_since.is_not(None))
    ran = union_all(
        select(c.id).where(c.closed_at.is_(None), *led),
        select(c.id).where(c.closed_at >= period.start, c.closed_at.is_not(None), *led),
    )
    happened = (e.action == act.value, e.at >= period.start, e.at < period.end)
    return [c.id.in_(ran), *happened, *where]


def _made(conn: Connection, period: Period, where: Sequence[ColumnElement[bool]]) -> Any:
    return (
        select(e.actor_id, e.actor, c.category_id, func.count())
        .join_from(m.cases, m.case_event, c.id == e.case_id)
        .where(
            *_loop(conn, period, CaseAct.DISPATCH, where),
            e.to_state == CaseState.DISPATCHED.value,  # not a co-department beside the same lead
        )
        .group_by(e.actor_id, e.actor, c.category_id)
    )


def _granted(conn: Connection, period: Period, where: Sequence[ColumnElement[bool]]) -> Any:
    return (
        select(e.detail, c.category_id)
        .join_from(m.cases, m.case_event, c.id == e.case_id)
        .where(
            *_loop(conn, period, CaseAct.GRANT, where),
            e.to_state == CaseState.OPENED.value,
        )
    )


def _people(
    conn: Connection, catalogue: Catalogue, keys: Keys
) -> dict[int, tuple[str, Names | None]]:
    """Return display name and centre of every account, also of those that are shut."""
    areas = keys.area_codes()
    found: dict[int, tuple[str, Names | None]] = {}
    for number, display, area in conn.execute(select(a.id, a.display, a.area_id)).all():
        code = areas.get(area, catalogue.city.code) if area else catalogue.city.code
        place = catalogue.areas.get(code)
        found[number] = (display, place.short if place else None)
    return found
