"""Who may add what to a review: the role, and an area that covers the one of the review."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from data.cases.loop import Actor
from data.catalogue import Catalogue
from data.commands import audit
from data.queries.scope import scope_of
from data.review.refusals import TRIED, Code, Refusal
from data.vocabulary import Role

LEADERS = frozenset({Role.LEADER})
WRITERS = frozenset({Role.LEADER, Role.OPERATOR})
FREEZERS = frozenset({Role.LEADER, Role.SYSTEM_ACTOR})
BY_CLOCK = Actor(None, "system", Role.SYSTEM_ACTOR)
"""Who freezes a week when nobody did by its time."""


def barred(catalogue: Catalogue, actor: Actor, area: str, roles: frozenset[Role]) -> Refusal | None:
    """Return why this actor may not act in the review of an area, None if they may."""
    if actor.role not in roles:
        return Refusal(Code.WRONG_ROLE, {"roles": tuple(sorted(r.value for r in roles))})
    scope = scope_of(catalogue, role=Role.LEADER, department=None, area=actor.area)
    if scope.areas is not None and area not in scope.areas:
        return Refusal(Code.OTHER_AREA, {"area": actor.area})
    return None


def may(catalogue: Catalogue, actor: Actor, area: str) -> frozenset[str]:
    """Return what this actor may do in the review of an area, for the forms of its page.

    promise: make promises and act on them; freeze; edit: word messages anew; remark; note: on
    promises of one's own department.
    """
    roles = {"promise": LEADERS, "freeze": FREEZERS, "edit": WRITERS, "remark": WRITERS}
    found = {act for act, who in roles.items() if barred(catalogue, actor, area, who) is None}
    return frozenset(found | ({"note"} if actor.role is Role.DEPARTMENT else set()))


def note(
    conn: Connection, actor: Actor, act: str, object_: str, now: datetime, origin: str,
    *, before: Mapping[str, Any] | None = None, after: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Add what was done to the audit."""
    audit.note(conn, _by(actor, origin), act, object_, at=now, before=before, after=after)


def tried(
    conn: Connection, actor: Actor, act: str, object_: str, now: datetime, origin: str,
    refused: Refusal,
) -> Refusal:  # fmt: skip
    """Return the refusal; the audit keeps it if somebody tried what is not theirs."""
    if refused.code in TRIED:
        outcome = refused.code.value
        audit.note(conn, _by(actor, origin), act, object_, at=now, outcome=outcome)
    return refused


def _by(actor: Actor, origin: str) -> audit.By:
    return audit.By(actor.id, actor.name, actor.role.value, origin)
