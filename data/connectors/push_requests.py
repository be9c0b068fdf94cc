"""Reads cases that a department pushes: GeoReport v2 requests, as a pulled list has them."""

from __future__ import annotations

from data.connectors import open311
from data.connectors.connector import Connector, Options, Parsed, PayloadError
from data.connectors.records import ServiceRequest


def parse(payload: bytes, options: Options) -> Parsed[ServiceRequest]:
    """Return the requests of one document; raise PayloadError if it holds none."""
    parsed = open311.parse(payload, options)
    requests = tuple(r for r in parsed.records if isinstance(r, ServiceRequest))
    if len(requests) < len(parsed.records) or parsed.summary["services"]:
        raise PayloadError("a list of services, not of requests")
    return Parsed(requests, parsed.problems, parsed.summary)


CONNECTOR = Connector(key="push-requests", row_word="request", parse=parse)
