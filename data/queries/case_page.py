"""One case with everything that belongs to it, for whoever may see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from data import models as m
from data.cases.holding import holding
from data.cases.page import AskedRow, CardRow, ClockRow, Head, Held, LinkRow, StepRow, TaskRow, Turn
from data.catalogue import Catalogue
from data.connectors.privacy import mask
from data.queries.case_links import links
from data.queries.case_now import Codes, events_of
from data.queries.case_parts import asked, cards, clocks, steps, tasks
from data.queries.case_places import Places
from data.queries.keys import Keys
from data.queries.provenance import run_of
from data.queries.scope import Scope
from data.vocabulary import Names

c, e = m.cases.c, m.case_event.c


@dataclass(frozen=True)
class Own:
    """What is the case's own: all but what lies about it."""

    id: int
    head: Head
    turns: tuple[Turn, ...]
    holds: tuple[Held, ...]
    clocks: tuple[ClockRow, ...]
    asked: tuple[AskedRow, ...]
    tasks: tuple[TaskRow, ...]
    steps: tuple[StepRow, ...]
    links: tuple[LinkRow, ...]
    cards: tuple[CardRow, ...]


def own_case(
    conn: Connection, catalogue: Catalogue, keys: Keys, no: str, *, scope: Scope, now: datetime
) -> Own | None:
    """Return a case by its number; None if there is none, or none that `scope` covers.

    The two are not told apart: who may not see a case is not told that it is there.
    """
    row = conn.execute(select(m.cases).where(c.case_no == no)).one_or_none()
    if row is None:
        return None
    places = Places(catalogue, keys)
    parts = tasks(conn, places, row.id)
    concerned = {places.department(row.department_id), *(t.department for t in parts)}
    if not scope.covers(places.area(row.area_id), (d for d in concerned if d)):
        return None
    told = conn.execute(select(m.case_event).where(e.case_id == row.id).order_by(e.seq)).all()
    return Own(
        id=row.id,
        head=_head(conn, catalogue, places, row),
        turns=tuple(_turn(places, t) for t in told),
        holds=_holds(places, row, told, now),
        clocks=clocks(conn, catalogue, row.id),
        asked=asked(conn, places, row.id),
        tasks=parts,
        steps=steps(conn, catalogue, places, row.id),
        links=links(conn, places, row, scope),
        cards=cards(conn, places, row.id),
    )


def _head(conn: Connection, catalogue: Catalogue, places: Places, row: Any) -> Head:
    category = catalogue.categories[places.category(row.category_id)]
    source = catalogue.sources.get(places.source(row.source_id))
    run = run_of(conn, row.run_id) if row.run_id else None
    area = places.area(row.area_id)
    county, town = places.names_of(row.area_id)
    plain = {
        name: getattr(row, name)
        for name in (
            "version", "level", "state", "stage", "holder", "reported_at", "updated_at",
            "recorded_at", "channel", "ext_id", "run_id", "row_no", "due_at", "stage_due_at",
            "closed_at", "held_since", "led_since", "acknowledged_at", "closing", "source_said",
            "rework", "returns", "transfers", "extensions", "suspensions", "suspended_s",
            "supervised", "duty_version", "sop", "call_back", "called_at",
        )
    }  # fmt: skip
    return Head(
        **plain,
        no=row.case_no,
        title=mask(row.title),
        body=mask(row.body or ""),
        address=mask(row.address),
        at=(row.lon, row.lat) if row.lon is not None and row.lat is not None else None,
        category=category.code,
        category_name=category.name,
        domain_name=catalogue.domains[category.domain].name,
        department=places.department(row.department_id),
        department_name=places.department_name(row.department_id),
        area=area,
        county_name=county,
        town_name=town,
        source=places.source(row.source_id),
        source_name=source.name if source else _as_is(places.source(row.source_id)),
        file=run.origin if run else None,
    )


def _as_is(word: str) -> Names:
    return {"zh": word, "en": word}


def _turn(places: Places, row: Any) -> Turn:
    return Turn(
        seq=row.seq,
        at=row.at,
        recorded_at=row.recorded_at,
        actor=row.actor,
        action=row.action,
        person=row.actor_id is not None,
        from_state=row.from_state,
        to_state=row.to_state,
        from_stage=row.from_stage,
        to_stage=row.to_stage,
        holder=row.holder,
        department_name=places.department_name(row.department_id),
        actor_name=source.name if (source := places.catalogue.sources.get(row.actor)) else None,
        note=mask(row.note or ""),
        rule=row.rule,
        before={k: str(v) for k, v in (row.before or {}).items()},
        detail=row.detail or {},
        run_id=row.run_id,
    )


def _holds(places: Places, row: Any, told: Sequence[Any], now: datetime) -> tuple[Held, ...]:
    found = holding(events_of(told, Codes.of(places.keys)), row.closed_at or now)
    return tuple(
        Held(h.holder, places.name_of_department(h.department), h.start, h.end) for h in found
    )
