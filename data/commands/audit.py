"""Keep what was done, by whom, and how it ended. Nothing here is ever changed or removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from data import models as m
from data.vocabulary import Role


@dataclass(frozen=True)
class By:
    """Who does something. id None: nobody who signed in (the shell, the platforms).

    origin: where from, such as the address of the machine.
    """

    id: int | None
    name: str
    role: str
    origin: str = ""


SHELL = By(None, "shell", Role.SYSTEM.value, "shell")
"""Who has the machine's shell: the one that makes the first accounts."""

Facts = Mapping[str, Any]


def note(
    conn: Connection, by: By, act: str, object_: str, *, at: datetime, outcome: str = "done",
    before: Facts | None = None, after: Facts | None = None,
) -> None:  # fmt: skip
    """Add one entry, in the transaction of what it tells."""
    values = {
        "at": at,
        "actor_id": by.id,
        "actor": by.name[:60],
        "role": by.role[:16],
        "act": act[:40],
        "object": object_[:120],
        "before": dict(before) if before is not None else None,
        "after": dict(after) if after is not None else None,
        "outcome": outcome[:20],
        "origin": by.origin[:60],
    }
    conn.execute(m.audit.insert().values(values))
