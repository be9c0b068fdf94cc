"""Roll-ups that a load still owes: noted with the facts, made at its end, never forgotten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, or_, select, text

from data import models as m
from data import rollups
from data.ingest.copying import epoch
from data.ingest.frame_rollups import Stretch
from data.rollups import Touched
from data.store import Store
from data.vocabulary import LOCAL, Grain

MOST = 12_000
"""Indicators times buckets made again in one transaction, so that a live poll need not wait long.
"""


def note_due(conn: Connection, run_id: int, moved: Iterable[Stretch]) -> None:
    """Remember stretches whose roll-ups are to be made, in the transaction of their facts."""
    most = "max" if conn.dialect.name == "sqlite" else "greatest"
    statement = text(
        f"""insert into rollup_due (run_id, indicator_id, grain, first, last)
          values (:run, :i, :g, :first, :last)
          on conflict (run_id, indicator_id, grain, first) do update set
            last = {most}(rollup_due.last, excluded.last)"""
    ).bindparams(*m.instants("first", "last"))
    rows = [
        {"run": run_id, "i": i, "g": g, "first": _at(first), "last": _at(last)}
        for i, g, first, last in sorted(_with_long(moved))
    ]
    if rows:
        conn.execute(statement, rows)


def make_now(conn: Connection, moved: Iterable[Stretch]) -> None:
    """Make the roll-ups of some stretches at once, weeks and months last."""
    whole = _with_long(moved)
    for levels, grains in _STEPS:
        by_indicator: dict[int, set[Stretch]] = defaultdict(set)
        for indicator, grain, first, last in whole:
            if grain in grains:
                by_indicator[indicator].add((0, grain, first, last))
        alike: dict[frozenset[Stretch], set[int]] = defaultdict(set)
        for indicator, found in by_indicator.items():
            alike[frozenset(found)].add(indicator)
        for shared, indicators in alike.items():
            starts = frozenset(s for _i, g, a, b in shared for s in _starts(g, a, b))
            rollups.refresh(conn, Touched(frozenset(indicators), starts), levels=levels)


_STEPS = (
    (frozenset({"hour", "day"}), (1, 2, 3)),
    (frozenset({"week"}), (4,)),
    (frozenset({"month"}), (5,)),
)


def _with_long(moved: Iterable[Stretch]) -> list[Stretch]:
    """Add the weeks and months that hours and days are part of, each stretch once."""
    found = set()
    for indicator, grain, first, last in moved:
        found.add((indicator, grain, first, last))
        if grain <= Grain.DAY:
            found |= {(indicator, int(g), first, last) for g in (Grain.WEEK, Grain.MONTH)}
    longer: dict[tuple[int, int], tuple[int, int]] = {}
    for indicator, grain, first, last in found:
        if grain in (Grain.WEEK, Grain.MONTH):
            low, high = longer.get((indicator, grain), (first, last))
            longer[indicator, grain] = min(low, first), max(high, last)
    return [s for s in found if s[1] < Grain.WEEK] + [(*k, *v) for k, v in longer.items()]


def settle(store: Store, run_id: int | None = None) -> int:
    """Make what a run owes, or every run, some in each transaction; return the stretches made."""
    made = 0
    while True:
        with store.write(load=True) as conn:
            found = _some(conn, run_id)
            if not found:
                return made
            make_now(conn, [stretch for _run, stretch in found])
            conn.execute(_GONE, [{"run": r, "i": i, "g": g, "first": _at(first), "last": _at(last)}
                                 for r, (i, g, first, last) in found])  # fmt: skip
            made += len(found)


def owing(conn: Connection, *, began_before: datetime) -> list[int]:
    """Return the runs that owe roll-ups though they are over, or began long ago."""
    d, r = m.rollup_due.c, m.ingest_run.c
    chosen = select(d.run_id).join(m.ingest_run, r.id == d.run_id).distinct()
    dead = or_(r.status != "running", r.recorded_at < began_before)
    return [run_id for (run_id,) in conn.execute(chosen.where(dead).order_by(d.run_id))]


_GONE = text(
    """delete from rollup_due where run_id = :run and indicator_id = :i and grain = :g
      and first = :first and last = :last"""
).bindparams(*m.instants("first", "last"))


def _some(conn: Connection, run_id: int | None) -> list[tuple[int, Stretch]]:
    """Return the next stretches of one run: short ones up to about MOST buckets, or all long ones.

    Every batch of a load notes its weeks and months; made once, they cost little.
    """
    d = m.rollup_due
    chosen = d.select().order_by(d.c.run_id, d.c.grain, d.c.first, d.c.last, d.c.indicator_id)
    if run_id is not None:
        chosen = chosen.where(d.c.run_id == run_id)
    found: list[tuple[int, Stretch]] = []
    total = 0
    for r in conn.execute(chosen.limit(20_000)).all():
        first, last = epoch(r.first), epoch(r.last)
        total += 0 if r.grain >= Grain.WEEK else (last - first) // _STEP[r.grain] + 1
        short = found and found[0][1][1] <= Grain.DAY
        if found and (total > MOST or r.run_id != found[0][0] or (short and r.grain > Grain.DAY)):
            break
        found.append((r.run_id, (r.indicator_id, r.grain, first, last)))
    return found


_STEP = {1: 3600, 2: 3600, 3: 86400}


def _starts(grain: int, first: int, last: int) -> set[tuple[Grain, datetime]]:
    """Return every bucket of a stretch, as if each had been touched."""
    if grain > Grain.MONTH:
        return set()
    kind = Grain(max(grain, int(Grain.HOUR)))
    starts, at = set(), _floor(_at(first), kind)
    while at <= _at(last):
        starts.add((kind, at))
        at = _floor(at + timedelta(days=40), kind) if kind is Grain.MONTH else at + _LENGTH[kind]
    return starts


_LENGTH = {
    Grain.HOUR: timedelta(hours=1), Grain.DAY: timedelta(days=1), Grain.WEEK: timedelta(days=7),
}  # fmt: skip


def _floor(at: datetime, kind: Grain) -> datetime:
    if kind in (Grain.HOUR, Grain.DAY):
        return at.replace(minute=0, second=0)
    local = at.astimezone(LOCAL).replace(hour=0, minute=0, second=0)
    first = local - timedelta(days=local.weekday()) if kind is Grain.WEEK else local.replace(day=1)
    return first.astimezone(UTC)


def _at(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
