"""The figures of ISA-18.2 / EEMUA 191 on our own alarm log. Pure.

The numbers asked for are those that the literature gives for one operator position; see
`TARGETS`. They are judged for everything seen from one desk, and for each desk by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from data.alarms import rates, standing
from data.alarms.log_frames import Log
from data.vocabulary.alarm_log import Figure, Flood, Load, Performance, Position, RuleShare
from data.vocabulary.alarms import Outcome

TARGETS: dict[str, tuple[float, float]] = {
    "ten_mean": (1, 2),
    "ten_max": (10, 10),
    "ten_over": (1, 5),
    "hour_mean": (6, 12),
    "hour_over": (1, 1),
    "day_mean": (150, 300),
    "flood_share": (1, 1),
    "chattering": (0, 0),
    "fleeting": (0, 0),
    "stale": (5, 5),
    "standing": (10, 10),
    "shelved": (30, 30),
    "unauthorised": (0, 0),
    "top_ten": (5, 5),
}
"""Very likely acceptable, and the most that can be managed. ISA-18.2 / IEC 62682, EEMUA 191."""

SPREAD = {1: 1.0, 2: 5.0, 3: 15.0, 4: 80.0}
"""Per cent of alarms by priority: hardly any of the highest, 5, 15, and 80 of the lowest."""

GRAVEST = (
    "flood_share", "ten_over", "ten_mean", "hour_mean", "unauthorised", "stale", "standing",
    "chattering", "fleeting", "top_ten", "shelved", "ten_max", "hour_over", "day_mean",
)  # fmt: skip
"""What is named first when it is over."""

NAMED_ANYWAY = frozenset({"top_ten", "ten_max", "fleeting"})
"""Over alone, these make nothing unmanageable: they say where to begin."""

LEAST_S = rates.HOUR
"""A shorter log judges nobody."""


def performance(log: Log) -> Performance:
    """Return every figure of a period, of the whole and of each desk that had alarms."""
    start = max(log.start, log.since)
    seconds = max(log.end - start, 0.0)
    told = log.told[log.told["at"] >= log.start]
    keys = ["", *sorted(set(told["position"]) | set(log.spans["position"]))]
    places = tuple(_position(log, key, start) for key in keys)
    rules = _rules(log, told)
    load, over, limits = _verdict(places[0].figures, seconds)
    return Performance(
        start=start,
        end=log.end,
        seconds=seconds,
        positions=places,
        rules=rules,
        priorities=_spread(told),
        days=_days(told, start, log.end),
        load=load,
        reasons=over,
        limits=limits,
    )


def _position(log: Log, key: str, start: float) -> Position:
    """Return the load of one desk; "" is all of them together."""
    mine = _of(key)
    told, spans, alarms, aside = (
        mine(frame) for frame in (log.told, log.spans, log.alarms, log.aside)
    )
    at = np.sort(told["at"].to_numpy(dtype=np.float64))
    here = at[(at >= start) & (at < log.end)]
    found = rates.floods(at, start, log.end)
    now = told[told["at"] >= log.start]
    figures = (
        *_rates(here, found, start, log.end),
        *standing.figures(log, now, alarms, spans, aside, start),
        _figure("top_ten", _top_ten(now)),
    )
    return Position(key, len(here), tuple(_judged(f) for f in figures), found)


def _of(key: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda frame: frame if not key else frame[frame["position"] == key]


def _rates(at: rates.Times, found: Sequence[Flood], start: float, end: float) -> tuple[Figure, ...]:
    seconds, n = end - start, len(at)
    tens = rates.counted(at, start, end, rates.TEN_MINUTES)
    hours = rates.counted(at, start, end, rates.HOUR)
    return (
        _figure("ten_mean", rates.mean_rate(n, seconds, rates.TEN_MINUTES)),
        _figure("ten_max", float(tens.max()) if tens.size else None),
        Figure("ten_over", rates.share_above(tens, 10), parts=(int((tens > 10).sum()), tens.size)),
        _figure("hour_mean", rates.mean_rate(n, seconds, rates.HOUR)),
        Figure("hour_over", rates.share_above(hours, 30),
               parts=(int((hours > 30).sum()), hours.size)),
        _figure("day_mean", rates.mean_rate(n, seconds, rates.DAY)),
        _figure("flood_share", rates.in_flood(found, start, end)),
        _figure("floods", float(len(found)) if seconds > 0 else None),
    )  # fmt: skip


def _figure(key: str, value: float | None) -> Figure:
    return Figure(key, value)


def _judged(figure: Figure) -> Figure:
    """Return a figure with its targets and how it stands against them."""
    asked = TARGETS.get(figure.key)
    if asked is None:
        return figure
    good, most = asked
    value = figure.value
    if value is None:
        load = Load.UNKNOWN
    elif value <= good:
        load = Load.GOOD
    else:
        load = Load.LIMIT if value <= most else Load.OVER
    return Figure(figure.key, value, load, good, most, figure.parts)


def _top_ten(told: pd.DataFrame) -> float | None:
    """Return the share of the ten rules with the most alarms; with few rules it says nothing."""
    counts = told["rule"].value_counts()
    return 100.0 * float(counts.head(10).sum()) / len(told) if len(counts) > 10 else None


def _spread(told: pd.DataFrame) -> tuple[Figure, ...]:
    counts, n = told["priority"].value_counts(), len(told)
    found = []
    for priority, asked in SPREAD.items():
        mine = int(counts.get(priority, 0))
        share = 100.0 * mine / n if n else None
        found.append(_spread_of(priority, share, asked, (mine, n)))
    return tuple(found)


def _spread_of(priority: int, share: float | None, asked: float, parts: tuple[int, int]) -> Figure:
    """Return one priority's share: a grave one is over when there is twice what is asked."""
    if share is None:
        load = Load.UNKNOWN
    elif priority == max(SPREAD):
        load = Load.GOOD if share >= asked else Load.LIMIT if share >= asked / 2 else Load.OVER
    else:
        load = Load.GOOD if share <= asked else Load.LIMIT if share <= asked * 2 else Load.OVER
    return Figure(f"priority_{priority}", share, load, asked, None, parts)


