"""When warnings, silences and cases held in the past."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Subquery, bindparam, func, or_, select, text

from data import models as m
from data.alarms.conditions.cases import asked
from data.alarms.conditions.places import Place, Spot
from data.alarms.conditions.silence import limit_s
from data.alarms.conditions.warning import kind_of, meant
from data.alarms.facts import Heard, OneCase, Warned
from data.alarms.judging import City
from data.alarms.spans import Span, Spans, together
from data.catalogue import alarm_entries as e
from data.queries.alarms.case_inputs import UNTAKEN
from data.queries.alarms.heard import heard_sources, heard_units
from data.queries.keys import Keys
from data.settings import settings
from data.vocabulary import Disposition, Stage

a, link, c, ev = m.external_alert.c, m.external_alert_area.c, m.cases.c, m.case_event.c
TAKEN_STAGES = (Stage.HANDLING.value, Stage.CHECKING.value, Stage.CLOSED.value)


def past_warnings(
    conn: Connection, city: City, keys: Keys, condition: e.Warned, areas: Sequence[str],
    since: datetime, until: datetime,
) -> Spans:  # fmt: skip
    """Return when warnings were in force, by place and event; worst: the gravest level."""
    query = (
        select(a.id, a.identifier, a.source_id, a.level, a.event, a.headline, a.effective,
               a.expires, a.ended_at, link.area_id)
        .join(m.external_alert_area, link.alert_id == a.id)
        .where(a.disposition.in_([Disposition.RAISE.value, Disposition.UPDATE.value]))
        .where(a.effective <= until, or_(a.expires.is_(None), a.expires > since))
        .where(or_(a.ended_at.is_(None), a.ended_at > since))
    )  # fmt: skip
    rows, places, codes = {}, dict[int, set[str]](), keys.area_codes()
    for row in conn.execute(query):
        rows[row.id] = row
        places.setdefault(row.id, set()).add(codes.get(row.area_id, ""))
    found: Spans = defaultdict(list)
    for id_, row in rows.items():
        one = Warned(row.identifier, "", row.level or 4, row.event, row.headline, row.effective,
                     row.expires, frozenset(places[id_]))  # fmt: skip
        if meant(condition, one):
            ends = [at for at in (row.expires, row.ended_at) if at is not None]
            end = min(ends, default=None)
            span = Span(row.effective, end if end and end <= until else None, float(one.level))
            for place in _of(one.areas, areas, city):
                found[place, kind_of(one.event)].append(span)
    return dict(found)


def _of(named: Iterable[str], areas: Sequence[str], city: City) -> set[str]:
    if city.code in areas or city.code in named:
        return {city.code}
    return {city.county_of[n] for n in named if n in city.county_of} & set(areas)


# ---- silence ----


def past_silence(
    conn: Connection, city: City, keys: Keys, condition: e.Silence, since: datetime, until: datetime
) -> tuple[Spans, datetime]:
    """Return gaps longer than allowed by today's rhythm, and from when on they are known.

    Polls that brought nothing new are kept as long as minutes are: before, a gap proves nothing.
    """
    sources, _quiet = heard_sources(conn, city, keys, until)
    if condition.units:
        told = [u for units in heard_units(conn, city, keys, until).values() for u in units]
    else:
        told = list(sources.values())
    kept = since
    if not condition.units and any(not h.content for h in told):
        kept = max(since, until - timedelta(days=settings().minute_days))
    found: Spans = {}
    for heard in told:
        limit = limit_s(condition, heard)
        if limit is not None and condition.source in (None, heard.source):
            found[heard.area, heard.source] = _gaps(conn, keys, heard, limit, kept, until)
    return found, kept


_RUNS = "select recorded_at as first, recorded_at as last from ingest_run where source_id = :source"
_GAPS = {
    True: f"{_RUNS} and status in ('ok', 'duplicate') and recorded_at >= :since",
    False: """select first_at as first, last_at as last from reception
      where source_id = :source and area_id = :area and indicator_id = 0 and runs > 0
      and last_at is not null and grain in (1, 2, 4) and bucket >= :since""",
}


def _gaps(
    conn: Connection, keys: Keys, heard: Heard, limit: float, since: datetime, until: datetime
) -> list[Span]:
    """Return the gaps between arrivals that are longer than the limit, each from its excess on."""
    postgres = conn.dialect.name == "postgresql"
    longer = "extract(epoch from first - before)" if postgres else "first - before"
    sql = f"""select before, first from (
        select first, lag(last) over (order by first) as before from ({_GAPS[not heard.content]}) t
      ) g where before is not null and {longer} > :limit order by first"""
    instant = m.ingest_run.c.recorded_at.type
    query = text(sql).bindparams(bindparam("since", type_=instant))
    query = query.columns(before=instant, first=instant)  # type: ignore[assignment]
    whole = heard.area not in keys.areas or not _is_unit(heard, keys)
    values = {"source": keys.sources[heard.source], "since": since, "limit": limit,
              "area": 0 if whole else keys.areas[heard.area]}  # fmt: skip
    allowed = timedelta(seconds=limit)
    named = {k: v for k, v in values.items() if f":{k}" in sql}
    rows = conn.execute(query, named).all()
    found = [Span(before + allowed, first, None) for before, first in rows]
    if heard.last_at is not None and until - heard.last_at > allowed:
        found.append(Span(heard.last_at + allowed, None, None))
    return found


def _is_unit(heard: Heard, keys: Keys) -> bool:
    area = keys.areas[heard.area]
    return bool(keys.parents.get(area))


# ---- cases ----


def past_cases(
    conn: Connection, city: City, keys: Keys, condition: e.Cases, areas: Sequence[str],
    since: datetime, until: datetime,
) -> Spans:  # fmt: skip
    """Return when cases were late, untaken, many or in one place, from what is stored of them."""
    rows = _rows(conn, keys, condition, since, until)
    spans = [(case, _life(condition, case, taken, closed, until)) for case, taken, closed in rows]
    if condition.measure == "burst":
        return _bursts(condition, [case for case, _ in spans], areas, city, since, until)
    found: Spans = {}
    for area in areas:
        own = [(case, s) for case, s in spans if s is not None and area in (case.county, city.code)]
        if condition.count == 1 and condition.measure != "open":
            found |= {(area, case.no): [span] for case, span in own}
        else:
            found[area, ""] = together((s for _, s in own), condition.count, until)
    return found


def _rows(
    conn: Connection, keys: Keys, condition: e.Cases, since: datetime, until: datetime
) -> list[tuple[OneCase, datetime | None, datetime | None]]:
    codes, kinds = keys.area_codes(), {v: k for k, v in keys.categories.items()}
    first = _first_taken() if condition.measure == "untaken" else None
    taken: Any = first.c.at if first is not None else c.acknowledged_at
    query = select(
        c.case_no, c.category_id, c.county_id, c.level, c.reported_at, c.due_at, c.lon, c.lat,
        c.closed_at, c.state, taken.label("taken"),
    )  # fmt: skip
    if first is not None:
        query = query.outerjoin(first, first.c.case_id == c.id)
    if condition.categories:
        query = query.where(c.category_id.in_([keys.categories[x] for x in condition.categories]))
    query = query.where(
        c.level <= condition.level, c.reported_at <= until, *_time(condition, since, until)
    )
    found = []
    for r in conn.execute(query.order_by(c.reported_at, c.id)):
        case = OneCase(r.case_no, kinds.get(r.category_id, ""), codes.get(r.county_id, ""), r.level,
                       r.reported_at, r.due_at, r.reported_at, r.state not in UNTAKEN,
                       r.lon, r.lat)  # fmt: skip
        if asked(condition, case):
            found.append((case, r.taken, r.closed_at))
    return found


def _time(condition: e.Cases, since: datetime, until: datetime) -> list[Any]:
    if condition.measure == "burst":
        return [c.reported_at > since - timedelta(minutes=condition.minutes)]
    more: list[Any] = [or_(c.closed_at.is_(None), c.closed_at > since)]
    if condition.measure == "overdue":
        more += [c.due_at <= until, or_(c.closed_at.is_(None), c.closed_at > c.due_at)]
    return more


def _first_taken() -> Subquery:
    taken = or_(
        ev.to_state.is_not(None) & ev.to_state.not_in(UNTAKEN), ev.to_stage.in_(TAKEN_STAGES)
    )
    query = select(ev.case_id, func.min(ev.at).label("at")).where(taken)
    return query.group_by(ev.case_id).subquery()


def _life(
    condition: e.Cases, case: OneCase, taken: datetime | None, closed: datetime | None,
    until: datetime,
) -> Span | None:  # fmt: skip
    """Return for how long one case was what is asked for, None for never."""
    minutes = timedelta(minutes=condition.minutes)
    if condition.measure == "burst":
        return None
    if condition.measure == "open":
        start, end = case.reported_at, closed
    elif condition.measure == "overdue":
        if case.due_at is None:
            return None
        start, end = case.due_at + minutes, closed
    else:
        ends = [at for at in (taken, closed) if at is not None]
        start, end = case.reported_at + minutes, min(ends, default=None)
        if end is None and case.taken:
            return None  # it was taken, nobody knows when
    if start > until or (end is not None and end <= start):
        return None
    return Span(start, end if end is None or end < until else None)


def _bursts(
    condition: e.Cases, cases: list[OneCase], areas: Sequence[str], city: City, since: datetime,
    until: datetime,
) -> Spans:  # fmt: skip
    minutes = timedelta(minutes=condition.minutes)
    if condition.radius_m is None:
        return {
            (area, ""): together(
                (Span(x.reported_at, x.reported_at + minutes) for x in cases
                 if area in (x.county, city.code)),
                condition.count, until,
            )
            for area in areas
        }  # fmt: skip
    found: Spans = {}
    window: list[OneCase] = []
    standing: dict[tuple[str, str], Span] = {}
    for case in cases:
        if case.lon is None or case.lat is None:
            continue
        window = [x for x in window if case.reported_at - x.reported_at < minutes]
        window.append(case)
        place = Place(case.lat, case.lon)
        near = [x for x in window if place.within(Spot(x.lon or 0, x.lat or 0), condition.radius_m)]
        if len(near) >= condition.count:
            key = _known(standing, case, place, condition.radius_m, areas, city)
            if key is None:
                continue
            before, end = standing.get(key), case.reported_at + minutes
            many = max(float(len(near)), before.worst or 0 if before else 0)
            if before is None or (before.end is not None and before.end < case.reported_at):
                found.setdefault(key, []).append(Span(case.reported_at, end, float(len(near))))
            else:
                found[key][-1] = Span(before.start, end, many)
            standing[key] = found[key][-1]
    return {
        key: [s if s.end and s.end < until else s._replace(end=None) for s in spans
              if s.end is None or s.end > since]
        for key, spans in found.items()
    }  # fmt: skip


def _known(
    standing: dict[tuple[str, str], Span], case: OneCase, place: Place, radius: float,
    areas: Sequence[str], city: City,
) -> tuple[str, str] | None:  # fmt: skip
    for area, name in standing:
        known = Place.read(name)
        span = standing[area, name]
        if known and known.near(Spot(place.lon, place.lat), radius) and span.end:
            return area, name
    area = city.code if city.code in areas else case.county
    return (area, place.name) if area in areas else None
