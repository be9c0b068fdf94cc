"""The tables of the closed loop as they were known at an instant, for questions written for now.

On a connection of its own, temporary tables of the same names lie over the real ones: both
databases look there first. So the desk's filters, order and counts, and all of a case's page,
ask of then by the very statements that ask of now. The connection is closed for good afterwards,
so nobody else ever meets these tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, or_, select, text

from data import models as m
from data.models.columns import Instant
from data.queries.then.cases import CaseThen, Moment, case_then, cases_then
from data.queries.then.reach import moment_of
from data.store import Store

c, k = m.cases.c, m.case_link.c
CHANGED = (
    "level", "stage", "state", "holder", "department_id", "category_id", "area_id", "county_id",
    "title", "due_at", "stage_due_at", "closed_at", "updated_at", "recorded_at", "version",
    "rework", "led_since", "acknowledged_at", "source_said", "held_since", "call_back",
    "called_at", "supervised", "closing", "parent_id",
)  # fmt: skip
"""Columns of `cases` that may have been others then."""
_TIMES = frozenset(c.name for c in m.cases.columns if isinstance(c.type, Instant))
NEXT = "next"
"""A column that names the row which took the place of this one."""
_LATER: dict[str, tuple[str, dict[str, str]]] = {
    "case_event": ("recorded_at", {}),
    "case_approval": (
        "asked_at",
        dict.fromkeys(
            ("granted", "decided_at", "decided_by", "decided_name", "decision"), "decided_at"
        ),
    ),
    "case_task": (
        "asked_at",
        {"arrived_at": "arrived_at", "started_at": "started_at", "ended_at": "ended_at"},
    ),
    "case_clock": ("made_at", {"stopped_at": "stopped_at", "replaced_by": NEXT}),
    "case_link": ("at", {}),
    "supervision_card": ("raised_at", {"ended_at": "ended_at"}),
    "case_step": ("", dict.fromkeys(("done_at", "done_by", "done_name"), "done_at")),
    "ownership_item": (
        "raised_at",
        dict.fromkeys(("decided_at", "decided_by", "decided_name", "reason"), "decided_at"),
    ),
}
"""Tables beside a case: when a row came, and since when which columns hold."""


@dataclass(frozen=True)
class _Over:
    """A connection whose temporary tables lie over those of a schema."""

    conn: Connection
    sqlite: bool
    home: str
    known: datetime
    ids: str
    """The cases that were known and open then, as a JSON list."""

    @property
    def temp(self) -> str:
        """Return what the temporary tables are called by: never by their bare name."""
        return "temp" if self.sqlite else "pg_temp"

    @property
    def chosen(self) -> str:
        """Return the list of the cases in SQL."""
        if self.sqlite:
            return "(select value from json_each(:ids))"
        return "(select cast(value as bigint) from json_array_elements_text(cast(:ids as json)))"

    def lay(self, table: str, by: str) -> None:
        """Lay the rows of the cases over a table; by "": all its rows."""
        where = f" where {by} in {self.chosen}" if by else ""
        rows = f"select * from {self.home}.{table}{where}"
        named = {"ids": self.ids} if by else {}
        if self.sqlite:
            self.say(f"create temporary table {table} as {rows}", **named)
        else:
            like = f"(like {self.home}.{table}) on commit drop"
            self.say(f"create temporary table {table} {like}")
            self.say(f"insert into pg_temp.{table} {rows}", **named)
        if by:
            place = f"temp.shadow_{table} on {table}"
            if not self.sqlite:
                place = f"shadow_{table} on pg_temp.{table}"
            self.say(f"create index {place} ({by})")

    def say(self, sql: str, **values: Any) -> None:
        """Run a statement."""
        made = text(sql)
        if "known" in values:
            made = made.bindparams(bindparam("known", type_=Instant()))
        self.conn.execute(made, values)


@contextmanager
def shadowed(store: Store, at: datetime, *, case_no: str = "") -> Iterator[Connection]:
    """Open a connection on which the tables of cases are as they were known at an instant.

    They hold the cases that were open then, and the one of `case_no` if anybody knew of it.
    """
    with store.apart() as conn:
        _lay(conn, store, moment_of(conn, at), case_no)
        yield conn


def _lay(conn: Connection, store: Store, moment: Moment, case_no: str) -> None:
    found = {c.row["id"]: c for c in cases_then(conn, moment)}
    for one in _named(conn, case_no):
        case = case_then(conn, one, moment) if one not in found else None
        if case is not None:
            found[one] = case
    home = _home(conn, store)
    ids = orjson.dumps(sorted(found)).decode()
    over = _Over(conn, store.sqlite, home, moment.known, ids)
    _cases(over, list(found.values()))
    for table, (there, since) in _LATER.items():
        _beside(over, table, there, since)
    over.say(
        f"update {over.temp}.cases set supervised = coalesce((select max(k.colour)"
        f" from {over.temp}.supervision_card k where k.case_id = cases.id"
        " and k.ended_at is null), 0) where supervised <> 0"
    )


def _home(conn: Connection, store: Store) -> str:
    return "main" if store.sqlite else str(conn.scalar(text("select current_schema()")))


def _named(conn: Connection, case_no: str) -> list[int]:
    """Return a case by its number, and those it is tied to."""
    one = conn.scalar(select(c.id).where(c.case_no == case_no)) if case_no else None
    if one is None:
        return []
    ties = select(k.case_id, k.other_case_id).where(or_(k.case_id == one, k.other_case_id == one))
    near = {i for pair in conn.execute(ties).all() for i in pair if i is not None}
    near |= set(conn.scalars(select(c.id).where(c.parent_id == one)).all())
    parent = conn.scalar(select(c.parent_id).where(c.id == one))
    return [one, *sorted((near | ({parent} if parent else set())) - {one})]


_KEPT: dict[str, tuple[str, dict[str, tuple[str, ...]], dict[str, str]]] = {
    "duty_version": ("decided_at", {}, {}),
    "sop_version": (
        "proposed_at",
        {"approved_at": ("approved_by", "approved_name")},
        {"state": "proposed"},
    ),
    "handover": (
        "made_at",
        {"out_at": ("out_by", "out_name"), "in_at": ("in_by", "in_name", "in_note", "agreed")},
        {},
    ),
}
"""Tables beside the loop: when a row came, what came with a later instant, what it was before."""


@contextmanager
def kept_then(store: Store, at: datetime) -> Iterator[Connection]:
    """Open a connection on which duties, procedures and handovers are as they were kept."""
    with store.apart() as conn:
        known = moment_of(conn, at).known
        over = _Over(conn, store.sqlite, _home(conn, store), known, "[]")
        for table, (came, later, was) in _KEPT.items():
            over.lay(table, "")
            own = f"{over.temp}.{table}"
            over.say(f"delete from {own} where {came} > :known", known=known)
            for when, columns in later.items():
                sets = [*(f"{n} = null" for n in (*columns, when))]
                sets += [f"{n} = '{value}'" for n, value in was.items()]
                over.say(f"update {own} set {', '.join(sets)} where {when} > :known", known=known)
        yield conn


def _cases(over: _Over, found: Sequence[CaseThen]) -> None:
    over.lay("cases", "id")
    rows = [{"b_id": c.row["id"], **_changed(c, sqlite=over.sqlite)} for c in found]
    if not rows:
        return
    if over.sqlite:
        sets = ", ".join(f'"{n}" = :{n}' for n in CHANGED)
        over.conn.execute(text(f"update temp.cases set {sets} where id = :b_id"), rows)
        return
    kinds = {c.name: c.type.compile(dialect=over.conn.dialect) for c in m.cases.columns}
    sets = ", ".join(f"{n} = u.{n}" for n in CHANGED)
    told = ", ".join(f"{n} {kinds[n]}" for n in CHANGED)
    over.say(
        f"update pg_temp.cases t set {sets} from json_to_recordset(cast(:rows as json))"
        f" u(b_id bigint, {told}) where t.id = u.b_id",
        rows=orjson.dumps(rows).decode(),
    )


def _changed(case: CaseThen, *, sqlite: bool) -> dict[str, Any]:
    """Return the columns as they were, as the database keeps them."""
    found = {n: case.row[n] for n in CHANGED}
    if sqlite:
        for n in _TIMES & found.keys():
            found[n] = None if found[n] is None else int(found[n].timestamp())
    return found


def _beside(over: _Over, table: str, there: str, since: dict[str, str]) -> None:
    """Lay a table beside the cases: rows of then, later columns emptied."""
    over.lay(table, "case_id")
    own = f"{over.temp}.{table}"
    if there:
        over.say(f"delete from {own} where {there} > :known", known=over.known)
    for column, when in since.items():
        if when == NEXT:
            over.say(
                f"update {own} set {column} = null where {column} is not null"
                f" and {column} not in (select id from {own})"
            )
    for when in {w for w in since.values() if w != NEXT}:
        sets = ", ".join(f"{c} = null" for c, w in since.items() if w == when and c != when)
        sets = f"{sets}, {when} = null" if sets else f"{when} = null"
        over.say(f"update {own} set {sets} where {when} > :known", known=over.known)
