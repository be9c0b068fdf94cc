"""Store service requests as cases: one upsert a request, one event a change."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, bindparam, func, select, text

from data import geo
from data import models as m
from data.cases import mirror
from data.catalogue import Catalogue
from data.catalogue.entries import Category, Source
from data.catalogue.nearest import did_you_mean
from data.connectors.connector import Problem
from data.connectors.privacy import mask
from data.connectors.records import ServiceRequest
from data.ingest.case_due import Limits, due_by_duty
from data.ingest.case_moves import Moved, Told, event_of, heard, merged, plain, written
from data.ingest.copying import copy_rows
from data.ingest.observations import FUTURE, Counts
from data.models.columns import Instant
from data.quality.places import mistake
from data.queries.keys import Keys
from data.vocabulary import STAGE_OF

NUMBER_LENGTH, LONGEST_ID = 40, 80
TITLE, BODY = 200, 4000


@dataclass
class CaseBatch:
    """What a batch of requests did: counts, refused rows, hours whose counts changed."""

    new: int = 0
    changed: int = 0
    same: int = 0
    outdated: int = 0
    problems: list[Problem] = field(default_factory=list)
    hours: set[datetime] = field(default_factory=set)
    verdicts: dict[int, str] = field(default_factory=dict)
    fresh: dict[str, dict[str, Any]] = field(default_factory=dict)
    moved: dict[int, Moved] = field(default_factory=dict)

    @property
    def counts(self) -> Counts:
        """The batch as a run counts it."""
        return Counts(self.new, self.changed, self.same, self.outdated)

    def count(self, verdict: str, row: int) -> None:
        """Count one row under its verdict: new, changed, same or outdated."""
        setattr(self, verdict, getattr(self, verdict) + 1)
        self.verdicts[row] = verdict

    def told_again(self, older: int, newer: int) -> None:
        """Pass the verdict of a row on to the one that takes its place."""
        self.verdicts[newer] = self.verdicts.pop(older)


@dataclass(frozen=True)
class Intake:
    """What is needed to turn one source's requests into cases."""

    source: Source
    catalogue: Catalogue
    keys: Keys
    run_id: int
    now: datetime
    replay_of: int | None = None
    limits: Limits = field(default_factory=dict, compare=False)


def store_requests(
    conn: Connection, requests: tuple[ServiceRequest, ...], intake: Intake
) -> CaseBatch:
    """Insert new cases, move known ones on, refuse what cannot be placed."""
    batch = CaseBatch()
    known = _known(conn, requests, intake)
    for request in requests:
        values = _values(request, intake, batch.problems)
        if values is None:
            continue
        row = known.get(request.request_id)
        if row is not None and request.expected_at is None and _as_counted(row, values):
            values["due_at"] = row.due_at
        if row is None:
            _insert(values, batch)
            if values["lon"] is None and request.lon is not None:
                batch.problems.append(_left_out(request, intake.source))
        elif intake.replay_of is not None and row.run_id > intake.replay_of:
            # a later file told of it: an old one read again must not undo that
            batch.count("outdated", request.row)
        else:
            _advance(row, values, batch)
    _write(conn, intake, batch)
    return batch


def _as_counted(row: Row[Any], values: dict[str, Any]) -> bool:
    """Return whether the due time that was counted for a case stays: nothing it is of changed."""
    same = row.category_id == values["category_id"]
    return bool(same and plain(row.reported_at) == plain(values["reported_at"]))


def _known(
    conn: Connection, requests: tuple[ServiceRequest, ...], intake: Intake
) -> dict[str, Row[Any]]:
    c, ids = m.cases.c, [r.request_id for r in requests]
    found: dict[str, Row[Any]] = {}
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        chosen = (c.source_id == intake.keys.sources[intake.source.key], c.ext_id.in_(part))
        found |= {row.ext_id: row for row in conn.execute(select(m.cases).where(*chosen))}
    return found


def _values(
    request: ServiceRequest, intake: Intake, problems: list[Problem]
) -> dict[str, Any] | None:
    """Return the case columns of one request, or None with a problem noted."""
    code = intake.source.categories.get(request.service_code, intake.source.default_category)
    lon, lat = position_of(request, intake.source)
    area = geo.area_of(request.address, lon, lat)
    refused: tuple[str, str, object] | None = None
    if len(request.request_id) > LONGEST_ID:
        refused = ("id_too_long", "service_request_id", request.request_id[:LONGEST_ID])
    elif code is None:
        refused = ("unknown_service_code", "service_code", request.service_code)
    elif max(request.requested_at, request.updated_at or request.requested_at) > (
        intake.now + FUTURE
    ):
        refused = ("future_period", "requested_datetime", request.requested_at)
    elif area is None and not request.address and (request.lon is None or request.lat is None):
        refused = ("no_place", "address", "")
    elif area is None:
        refused = ("outside_area", "address", request.address or f"{request.lon},{request.lat}")
    if refused is None and code is not None and area is not None:
        return case_values(request, code, area, (lon, lat), intake)
    reason, name, value = refused or ("", "", "")
    more = _why(request, intake.source) if reason == "outside_area" else ""
    if reason == "unknown_service_code":
        hint = did_you_mean(value, _service_words(intake))
        more = f"; {hint}" if hint else ""
    shown = request.request_id[:LONGEST_ID] + more
    problems.append(Problem(reason, request.row, name, str(value)[:200] or None, shown))
    return None


