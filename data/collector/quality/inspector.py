"""One look at data quality: gather what is new in a reader's snapshot, write little, judge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from data import models as m
from data.catalogue import Catalogue
from data.collector.quality import judge
from data.collector.quality.arrivals import Arrivals, hour_of, read_arrivals
from data.collector.quality.backfill import backfill
from data.collector.quality.book import Found, write_findings
from data.collector.quality.expected import Expected, Firsts, read_expected
from data.collector.quality.learning import learn_some, write_rhythms
from data.collector.quality.marks import read_mark, set_mark
from data.collector.quality.places import KINDS as PLACE_KINDS
from data.collector.quality.places import place_findings
from data.collector.quality.reception import (
    fold_days,
    forget_hours,
    write_arrivals,
    write_expected,
)
from data.collector.quality.series import Followed, follow, read_streaks, write_streaks
from data.queries.keys import Keys, read_keys
from data.queries.quality import unit_figures
from data.store import Store
from data.vocabulary import Grain

ALWAYS = judge.RHYTHM_KINDS | judge.FIGURE_KINDS | judge.SERIES_KINDS
HOURLY = PLACE_KINDS | {"late_correction"}
EVENT_HOLDS_S = 86400.0


@dataclass(frozen=True)
class Look:
    """What one look did to the book of findings."""

    opened: int
    again: int
    ended: int


class Inspector:
    """Looks at data quality. What never changes about the store is asked once a process."""

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self.store, self.catalogue = store, catalogue
        self._firsts = Firsts()
        self._hour: datetime | None = None

    def look(self, now: datetime) -> Look:
        """Take one look: bounded by what came since the last, not by how much is stored."""
        whole = self._hour != hour_of(now)
        with self.store.read() as conn:
            keys = read_keys(conn)
            after = _start(conn)
            arrivals = read_arrivals(conn, self.catalogue, keys, after)
            expected = self._expected(conn, keys, now, whole=whole)
            followed = follow(conn, self.catalogue, keys, now=now)
            places = place_findings(conn, self.catalogue, keys) if whole else []
        with self.store.write() as conn:
            self._note(conn, arrivals, expected, followed, now=now, whole=whole)
        with self.store.read() as conn:
            country = self.catalogue.city.calendar_country
            rhythms = learn_some(conn, now=now, country=country)
            found = self._found(conn, keys, arrivals, followed, now)
        if whole:
            found += places + judge.late_findings(expected.late, self.catalogue, keys)
        with self.store.write() as conn:
            write_rhythms(conn, rhythms)
            backfill(conn, self.catalogue, keys, now=now)
            done = write_findings(
                conn, found, _looked(arrivals, followed, now, whole=whole), now=now
            )
        self._hour = hour_of(now)
        return Look(*done)

    def _expected(self, conn: Connection, keys: Keys, now: datetime, *, whole: bool) -> Expected:
        series = self._firsts.read(conn, self.catalogue, keys)
        grains = tuple(Grain) if whole else (Grain.MINUTE, Grain.HOUR)
        return read_expected(conn, series, keys, grains, now=now, short=not whole)

    @staticmethod
    def _note(
        conn: Connection, arrivals: Arrivals, expected: Expected, followed: Followed, *,
        now: datetime, whole: bool,
    ) -> None:  # fmt: skip
        hours = write_arrivals(conn, arrivals) | write_expected(conn, expected)
        fold_days(conn, hours)
        write_streaks(conn, followed.streaks)
        set_mark(conn, "run", arrivals.last_run)
        if whole:
            forget_hours(conn, now)

    def _found(
        self, conn: Connection, keys: Keys, arrivals: Arrivals, followed: Followed, now: datetime
    ) -> list[Found]:
        facts = self.catalogue
        figures = unit_figures(conn, facts, now=now)
        s = m.source_state.c
        states = {
            i: (at, failures)
            for i, at, failures in conn.execute(select(s.source_id, s.last_ok_at, s.failures))
        }
        return [
            *judge.rhythm_findings(facts, keys, states, figures, now=now),
            *judge.figure_findings(figures),
            *judge.event_findings(arrivals, facts, keys),
            *judge.series_findings(read_streaks(conn), facts, keys),
            *judge.jump_findings(followed.jumps, facts, keys),
        ]


def _start(conn: Connection) -> int:
    """Return the run to go on from; the first look takes the newest few."""
    mark = read_mark(conn, "run")
    if mark is not None:
        return mark
    r = m.ingest_run.c
    newest = conn.execute(select(func.max(r.id))).scalar() or 0
    return max(0, newest - 5000)


def _looked(arrivals: Arrivals, followed: Followed, now: datetime, *, whole: bool) -> Any:
    """Return the test whether a standing finding was looked for, so that it may end."""

    def looked(row: Row[Any]) -> bool:
        if row.kind in ALWAYS:
            return True
        if row.kind == "jump":
            return (row.indicator_id, row.area_id) in followed.judged
        if row.kind in judge.EVENT_KINDS:
            over = (now - row.last_seen).total_seconds() > EVENT_HOLDS_S
            return over or row.source_id in arrivals.ran
        return whole and row.kind in HOURLY

    return looked
