"""Which formats can be read? Keys are those of the command line and of the source list."""

from __future__ import annotations

from typing import Any

from data.connectors import (
    cap,
    cma_warning,
    cnemc,
    fhir,
    gtfs,
    gtfs_rt,
    open311,
)
from data.connectors.connector import Connector

CONNECTORS: dict[str, Connector[Any]] = {
    module.CONNECTOR.key: module.CONNECTOR
    for module in (cap, gtfs, gtfs_rt, fhir, open311, cma_warning, cnemc)
}
