"""Ask the rules which stage they want, and propose it once it was wanted for long enough."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from data import models as m
from data.catalogue import Catalogue
from data.queries.keys import Keys
from data.queries.stage import WAIT, StageNow, stage_now, waits
from data.queries.stage_asked import Asked, asked, said, why
from data.stage import CALM, Held, step, wants_anew
from data.stage.said import fired_for

BY = "rules"
BEGINS = datetime(2020, 1, 1, tzinfo=UTC)
"""A clock before this is wrong: nothing is proposed or decided by it."""
SLACK = timedelta(days=1)
w = m.alarm_pending.c


def look(conn: Connection, catalogue: Catalogue, keys: Keys, now: datetime) -> bool:
    """Look once; return whether the proposal moved. Hold times are kept in `alarm_pending`."""
    if now < BEGINS:
        return False
    found, stands, running = asked(conn, catalogue, keys, now), stage_now(conn), waits(conn)
    judged = found.judged
    before = stands.proposal.stage if stands.proposal else CALM
    done = step(before, running, judged.minimum, catalogue.stage.levels, now)
    _keep(conn, running, done.waits)
    codes = (
        {f.rule.code for f in fired_for(judged, done.proposed)} if done.proposed > CALM else set()
    )
    if not wants_anew(stands.proposed, stands.decided, done.proposed, codes):
        return False
    _propose(conn, catalogue, stands, found, done.proposed, now)
    return True


def moment(stands: StageNow, now: datetime) -> datetime:
    """Return when an event is written: never before the last one, so that history stays in order.

    One that lies more than a day ahead was itself written by a wrong clock, and binds nobody.
    """
    rows = [row.recorded_at for row in (stands.proposal, stands.confirmed) if row is not None]
    last = max(rows, default=now)
    return last if now < last <= now + SLACK else now


def _keep(conn: Connection, before: Mapping[int, Held], after: Mapping[int, Held]) -> None:
    """Write the hold times that run; most looks find none and write nothing."""
    if before == after:
        return
    gone = [f"{WAIT}{s}" for s in before]
    if gone:
        conn.execute(m.alarm_pending.delete().where(w.key.in_(gone)))
    rows = [
        {"key": f"{WAIT}{s}", "since": h.since, "active": h.active, "seen_at": h.seen_at}
        for s, h in after.items()
    ]
    if rows:
        conn.execute(m.alarm_pending.insert(), rows)


def _propose(
    conn: Connection, catalogue: Catalogue, stands: StageNow, found: Asked, stage: int,
    now: datetime,
) -> None:  # fmt: skip
    at = moment(stands, now)
    fired = fired_for(found.judged, stage) if stage > CALM else ()
    row = why(found, catalogue)
    seen = stands.proposed
    known = {x["code"] for x in row["rules"]}
    if seen is not None and seen.stage == stage and stands.proposal is not None:
        # reasons it was once not taken for stay with it: they ask nobody a second time
        row["rules"] += [x for x in stands.proposal.why["rules"] if x["code"] not in known]
    values = {
        "kind": "proposed",
        "stage": stage,
        "at": at,
        "recorded_at": at,
        "actor_id": None,
        "actor": BY,
        "sentence": catalogue.stage.levels[stage].sentence,
        "why": {**row, "said": said(fired, catalogue)},
    }
    conn.execute(m.stage_event.insert().values(values))
