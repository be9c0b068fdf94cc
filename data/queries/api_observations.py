"""The API's values: as they were reported, or rolled up; now, or as they were known then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, literal, select, tuple_

from data import models as m
from data.catalogue import Catalogue
from data.connectors.instants import LATEST
from data.indicators.value import value_of
from data.models.facts import VOIDED
from data.queries.api_catalogue import Versions, grain_name
from data.queries.api_facts import Asked, Fact, reported
from data.queries.api_pages import Page, area_codes, known, moment
from data.queries.api_params import AskedError, ObservationQuery, instant, make_cursor, read_cursor
from data.queries.api_then import bucket_of, rolled_then
from data.queries.hidden import HiddenCell, few, hidden
from data.queries.keys import Keys, read_keys
from data.vocabulary import CITY_LEVEL, LOCAL, Aggregation, Grain, period_end

ROLLED = {
    "hour": (Grain.HOUR, m.rollup_hour),
    "day": (Grain.DAY, m.rollup_day),
    "week": (Grain.WEEK, m.rollup_week),
    "month": (Grain.MONTH, m.rollup_month),
}


def observations(
    conn: Connection, catalogue: Catalogue, query: ObservationQuery, *, now: datetime
) -> Page:
    """Return one page of values, by indicator, area, grain and period.

    Raises:
        AskedError: the query cannot be answered.
    """
    keys = read_keys(conn)
    asked = _asked(catalogue, keys, query, now)
    found = _found(conn, asked, keys, now)
    more, found = len(found) > asked.limit, found[: asked.limit]
    items = _written(conn, catalogue, keys, found, now=now, past=asked.as_of is not None)
    return Page(items, make_cursor(_place(found[-1])) if more else None)


def _after(cursor: str | None) -> list[Any] | None:
    place = read_cursor(cursor, (int, int, int, int))
    if place is not None and not 0 <= place[3] < LATEST:
        raise AskedError("cursor", "is not one that this list gave")
    return place


def _found(conn: Connection, asked: Asked, keys: Keys, now: datetime) -> list[Fact]:
    if asked.grain not in ROLLED:
        return reported(conn, asked)
    if asked.as_of is None:
        return _rolled(conn, asked)
    return rolled_then(conn, asked, keys, now=now)


def _place(fact: Fact) -> list[Any]:
    return [fact.indicator, fact.area, int(fact.grain), int(fact.start.timestamp())]


def _asked(catalogue: Catalogue, keys: Keys, query: ObservationQuery, now: datetime) -> Asked:
    known("domain", query.domain, catalogue.domains)
    chosen = known("indicator", query.indicator, catalogue.indicators) or catalogue.indicators
    codes = [
        c for c in chosen if not query.domain or catalogue.indicators[c].domain in query.domain
    ]
    named = area_codes(catalogue, query.area, descendants=query.descendants)
    sources = known("source", query.source, catalogue.sources)
    if query.grain in ROLLED and sources:
        codes = [c for c in codes if catalogue.indicators[c].source in sources]
    start, end = instant("from", query.start), instant("to", query.end)
    if start and end and start >= end:
        raise AskedError("to", "is not after from")
    as_of = instant("as_of", query.as_of)
    return Asked(
        indicators=[keys.indicators[c] for c in codes if c in keys.indicators],
        areas=[keys.areas[a] for a in named] if named else None,
        grain=query.grain,
        sources=[keys.sources[s] for s in sources],
        start=start,
        end=end,
        as_of=None if as_of is None or as_of >= now else as_of,
        limit=query.limit,
        after=_after(query.cursor),
    )


# ---- rolled up ----


def _rolled(conn: Connection, asked: Asked) -> list[Fact]:
    grain, table = ROLLED[asked.grain]
    t, i = table.c, m.indicator.c
    columns = (t.indicator_id, t.area_id, t.bucket, t.num, t.den, t.last, t.flag, t.n)
    query = select(*columns, i.aggregation).join(m.indicator, i.id == t.indicator_id)
    query = query.where(t.indicator_id.in_(asked.indicators))
    if asked.areas is not None:
        query = query.where(t.area_id.in_(asked.areas))
    if asked.start is not None:
        query = query.where(t.bucket >= bucket_of(asked.start, grain, up=True))
    if asked.end is not None:
        query = query.where(t.bucket < bucket_of(asked.end, grain, up=True))
    if asked.after is not None:
        indicator, area, _, at = asked.after
        here = literal(bucket_of(datetime.fromtimestamp(at, UTC), grain), t.bucket.type)
        place = tuple_(t.indicator_id, t.area_id, t.bucket)
        query = query.where(t.indicator_id >= indicator, place > tuple_(indicator, area, here))
    rows = conn.execute(query.order_by(t.indicator_id, t.area_id, t.bucket).limit(asked.limit + 1))
    return [_rolled_fact(r, grain) for r in rows]


def _rolled_fact(r: Any, grain: Grain) -> Fact:
    start = r.bucket
    if not isinstance(start, datetime):
        start = datetime.combine(start, datetime.min.time(), LOCAL)
    gauge = r.aggregation == Aggregation.LAST.value
    num, den = (r.last, None) if gauge else (r.num, r.den)
    return Fact(r.indicator_id, r.area_id, grain, start, num, den, r.flag, facts=r.n)


# ---- written out ----


def _written(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    facts: Sequence[Fact],
    *,
    now: datetime,
    past: bool,
) -> list[dict[str, Any]]:
    versions = Versions(conn)
    codes, areas = keys.indicator_codes(), keys.area_codes()
    sources = {v: k for k, v in keys.sources.items()}
    unshown = _unshown(conn, catalogue, codes, facts)
    found = []
    for fact in facts:
        code, area = codes[fact.indicator], areas[fact.area]
        entry = versions.at(code, fact.start.astimezone(LOCAL).date())
        cell = (code, area, fact.start)
        secret = (fact.grain, cell) in unshown or (past and _small(catalogue, code, area))
        secret = secret or few(catalogue.indicators[code], fact.num, fact.den)
        source = str(sources.get(fact.source or 0, entry["source"]))
        found.append(_item(fact, entry, area, source, suppressed=secret, now=now))
    return found


def _small(catalogue: Catalogue, code: str, area: str) -> bool:
    """What small counts were is not told below the city: two times side by side would tell."""
    return bool(catalogue.indicators[code].small_count) and catalogue.areas[area].level > CITY_LEVEL


def _unshown(
    conn: Connection, catalogue: Catalogue, codes: dict[int, str], facts: Sequence[Fact]
) -> set[tuple[Grain, HiddenCell]]:
    """Return the cells among these that must not be shown, by all that is stored of the period."""
    starts: dict[tuple[Grain, str], list[datetime]] = defaultdict(list)
    for fact in facts:
        if catalogue.indicators[codes[fact.indicator]].small_count:
            starts[fact.grain, codes[fact.indicator]].append(fact.start)
    found: set[tuple[Grain, HiddenCell]] = set()
    for (grain, code), at in starts.items():
        end = max(at) + timedelta(seconds=1)
        cells = hidden(conn, catalogue, indicators=[code], grain=grain, start=min(at), end=end)
        found |= {(grain, cell) for cell in cells}
    return found


def _item(
    fact: Fact, entry: dict[str, Any], area: str, source: str, *, suppressed: bool, now: datetime
) -> dict[str, Any]:
    voided = fact.flag >= VOIDED
    num, den = (None, None) if suppressed or voided else (fact.num, fact.den)
    kind = Aggregation(entry["aggregation"])
    value = None if num is None else value_of((num, den), kind, entry["factor"])
    state = "ok" if value is not None else "no_denominator"
    state = "voided" if voided else "suppressed" if suppressed else state
    end = period_end(fact.start, fact.grain)
    return {
        "indicator": entry["code"],
        "area": area,
        "grain": grain_name(fact.grain),
        "period_start": moment(fact.start),
        "period_end": moment(end),
        "complete": end <= now,
        "value": value,
        "numerator": num,
        "denominator": den,
        "unit": entry["unit"],
        "state": state,
        "suppressed": suppressed,
        "source": source,
        "definition_version": entry["version"],
        "rolled": fact.run_id is None,
        "facts": None if suppressed else fact.facts,
        "recorded_at": moment(fact.recorded_at),
        "revision": fact.rev,
        "run_id": fact.run_id,
        "row": fact.row,
    }
