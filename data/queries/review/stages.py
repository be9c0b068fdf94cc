"""Open cases of an area by where they stand now."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, case, func, select

from data import models as m
from data.queries.keys import Keys
from data.queries.review.flow import within
from data.vocabulary import CaseState
from data.vocabulary.boards import StageLine

c = m.cases.c
ORDER = {state.value: place for place, state in enumerate(CaseState)}


def open_by_stage(
    conn: Connection, keys: Keys, area: str, level: int, now: datetime, *, domain: str = ""
) -> list[StageLine]:
    """Return open cases by state, in the order of the loop; late: past their limit."""
    late = func.sum(case((c.due_at < now, 1), else_=0))
    query = select(c.state, func.count(), late).where(
        c.closed_at.is_(None), *within(keys, area, level)
    )
    if domain:
        query = query.where(c.domain_id == keys.domains[domain])
    rows = conn.execute(query.group_by(c.state)).all()
    lines: list[StageLine] = [
        {"state": state, "open": int(n), "late": int(over or 0)} for state, n, over in rows
    ]
    return sorted(lines, key=lambda line: ORDER.get(line["state"], len(ORDER)))
