"""How busy are the hospitals? Counts by hour and area, drawn a local day at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.random import Generator

from data.catalogue import catalogue
from data.simulate.episodes import more_desks
from data.simulate.places import areas, weights
from data.simulate.randomness import generator
from data.simulate.rhythm import day_factor, hour_shares, midnight, ordinal_of_epoch
from data.simulate.scenario import Story

SOURCE = "health_capacity"
ABSENT_SHARE = 0.006
HOUR_S = 3600
Key = tuple[str, str]
"""Group code and population code."""

STOCKS: frozenset[Key] = frozenset(
    {
        ("beds", "beds-occupied"), ("beds", "beds-staffed"), ("icu", "icu-occupied"),
        ("icu", "icu-staffed"), ("blood", "units-stock"), ("blood", "units-per-day"),
        ("ambulances", "available"),
    }
)  # fmt: skip
"""What is counted at an instant; everything else adds up over time."""

_PER_DAY: dict[Key, float] = {
    ("ems-calls", "calls"): 165, ("ems-calls", "answered-10s"): 160,
    ("ems-dispatch", "dispatches"): 130, ("ems-dispatch", "rolling-3min"): 126,
    ("ems-response", "arrivals"): 125, ("ems-response", "response-minutes"): 1560,
    ("visits", "fever-clinic"): 340, ("visits", "outpatient-emergency"): 9400,
    ("visits", "discharges"): 900, ("emergency", "stays-6h"): 22,
    ("influenza", "visits"): 2700, ("influenza", "ili-cases"): 100,
}  # fmt: skip
_BEDS, _ICU, _BLOOD_PER_DAY, _AMBULANCES = 5600, 160, 96, 52


@dataclass(frozen=True)
class HealthDay:
    """Counts of one local day: (24, areas) each; stocks as they stand when the hour ends."""

    counts: dict[Key, np.ndarray]
    absent: dict[Key, np.ndarray]
    phase: np.ndarray


@lru_cache(maxsize=8)
def health_day(seed: int, ordinal: int) -> HealthDay:
    """Return the counts of one local day."""
    return draw_day(seed, ordinal)


def draw_day(seed: int, ordinal: int) -> HealthDay:
    """Return the counts of one local day, without keeping them."""
    chance = generator(seed, "health", ordinal)
    counts = _emergency(chance, ordinal) | _visits(chance, ordinal) | _stocks(seed, ordinal, chance)
    shape = (24, len(areas()))
    absent = {key: chance.random(shape) < ABSENT_SHARE for key in sorted(counts)}
    return HealthDay(counts, absent, chance.random(shape))


def _mean(key: Key, profile: str, factor: float) -> np.ndarray:
    return np.asarray(np.outer(hour_shares(profile), weights()) * _PER_DAY[key] * factor)


def _emergency(chance: Generator, ordinal: int) -> dict[Key, np.ndarray]:
    """Return the chain from call to arrival; each link is part of the one before."""
    mean = _mean(("ems-calls", "calls"), "calls", day_factor(ordinal, "calls", "winter"))
    calls = chance.poisson(mean)
    dispatches = chance.binomial(calls, 0.79)
    arrivals = chance.binomial(dispatches, 0.97)
    rural = np.where(np.isin([a.kind for a in areas()], "zone"), -1.2, 0.6 - 4 * (weights() - 0.12))
    minutes = np.clip(chance.normal(12.4 + rural, 1.9, calls.shape), 6, 24)
    return {
        ("ems-calls", "calls"): calls,
        ("ems-calls", "answered-10s"): chance.binomial(calls, 0.972 + more_desks(ordinal)),
        ("ems-dispatch", "dispatches"): dispatches,
        ("ems-dispatch", "rolling-3min"): chance.binomial(dispatches, 0.968),
        ("ems-response", "arrivals"): arrivals,
        ("ems-response", "response-minutes"): np.rint(arrivals * minutes).astype(np.int64),
    }


def _visits(chance: Generator, ordinal: int) -> dict[Key, np.ndarray]:
    busy = day_factor(ordinal, "visits", "none")
    flu = day_factor(ordinal, "even", "influenza") * np.exp(chance.normal(0, 0.05))
    fever = _mean(("visits", "fever-clinic"), "visits", 0.75 * flu)
    sentinel = chance.poisson(_mean(("influenza", "visits"), "visits", busy))
    return {
        ("visits", "fever-clinic"): chance.poisson(fever),
        ("visits", "outpatient-emergency"): chance.poisson(
            _mean(("visits", "outpatient-emergency"), "visits", busy)
        ),
        ("visits", "discharges"): chance.poisson(_mean(("visits", "discharges"), "office", busy)),
        ("emergency", "stays-6h"): chance.poisson(_mean(("emergency", "stays-6h"), "flat", flu)),
        ("influenza", "visits"): sentinel,
        ("influenza", "ili-cases"): chance.binomial(sentinel, min(0.5, 0.033 * flu)),
    }


@cache
def _staffed(total: int, least: int) -> np.ndarray:
    return np.asarray(np.maximum(np.rint(weights() * total), least).astype(np.int64))


def _stocks(seed: int, ordinal: int, chance: Generator) -> dict[Key, np.ndarray]:
    """Return what is there when each hour ends: slow waves with a little noise."""
    shape = (24, len(areas()))
    time = ordinal + np.arange(1, 25)[:, None] / 24
    start = generator(seed, "stocks").random((4, len(areas()))) * 6.28

    def wave(days: float, which: int) -> np.ndarray:
        return np.asarray(np.sin(2 * np.pi * time / days + start[which]))

    winter = day_factor(ordinal, "even", "winter") - 1
    beds, icu = _staffed(_BEDS, 60), _staffed(_ICU, 6)
    full = 0.825 + 0.02 * wave(7, 0) + 0.02 * wave(23, 1) + 0.06 * winter
    busy = 0.755 + 0.04 * wave(5, 1) + 0.04 * wave(17, 2) + 0.08 * winter
    blood = _staffed(_BLOOD_PER_DAY, 4)
    last = 6.3 + 0.5 * wave(9, 2) + 0.35 * wave(31, 3) + chance.normal(0, 0.05, shape)
    cars = _staffed(_AMBULANCES, 3)
    calls = (hour_shares("calls") * 24)[:, None]
    free = cars * (1 - 0.24 * calls * np.exp(chance.normal(0, 0.25, shape)))
    return {
        ("beds", "beds-staffed"): np.broadcast_to(beds, shape),
        ("beds", "beds-occupied"): np.rint(beds * full + chance.normal(0, 2, shape)),
        ("icu", "icu-staffed"): np.broadcast_to(icu, shape),
        ("icu", "icu-occupied"): np.clip(
            np.rint(icu * busy + chance.normal(0, 0.4, shape)), 0, icu
        ),
        ("blood", "units-per-day"): np.broadcast_to(blood, shape),
        ("blood", "units-stock"): np.maximum(np.rint(blood * last), 0),
        ("ambulances", "available"): np.clip(np.rint(free), 0, cars),
    }


def report(seed: int, hour: int, area: int, now: float, story: Story = ()) -> dict[Key, int | None]:
    """Return the counts of one area for the hour that begins at `hour`, as far as `now`.

    None where the hospital gave no count. Counts only grow within the hour.
    """
    ordinal = ordinal_of_epoch(hour)
    place = int(hour - midnight(ordinal)) // HOUR_S
    day, done = health_day(seed, ordinal), _done(hour, now)
    phase = float(day.phase[place, area])
    before = _before(seed, ordinal, place)
    found: dict[Key, int | None] = {}
    for key, counts in day.counts.items():
        if key in STOCKS:
            then = float(before[key][area])
            value = then + (float(counts[place, area]) - then) * done
        else:
            value = float(int(float(counts[place, area]) * done + phase))
        found[key] = None if day.absent[key][place, area] else round(value)
    _mend_response(found, day, place, area)
    return _told(found, hour, area, now, story) if story else found


def _done(hour: int, now: float) -> float:
    """Return the share of the hour that is over, by whole minutes."""
    return min(1.0, max(0.0, (now - hour) // 60 / 60))


def _before(seed: int, ordinal: int, place: int) -> dict[Key, np.ndarray]:
    """Return the stocks when the hour began."""
    day, row = (ordinal, place - 1) if place else (ordinal - 1, 23)
    counts = health_day(seed, day).counts
    return {key: counts[key][row] for key in STOCKS}


def _mend_response(found: dict[Key, int | None], day: HealthDay, place: int, area: int) -> None:
    """Make the minutes fit the arrivals so far: the mean of the hour holds throughout."""
    arrivals = found["ems-response", "arrivals"]
    whole = int(day.counts["ems-response", "arrivals"][place, area])
    minutes = int(day.counts["ems-response", "response-minutes"][place, area])
    if arrivals is not None and found["ems-response", "response-minutes"] is not None:
        found["ems-response", "response-minutes"] = (
            round(minutes * arrivals / whole) if whole else 0
        )


def _told(
    found: dict[Key, int | None], hour: int, area: int, now: float, story: Story
) -> dict[Key, int | None]:
    """Add what the scenarios bring."""
    code = areas()[area].code
    minutes = np.arange(hour, min(now, hour + HOUR_S), 60)
    for running in story:
        scenario = running.scenario
        weight = float(weights()[area]) * (1.0 if code in scenario.areas else 0.7)
        strength = running.intensities(minutes).sum() / 960
        for group, population, times in scenario.health:
            value, base = found.get((group, population)), _PER_DAY[group, population]
            if value is not None:
                found[group, population] = value + int(base * weight * times * strength + 0.5)
        level = running.intensity(min(now, hour + HOUR_S - 1))
        for group, population, part in scenario.stock:
            value = found.get((group, population))
            if value is not None:
                most = found.get((group, population.replace("occupied", "staffed"))) or value
                most = most if "occupied" in population else value
                found[group, population] = max(0, min(most, round(value * (1 + part * level))))
    return found


@cache
def groups() -> dict[str, tuple[str, ...]]:
    """Return the population codes of each group, as the indicators ask for them."""
    found: dict[str, dict[str, None]] = {}
    for indicator in catalogue().of_source(SOURCE):
        codes = found.setdefault(indicator.feed.group, {})
        codes |= dict.fromkeys(_named((indicator.feed.numerator, indicator.feed.denominator)))
    return {group: tuple(codes) for group, codes in found.items()}


@cache
def denominators() -> frozenset[Key]:
    """Return what serves as a denominator."""
    feeds = [i.feed for i in catalogue().of_source(SOURCE)]
    return frozenset((f.group, f.denominator) for f in feeds if f.denominator)


def _named(codes: Iterable[str]) -> list[str]:
    return [code for code in codes if code]
