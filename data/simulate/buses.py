"""Which buses are out at an instant, how late, how full, and what notices are posted?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from data.simulate.network import DAILY, WORKDAY, lines, stops, trips
from data.simulate.randomness import generator
from data.simulate.rhythm import DayKind, day_kind, midnight, ordinal_of_epoch
from data.simulate.scenario import Running, Story

UNKNOWN_SHARE, CANCELLED_SHARE = 0.06, 0.004
_NOTICE_DAYS = 3
_RUSH = ((7 * 3600, 9 * 3600), (17 * 3600, 19 * 3600))
_EFFECTS = ("STOP_MOVED", "STOP_MOVED", "DETOUR", "MODIFIED_SERVICE")
_SERVICES = (DAILY, WORKDAY)


@dataclass(frozen=True)
class Buses:
    """The trips that should be running now, one place each in every array.

    trip: number in the timetable. day: ordinal of the service day. along: seconds
    of the timetable covered. delay: seconds late, early negative. fate: 0-1.
    """

    trip: np.ndarray
    day: np.ndarray
    along: np.ndarray
    delay: np.ndarray
    unknown: np.ndarray
    cancelled: np.ndarray
    fate: np.ndarray
    whim: np.ndarray


@dataclass(frozen=True)
class Notice:
    """One service alert; epoch seconds, line numbers, stop numbers."""

    key: str
    cause: str
    effect: str
    lines: tuple[int, ...]
    stops: tuple[int, ...]
    start: int
    end: int


@lru_cache(maxsize=8)
def _fates(seed: int, ordinal: int) -> np.ndarray:
    """Return the chances of each trip of a service day: shape (6, trips)."""
    return generator(seed, "buses", ordinal).random((6, len(trips(seed).start)))


def runs(seed: int, ordinal: int) -> np.ndarray:
    """Return which trips run on a service day."""
    if day_kind(ordinal) is DayKind.WORK:
        return np.ones(len(trips(seed).start), dtype=bool)
    return np.asarray(trips(seed).service == _SERVICES.index(DAILY))


def buses(seed: int, now: float, story: Story = ()) -> Buses:
    """Return the buses out at `now`, those of yesterday's service past midnight too."""
    today = ordinal_of_epoch(now)
    parts = [_of_day(seed, day, now, story) for day in (today - 1, today)]
    return Buses(*(np.concatenate(c) for c in zip(*parts, strict=True)))


def _of_day(seed: int, ordinal: int, now: float, story: Story) -> tuple[np.ndarray, ...]:
    second, plan, fates = now - midnight(ordinal), trips(seed), _fates(seed, ordinal)
    near = np.flatnonzero(
        (plan.start - 60 <= second) & (second < plan.end + 1800) & runs(seed, ordinal)
    )
    start, length = plan.start[near], (plan.end - plan.start)[near]
    delay = _delays(fates[:, near], start, (second - start) / length, now, story)
    along = second - start - delay
    out = (along >= 0) & (along < length) & (second >= start)
    kept, fate = near[out], fates[:, near[out]]
    return (
        kept,
        np.full(len(kept), ordinal),
        along[out],
        delay[out].astype(np.int64),
        fate[1] < UNKNOWN_SHARE,
        fate[2] < CANCELLED_SHARE,
        fate[3],
        fate[4:6].T.reshape(-1, 2),
    )


def _delays(
    fates: np.ndarray, start: np.ndarray, progress: np.ndarray, now: float, story: Story
) -> np.ndarray:
    """Return seconds late: most a minute or so, one in nine badly, more in the rush."""
    rush = np.zeros(len(start), dtype=bool)
    for begin, end in _RUSH:
        rush |= (start > begin - 1800) & (start < end)
    late = fates[0] < np.where(rush, 0.115, 0.075)
    usual = 55 + 62 * np.clip((fates[5] + fates[4] - 1) * 2.4, -1.5, 3)
    badly = 430 + 620 * fates[4]
    rising = np.clip(0.45 + progress, 0.45, 1.0)
    wave = 24 * np.sin(now / 240 + 6.28 * fates[5])
    delay = np.where(late, badly * rising, usual) + wave
    for running in story:
        share = running.scenario.late_buses * running.intensity(now)
        if share:
            delay = np.where(fates[3] < share, 380 + 900 * fates[4] + wave, delay + 40 * share)
    return np.asarray(np.round(delay))


def places(seed: int, found: Buses) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (longitude, latitude, next stop in the trip's order, from 0) of each bus."""
    plan, known = trips(seed), stops(seed)
    lon, lat = np.empty(len(found.trip)), np.empty(len(found.trip))
    following = np.empty(len(found.trip), dtype=np.int64)
    for place, (trip, along) in enumerate(zip(found.trip, found.along, strict=True)):
        line = lines(seed)[plan.line[trip]]
        path = line.stops[::-1] if plan.back[trip] else line.stops
        hop, part = divmod(float(along), line.hop_s)
        here, there = path[int(hop)], path[min(int(hop) + 1, len(path) - 1)]
        part /= line.hop_s
        lon[place] = known.lon[here] + (known.lon[there] - known.lon[here]) * part
        lat[place] = known.lat[here] + (known.lat[there] - known.lat[here]) * part
        following[place] = min(int(hop) + 1, len(path) - 1)
    return lon, lat, following


def notices(seed: int, now: float, story: Story = ()) -> list[Notice]:
    """Return the service alerts posted at `now`; a few are not yet or no longer in force."""
    block = notice_block(ordinal_of_epoch(now))
    found = [n for b in (block - 2, block - 1, block, block + 1) for n in block_notices(seed, b)]
    found = [n for n in found if n.start - 86400 <= now < n.end + 3600]
    return found + [n for r in story if r.told(now) for n in _storm(seed, r, now)]


def notice_block(ordinal: int) -> int:
    """Return the number of the block of days that holds a local day."""
    return ordinal // _NOTICE_DAYS


@lru_cache(maxsize=64)
def block_notices(seed: int, block: int) -> tuple[Notice, ...]:
    """Return the notices of ordinary works that begin within one block of days."""
    chance = generator(seed, "notices", block)
    found = []
    for number in range(int(chance.integers(1, 4))):
        line = int(chance.integers(0, len(lines(seed))))
        path = lines(seed)[line].stops
        effect = _EFFECTS[int(chance.integers(0, len(_EFFECTS)))]
        start = midnight(block * _NOTICE_DAYS) + 6 * 3600 + 1800 * int(chance.integers(0, 96))
        end = start + 3600 * int(chance.integers(20, 80))
        where = (path[int(chance.integers(0, len(path)))],)
        found.append(
            Notice(f"N{block}-{number}", "CONSTRUCTION", effect, (line,), where, start, end)
        )
    return tuple(found)


def _storm(seed: int, running: Running, now: float) -> list[Notice]:
    """Return a scenario's notices raised by `now`: one each 20 s from the first minute on."""
    many, last = running.scenario.notices, running.start + running.scenario.length_s * 2 // 3
    if running.stopped is not None:
        last = min(last, running.stopped)
    order = generator(seed, "storm", running.start).permutation(len(lines(seed)))
    effects = ("DETOUR", "SIGNIFICANT_DELAYS", "DETOUR", "NO_SERVICE")
    raised = [(k, running.start + 45 + 20 * k) for k in range(many)]
    return [
        Notice(
            f"S{running.start}-{k}", "WEATHER", effects[k % 4], (int(order[k]),), (), start, last
        )
        for k, start in raised
        if start <= min(now, last) and now < last + 600
    ]
