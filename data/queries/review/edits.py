"""Wordings that stand in place of what the rules say."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from data import models as m
from data.queries.keys import Keys
from data.review.week_text import monday
from data.vocabulary.meeting import Edit

e = m.review_edit.c
_OF_WEEK = (
    select(m.review_edit)
    .where(e.week == bindparam("week"), e.area_id == bindparam("area"))
    .order_by(e.id)
)


def edits_of(conn: Connection, keys: Keys, week: str, area: str) -> list[Edit]:
    """Return the wordings that stand in a review: the newest of each message and language."""
    rows = conn.execute(_OF_WEEK, {"week": monday(week), "area": keys.areas[area]}).all()
    newest = {(row.key, row.lang): row for row in rows}
    found: dict[str, Edit] = {}
    for row in sorted(newest.values(), key=lambda r: r.id):
        if row.text is None:
            continue
        one: Edit = found.setdefault(row.key, {"key": row.key, "text": {}, "by": "", "at": 0.0})
        one["text"][row.lang] = row.text
        one["by"], one["at"] = row.actor, row.at.timestamp()
    return list(found.values())
