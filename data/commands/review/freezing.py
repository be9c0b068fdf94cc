"""Freeze a week: keep what its page said, for good, by a person or by the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from data import models as m
from data.cases.loop import Actor
from data.catalogue import Catalogue
from data.commands.review.outcomes import Done
from data.commands.review.promising import area_problem, week_problem
from data.commands.review.rights import BY_CLOCK, FREEZERS, barred, note, tried
from data.queries.keys import Keys
from data.queries.review.edits import edits_of
from data.review.packing import Content, definitions_of, pack
from data.review.refusals import NAME_LIMIT, Code, Refusal
from data.review.rhythm import to_freeze
from data.review.week_text import following, monday, this_monday, written
from data.vocabulary.review import Review

k = m.review_pack.c
Build = Callable[[Connection, Catalogue, Keys, str, str, datetime], Review | None]
"""(conn, catalogue, keys, week, area, now) -> the review, None if it cannot be counted."""


def freeze(
    conn: Connection, catalogue: Catalogue, keys: Keys, week: str, area: str,
    review: Review | None, actor: Actor, now: datetime, *, origin: str = "",
) -> Done | Refusal:  # fmt: skip
    """Keep the review of a week, the wordings that stand and the definitions it was made by.

    conn: from `store.write()`. review: None when its page could not be made. It is the one that
    was shown to whoever freezes, so that the pack is what they saw.

    Returns:
        Done with the SHA-256 of the bytes; Refusal: not over, frozen already, not counted.
    """
    object_ = f"review {week[:10]} {area[:20]}"
    bar = (
        week_problem(week, now)
        or area_problem(catalogue, area)
        or barred(catalogue, actor, area, FREEZERS)
    )
    if bar is not None:
        return tried(conn, actor, "review.freeze", object_, now, origin, bar)
    if following(monday(week)) > this_monday(now):
        return Refusal(Code.NOT_OVER, {"week": week})
    known = frozen_at(conn, keys, week, area)
    if known is not None:
        return Refusal(Code.ALREADY, {"at": known})
    if review is None or not _of(review, week, area):
        return Refusal(Code.NOT_COUNTED, {"week": week})
    return _write(conn, catalogue, keys, review, actor, now, origin)


def _of(review: Review, week: str, area: str) -> bool:
    """Return whether this is the whole page of that week, with something on it."""
    same = (review["week"], review["area"]) == (week, area)
    return same and review["whole"] and bool(review["rows"])


def frozen_at(conn: Connection, keys: Keys, week: str, area: str) -> datetime | None:
    """Return when a week was frozen, None if it is not."""
    mine = (k.week == monday(week), k.area_id == keys.areas[area])
    found: datetime | None = conn.scalar(select(k.frozen_at).where(*mine))
    return found


def _write(
    conn: Connection, catalogue: Catalogue, keys: Keys, review: Review, actor: Actor,
    now: datetime, origin: str,
) -> Done:  # fmt: skip
    week, area = review["week"], review["area"]
    edits = edits_of(conn, keys, week, area)
    payload, sha256 = pack(Content(review, edits, definitions_of(review, catalogue.indicators)))
    values: dict[str, Any] = {
        "week": monday(week),
        "area_id": keys.areas[area],
        "frozen_at": now,
        "frozen_by": actor.id,
        "frozen_name": actor.name[:NAME_LIMIT],
        "sha256": sha256,
        "payload": payload,
    }
    number = int(conn.execute(m.review_pack.insert().values(values).returning(k.id)).scalar_one())
    told = {"sha256": sha256, "bytes": len(payload), "edits": len(edits)}
    note(conn, actor, "review.freeze", f"review {week} {area}", now, origin, after=told)
    return Done(number, sha256=sha256)


def freeze_wanted(
    conn: Connection, catalogue: Catalogue, keys: Keys, now: datetime
) -> tuple[str, str] | None:
    """Return the week and area that should be frozen by now and is not: the city's newest."""
    week, area = written(to_freeze(catalogue.review, now)), catalogue.city.code
    return None if frozen_at(conn, keys, week, area) is not None else (week, area)


def freeze_due(
    conn: Connection, catalogue: Catalogue, keys: Keys, now: datetime, build: Build
) -> Done | Refusal | None:
    """Freeze the city's week when its pre-read is due, unless somebody did. None: nothing is due.

    The collector's chore. conn: from `store.write()`. A week that nobody froze in time is frozen
    late and says when; weeks before it are left: their numbers are not what was shown then.
    """
    wanted = freeze_wanted(conn, catalogue, keys, now)
    if wanted is None:
        return None
    week, area = wanted
    review = build(conn, catalogue, keys, week, area, now)
    return freeze(conn, catalogue, keys, week, area, review, BY_CLOCK, now)
