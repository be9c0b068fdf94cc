"""Life cycles: who reported what, when and where, and when each stage was reached.

A whole local day is drawn at once. A request is complete when it is drawn,
future included; what has happened by an instant is read off its stage times.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache, lru_cache

import numpy as np
from numpy.random import Generator

from data.simulate.episodes import slack, wave
from data.simulate.kinds import kinds, table
from data.simulate.limits import due_of
from data.simulate.places import CITY_LINES, PER_AREA, areas, weights
from data.simulate.randomness import generator
from data.simulate.rhythm import DAY_S, OFFSET_S, day_factor, midnight, seconds_of_day

STAGES = 5
"""Opened, dispatched, handling, checking, closed."""

LOOKBACK = 26
"""Days after which every request is closed: the longest limit and overrun."""

_LONGEST_S = (LOOKBACK - 0.5) * DAY_S
"""Holidays may put a limit of fifteen working days further off: then nothing closes late."""

_OFFICE_OPENS, _OFFICE_SHUTS = 8.5 * 3600, 18.5 * 3600


@dataclass(frozen=True)
class Batch:
    """Requests column by column, in order of creation.

    times: (n, STAGES) epoch seconds, rising along each row. level: 0 for routine.
    spot: see places. salt chooses the words. number: running within source and day.
    """

    kind: np.ndarray
    times: np.ndarray
    due: np.ndarray
    spot: np.ndarray
    level: np.ndarray
    salt: np.ndarray
    day: np.ndarray
    number: np.ndarray

    def __len__(self) -> int:
        return len(self.kind)

    def take(self, chosen: np.ndarray) -> Batch:
        """Return the chosen rows (a mask or places)."""
        return Batch(*(getattr(self, f.name)[chosen] for f in fields(self)))

    @property
    def created(self) -> np.ndarray:
        """When each was reported."""
        return np.asarray(self.times[:, 0])

    @property
    def closed(self) -> np.ndarray:
        """When each is closed, perhaps in the future."""
        return np.asarray(self.times[:, -1])


def join(parts: list[Batch]) -> Batch:
    """Return the batches as one, in the order given."""
    return Batch(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Batch)))


@lru_cache(maxsize=96)
def day_batch(seed: int, ordinal: int) -> Batch:
    """Return all requests created on one local day."""
    return draw_day(seed, ordinal)


@lru_cache(maxsize=4)
def recent(seed: int, ordinal: int) -> Batch:
    """Return every request that may still be open or was just closed on the local day."""
    return join([day_batch(seed, d) for d in range(ordinal - LOOKBACK, ordinal + 1)])


def draw_day(seed: int, ordinal: int) -> Batch:
    """Return all requests created on one local day, without keeping them.

    Matters come more evenly than chance would have it: a wall that is empty or
    flooded on an ordinary day would teach the wrong thing.
    """
    chance = generator(seed, "requests", ordinal)
    rows = kinds()
    busy = np.array([day_factor(ordinal, r.week, r.season) for r in rows])
    whim = np.exp(chance.normal(0, 0.035, len(rows)))
    mean = table().per_day * busy * np.array([wave(ordinal, r.category) for r in rows])
    even = np.floor(mean + (np.arange(len(rows)) * 0.7549 + ordinal * 0.618034) % 1)
    counts = np.where(table().matter, even, chance.poisson(mean * whim)).astype(np.int64)
    kind = np.repeat(np.arange(len(rows)), counts)
    second = np.empty(len(kind), dtype=np.int64)
    for number in np.flatnonzero(counts):
        many, mine = int(counts[number]), kind == number
        when = chance.random(many)
        if table().matter[number]:
            when = (np.arange(many) + when) / many
        second[mine] = seconds_of_day(rows[number].profile, when)
    return life_cycles(chance, kind, midnight(ordinal) + second, ordinal)


def life_cycles(
    chance: Generator,
    kind: np.ndarray,
    created: np.ndarray,
    ordinal: int,
    *,
    area: np.ndarray | None = None,
    first: int = 1,
) -> Batch:
    """Return complete requests of the given kinds and times of creation.

    Args:
        chance: where everything else is drawn from.
        kind: number of the kind, one each.
        created: epoch seconds.
        ordinal: the local day the numbers count in.
        area: number of the area, drawn by weight when None.
        first: the first running number.
    """
    order = np.argsort(created, kind="stable")
    kind, created, count = kind[order], created[order], len(kind)
    if area is None:
        area = _areas(chance, kind)
    spot = area * PER_AREA + chance.integers(0, PER_AREA, count)
    due = due_of(kind, created, created + table().limit_s[kind].astype(np.int64))
    late = _late(chance, kind) | slack(ordinal, _categories(), kind, area)
    late &= _closable(kind, due - created)
    closed = _closing(chance, kind, created, due, late)
    return Batch(
        kind=kind,
        times=_stages(chance, created, closed, late),
        due=due,
        spot=spot,
        level=_levels(chance, kind),
        salt=chance.integers(0, 2**31, count),
        day=np.full(count, ordinal),
        number=_running(table().source[kind], first),
    )


@cache
def _categories() -> tuple[str, ...]:
    return tuple(kind.category for kind in kinds())


def _areas(chance: Generator, kind: np.ndarray) -> np.ndarray:
    pick = chance.random(len(kind))
    found = np.searchsorted(np.cumsum(weights()), pick)
    towns = np.array([k for k, a in enumerate(areas()) if a.code in CITY_LINES])
    found = np.where(table().urban[kind], towns[(pick * len(towns)).astype(int)], found)
    return np.minimum(found, len(weights()) - 1)


def _late(chance: Generator, kind: np.ndarray) -> np.ndarray:
    """Spread the late ones evenly over each queue: every n-th, from a drawn start."""
    late = np.zeros(len(kind), dtype=bool)
    queue = table().queue[kind]
    for number in np.unique(queue):
        mine = np.flatnonzero(queue == number)
        steps = np.cumsum(table().late[kind[mine]]) + chance.random()
        late[mine] = np.floor(steps) > np.floor(steps - table().late[kind[mine]])
    return late


def _closable(kind: np.ndarray, limit: np.ndarray) -> np.ndarray:
    """Return which are closed in time to be forgotten even if they are late."""
    return np.asarray(limit + 1.5 * 3600 * table().overrun_h[kind] < _LONGEST_S)


def _closing(
    chance: Generator, kind: np.ndarray, created: np.ndarray, due: np.ndarray, late: np.ndarray
) -> np.ndarray:
    count, limit = len(kind), due - created
    took = table().hours[kind] * 3600 * np.exp(table().spread[kind] * chance.normal(size=count))
    took = np.clip(took, 180, 0.97 * np.minimum(limit, _LONGEST_S))
    over = table().overrun_h[kind] * 3600 * chance.uniform(0.5, 1.5, count)
    closed = created + np.where(late, limit + over, took).astype(np.int64)
    moved = _office_hours(chance, closed)
    fits = table().office[kind] & ~late & (moved > created + 600)
    return np.where(fits, moved, closed)


def _office_hours(chance: Generator, closed: np.ndarray) -> np.ndarray:
    """Move night-time instants back to the office hours before them."""
    second = (closed + OFFSET_S) % DAY_S
    start = closed - second - np.where(second < _OFFICE_OPENS, DAY_S, 0)
    in_hours = chance.uniform(_OFFICE_OPENS, _OFFICE_SHUTS, len(closed)).astype(np.int64)
    outside = (second < _OFFICE_OPENS) | (second > _OFFICE_SHUTS)
    return np.where(outside, start + in_hours, closed)


def _stages(
    chance: Generator, created: np.ndarray, closed: np.ndarray, late: np.ndarray
) -> np.ndarray:
    took, count = closed - created, len(created)
    dispatched = chance.uniform(0.02, 0.13, count)
    handling = dispatched + chance.uniform(0.03, 0.12, count)
    checking = chance.uniform(0.72, 0.94, count) + 0.03 * late
    parts = np.stack([dispatched, handling, checking], axis=1)
    inner = created[:, None] + (parts * took[:, None]).astype(np.int64)
    return np.column_stack([created, inner, closed])


def _levels(chance: Generator, kind: np.ndarray) -> np.ndarray:
    level, pick = np.zeros(len(kind), dtype=np.int64), chance.random(len(kind))
    for number in np.unique(kind[table().matter[kind]]):
        mine = kind == number
        colours = kinds()[number].levels
        bounds = np.cumsum([share for _, share in colours])
        place = np.minimum(np.searchsorted(bounds, pick[mine], side="right"), len(colours) - 1)
        level[mine] = np.array([colour for colour, _ in colours])[place]
    return level


def _running(source: np.ndarray, first: int) -> np.ndarray:
    number = np.zeros(len(source), dtype=np.int64)
    for one in np.unique(source):
        mine = source == one
        number[mine] = np.arange(first, first + int(mine.sum()))
    return number
