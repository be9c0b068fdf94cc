"""One push in: repeated or new, within its scope and rate, stored, answered row by row.

Everything from the look at the Idempotency-Key to the kept answer is one
transaction that holds the writer's place, so two pushes of one key have one effect.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, func, select

from data import geo
from data import models as m
from data.catalogue import Catalogue
from data.catalogue.entries import Source
from data.connectors.connector import Parsed, Problem
from data.connectors.records import ServiceRequest
from data.ingest.push_verdicts import row_verdicts
from data.ingest.run import Understood, ingest_in, understand
from data.ingest.tokens import note_used
from data.queries.tokens import Token, allowed_areas, allowed_indicators
from data.store import Store
from data.vocabulary import Observed

CONNECTOR_OF = {
    "observations": "push-observations",
    "cases": "push-requests",
    "events": "push-events",
}
KEPT = timedelta(days=2)
"""An answer is given again for this long; at least a day is promised."""
MINUTE = timedelta(minutes=1)

p = m.api_push.c

Publish = Callable[[Connection, Source, datetime, str], None]
"""Called inside the transaction with the connector that read the body."""


class PushError(Exception):
    """A push that leaves no trace; the sender must do otherwise."""


class KeyReusedError(PushError):
    """The Idempotency-Key stood for another body."""


class SourceGoneError(PushError):
    """The token's source is no longer in the catalogue."""


class TooManyRowsError(PushError):
    """More rows than one request may hold."""


class TooFastError(PushError):
    """More pushes a minute than a token may make; args: seconds to wait."""


@dataclass(frozen=True)
class Pushed:
    """What was sent. body: what is kept of it; sent_sha256: of what came, for the key."""

    kind: str
    body: bytes
    sent_sha256: str
    form: str | None = None
    key: str | None = None
    single: str | None = None
    """The id given to the one request of a form: answered as GeoReport says."""


@dataclass(frozen=True)
class Limits:
    """How much one push and one token may."""

    rows: int
    per_minute: int
    wait_s: int = 10
    """For the writer's place; then the sender is asked to come back."""


@dataclass(frozen=True)
class Reply:
    """What the sender is told. body: JSON; replayed: the first answer, given again."""

    status: int
    body: bytes
    run_id: int | None
    replayed: bool = False


def receive(
    store: Store,
    catalogue: Catalogue,
    token: Token,
    pushed: Pushed,
    *,
    now: datetime,
    limits: Limits,
    publish: Publish,
    request_id: str = "",
) -> Reply:
    """Store one push and return its answer; the body is evidence like any file that was fetched.

    Raises:
        PushError: one of its kinds; nothing was stored.
        SQLAlchemyError: the store is locked or lost; nothing was stored.
    """
    source = catalogue.sources.get(token.source or "")
    if source is None:
        raise SourceGoneError(f"there is no source {token.source} any more")
    understood = _read(source, catalogue, token, pushed, limits)
    with store.write(wait_s=limits.wait_s) as conn:
        known = _answered(conn, token, pushed)
        if known is not None:
            return known
        _slow_down(conn, token, limits, now)
        outcome = ingest_in(
            conn, catalogue, source, pushed.body, understood,
            origin=f"{understood.connector}:token/{token.id}", now=now, fresh=True,
            areas=allowed_areas(token, catalogue),
        )  # fmt: skip
        rows = row_verdicts(conn, understood.parsed, outcome) if understood.parsed else []
        unread = outcome.error if understood.parsed is None else None
        reply = _reply(pushed, outcome.run_id, unread, rows, request_id)
        _keep(conn, token, pushed, reply, now)
        note_used(conn, token, now=now)
        publish(conn, source, now, understood.connector)
    return reply


def _read(
    source: Source, catalogue: Catalogue, token: Token, pushed: Pushed, limits: Limits
) -> Understood:
    """Return what the body says, within the token's scope."""
    hint = {"form": pushed.form} if pushed.form else {}
    understood = understand(source, catalogue, CONNECTOR_OF[pushed.kind], pushed.body, **hint)
    return _in_scope(understood, token, catalogue, limits)


# ---- scope ----


