"""The answer to one request for a feed, at an instant. Knows no clock and no sockets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from data.catalogue import catalogue
from data.simulate import cap_feed, fhir_feed, live_feed, open311_feed, timetable_feed
from data.simulate.rhythm import local
from data.simulate.scenario import Corruption, Outage, Story

Reply = tuple[int, str, bytes]
"""HTTP status, content type, body. 504 asks the server to keep the caller waiting first."""

_JSON, _XML = "application/json; charset=utf-8", "text/xml; charset=utf-8"
_PROTOBUF = "application/x-protobuf"
_OPEN311 = re.compile(r"/open311/(\w+)/(requests|services)\.(json|xml)")
_Writer = Callable[[int, float, Story], bytes]
_FEEDS: dict[str, tuple[str, _Writer]] = {
    "/cap/warnings.atom": ("application/atom+xml; charset=utf-8", cap_feed.warnings_atom),
    "/gtfs/static.zip": ("application/zip", lambda s, n, _: timetable_feed.static_zip(s, n)),
    "/gtfs-rt/vehicle-positions.pb": (_PROTOBUF, live_feed.vehicle_positions),
    "/gtfs-rt/trip-updates.pb": (_PROTOBUF, live_feed.trip_updates),
    "/gtfs-rt/service-alerts.pb": (_PROTOBUF, live_feed.service_alerts),
    "/fhir/Location": ("application/fhir+json", lambda s, _n, _: fhir_feed.locations(s)),
    "/fhir/MeasureReport": ("application/fhir+json", fhir_feed.measure_reports),
}


def feed(
    path: str, query: Mapping[str, str], *, seed: int, now: datetime, scenario: Story = ()
) -> Reply:
    """Return the answer at `path`. The same arguments give the same bytes.

    Args:
        path: as in sources.yaml, without host.
        query: for Open311: start_date, end_date, updated_after (ISO).
        seed: of the city.
        now: aware instant.
        scenario: what was started, oldest first.
    """
    moment = now.timestamp()
    status = _outage(path, moment, scenario)
    if status:
        return status, "text/plain; charset=utf-8", "演示：数据源暂停 / demo outage\n".encode()
    if path in _FEEDS:
        kind, write = _FEEDS[path]
        body = write(seed, moment, scenario)
    else:
        found = _OPEN311.fullmatch(path)
        if not found or found[1] not in catalogue().sources:
            return 404, "text/plain; charset=utf-8", b"no such feed\n"
        asked = (found[1], found[2], found[3])
        kind, body = _open311(asked, query, seed, moment, scenario)
    return 200, kind, _spoilt(path, body, moment, scenario)


def _open311(
    asked: tuple[str, str, str], query: Mapping[str, str], seed: int, now: float, story: Story
) -> tuple[str, bytes]:
    """Return content type and body; asked: platform, requests or services, json or xml."""
    source, what, form = asked
    if what == "services":
        rows = list(open311_feed.services_listed(source))
        root, word = "services", "service"
    else:
        rows = open311_feed.requests_listed(seed, source, now, story, query)
        root, word = "service_requests", "request"
        rows = _half_bad(rows, source, now, story)
    if form == "json":
        return _JSON, open311_feed.as_json(rows)
    return _XML, open311_feed.as_xml(rows, root, word)


def _outage(path: str, now: float, story: Story) -> int:
    """Return the status of a feed that is down, 0 when it is up."""
    moment = local(now)
    if path == "/fhir/MeasureReport" and moment.hour % 3 == 2 and 20 <= moment.minute < 28:
        return 503
    outages = [
        o for r in story if r.going(now) for o in r.scenario.outages if _on(o, r.elapsed(now))
    ]
    return next((o.status for o in outages if path in o.paths), 0)


def _on(effect: Outage | Corruption, elapsed: float) -> bool:
    return effect.from_s <= elapsed < effect.until_s


def _corruption(path: str, now: float, story: Story) -> str:
    found = (
        c.how
        for r in story
        if r.going(now)
        for c in r.scenario.corruptions
        if path in c.paths and _on(c, r.elapsed(now))
    )
    return next(found, "")


def _spoilt(path: str, body: bytes, now: float, story: Story) -> bytes:
    how = _corruption(path, now, story)
    if how == "truncated":
        return body[: len(body) * 3 // 5]
    if how == "wrong_kind":
        return "<!doctype html><html><body>系统维护中</body></html>".encode()
    return body


def _half_bad(
    rows: list[open311_feed.Row], source: str, now: float, story: Story
) -> list[open311_feed.Row]:
    """Spoil every other row where a scenario says so."""
    paths = (f"/open311/{source}/requests.json", f"/open311/{source}/requests.xml")
    if not any(_corruption(p, now, story) == "half_bad" for p in paths):
        return rows
    return [r if k % 2 else {**r, "requested_datetime": "昨天下午"} for k, r in enumerate(rows)]
