"""Past values of bus and warning indicators: modelled by the hour, as the live feeds behave.

Buses: each minute's reading is taken to count, so an hour holds sixty.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.random import Generator

from data.simulate.buses import (
    CANCELLED_SHARE,
    UNKNOWN_SHARE,
    block_notices,
    notice_block,
)
from data.simulate.history_blocks import HOUR_S, Blocks, Periods, block, codes_of, of_kind
from data.simulate.network import home_areas, lines, stops, trips
from data.simulate.places import areas
from data.simulate.randomness import generator
from data.simulate.rhythm import DayKind, day_kind
from data.simulate.warnings import day_chains

_RUSH, _NIGHT = (7, 8, 17, 18), (21, 22, 23, 0, 1, 2, 3, 4, 5)
_DETOURS = ("DETOUR", "NO_SERVICE", "REDUCED_SERVICE", "MODIFIED_SERVICE")
_STOPS_AHEAD = 5.85


def transit_blocks(seed: int, periods: Periods) -> Blocks:
    """Yield the block of every indicator fed by the buses."""
    days = [_hours(seed, day) for day in periods.days]
    for indicator in of_kind("transit"):
        measure = indicator.feed.measure
        if measure in ("alerts_active", "routes_detoured"):
            yield block(indicator, periods, _posted(seed, periods, measure))
            continue
        parts = [np.stack([day[measure][k] for day in days]) for k in range(len(days[0][measure]))]
        how = "sum" if len(parts) > 1 else "last"
        yield block(indicator, periods, *(periods.cut(part, how) for part in parts))


def _hours(seed: int, ordinal: int) -> dict[str, tuple[np.ndarray, ...]]:
    """Return what each measure counts in the hours of one local day, by (24, areas)."""
    chance = generator(seed, "transit-history", ordinal)
    workday = day_kind(ordinal) is DayKind.WORK
    out, busy = _running(seed, workday, 59, False), 60.0 * _running(seed, workday, 30, False)
    listed = 60.0 * _running(seed, workday, 30, True)
    known, told = np.rint(listed * (1 - UNKNOWN_SHARE)), np.rint(listed * _STOPS_AHEAD)
    speeds, loads = np.rint(busy * 0.92), np.rint(busy * 0.88)
    late = _delay(chance)
    return {
        "vehicles_in_service": (np.maximum(out - chance.binomial(out, CANCELLED_SHARE), 0),),
        "on_time": (np.rint(known * _share(chance, (0.875, 0.91, 0.91), 0.02)), known),
        "delay": (np.rint(known * late), known),
        "speed": (speeds * _by_hour((5.9, 6.8, 7.8)) * chance.normal(1, 0.02, (24, 1)), speeds),
        "trips_run": (np.rint(listed * _share(chance, (0.996, 0.996, 0.998), 0.0015)), listed),
        "crowded": (np.rint(loads * _share(chance, (0.21, 0.1, 0.01), 0.015)), loads),
        "skipped": (np.rint(told * _share(chance, (0.0042, 0.0042, 0.0042), 0.001)), told),
        "positions_fresh": (np.rint(busy * _share(chance, (0.955, 0.955, 0.955), 0.01)), busy),
    }


def _by_hour(values: tuple[float, float, float]) -> np.ndarray:
    """Return the value of rush, ordinary and late hours, by (24, 1)."""
    hours = range(24)
    picked = [values[0] if h in _RUSH else values[2] if h in _NIGHT else values[1] for h in hours]
    return np.array(picked)[:, None]


def _share(chance: Generator, values: tuple[float, float, float], noise: float) -> np.ndarray:
    drawn = _by_hour(values) + chance.normal(0, noise, (24, len(areas()))) * 0.7
    return np.clip(drawn + chance.normal(0, noise * 0.5), 0.0, 1.0)


def _delay(chance: Generator) -> np.ndarray:
    return np.asarray(_by_hour((135, 110, 112)) + chance.normal(0, 9, (24, len(areas()))))


@cache
def _running(seed: int, workday: bool, minute: int, at_home: bool) -> np.ndarray:
    """Return how many buses the timetable has out at a minute of each hour, by (24, areas).

    at_home: counted where their line belongs, as a trip is; else where they are.
    """
    plan, found = trips(seed), np.zeros((24, len(areas())), dtype=np.int64)
    runs = np.ones(len(plan.start), dtype=bool) if workday else plan.service == 0
    for hour in range(24):
        for second in (hour * HOUR_S + minute * 60, hour * HOUR_S + minute * 60 + 86400):
            out = np.flatnonzero(runs & (plan.start <= second) & (second < plan.end))
            for trip in out.tolist():
                line = lines(seed)[plan.line[trip]]
                path = line.stops[::-1] if plan.back[trip] else line.stops
                place = (second - int(plan.start[trip])) // line.hop_s
                here = stops(seed).area[path[place]]
                found[hour, home_areas(seed)[plan.line[trip]] if at_home else here] += 1
    return found


def _posted(seed: int, periods: Periods, measure: str) -> np.ndarray:
    """Return notices in force, or lines on detour, when each period ends."""
    many, city = len(periods.starts), len(areas())
    counts = np.zeros((city + 1, many))
    on_detour: set[tuple[int, int]] = set()
    blocks = range(notice_block(periods.days[0]) - 2, notice_block(periods.days[-1]) + 1)
    for notice in (n for b in blocks for n in block_notices(seed, b)):
        if measure == "routes_detoured" and notice.effect not in _DETOURS:
            continue
        first, last = np.searchsorted(periods.ends, (notice.start, notice.end))
        for place in range(int(first), int(last)):
            if measure == "routes_detoured" and (notice.lines[0], place) in on_detour:
                continue
            on_detour.add((notice.lines[0], place))
            counts[[home_areas(seed)[notice.lines[0]], city], place] += 1
    return counts


def warning_blocks(seed: int, periods: Periods) -> Blocks:
    """Yield the block of every indicator that counts warnings in force at a period's end."""
    days = range(periods.days[0] - 6, periods.days[-1] + 1)
    chains = [c for d in days for c in day_chains(seed, d) if not c.response]
    for indicator in of_kind("alerts"):
        codes = codes_of(indicator)
        counts = np.zeros((len(codes), len(periods.starts)))
        for chain in chains:
            rows = [codes.index(c) for c in chain.areas] + [len(codes) - 1]
            for start, end, level in chain.spans():
                first, last = np.searchsorted(periods.ends, (start, end))
                if level <= indicator.feed.max_level and first < last:
                    counts[rows, int(first) : int(last)] += 1
        yield block(indicator, periods, counts)
