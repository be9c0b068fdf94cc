"""A case by hand: from a call, a patrol, a leader, or a warning. Led here from the start."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, text

from data import geo, panels
from data import models as m
from data.cases.change import Change, Code, Refusal, Request
from data.cases.loop import Actor
from data.cases.loop import report as begin
from data.catalogue import Catalogue
from data.commands import audit
from data.commands.cases.clocks import CaseClocks, computed
from data.commands.cases.outcomes import Done, Draft
from data.connectors.privacy import mask
from data.quality.places import mistake
from data.queries.duties import Proposal, propose
from data.queries.keys import Keys
from data.vocabulary import CITY_LEVEL, LOCAL, STAGE_OF, CaseAct, CaseState, Holder, LinkKind

SOURCE, PREFIX = "desk", "ZZ"
CHANNELS = ("desk", "phone", "patrol", "leader", "warning")
"""How a case by hand came in."""
LEVELS = (1, 2, 3, 4)
LIMITS = {"title": 200, "address": 200, "body": 4000}
OLDEST = timedelta(days=366)

_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\ud800-\udfff]")
_WARNING = select(m.external_alert.c.id).where(m.external_alert.c.identifier == bindparam("ref"))


class _Wrong(Exception):  # noqa: N818 - caught in this module
    """A draft cannot be a case."""

    def __init__(self, code: Code, field: str, **params: Any) -> None:
        super().__init__(code.value, field)
        self.code, self.params = code, {"act": CaseAct.REPORT, "field": field, **params}


@dataclass(frozen=True)
class Placed:
    """Where a draft lies. lon, lat: WGS-84 or None."""

    area: str
    lon: float | None
    lat: float | None


def report(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    draft: Draft,
    actor: Actor,
    now: datetime,
    *,
    publish: bool = True,
    origin: str = "",
) -> Done | Refusal:
    """Begin a case by hand, all of it or nothing; see `act` for conn, publish and origin.

    Returns:
        Done with the number of the new case, or Refusal that names the field and what is wrong
        with it: unknown area or category, a point outside the city (and which mistake it looks
        like), a due time before the report, a text that is too long.
    """
    try:
        words = {name: _text(draft, name) for name in LIMITS}
        place = _place(catalogue, draft, words["address"])
        fields, duty = _fields(conn, catalogue, keys, draft, words, place, now)
    except _Wrong as wrong:
        return Refusal(wrong.code, wrong.params, (CaseAct.REPORT,))
    number = _number(conn, keys, now)
    request = Request(CaseAct.REPORT, actor, now, None, fields | {"no": number})
    begun = begin(request)
    if isinstance(begun, Refusal):
        return begun
    made = Making(conn, catalogue, keys, draft, begun, place, duty, now)
    made.write()
    by = audit.By(actor.id, actor.name, actor.role.value, origin)
    audit.note(conn, by, "case.report", number, at=now, after=made.facts())
    if publish:
        county = keys.county_of[keys.areas[place.area]]
        matter = catalogue.categories[draft.category].matter
        panels.publish_moved(conn, catalogue, keys, [number], {county}, now, matter=matter)
    return Done(number, 1, 1, CaseState.REPORTED, Holder.CENTRE)


def _fields(
    conn: Connection, catalogue: Catalogue, keys: Keys, draft: Draft, words: dict[str, str],
    place: Placed, now: datetime,
) -> tuple[dict[str, Any], Proposal]:  # fmt: skip
    """Return the fields of the act and the duty that is proposed."""
    category = catalogue.categories.get(draft.category)
    if category is None:
        raise _Wrong(Code.UNKNOWN_CHOICE, "category", value=draft.category[:60], choices=())
    if draft.channel not in CHANNELS:
        raise _Wrong(Code.UNKNOWN_CHOICE, "channel", value=draft.channel[:60], choices=CHANNELS)
    if draft.level not in (None, 1, 2, 3, 4):
        raise _Wrong(
            Code.UNKNOWN_CHOICE, "level", value=str(draft.level)[:20], choices=(1, 2, 3, 4)
        )
    if draft.warning and conn.execute(_WARNING, {"ref": draft.warning}).first() is None:
        raise _Wrong(Code.UNKNOWN_CHOICE, "warning", value=draft.warning[:60], choices=())
    reported = draft.reported_at or now
    if reported < now - OLDEST:
        raise _Wrong(Code.NOT_LATER, "reported_at", than=now - OLDEST)
    level = draft.level or category.level
    duty = propose(conn, catalogue, keys, category.code, place.area, on=reported, severity=level)
    due = draft.due_at
    if due is None and reported <= now:
        known = computed(catalogue, duty.duty, "total", reported)
        due = known.due_at if known else None
    county = geo.county_code(place.area)
    fields = {
        "body": words["body"] or words["title"],
        "title": words["title"],
        "category": category.code,
        "county": county or place.area,
        "town": place.area if place.area != county else None,
        "address": words["address"],
        "channel": draft.channel,
        "level": level,
        "reported_at": reported,
        "due_at": due,
    }
    return fields, duty


def _text(draft: Draft, name: str) -> str:
    """Return a text that was typed, masked; refuse one that is too long or a title that is none."""
    typed: str = getattr(draft, name)
    if len(typed) > LIMITS[name] * 2:  # before any work on it: somebody pasted a file
        raise _Wrong(Code.TOO_LONG, name, limit=LIMITS[name], length=len(typed))
    plain = _INVISIBLE.sub(" ", typed.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if name != "body":
        plain = " ".join(plain.split())
    if len(plain) > LIMITS[name]:
        raise _Wrong(Code.TOO_LONG, name, limit=LIMITS[name], length=len(plain))
    if name == "title" and not plain:
        raise _Wrong(Code.MISSING_FIELD, name)
    return mask(plain)[: LIMITS[name]]


def _place(catalogue: Catalogue, draft: Draft, address: str) -> Placed:
    """Return the area: the one that was chosen, else as point and address tell."""
    lon, lat = _point(draft)
    area = draft.area
    if area is not None:
        if area not in catalogue.areas or catalogue.areas[area].level == CITY_LEVEL:
            raise _Wrong(Code.UNKNOWN_CHOICE, "area", value=area[:20], choices=())
        return Placed(area, lon, lat)
    found = geo.area_of(address, lon, lat)
    if found is None:
        missing = lon is None and not address
        raise _Wrong(Code.MISSING_FIELD if missing else Code.OUTSIDE_CITY, "area")
    return Placed(found, lon, lat)


def _point(draft: Draft) -> tuple[float | None, float | None]:
    lon, lat = draft.lon, draft.lat
    if lon is None and lat is None:
        return None, None
    if lon is None or lat is None:
        raise _Wrong(Code.MISSING_FIELD, "lon" if lon is None else "lat")
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise _Wrong(Code.BAD_VALUE, "lon", wanted="number")
    if not geo.in_city(lon, lat):
        said = mistake(lon, lat, geo.in_city)
        raise _Wrong(Code.OUTSIDE_CITY, "lon", lon=lon, lat=lat, mistake=said)
    return lon, lat


_OF_DAY = select(func.count()).where(
    m.cases.c.source_id == bindparam("source"),
    m.cases.c.ext_id >= bindparam("first"),
    m.cases.c.ext_id < bindparam("last"),
)


def _number(conn: Connection, keys: Keys, now: datetime) -> str:
    """Return the next number of the local day. The writer's place is held: nobody else takes it."""
    day = now.astimezone(LOCAL).date()
    first, last = (f"{PREFIX}{d:%Y%m%d}" for d in (day, day + timedelta(days=1)))
    known = {"source": keys.sources[SOURCE], "first": first, "last": last}
    return f"{first}{(conn.scalar(_OF_DAY, known) or 0) + 1:04d}"


