"""Roll-ups that a load still owes: noted with the facts, made at its end, never forgotten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

from data import models as m
from data import rollups
from data.ingest.copying import epoch
from data.rollups import Touched
from data.store import Store
from data.vocabulary import LOCAL, Grain

MOST = 12_000
"""Indicators times buckets made again in one transaction, so that a live poll need not wait long.
"""

Stretches = Mapping[tuple[int, int], tuple[int, int]]
"""(indicator, grain) -> first and last period start, epoch seconds"""


def note_due(conn: Connection, run_id: int, moved: Stretches) -> None:
    """Remember stretches whose roll-ups are to be made, in the transaction of their facts."""
    least, most = ("min", "max") if conn.dialect.name == "sqlite" else ("least", "greatest")
    statement = text(
        f"""insert into rollup_due (run_id, indicator_id, grain, first, last)
          values (:run, :i, :g, :first, :last)
          on conflict (run_id, indicator_id, grain) do update set
            first = {least}(rollup_due.first, excluded.first),
            last = {most}(rollup_due.last, excluded.last)"""
    ).bindparams(*m.instants("first", "last"))
    rows = [
        {"run": run_id, "i": i, "g": g, "first": _at(first), "last": _at(last)}
        for (i, g), (first, last) in sorted(moved.items())
    ]
    if rows:
        conn.execute(statement, rows)


def make_now(conn: Connection, moved: Stretches) -> None:
    """Make the roll-ups of some stretches at once."""
    together: dict[tuple[int, int, int], set[int]] = defaultdict(set)
    for (indicator, grain), (first, last) in moved.items():
        together[grain, first, last].add(indicator)
    for (grain, first, last), indicators in sorted(together.items()):
        rollups.refresh(conn, _touched(indicators, grain, first, last))


def settle(store: Store, run_id: int | None = None) -> int:
    """Make what a run owes, or every run, some in each transaction; return the stretches made."""
    made = 0
    while True:
        with store.write() as conn:
            found = _some(conn, run_id)
            if not found:
                return made
            make_now(conn, {(i, g): stretch for (_run, i, g), stretch in found.items()})
            gone = [{"run": run, "i": i, "g": g} for run, i, g in found]
            conn.execute(
                text(
                    "delete from rollup_due where run_id = :run and indicator_id = :i"
                    " and grain = :g"
                ),
                gone,
            )
            made += len(found)


def _some(conn: Connection, run_id: int | None) -> dict[tuple[int, int, int], tuple[int, int]]:
    """Return the next stretches of one run, alike where possible, up to about MOST buckets."""
    d = m.rollup_due
    chosen = d.select().order_by(d.c.run_id, d.c.grain, d.c.first, d.c.last, d.c.indicator_id)
    if run_id is not None:
        chosen = chosen.where(d.c.run_id == run_id)
    found: dict[tuple[int, int, int], tuple[int, int]] = {}
    total, run = 0, None
    for r in conn.execute(chosen.limit(400)).all():
        first, last = epoch(r.first), epoch(r.last)
        total += (last - first) // _STEP[min(r.grain, 5)] + 1
        if found and (total > MOST or r.run_id != run):
            break
        run = r.run_id
        found[r.run_id, r.indicator_id, r.grain] = first, last
    return found


_STEP = {1: 3600, 2: 3600, 3: 86400, 4: 604800, 5: 2592000}


def _touched(indicators: set[int], grain: int, first: int, last: int) -> Touched:
    """Return every bucket of a stretch, as if each had been touched."""
    if grain > Grain.MONTH:
        return Touched(frozenset(), frozenset())
    kind = Grain(max(grain, int(Grain.HOUR)))
    starts, at = set(), _floor(_at(first), kind)
    while at <= _at(last):
        starts.add((kind, at))
        at = _floor(at + timedelta(days=40), kind) if kind is Grain.MONTH else at + _LENGTH[kind]
    return Touched(frozenset(indicators), frozenset(starts))


_LENGTH = {
    Grain.HOUR: timedelta(hours=1), Grain.DAY: timedelta(days=1), Grain.WEEK: timedelta(days=7),
}  # fmt: skip


def _floor(at: datetime, kind: Grain) -> datetime:
    if kind is not Grain.MONTH:
        return at.replace(minute=0, second=0)
    local = at.astimezone(LOCAL)
    return local.replace(day=1, hour=0, minute=0, second=0).astimezone(UTC)


def _at(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
