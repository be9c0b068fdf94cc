"""What alarms are spoken of with: the rules in force and the windows that stand."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from data.catalogue import Catalogue
from data.queries.alarms.console_filter import House
from data.queries.alarms.rules import rules_in_force
from data.queries.alarms.windows import standing_windows
from data.queries.keys import read_keys


def spoken_with(conn: Connection, catalogue: Catalogue, now: datetime) -> House:
    """Return names of places, rules and windows as they are now."""
    rules = rules_in_force(conn, catalogue).rules
    return House(catalogue, read_keys(conn), rules, tuple(standing_windows(conn, now)))
