"""The API's facts: values as they were reported, now or as they were known then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Select, literal, null, select, tuple_, union_all

from data import models as m
from data.vocabulary import Grain


@dataclass(frozen=True)
class Asked:
    """A query in row ids and instants. Empty lists: nothing fits."""

    indicators: list[int]
    areas: list[int] | None
    grain: str
    sources: list[int]
    start: datetime | None
    end: datetime | None
    as_of: datetime | None
    limit: int
    after: list[Any] | None


@dataclass(frozen=True)
class Fact:
    """One value by row ids, before it is written out."""

    indicator: int
    area: int
    grain: Grain
    start: datetime
    num: float | None
    den: float | None
    flag: int
    recorded_at: datetime | None = None
    rev: int | None = None
    run_id: int | None = None
    row: int | None = None
    source: int | None = None
    facts: int | None = None


_COLUMNS = (
    "indicator_id", "area_id", "grain", "period_start", "num", "den", "flag", "recorded_at", "rev",
    "run_id", "row_no",
)  # fmt: skip


def reported(conn: Connection, asked: Asked) -> list[Fact]:
    """Return values as they were reported, as known at `as_of`, by place; one more than `limit`."""
    o, h = m.observation.c, m.observation_history.c
    current: Select[Any] = select(*(o[n] for n in _COLUMNS), o.source_id)
    current = _narrowed(current, o, asked)
    if asked.sources:
        current = current.where(o.source_id.in_(asked.sources))
    if asked.as_of is None:
        places = [current.selected_columns[n] for n in _COLUMNS[:4]]
        rows = conn.execute(current.order_by(*places).limit(asked.limit + 1))
        return [_fact(r) for r in rows]
    before: Select[Any] = select(*(h[n] for n in _COLUMNS), null().label("source_id"))
    before = _narrowed(before, h, asked).where(h.superseded_at > asked.as_of)
    both = union_all(
        current.where(o.recorded_at <= asked.as_of), before.where(h.recorded_at <= asked.as_of)
    ).subquery()
    ordered = select(both).order_by(*(both.c[n] for n in _COLUMNS[:4])).limit(asked.limit + 1)
    return _newest_of_each([_fact(r) for r in conn.execute(ordered)])


def _newest_of_each(facts: list[Fact]) -> list[Fact]:
    """Two revisions can meet in one second; the later one was known."""
    found: dict[tuple[int, int, Grain, datetime], Fact] = {}
    for fact in facts:
        key = (fact.indicator, fact.area, fact.grain, fact.start)
        other = found.get(key)
        if other is None or (fact.rev or 0) > (other.rev or 0):
            found[key] = fact
    return list(found.values())


def _narrowed(query: Select[Any], c: Any, asked: Asked) -> Select[Any]:
    query = query.where(c.indicator_id.in_(asked.indicators))
    if asked.areas is not None:
        query = query.where(c.area_id.in_(asked.areas))
    if asked.grain != "native":
        query = query.where(c.grain == int(Grain[asked.grain.upper()]))
    if asked.start is not None:
        query = query.where(c.period_start >= asked.start)
    if asked.end is not None:
        query = query.where(c.period_start < asked.end)
    if asked.after is not None:
        i, a, g, at = asked.after
        here = literal(datetime.fromtimestamp(at, UTC), c.period_start.type)
        place = tuple_(c.indicator_id, c.area_id, c.grain, c.period_start)
        query = query.where(c.indicator_id >= i, place > tuple_(i, a, g, here))
    return query


def _fact(r: Any) -> Fact:
    return Fact(
        r.indicator_id, r.area_id, Grain(r.grain), r.period_start, r.num, r.den, r.flag,
        r.recorded_at, r.rev, r.run_id, r.row_no, r.source_id,
    )  # fmt: skip
