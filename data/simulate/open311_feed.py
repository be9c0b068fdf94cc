"""Writes requests as Open311 GeoReport v2, in JSON and XML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape

import numpy as np

from data.catalogue import catalogue
from data.simulate.detours import STATE_WORDS
from data.simulate.extra import extra_requests
from data.simulate.kinds import source_number, table
from data.simulate.randomness import share
from data.simulate.requests import LOOKBACK, Batch, day_batch, join, recent
from data.simulate.rhythm import DAY_S, iso, midnight, ordinal_of_epoch, parse_instant
from data.simulate.scenario import Story
from data.simulate.tickets import Ticket, day_text, newest_change, tickets
from data.vocabulary import CaseState

RECENT_S = 3 * 3600
_MOST_ROWS, _MOST_DAYS = 5000, 60
_FAULTY_SOURCE, _FAULTY_S = "yuepingan", 1200
Row = dict[str, Any]


def requests_listed(
    seed: int, source: str, now: float, story: Story, query: Mapping[str, str]
) -> list[Row]:
    """Return the requests of a platform whose newest change is recent, newest first.

    start_date and end_date (of the report) or updated_after ask for others than
    those of the last three hours.
    """
    since, until, changed = _asked(query, now)
    extra, texts = extra_requests(seed, story, now)
    batch = join([_between(seed, since, now), *extra])
    newest = newest_change(batch, now)
    wanted = (table().source[batch.kind] == source_number(source)) & (batch.created <= now)
    wanted &= newest >= changed
    if since is not None:
        wanted &= (batch.created >= since) & (batch.created <= until)
    places = np.flatnonzero(wanted)
    places = places[np.lexsort((batch.number[places], -newest[places]))][:_MOST_ROWS]
    rows = [_row(t) for t in tickets(seed, batch.take(places), now, texts)]
    return _faulty(seed, source, now) + rows


def _asked(query: Mapping[str, str], now: float) -> tuple[float | None, float, float]:
    """Return (reported since, reported until, changed since)."""
    moments = {name: parse_instant(query.get(name, "")) for name in _PARAMETERS}
    since, until, after = (m.timestamp() if m else None for m in moments.values())
    if since is not None or until is not None:
        least = now - _MOST_DAYS * DAY_S
        return max(since or least, least), until if until is not None else now, after or least
    return None, now, after if after is not None else now - RECENT_S


_PARAMETERS = ("start_date", "end_date", "updated_after")


def _between(seed: int, since: float | None, now: float) -> Batch:
    today = ordinal_of_epoch(now)
    if since is None or ordinal_of_epoch(since) >= today - LOOKBACK:
        return recent(seed, today)
    return join([day_batch(seed, d) for d in range(ordinal_of_epoch(since), today + 1)])


def _row(ticket: Ticket) -> Row:
    row: Row = {
        "service_request_id": ticket.request_id,
        "status": ticket.status,
        "status_notes": ticket.words,
        "service_name": ticket.service_name,
        "service_code": ticket.service_code,
        "description": ticket.description,
        "agency_responsible": ticket.agency,
        "service_notice": "演示数据",
        "requested_datetime": iso(ticket.created),
        "updated_datetime": iso(ticket.updated),
        "expected_datetime": iso(ticket.due),
        "address": ticket.address,
        "lat": ticket.lat,
        "long": ticket.lon,
    }
    if ticket.call_back:
        row["call_back"] = ticket.call_back
    if ticket.priority:
        row["priority"] = ticket.priority
    return row


def _faulty(seed: int, source: str, now: float) -> list[Row]:
    """Return the one row a day whose date is none, for twenty minutes."""
    day = ordinal_of_epoch(now)
    start = midnight(day) + int(share(seed, "faulty", day) * (DAY_S - _FAULTY_S))
    if source != _FAULTY_SOURCE or not start <= now < start + _FAULTY_S:
        return []
    return [
        {
            "service_request_id": f"YPA-{day_text(day)}-999999",
            "status": "open",
            "status_notes": STATE_WORDS[CaseState.OPENED],
            "service_code": "110-09",
            "requested_datetime": "2026-13-32T25:61:00+08:00",
            "address": "河源市",
        }
    ]


@lru_cache(maxsize=16)
def services_listed(source: str) -> tuple[Row, ...]:
    """Return the kinds of request that a platform takes."""
    known = catalogue()
    return tuple(
        {
            "service_code": code,
            "service_name": known.categories[key].name["zh"],
            "description": known.categories[key].name["en"],
            "metadata": False,
            "type": "realtime",
            "keywords": "",
            "group": known.domains[known.categories[key].domain].name["zh"],
        }
        for code, key in known.sources[source].categories.items()
    )


def as_json(rows: list[Row]) -> bytes:
    """Return the rows as GeoReport JSON."""
    return json.dumps(rows, ensure_ascii=False).encode()


def as_xml(rows: list[Row], root: str, word: str) -> bytes:
    """Return the rows as GeoReport XML, e.g. root service_requests, word request."""
    parts = [f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}>\n']
    for row in rows:
        fields = "".join(f"<{k}>{escape(_text(v))}</{k}>" for k, v in row.items())
        parts.append(f"<{word}>{fields}</{word}>\n")
    parts.append(f"</{root}>\n")
    return "".join(parts).encode()


def _text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
