"""Every format that can be read: the connectors, and tables that a mapping describes."""

from __future__ import annotations

from typing import Any

from data.connectors.connector import Connector
from data.connectors.registry import CONNECTORS as FORMATS
from data.tables import connector

CONNECTORS: dict[str, Connector[Any]] = {**FORMATS, connector.CONNECTOR.key: connector.CONNECTOR}
