"""What each format's records become: warnings, routes, counts, places, cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from data.catalogue import Catalogue
from data.catalogue.entries import Source
from data.connectors.connector import Parsed, Problem
from data.connectors.pollutants import GasState
from data.connectors.records import Facility, Measure, ServiceRequest, StaticFeed
from data.ingest import alerts, case_events, cases, measures, relays, stations, transit
from data.ingest.observations import Counts
from data.queries.keys import Keys
from data.vocabulary import Observed


@dataclass(frozen=True)
class Batch:
    """Everything the format-specific steps need."""

    conn: Connection
    source: Source
    catalogue: Catalogue
    keys: Keys
    run_id: int
    now: datetime
    as_of: datetime
    caught_up: bool = False
    replay_of: int | None = None
    """The run whose bytes are read again; then nothing newer is ever undone."""
    listed: frozenset[tuple[int | None, str | None, str]] = frozenset()
    """Problems (row, field, reason) that stand in the quarantine already."""
    connector: str = ""
    """What reads the file if not the source's own connector: one of a push."""
    areas: frozenset[str] | None = None
    """Where the sender may change known cases; None is everywhere."""

    @property
    def format(self) -> str:
        """What the file was read by."""
        return self.connector or self.source.connector


@dataclass
class Facts:
    """What a file says, ready for the common steps."""

    observed: list[Observed] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    hours: set[datetime] = field(default_factory=set)
    verdicts: dict[int, str] = field(default_factory=dict)


def _cap(batch: Batch, parsed: Parsed[Any]) -> Facts:
    counts = alerts.store_alerts(
        batch.conn,
        parsed.records,
        source_id=batch.keys.sources[batch.source.key],
        run_id=batch.run_id,
        keys=batch.keys,
        catalogue=batch.catalogue,
        now=batch.now,
    )
    return Facts(counts=counts)


def _gtfs(batch: Batch, parsed: Parsed[Any]) -> Facts:
    feed: StaticFeed = parsed.records[0]
    counts = transit.store_static(
        batch.conn, feed, source=batch.source, run_id=batch.run_id, keys=batch.keys
    )
    return Facts(counts=counts)


def _gtfs_rt(batch: Batch, parsed: Parsed[Any]) -> Facts:
    static = batch.source.static
    routes = transit.route_areas(batch.conn, batch.keys.sources[static]) if static else {}
    header = parsed.summary["header_time"]
    observed, problems = transit.realtime_facts(
        parsed.records,
        source=batch.source,
        header_time=datetime.fromisoformat(header) if header else batch.now,
        routes=routes,
        catalogue=batch.catalogue,
    )
    return Facts(observed=observed, problems=problems)


def _fhir(batch: Batch, parsed: Parsed[Any]) -> Facts:
    places = [r for r in parsed.records if isinstance(r, Facility)]
    counts = measures.store_facilities(
        batch.conn,
        places,
        source=batch.source,
        run_id=batch.run_id,
        keys=batch.keys,
        replay_of=batch.replay_of,
    )
    own, sites = batch.keys.sources[batch.source.key], batch.source.sites
    known = measures.facility_areas(batch.conn, own)
    if sites:
        known |= measures.facility_areas(batch.conn, batch.keys.sources[sites])
    known |= batch.source.places
    observed, problems = measures.measure_facts(
        [r for r in parsed.records if isinstance(r, Measure)],
        source=batch.source,
        places=known,
        catalogue=batch.catalogue,
    )
    return Facts(observed=observed, problems=problems, counts=counts)


def _open311(batch: Batch, parsed: Parsed[Any]) -> Facts:
    intake = cases.Intake(
        batch.source, batch.catalogue, batch.keys, batch.run_id, batch.now, batch.replay_of
    )
    requests = tuple(r for r in parsed.records if isinstance(r, ServiceRequest))
    done = cases.store_requests(batch.conn, requests, intake)
    return Facts([], done.problems, done.counts, done.hours, done.verdicts)


def _pushed_observations(_batch: Batch, parsed: Parsed[Any]) -> Facts:
    return Facts(observed=list(parsed.records))


def _pushed_events(batch: Batch, parsed: Parsed[Any]) -> Facts:
    intake = cases.Intake(batch.source, batch.catalogue, batch.keys, batch.run_id, batch.now)
    done = case_events.store_events(batch.conn, parsed.records, intake, areas=batch.areas)
    return Facts([], done.problems, done.counts, done.hours, done.verdicts)


def _cma(batch: Batch, parsed: Parsed[Any]) -> Facts:
    facts = _cap(batch, parsed)
    source_id = batch.keys.sources[batch.source.key]
    relays.learn_expiry(batch.conn, source_id, parsed.records)
    relays.end_superseded(batch.conn, source_id, now=batch.now)
    if parsed.summary["complete"]:
        listed = {message.identifier for message in parsed.records}
        relays.end_unlisted(batch.conn, source_id, listed, now=batch.now)
    return facts


def _stations(batch: Batch, parsed: Parsed[Any]) -> Facts:
    observed, problems = stations.station_facts(
        parsed.records, source=batch.source, catalogue=batch.catalogue
    )
    return Facts(observed=observed, problems=problems)


def parser_extra(source: Source) -> dict[str, Any]:
    """Return what the source entry declares beyond zone and size, for its parser."""
    state = source.gas_state
    return {
        "stamp": source.stamp,
        "sensors": source.sensors,
        "gas_state": GasState(state.celsius, state.hectopascal) if state else None,
    }


def _table(batch: Batch, parsed: Parsed[Any]) -> Facts:
    facts = _open311(batch, parsed) if _holds_requests(parsed) else Facts()
    facts.observed = [r for r in parsed.records if isinstance(r, Observed)]
    return facts


def _holds_requests(parsed: Parsed[Any]) -> bool:
    return any(isinstance(r, ServiceRequest) for r in parsed.records)


STEPS: dict[str, Callable[[Batch, Parsed[Any]], Facts]] = {
    "cap": _cap,
    "gtfs": _gtfs,
    "gtfs-rt": _gtfs_rt,
    "fhir": _fhir,
    "open311": _open311,
    "cma-warning": _cma,
    "cnemc": _stations,
    "openaq": _stations,
    "edxl-have": _fhir,
    "nhsn": _fhir,
    "table": _table,
    "push-requests": _open311,
    "push-observations": _pushed_observations,
    "push-events": _pushed_events,
}
