"""The steps of one version of a procedure, wherever that version was kept."""

from __future__ import annotations

from sqlalchemy import Connection, select

from data import models as m
from data.catalogue import Catalogue
from data.catalogue.loop_entries import Sop, SopStep
from data.queries.procedures import sop_of

v = m.sop_version.c


def plan(conn: Connection, catalogue: Catalogue, code: str, version: int) -> Sop | None:
    """Return a version of a procedure: as it was approved here, else as the catalogue has it."""
    kept = (v.code == code, v.version == version, v.state == "approved")
    row = conn.execute(select(m.sop_version).where(*kept)).first()
    if row is not None:
        return sop_of(row)
    try:
        return catalogue.loop.sop(code, version)
    except KeyError:
        return None


def plan_of(conn: Connection, catalogue: Catalogue, code: str, version: int) -> dict[int, SopStep]:
    """Return the steps of a version by number; none of a version that nobody kept."""
    found = plan(conn, catalogue, code, version)
    return {step.no: step for step in found.steps} if found else {}
