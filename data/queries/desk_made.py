"""Whether a case by hand was made already: its answer may have been lost on the way."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from data import models as m
from data.connectors.privacy import mask
from data.queries.keys import Keys
from data.vocabulary import CaseAct


def made_before(
    conn: Connection, keys: Keys, account: int, category: str, title: str, *, since: datetime
) -> str | None:
    """Return the number of the case that this person made of the same words, None if none is."""
    c, e = m.cases.c, m.case_event.c
    query = (
        select(c.case_no)
        .join(m.case_event, e.case_id == c.id)
        .where(
            e.seq == 1,
            e.action == CaseAct.REPORT,
            e.actor_id == account,
            c.reported_at >= since,
            c.category_id == keys.categories.get(category, -1),
            c.title == mask(" ".join(title.split())),
            c.source_id == keys.sources["desk"],
        )
        .order_by(c.id.desc())
        .limit(1)
    )
    found: str | None = conn.scalar(query)
    return found