@dataclass(frozen=True)
class Making:
    """A case by hand while it is written."""

    conn: Connection
    catalogue: Catalogue
    keys: Keys
    draft: Draft
    begun: Change
    place: Placed
    duty: Proposal
    now: datetime

    def write(self) -> None:
        """Write the case, its first event, its clocks, and the warning it is made from."""
        case_id = _next_id(self.conn)
        self.conn.execute(m.cases.insert().values(self._row(case_id)))
        self.conn.execute(m.case_event.insert().values(self._event(case_id)))
        clocks = CaseClocks(self.conn, self.catalogue, self.duty.duty, case_id, self.now)
        clocks.begin(self.begun, self.begun.case.reported_at)
        stage = clocks.stage_due_at()
        own = m.cases.update().where(m.cases.c.id == case_id)
        self.conn.execute(own.values(stage_due_at=stage))
        if self.draft.warning:
            self._link(case_id, self.draft.warning)

    def facts(self) -> dict[str, Any]:
        """Return what the audit keeps of it."""
        case = self.begun.case
        due = case.due_at.isoformat() if case.due_at else None
        named = {"category": self.draft.category, "area": self.place.area, "level": case.level}
        return named | {"due_at": due, "duty": self.duty.ref}

    def _row(self, case_id: int) -> dict[str, Any]:
        case, told = self.begun.case, self.begun.event.detail
        category = self.catalogue.categories[self.draft.category]
        area = self.keys.areas[self.place.area]
        return {
            "id": case_id,
            "case_no": case.no,
            "source_id": self.keys.sources[SOURCE],
            "ext_id": case.no,
            "category_id": self.keys.categories[category.code],
            "domain_id": self.keys.domains[category.domain],
            "matter": category.matter,
            "level": int(case.level),
            "stage": STAGE_OF[case.state].value,
            "area_id": area,
            "county_id": self.keys.county_of[area],
            "department_id": self.keys.departments[self.duty.department],
            "lon": self.place.lon,
            "lat": self.place.lat,
            "title": told["title"],
            "address": told.get("address", ""),
            "body": self.begun.event.note,
            "channel": self.draft.channel,
            "reported_at": case.reported_at,
            "due_at": case.due_at,
            "updated_at": self.now,
            "recorded_at": self.now,
            "run_id": 0,
            "version": 1,
            "state": case.state.value,
            "holder": case.holder.value,
            "held_since": self.now,
            "led_since": self.now,
            "duty_version": self.duty.ref,
        }

    def _event(self, case_id: int) -> dict[str, Any]:
        event = self.begun.event
        return {
            "case_id": case_id,
            "seq": 1,
            "at": event.at,
            "recorded_at": self.now,
            "actor": event.actor[:80],
            "action": event.action.value,
            "to_stage": STAGE_OF[self.begun.case.state].value,
            "to_state": self.begun.case.state.value,
            "holder": event.holder.value if event.holder else None,
            "actor_id": event.actor_id,
            "note": event.note or None,
            "rule": event.rule,
            "detail": dict(event.detail) or None,
        }

    def _link(self, case_id: int, warning: str) -> None:
        values = {
            "case_id": case_id,
            "kind": LinkKind.WARNING.value,
            "ref": warning[:120],
            "at": self.now,
            "actor_id": self.begun.event.actor_id,
            "by_name": self.begun.event.actor[:60],
        }
        self.conn.execute(m.case_link.insert().values(values))


def _next_id(conn: Connection) -> int:
    """Return an id for a new case. The writer's place is held, so nobody else takes it."""
    if conn.dialect.name == "sqlite":
        return int(conn.execute(select(func.max(m.cases.c.id))).scalar() or 0) + 1
    wanted = text("select nextval(pg_get_serial_sequence('cases', 'id'))")
    return int(conn.execute(wanted).scalar_one())
