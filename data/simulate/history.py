"""Two years of the made-up city at once, for loading a new demonstration store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from data.connectors.privacy import mask
from data.connectors.records import ServiceRequest
from data.simulate.history_blocks import (
    Blocks,
    HistoryBlock,
    Periods,
    day_periods,
    hour_periods,
)
from data.simulate.history_cases import case_blocks, past
from data.simulate.history_health import health_blocks
from data.simulate.history_transit import transit_blocks, warning_blocks
from data.simulate.kinds import table
from data.simulate.requests import LOOKBACK, Batch, day_batch, draw_day, join
from data.simulate.rhythm import ordinal_of
from data.simulate.tickets import Ticket, tickets
from data.vocabulary import CaseState

__all__ = ["HistoryBlock", "observations", "requests"]

Told = tuple[str, ServiceRequest, list[tuple[CaseState, datetime]]]
"""Source, the request as it stands, and when it reached each state."""


def observations(
    seed: int, *, now: datetime, years: int = 2, hourly_days: int = 35
) -> Iterator[HistoryBlock]:
    """Yield past values of every indicator, for every county and zone.

    Days up to `hourly_days` ago, whole hours after that, up to the hour that
    holds `now`. A gauge (last) has its value at the end of the period. Counts of
    requests are those of the same life cycles as in the feeds and `requests`.

    Args:
        seed: of the city.
        now: aware instant.
        years: how far back.
        hourly_days: how many local days before today are given by the hour.
    """
    today = ordinal_of(now)
    first, hourly = today - round(365.25 * years), today - hourly_days
    found = past(seed, first, today)
    for periods in (day_periods(first, hourly), hour_periods(hourly, int(now.timestamp()))):
        if not len(periods.starts):
            continue
        yield from case_blocks(found, periods)
        yield from _others(seed, periods, today)


def _others(seed: int, periods: Periods, today: int) -> Blocks:
    yield from health_blocks(seed, periods, today)
    yield from transit_blocks(seed, periods)
    yield from warning_blocks(seed, periods)


def requests(seed: int, *, now: datetime, days: int = 35, matter_days: int = 0) -> Iterator[Told]:
    """Yield every request of the last `days` local days and all older ones still open.

    matter_days: matters, which the wall lists one by one, are told from so far back.

    Each as the feeds tell it at `now`, oldest first. Free text is masked as an
    importer would mask it.
    """
    today, moment = ordinal_of(now), now.timestamp()
    first = today - max(days, LOOKBACK)
    old = [_matters(draw_day(seed, d)) for d in range(today - matter_days, first)]
    batch = join([*old, *(day_batch(seed, d) for d in range(first, today + 1))])
    young = (batch.day >= today - days) | table().matter[batch.kind]
    young &= batch.day >= today - max(days, matter_days)
    batch = batch.take((batch.created <= moment) & (young | (batch.closed > moment)))
    for row, ticket in enumerate(tickets(seed, batch, moment), 1):
        steps = [(state, datetime.fromtimestamp(at, UTC)) for state, at in ticket.reached]
        yield ticket.source, _record(row, ticket), steps


def _matters(batch: Batch) -> Batch:
    return batch.take(table().matter[batch.kind])


def _record(row: int, ticket: Ticket) -> ServiceRequest:
    return ServiceRequest(
        row=row,
        request_id=ticket.request_id,
        status=ticket.status,
        status_notes=ticket.words,
        service_code=ticket.service_code,
        service_name=ticket.service_name,
        description=mask(ticket.description),
        agency=ticket.agency,
        requested_at=datetime.fromtimestamp(ticket.created, UTC),
        updated_at=datetime.fromtimestamp(ticket.updated, UTC),
        expected_at=datetime.fromtimestamp(ticket.due, UTC),
        address=ticket.address,
        lat=ticket.lat,
        lon=ticket.lon,
        priority=ticket.priority,
        call_back=ticket.call_back,
    )