def _service_words(intake: Intake) -> dict[str, Any]:
    """Return the words a source may use for what a case is about, each with its category."""
    known = intake.catalogue.categories
    return {word: known[code] for word, code in intake.source.categories.items()}


def position_of(request: ServiceRequest, source: Source) -> tuple[float | None, float | None]:
    """Return the WGS-84 position (lon, lat) of a request, (None, None) outside the city."""
    if request.lon is None or request.lat is None:
        return None, None
    lon, lat = geo.to_wgs84(request.lon, request.lat, source.crs)
    return (lon, lat) if geo.in_city(lon, lat) else (None, None)


def _left_out(request: ServiceRequest, source: Source) -> Problem:
    """Return the warning that a case was kept without the position it gave."""
    written = f"{request.lat}, {request.lon}"
    detail = f"{request.request_id}; outside the city{_why(request, source)}"
    return Problem("position_outside", request.row, "lat", written, detail, refused=False)


def _why(request: ServiceRequest, source: Source) -> str:
    if request.lon is None or request.lat is None:
        return ""
    lon, lat = geo.to_wgs84(request.lon, request.lat, source.crs)
    found = mistake(lon, lat, geo.in_city)
    return f"; {found}" if found else ""


def case_values(
    request: ServiceRequest,
    code: str,
    area: str,
    position: tuple[float | None, float | None],
    intake: Intake,
) -> dict[str, Any]:
    """Return the columns of `cases` for one request of a known category and area."""
    category, keys = intake.catalogue.categories[code], intake.keys
    text = mask(request.description or request.service_name or code)
    return {
        "source_id": keys.sources[intake.source.key],
        "ext_id": request.request_id,
        "category_id": keys.categories[code],
        "domain_id": keys.domains[category.domain],
        "matter": category.matter,
        "level": _level(request.priority, category),
        **_standing(request, intake),
        "area_id": keys.areas[area],
        "county_id": keys.county_of[keys.areas[area]],
        "department_id": keys.departments[category.department],
        "lon": position[0],
        "lat": position[1],
        "title": text[:TITLE],
        "body": text[:BODY] if len(text) > TITLE else None,
        "address": mask(request.address)[:200],
        "reported_at": request.requested_at,
        "due_at": request.expected_at or _due(request, code, area, intake),
        "row_no": request.row,
    }


def _standing(request: ServiceRequest, intake: Intake) -> dict[str, Any]:
    """Return the columns that say how the request stands and since when."""
    closed = request.status == "closed"
    updated = request.updated_at or request.requested_at
    state = mirror.state_told(request.status_notes, intake.source.stages, closed=closed)
    call_back = mirror.call_back_told(request.call_back)
    return {
        "stage": STAGE_OF[state].value,
        "state": state.value,
        "holder": mirror.holder_of(state).value,
        "held_since": updated,
        "closed_at": updated if closed else None,
        "call_back": call_back.value if call_back else None,
        "called_at": updated if call_back else None,
        "updated_at": updated,
    }


def _due(request: ServiceRequest, code: str, area: str, intake: Intake) -> datetime:
    """Return when the duties say that a request is due whose platform gives no time."""
    level = intake.catalogue.areas[area].level
    return due_by_duty(intake.catalogue, code, level, request.requested_at, intake.limits)


def _level(priority: str, category: Category) -> int:
    return int(priority) if priority in ("1", "2", "3", "4") else category.level


def case_number(source: str, request_id: str) -> str:
    """Return the number of a case; a long one ends in a mark, so that no two are alike."""
    whole = f"{source}-{request_id}"
    if len(whole) <= NUMBER_LENGTH:
        return whole
    mark = hashlib.sha256(whole.encode()).hexdigest()[:8]
    return f"{whole[: NUMBER_LENGTH - 9]}~{mark}"


def _insert(values: dict[str, Any], batch: CaseBatch) -> None:
    """Note a new case; of one told twice the newer stays."""
    other = batch.fresh.get(values["ext_id"])
    if other is None:
        batch.count("new", values["row_no"])
    elif not _newer(values, other, batch):
        return
    else:
        batch.told_again(other["row_no"], values["row_no"])
    batch.fresh[values["ext_id"]] = values
    batch.hours |= hours_of(values)


