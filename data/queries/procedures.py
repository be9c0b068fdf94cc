"""Standing procedures as they hold: those of the catalogue, and the versions approved since."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from data import models as m
from data.cases.procedures import SopVersion
from data.catalogue import Catalogue
from data.catalogue.loop_entries import Sop

v = m.sop_version.c

_OF = select(m.sop_version).where(v.code == bindparam("code"), v.state == "approved")
_APPROVED = select(m.sop_version).where(v.state == "approved").order_by(v.code, v.version)
_ALL = select(m.sop_version).order_by(v.code, v.version)


def in_force(
    conn: Connection, catalogue: Catalogue, code: str, version: int | None = None
) -> Sop | None:
    """Return a procedure: the version named, else the newest that is approved; None if none is."""
    decided = {r.version: r for r in conn.execute(_OF, {"code": code})}
    shipped = {s.version: s for s in catalogue.loop.sops.get(code, ())}
    known = set(decided) | set(shipped)
    wanted = max(known, default=None) if version is None else version
    if wanted not in known or wanted is None:
        return None
    return sop_of(decided[wanted]) if wanted in decided else shipped[wanted]


def sop_of(row: Row[Any]) -> Sop:
    """Return a row of `sop_version` as an entry of the catalogue."""
    return Sop.model_validate({**row.body, "code": row.code, "version": row.version})


def all_in_force(conn: Connection, catalogue: Catalogue) -> dict[str, Sop]:
    """Return the version that holds of every procedure, those of the catalogue first."""
    found = {code: versions[-1] for code, versions in catalogue.loop.sops.items()}
    for row in conn.execute(_APPROVED):
        if row.code not in found or found[row.code].version <= row.version:
            found[row.code] = sop_of(row)
    return found


def sop_for(conn: Connection, catalogue: Catalogue, category: str, severity: int) -> Sop | None:
    """Return the first procedure whose rule, as it holds, takes such a case; 1 is the worst."""
    for sop in all_in_force(conn, catalogue).values():
        rule = sop.rule
        if rule and category in rule.categories and severity <= rule.level:
            return sop
    return None


def sop_versions(conn: Connection, catalogue: Catalogue) -> dict[str, list[SopVersion]]:
    """Return every version of every procedure, newest first, whoever kept it."""
    rows: dict[str, list[Row[Any]]] = {}
    for row in conn.execute(_ALL):
        rows.setdefault(row.code, []).append(row)
    holds = all_in_force(conn, catalogue)
    codes = [*catalogue.loop.sops, *(c for c in rows if c not in catalogue.loop.sops)]
    return {
        code: sorted(
            _versions(
                catalogue.loop.sops.get(code, ()), rows.get(code, []),
                holds[code].version if code in holds else None,
            ),
            key=lambda x: -x.sop.version,
        )
        for code in codes
    }  # fmt: skip


def _versions(
    shipped: Iterable[Sop], rows: list[Row[Any]], holds: int | None
) -> Iterable[SopVersion]:
    """Yield the versions of one procedure; of one that both have, the approved one."""
    over = {row.version for row in rows if row.state == "approved"}
    for sop in shipped:
        if sop.version not in over:
            yield SopVersion(sop, "shipped", in_force=sop.version == holds)
    for row in rows:
        approved = row.state == "approved"
        yield SopVersion(
            sop_of(row), row.state, approved and row.version == holds, row.id, row.reason,
            row.proposed_at, row.proposed_by, row.proposed_name, row.approved_at,
            row.approved_name or "",
        )  # fmt: skip
