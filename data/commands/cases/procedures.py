"""Standing procedures: which version holds, a change proposed, and approved by somebody else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Row, func, select
from sqlalchemy.exc import IntegrityError

from data import models as m
from data.cases.bars import covers
from data.cases.change import Code, Refusal
from data.cases.loop import Actor
from data.catalogue import Catalogue
from data.catalogue.loop_entries import Sop
from data.commands import audit
from data.queries.procedures import in_force
from data.vocabulary import Role

__all__ = ["APPROVERS", "PROPOSERS", "decide_sop", "in_force", "propose_sop"]

PROPOSERS = frozenset({Role.OPERATOR, Role.LEADER, Role.STEWARD})
APPROVERS = frozenset({Role.LEADER, Role.STEWARD})
v = m.sop_version.c

REASON_LIMIT, DECISION_LIMIT, STEPS_LIMIT = 300, 190, 60
"""Letters of the reason of a proposal and of its decision, kept together; and steps."""


def propose_sop(
    conn: Connection, catalogue: Catalogue, code: str, body: dict[str, Any], reason: str,
    *, actor: Actor, now: datetime, origin: str = "", seen: int | None = None,
) -> int | Refusal:  # fmt: skip
    """Propose a new version of a procedure and return its row; it holds once somebody approved it.

    body: as an entry of sops.yaml, without code and version. seen: the version it was made
    from; if another one holds by now, whoever proposes has to look at that first.
    """
    refused = _may_not_propose(reason, actor)
    if refused is not None:
        return refused
    holds = in_force(conn, catalogue, code)
    if seen is not None and holds is not None and holds.version != seen:
        return _refuse(Code.OUT_OF_DATE, version=seen, now=holds.version)
    newest = [s.version for s in catalogue.loop.sops.get(code, ())]
    kept = conn.scalar(select(func.max(v.version)).where(v.code == code))
    version = max([*newest, kept or 0]) + 1
    sop = _read(catalogue, {**body, "code": code, "version": version})
    if isinstance(sop, Refusal):
        return sop
    values = {
        "code": code,
        "version": version,
        "body": sop.model_dump(mode="json", exclude={"code", "version"}),
        "reason": reason.strip(),
        "proposed_at": now,
        "proposed_by": actor.id,
        "proposed_name": actor.name[:60],
    }
    made = m.sop_version.insert().values(values).returning(v.id)
    try:
        with conn.begin_nested():
            number = int(conn.execute(made).scalar_one())
    except IntegrityError:  # somebody else took the number in the same moment
        return _refuse(Code.OUT_OF_DATE, version=version - 1, now=version)
    _note(conn, actor, "sop.propose", f"{code}@{version}", now, origin, after={"reason": reason})
    return number


def _may_not_propose(reason: str, actor: Actor) -> Refusal | None:
    if actor.role not in PROPOSERS:
        return _refuse(Code.WRONG_ROLE, roles=tuple(sorted(PROPOSERS)))
    return _wrong_reason(reason, REASON_LIMIT, needed=True)


def _wrong_reason(reason: str, limit: int, *, needed: bool) -> Refusal | None:
    if needed and not reason.strip():
        return _refuse(Code.MISSING_FIELD, field="reason")
    if len(reason.strip()) > limit:
        return _refuse(Code.TOO_LONG, field="reason", limit=limit, length=len(reason.strip()))
    return None


def _read(catalogue: Catalogue, entry: dict[str, Any]) -> Sop | Refusal:
    """Return an entry that is whole and names only what is there."""
    try:
        sop = Sop.model_validate(entry)
    except ValidationError as error:
        return _refuse(Code.BAD_VALUE, field="body", wanted="mapping", said=_said(error))
    if len(sop.steps) > STEPS_LIMIT:
        return _refuse(Code.TOO_LONG, field="step", limit=STEPS_LIMIT, length=len(sop.steps))
    strange = [s.department for s in sop.steps if s.department not in catalogue.departments]
    if strange:
        return _refuse(Code.UNKNOWN_CHOICE, field="department", value=strange[0][:60], choices=())
    named = sop.rule.categories if sop.rule else ()
    unknown = [c for c in named if c not in catalogue.categories]
    if unknown:
        return _refuse(Code.UNKNOWN_CHOICE, field="category", value=unknown[0][:60], choices=())
    return sop


def decide_sop(
    conn: Connection, catalogue: Catalogue, number: int, *, approved: bool, reason: str,
    actor: Actor, now: datetime, origin: str = "",
) -> int | Refusal:  # fmt: skip
    """Approve or refuse a proposed version; whoever proposed it cannot. Returns its version.

    A procedure holds in the whole city, so whoever decides answers for the whole city. A
    version older than the one that holds can only be refused.
    """
    row = conn.execute(select(m.sop_version).where(v.id == number)).first()
    if row is None:
        return _refuse(Code.UNKNOWN_CHOICE, field="sop", value=str(number), choices=())
    refused = _may_not_decide(catalogue, row, actor) or _wrong_reason(
        reason, DECISION_LIMIT, needed=not approved
    )
    if refused is not None:
        return refused
    holds = in_force(conn, catalogue, row.code) if approved else None
    if holds is not None and holds.version > row.version:
        return _refuse(Code.OUT_OF_DATE, version=row.version, now=holds.version)
    state = "approved" if approved else "refused"
    values = {
        "state": state,
        "approved_at": now,
        "approved_by": actor.id,
        "approved_name": actor.name[:60],
    }
    if reason.strip():
        values["reason"] = f"{row.reason}\n{reason.strip()}"[:500]
    still = m.sop_version.update().where(v.id == number, v.state == "proposed")
    if conn.execute(still.values(values)).rowcount == 0:
        return _refuse(Code.ALREADY_DONE, at=now)
    _note(conn, actor, f"sop.{state}", f"{row.code}@{row.version}", now, origin,
          after={"reason": reason.strip()} if reason.strip() else None)  # fmt: skip
    return int(row.version)


def _may_not_decide(catalogue: Catalogue, row: Row[Any], actor: Actor) -> Refusal | None:
    if actor.role not in APPROVERS:
        return _refuse(Code.WRONG_ROLE, roles=tuple(sorted(APPROVERS)))
    if actor.area is not None and not covers(actor.area, (catalogue.city.code,)):
        return _refuse(Code.OTHER_AREA, area=actor.area)
    if row.state != "proposed":
        return _refuse(Code.ALREADY_DONE, at=row.approved_at)
    if actor.is_same(row.proposed_by, row.proposed_name):
        return _refuse(Code.OWN_APPROVAL)
    return None


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
