"""Acts from the desk: with the version that was seen, refused or overtaken in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import Connection

from callbacks import at, identity
from callbacks.desk import CENTRE, ROLES, looked, reads
from callbacks.desk_json import Answer, answer, json_route, no_text
from components.desk_ids import PATH
from components.desk_rows import wire
from components.desk_said import Meanwhile, Reason, conflict_words, done_words, reason_words
from components.i18n import _
from components.loop_words import refusal_words
from data.cases.loop import allowed, take
from data.catalogue import Catalogue
from data.commands.cases import Actor, Conflict, Done, Draft, Refusal, Request, act, report
from data.queries.case_now import Stood, stand
from data.queries.desk import desk_rows
from data.queries.desk_made import made_before
from data.queries.duties import Proposal, propose
from data.queries.keys import Keys, read_keys
from data.store import Store, utc_now
from data.vocabulary import CaseAct, Names
from data.vocabulary.desk import DeskView

HERE = frozenset(
    {
        CaseAct.ACKNOWLEDGE, CaseAct.TAKE_LEAD, CaseAct.VERIFY, CaseAct.OPEN, CaseAct.DISPATCH,
        CaseAct.ACCEPT, CaseAct.START, CaseAct.CHECK_GOOD, CaseAct.RESUME,
    }
)  # fmt: skip
"""What can be done from the desk; the rest needs the case's own page."""

FIELDS = ("department", "reason")
AGAIN = timedelta(hours=24)
"""A case that was sent twice within this time is one."""


@dataclass(frozen=True)
class House:
    """What acts are done with."""

    store: Store
    catalogue: Catalogue


def register(server: Flask, store: Store, catalogue: Catalogue) -> None:
    """Attach the addresses."""
    house = House(store, catalogue)

    @json_route(server, f"{PATH}/case/<no>")
    def case(no: str) -> Answer:
        return _case(house, no)

    @json_route(server, f"{PATH}/act", post=True)
    def acts(body: Mapping[str, Any]) -> Answer:
        return _act(house, body)

    @json_route(server, f"{PATH}/report", post=True)
    def reports(body: Mapping[str, Any]) -> Answer:
        return _report(house, body)


def _actor() -> Actor:
    found = identity.require(*ROLES)
    return Actor(found.id, found.name, found.role, found.department, found.area)


def _row(conn: Connection, house: House, keys: Keys, no: str, now: datetime) -> Answer | None:
    """Return a case as the list shows it, whatever the view; None if it is not open or not ours."""
    found = desk_rows(conn, house.catalogue, keys, reads(), DeskView(), now=now, numbers=[no])
    return wire(found[0]) if found else None


# ---- the chosen case ----


def _case(house: House, no: str) -> Answer:
    """Return what the list does not say of a case: its words, what may be done, a proposal."""
    actor, replay = _actor(), at.needed()
    with looked(house.store, replay) as (conn, now):
        keys = read_keys(conn)
        row, stood = _row(conn, house, keys, no, now), stand(conn, keys, no)
        if row is None or stood is None:
            return answer(no="", refused=_("There is no open case {no} for you").format(no=no[:40]))
        if replay is not None:  # nobody acts in the past, so nothing is proposed
            return answer(
                no=no, row=row, body=stood.row.body or "", allowed=[],
                proposal={"department": stood.case.department or "", "why": ""}, not_dispatch="",
            )  # fmt: skip
        duty = _proposal(conn, house, keys, stood, now)
    can = [a.value for a in allowed(stood.case, actor) if a in HERE]
    return answer(
        no=no,
        row=row,
        body=stood.row.body or "",
        allowed=can,
        proposal={"department": duty.department, "why": _why(house, duty)},
        not_dispatch=_not_dispatch(stood, actor, duty, now),
    )


def _proposal(conn: Connection, house: House, keys: Keys, stood: Stood, now: datetime) -> Proposal:
    return propose(
        conn, house.catalogue, keys, stood.category, stood.area, on=now, severity=stood.row.level
    )


def _not_dispatch(stood: Stood, actor: Actor, duty: Proposal, now: datetime) -> str:
    """Return why a case cannot be dispatched now and what can be done instead; "" if it can."""
    fields = {"department": duty.department}
    found = take(stood.case, Request(CaseAct.DISPATCH, actor, now, None, fields))
    return refusal_words(found) if isinstance(found, Refusal) else ""


