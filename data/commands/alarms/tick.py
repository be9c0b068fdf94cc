"""From facts to alarms: rules are looked at, alarms moved, the city's stage asked for.

In the transaction of every poll, push and act, before panels are published. Nothing that goes
wrong here may stop what brought the facts: it is undone by itself, said and tried at the next look.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from data import panels
from data.alarms.plan import DESK
from data.catalogue import Catalogue
from data.catalogue.entries import Source
from data.commands.alarms.apply import apply
from data.commands.alarms.look import look
from data.commands.stage.look import look as look_at_stage
from data.logs import logger
from data.panels.stage import publish_stage
from data.queries.keys import Keys, read_keys

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
    stage = False
    if alarms or source is None:
        stage = bool(guarded(conn, "stage", lambda: look_at_stage(conn, catalogue, keys, now)))
    return Moved(alarms or frozenset(), stage)


def _alarms(
    conn: Connection, catalogue: Catalogue, keys: Keys, now: datetime, source: str | None
) -> frozenset[str]:
    readings = look(conn, catalogue, keys, now, source=source)
    return frozenset(apply(conn, catalogue, keys, readings, now).areas)


def publish_for(
    conn: Connection, catalogue: Catalogue, source: Source, now: datetime, *, connector: str = ""
) -> None:
    """Let alarms follow what a source brought, and publish the panels that moved with it."""
    keys = read_keys(conn)
    moved = tick(conn, catalogue, keys, now, source=source.key)
    panels.publish_for(conn, catalogue, source, now, connector=connector, alarms=moved.alarms)
    _stage(conn, catalogue, keys, moved, now)


def publish_all(conn: Connection, catalogue: Catalogue, now: datetime) -> None:
    """Look at every rule, for time alone moves some, and publish every panel."""
    keys = read_keys(conn)
    tick(conn, catalogue, keys, now)
    panels.publish_all(conn, catalogue, now)


def publish_moved(
    conn: Connection, catalogue: Catalogue, keys: Keys, case_nos: Sequence[str],
    counties: Collection[int], now: datetime, *, matter: bool, look: bool = True,
) -> None:  # fmt: skip
    """Publish what moved with some cases. look: let alarms follow at once.

    An act on a case ends alarms rather than raising them: it does not wait for the rules, which
    are looked at every 20 s.
    """
    moved = Moved()
    if look:
        moved = tick(conn, catalogue, keys, now, source=DESK)
    panels.publish_moved(
        conn, catalogue, keys, case_nos, counties, now, matter=matter, alarms=moved.alarms
    )
    _stage(conn, catalogue, keys, moved, now)


def _stage(conn: Connection, catalogue: Catalogue, keys: Keys, moved: Moved, now: datetime) -> None:
    if moved.stage:
        publish_stage(conn, catalogue, keys, now)


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
