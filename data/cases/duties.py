"""A line of the duty list, and how it is searched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from data.catalogue.loop_entries import Duty


@dataclass(frozen=True)
class Decided:
    """A decision over the catalogue's duty. area: where it holds, None is the whole city.

    case_no: from which case, None if it was no case or, when hidden, not for this reader.
    in_force: no newer decision stands over it.
    """

    version: int
    lead: str
    co: tuple[str, ...]
    area: str | None
    reason: str
    name: str
    at: datetime
    valid_from: datetime
    case_no: str | None = None
    hidden: bool = False
    in_force: bool = True


@dataclass(frozen=True)
class DutyLine:
    """One category at levels (1 city, 2 county, 3 town) that share a duty.

    decided: newest first; older: versions of the catalogue before this one, newest first.
    """

    duty: Duty
    levels: tuple[int, ...]
    decided: tuple[Decided, ...] = ()
    older: tuple[Duty, ...] = ()

    @property
    def departments(self) -> frozenset[str]:
        """Return every department that leads or helps, by the catalogue or a decision in force."""
        standing = [x for x in self.decided if x.in_force]
        found = {self.duty.lead, *self.duty.co, *(x.lead for x in standing)}
        return frozenset(found | {k for x in standing for k in x.co})