def _newer(values: dict[str, Any], other: dict[str, Any], batch: CaseBatch) -> bool:
    """Return whether a second row of the same number is the newer; the older is refused."""
    wins = bool(values["updated_at"] > other["updated_at"])
    newer, older = (values, other) if wins else (other, values)
    detail = f"row {newer['row_no']} has the same number and is as new or newer"
    batch.problems.append(Problem("duplicate", older["row_no"], "id", older["ext_id"], detail))
    return wins


def _advance(row: Row[Any], values: dict[str, Any], batch: CaseBatch) -> None:
    """Move a known case on, unless this message is older than what is known."""
    moved = Moved(row, values) if row.led_since is not None else merged(row, values)
    if moved.same:
        batch.count("same", values["row_no"])
        return
    if values["updated_at"] < row.updated_at and not moved.led_here:
        batch.count("outdated", values["row_no"])
        return
    other = batch.moved.get(row.id)
    if other is None:
        batch.count("changed", values["row_no"])
    elif not _newer(values, other.values, batch):
        return
    else:
        batch.told_again(other.values["row_no"], values["row_no"])
    batch.moved[row.id] = moved
    if not moved.led_here:
        batch.hours |= hours_of(values) | hours_of(row._asdict())


def _write(conn: Connection, intake: Intake, batch: CaseBatch) -> None:
    """Write what the batch noted: new cases and their events, then those that moved on."""
    write_new(conn, _new_rows(conn, intake, batch))
    told = Told(intake.source.key, intake.run_id, intake.now)
    mirrored = [written(m, told) for m in batch.moved.values() if not m.led_here]
    led = [heard(m, told) for m in batch.moved.values() if m.led_here]
    for changed in (mirrored, led):
        if changed:
            _save(conn, [row for row, _ in changed], [event for _, event in changed])


def _save(conn: Connection, rows: list[dict[str, Any]], events: list[dict[str, Any]]) -> None:
    """Write the columns of known cases, all the same ones, and an event each."""
    chosen = m.cases.update().where(m.cases.c.id == bindparam("b_id"))
    names = [name for name in rows[0] if name != "b_id"]
    conn.execute(chosen.values({name: bindparam(name) for name in names}), rows)
    conn.execute(m.case_event.insert(), events)


def _new_rows(
    conn: Connection, intake: Intake, batch: CaseBatch
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return each new case with its first event."""
    found = []
    told = Told(intake.source.key, intake.run_id, intake.now)
    ids = _next_ids(conn, len(batch.fresh))
    for case_id, values in zip(ids, batch.fresh.values(), strict=True):
        row = {
            **values,
            "id": case_id,
            "case_no": case_number(intake.source.key, values["ext_id"]),
            "version": 1,
            "recorded_at": intake.now,
            "run_id": intake.run_id,
        }
        event = event_of(told, values, at=values["reported_at"])
        found.append((row, {"case_id": case_id, "seq": 1, "action": "reported", **event}))
    return found


def _next_ids(conn: Connection, count: int) -> Sequence[int]:
    """Return ids for new cases. The writer's place is held, so nobody else takes them."""
    if not count:
        return []
    if conn.dialect.name == "sqlite":
        following = (conn.execute(select(func.max(m.cases.c.id))).scalar() or 0) + 1
        return range(following, following + count)
    wanted = text("select nextval(pg_get_serial_sequence('cases', 'id'))"
                  " from generate_series(1, :n)")  # fmt: skip
    return list(conn.scalars(wanted, {"n": count}))


def write_new(conn: Connection, rows: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    """Insert cases, each with its event; all rows have the same columns."""
    for table, part in ((m.cases, [c for c, _ in rows]), (m.case_event, [e for _, e in rows])):
        if not part:
            continue
        if len(part) < FEW:
            conn.execute(table.insert(), part)
        elif conn.dialect.name == "postgresql":
            copy_rows(conn, table.name, part)
        else:
            _many(conn, table, part)


FEW = 50
"""So few rows go the plain way: making ready for many costs more than it saves."""


def _many(conn: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows through the driver: three times faster than through Core."""
    names = list(rows[0])
    instants = {c.name for c in table.columns if isinstance(c.type, Instant)}
    marks = ",".join("?" * len(names))
    columns = [
        [None if v is None else int(v.timestamp()) for v in told] if name in instants else told
        for name, told in ((name, [row[name] for row in rows]) for name in names)
    ]
    raw: Any = conn.connection.driver_connection
    quoted = ", ".join(f'"{name}"' for name in names)
    raw.cursor().executemany(
        f"insert into {table.name} ({quoted}) values ({marks})", zip(*columns, strict=True)
    )


def hours_of(values: dict[str, Any]) -> set[datetime]:
    """Return the hours whose counts a case with these times is in."""
    instants = [values["reported_at"], values["due_at"], values["closed_at"]]
    return {at.replace(minute=0, second=0, microsecond=0) for at in instants if at is not None}
