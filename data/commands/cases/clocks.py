"""The clocks of a case: started by duty, stopped, and moved only by what was approved."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from data import models as m
from data.cases import clocks
from data.cases.change import Change, ClockMove, StartClock, StopClock
from data.cases.clock_lines import lines_between
from data.cases.clock_time import place_of
from data.cases.due import Due, Line, LineKind
from data.catalogue import Catalogue
from data.catalogue.loop_entries import Duty

GIVEN = "given"
"""The rule of a due time that somebody outside gave: a platform, or the person who reported."""

k = m.case_clock.c
_RUNNING = (
    select(m.case_clock)
    .where(
        k.case_id == bindparam("case"), k.kind == bindparam("kind"),
        k.replaced_by.is_(None), k.stopped_at.is_(None),
    )
    .order_by(k.id.desc())
    .limit(1)
)  # fmt: skip
_LAST = (
    select(m.case_clock)
    .where(k.case_id == bindparam("case"), k.kind == bindparam("kind"))
    .order_by(k.id.desc())
    .limit(1)
)
_STAGE = (
    select(k.due_at)
    .where(
        k.case_id == bindparam("case"), k.kind != "total", k.replaced_by.is_(None),
        k.stopped_at.is_(None),
    )
    .limit(1)
)  # fmt: skip


def computed(catalogue: Catalogue, duty: Duty, kind: str, start: datetime) -> Due | None:
    """Return the due time of one of a duty's clocks, None if the duty has no such clock."""
    code = duty.clocks.of(kind)
    if code is None:
        return None
    return clocks.due(catalogue.clock(code, start), start, catalogue.calendar)


class CaseClocks:
    """The clocks of one case while an act is written."""

    def __init__(
        self, conn: Connection, catalogue: Catalogue, duty: Duty, case_id: int, at: datetime
    ) -> None:
        self.conn, self.catalogue, self.duty = conn, catalogue, duty
        self.case_id, self.at = case_id, at

    def begin(self, change: Change, since: datetime) -> None:
        """Start the clocks of a case that begins."""
        for ask in change.asks:
            if isinstance(ask, StartClock):
                self.start(ask, since)

    def start(self, ask: StartClock, since: datetime) -> None:
        """Start a clock; the total one counts from `since`, a stage from now.

        The due time of the total clock is told: who computed it passes it through the rules.
        """
        if ask.kind != "total":
            due = computed(self.catalogue, self.duty, ask.kind, self.at)
            if due is not None:
                self._insert(ask.kind, self.at, due.due_at, **_of(due))
            return
        if ask.due_at is None:
            return
        before = self._row(_LAST, "total")
        if before is not None and _second(before.due_at) == _second(ask.due_at):
            self._insert("total", before.started_at, before.due_at, **_again(before))
            return
        due = computed(self.catalogue, self.duty, "total", since)
        if due is not None and _second(due.due_at) == _second(ask.due_at):
            self._insert("total", since, due.due_at, **_of(due))
            return
        self._insert("total", since, ask.due_at, **_given(self.catalogue, since, ask.due_at))

    def stop(self, ask: StopClock) -> None:
        """Stop the clock of a kind that is in force."""
        row = self._row(_RUNNING, ask.kind)
        if row is not None:
            self._update(row.id, stopped_at=self.at)

    def move(self, ask: ClockMove, *, suspended_since: datetime | None) -> None:
        """Write a new row, due later by what was approved; the old one names it and stays."""
        row = self._row(_RUNNING, ask.kind)
        if row is None:
            return
        due_at = ask.due_at or row.due_at + timedelta(seconds=ask.seconds)
        why = self._why_moved(row, due_at, suspended_since)
        kept = {**_again(row), "why": why, "approval_id": ask.approval_id}
        self._update(row.id, replaced_by=self._insert(ask.kind, row.started_at, due_at, **kept))

    def stage_due_at(self) -> datetime | None:
        """Return when the stage that runs is due."""
        return self.conn.scalar(_STAGE, {"case": self.case_id})

    def _why_moved(
        self, row: Row[Any], due_at: datetime, suspended_since: datetime | None
    ) -> dict[str, Any]:
        """Return the explanation with one more line: extended, or stood still from then on."""
        why, old = dict(row.why), row.due_at
        rule = self.catalogue.clock_version(row.rule, row.rule_version)
        if suspended_since is None:
            more = [Line(LineKind.EXTENDED, old, old, added=_added(due_at - old))]
        else:
            more = [Line(LineKind.SUSPENDED, suspended_since, self.at)]
        if rule is not None:
            more += lines_between(rule, place_of(old), place_of(due_at), self.catalogue.calendar)
        if suspended_since is None:
            why["seconds"] = why.get("seconds", 0) + sum(line.seconds for line in more)
        why["lines"] = [*why.get("lines", ()), *(line.stored() for line in more)]
        why["due"] = _second(due_at)
        return why

    def _row(self, query: Any, kind: str) -> Row[Any] | None:
        return self.conn.execute(query, {"case": self.case_id, "kind": kind}).first()

    def _insert(self, kind: str, started: datetime, due: datetime, **values: Any) -> int:
        row = {
            "case_id": self.case_id,
            "kind": kind,
            "started_at": started,
            "due_at": due,
            "made_at": self.at,
            **values,
        }
        made = m.case_clock.insert().values(row).returning(k.id)
        return int(self.conn.execute(made).scalar_one())

    def _update(self, clock_id: int, **values: Any) -> None:
        self.conn.execute(m.case_clock.update().where(k.id == clock_id).values(values))


def _of(due: Due) -> dict[str, Any]:
    return {
        "rule": due.rule.code,
        "rule_version": due.version,
        "calendar_version": due.calendar_version,
        "why": due.why(),
    }


def _again(row: Row[Any]) -> dict[str, Any]:
    names = ("rule", "rule_version", "calendar_version", "why", "approval_id")
    return {name: getattr(row, name) for name in names}


def _given(catalogue: Catalogue, since: datetime, due: datetime) -> dict[str, Any]:
    why = {"rule": GIVEN, "start": _second(since), "due": _second(due), "lines": []}
    version = catalogue.calendar.version
    return {"rule": GIVEN, "rule_version": 0, "calendar_version": version, "why": why}


def _added(more: timedelta) -> str:
    return f"{more.total_seconds() / 3600:g} hours"


def _second(at: datetime) -> int:
    return int(at.timestamp())