def _days(told: pd.DataFrame, start: float, end: float) -> tuple[tuple[float, int], ...]:
    """Return alarms by local day; the city's clock knows no summer time."""
    zone = 8 * rates.HOUR
    first = (start + zone) // rates.DAY * rates.DAY - zone
    counts = rates.counted(told["at"].to_numpy(dtype=np.float64), first, end, rates.DAY)
    return tuple((first + i * rates.DAY, int(n)) for i, n in enumerate(counts))


def _rules(log: Log, told: pd.DataFrame) -> tuple[RuleShare, ...]:
    """Return every rule of the log, the one with the most alarms first."""
    counts, n = told["rule"].value_counts(), len(told)
    chatter = standing.chattering(told, log.alarms)
    by_rule = {str(rule): mine for rule, mine in log.alarms.groupby("rule")}
    ranked = sorted(counts.items(), key=lambda kv: (-kv[1], str(kv[0])))
    return tuple(
        _rule(str(rule), int(alarms), n, by_rule.get(str(rule), log.alarms.iloc[:0]), chatter)
        for rule, alarms in ranked
    )


def _rule(rule: str, alarms: int, n: int, mine: pd.DataFrame, chatter: pd.DataFrame) -> RuleShare:
    said = mine["outcome"].value_counts()
    acted_on, real, false = (
        int(said.get(o.value, 0))
        for o in (Outcome.ACTED_ON, Outcome.REAL_NO_ACTION, Outcome.FALSE_ALARM)
    )
    waited = (mine["acknowledged"] - mine["told"]).dropna()
    return RuleShare(
        rule=rule,
        alarms=alarms,
        share=100.0 * alarms / n,
        acted_on=acted_on,
        real=real,
        false=false,
        unsaid=len(mine) - acted_on - real - false,
        acknowledged_s=float(waited.median()) if len(waited) else None,
        chattering=int((chatter["rule"] == rule).sum()),
    )


def _verdict(
    figures: Sequence[Figure], seconds: float
) -> tuple[Load, tuple[str, ...], tuple[str, ...]]:
    """Return how the load is, with what is over and what is only beyond the acceptable."""
    if seconds < LEAST_S:
        return Load.UNKNOWN, (), ()
    loads = {f.key: f.load for f in figures}
    over = tuple(k for k in GRAVEST if loads.get(k) is Load.OVER)
    limits = tuple(k for k in GRAVEST if loads.get(k) is Load.LIMIT)
    if any(k not in NAMED_ANYWAY for k in over):
        return Load.OVER, over, limits
    return Load.LIMIT if over or limits else Load.GOOD, over, limits
