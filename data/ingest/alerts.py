"""Store external warnings: raise, update, cancel, whatever order they arrive in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import is_dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from shapely.geometry import MultiPoint, Point, Polygon, shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, bindparam, select

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
    """Insert messages not yet known and end what they replace or cancel.

    In a few statements, however many there are: in a disaster thousands come at once.
    """
    new = _unknown(conn, messages, source_id)
    enders = _enders(conn, new, source_id)
    rows = []
    for message in new:
        values = _values(message, source_id=source_id, run_id=run_id, now=now)
        ender = enders.first(_pair(message), message.sent)
        ended = {"ended_at": ender[0], "ended_by": ender[1]} if ender else NOT_ENDED
        rows.append(values | ended)
    _end_known(conn, new, enders, source_id)
    ids = _insert(conn, rows)
    areas = [
        {"alert_id": alert_id, "area_id": keys.areas[code]}
        for alert_id, message in zip(ids, new, strict=True)
        for code in sorted(areas_of(message, catalogue))
    ]
    if areas:
        conn.execute(m.external_alert_area.insert(), areas)
    return Counts(new=len(new), same=len(messages) - len(new))


Pair = tuple[str, str]
"""sender, identifier"""
PART = 500
ENDS = (Disposition.UPDATE, Disposition.CANCEL)
NOT_ENDED: dict[str, Any] = {"ended_at": None, "ended_by": None}


def _pair(message: AlertMessage) -> Pair:
    return message.sender, message.identifier


def _parts(found: Iterable[str]) -> Iterator[list[str]]:
    every = sorted(set(found))
    return (every[start : start + PART] for start in range(0, len(every), PART))


def _unknown(
    conn: Connection, messages: tuple[AlertMessage, ...], source_id: int
) -> list[AlertMessage]:
    """Return the messages that are not stored yet, each once, the earliest first."""
    known: set[tuple[str, str, int]] = set()
    for part in _parts(message.identifier for message in messages):
        chosen = (a.source_id == source_id, a.identifier.in_(part))
        rows = conn.execute(select(a.sender, a.identifier, a.sent).where(*chosen)).all()
        known |= {(r.sender, r.identifier, int(r.sent.timestamp())) for r in rows}
    new = []
    for message in sorted(messages, key=lambda x: x.sent):
        key = (*_pair(message), int(message.sent.timestamp()))
        if key not in known:
            known.add(key)
            new.append(message)
    return new


class _Enders:
    """Which messages end which: by sender and identifier, the earliest first."""

    def __init__(self) -> None:
        self.by_pair: dict[Pair, list[tuple[datetime, str]]] = {}

    def add(self, sent: datetime, identifier: str, named: Iterable[Pair]) -> None:
        """Note a message that updates or cancels."""
        for pair in set(named):
            self.by_pair.setdefault(pair, []).append((sent, identifier))

    def sort(self) -> None:
        """Bring them into order, once all are noted."""
        for found in self.by_pair.values():
            found.sort()

    def first(self, pair: Pair, sent: datetime) -> tuple[datetime, str] | None:
        """Return (when, by whom) the message of this time was ended, None if it was not."""
        return next((e for e in self.by_pair.get(pair, ()) if e[0] > sent), None)


def _enders(conn: Connection, new: list[AlertMessage], source_id: int) -> _Enders:
    """Return what ends the new messages: others of them, and later ones that came before."""
    found = _Enders()
    for message in new:
        if message.disposition in ENDS:
            named = [(sender, identifier) for sender, identifier, _ in message.references]
            found.add(message.sent, message.identifier, [*named, _pair(message)])
    if new:
        later = select(a.sent, a.sender, a.identifier, a.message["references"]).where(
            a.source_id == source_id, a.sent > new[0].sent,
            a.disposition.in_([d.value for d in ENDS]),
        )  # fmt: skip
        for sent, sender, identifier, references in conn.execute(later).all():
            named = [(r[0], r[1]) for r in references or ()]
            found.add(sent, identifier, [*named, (sender, identifier)])
    found.sort()
    return found


def _end_known(conn: Connection, new: list[AlertMessage], enders: _Enders, source_id: int) -> None:
    """End the stored warnings that new messages name, and earlier issues under their own name."""
    named = {r[1] for x in new if x.disposition in ENDS for r in x.references}
    named |= {x.identifier for x in new if x.disposition in ENDS}
    ended = []
    for part in _parts(named):
        chosen = (a.source_id == source_id, a.ended_at.is_(None), a.identifier.in_(part))
        for row in conn.execute(select(a.id, a.sender, a.identifier, a.sent).where(*chosen)).all():
            ender = enders.first((row.sender, row.identifier), row.sent)
            if ender is not None:
                ended.append({"b_id": row.id, "b_at": ender[0], "b_by": ender[1]})
    if ended:
        own = m.external_alert.update().where(a.id == bindparam("b_id"))
        conn.execute(own.values(ended_at=bindparam("b_at"), ended_by=bindparam("b_by")), ended)


def _insert(conn: Connection, rows: list[dict[str, Any]]) -> list[int]:
    if not rows:
        return []
    insert = m.external_alert.insert().returning(a.id, sort_by_parameter_order=True)
    return list(conn.scalars(insert, rows))


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
        "message": _json(message),
    }


def _json(value: Any) -> Any:
    """Return a message as plain JSON; dataclasses.asdict copies each part, three times as slow."""
    if is_dataclass(value):
        return {k: _json(v) for k, v in vars(value).items()}
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


@lru_cache(maxsize=512)
def _by_shape(
    polygons: tuple[tuple[tuple[float, float], ...], ...],
    circles: tuple[tuple[float, float, float], ...],
) -> frozenset[str]:
    """Return the counties that some outlines touch; many warnings have the same ones."""
    shapes: list[BaseGeometry] = [
        Polygon([(lon, lat) for lat, lon in ring]) if len(ring) > 3
        else MultiPoint([(lon, lat) for lat, lon in ring])
        for ring in polygons
    ]  # fmt: skip
    shapes += [Point(lon, lat).buffer(max(km, 0.01) / 111.0) for lat, lon, km in circles]
    valid = [s if s.is_valid else s.buffer(0) for s in shapes]
    features = geo.county_shapes()["features"]
    return frozenset(
        str(f["id"]) for f in features if any(shape(f["geometry"]).intersects(s) for s in valid)
    )


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
