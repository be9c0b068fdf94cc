"""Store external warnings: raise, update, cancel, whatever order they arrive in."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from shapely.geometry import MultiPoint, Point, Polygon, shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, and_, or_, select

from data import geo
from data import models as m
from data.catalogue import Catalogue
from data.connectors.records import AlertInfo, AlertMessage
from data.ingest.observations import Counts
from data.queries.keys import Keys
from data.queries.warnings import in_force
from data.vocabulary import Disposition, Grain, Level, Observed

SEVERITY = {
    "Extreme": Level.RED,
    "Severe": Level.ORANGE,
    "Moderate": Level.YELLOW,
    "Minor": Level.BLUE,
}
COLOURS = {
    "红": Level.RED,
    "橙": Level.ORANGE,
    "黄": Level.YELLOW,
    "蓝": Level.BLUE,
    "red": Level.RED,
    "orange": Level.ORANGE,
    "yellow": Level.YELLOW,
    "blue": Level.BLUE,
}
a = m.external_alert.c


def store_alerts(
    conn: Connection,
    messages: tuple[AlertMessage, ...],
    *,
    source_id: int,
    run_id: int,
    keys: Keys,
    catalogue: Catalogue,
    now: datetime,
) -> Counts:
    """Insert messages not yet known and end what they replace or cancel."""
    new = same = 0
    for message in sorted(messages, key=lambda x: x.sent):
        if _known(conn, message, source_id):
            same += 1
            continue
        values = _values(message, source_id=source_id, run_id=run_id, now=now)
        ender = _already_ended(conn, message, source_id)
        if ender:
            values |= {"ended_at": ender[0], "ended_by": ender[1]}
        insert = m.external_alert.insert().values(values).returning(a.id)
        alert_id = conn.execute(insert).scalar_one()
        areas = [{"alert_id": alert_id, "area_id": keys.areas[code]}
                 for code in sorted(areas_of(message, catalogue))]  # fmt: skip
        if areas:
            conn.execute(m.external_alert_area.insert(), areas)
        if message.disposition in (Disposition.UPDATE, Disposition.CANCEL):
            _end(conn, message, source_id)
        new += 1
    return Counts(new=new, same=same)


def _key(sender: str, identifier: str) -> Any:
    return and_(a.sender == sender, a.identifier == identifier)


def _known(conn: Connection, message: AlertMessage, source_id: int) -> bool:
    chosen = (a.source_id == source_id, a.sent == message.sent)
    found = select(a.id).where(_key(message.sender, message.identifier), *chosen)
    return conn.execute(found).first() is not None


def _end(conn: Connection, message: AlertMessage, source_id: int) -> None:
    """End the referenced warnings, and an earlier issue under the same identifier."""
    named = [_key(sender, identifier) for sender, identifier, _ in message.references]
    own = and_(_key(message.sender, message.identifier), a.sent < message.sent)
    conn.execute(
        m.external_alert.update()
        .where(a.source_id == source_id, a.ended_at.is_(None), or_(own, *named))
        .where(a.sent < message.sent)
        .values(ended_at=message.sent, ended_by=message.identifier)
    )


def _already_ended(
    conn: Connection, message: AlertMessage, source_id: int
) -> tuple[datetime, str] | None:
    """Return (when, by whom) if a later message that ends this one came before it."""
    later = conn.execute(
        select(a.sent, a.sender, a.identifier, a.message)
        .where(a.source_id == source_id, a.sent >= message.sent)
        .where(a.disposition.in_([Disposition.UPDATE.value, Disposition.CANCEL.value]))
        .order_by(a.sent)
    )
    for sent, sender, identifier, body in later:
        named = {(r[0], r[1]) for r in body["references"]} | {(sender, identifier)}
        if (message.sender, message.identifier) in named and sent > message.sent:
            return sent, identifier
    return None


def _values(message: AlertMessage, *, source_id: int, run_id: int, now: datetime) -> dict[str, Any]:
    info = main_info(message)
    return {
        "source_id": source_id,
        "sender": message.sender,
        "identifier": message.identifier,
        "sent": message.sent,
        "disposition": message.disposition.value,
        "msg_type": message.msg_type[:8],
        "level": int(level_of(info)),
        "event": (info.event if info else "")[:200],
        "headline": ((info.headline or info.event) if info else message.identifier)[:400],
        "response": _response(info),
        "effective": (info.onset or info.effective if info else None) or message.sent,
        "expires": info.expires if info else None,
        "signed": message.signed,
        "recorded_at": now,
        "run_id": run_id,
        "row_no": message.row,
        "message": _json(asdict(message)),
    }


def _json(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _json(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_json(v) for v in value]
    return value.isoformat() if isinstance(value, datetime) else value


def main_info(message: AlertMessage) -> AlertInfo | None:
    """Return the Chinese block if there is one, else the first: languages are one warning."""
    chinese = [i for i in message.infos if i.language.lower().startswith("zh")]
    blocks = chinese or list(message.infos)
    return blocks[0] if blocks else None


def level_of(info: AlertInfo | None) -> Level:
    """Return the colour level: the colour that the sender names, else CAP severity."""
    if info is None:
        return Level.BLUE
    for name, value in info.parameters:
        if "color" in name.lower() or "colour" in name.lower() or "颜色" in name:
            for word, level in COLOURS.items():
                if word in value.lower():
                    return level
    for word in "红橙黄蓝":
        if f"{word}色" in info.headline or f"{word}色" in info.event:
            return COLOURS[word]
    return SEVERITY.get(info.severity, Level.BLUE)


def _response(info: AlertInfo | None) -> str | None:
    """Return the declared response level (I-IV) when the message carries one."""
    for name, value in info.parameters if info else ():
        if name.lower() == "responselevel":
            return value[:8]
    return None


def areas_of(message: AlertMessage, catalogue: Catalogue) -> set[str]:
    """Return the codes of our areas that the warning holds for, by code, name or shape."""
    found: set[str] = set()
    for info in message.infos:
        for place in info.areas:
            codes = {value[:6] for _, value in place.geocodes} & set(catalogue.areas)
            codes |= {v for _, v in place.geocodes} & set(catalogue.areas)
            codes |= {c.code for c in catalogue.counties() if c.name["zh"] in place.description}
            if catalogue.city.name["zh"] == place.description.strip():
                codes.add(catalogue.city.code)
            found |= codes or _by_shape(place.polygons, place.circles)
    return found


def _by_shape(
    polygons: tuple[tuple[tuple[float, float], ...], ...],
    circles: tuple[tuple[float, float, float], ...],
) -> set[str]:
    shapes: list[BaseGeometry] = [
        Polygon([(lon, lat) for lat, lon in ring]) if len(ring) > 3
        else MultiPoint([(lon, lat) for lat, lon in ring])
        for ring in polygons
    ]  # fmt: skip
    shapes += [Point(lon, lat).buffer(max(km, 0.01) / 111.0) for lat, lon, km in circles]
    valid = [s if s.is_valid else s.buffer(0) for s in shapes]
    features = geo.county_shapes()["features"]
    return {
        str(f["id"]) for f in features if any(shape(f["geometry"]).intersects(s) for s in valid)
    }


def alert_indicators(
    conn: Connection, source: str, *, catalogue: Catalogue, keys: Keys, now: datetime
) -> list[Observed]:
    """Return how many warnings are in force now, for the city and each county."""
    rows = in_force(conn, now=now, source_id=keys.sources[source])
    start, found = now.replace(second=0, microsecond=0), []
    for indicator in catalogue.of_source(source):
        if indicator.feed.kind != "alerts":
            continue
        counted = [r for r in rows if r.response is None and r.level <= indicator.feed.max_level]
        for area in (catalogue.areas[catalogue.city.code], *catalogue.counties()):
            city = area.code == catalogue.city.code
            n = sum(1 for r in counted if city or {area.code, catalogue.city.code} & r.areas)
            found.append(Observed(indicator.code, area.code, Grain.MINUTE, start, float(n)))
    return found
