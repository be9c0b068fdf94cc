"""What happened in a stretch of a past day, told as departments would bring it, shifted in time.

Read from the city's own store for an exercise: counts that somebody brought, matters that were
reported or open, warnings. What we count ourselves from matters and warnings is not among them:
the exercise counts it again. Texts carry the mark of an exercise, numbers of matters too.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

from sqlalchemy import Connection, Row, and_, func, or_, select

from data import geo
from data import models as m
from data.catalogue import Catalogue
from data.catalogue.entries import Source
from data.exercise import PREFIX, Exercise
from data.models.facts import VOIDED
from data.queries.keys import Keys
from data.vocabulary import CaseState, Grain, period_end

DERIVED = ("cases", "alerts")
NUMBER = "YL-"
"""Before the number of every matter of an exercise (演练)."""
LAG = timedelta(seconds=20)
MOST = 1000
"""Rows of one document."""
IN_FORCE = timedelta(days=3)
SEVERITY = {1: "Extreme", 2: "Severe", 3: "Moderate", 4: "Minor"}
COLOUR = {1: "Red", 2: "Orange", 3: "Yellow", 4: "Blue"}


@dataclass(frozen=True)
class Told:
    """One document: when it comes in the exercise, from which source, how it is read."""

    due_at: datetime
    source: str
    connector: str
    payload: bytes
    rows: int


def told(conn: Connection, catalogue: Catalogue, keys: Keys, plan: Exercise) -> Iterator[Told]:
    """Yield every document of an exercise, in no order."""
    yield from counts(conn, catalogue, keys, plan)
    yield from matters(conn, catalogue, keys, plan)
    yield from warnings(conn, catalogue, keys, plan)


def counts(conn: Connection, catalogue: Catalogue, keys: Keys, plan: Exercise) -> Iterator[Told]:
    """Yield what was counted, each value when its period is over."""
    o, codes = m.observation.c, keys.area_codes()
    brought = {
        keys.indicators[i.code]: i
        for i in catalogue.indicators.values()
        if i.feed.kind not in DERIVED
    }
    query = select(o.indicator_id, o.area_id, o.grain, o.period_start, o.num, o.den).where(
        o.indicator_id.in_(brought),
        o.grain <= int(Grain.HOUR),
        o.period_start >= plan.since - timedelta(hours=1),
        o.period_start < plan.until,
        o.flag < VOIDED,
    )
    found: dict[tuple[str, datetime], list[dict[str, Any]]] = defaultdict(list)
    for indicator, area, grain, start, num, den in conn.execute(query):
        fact, over = brought[indicator], period_end(start, Grain(grain))
        if plan.since < over <= plan.until:
            row = _counted(fact.code, codes[area], Grain(grain), start + plan.shift, num, den)
            found[fact.source, over + plan.shift + LAG].append(row)
    for (source, due), rows in found.items():
        for part in _parts(rows):
            yield _document(due, source, "push-observations", {"observations": part}, len(part))


def _counted(
    code: str, area: str, grain: Grain, start: datetime, num: float, den: float | None
) -> dict[str, Any]:
    return {
        "indicator": code,
        "area": area,
        "grain": grain.name.lower(),
        "period_start": start.isoformat(),
        "numerator": num,
        "denominator": den,
    }


def matters(conn: Connection, catalogue: Catalogue, keys: Keys, plan: Exercise) -> Iterator[Told]:
    """Yield the matters that were open at the beginning, new ones, and how the old ones ended."""
    sources = {keys.sources[s.key]: s for s in catalogue.sources.values() if s.categories}
    begin: dict[str, list[dict[str, str]]] = defaultdict(list)
    told_as = _Words(catalogue, keys, sources.values())
    for row, state in _open_or_new(conn, plan, list(sources)):
        source, new = sources[row.source_id], row.reported_at >= plan.since
        request = told_as.request(row, source, None if new else state, plan)
        if request is None:
            continue
        if not new:
            begin[source.key].append(request)
            if row.closed_at is not None and plan.since < row.closed_at < plan.until:
                ended = row.closed_at + plan.shift
                over = {**request, "status": "closed", "updated_datetime": ended.isoformat()}
                over.pop("status_notes", None)
                yield _requests(ended + LAG, source.key, [over])
        else:
            yield _requests(row.reported_at + plan.shift, source.key, [request])
    for key, rows in begin.items():
        for part in _parts(rows):
            yield _requests(plan.starts, key, part)


def _open_or_new(
    conn: Connection, plan: Exercise, sources: list[int]
) -> Iterator[tuple[Row[Any], str]]:
    c, e = m.cases.c, m.case_event.c
    then = (
        select(e.case_id, func.max(e.seq).label("seq"))
        .where(e.at <= plan.since)
        .group_by(e.case_id)
        .subquery()
    )
    query = (
        select(m.cases, e.to_state.label("state_then"))
        .outerjoin(then, then.c.case_id == c.id)
        .outerjoin(m.case_event, and_(e.case_id == c.id, e.seq == then.c.seq))
        .where(
            c.source_id.in_(sources),
            c.reported_at < plan.until,
            or_(c.reported_at >= plan.since, c.closed_at.is_(None), c.closed_at > plan.since),
        )
    )
    for row in conn.execute(query):
        yield row, row.state_then or CaseState.REPORTED.value


class _Words:
    """The words a source would use for a matter."""

    def __init__(self, catalogue: Catalogue, keys: Keys, sources: Iterable[Source]) -> None:
        self.areas, self.catalogue = keys.area_codes(), catalogue
        self.categories = {number: code for code, number in keys.categories.items()}
        self.codes = {s.key: {c: word for word, c in s.categories.items()} for s in sources}

    def request(
        self, row: Row[Any], source: Source, state: str | None, plan: Exercise
    ) -> dict[str, str] | None:
        """Return a matter as an Open311 request; None: the source has no word for what it is."""
        word = self.codes[source.key].get(self.categories[row.category_id])
        if word is None:
            return None
        reported = (row.reported_at + plan.shift).isoformat()
        found = {
            "service_request_id": f"{NUMBER}{row.ext_id}",
            "service_code": word,
            "status": "open",
            "description": f"{PREFIX}{row.title}",
            "requested_datetime": reported,
            "updated_datetime": reported,
            "address": self._address(row),
            "priority": str(row.level),
        }
        notes = next((w for w, s in source.stages.items() if state and s.value == state), "")
        if notes:
            found["status_notes"] = notes
        if row.lon is not None and row.lat is not None:
            lon, lat = geo.from_wgs84(row.lon, row.lat, source.crs)
            found |= {"long": f"{lon:.6f}", "lat": f"{lat:.6f}"}
        return found

    def _address(self, row: Row[Any]) -> str:
        """Return where it is in words that name its area."""
        code, names = self.areas[row.area_id], []
        while code and self.catalogue.areas[code].level > 1:
            names.append(self.catalogue.areas[code].name["zh"])
            code = self.catalogue.areas[code].parent or ""
        missing = [name for name in reversed(names) if name not in row.address]
        return "".join(missing) + str(row.address)


def warnings(conn: Connection, catalogue: Catalogue, keys: Keys, plan: Exercise) -> Iterator[Told]:
    """Yield the warnings that were in force or came, and their ends."""
    a, codes = m.external_alert.c, keys.area_codes()
    places: Mapping[int, list[str]] = defaultdict(list)
    for alert, area in conn.execute(
        select(m.external_alert_area.c.alert_id, m.external_alert_area.c.area_id)
        .join(m.external_alert, a.id == m.external_alert_area.c.alert_id)
        .where(a.sent >= plan.since - IN_FORCE, a.sent < plan.until)
    ):
        places[alert].append(codes[area])
    key = next((s.key for s in catalogue.sources.values() if s.connector == "cap"), None)
    query = select(m.external_alert).where(
        a.sent >= plan.since - IN_FORCE,
        a.sent < plan.until,
        a.disposition.in_(("raise", "update")),
        or_(a.ended_at.is_(None), a.ended_at > plan.since),
        or_(a.expires.is_(None), a.expires > plan.since),
    )
    for row in conn.execute(query) if key else ():
        yield Told(
            max(row.sent + plan.shift, plan.starts), key or "", "cap",
            _cap(row, places[row.id], plan, ended=False), 1,
        )  # fmt: skip
        if row.ended_at is not None and row.ended_at < plan.until:
            yield Told(
                row.ended_at + plan.shift, key or "", "cap",
                _cap(row, places[row.id], plan, ended=True), 1,
            )  # fmt: skip


def _cap(row: Row[Any], areas: list[str], plan: Exercise, *, ended: bool) -> bytes:
    """Return a warning as CAP 1.2. It is "Actual" in the exercise, whose store is its own."""
    sender, name = escape(row.sender), escape(f"{NUMBER}{row.identifier}")
    first = _second(row.sent + plan.shift)
    sent = _second(row.ended_at + plan.shift) if ended else first
    places = "".join(
        f"<geocode><valueName>GB/T 2260</valueName><value>{code}</value></geocode>"
        for code in sorted(areas)
    )
    refers = f"<references>{sender},{name},{first}</references>" if ended else ""
    expires = f"<expires>{_second(row.expires + plan.shift)}</expires>" if row.expires else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
<identifier>{name}{"-end" if ended else ""}</identifier>
<sender>{sender}</sender><sent>{sent}</sent><status>Actual</status>
<msgType>{"Cancel" if ended else "Alert"}</msgType><scope>Public</scope>{refers}
<info><language>zh-CN</language><category>Met</category><event>{escape(row.event)}</event>
<urgency>Immediate</urgency><severity>{SEVERITY.get(row.level, "Minor")}</severity>
<certainty>Likely</certainty><effective>{_second(row.effective + plan.shift)}</effective>{expires}
<headline>{escape(PREFIX + row.headline)}</headline>
<parameter><valueName>Color</valueName><value>{COLOUR.get(row.level, "Blue")}</value></parameter>
<area><areaDesc>{"、".join(sorted(areas))}</areaDesc>{places}</area></info></alert>""".encode()


def _second(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat()


def _requests(due: datetime, source: str, rows: list[dict[str, str]]) -> Told:
    return Told(due, source, "open311", json.dumps(rows, ensure_ascii=False).encode(), len(rows))


def _document(
    due: datetime, source: str, connector: str, body: Mapping[str, Any], rows: int
) -> Told:
    return Told(due, source, connector, json.dumps(body, ensure_ascii=False).encode(), rows)


def _parts(rows: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(rows), MOST):
        yield rows[start : start + MOST]
