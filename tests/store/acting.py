"""Small words for the tests of the closed loop: who acts, a case, one act after another."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from data import models as m
from data.catalogue import catalogue
from data.commands.cases import Actor, Conflict, Done, Draft, Refusal, Request, act, report
from data.queries.case_now import Stood, stand
from data.queries.keys import read_keys
from data.store import Store
from data.vocabulary import CaseAct, Role
from tests.conftest import NOW
from tests.store.support import YUANCHENG, rows_of

OPERATOR = Actor(1, "值班员", Role.OPERATOR)
OTHER = Actor(2, "另一值班员", Role.OPERATOR)
LEADER = Actor(3, "值班领导", Role.LEADER)
WATER = Actor(4, "水务局", Role.DEPARTMENT, "water")
HEALTH = Actor(5, "卫健局", Role.DEPARTMENT, "health")
DEPARTMENT_ONLY = Actor(8, "消防支队", Role.DEPARTMENT, "fire")
VIEWER = Actor(6, "访客", Role.VIEWER)

TO_HANDLING: list[tuple[CaseAct, Actor, dict[str, Any]]] = [
    (CaseAct.VERIFY, OPERATOR, {}),
    (CaseAct.OPEN, OPERATOR, {}),
    (CaseAct.DISPATCH, OPERATOR, {"department": "water"}),
    (CaseAct.ACCEPT, WATER, {}),
    (CaseAct.START, WATER, {}),
]
TO_CLOSED = [
    *TO_HANDLING,
    (CaseAct.REPORT_BACK, WATER, {"note": "已处置"}),
    (CaseAct.CHECK_GOOD, OPERATOR, {}),
    (CaseAct.CLOSE, OPERATOR, {}),
]


class Loop:
    """One case and a clock that moves ten minutes with each act."""

    def __init__(self, store: Store, **draft: Any) -> None:
        self.store, self.now = store, NOW
        given = {"category": "flood_risk", "title": "堤防渗漏", "area": YUANCHENG} | draft
        done = self.report(Draft(**given))
        assert isinstance(done, Done), done
        self.no = done.case_no

    def report(self, draft: Draft, actor: Actor = OPERATOR) -> Done | Refusal:
        """Report a case by hand."""
        with self.store.write() as conn:
            return report(conn, catalogue(), read_keys(conn), draft, actor, self.now)

    def tries(
        self, what: CaseAct, actor: Actor = OPERATOR, *, seen: int | None = -1, at: datetime | None = None,
        **fields: Any,
    ) -> Done | Refusal | Conflict:  # fmt: skip
        """Do one act at the version that stands, or at one that was seen."""
        version = self.stood().case.version if seen == -1 else seen
        self.now = at or self.now + timedelta(minutes=10)
        with self.store.write() as conn:
            request = Request(what, actor, self.now, version, fields)
            return act(conn, catalogue(), read_keys(conn), self.no, request)

    def does(self, what: CaseAct, actor: Actor = OPERATOR, **fields: Any) -> Done:
        """Do one act; it must be done."""
        done = self.tries(what, actor, **fields)
        assert isinstance(done, Done), done
        return done

    def goes(self, way: list[tuple[CaseAct, Actor, dict[str, Any]]]) -> Done:
        """Do one act after another; return the last."""
        for what, actor, fields in way:
            done = self.does(what, actor, **fields)
        return done

    def stood(self) -> Stood:
        """Return how the case stands."""
        with self.store.read() as conn:
            found = stand(conn, read_keys(conn), self.no)
        assert found is not None
        return found

    @property
    def row(self) -> Any:
        """Return its row."""
        (row,) = rows_of(self.store, m.cases, m.cases.c.case_no == self.no)
        return row

    def events(self) -> list[Any]:
        """Return its events, oldest first."""
        return rows_of(self.store, m.case_event, m.case_event.c.case_id == self.row.id)

    def beside(self, table: Any) -> list[Any]:
        """Return its rows in a table beside it."""
        return rows_of(self.store, table, table.c.case_id == self.row.id)
