"""The stage of the city in the store: what is in force, what is proposed, the history of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select

from data import models as m
from data.catalogue import Catalogue
from data.queries.keys import Keys
from data.stage import Decided, Held, Proposed, is_open
from data.vocabulary import Names
from data.vocabulary.alarms import ResponseRow
from data.vocabulary.stage import ResponsePast, StageEventRow

e, r, w = m.stage_event.c, m.response_level.c, m.alarm_pending.c
WAIT = "stage|"
"""How the hold times of stages are named among the pending ones."""


@dataclass(frozen=True)
class StageNow:
    """How the stage stands. since: when the stage in force began; confirmed: its newest event."""

    proposal: Row[Any] | None
    confirmed: Row[Any] | None
    since: datetime | None

    @property
    def proposed(self) -> Proposed | None:
        """Return the newest proposal."""
        row = self.proposal
        if row is None:
            return None
        return Proposed(row.id, row.stage, frozenset(x["code"] for x in row.why["rules"]))

    @property
    def decided(self) -> Decided | None:
        """Return the newest decision."""
        return Decided(self.confirmed.id, self.confirmed.stage) if self.confirmed else None

    @property
    def seen(self) -> int:
        """Return the newest event's number, 0 if there is none."""
        return max((row.id for row in (self.proposal, self.confirmed) if row), default=0)

    @property
    def undecided(self) -> bool:
        """Return whether a higher stage is proposed and nobody has decided since."""
        return is_open(self.proposed, self.decided)


def stage_now(conn: Connection, as_of: datetime | None = None) -> StageNow:
    """Return how the stage stands, or stood as far as was known at `as_of`."""
    known = _known(as_of)
    proposal, confirmed = (_newest(conn, kind, known) for kind in ("proposed", "confirmed"))
    since = None
    if confirmed is not None:
        own = e.kind == "confirmed"
        other = select(func.max(e.id)).where(own, known, e.stage != confirmed.stage)
        last = conn.scalar(other) or 0
        first = select(e.at).where(own, known, e.id > last).order_by(e.id).limit(1)
        since = conn.scalar(first)
    return StageNow(proposal, confirmed, since)


def _known(as_of: datetime | None) -> ColumnElement[bool]:
    return e.id > 0 if as_of is None else e.recorded_at <= as_of


def _newest(conn: Connection, kind: str, known: ColumnElement[bool]) -> Row[Any] | None:
    query = select(m.stage_event).where(e.kind == kind, known).order_by(e.id.desc()).limit(1)
    return conn.execute(query).first()


def waits(conn: Connection) -> dict[int, Held]:
    """Return the hold times that run, by stage."""
    rows = conn.execute(select(m.alarm_pending).where(w.key.like(f"{WAIT}%"))).all()
    return {int(row.key[len(WAIT) :]): Held(row.since, row.seen_at, row.active) for row in rows}


def history(
    conn: Connection, now: datetime, *, as_of: datetime | None = None, most: int = 200
) -> list[StageEventRow]:
    """Return decisions and proposals, the newest first, each decision with how long it held."""
    query = select(m.stage_event).where(_known(as_of)).order_by(e.id.desc()).limit(most)
    rows = list(reversed(conn.execute(query).all()))
    ends = _ends(rows, as_of or now)
    found, before = [], None
    for row in rows:
        found.append(_event(row, before, ends.get(row.id)))
        before = row.stage if row.kind == "confirmed" else before
    return found[::-1]


def _ends(rows: Sequence[Row[Any]], now: datetime) -> dict[int, float]:
    """Return how long each decision's stage held, from it to the next decision, never below 0."""
    decided = [row for row in rows if row.kind == "confirmed"]
    after = [row.at for row in decided[1:]] + [now]
    return {
        row.id: max((end - row.at).total_seconds(), 0.0)
        for row, end in zip(decided, after, strict=False)
    }


def _event(row: Row[Any], before: int | None, lasted: float | None) -> StageEventRow:
    words: Names | None = row.why.get("said")
    return {
        "id": row.id,
        "kind": row.kind,
        "act": _act(row, before),
        "stage": row.stage,
        "at": row.at.timestamp(),
        "actor": row.actor,
        "reason": row.reason,
        "lasted": lasted,
        "why": words or {"zh": "", "en": ""},
    }


def _act(row: Row[Any], before: int | None) -> str:
    if row.kind == "proposed":
        return "proposed"
    if before is None:
        return "first"
    if row.stage == before:
        return "kept"
    return "raised" if row.stage > before else "lowered"


def spent(events: Sequence[StageEventRow], since: datetime, now: datetime) -> dict[str, float]:
    """Return how many seconds each stage was in force between `since` and `now`."""
    found: dict[str, float] = {}
    end = now.timestamp()
    for event in events:  # the newest first
        if event["kind"] != "confirmed":
            continue
        start = max(event["at"], since.timestamp())
        if end > start:
            key = str(event["stage"])
            found[key] = found.get(key, 0.0) + end - start
        end = min(end, event["at"])
    return found


def responses(
    conn: Connection, catalogue: Catalogue, keys: Keys, *, as_of: datetime | None = None
) -> list[ResponseRow]:
    """Return the response levels in force, or known to be at `as_of`, the gravest first."""
    wanted: ColumnElement[bool] = r.ended_at.is_(None)
    if as_of is not None:
        wanted = and_(
            r.recorded_at <= as_of,
            or_(r.ended_recorded_at.is_(None), r.ended_recorded_at > as_of),
        )
    query = select(m.response_level).where(wanted)
    rows = conn.execute(query.order_by(r.level, r.started_at, r.id)).all()
    codes = keys.area_codes()
    return [_response(row, catalogue, codes) for row in rows]


def ended_responses(
    conn: Connection, catalogue: Catalogue, keys: Keys, since: datetime
) -> list[ResponsePast]:
    """Return the response levels that ended since, the newest first."""
    query = select(m.response_level).where(r.ended_at >= since).order_by(r.ended_at.desc())
    codes = keys.area_codes()
    return [
        {
            "row": _response(row, catalogue, codes),
            "ended": row.ended_at.timestamp(),
            "ended_by": row.ended_name or "",
            "reason": row.end_reason or "",
        }
        for row in conn.execute(query.limit(100)).all()
    ]


def _response(row: Row[Any], catalogue: Catalogue, codes: Mapping[int, str]) -> ResponseRow:
    area = codes.get(row.area_id, "")
    plan, place = catalogue.stage.plans.get(row.plan), catalogue.areas.get(area)
    return {
        "id": row.id,
        "plan": row.plan,
        "name": plan.name if plan else {"zh": row.plan, "en": row.plan},
        "level": row.level,
        "area": area,
        "area_name": place.short if place else {"zh": area, "en": area},
        "since": row.started_at.timestamp(),
        "basis": row.basis,
        "by": row.actor,
        "city": area == catalogue.city.code,
    }


PAST = timedelta(days=90)
"""How far back the page looks."""
