"""Reads a case by hand as it was typed: masked, placed, with its duty; or says what is wrong."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select

from data import geo
from data import models as m
from data.cases.change import Code
from data.catalogue import Catalogue
from data.catalogue.entries import Category
from data.commands.cases.clocks import computed
from data.commands.cases.outcomes import Draft
from data.connectors.privacy import mask
from data.quality.places import mistake
from data.queries.duties import Proposal, propose
from data.queries.keys import Keys
from data.vocabulary import CITY_LEVEL, CaseAct

CHANNELS = ("desk", "phone", "patrol", "leader", "warning")
"""How a case by hand came in."""
LEVELS = (1, 2, 3, 4)
LIMITS = {"title": 200, "address": 200, "body": 4000}
OLDEST = timedelta(days=366)

_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\ud800-\udfff]")
_WARNING = select(m.external_alert.c.id).where(m.external_alert.c.identifier == bindparam("ref"))


class Wrong(Exception):  # noqa: N818 - caught where a case is reported
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


@dataclass(frozen=True)
class Understood:
    """A draft that can be a case: fields of the act, where it lies, who answers for it."""

    category: Category
    fields: dict[str, Any]
    place: Placed
    duty: Proposal


def understand(
    conn: Connection, catalogue: Catalogue, keys: Keys, draft: Draft, now: datetime
) -> Understood:
    """Return what a draft says.

    Raises:
        Wrong: it names a field and what is wrong with it.
    """
    words = {name: _text(draft, name) for name in LIMITS}
    category = _category(conn, catalogue, draft)
    place = _place(catalogue, draft, words["address"])
    reported = draft.reported_at or now
    if reported < now - OLDEST:
        raise Wrong(Code.NOT_LATER, "reported_at", than=now - OLDEST)
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
    return Understood(category, fields, place, duty)


def _category(conn: Connection, catalogue: Catalogue, draft: Draft) -> Category:
    """Return the category, having looked at what else is chosen from a list."""
    category = catalogue.categories.get(draft.category)
    if category is None:
        raise Wrong(Code.UNKNOWN_CHOICE, "category", value=draft.category[:60], choices=())
    if draft.channel not in CHANNELS:
        raise Wrong(Code.UNKNOWN_CHOICE, "channel", value=draft.channel[:60], choices=CHANNELS)
    if draft.level not in (None, *LEVELS):
        raise Wrong(Code.UNKNOWN_CHOICE, "level", value=str(draft.level)[:20], choices=LEVELS)
    if draft.warning and conn.execute(_WARNING, {"ref": draft.warning}).first() is None:
        raise Wrong(Code.UNKNOWN_CHOICE, "warning", value=draft.warning[:60], choices=())
    return category


def _text(draft: Draft, name: str) -> str:
    """Return a text that was typed, masked; refuse one that is too long or a title that is none."""
    typed: str = getattr(draft, name)
    if len(typed) > LIMITS[name] * 2:  # before any work on it: somebody pasted a file
        raise Wrong(Code.TOO_LONG, name, limit=LIMITS[name], length=len(typed))
    plain = _INVISIBLE.sub(" ", typed.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if name != "body":
        plain = " ".join(plain.split())
    if len(plain) > LIMITS[name]:
        raise Wrong(Code.TOO_LONG, name, limit=LIMITS[name], length=len(plain))
    if name == "title" and not plain:
        raise Wrong(Code.MISSING_FIELD, name)
    return mask(plain)[: LIMITS[name]]


def _place(catalogue: Catalogue, draft: Draft, address: str) -> Placed:
    """Return the area: the one that was chosen, else as point and address tell."""
    lon, lat = _point(draft)
    area = draft.area
    if area is not None:
        if area not in catalogue.areas or catalogue.areas[area].level == CITY_LEVEL:
            raise Wrong(Code.UNKNOWN_CHOICE, "area", value=area[:20], choices=())
        _agrees(catalogue, area, lon, lat)
        return Placed(area, lon, lat)
    found = geo.area_of(address, lon, lat)
    if found is None:
        missing = lon is None and not address
        raise Wrong(Code.MISSING_FIELD if missing else Code.OUTSIDE_CITY, "area")
    return Placed(found, lon, lat)


def _agrees(catalogue: Catalogue, area: str, lon: float | None, lat: float | None) -> None:
    """Refuse a point that lies in another county than the chosen one; outlines are not exact."""
    county = geo.county_code(area)
    if county is None or lon is None or lat is None or geo.beside(county, lon, lat):
        return
    named, found = catalogue.areas[county].name, geo.county_of(lon, lat)
    there = catalogue.areas[found].name if found else None
    raise Wrong(Code.OTHER_COUNTY, "lon", area=named, found=there)


def _point(draft: Draft) -> tuple[float | None, float | None]:
    lon, lat = draft.lon, draft.lat
    if lon is None and lat is None:
        return None, None
    if lon is None or lat is None:
        raise Wrong(Code.MISSING_FIELD, "lon" if lon is None else "lat")
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise Wrong(Code.BAD_VALUE, "lon", wanted="number")
    if not geo.in_city(lon, lat):
        said = mistake(lon, lat, geo.in_city)
        raise Wrong(Code.OUTSIDE_CITY, "lon", lon=lon, lat=lat, mistake=said)
    return lon, lat
