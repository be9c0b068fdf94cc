"""Which formats can be read? Keys are those of the command line and of the source list."""

from __future__ import annotations

from typing import Any

from data.connectors import (
    cap,
    cma_warning,
    cnemc,
    edxl_have,
    fhir,
    gtfs,
    gtfs_rt,
    nhsn,
    open311,
    openaq,
    push_events,
    push_observations,
    push_requests,
)
from data.connectors.connector import Connector

_PULLED = (
    cap,
    gtfs,
    gtfs_rt,
    fhir,
    open311,
    cma_warning,
    cnemc,
    openaq,
    edxl_have,
    nhsn,
)
_PUSHED = (push_observations, push_requests, push_events)
CONNECTORS: dict[str, Connector[Any]] = {
    module.CONNECTOR.key: module.CONNECTOR for module in (*_PULLED, *_PUSHED)
}
PUSHED = {module.CONNECTOR.key for module in _PUSHED}


def connector_of(source: str, origin: str | None) -> str:
    """Return the format of a kept file: a pushed one says it in its origin, "push-events:…".

    Args:
        source: the connector of the source, which reads all that is pulled.
        origin: where the file came from.
    """
    said = (origin or "").partition(":")[0]
    return said if said in PUSHED else source
