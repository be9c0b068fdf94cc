"""One request in words: what a platform would tell about it at an instant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

import numpy as np

from data.catalogue import catalogue
from data.simulate.detours import STATE_WORDS, called_back, detours, way
from data.simulate.kinds import kinds, service_code
from data.simulate.places import address, spots, town_name
from data.simulate.requests import Batch
from data.simulate.wording import contact, title
from data.vocabulary import CaseState

CALLING = "hotline"
"""Who calls back everybody who reported."""

_PREFIX = {"yuepingan": "YPA", "hotline": "HL", "approvals": "AP"}


@dataclass(frozen=True)
class Ticket:
    """One request as it stands. reached: its states so far and when, in epoch seconds."""

    request_id: str
    source: str
    service_code: str
    service_name: str
    agency: str
    description: str
    address: str
    lon: float
    lat: float
    priority: str
    due: int
    reached: tuple[tuple[CaseState, int], ...]
    call_back: str = ""

    @property
    def state(self) -> CaseState:
        """Where it stands."""
        return self.reached[-1][0]

    @property
    def words(self) -> str:
        """How its platform writes where it stands."""
        return STATE_WORDS[self.state]

    @property
    def created(self) -> int:
        """When it was reported."""
        return self.reached[0][1]

    @property
    def updated(self) -> int:
        """When it last moved."""
        return self.reached[-1][1]

    @property
    def status(self) -> str:
        """Open311 knows only open and closed."""
        return "closed" if self.state is CaseState.CLOSED else "open"


@cache
def _labels(kind: int) -> tuple[str, str, str, str]:
    row = kinds()[kind]
    category = catalogue().categories[row.category]
    department = catalogue().departments[category.department]
    return row.source, service_code(kind), category.name["zh"], department.name["zh"]


@lru_cache(maxsize=8192)
def _place(seed: int, spot: int) -> tuple[str, str, float, float]:
    points = spots(seed)
    return (
        address(seed, spot),
        town_name(seed, spot),
        float(points.lon[spot]),
        float(points.lat[spot]),
    )


@lru_cache(maxsize=16384)
def _text(kind: int, salt: int, town: str) -> str:
    category = catalogue().categories[kinds()[kind].category]
    text = title(category.code, salt, town)
    return text if category.matter else text + contact(salt)


@lru_cache(maxsize=256)
def day_text(ordinal: int) -> str:
    """Return the local day as YYYYMMDD."""
    return date.fromordinal(ordinal).strftime("%Y%m%d")


def tickets(
    seed: int, batch: Batch, now: float, words: dict[int, str] | None = None
) -> Iterator[Ticket]:
    """Yield the rows of a batch as they stand at `now`; all must have been created.

    words: scripted texts by salt; {town} stands for the place.
    """
    turns = detours(batch.times, batch.salt)
    columns = (batch.kind, batch.spot, batch.level, batch.salt, batch.day, batch.number, batch.due,
               turns.kind, turns.away, turns.back)  # fmt: skip
    rows = zip(*(c.tolist() for c in columns), batch.times.tolist(), strict=True)
    for kind, spot, level, salt, day, number, due, turn, away, back, times in rows:
        source, code, name, agency = _labels(kind)
        reached = tuple(s for s in way(times, turn, away, back) if s[1] <= now)
        over = reached[-1][0] is CaseState.CLOSED and source == CALLING
        where, town, lon, lat = _place(seed, spot)
        script = words.get(salt) if words else None
        text = script.format(town=town) if script else _text(kind, salt, town)
        yield Ticket(
            request_id=f"{_PREFIX[source]}-{day_text(day)}-{number:06d}",
            source=source,
            service_code=code,
            service_name=name,
            agency=agency,
            description=text,
            address=where,
            lon=lon,
            lat=lat,
            priority=str(level) if level else "",
            due=due,
            reached=reached,
            call_back=called_back(salt) if over else "",
        )


def newest_change(batch: Batch, now: float) -> np.ndarray:
    """Return when each request last changed up to `now`; a very early second for the unborn."""
    turns = detours(batch.times, batch.salt)
    never = np.where(turns.kind == 0, 2**62, 0)
    moments = np.column_stack([batch.times, turns.away + never, turns.back + never])
    return np.asarray(np.where(moments <= now, moments, -(2**62)).max(axis=1))
