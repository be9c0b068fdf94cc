"""Do something about a promise: carry it on, move it, say how it ended, take it up again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from data import models as m
from data.cases.loop import Actor
from data.catalogue import Catalogue
from data.commands.review.outcomes import Conflict, Done
from data.commands.review.promising import read_due, week_problem, write_event
from data.commands.review.rights import LEADERS, barred, note, tried
from data.queries.keys import Keys
from data.queries.review.promises import Kept, promise_of
from data.review.promises import Act, Standing, Step, take
from data.review.refusals import NOTE_LIMIT, Code, Problem, Refusal, plain, refused
from data.review.week_text import monday, written
from data.vocabulary import Role

NOTERS = LEADERS | {Role.DEPARTMENT}
ACTS = tuple(act for act in Act if act is not Act.MADE)


@dataclass(frozen=True)
class Asked:
    """What is to be done. act: one of `ACTS`. note: always said, it is the reason.

    week: the review it is done in. version: the one its author saw, None for who sees none.
    due: the new due week of "moved".
    """

    act: str
    week: str
    note: str
    version: int | None = None
    due: str = ""


def act_on_promise(
    conn: Connection, catalogue: Catalogue, keys: Keys, number: int, asked: Asked, actor: Actor,
    now: datetime, *, origin: str = "",
) -> Done | Refusal | Conflict:  # fmt: skip
    """Do one act about a promise, all of it or nothing. conn: from `store.write()`.

    Leaders whose area covers the review do everything; a department notes on its own promises.

    Returns:
        Done; Refusal with a code and the fields that are wrong; Conflict with what happened since
        when the promise was seen in an older version.
    """
    kept = promise_of(conn, number)
    if kept is None:
        return Refusal(Code.UNKNOWN, {"field": "promise", "value": number})
    if asked.act not in ACTS:
        return Refusal(Code.UNKNOWN, {"field": "act", "choices": tuple(a.value for a in ACTS)})
    act = Act(asked.act)
    bar = _barred(catalogue, keys, kept, act, actor)
    if bar is not None:
        told = f"promise.{act.value}", f"promise {number}"
        return tried(conn, actor, *told, now, origin, bar)
    if asked.version is not None and asked.version != kept.now.version:
        return _overtaken(kept, asked.version)
    step = _step(kept, act, asked, now)
    if isinstance(step, Refusal):
        return step
    new = take(kept.now, step)
    if isinstance(new, Refusal):
        return new
    text = str(plain(asked.note, NOTE_LIMIT, lines=True))
    return _write(conn, kept, new, step, text, actor, origin)


def _barred(catalogue: Catalogue, keys: Keys, kept: Kept, act: Act, actor: Actor) -> Refusal | None:
    area = keys.area_codes()[kept.row.area_id]
    if actor.role is Role.DEPARTMENT and act is Act.NOTE:
        own = keys.departments.get(actor.department or "")
        if own is None or own != kept.row.department_id:
            return Refusal(Code.OTHER_DEPARTMENT, {"department": actor.department})
        return barred(catalogue, actor, _place(keys, kept, area), NOTERS)
    return barred(catalogue, actor, area, LEADERS)


def _place(keys: Keys, kept: Kept, area: str) -> str:
    """Return where a promise is kept: a county's office answers for what is of its county."""
    of_area = kept.row.of_area_id
    return keys.area_codes()[of_area] if of_area is not None else area


def _step(kept: Kept, act: Act, asked: Asked, now: datetime) -> Step | Refusal:
    """Return the step that was asked for, or what is wrong with its fields."""
    problem = week_problem(asked.week, now)
    if problem is not None:
        return problem
    week = monday(asked.week)
    if week < kept.now.made:
        return Refusal(Code.PAST, {"field": "week", "than": written(kept.now.made)})
    wrong: dict[str, Problem] = {}
    text = plain(asked.note, NOTE_LIMIT, lines=True)
    if isinstance(text, Problem):
        wrong["note"] = text
    due = read_due(asked.due, kept.now.made, now) if act is Act.MOVED else None
    if isinstance(due, Problem):
        wrong = {"due": due, **wrong}
        due = None
    elif due is not None and due == kept.now.due:
        wrong = {"due": Problem(Code.ALREADY), **wrong}
    detail = {"due": due.isoformat(), "was": kept.now.due.isoformat()} if due else {}
    return refused(wrong) or Step(act, now, week, due, detail)


def _overtaken(kept: Kept, seen: int) -> Conflict:
    since = tuple(kept.history[max(seen, 0) :])
    return Conflict(kept.row.id, kept.now.version, kept.now.state.value, since)


def _write(
    conn: Connection, kept: Kept, new: Standing, step: Step, text: str, actor: Actor, origin: str
) -> Done:
    number, now = kept.row.id, step.at
    write_event(conn, number, step.week, step.act, actor, now, text, step.detail)
    values = {"version": new.version, "state": new.state.value, "due_week": new.due}
    conn.execute(m.promise.update().where(m.promise.c.id == number).values(values))
    note(
        conn, actor, f"promise.{step.act.value}", f"promise {number}", now, origin,
        before=_facts(kept.now), after=_facts(new),
    )  # fmt: skip
    return Done(number, new.version, new.state.value)


def _facts(standing: Standing) -> dict[str, Any]:
    """Return what the audit keeps: not the words, which the events keep."""
    due: date = standing.due
    return {"version": standing.version, "state": standing.state.value, "due": due.isoformat()}
