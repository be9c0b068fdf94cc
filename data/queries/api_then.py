"""The API's roll-ups of then: the rules of data.rollups over the facts known at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, select

from data import models as m
from data.models.facts import VOIDED
from data.queries.api_facts import Asked, Fact, reported
from data.queries.api_params import AskedError
from data.queries.keys import Keys
from data.settings import settings
from data.vocabulary import LOCAL, Grain

MOST_FACTS = 100_000
"""A roll-up of then is made on demand, so of no more reported values than this."""

LONGEST = timedelta(days=32)

Bucket = datetime | date
Key = tuple[int, int, Bucket]
"""indicator id, area id, bucket"""


@dataclass
class Sum:
    """What a bucket adds up to. last: the newest value of a gauge, and when it was."""

    num: float = 0.0
    den: float | None = None
    n: int = 0
    last: float | None = None
    at: Bucket | None = None

    def add(self, num: float, den: float | None, n: int, last: float | None, at: Bucket) -> None:
        """Add a part; the newest part's last value stays."""
        self.num += num
        self.den = self.den if den is None else den + (self.den or 0.0)
        self.n += n
        if self.at is None or at >= self.at:
            self.last, self.at = last, at


Sums = dict[Key, Sum]


def rolled_then(conn: Connection, asked: Asked, keys: Keys, *, now: datetime) -> list[Fact]:
    """Return rolled-up values as they were known at `as_of`, by place; one more than `limit`.

    Raises:
        AskedError: no beginning is named, it lies before what is kept of minutes, or too much.
    """
    kinds = _kinds(conn, asked)
    start = _start(asked, kinds, now)
    end = asked.end + LONGEST if asked.end else None
    wide = replace(
        asked, areas=_below(asked, keys), grain="native", start=start, end=end, after=None,
        limit=MOST_FACTS,
    )  # fmt: skip
    facts = reported(conn, wide)
    if len(facts) > MOST_FACTS:
        raise AskedError("from", f"is too early: more than {MOST_FACTS} values were reported since")
    grain = Grain[asked.grain.upper()]
    natives = _natives([f for f in facts if f.flag < VOIDED], grain)
    found = _raised(natives, keys, {i for i, (_, rolls, _) in kinds.items() if rolls})
    return _page(found, asked, grain, {i for i, (kind, _, _) in kinds.items() if kind == "last"})


def _kinds(conn: Connection, asked: Asked) -> dict[int, tuple[str, bool, int]]:
    i = m.indicator.c
    query = select(i.id, i.aggregation, i.rolls_up, i.grain).where(i.id.in_(asked.indicators))
    return {row.id: (row.aggregation, row.rolls_up, row.grain) for row in conn.execute(query)}


def _start(asked: Asked, kinds: dict[int, tuple[str, bool, int]], now: datetime) -> datetime:
    if asked.start is None:
        raise AskedError("from", "is needed where as_of meets a roll-up")
    kept = now - timedelta(days=settings().minute_days)
    minutes = any(grain == Grain.MINUTE for _, _, grain in kinds.values())
    if minutes and asked.start < kept:
        said = f"is before {kept.astimezone(LOCAL):%Y-%m-%d}: values by the minute were let go"
        raise AskedError("from", said)
    return asked.start


def _below(asked: Asked, keys: Keys) -> list[int] | None:
    """Return every area whose facts an asked one is made of."""
    if asked.areas is None:
        return None
    wanted = set(asked.areas)
    return [a for a, above in keys.parents.items() if a in wanted or wanted & above]


# ---- the rules of data.rollups: hours, days of hours or else of days, longer ones of days ----


def _natives(facts: Iterable[Fact], grain: Grain) -> Sums:
    by_grain: dict[Grain, list[Fact]] = defaultdict(list)
    for fact in sorted(facts, key=lambda f: f.start):
        by_grain[fact.grain].append(fact)
    short = sorted(by_grain[Grain.MINUTE] + by_grain[Grain.HOUR], key=lambda f: f.start)
    hours = _summed(short, lambda f: f.start.replace(minute=0, second=0, microsecond=0))
    if grain is Grain.HOUR:
        return hours
    days = _coarser(hours, _day_of_hour)
    _fill(days, by_grain[Grain.DAY])
    if grain is Grain.DAY:
        return days
    longer = _coarser(days, _week if grain is Grain.WEEK else _month)
    _fill(longer, by_grain[grain])
    return longer


def _summed(facts: Iterable[Fact], bucket: Callable[[Fact], Bucket]) -> Sums:
    found: Sums = defaultdict(Sum)
    for f in facts:
        found[f.indicator, f.area, bucket(f)].add(f.num or 0.0, f.den, 1, f.num, f.start)
    return dict(found)


def _coarser(sums: Sums, bucket: Callable[[Bucket], date]) -> Sums:
    found: Sums = defaultdict(Sum)
    for (indicator, area, at), s in sums.items():
        found[indicator, area, bucket(at)].add(s.num, s.den, s.n, s.last, at)
    return dict(found)


def _fill(sums: Sums, facts: Iterable[Fact]) -> None:
    """Take what was reported for a whole bucket where nothing finer was."""
    own = _summed(facts, lambda f: f.start.astimezone(LOCAL).date())
    for key, value in own.items():
        sums.setdefault(key, value)


def _day_of_hour(at: Bucket) -> date:
    return at.astimezone(LOCAL).date() if isinstance(at, datetime) else at


def _week(at: Bucket) -> date:
    return _day_of_hour(at) - timedelta(days=at.weekday())


def _month(at: Bucket) -> date:
    return _day_of_hour(at).replace(day=1)


def _raised(natives: Sums, keys: Keys, raised: set[int]) -> Sums:
    """Add the areas to those above them; gauges add over areas."""
    found: Sums = defaultdict(Sum)
    for (indicator, area, at), s in natives.items():
        above = keys.parents[area] if indicator in raised else frozenset()
        for place in (area, *above):
            total = found[indicator, place, at]
            last = None if s.last is None else s.last + (total.last or 0.0)
            total.add(s.num, s.den, s.n, last, at)
    return dict(found)


# ---- one page ----


def _page(sums: Sums, asked: Asked, grain: Grain, gauges: set[int]) -> list[Fact]:
    low = bucket_of(asked.start, grain, up=True) if asked.start else None
    high = bucket_of(asked.end, grain, up=True) if asked.end else None
    wanted = None if asked.areas is None else set(asked.areas)
    found = []
    for (indicator, area, at), s in sums.items():
        outside = (low is not None and at < low) or (high is not None and at >= high)
        if outside or (wanted is not None and area not in wanted):
            continue
        start = at if isinstance(at, datetime) else _midnight(at)
        num, den = (s.last, None) if indicator in gauges else (s.num, s.den)
        found.append(Fact(indicator, area, grain, start, num, den, 0, facts=s.n))
    found.sort(key=_place)
    after = asked.after
    if after is not None:
        found = [f for f in found if list(_place(f)) > after]
    return found[: asked.limit + 1]


def _place(fact: Fact) -> tuple[int, int, int, int]:
    return fact.indicator, fact.area, int(fact.grain), int(fact.start.timestamp())


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), LOCAL)


def bucket_of(at: datetime, grain: Grain, *, up: bool = False) -> datetime | date:
    """Return the bucket that begins at an instant; up: the first that begins no earlier."""
    if grain is Grain.HOUR:
        return at
    local = at.astimezone(LOCAL)
    late = up and (local.hour or local.minute or local.second or local.microsecond)
    return local.date() + timedelta(days=1 if late else 0)
