"""Cases as the store knew them at an instant, from their events by when those were recorded.

A case stands as its events up to then leave it. What later ones changed beside its state is
undone by what they say they replaced; the limits of a case led here are its clocks of then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Boolean, Connection, TextClause, bindparam, text

from data.models.columns import Instant
from data.queries.keys import read_keys
from data.vocabulary import ENDED, STAGE_OF, STATE_OF_STAGE, CaseAct, CaseState

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
        "at": moment.at, "known": moment.known, "young": moment.at - timedelta(seconds=LONG_S),
        "late": min(since or moment.at, moment.at) - LATE, "since": since or moment.at,
        "kinds": [True] if matters else [True, False],
    }  # fmt: skip
    found: dict[int, dict[str, Any]] = {}
    for query in _CANDIDATES[_dialect(conn)]:
        for row in conn.execute(query, values).mappings():
            found[row["id"]] = dict(row)
    return list(found.values())


def _stood(conn: Connection, rows: Sequence[dict[str, Any]], moment: Moment) -> list[CaseThen]:
    """Return how the cases stood; those nobody had told of yet are left out."""
    ids = [r["id"] for r in rows]
    events, clocks = _events(conn, ids), _clocks(conn, ids)
    county_of = read_keys(conn).county_of
    known, at = moment.known.timestamp(), moment.at.timestamp()
    found = []
    for row in rows:
        cut: list[Any] = []
        later: list[Any] = []
        for e in events.get(row["id"], ()):
            then = e.recorded_at <= known and (not moment.mixed or e.at <= at)
            (cut if then else later).append(e)
        if cut:
            case = _as_told(row, cut, later, clocks.get(row["id"], ()), moment)
            case.row["county_id"] = county_of.get(case.row["area_id"], row["county_id"])
            found.append(case)
    return found


def _as_told(
    row: dict[str, Any], cut: Sequence[Any], later: Sequence[Any], clocks: Sequence[Any],
    moment: Moment,
) -> CaseThen:  # fmt: skip
    now = dict(row)
    walked = _walked(cut, row)
    last = cut[-1]
    closed = None if walked.closed is None else _moment_of(walked.closed)
    now |= {
        "state": walked.state,
        "stage": _STAGES[walked.state],
        "holder": walked.holder,
        "department_id": walked.department,
        "closed_at": closed,
        "version": last.seq,
        "updated_at": _moment_of(max(e.at for e in cut)),
        "recorded_at": _moment_of(last.recorded_at),
        "rework": walked.rework,
        "held_since": _moment_of(walked.since),
    }
    led = row["led_since"]
    leads = led is not None and led <= moment.known
    for name in ("led_since", "acknowledged_at", "called_at"):
        if now[name] is not None and now[name] > moment.known:
            now[name] = None
    if closed is None:
        now["closing"] = now["parent_id"] = None
    if later:
        _undo(now, later, clocks if led is not None and not leads else ())
    if leads:
        total, stage = _limits(clocks, moment.known)
        now["due_at"] = total if total is not None else now["due_at"]
        now["stage_due_at"] = stage
    elif led is not None:
        now["stage_due_at"] = None
    return CaseThen(now, closed)


@dataclass
class _Walked:
    """A case after some of its events. closed, since: epoch seconds."""

    state: str
    closed: float | None
    holder: str
    department: int
    since: float
    rework: int


def _walked(cut: Sequence[Any], row: dict[str, Any]) -> _Walked:
    """Return state, end, holder and department after the events."""
    w = _Walked("reported", None, row["holder"], row["department_id"], cut[0].at, 0)
    for e in cut:
        to = e.to_state
        if to is None and e.to_stage and e.to_stage != e.from_stage:
            to = _STATES[e.to_stage]
        if to is not None:
            if to in _ENDED:
                w.closed = e.at if w.closed is None else w.closed
            else:
                w.closed = None
            if to == _REWORK or e.action == _CHECK_BAD:
                w.rework += to != w.state or e.action == _CHECK_BAD
            w.state = to
        holder = w.holder if e.holder is None else e.holder
        department = w.department if e.department_id is None else e.department_id
        if holder != w.holder or department != w.department:
            w.holder, w.department, w.since = holder, department, e.at
    return w


def _moment_of(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)


_ENDED = frozenset(s.value for s in ENDED)
_STAGES = {state.value: stage.value for state, stage in STAGE_OF.items()}
_STATES = {stage.value: state.value for stage, state in STATE_OF_STAGE.items()}
_REWORK, _CHECK_BAD = CaseState.REWORK.value, CaseAct.CHECK_BAD.value
_UNDONE = {
    "level": int, "category_id": int, "area_id": int, "title": str, "call_back": str,
    "source_said": str,
}  # fmt: skip


def _undo(row: dict[str, Any], later: Sequence[Any], clocks: Sequence[Any]) -> None:
    """Put back what later events say they replaced: of each column the first that names it."""
    if clocks:  # led later: its first clock took the limit over
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
    for name in ("at", "known", "young", "late", "since"):
        if f":{name}" in sql:
            made = made.bindparams(bindparam(name, type_=Instant()))
    return made.bindparams(*[bindparam(n, expanding=True) for n in lists])


def _case(sql: str, *, lists: Iterable[str] = ()) -> TextClause:
    made = _typed(f"select {', '.join(COLUMNS)} from cases where {sql}", lists=lists)
    times = {name: Instant() for name in _TIMES}
    columns: Any = made.columns(matter=Boolean(), **times)
    return columns  # type: ignore[no-any-return]


_WANTED = "(closed_at > :at or closed_at >= :since or recorded_at > :known)"
"""Of those that ended: after the instant, since the day began, or told of since then."""


def _candidate_queries(long: str) -> tuple[TextClause, ...]:
    return (
        _case(
            "matter in :kinds and reported_at >= :young and reported_at <= :at"
            f" and closed_at >= :late and {_WANTED}",
            lists=["kinds"],
        ),
        _case(
            f"{long} and closed_at >= :late and reported_at < :young and matter in :kinds"
            f" and {_WANTED}",
            lists=["kinds"],
        ),
        _case("closed_at is null and reported_at <= :at and matter in :kinds", lists=["kinds"]),
    )


_CANDIDATES = {
    "sqlite": _candidate_queries("closed_at - reported_at > 5184000"),
    "postgresql": _candidate_queries("closed_at - reported_at > interval '60 days'"),
}
_ONE = _case("id = :id")
_EVENT = """select case_id, seq, {at} at, {recorded} recorded_at, action, to_stage, from_stage,
    to_state, holder, department_id, {before} before from case_event where case_id {ids}
    order by case_id, seq"""
_CLOCK = """select case_id, kind, due_at, made_at, stopped_at from case_clock where case_id {ids}
    order by case_id, id"""


def _both(sql: str, **times: Any) -> dict[str, TextClause]:
    epoch = "cast(extract(epoch from {}) as double precision)"
    made: dict[str, Any] = {
        "sqlite": text(
            sql.format(ids="in :ids", before="before", at="at", recorded="recorded_at")
        ).bindparams(bindparam("ids", expanding=True)),
        "postgresql": text(
            sql.format(
                ids="= any(cast(:ids as bigint[]))",
                before="cast(before as text)",
                at=epoch.format("at"),
                recorded=epoch.format("recorded_at"),
            )
        ),
    }
    return {name: one.columns(**times) if times else one for name, one in made.items()}


_EVENTS = _both(_EVENT)
"""Instants as epoch seconds: a page asks for tens of thousands."""
_CLOCKS = _both(_CLOCK, due_at=Instant(), made_at=Instant(), stopped_at=Instant())
