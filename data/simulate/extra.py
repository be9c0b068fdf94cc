"""The requests that a scenario adds to an ordinary day."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from data.simulate.kinds import kinds, table
from data.simulate.places import PER_AREA, areas, weights
from data.simulate.randomness import generator
from data.simulate.requests import STAGES, Batch, life_cycles
from data.simulate.rhythm import OFFSET_S, ordinal_of_epoch
from data.simulate.scenario import Running, Story

_FIRST = 1_000_000
_SETTLE_S = 4 * 3600
_BUSY_HOURS = 14
"""A day's calls within so many hours are the ordinary daytime rate."""


def extra_requests(seed: int, story: Story, now: float) -> tuple[list[Batch], dict[int, str]]:
    """Return what the scenarios add, and their scripted texts by salt."""
    told = [r for r in story if r.told(now) and (r.scenario.calls or r.scenario.matters)]
    texts = {
        _salt(running, place): matter.text
        for running in told
        for place, matter in enumerate(running.scenario.matters)
    }
    return [_requests(seed, running) for running in told], texts


def _salt(running: Running, place: int) -> int:
    """Return a negative salt: one that no drawn request has."""
    return -1 - place - 1000 * (running.start % 1_000_000)


@lru_cache(maxsize=16)
def _requests(seed: int, running: Running) -> Batch:
    """Draw calls and scripted matters of one scenario; a stop closes what is open."""
    chance = generator(seed, "scenario", running.scenario.key, running.start)
    numbers = {k.category: n for n, k in enumerate(kinds())}
    kind, created, area, level, salt = [], [], [], [], []
    for category, times in running.scenario.calls:
        when = _call_times(chance, running, table().per_day[numbers[category]] * times)
        kind.append(np.full(len(when), numbers[category]))
        created.append(when)
        area.append(_somewhere(chance, running, len(when)))
        level.append(np.zeros(len(when), dtype=np.int64))
        salt.append(chance.integers(0, 2**31, len(when)))
    codes = [a.code for a in areas()]
    for place, matter in enumerate(running.scenario.matters):
        kind.append(np.array([numbers[matter.category]]))
        created.append(np.array([running.start + matter.after_s]))
        area.append(np.array([codes.index(matter.area)]))
        level.append(np.array([matter.level]))
        salt.append(np.array([_salt(running, place)]))
    columns = [np.concatenate(c).astype(np.int64) for c in (kind, created, area, level, salt)]
    return _finish(chance, running, columns)


def _call_times(chance: np.random.Generator, running: Running, per_day: float) -> np.ndarray:
    """Return when the extra calls come: by the minute, as strong as the story then is."""
    minutes = running.start + 60 * np.arange(running.scenario.length_s // 60)
    rate = per_day / _BUSY_HOURS / 60 * replace(running, stopped=None).intensities(minutes)
    many = chance.poisson(rate)
    start = np.repeat(minutes, many)
    return np.asarray(start + chance.integers(0, 60, len(start)))


def _somewhere(chance: np.random.Generator, running: Running, count: int) -> np.ndarray:
    codes = [a.code for a in areas()]
    shares = weights() * [4.0 if c in running.scenario.areas else 1.0 for c in codes]
    return chance.choice(len(codes), count, p=shares / shares.sum())


def _finish(chance: np.random.Generator, running: Running, columns: list[np.ndarray]) -> Batch:
    order = np.argsort(columns[1], kind="stable")
    kind, created, area, level, salt = (column[order] for column in columns)
    ordinal = ordinal_of_epoch(running.start)
    minute = (running.start + OFFSET_S) % 86400 // 60
    first = _FIRST + int(minute) * 1000
    batch = life_cycles(chance, kind, created, ordinal, area=area, first=first)
    batch = replace(batch, times=_brief(batch, running), level=level, salt=salt)
    batch = replace(batch, times=_prompt(batch))
    if running.stopped is None:
        return batch
    batch = batch.take(batch.created < running.stopped)
    latest = running.stopped + 60 * np.arange(1, STAGES + 1)
    times = np.where(np.arange(STAGES) == 0, batch.times, np.minimum(batch.times, latest))
    return replace(batch, times=times)


def _brief(batch: Batch, running: Running) -> np.ndarray:
    """Return stage times that end while the feeds still tell of the scenario."""
    last = running.start + running.scenario.length_s + _SETTLE_S - batch.spot % 3600
    took = batch.closed - batch.created
    part = np.minimum(1.0, (last - batch.created) / took)
    steps = batch.times - batch.created[:, None]
    return np.asarray(batch.created[:, None] + np.rint(steps * part[:, None]).astype(np.int64))


def _prompt(batch: Batch) -> np.ndarray:
    """Return stage times in which matters are sent out within two minutes."""
    times = batch.times.copy()
    swift = (batch.level > 0) & (batch.closed - batch.created > 1200)
    delay = 45 + batch.spot[swift] % PER_AREA % 75
    times[swift, 1] = times[swift, 0] + delay
    times[swift, 2] = times[swift, 0] + 3 * delay
    return times
