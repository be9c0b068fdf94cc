"""A short day of the city, told bit by bit, with what the wall was published at each instant."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from data import models as m
from data import panels
from data.cases.loop import Request
from data.catalogue import catalogue
from data.commands.cases import Draft, act, report
from data.ingest.baselines import refresh_baselines
from data.ingest.run import ingest, note_failure
from data.panels.then import panels_at
from data.queries.desk import desk_counts, desk_rows
from data.queries.desk_filter import Reader
from data.queries.keys import read_keys
from data.queries.scope import EVERYTHING
from data.queries.then.shadow import shadowed
from data.store import Store
from data.vocabulary import CaseAct, Role
from data.vocabulary.desk import DeskView
from tests.conftest import NOW
from tests.store.acting import OPERATOR, WATER
from tests.store.alarming import hears, reading
from tests.store.payloads import alert, feed, request, requests
from tests.store.support import CITY, YUANCHENG, observed, put_in

PROTECTED = "HE-23"
"""Its replay also hides what became another number since; a test of its own says how."""
MOVING = {
    "tiles": ("known_at", "observed_at"),
    "stage": ("why", "lower"),
    "alarms": ("newest",),
}
"""What travels in the heartbeat and not with the panel; what a live stage asks of live alarms;
by what a display knows that it has to sound, which no replay does."""


@dataclass
class Day:
    """A store, its clock, and what was published when: (instant, area) -> panel -> payload."""

    store: Store
    now: datetime = NOW
    shown: dict[tuple[datetime, str], dict[str, Any]] = field(default_factory=dict)
    desks: dict[datetime, Any] = field(default_factory=dict)
    no: str = ""

    def later(self, **by: float) -> datetime:
        """Let time pass."""
        self.now += timedelta(**by)
        return self.now

    def takes(self, source: str, payload: bytes) -> None:
        """Take in one file of a source and publish what it moved."""
        facts = catalogue()
        ingest(
            self.store, facts, facts.sources[source], payload, origin="file:///day", now=self.now
        )

    def counts(self, *rows: Any, as_of: datetime | None = None) -> None:
        """Store observations of an extract."""
        with self.store.write() as conn:
            put_in(conn, *rows, as_of=as_of or self.now, now=self.now)

    def bands(self) -> None:
        """Make the normal bands anew."""
        with self.store.write() as conn:
            refresh_baselines(conn, catalogue(), now=self.now)

    def fails(self, source: str, error: str) -> None:
        """Let a source fail."""
        facts = catalogue()
        with self.store.write() as conn:
            note_failure(conn, read_keys(conn), facts.sources[source], error, now=self.now)

    def acts(self, no: str, what: CaseAct, actor: Any = OPERATOR, **fields: Any) -> None:
        """Act on a case; it must be done."""
        with self.store.write() as conn:
            keys = read_keys(conn)
            seen = conn.scalar(select(m.cases.c.version).where(m.cases.c.case_no == no))
            done = act(conn, catalogue(), keys, no, Request(what, actor, self.now, seen, fields))
        assert done.__class__.__name__ == "Done", done

    def reports(self, **draft: Any) -> str:
        """Report a case by hand; return its number."""
        given = {"category": "flood_risk", "title": "堤防渗漏", "area": YUANCHENG} | draft
        with self.store.write() as conn:
            done = report(conn, catalogue(), read_keys(conn), Draft(**given), OPERATOR, self.now)
        return str(done.case_no)

    def desk(self) -> Any:
        """Return rows and counts of the desk as they are now."""
        with self.store.read() as conn:
            return desk_of(conn, self.now)

    def desk_at(self, when: datetime) -> Any:
        """Return rows and counts of the desk as they were known at an instant."""
        with shadowed(self.store, when) as conn:
            return desk_of(conn, when)

    def publishes(self, *areas: str) -> datetime:
        """Publish everything, and keep what the walls of some areas were told."""
        with self.store.write() as conn:
            panels.publish_all(conn, catalogue(), self.now)
            p = m.panel_snapshot.c
            for area in areas or (CITY,):
                rows = conn.execute(
                    select(p.panel, p.payload).where(p.area == area, p.rev > 0, p.panel != "desk")
                ).all()
                self.shown[self.now, area] = {n: json.loads(body) for n, body in rows}
        self.desks[self.now] = self.desk()
        return self.now

    def at(
        self, when: datetime, area: str = CITY, *, now: datetime | None = None
    ) -> dict[str, Any]:
        """Return the panels as they were known at an instant, as they go over the wire."""
        with self.store.read() as conn:
            found = panels_at(conn, catalogue(), area, when, now=now or self.now)
        return json.loads(json.dumps(found))


def desk_of(conn: Any, now: datetime) -> Any:
    """Return rows and counts of the whole desk."""
    reader, view = Reader(1, Role.OPERATOR, EVERYTHING), DeskView()
    keys = read_keys(conn)
    rows = desk_rows(conn, catalogue(), keys, reader, view, now=now)
    return rows, desk_counts(conn, keys, reader, view, now=now)


def still(panel: str, payload: Any) -> Any:
    """Return a payload without what moves with every poll."""
    if panel.startswith("domain-"):
        tiles = [
            {k: v for k, v in t.items() if k not in MOVING["tiles"]}
            for t in payload["tiles"]
            if t["code"] != PROTECTED
        ]
        return {**payload, "tiles": tiles}
    return {k: v for k, v in payload.items() if k not in MOVING.get(panel, ())}


def told_day(store: Store) -> Day:
    """Return a day with everything that a wall shows: files, acts, corrections, warnings, alarms."""
    day = Day(store)
    for hours in range(26, 0, -1):  # a day before, so that there are trends
        at = NOW.replace(minute=0) - timedelta(hours=hours)
        day.counts(
            observed("HE-23", YUANCHENG, at, 30 + hours),
            observed("HE-23", "441621", at, 40 + hours),
            observed("HE-05", YUANCHENG, at, 80 + hours % 5, 100),
            observed("HE-05", "441621", at, 60, 90),
        )
    day.bands()
    _told_first(day, store)
    _told_later(day, store)
    return day


def _told_first(day: Day, store: Store) -> None:
    """Matters, a warning, a red alarm, and the first acts."""
    day.takes("yuepingan", requests(request("1", "ZD-02"), request("2", "ZD-03", "441621")))
    day.takes("warnings", feed(alert("W1", expires=day.now + timedelta(hours=5))))
    day.publishes(CITY, YUANCHENG)
    day.later(minutes=3)
    day.no = day.reports()
    hears(store, reading(priority=1, at=day.now), now=day.now)
    day.publishes(CITY, YUANCHENG)
    day.later(minutes=4)
    day.takes(
        "yuepingan",
        requests(request("1", "ZD-02"), request("2", "ZD-03", "441621"), request("3", "ZD-04")),
    )
    day.acts(day.no, CaseAct.VERIFY)
    day.acts(day.no, CaseAct.OPEN)
    day.publishes(CITY, YUANCHENG)


def _told_later(day: Day, store: Store) -> None:
    """Corrections, ends, a source that fails, one that is late, and the case's way to its end."""
    no = day.no
    day.later(minutes=9)
    at = NOW.replace(minute=0) - timedelta(hours=3)
    day.counts(observed("HE-05", YUANCHENG, at, 20, 100))  # a correction of an hour told before
    day.acts(no, CaseAct.DISPATCH, department="water", level=2)
    day.takes(
        "yuepingan",
        requests(
            request("1", "ZD-02", status="closed", updated_datetime=day.now.isoformat()),
            request("2", "ZD-05", "441621", description="改了标题和类别"),
        ),
    )
    day.publishes(CITY, YUANCHENG)
    day.later(minutes=6)
    day.takes(
        "warnings", feed(alert("W2", sent=day.now, msg_type="Cancel", references=(("W1", NOW),)))
    )
    hears(store, reading(priority=1, active=False, at=day.now), now=day.now)
    day.acts(no, CaseAct.ACCEPT, WATER)
    day.acts(no, CaseAct.START, WATER)
    for _ in range(3):
        day.fails("hotline", "HTTP 503")
    day.publishes(CITY, YUANCHENG)
    day.later(minutes=25)  # who said nothing meanwhile is late
    day.publishes(CITY, YUANCHENG)
    day.later(minutes=2)
    day.counts(observed("HE-05", YUANCHENG, at, 25, 100), observed("HE-23", "441621", at, 3))
    day.acts(no, CaseAct.REPORT_BACK, WATER, note="已处置")
    day.acts(no, CaseAct.CHECK_GOOD)
    day.acts(no, CaseAct.CLOSE)
    day.publishes(CITY, YUANCHENG)
