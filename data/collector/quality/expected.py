"""Which periods should have come, which came, which in time; from a bounded stretch of facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, select

from data import models as m
from data.catalogue import Catalogue
from data.catalogue.entries import Source
from data.collector.quality.arrivals import Unit, hour_of
from data.quality.figures import expected_in_hour, periods
from data.quality.rhythm import next_due
from data.queries.keys import Keys
from data.vocabulary import LOCAL, Grain, period_end

SPAN = {
    Grain.MINUTE: timedelta(hours=2),
    Grain.HOUR: timedelta(hours=26),
    Grain.DAY: timedelta(days=14),
    Grain.WEEK: timedelta(days=56),
    Grain.MONTH: timedelta(days=125),
}
"""How far back periods are looked at again: a late one is still seen to have come."""
SHORT = timedelta(hours=3)
GRACE = {Grain.DAY: timedelta(days=1), Grain.WEEK: timedelta(days=7), Grain.MONTH: timedelta(10)}
"""Longer periods come by hand: due this long after they are over, when nothing is declared."""


@dataclass
class Tally:
    """Counts of one unit and bucket."""

    expected: int = 0
    received: int = 0
    due: int = 0
    timely: int = 0
    corrected: int = 0


@dataclass(frozen=True)
class Late:
    """A value changed after its period was over and due: was, now, how long after, by which run."""

    indicator_id: int
    area_id: int
    period_start: datetime
    was: tuple[float, float | None]
    now: tuple[float, float | None]
    after_s: float
    run_id: int


@dataclass
class Expected:
    """Tallies by (unit, bucket, grain of the bucket), and the late corrections seen."""

    tallies: dict[tuple[Unit, datetime, int], Tally] = field(
        default_factory=lambda: defaultdict(Tally)
    )
    late: list[Late] = field(default_factory=list)


@dataclass(frozen=True)
class Series:
    """One indicator of one reporting area, with its grain and first known period."""

    indicator_id: int
    area_id: int
    grain: Grain
    first: datetime
    source: Source


def allowance(source: Source, grain: Grain) -> timedelta:
    """Return how long after its end a period may come in time."""
    return max(timedelta(seconds=source.stale_after), GRACE.get(grain, timedelta(0)))


def due_at(series: Series, start: datetime) -> datetime:
    """Return when a period must have come: at the declared hour after its end, or in the grace."""
    over = period_end(start, series.grain)
    rhythm = series.source.rhythm
    if rhythm is not None and series.grain >= Grain.DAY:
        return next_due(rhythm, over)
    return over + allowance(series.source, series.grain)


class Firsts:
    """Since when each series is known; asked once a process, for it never moves forward."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int, int], datetime] = {}
        self._loads: dict[int, datetime] | None = None

    def read(self, conn: Connection, catalogue: Catalogue, keys: Keys) -> list[Series]:
        """Return every series that ever reported, known since its past was loaded at most."""
        if self._loads is None:
            self._loads = bulk_loads(conn)
        lt = m.latest.c
        sources = {keys.indicators[i.code]: catalogue.sources[i.source]
                   for i in catalogue.indicators.values()}  # fmt: skip
        found = []
        for i, a, g in conn.execute(select(lt.indicator_id, lt.area_id, lt.grain)).all():
            if i not in sources:
                continue
            key = (i, a, g)
            if key not in self._known:
                first = _first(conn, i, a, g)
                if first is None:
                    continue
                loaded = self._loads.get(keys.sources[sources[i].key])
                self._known[key] = max(first, loaded) if loaded else first
            found.append(Series(i, a, Grain(g), self._known[key], sources[i]))
        return found


def _first(conn: Connection, indicator: int, area: int, grain: int) -> datetime | None:
    o = m.observation.c
    chosen = (o.indicator_id == indicator, o.area_id == area, o.grain == grain)
    query = select(o.period_start).where(*chosen).order_by(o.period_start).limit(1)
    return conn.execute(query).scalar()


def read_expected(
    conn: Connection,
    series: Iterable[Series],
    keys: Keys,
    grains: Iterable[Grain],
    *,
    now: datetime,
    short: bool = False,
) -> Expected:
    """Return the tallies of every bucket whose periods were due in the span of their grain.

    short: hours only as far back as one could become due since the last look.
    """
    found, chosen = Expected(), list(series)
    for grain in grains:
        of_grain = [s for s in chosen if s.grain is grain]
        if not of_grain:
            continue
        since = now - (SHORT if short else SPAN[grain])
        # days are due on another day than their own: one more, so that each bucket is whole
        since = since - timedelta(days=1) if grain >= Grain.DAY else since
        came = _came(conn, grain, since)
        for one in of_grain:
            for start in _periods(one, since, now):
                _count(found, one, keys, start, came.get((one.indicator_id, one.area_id), {}))
    return found