def _why(house: House, duty: Proposal) -> str:
    facts, decided = house.catalogue, duty.decided
    return reason_words(
        Reason(
            department=_department(facts, duty.department),
            co=[_department(facts, code) for code in duty.co_departments],
            category=facts.categories[duty.duty.category].name,
            basis=duty.duty.basis,
            ref=duty.ref,
            decided_by=decided.name if decided else "",
            decided_at=decided.at.timestamp() if decided else None,
            decision=decided.reason if decided else "",
        )
    )


def _department(facts: Catalogue, code: str) -> Names:
    known = facts.departments.get(code)
    return (known.short or known.name) if known else {"zh": code, "en": code}


# ---- acts ----


def _act(house: House, body: Mapping[str, Any]) -> Answer:
    """Do one act; what it comes to, with the case as it stands after."""
    actor, now, no = _actor(), utc_now(), no_text(body, "no")
    what, seen = CaseAct(no_text(body, "act")), body.get("v")
    if what not in HERE or not isinstance(seen, int) or isinstance(seen, bool):
        raise ValueError("act")
    wanted = Request(what, actor, now, seen, _fields(what, body.get("fields")))
    with house.store.write() as conn:
        keys = read_keys(conn)
        found = act(conn, house.catalogue, keys, no, wanted, origin=identity.origin())
        row = _row(conn, house, keys, no, now) if not isinstance(found, Refusal) else None
    if isinstance(found, Done):
        return answer(done=done_words(no, what.value), row=row)
    if isinstance(found, Conflict):
        return answer(conflict=conflict_words(_meanwhile(house, found)), v=found.version, row=row)
    return _refused(found)


def _fields(what: CaseAct, given: Any) -> dict[str, Any]:
    """Return the fields of an act that somebody typed; those left empty are none."""
    if what is not CaseAct.DISPATCH or not isinstance(given, dict):
        return {}
    return {k: given[k] for k in FIELDS if isinstance(given.get(k), str) and given[k].strip()}


def _meanwhile(house: House, found: Conflict) -> list[Meanwhile]:
    facts = house.catalogue
    return [
        Meanwhile(
            at=s.at.timestamp(),
            actor=s.actor,
            action=s.action,
            state=s.state,
            department=_department(facts, s.department) if s.department else None,
            note=s.note,
        )
        for s in found.since
    ]


def _refused(found: Refusal) -> Answer:
    """Return a refusal in words, beside its field where it has one."""
    words, named = refusal_words(found), found.params.get("field")
    if isinstance(named, str) and named != "case":
        return answer(errors={PLACE.get(named, named): words})
    return answer(refused=words)


PLACE = {"lon": "area", "lat": "area", "county": "area", "town": "area", "address": "area"}
"""Fields that stand under another name on the form."""


# ---- a case by hand ----


def _report(house: House, body: Mapping[str, Any]) -> Answer:
    """Make a case from what was typed; told again after a lost answer, it is still one."""
    identity.require(*CENTRE)
    actor, now = _actor(), utc_now()
    draft = _draft(body)
    if not draft.category:
        return answer(errors={"category": _("Choose what it is")} | _no_title(draft))
    with house.store.write() as conn:
        keys = read_keys(conn)
        if body.get("again") is True and actor.id is not None:
            before = made_before(
                conn, keys, actor.id, draft.category, draft.title, since=now - AGAIN
            )
            if before:
                words = _("It was made already: {no}").format(no=before)
                return answer(done=words, row=_row(conn, house, keys, before, now))
        found = report(conn, house.catalogue, keys, draft, actor, now, origin=identity.origin())
        if isinstance(found, Done):
            row = _row(conn, house, keys, found.case_no, now)
            return answer(done=_("Case {no} made").format(no=found.case_no), row=row)
    return _refused(found)


def _no_title(draft: Draft) -> dict[str, str]:
    return {} if draft.title.strip() else {"title": _("Say in one line what happened")}


def _draft(body: Mapping[str, Any]) -> Draft:
    """Return what was typed; a point is [lon, lat]."""
    point, level = body.get("point"), no_text(body, "level")
    lon, lat = _pair(point)
    return Draft(
        category=no_text(body, "category"),
        title=no_text(body, "title"),
        area=no_text(body, "area") or None,
        lon=lon,
        lat=lat,
        address=no_text(body, "address"),
        level=int(level) if level in ("1", "2", "3", "4") else None,
        body=no_text(body, "body"),
        channel=no_text(body, "channel") or "desk",
    )


def _pair(point: Any) -> tuple[float | None, float | None]:
    if not isinstance(point, list) or len(point) != 2:
        return None, None
    if not all(isinstance(x, int | float) and math.isfinite(x) for x in point):
        raise ValueError("point")
    return float(point[0]), float(point[1])
