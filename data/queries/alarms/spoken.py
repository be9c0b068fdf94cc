"""What alarms are spoken of with: the rules in force and the windows that stand."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from data.catalogue import Catalogue
from data.queries.alarms.console_filter import House
from data.queries.keys import read_keys


def spoken_with(conn: Connection, catalogue: Catalogue, now: datetime) -> House:
    """Return names of places, rules and windows as they are now."""
    return House(catalogue, read_keys(conn), getattr(catalogue, "alarms", {}), ())
