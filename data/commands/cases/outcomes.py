"""What an act comes to: done, refused by the rules, or overtaken by somebody else's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from data.vocabulary import CaseState, Holder


@dataclass(frozen=True)
class Done:
    """It is so now. seq: the event that tells of it; made: id of the row that was added beside it.

    made is that of the task, the approval that was asked, or the link.
    """

    case_no: str
    version: int
    seq: int
    state: CaseState
    holder: Holder
    made: int | None = None


@dataclass(frozen=True)
class Since:
    """One event that somebody who acts has not seen yet. department: catalogue key."""

    seq: int
    at: datetime
    actor: str
    action: str
    state: str | None
    department: str | None
    note: str | None


@dataclass(frozen=True)
class Conflict:
    """Somebody was faster: nothing was changed; `since` tells what happened, oldest first."""

    case_no: str
    version: int
    state: CaseState
    holder: Holder
    since: tuple[Since, ...]


@dataclass(frozen=True)
class Draft:
    """A case by hand as it was typed. lon, lat: WGS-84 degrees; a place is one of the three.

    area: code of a county or town. level: 1-4, that of the category if not given.
    due_at: a limit that was given; without it the duties say one.
    warning: id of the external warning it is made from.
    """

    category: str
    title: str
    area: str | None = None
    lon: float | None = None
    lat: float | None = None
    address: str = ""
    level: int | None = None
    body: str = ""
    channel: str = "desk"
    reported_at: datetime | None = None
    due_at: datetime | None = None
    warning: str | None = None
