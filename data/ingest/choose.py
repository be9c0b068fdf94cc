"""Which source a file given by hand belongs to."""

from __future__ import annotations

from data.catalogue import Catalogue
from data.catalogue.entries import Source
from data.connectors.connector import Options, PayloadError
from data.connectors.records import AlertMessage, Measure, ServiceRequest
from data.ingest import transit
from data.tables.registry import CONNECTORS


def source_for(
    catalogue: Catalogue, connector: str, key: str | None, payload: bytes = b""
) -> Source:
    """Return the source a hand-given file belongs to: named, or the one it says most of.

    A file of trip updates goes to the source whose indicators are made of
    trips, a hospital report to the one whose indicators are made of reports.

    Raises:
        PayloadError: no such source.
    """
    if key is not None:
        if key not in catalogue.sources:
            raise PayloadError(f"no such source: {key}")
        return _speaking(catalogue.sources[key], connector)
    fitting = [s for s in catalogue.sources.values() if s.connector == connector]
    if not fitting:
        raise PayloadError(f"no source in the catalogue uses {connector}")
    held = _kinds(connector, payload)
    return max(fitting, key=lambda s: _fits(catalogue, s, held))


def _kinds(connector: str, payload: bytes) -> set[type]:
    """Return the kinds of record in a file; a file that cannot be read holds none."""
    try:
        return {type(r) for r in CONNECTORS[connector].parse(payload, Options(tz="UTC")).records}
    except (KeyError, PayloadError):
        return set()


def _fits(catalogue: Catalogue, source: Source, held: set[type]) -> int:
    """Return how many indicators of `source` records of these kinds can feed."""
    fed = {"measure_report": Measure, "cases": ServiceRequest, "alerts": AlertMessage}
    needs = (
        transit.NEEDS.get(i.feed.measure) if i.feed.kind == "transit" else fed.get(i.feed.kind)
        for i in catalogue.of_source(source.key)
    )
    return sum(1 for kind in needs if kind in held)


def _speaking(source: Source, connector: str) -> Source:
    """Return `source`, refusing a connector that is not its own."""
    if source.connector != connector:
        raise PayloadError(f"source {source.key} speaks {source.connector}, not {connector}")
    return source
