"""Write a key message anew, or let the rule speak again. Every wording is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from data import models as m
from data.cases.loop import Actor
from data.catalogue import Catalogue
from data.commands.review.outcomes import Done
from data.commands.review.promising import area_problem, week_problem
from data.commands.review.rights import WRITERS, barred, note, tried
from data.queries.keys import Keys
from data.review.refusals import EDIT_LIMIT, NAME_LIMIT, Code, Problem, Refusal, plain, refused
from data.review.week_text import monday
from data.vocabulary import LANGUAGES

e = m.review_edit.c
KEY_LIMIT = 120


@dataclass(frozen=True)
class Wording:
    """A message (its key) of a week and area in one language. text None: back to the rule."""

    week: str
    area: str
    key: str
    lang: str
    text: str | None


def edit_message(
    conn: Connection, catalogue: Catalogue, keys: Keys, wording: Wording, actor: Actor,
    now: datetime, *, origin: str = "",
) -> Done | Refusal:  # fmt: skip
    """Let a wording stand in place of what the rule says, or None of it. conn: `store.write()`.

    A week that is frozen may still be worded anew: the pack stays as it was sent.

    Returns:
        Done, with id 0 where it stands so already; or Refusal.
    """
    object_ = f"review {wording.week[:10]} {wording.area[:20]}"
    bar = (
        week_problem(wording.week, now)
        or area_problem(catalogue, wording.area)
        or barred(catalogue, actor, wording.area, WRITERS)
    )
    if bar is not None:
        return tried(conn, actor, "review.edit", object_, now, origin, bar)
    problem = refused(_wrong(wording))
    if problem is not None:
        return problem
    text = None if wording.text is None else str(plain(wording.text, EDIT_LIMIT))
    before = _stands(conn, keys, wording)
    if before == text:
        return Done(0)
    number = _write(conn, keys, wording, text, actor, now)
    told = {"key": wording.key, "lang": wording.lang}
    note(
        conn, actor, "review.edit", object_, now, origin,
        before={**told, "text": before}, after={**told, "text": text},
    )  # fmt: skip
    return Done(number)


def _wrong(wording: Wording) -> dict[str, Problem]:
    wrong: dict[str, Problem] = {}
    key = plain(wording.key, KEY_LIMIT)
    if isinstance(key, Problem):
        wrong["key"] = key
    elif key != wording.key:
        wrong["key"] = Problem(Code.UNKNOWN, {"value": key[:40]})
    if wording.lang not in LANGUAGES:
        wrong["lang"] = Problem(Code.UNKNOWN, {"choices": LANGUAGES})
    text = None if wording.text is None else plain(wording.text, EDIT_LIMIT)
    if isinstance(text, Problem):
        wrong["text"] = text
    return wrong


def _stands(conn: Connection, keys: Keys, wording: Wording) -> str | None:
    mine = (
        e.week == monday(wording.week),
        e.area_id == keys.areas[wording.area],
        e.key == wording.key,
        e.lang == wording.lang,
    )
    found: str | None = conn.scalar(select(e.text).where(*mine).order_by(e.id.desc()).limit(1))
    return found


def _write(
    conn: Connection, keys: Keys, wording: Wording, text: str | None, actor: Actor, now: datetime
) -> int:
    values = {
        "week": monday(wording.week),
        "area_id": keys.areas[wording.area],
        "key": wording.key,
        "lang": wording.lang,
        "text": text,
        "at": now,
        "actor_id": actor.id,
        "actor": actor.name[:NAME_LIMIT],
    }
    return int(conn.execute(m.review_edit.insert().values(values).returning(e.id)).scalar_one())
