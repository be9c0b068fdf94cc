"""Everything the page of the city's stage shows, asked of the store at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from data.catalogue import Catalogue
from data.panels.board import is_demo
from data.queries.keys import Keys
from data.queries.stage import (
    PAST,
    StageNow,
    ended_responses,
    history,
    responses,
    spent,
    stage_now,
    waits,
)
from data.queries.stage_asked import asked, why
from data.stage import CALM
from data.vocabulary.stage import LevelRow, PlanRow, StageBoard, WaitRow


def stage_board(conn: Connection, catalogue: Catalogue, keys: Keys, now: datetime) -> StageBoard:
    """Return how the stage stands now, why, for how long, and what was before."""
    stands, since = stage_now(conn), now - PAST
    events = history(conn, now)
    row = stands.confirmed
    proposal = stands.proposal
    places = [catalogue.areas[catalogue.city.code], *catalogue.counties()]
    return {
        "as_of": now.timestamp(),
        "seen": stands.seen,
        "stage": row.stage if row else None,
        "by": row.actor if row else None,
        "since": stands.since.timestamp() if stands.since else None,
        "confirmed_at": row.at.timestamp() if row else None,
        "reason": row.reason if row else "",
        "proposed": proposal.stage if proposal else CALM,
        "proposed_at": proposal.at.timestamp() if proposal else None,
        "undecided": stands.undecided,
        "now": why(asked(conn, catalogue, keys, now), catalogue),
        "then": _then(stands),
        "waits": _waits(conn, catalogue),
        "levels": _levels(catalogue),
        "plans": _plans(catalogue),
        "responses": responses(conn, catalogue, keys),
        "ended": ended_responses(conn, catalogue, keys, since),
        "events": events,
        "spent": spent(events, since, now),
        "areas": {a.code: a.short for a in places},
        "demo": is_demo(conn),
    }


def _then(stands: StageNow) -> Any:
    """Return what the rules said when the newest proposal was made."""
    return stands.proposal.why if stands.proposal else None


def _waits(conn: Connection, catalogue: Catalogue) -> list[WaitRow]:
    levels = catalogue.stage.levels
    return [
        {
            "stage": stage,
            "up": held.active,
            "held": held.held.total_seconds(),
            "needed": float(levels[stage].up_s if held.active else levels[stage].down_s),
        }
        for stage, held in sorted(waits(conn).items())
        if stage in levels
    ]


def _levels(catalogue: Catalogue) -> list[LevelRow]:
    return [
        {
            "stage": level.stage,
            "name": level.name,
            "sentence": level.sentence,
            "advice": level.advice,
            "up_s": level.up_s,
            "down_s": level.down_s,
        }
        for level in catalogue.stage.levels.values()
    ]


def _plans(catalogue: Catalogue) -> list[PlanRow]:
    return [
        {
            "key": plan.key,
            "name": plan.name,
            "department": catalogue.departments[plan.department].name,
            "basis": plan.basis,
        }
        for plan in catalogue.stage.plans.values()
    ]
