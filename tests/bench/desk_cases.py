"""Cases for the measures of the desk: many that ended, some thousand that are open and led here."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, text

from data import models as m
from data.cases.clocks import due
from data.catalogue import Catalogue
from data.ingest.cases import write_new
from data.queries.keys import Keys
from data.vocabulary import STAGE_OF, CaseState, Holder

BATCH = 20_000
MOVED = ("reported_at", "due_at", "closed_at", "updated_at")
NEW = ("id", "case_no", "ext_id", *MOVED)
STATES = (
    CaseState.REPORTED, CaseState.VERIFIED, CaseState.OPENED, CaseState.DISPATCHED,
    CaseState.ACCEPTED, CaseState.HANDLING, CaseState.REPORTED_BACK,
)  # fmt: skip
HELD = {CaseState.DISPATCHED, CaseState.ACCEPTED, CaseState.HANDLING}
EVENTS = ("report", "verify", "open", "dispatch", "accept", "start")
RNG = random.Random(16)


class Made:
    """Makes cases of one catalogue with numbers that follow each other."""

    def __init__(self, catalogue: Catalogue, keys: Keys, now: datetime) -> None:
        self.catalogue, self.keys, self.now = catalogue, keys, now
        self.towns = [a.code for a in catalogue.areas.values() if a.level == 3]
        self.categories = list(catalogue.categories.values())
        self.next = 1

    def closed(self, conn: Connection, many: int) -> None:
        """Write cases of two years that ended, each with one event."""
        for size in _parts(many):
            rows = [self._row(self._past(), None) for _ in range(size)]
            write_new(conn, [(row, _event(row, 1, "report")) for row in rows])

    def again(self, conn: Connection, times: int) -> None:
        """Write every case that ended `times` more, each some days earlier: by the database."""
        of = [c.name for c in m.cases.columns if c.name not in NEW]
        names = ", ".join(f'"{name}"' for name in of)
        day = "86400" if conn.dialect.name == "sqlite" else "interval '1 day'"
        back = ", ".join(f"{name} - {{n}} * {day}" for name in MOVED)
        base = int(conn.scalar(select(func.max(m.cases.c.id))) or 0)
        ended = "closed_at is not null and id <= :base"
        for n in range(1, times + 1):
            shift = n * base
            conn.execute(text(
                f"insert into cases ({', '.join(NEW)}, {names}) select id + {shift},"
                f" case_no || '-{n}', ext_id || '-{n}', {back.format(n=n)}, {names} from cases"
                f" where {ended}"), {"base": base})  # fmt: skip
            conn.execute(text(
                "insert into case_event (case_id, seq, at, recorded_at, actor, action)"
                f" select id, 1, reported_at, reported_at, 'bench', 'report' from cases"
                f" where id > {shift}"), {})  # fmt: skip
        self.next = base * (times + 1) + 1
        self._count_on(conn)

    def open(self, conn: Connection, many: int) -> list[str]:
        """Write open cases with their events and clocks; return their numbers."""
        found: list[dict[str, Any]] = []
        for _ in range(many):
            at = self.now - timedelta(minutes=RNG.randint(5, 5000))
            found.append(self._row(at, RNG.choice(STATES)))
        write_new(conn, [(row, _event(row, 1, "report")) for row in found])
        conn.execute(m.case_event.insert(), [e for row in found for e in self._story(row)])
        conn.execute(m.case_clock.insert(), [k for row in found for k in self._clocks(row)])
        self._count_on(conn)
        return [row["case_no"] for row in found]

    def _past(self) -> datetime:
        return self.now - timedelta(minutes=RNG.randint(3 * 1440, 730 * 1440))

    def _row(self, at: datetime, state: CaseState | None) -> dict[str, Any]:
        category, town = RNG.choice(self.categories), RNG.choice(self.towns)
        number, ended = self.next, at + timedelta(minutes=RNG.randint(30, 4000))
        self.next += 1
        stands = state or CaseState.CLOSED
        holder = Holder.DEPARTMENT if stands in HELD else Holder.CENTRE
        area = self.keys.areas[town]
        return {
            "id": number,
            "case_no": f"bench-{number}",
            "source_id": self.keys.sources["yuepingan"],
            "ext_id": str(number),
            "category_id": self.keys.categories[category.code],
            "domain_id": self.keys.domains[category.domain],
            "matter": category.matter,
            "level": RNG.choice((1, 2, 2, 3, 3, 3, 4, 4, 4, 4)),
            "stage": STAGE_OF[stands].value,
            "area_id": area,
            "county_id": self.keys.county_of[area],
            "department_id": self.keys.departments[category.department],
            "lon": 114.3 + RNG.random(),
            "lat": 23.2 + RNG.random(),
            "title": f"{category.name['zh']}：{town}第{number}号诉求",
            "address": "",
            "reported_at": at,
            "due_at": at + timedelta(hours=category.limit_h),
            "closed_at": ended if state is None else None,
            "updated_at": ended if state is None else at,
            "recorded_at": at,
            "run_id": 1,
            "row_no": None,
            "version": 1 if state is None else len(EVENTS),
            "state": stands.value,
            "closing": "normal" if state is None else None,
            "holder": Holder.NOBODY.value if state is None else holder.value,
            "held_since": at,
            "led_since": at,
        }

    def _story(self, row: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for seq, action in enumerate(EVENTS[1:], 2):
            yield _event(row, seq, action) | {"at": row["reported_at"] + timedelta(minutes=seq)}

    def _clocks(self, row: dict[str, Any]) -> Iterator[dict[str, Any]]:
        code = next(c for c, i in self.keys.categories.items() if i == row["category_id"])
        duty = self.catalogue.duty_of(code, 3, self.now)
        for kind, name in list(duty.clocks.all().items())[:2]:
            told = due(self.catalogue.clock(name, self.now), row["reported_at"],
                       self.catalogue.calendar)  # fmt: skip
            yield {
                "case_id": row["id"],
                "kind": kind,
                "started_at": row["reported_at"],
                "due_at": told.due_at,
                "rule": told.rule.code,
                "rule_version": told.version,
                "calendar_version": told.calendar_version,
                "why": told.why(),
                "made_at": row["reported_at"],
            }

    def _count_on(self, conn: Connection) -> None:
        if conn.dialect.name == "postgresql":
            conn.exec_driver_sql(
                f"select setval(pg_get_serial_sequence('cases', 'id'), {self.next})"
            )


def _event(row: dict[str, Any], seq: int, action: str) -> dict[str, Any]:
    return {
        "case_id": row["id"],
        "seq": seq,
        "at": row["reported_at"],
        "recorded_at": row["recorded_at"],
        "actor": "bench",
        "action": action,
        "to_state": row["state"],
        "holder": row["holder"],
        "department_id": row["department_id"],
        "run_id": 1,
    }


def _parts(many: int) -> Iterator[int]:
    while many > 0:
        yield min(BATCH, many)
        many -= BATCH
