"""Ten thousand events as departments bring them: requests of one hour, and warnings by the dozen."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from data.simulate.feeds import feed
from data.simulate.scenario import begin
from data.simulate.scenarios import SCENARIOS

SEED = 4418
"""Another city than the demo's, so that every row is new to the store."""
_REQUEST = re.compile(r"<request>.*?</request>", re.S)
_ENTRY = re.compile(r"<entry>.*?</entry>", re.S)


def requests(count: int, a_file: int, now: datetime) -> list[bytes]:
    """Return files of new requests, all reported within the last ten minutes, oldest first."""
    query = {"start_date": (now - timedelta(days=30)).isoformat()}
    body = feed("/open311/hotline/requests.xml", query, seed=SEED, now=now)[2].decode()
    head, known = body[: body.index("<request>")], _REQUEST.findall(body)
    made = []
    for n in range(count):
        at = (now - timedelta(seconds=600 * (count - n) // count)).isoformat()
        made.append(_again(known[n % len(known)], n, at))
    parts = (made[start : start + a_file] for start in range(0, count, a_file))
    return [(head + "".join(part) + "</service_requests>").encode() for part in parts]


def _again(request: str, number: int, at: str) -> str:
    """Return a request as another, new and open one."""
    for name, value in (("requested_datetime", at), ("updated_datetime", at)):
        request = re.sub(rf"<{name}>.*?</{name}>", f"<{name}>{value}</{name}>", request)
    request = re.sub(r"<expected_datetime>.*?</expected_datetime>", "", request)
    request = request.replace("<status>closed", "<status>open")
    return request.replace("<service_request_id>", f"<service_request_id>F{number}-", 1)


def warning(number: int, now: datetime) -> bytes:
    """Return a feed with one new warning, of an event that no other one is about."""
    story = begin((), SCENARIOS["rainstorm"], now - timedelta(hours=1), now - timedelta(hours=1))
    body = feed("/cap/warnings.atom", {}, seed=SEED, now=now, scenario=story)[2].decode()
    head, entry = body.split("<entry>", 1)[0], _ENTRY.findall(body)[0]
    for name in ("identifier", "event"):
        entry = re.sub(rf"(<{name}>)(.*?)(</{name}>)", rf"\g<1>\g<2> {number}\g<3>", entry)
    entry = re.sub(r"(<identifier>\S+) (\d+)", r"\1-\2", entry)
    entry = re.sub(r"<references>.*?</references>", "", entry)
    entry = re.sub(r"<msgType>\w+</msgType>", "<msgType>Alert</msgType>", entry)
    return (head + entry + "</feed>").encode()