def _in_scope(
    understood: Understood, token: Token, catalogue: Catalogue, limits: Limits
) -> Understood:
    """Take out the rows that the token may not bring, with a problem for each."""
    parsed = understood.parsed
    if parsed is None:
        return understood
    if parsed.accepted + parsed.quarantined > limits.rows:
        raise TooManyRowsError(f"more than {limits.rows} rows")
    indicators = allowed_indicators(token, catalogue)
    areas = allowed_areas(token, catalogue)
    kept: list[Any] = []
    problems: list[Problem] = []
    for record in parsed.records:
        problem = _out_of_scope(record, indicators, areas, catalogue)
        if problem:
            problems.append(problem)
        else:
            kept.append(record)
    scoped: Parsed[Any] = replace(
        parsed, records=tuple(kept), problems=(*parsed.problems, *problems)
    )
    return replace(understood, parsed=scoped)


def _out_of_scope(
    record: Any, indicators: frozenset[str], areas: frozenset[str] | None, catalogue: Catalogue
) -> Problem | None:
    """Return why the token may not bring this record. What does not exist is said later on."""
    if isinstance(record, Observed):
        if record.indicator in catalogue.indicators and record.indicator not in indicators:
            return _beyond(record.row, "indicator", record.indicator)
        if areas is not None and record.area in catalogue.areas and record.area not in areas:
            return _beyond(record.row, "area", record.area)
    if isinstance(record, ServiceRequest) and areas is not None:
        area = geo.area_of(record.address, record.lon, record.lat)
        if area is not None and area not in areas:
            return _beyond(record.row, "address", area)
    return None


def _beyond(row: int | None, field: str, value: str) -> Problem:
    detail = f"this token is not for {field} {value}"
    return Problem("out_of_scope", row, field, value, detail)


# ---- once, and not too fast ----


def _answered(conn: Connection, token: Token, pushed: Pushed) -> Reply | None:
    """Return the answer that this key was given, None if it is new."""
    if pushed.key is None:
        return None
    query = select(m.api_push).where(p.token_id == token.id, p.idempotency_key == pushed.key)
    row = conn.execute(query).first()
    if row is None:
        return None
    if row.body_sha256 != _mark(pushed):
        raise KeyReusedError("this Idempotency-Key was used for another body")
    return Reply(row.status, row.answer.encode(), row.run_id, replayed=True)


def _mark(pushed: Pushed) -> str:
    return hashlib.sha256(f"{pushed.kind} {pushed.sent_sha256}".encode()).hexdigest()


def _slow_down(conn: Connection, token: Token, limits: Limits, now: datetime) -> None:
    recent = (p.token_id == token.id, p.received_at > now - MINUTE)
    query = select(func.count(), func.min(p.received_at)).where(*recent)
    count, oldest = conn.execute(query).one()
    if count >= limits.per_minute:
        wait = (oldest + MINUTE - now).total_seconds()
        raise TooFastError(max(1, round(wait + 0.5)))


def _keep(conn: Connection, token: Token, pushed: Pushed, reply: Reply, now: datetime) -> None:
    """Keep the answer; let go of the token's answers that are older than promised."""
    old = (p.token_id == token.id, p.received_at < now - KEPT)
    conn.execute(m.api_push.delete().where(*old))
    values = {
        "token_id": token.id,
        "idempotency_key": pushed.key,
        "body_sha256": _mark(pushed),
        "received_at": now,
        "status": reply.status,
        "answer": reply.body.decode(),
        "run_id": reply.run_id,
    }
    conn.execute(m.api_push.insert().values(values))


# ---- the answer ----


def _reply(
    pushed: Pushed, run_id: int, error: str | None, rows: Sequence[dict[str, Any]], request_id: str
) -> Reply:
    refused = sum(1 for r in rows if r["verdict"] == "refused")
    counts = {"run": run_id, "accepted": len(rows) - refused, "refused": refused}
    if error:
        problem = {"code": "unreadable", "title": "The body cannot be read", "detail": error}
        return _answer(400, {**problem, **counts, "request_id": request_id}, run_id)
    if rows and refused == len(rows):
        problem = {"code": "all_refused", "title": "Every row was refused", "detail": _why(rows)}
        body = {**problem, **counts, "request_id": request_id, "rows": rows}
        return _answer(422, body, run_id)
    if pushed.single:
        one = {"service_request_id": pushed.single, "service_notice": None, "account_id": None}
        return Reply(200, orjson.dumps([one]), run_id)
    return _answer(207 if refused else 200, {**counts, "rows": rows}, run_id)


def _why(rows: Sequence[dict[str, Any]]) -> str:
    first = rows[0]
    return f"row {first['row']}: {first['reason']} {first['detail']}".strip()


def _answer(status: int, body: dict[str, Any], run_id: int) -> Reply:
    if status >= 400:
        body = {"type": "about:blank", "status": status, **body}
    return Reply(status, orjson.dumps(body), run_id)
