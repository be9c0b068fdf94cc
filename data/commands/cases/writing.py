"""One act on its way into the store."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from data.cases.change import Change
from data.cases.loop import Event
from data.catalogue import Catalogue
from data.commands.cases.clocks import CaseClocks
from data.queries.case_now import Stood
from data.queries.duties import Proposal
from data.queries.keys import Keys


@dataclass
class Writing:
    """One act while it is written, in the transaction of whoever acts.

    columns: of `cases`, what is beside the rules. made: the id of the row that was added.
    """

    conn: Connection
    catalogue: Catalogue
    keys: Keys
    stood: Stood
    change: Change
    duty: Proposal
    columns: dict[str, Any] = field(default_factory=dict)
    detail: dict[str, Any] = field(default_factory=dict)
    made: int | None = None

    @property
    def event(self) -> Event:
        """Return the event that is written."""
        return self.change.event

    @property
    def at(self) -> datetime:
        """Return when it happens."""
        return self.event.at

    @property
    def clocks(self) -> CaseClocks:
        """Return the clocks of the case."""
        return CaseClocks(self.conn, self.catalogue, self.duty.duty, self.stood.id, self.at)