def _periods(series: Series, since: datetime, now: datetime) -> Iterator[datetime]:
    """Yield the starts of the periods that are due by now."""
    grain = series.grain
    if grain is Grain.MINUTE:
        step = 60 * (60 // expected_in_hour(grain, series.source.every))
        first = int(max(since, series.first).timestamp()) // step * step + step
        first = max(first, int((hour_of(since) + timedelta(hours=1)).timestamp()))
        last = int(hour_of(now).timestamp())
        for at in range(first, last - step + 1, step):
            yield datetime.fromtimestamp(at, UTC)
        return
    for start in periods(grain, max(since, series.first), now):
        if due_at(series, start) <= now:
            yield start.astimezone(UTC)


Came = dict[tuple[int, int], dict[datetime, Any]]


def _came(conn: Connection, grain: Grain, since: datetime) -> Came:
    """Return the facts of one grain since an instant, by series and period."""
    lt, o, h = m.latest.c, m.observation.c, m.observation_history.c
    same = and_(o.indicator_id == lt.indicator_id, o.area_id == lt.area_id, o.grain == lt.grain)
    first = and_(
        h.indicator_id == o.indicator_id, h.area_id == o.area_id, h.grain == o.grain,
        h.period_start == o.period_start, h.rev == 0, o.rev > 0,
    )  # fmt: skip
    query = (
        select(o.indicator_id, o.area_id, o.period_start, o.recorded_at, o.num, o.den, o.rev,
               o.run_id, h.recorded_at.label("first_at"), h.num.label("was"),
               h.den.label("was_den"))
        .select_from(m.latest).join(m.observation, same)
        .outerjoin(m.observation_history, first)
        .where(lt.grain == int(grain), o.period_start >= since)
    )  # fmt: skip
    found: Came = defaultdict(dict)
    for row in conn.execute(query):
        found[(row.indicator_id, row.area_id)][row.period_start] = row
    return found


def _count(
    found: Expected, series: Series, keys: Keys, start: datetime, came: dict[datetime, Any]
) -> None:
    row = _match(series, start, came)
    due = due_at(series, start)
    first_at = None if row is None else row.first_at or row.recorded_at
    corrected = row is not None and row.rev > 0 and row.recorded_at > due and row.was is not None
    if corrected and (row.was, row.was_den) != (row.num, row.den):
        found.late.append(_late(series, row))
    for tally in _tallies(found, series, keys, start, due):
        tally.expected += 1
        tally.received += row is not None
        if first_at is not None:
            tally.due += 1
            tally.timely += first_at <= due
        tally.corrected += corrected


def _match(series: Series, start: datetime, came: dict[datetime, Any]) -> Any:
    """Return the fact of a period; a minute feed asked less often may tell any minute of it."""
    if series.grain is not Grain.MINUTE:
        return came.get(start)
    minutes = 60 // expected_in_hour(Grain.MINUTE, series.source.every)
    steps = (start + timedelta(minutes=n) for n in range(minutes))
    return next((came[at] for at in steps if at in came), None)


def _tallies(
    found: Expected, series: Series, keys: Keys, start: datetime, due: datetime
) -> list[Tally]:
    """Return the tallies a period counts in: of its indicator, its county and its source."""
    source = keys.sources[series.source.key]
    county = keys.county_of[series.area_id]
    if series.grain >= Grain.DAY:
        local = due.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
        bucket, kind = local.astimezone(UTC), 4
    else:
        bucket, kind = hour_of(start), int(series.grain)
    units = ((source, series.indicator_id, 0), (source, 0, county), (source, 0, 0))
    return [found.tallies[(unit, bucket, kind)] for unit in units]


def _late(series: Series, row: Any) -> Late:
    over = period_end(row.period_start, series.grain)
    return Late(
        series.indicator_id, series.area_id, row.period_start, (row.was, row.was_den),
        (row.num, row.den), (row.recorded_at - over).total_seconds(), row.run_id,
    )  # fmt: skip


def bulk_loads(conn: Connection) -> dict[int, datetime]:
    """Return when the past of a source was loaded in one go, by source id, where its first run is.

    Nobody knows what of that past should have come, nor when it came.
    """
    r, f = m.ingest_run.c, m.fetch.c
    found = {}
    for (source,) in conn.execute(select(m.source.c.id)).all():
        query = (
            select(r.recorded_at, f.origin).join(m.fetch, f.id == r.fetch_id)
            .where(r.source_id == source, r.status == "ok").order_by(r.id).limit(1)
        )  # fmt: skip
        first = conn.execute(query).first()
        if first is not None and first.origin == "bulk load":
            found[source] = first.recorded_at
    return found
