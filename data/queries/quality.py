"""How well each source and reporting unit keeps its word. Reads small tables, never the facts."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, Connection, Row, func, select

from data import models as m
from data.catalogue import Catalogue
from data.catalogue.entries import Source
from data.quality.figures import share
from data.quality.rhythm import Gap, Learned, UnitState, judge_declared, judge_learned
from data.queries.findings import Finding, findings
from data.queries.keys import Keys
from data.vocabulary import LOCAL

__all__ = ["Finding", "Period", "Rhythm", "UnitQuality", "findings", "unit_figures", "unit_quality"]

Unit = tuple[int, int, int]
"""source id, indicator id or 0 for all, area id (county or city) or 0 for all"""

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
LONGEST = timedelta(weeks=13)
"""A unit that brought nothing new for longer stands in no figure any more; its findings stay."""


class Rhythm(TypedDict):
    """A rhythm in seconds. median_s None: not learned yet (n says from how many gaps).

    declared: what the catalogue says, such as "daily 18:00" ("" for nothing);
    limit_s: a gap longer than this is late, None when nothing is learned.
    """

    declared: str
    median_s: float | None
    spread_s: float | None
    n: int
    limit_s: float | None


class Period(TypedDict):
    """The figures of one stretch of time. A share is None where nothing was expected or due.

    start: epoch seconds. completeness = received / expected periods, timeliness =
    timely / due, each Σ/Σ in percent. refused of read: rows. corrected: periods changed late.
    runs: runs that brought something new.
    """

    start: float
    expected: int
    received: int
    completeness: float | None
    due: int
    timely: int
    timeliness: float | None
    read: int
    refused: int
    corrected: int
    runs: int


class UnitQuality(TypedDict):
    """One reporting unit. area None: the whole source. state: a data.quality.rhythm.UnitState.

    last_at: epoch seconds of the last new content, None when never. total: the whole period;
    buckets: the same by hour (24 h) or by week (12 weeks), oldest first, also where nothing came.
    """

    source: str
    department: str
    area: str | None
    state: str
    last_at: float | None
    rhythm: Rhythm
    total: Period
    buckets: list[Period]
    findings: list[Finding]


@dataclass(frozen=True)
class UnitFigures:
    """The last 24 hours of a unit and how it keeps its rhythm, for the rules."""

    state: UnitState
    last_at: datetime | None
    median_s: float | None
    n: int
    expected: int
    received: int
    due: int
    timely: int
    read: int
    refused: int


SUMMED = ("expected", "received", "due", "timely", "read", "refused", "corrected", "runs")


def unit_quality(
    conn: Connection, catalogue: Catalogue, keys: Keys, *, now: datetime, weeks: int = 0,
    source: str | None = None, as_of: datetime | None = None,
) -> list[UnitQuality]:  # fmt: skip
    """Return every source (area None) and each of its counties; weeks 0: the last 24 hours.

    Args:
        conn: an open connection.
        catalogue: the catalogue.
        keys: its ids.
        now: the present.
        weeks: how many ISO weeks back, the running one counted; 0 for 24 hours by hour.
        source: only this one.
        as_of: up to when what came was counted, if not to the present: a unit is not late
            only because nobody has looked since.
    """
    starts = _weeks(now, weeks) if weeks else _hours(now)
    only = keys.sources[source] if source else None
    sums = _sums(conn, starts, only, weeks=bool(weeks))
    rhythms, last = _rhythms(conn), _last(conn, now, source=only, whole=True)
    open_findings = findings(conn, keys, source=source)
    units = _units(catalogue, keys, {*sums, *last}, source)
    codes = keys.area_codes()
    return [
        _quality(entry, codes.get(unit[2]), sums.get(unit, {}), starts, rhythms.get(unit),
                 last.get(unit), open_findings, catalogue, as_of or now)
        for entry, unit in units
    ]  # fmt: skip


def _hours(now: datetime) -> list[datetime]:
    present = now.replace(minute=0, second=0, microsecond=0)
    return [present - timedelta(hours=n) for n in range(24, -1, -1)]


def _weeks(now: datetime, weeks: int) -> list[datetime]:
    local = now.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = local - timedelta(days=local.weekday())
    return [(monday - n * WEEK).astimezone(UTC) for n in range(weeks - 1, -1, -1)]


Sums = dict[Unit, dict[datetime, list[int]]]


def _sums(conn: Connection, starts: Sequence[datetime], source: int | None, *, weeks: bool) -> Sums:
    """Return the sums of each unit and bucket; one range of the primary key a grain."""
    t = m.reception.c
    found: Sums = defaultdict(dict)
    for grain in (3, 4) if weeks else (1, 2, 4):
        query = select(t.bucket, t.source_id, t.area_id, *(t[n] for n in SUMMED)).where(
            t.grain == grain, t.bucket >= starts[0], t.indicator_id == 0
        )
        query = query.where(_of(source))
        for bucket, source_id, area, *counts in conn.execute(query):
            start = starts[bisect_right(starts, bucket) - 1]
            held = found[(source_id, 0, area)].setdefault(start, [0] * len(SUMMED))
            for n, count in enumerate(counts):
                held[n] += count
    return found


def _of(source: int | None) -> ColumnElement[bool]:
    """Choose one source, or name them all: a source opens the primary key, its indicators do not.

    Without it every indicator of every county is read to find the rows of whole sources.
    """
    t = m.reception.c
    return t.source_id == source if source is not None else t.source_id.in_(select(m.source.c.id))


def _last(
    conn: Connection, now: datetime, *, source: int | None = None, whole: bool = False
) -> dict[Unit, datetime]:
    """Return when each unit last brought something new, within the last 13 weeks.

    whole: of sources and their counties only, not by indicator.
    """
    t = m.reception.c
    query = (
        select(t.source_id, t.indicator_id, t.area_id, func.max(t.last_at))
        .where(t.grain == 3, t.bucket >= now - LONGEST, t.last_at.is_not(None))
        .group_by(t.source_id, t.indicator_id, t.area_id)
    )
    if whole:
        query = query.where(_of(source), t.indicator_id == 0)
    return {(s, i, a): at for s, i, a, at in conn.execute(query)}


def _rhythms(conn: Connection) -> dict[Unit, Row[Any]]:
    rows = conn.execute(select(m.rhythm)).all()
    return {(r.source_id, r.indicator_id, r.area_id): r for r in rows}


def _units(
    catalogue: Catalogue, keys: Keys, seen: Iterable[Unit], only: str | None
) -> list[tuple[Source, Unit]]:
    """Return each source with its counties: those that reported and those that should."""
    by_source: dict[int, set[int]] = defaultdict(set)
    for source_id, indicator, area in seen:
        if indicator == 0:
            by_source[source_id].add(area)
    found = []
    for key, source in catalogue.sources.items():
        if only is not None and key != only:
            continue
        own = keys.sources[key]
        areas = by_source[own] | {keys.areas[code] for code in source.areas} | {0}
        found += [(source, (own, 0, area)) for area in sorted(areas)]
    return found


def _quality(
    source: Source, area: str | None, sums: dict[datetime, list[int]],
    starts: Sequence[datetime], rhythm: Row[Any] | None, last: datetime | None,
    known: Sequence[Finding], catalogue: Catalogue, now: datetime,
) -> UnitQuality:  # fmt: skip
    empty = [0] * len(SUMMED)
    total = [sum(column) for column in zip(empty, *sums.values(), strict=True)]
    heard = total[SUMMED.index("received")] + total[SUMMED.index("read")] > 0
    country = catalogue.city.calendar_country
    return {
        "source": source.key,
        "department": source.department,
        "area": area,
        "state": _state(source, area, rhythm, last, country, now, heard=heard).value,
        "last_at": last.timestamp() if last else None,
        "rhythm": _rhythm(source, rhythm, last, country),
        "total": _period(starts[0], total),
        "buckets": [_period(start, sums.get(start, empty)) for start in starts],
        "findings": [
            f for f in known if f["source"] == source.key and (area is None or f["area"] == area)
        ],
    }


def _learned(row: Row[Any] | None) -> Learned | None:
    if row is None or not row.n:
        return None
    classes = {k: Gap(*v) for k, v in row.classes.items()}
    return Learned(Gap(row.median_s, row.spread_s, row.n), classes)


def _state(
    source: Source, area: str | None, rhythm: Row[Any] | None, last: datetime | None,
    country: str, now: datetime, *, heard: bool,
) -> UnitState:  # fmt: skip
    """Return the state; heard: periods came, if at unknown times, so it is never `never`."""
    if last is None and heard:
        return UnitState.UNKNOWN
    if source.rhythm is not None and area is None:
        return judge_declared(last, source.rhythm, now)
    return judge_learned(last, _learned(rhythm), now, country)


def _rhythm(source: Source, row: Row[Any] | None, last: datetime | None, country: str) -> Rhythm:
    learned = _learned(row)
    declared = source.rhythm
    gap = learned.after(last, country) if learned and last else None
    return {
        "declared": f"{declared.every} {declared.due}" if declared else "",
        "median_s": learned.whole.median_s if learned else None,
        "spread_s": learned.whole.spread_s if learned else None,
        "n": learned.whole.n if learned else 0,
        "limit_s": gap.limit_s if gap else None,
    }


def _period(start: datetime, counts: Sequence[int]) -> Period:
    c = dict(zip(SUMMED, counts, strict=True))
    return {
        "start": start.timestamp(),
        "expected": c["expected"],
        "received": c["received"],
        "completeness": share(c["received"], c["expected"]),
        "due": c["due"],
        "timely": c["timely"],
        "timeliness": share(c["timely"], c["due"]),
        "read": c["read"],
        "refused": c["refused"],
        "corrected": c["corrected"],
        "runs": c["runs"],
    }


def unit_figures(
    conn: Connection, catalogue: Catalogue, *, now: datetime
) -> dict[Unit, UnitFigures]:
    """Return the last 24 hours of every unit, indicators too, for the rules."""
    country = catalogue.city.calendar_country
    sums = _sums(conn, _hours(now), None, weeks=False)
    rhythms, last = _rhythms(conn), _last(conn, now)
    found = {}
    for unit in {*sums, *last}:
        row = rhythms.get(unit)
        learned = _learned(row)
        total = [sum(c) for c in zip([0] * len(SUMMED), *sums.get(unit, {}).values(), strict=True)]
        c = dict(zip(SUMMED, total, strict=True))
        found[unit] = UnitFigures(
            state=judge_learned(last.get(unit), learned, now, country),
            last_at=last.get(unit),
            median_s=learned.whole.median_s if learned else None,
            n=learned.whole.n if learned else 0,
            **{k: c[k] for k in ("expected", "received", "due", "timely", "read", "refused")},
        )
    return found
