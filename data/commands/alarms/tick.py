"""From facts to alarms: rules are looked at, alarms moved, the city's stage asked for.

In the transaction of every poll, push and act, before panels are published. Nothing that goes
wrong here may stop what brought the facts: it is undone by itself, said and tried at the next look.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from data.catalogue import Catalogue
from data.commands.alarms.apply import apply
from data.commands.alarms.look import look
from data.logs import logger
from data.queries.keys import Keys

log = logger("alarms")
T = TypeVar("T")


@dataclass(frozen=True)
class Moved:
    """What a tick moved. alarms: areas whose panel changed. stage: whether the stage's did."""

    alarms: frozenset[str] = frozenset()
    stage: bool = False


def tick(
    conn: Connection, catalogue: Catalogue, keys: Keys, now: datetime, *, source: str | None = None
) -> Moved:
    """Look at the rules that `source` can move (None: all), and let alarms and stage follow."""
    alarms = guarded(conn, "alarms", lambda: _alarms(conn, catalogue, keys, now, source))
    return Moved(alarms or frozenset(), stage=False)


def _alarms(
    conn: Connection, catalogue: Catalogue, keys: Keys, now: datetime, source: str | None
) -> frozenset[str]:
    readings = look(conn, catalogue, keys, now, source=source)
    return frozenset(apply(conn, catalogue, keys, readings, now).areas)


def guarded(conn: Connection, what: str, work: Callable[[], T]) -> T | None:
    """Do something beside what matters more: None, with all of it undone, when it fails.

    A store that is lost is no fault of the work: whoever polls has to know.
    """
    try:
        with conn.begin_nested():
            return work()
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        log.exception(f"{what} not looked at", error=str(error).split("\n")[0])
    except Exception as error:
        log.exception(f"{what} not looked at", error=str(error).split("\n")[0])
    return None
