"""Cases as the store knew them at an instant, from their events by when those were recorded.

A case stands as its events up to then leave it. What later ones changed beside its state is
undone by what they say they replaced; the limits of a case led here are its clocks of then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Boolean, Connection, TextClause, bindparam, text

from data.cases.mirror import counted
from data.models.columns import Instant
from data.queries.keys import read_keys
from data.vocabulary import ENDED, STAGE_OF, STATE_OF_STAGE, CaseAct, CaseState, Stage

LONG_S = 60 * 86400
"""Cases that took longer are few and have an index of their own."""
LATE = timedelta(days=7)
"""An end may be told so much later than it was; until then the case was open."""
CHUNK = 8000


@dataclass
class CaseThen:
    """A case as it was known. row: the columns of `cases` as they were, by name."""

    row: dict[str, Any]
    closed_at: datetime | None = None
    events: list[Any] = field(default_factory=list)

    @property
    def open(self) -> bool:
        """Return whether it was open."""
        return self.closed_at is None


@dataclass(frozen=True)
class Moment:
    """at: what had happened; known: what was recorded. The first binds where it is earlier."""

    at: datetime
    known: datetime

    @property
    def mixed(self) -> bool:
        """Whether what is known was recorded after the instant: brought in at once."""
        return self.known > self.at


def cases_then(
    conn: Connection, moment: Moment, *, matters: bool = False, since: datetime | None = None
) -> list[CaseThen]:
    """Return the cases that were open at an instant, and those that had ended since `since`.

    matters: only what the wall shows one by one.
    """
    rows = _candidates(conn, moment, matters=matters, since=since)
    return [c for c in _stood(conn, rows, moment) if c.open or _after(c.closed_at, since)]


def case_then(conn: Connection, case_id: int, moment: Moment) -> CaseThen | None:
    """Return one case as it was known, None if nobody had told of it."""
    rows = conn.execute(_ONE, {"id": case_id}).mappings().all()
    found = _stood(conn, [dict(r) for r in rows], moment)
    return found[0] if found else None


def _after(at: datetime | None, since: datetime | None) -> bool:
    return at is not None and since is not None and at >= since


def _candidates(
    conn: Connection, moment: Moment, *, matters: bool, since: datetime | None
) -> list[dict[str, Any]]:
    values = {
        "at": moment.at, "young": moment.at - timedelta(seconds=LONG_S),
        "late": min(since or moment.at, moment.at) - LATE,
        "kinds": [True] if matters else [True, False],
    }  # fmt: skip
    found: dict[int, dict[str, Any]] = {}
    for query in _CANDIDATES[_dialect(conn)]:
        for row in conn.execute(query, values).mappings():
            found[row["id"]] = dict(row)
    if matters:
        return [r for r in found.values() if r["matter"]]
    return list(found.values())


def _stood(conn: Connection, rows: Sequence[dict[str, Any]], moment: Moment) -> list[CaseThen]:
    """Return how the cases stood; those nobody had told of yet are left out."""
    ids = [r["id"] for r in rows]
    events, clocks = _events(conn, ids), _clocks(conn, ids)
    county_of = read_keys(conn).county_of
    found = []
    for row in rows:
        told = events.get(row["id"], [])
        cut = [e for e in told if e.recorded_at <= moment.known]
        if moment.mixed:
            cut = [e for e in cut if e.at <= moment.at]
        if not cut:
            continue
        later = told[len(cut) :] if told[: len(cut)] == cut else [e for e in told if e not in cut]
        case = _as_told(row, cut, later, clocks.get(row["id"], []), moment)
        case.row["county_id"] = county_of.get(case.row["area_id"], row["county_id"])
        found.append(case)
    return found


def _as_told(
    row: dict[str, Any], cut: Sequence[Any], later: Sequence[Any], clocks: Sequence[Any],
    moment: Moment,
) -> CaseThen:  # fmt: skip
    now = dict(row)
    state, closed, holder, department = _walked(cut, row)
    last = cut[-1]
    now |= {
        "state": state.value,
        "stage": STAGE_OF[state].value,
        "holder": holder,
        "department_id": department,
        "closed_at": closed,
        "version": last.seq,
        "updated_at": max(e.at for e in cut),
        "recorded_at": last.recorded_at,
        "rework": _reworked(cut),
    }
    led = row["led_since"]
    leads = led is not None and led <= moment.known
    for name in ("led_since", "acknowledged_at", "called_at"):
        if now[name] is not None and now[name] > moment.known:
            now[name] = None
    if closed is None:
        now["closing"] = now["parent_id"] = None
    if later:
        _undo(now, later, clocks if not leads else ())
    now["held_since"] = _held_since(cut, holder, department)
    if leads:
        total, stage = _limits(clocks, moment.known)
        now["due_at"] = total if total is not None else now["due_at"]
        now["stage_due_at"] = stage
    elif led is not None:
        now["stage_due_at"] = None
    return CaseThen(now, closed, list(cut))


def _walked(cut: Sequence[Any], row: dict[str, Any]) -> tuple[CaseState, datetime | None, str, int]:
    """Return state, end, holder and department after the events."""
    state, closed = CaseState.REPORTED, None
    holder, department = row["holder"], row["department_id"]
    for e in cut:
        to = _to(e)
        if to is not None:
            if to in ENDED:
                closed = closed if state in ENDED and closed is not None else e.at
            else:
                closed = None
            state = to
        if e.holder is not None:
            holder = e.holder
        if e.department_id is not None:
            department = e.department_id
    return state, closed, holder, department


def _to(event: Any) -> CaseState | None:
    if event.to_state:
        return CaseState(event.to_state)
    moved = event.to_stage and event.to_stage != event.from_stage
    return STATE_OF_STAGE[Stage(event.to_stage)] if moved else None


def _reworked(cut: Sequence[Any]) -> int:
    """Return how often the case had to be done again."""
    n, before = 0, CaseState.REPORTED
    for e in cut:
        to = _to(e)
        if to is None:
            continue
        n += 1 if e.action == CaseAct.CHECK_BAD or "rework" in counted(before, to) else 0
        before = to
    return n


def _held_since(cut: Sequence[Any], holder: str, department: int) -> datetime:
    since: datetime = cut[-1].at
    for e in reversed(cut):
        if (e.holder or holder) != holder or (e.department_id or department) != department:
            break
        since = e.at
    return since


_UNDONE = {
    "level": int, "category_id": int, "area_id": int, "title": str, "call_back": str,
    "source_said": str,
}  # fmt: skip


def _undo(row: dict[str, Any], later: Sequence[Any], clocks: Sequence[Any]) -> None:
    """Put back what later events say they replaced: of each column the first that names it."""
    if row["led_since"] is None and clocks:  # led later: its first clock took the limit over
        first = [k for k in clocks if k.kind == "total"]
        row["due_at"] = first[0].due_at if first else row["due_at"]
    seen: set[str] = set()
    for e in later:
        if not e.before:
            continue
        for name, value in _read(e.before).items():
            if name in seen:
                continue
            seen.add(name)
            if name == "due_at":
                row[name] = _moment(value)
            elif name in _UNDONE:
                row[name] = None if value in (None, "None") else _UNDONE[name](value)


def _read(before: Any) -> dict[str, Any]:
    found = orjson.loads(before) if isinstance(before, str | bytes) else before
    return found if isinstance(found, dict) else {}


def _moment(value: Any) -> datetime | None:
    return None if value in (None, "None") else datetime.fromisoformat(str(value))


def _limits(clocks: Sequence[Any], known: datetime) -> tuple[datetime | None, datetime | None]:
    """Return the limits of a case and of its stage: the newest clock of each that ran then."""
    total = stage = None
    for k in clocks:
        if k.made_at > known:
            continue
        if k.kind == "total":
            total = k.due_at
        elif k.stopped_at is None or k.stopped_at > known:
            stage = k.due_at
    return total, stage


def _events(conn: Connection, ids: Sequence[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in _chunked(conn, _EVENTS, ids):
        found[row.case_id].append(row)
    return found


def _clocks(conn: Connection, ids: Sequence[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in _chunked(conn, _CLOCKS, ids):
        found[row.case_id].append(row)
    return found


def _chunked(conn: Connection, query: dict[str, TextClause], ids: Sequence[int]) -> Iterable[Any]:
    statement = query[_dialect(conn)]
    for start in range(0, len(ids), CHUNK):
        yield from conn.execute(statement, {"ids": list(ids[start : start + CHUNK])}).all()


def _dialect(conn: Connection) -> str:
    return "postgresql" if conn.dialect.name == "postgresql" else "sqlite"


COLUMNS = (
    "id", "case_no", "source_id", "ext_id", "category_id", "domain_id", "matter", "level", "stage",
    "area_id", "county_id", "department_id", "lon", "lat", "title", "address", "reported_at",
    "due_at", "closed_at", "updated_at", "recorded_at", "run_id", "row_no", "version", "state",
    "closing", "holder", "held_since", "led_since", "acknowledged_at", "stage_due_at", "rework",
    "returns", "transfers", "extensions", "suspensions", "supervised", "suspended_s", "parent_id",
    "duty_version", "sop", "body", "channel", "call_back", "called_at", "source_said",
)  # fmt: skip
_TIMES = (
    "reported_at", "due_at", "closed_at", "updated_at", "recorded_at", "held_since", "led_since",
    "acknowledged_at", "stage_due_at", "called_at",
)  # fmt: skip


def _typed(sql: str, *, lists: Iterable[str] = ()) -> TextClause:
    made = text(sql)
    for name in ("at", "young", "late"):
        if f":{name}" in sql:
            made = made.bindparams(bindparam(name, type_=Instant()))
    return made.bindparams(*[bindparam(n, expanding=True) for n in lists])


def _case(sql: str, *, lists: Iterable[str] = ()) -> TextClause:
    made = _typed(f"select {', '.join(COLUMNS)} from cases where {sql}", lists=lists)
    times = {name: Instant() for name in _TIMES}
    columns: Any = made.columns(matter=Boolean(), **times)
    return columns  # type: ignore[no-any-return]


def _candidate_queries(long: str) -> tuple[TextClause, ...]:
    return (
        _case(
            "matter in :kinds and reported_at >= :young and reported_at <= :at"
            " and closed_at >= :late",
            lists=["kinds"],
        ),
        _case(f"{long} and closed_at >= :late and reported_at < :young and matter in :kinds",
              lists=["kinds"]),
        _case("closed_at is null and reported_at <= :at and matter in :kinds", lists=["kinds"]),
    )  # fmt: skip


_CANDIDATES = {
    "sqlite": _candidate_queries("closed_at - reported_at > 5184000"),
    "postgresql": _candidate_queries(
        "extract(epoch from closed_at) - extract(epoch from reported_at) > 5184000"
    ),
}
_ONE = _case("id = :id")
_EVENT = """select case_id, seq, at, recorded_at, action, to_stage, from_stage, to_state, holder,
    department_id, {before} before from case_event where case_id {ids} order by case_id, seq"""
_CLOCK = """select case_id, kind, due_at, made_at, stopped_at from case_clock where case_id {ids}
    order by case_id, id"""


def _both(sql: str, **times: Any) -> dict[str, TextClause]:
    made: dict[str, Any] = {
        "sqlite": text(sql.format(ids="in :ids", before="before")).bindparams(
            bindparam("ids", expanding=True)
        ),
        "postgresql": text(
            sql.format(ids="= any(cast(:ids as bigint[]))", before="cast(before as text)")
        ),
    }
    return {name: one.columns(**times) for name, one in made.items()}


_EVENTS = _both(_EVENT, at=Instant(), recorded_at=Instant())
_CLOCKS = _both(_CLOCK, due_at=Instant(), made_at=Instant(), stopped_at=Instant())
