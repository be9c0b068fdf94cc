"""The closed loop of a week by department."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection

from data.catalogue import Catalogue
from data.queries.keys import Keys
from data.queries.review.flow import open_at
from data.queries.review.names import department_name
from data.queries.supervision import WHOLE, group_lines, line_of
from data.vocabulary.supervision import GroupLine, Period


def department_lines(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    start: datetime,
    at: datetime,
    where: Sequence[ColumnElement[bool]],
) -> list[GroupLine]:
    """Return each department's figures from `start` to `at`, the most overdue first.

    What is open is what was open at `at`, also when that is past. Departments without any case
    are left out.
    """
    told = group_lines(conn, "department", Period(start, at), at, where=where)
    told.pop(WHOLE, None)
    still = open_at(conn, at, where)
    codes = {i: key for key, i in keys.departments.items()}
    found = []
    for row in sorted({*told, *still}):
        n, over = still.get(row, (0, 0))
        key = codes.get(row, str(row))
        line = told.get(row) or line_of({})
        line = {**line, "key": key, "name": department_name(catalogue, key),
                "open": n, "overdue": over, "inside": n - over}  # fmt: skip
        if line["due"] or line["open"] or line["reported"]:
            found.append(line)
    return sorted(found, key=lambda x: (-x["overdue"], -x["due"], x["key"]))
