"""The wall's numbers as the store knew them at an instant: facts by when they were recorded.

One pass over the last day's facts of each reporting area, added up by hour. What was recorded
after the instant is looked up in the history, where the value it took the place of stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, TextClause, bindparam, text

from data.models.columns import Instant, LocalDay
from data.queries.keys import Keys
from data.queries.wall import Newest
from data.vocabulary import LOCAL, Grain

HOUR_S = 3600
Place = tuple[int, int]
"""indicator id, area id"""
Bucket = tuple[float, float | None, float | None]
"""num, den, the last value of a gauge"""


@dataclass(frozen=True)
class Asked:
    """Whose facts of which instant. known: what was recorded up to here counts."""

    indicators: Sequence[int]
    areas: Sequence[int]
    at: datetime
    known: datetime


@dataclass
class Facts:
    """What reporting areas told: by hour, whole days and longer, and the newest of each."""

    hours: dict[Place, dict[int, Bucket]] = field(default_factory=dict)
    days: dict[Place, dict[date, Bucket]] = field(default_factory=dict)
    newest: dict[Place, Newest] = field(default_factory=dict)

    def tell(self, place: Place, grain: int, start: int, num: float, den: float | None) -> None:
        """Take a fact as the newest of its area if it is."""
        before = self.newest.get(place)
        at = _instant(start)
        if before is None or (at, -grain) > (before.period_start, -before.grain):
            self.newest[place] = Newest(at, at, grain, (num, den))


def told_then(conn: Connection, asked: Asked) -> Facts:
    """Return the facts of the last 26 hours, and longer periods of the last 40 days."""
    facts, late = Facts(), list[tuple[int, int, int, int, int]]()
    present = asked.at.replace(minute=0, second=0, microsecond=0)
    values = _values(asked, lo=present - timedelta(hours=26), hi=asked.at)
    lasts: dict[tuple[int, int, int], int] = {}
    for i, a, g, hour, is_late, num, den, p, last, last_den in conn.execute(
        _of(conn, _HOURS), values
    ).all():
        if is_late:
            late.append((i, a, g, int(hour), int(p)))
            continue
        _add(facts, lasts, (i, a, int(hour)), g, int(p), (num, den), (last, last_den))
    for i, a, g, p, num, den in _replaced(conn, asked, late):
        _add(facts, lasts, (i, a, p // HOUR_S * HOUR_S), g, p, (num, den), (num, den))
    _longer(conn, asked, facts)
    _older(conn, asked, facts)
    return facts


def _add(
    facts: Facts,
    lasts: dict[tuple[int, int, int], int],
    cell: tuple[int, int, int],
    grain: int,
    start: int,
    counts: tuple[float, float | None],
    last: tuple[float, float | None],
) -> None:
    i, a, hour = cell
    hours = facts.hours.setdefault((i, a), {})
    before = hours.get(hour)
    newer = start >= lasts.get(cell, -1)
    if newer:
        lasts[cell] = start
    num, den = counts
    hours[hour] = (
        num + (before[0] if before else 0.0),
        _plus(den, before[1] if before else None),
        last[0] if newer or before is None else before[2],
    )
    facts.tell((i, a), grain, start, *last)


def _plus(one: float | None, other: float | None) -> float | None:
    return one if other is None else other + (one or 0.0)


def _replaced(
    conn: Connection, asked: Asked, late: Sequence[tuple[int, int, int, int, int]]
) -> Iterable[tuple[int, int, int, int, float, float | None]]:
    """Yield what stood where something recorded later stands now."""
    if not late:
        return []
    spans = {(i, a, g): (lo, hi) for i, a, g, lo, hi in _merged(late)}
    lo, hi = min(s[0] for s in spans.values()), max(s[1] for s in spans.values())
    values = _values(
        Asked(sorted({k[0] for k in spans}), sorted({k[1] for k in spans}), asked.at, asked.known),
        lo=_instant(lo), hi=_instant(hi),
    )  # fmt: skip
    found = conn.execute(_of(conn, _HISTORY), values).all()
    return [(i, a, g, int(p), num, den) for i, a, g, p, num, den in found if (i, a, g) in spans]


def _merged(
    late: Sequence[tuple[int, int, int, int, int]],
) -> Iterable[tuple[int, int, int, int, int]]:
    spans: dict[tuple[int, int, int], tuple[int, int]] = {}
    for i, a, g, lo, hi in late:
        before = spans.get((i, a, g), (lo, hi))
        spans[i, a, g] = (int(min(lo, before[0])), int(max(hi, before[1])))
    return [(*k, *v) for k, v in spans.items()]


def _longer(conn: Connection, asked: Asked, facts: Facts) -> None:
    """Take facts about days and longer; of a day their own total counts if no hour was told."""
    values = _values(asked, lo=asked.at - timedelta(days=40), hi=asked.at)
    for i, a, g, p, num, den in conn.execute(_of(conn, _LONGER), values).all():
        if g == Grain.DAY:
            day = _instant(p).astimezone(LOCAL).date()
            facts.days.setdefault((i, a), {})[day] = (num, den, num)
        facts.tell((i, a), g, int(p), num, den)


def _older(conn: Connection, asked: Asked, facts: Facts) -> None:
    """Look further back for areas that fell silent: what they told last is late, not gone."""
    silent = [
        (i, a) for i, a in reporting(conn, asked.indicators, asked.areas)
        if (i, a) not in facts.newest
    ]  # fmt: skip
    if not silent:
        return
    their = Asked(
        sorted({s[0] for s in silent}), sorted({s[1] for s in silent}), asked.at, asked.known
    )
    values = _values(their, lo=asked.at, hi=asked.at)
    wanted = set(silent)
    for i, a, g, p, num, den in conn.execute(_of(conn, _LAST), values).all():
        if (i, a) in wanted:
            facts.tell((i, a), g, int(p), num, den)


def reporting(conn: Connection, indicators: Sequence[int], areas: Sequence[int]) -> list[Place]:
    """Return which of some areas ever reported which indicators."""
    found = conn.execute(_of(conn, _REPORTING), {"ids": list(indicators), "areas": list(areas)})
    return [(i, a) for i, a in found.all()]


@dataclass(frozen=True)
class Rolled:
    """Roll-ups as they are kept: hours or days of the areas shown, and of those that report."""

    hours: dict[Place, dict[int, Bucket]]
    days: dict[Place, dict[date, Bucket]]


def rolled(
    conn: Connection, indicators: Sequence[int], areas: Sequence[int], at: datetime
) -> Rolled:
    """Return whole hours of the last 26 and whole days of the last 40 before an instant."""
    hours: dict[Place, dict[int, Bucket]] = {}
    days: dict[Place, dict[date, Bucket]] = {}
    present = at.replace(minute=0, second=0, microsecond=0)
    today = at.astimezone(LOCAL).date()
    values = {
        "ids": list(indicators), "areas": list(areas), "lo": present - timedelta(hours=26),
        "hi": present, "first": today - timedelta(days=40), "today": today,
    }  # fmt: skip
    for kind, i, a, bucket, num, den, last in conn.execute(_of(conn, _ROLLED), values).all():
        if kind == 0:
            hours.setdefault((i, a), {})[int(bucket)] = (num, den, last)
        else:
            day = date.fromordinal(int(bucket) + _EPOCH_DAY)
            days.setdefault((i, a), {})[day] = (num, den, last)
    return Rolled(hours, days)


def raised(
    natives: dict[Place, dict[Any, Bucket]], keys: Keys, rolls: set[int], area: int
) -> dict[int, dict[Any, Bucket]]:
    """Return by indicator what an area adds up to: gauges over areas, all else over both."""
    found: dict[int, dict[Any, Bucket]] = {}
    for (i, a), buckets in natives.items():
        if a != area and not (i in rolls and area in keys.parents[a]):
            continue
        own = found.setdefault(i, {})
        for at, (num, den, last) in buckets.items():
            before = own.get(at)
            if before is None:
                own[at] = (num, den, last)
            else:
                both = (before[2] or 0.0) + (last or 0.0)
                own[at] = (before[0] + num, _plus(den, before[1]), both)
    return found


def _instant(second: float) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def _values(asked: Asked, *, lo: datetime, hi: datetime) -> dict[str, Any]:
    return {
        "ids": list(asked.indicators), "areas": list(asked.areas), "known": asked.known,
        "lo": lo, "hi": hi,
    }  # fmt: skip


_EPOCH_DAY = date(1970, 1, 1).toordinal()
_NATIVE = """latest l cross join {table} o where l.indicator_id {ids} and l.area_id {areas}
    and o.indicator_id = l.indicator_id and o.area_id = l.area_id"""
_HOURS = f"""select o.indicator_id, o.area_id, o.grain, {{hour}} h,
    case when o.recorded_at > :known then 1 else 0 end late, sum(o.num), sum(o.den), {{last}}
  from {_NATIVE.replace("{table}", "observation")}
    and o.grain in (1, 2) and o.period_start >= :lo and o.period_start <= :hi
    and (o.flag < 9 or o.recorded_at > :known)
  group by 1, 2, 3, 4, 5"""
_HISTORY = f"""select o.indicator_id, o.area_id, o.grain, {{epoch}}, o.num, o.den
  from {_NATIVE.replace("{table}", "observation_history")}
    and o.grain in (1, 2) and o.period_start >= :lo and o.period_start <= :hi
    and o.recorded_at <= :known and o.superseded_at > :known and o.flag < 9"""
_LONGER = " union all ".join(
    f"""select o.indicator_id, o.area_id, o.grain, {{epoch}}, o.num, o.den
  from {_NATIVE.replace("{table}", table)}
    and o.grain in (3, 4, 5, 6, 7) and o.period_start >= :lo and o.period_start <= :hi
    and o.recorded_at <= :known and {more} o.flag < 9"""
    for table, more in (
        ("observation", ""),
        ("observation_history", "o.superseded_at > :known and"),
    )
)
_LAST = """select l.indicator_id, l.area_id, o.grain, {epoch}, o.num, o.den
  from latest l join observation o on o.indicator_id = l.indicator_id and o.area_id = l.area_id
    and o.grain = l.grain and o.period_start = (select max(x.period_start) from observation x
      where x.indicator_id = l.indicator_id and x.area_id = l.area_id and x.grain = l.grain
        and x.period_start < :lo and x.recorded_at <= :known and x.flag < 9)
  where l.indicator_id {ids} and l.area_id {areas}"""
_REPORTING = "select indicator_id, area_id from latest where indicator_id {ids} and area_id {areas}"
_ROLLED = """select 0, o.indicator_id, o.area_id, {bucket}, o.num, o.den, o.last from rollup_hour o
    where o.indicator_id {ids} and o.area_id {areas} and o.bucket >= :lo and o.bucket < :hi
  union all select 1, o.indicator_id, o.area_id, {day}, o.num, o.den, o.last from rollup_day o
    where o.indicator_id {ids} and o.area_id {areas} and o.bucket >= :first and o.bucket < :today"""

_SQLITE = {
    "hour": "o.period_start / 3600 * 3600",
    "last": "max(o.period_start), o.num, o.den",
    "epoch": "o.period_start",
    "bucket": "o.bucket",
    "day": "o.bucket",
    "ids": "in :ids",
    "areas": "in :areas",
}
"""Beside its only max() SQLite gives the other columns of that row."""
_POSTGRES = {
    "hour": "cast(floor(extract(epoch from o.period_start) / 3600) as bigint) * 3600",
    "last": """cast(extract(epoch from max(o.period_start)) as bigint),
      (max(array[extract(epoch from o.period_start)::float8, o.num]))[2],
      (max(array[extract(epoch from o.period_start)::float8, o.den]))[2]""",
    "epoch": "cast(extract(epoch from o.period_start) as bigint)",
    "bucket": "cast(extract(epoch from o.bucket) as bigint)",
    "day": "o.bucket - date '1970-01-01'",
    "ids": "= any(cast(:ids as smallint[]))",
    "areas": "= any(cast(:areas as smallint[]))",
}
_made: dict[tuple[bool, str], TextClause] = {}


def _of(conn: Connection, sql: str) -> TextClause:
    """Return a statement in the words of the database."""
    postgres = conn.dialect.name == "postgresql"
    if (postgres, sql) not in _made:
        written = sql.format(**(_POSTGRES if postgres else _SQLITE))
        typed: list[Any] = [
            bindparam(n, type_=Instant()) for n in ("lo", "hi", "known") if f":{n}" in written
        ]
        typed += [bindparam(n, type_=LocalDay()) for n in ("first", "today") if f":{n}" in written]
        if not postgres:
            typed += [bindparam(n, expanding=True) for n in ("ids", "areas")]
        _made[postgres, sql] = text(written).bindparams(*typed)
    return _made[postgres, sql]
