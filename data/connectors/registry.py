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
)
from data.connectors.connector import Connector

_MODULES = (
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
CONNECTORS: dict[str, Connector[Any]] = {m.CONNECTOR.key: m.CONNECTOR for m in _MODULES}
