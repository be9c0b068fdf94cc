"""That cases moved: what makes every desk ask for its rows again."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from sqlalchemy import Connection, bindparam, select

from data import models as m
from data.catalogue import Catalogue
from data.catalogue.entries import Source
from data.queries.keys import Keys
from data.vocabulary import DeskPanel

LAST = 50
"""So many numbers are told; whoever missed more asks for all."""

p, r, c = m.panel_snapshot.c, m.ingest_run.c, m.cases.c
_DESK = select(p.payload).where(p.panel == "desk", p.area == bindparam("city"))
_RUN = (
    select(r.id, r.new, r.changed)
    .where(r.source_id == bindparam("source"))
    .order_by(r.id.desc())
    .limit(1)
)
_OF_RUN = (
    select(c.case_no)
    .where(c.closed_at.is_(None), c.run_id == bindparam("run"))
    .order_by(c.id.desc())
    .limit(LAST)
)


def moved(conn: Connection, city: str, case_nos: Sequence[str]) -> DeskPanel:
    """Return the panel after some more cases moved, the newest first."""
    kept = conn.scalar(_DESK, {"city": city})
    before: DeskPanel = orjson.loads(kept) if kept else {"seq": 0, "cases": []}
    told = dict.fromkeys([*case_nos, *before["cases"]])
    return {"seq": before["seq"] + 1, "cases": list(told)[:LAST]}


def moved_by(
    conn: Connection, catalogue: Catalogue, keys: Keys, source: Source
) -> DeskPanel | None:
    """Return the panel after the last run of a source; None if it moved nothing.

    Cases that it closed are not named: they leave the desk, which asks anew all the same.
    """
    run = conn.execute(_RUN, {"source": keys.sources[source.key]}).first()
    if run is None or not (run.new or run.changed):
        return None
    return moved(conn, catalogue.city.code, list(conn.scalars(_OF_RUN, {"run": run.id})))
