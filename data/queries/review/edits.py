"""Wordings that stand in place of what the rules say."""

from __future__ import annotations

from sqlalchemy import Connection, select

from data import models as m
from data.queries.keys import Keys
from data.review.week_text import monday
from data.vocabulary.review import Edit

e = m.review_edit.c


def edits_of(conn: Connection, keys: Keys, week: str, area: str) -> list[Edit]:
    """Return the wordings that stand in a review: the newest of each message and language."""
    mine = (e.week == monday(week), e.area_id == keys.areas[area])
    rows = conn.execute(select(m.review_edit).where(*mine).order_by(e.id)).all()
    newest = {(row.key, row.lang): row for row in rows}
    found: dict[str, Edit] = {}
    for row in sorted(newest.values(), key=lambda r: r.id):
        if row.text is None:
            continue
        one: Edit = found.setdefault(row.key, {"key": row.key, "text": {}, "by": "", "at": 0.0})
        one["text"][row.lang] = row.text
        one["by"], one["at"] = row.actor, row.at.timestamp()
    return list(found.values())
