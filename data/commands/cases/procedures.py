"""Standing procedures: which version holds, a change proposed, and approved by somebody else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Row, bindparam, func, select

from data import models as m
from data.cases.change import Code, Refusal
from data.cases.loop import Actor
from data.catalogue import Catalogue
from data.catalogue.loop_entries import Sop
from data.commands import audit
from data.vocabulary import Role

PROPOSERS = frozenset({Role.OPERATOR, Role.LEADER, Role.STEWARD})
APPROVERS = frozenset({Role.LEADER, Role.STEWARD})
v = m.sop_version.c

_APPROVED = (
    select(m.sop_version)
    .where(v.code == bindparam("code"), v.state == "approved")
    .order_by(v.version.desc())
)


def in_force(
    conn: Connection, catalogue: Catalogue, code: str, version: int | None = None
) -> Sop | None:
    """Return a procedure: the version named, else the newest that is approved; None if none is."""
    decided = {r.version: r for r in conn.execute(_APPROVED, {"code": code})}
    shipped = {s.version: s for s in catalogue.loop.sops.get(code, ())}
    known = set(decided) | set(shipped)
    wanted = max(known, default=None) if version is None else version
    if wanted not in known or wanted is None:
        return None
    return _sop(decided[wanted]) if wanted in decided else shipped[wanted]


def _sop(row: Row[Any]) -> Sop:
    return Sop.model_validate({**row.body, "code": row.code, "version": row.version})


def propose_sop(
    conn: Connection, catalogue: Catalogue, code: str, body: dict[str, Any], reason: str,
    *, actor: Actor, now: datetime, origin: str = "",
) -> int | Refusal:  # fmt: skip
    """Propose a new version of a procedure and return its row; it holds once somebody approved it.

    body: as an entry of sops.yaml, without code and version.
    """
    if actor.role not in PROPOSERS:
        return _refuse(Code.WRONG_ROLE, roles=tuple(sorted(PROPOSERS)))
    if not reason.strip():
        return _refuse(Code.MISSING_FIELD, field="reason")
    if len(reason) > 500:
        return _refuse(Code.TOO_LONG, field="reason", limit=500, length=len(reason))
    newest = [s.version for s in catalogue.loop.sops.get(code, ())]
    kept = conn.scalar(select(func.max(v.version)).where(v.code == code))
    version = max([*newest, kept or 0]) + 1
    try:
        sop = Sop.model_validate({**body, "code": code, "version": version})
    except ValidationError as error:
        return _refuse(Code.BAD_VALUE, field="body", wanted="mapping", said=_said(error))
    strange = [s.department for s in sop.steps if s.department not in catalogue.departments]
    if strange:
        return _refuse(Code.UNKNOWN_CHOICE, field="department", value=strange[0], choices=())
    kept_body = sop.model_dump(mode="json", exclude={"code", "version"})
    values = {
        "code": code,
        "version": version,
        "body": kept_body,
        "reason": reason.strip(),
        "proposed_at": now,
        "proposed_by": actor.id,
        "proposed_name": actor.name[:60],
    }
    made = m.sop_version.insert().values(values).returning(v.id)
    number = int(conn.execute(made).scalar_one())
    _note(conn, actor, "sop.propose", f"{code}@{version}", now, origin, after={"reason": reason})
    return number


def decide_sop(
    conn: Connection, number: int, *, approved: bool, reason: str, actor: Actor, now: datetime,
    origin: str = "",
) -> int | Refusal:  # fmt: skip
    """Approve or refuse a proposed version; whoever proposed it cannot. Returns its version."""
    if actor.role not in APPROVERS:
        return _refuse(Code.WRONG_ROLE, roles=tuple(sorted(APPROVERS)))
    row = conn.execute(select(m.sop_version).where(v.id == number)).first()
    if row is None:
        return _refuse(Code.UNKNOWN_CHOICE, field="sop", value=str(number), choices=())
    if row.state != "proposed":
        return _refuse(Code.ALREADY_DONE, at=row.approved_at)
    if actor.is_same(row.proposed_by, row.proposed_name):
        return _refuse(Code.OWN_APPROVAL)
    if not approved and not reason.strip():
        return _refuse(Code.MISSING_FIELD, field="reason")
    state = "approved" if approved else "refused"
    values = {
        "state": state,
        "approved_at": now,
        "approved_by": actor.id,
        "approved_name": actor.name[:60],
    }
    if reason.strip():
        values["reason"] = f"{row.reason}\n{reason.strip()}"[:500]
    conn.execute(m.sop_version.update().where(v.id == number).values(values))
    _note(conn, actor, f"sop.{state}", f"{row.code}@{row.version}", now, origin)
    return int(row.version)


def _said(error: ValidationError) -> str:
    """Return the first thing that is wrong, and where."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}"[:200]


def _refuse(code: Code, **params: Any) -> Refusal:
    return Refusal(code, params)


def _note(
    conn: Connection, actor: Actor, act: str, name: str, now: datetime, origin: str,
    after: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    by = audit.By(actor.id, actor.name, actor.role.value, origin)
    audit.note(conn, by, act, name, at=now, after=after)
