"""How alarms are dealt with: acknowledged, left standing, put aside, chattering. Pure."""

from __future__ import annotations

import numpy as np
import pandas as pd

from data.alarms.log_frames import Log
from data.alarms.rates import DAY, counted
from data.vocabulary.alarm_log import Figure
from data.vocabulary.alarms import AlarmState

CHATTER, CHATTER_S = 3, 60.0
"""So many times within so long: it chatters."""
FLEETING_S = 60.0
"""Over within so long, and nobody could do anything about it."""
STALE_S = DAY

SHOWN = frozenset({AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED, AlarmState.RETURNED})
"""States in which an alarm stands in the operator's list."""


def figures(
    log: Log,
    told: pd.DataFrame,
    alarms: pd.DataFrame,
    spans: pd.DataFrame,
    aside: pd.DataFrame,
    start: float,
) -> tuple[Figure, ...]:
    """Return the figures of one desk. told, alarms, spans, aside: of it alone."""
    seconds = log.end - start
    known = seconds > 0
    chatter = chattering(told, alarms)
    waited = (alarms["acknowledged"] - alarms["told"]).dropna().to_numpy(dtype=np.float64)
    return (
        Figure("chattering", float(len(chatter)) if known else None),
        Figure("fleeting", float(_fleeting(alarms, chatter)) if known else None),
        Figure("stale", _stale(spans, start, log.end)),
        Figure("standing", _mean_standing(spans, SHOWN, start, log.end)),
        Figure("standing_now", float(_at(spans, SHOWN, log.end)) if known else None),
        Figure("shelved", _most(spans, {AlarmState.SHELVED}, start, log.end)),
        Figure("suppressed", _touched(spans, start, log.end) if known else None),
        Figure("unauthorised", float((~aside["allowed"].astype(bool)).sum()) if known else None),
        Figure("acknowledged_median", float(np.median(waited)) if waited.size else None),
        Figure("acknowledged_p90", float(np.quantile(waited, 0.9)) if waited.size else None),
        _in_time(alarms, log),
        _outcomes(alarms, "acted_on"),
        _outcomes(alarms, "false_alarm"),
    )


def chattering(told: pd.DataFrame, alarms: pd.DataFrame) -> pd.DataFrame:
    """Return the alarms that came three times within a minute, or were latched for it, by key."""
    found = set(alarms.loc[alarms["latched"].astype(bool), "alarm"])
    keys = alarms.set_index("alarm")["key"]
    by_key = told.assign(key=told["alarm"].map(keys)).dropna(subset=["key"]).sort_values("at")
    before = by_key.groupby("key")["at"].shift(CHATTER - 1)
    found |= set(by_key.loc[by_key["at"] - before < CHATTER_S, "alarm"])
    return alarms[alarms["alarm"].isin(found)].drop_duplicates("key")


def _fleeting(alarms: pd.DataFrame, chatter: pd.DataFrame) -> int:
    """Return how many were over within a minute, unanswered, without chattering."""
    answered = alarms["acknowledged"] <= alarms["returned"]
    short = (alarms["returned"] - alarms["told"] <= FLEETING_S) & ~answered
    return int((short & ~alarms["key"].isin(chatter["key"])).sum())


def _cut(
    spans: pd.DataFrame, states: frozenset[AlarmState] | set[AlarmState], start: float, end: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return begin and end of the spans in these states, cut to the period."""
    mine = spans[spans["state"].isin([s.value for s in states])]
    begins = mine["start"].to_numpy(dtype=np.float64).clip(min=start)
    ends = mine["end"].fillna(end).to_numpy(dtype=np.float64).clip(max=end)
    real = ends > begins
    return begins[real], ends[real]


def _mean_standing(
    spans: pd.DataFrame, states: frozenset[AlarmState], start: float, end: float
) -> float | None:
    begins, ends = _cut(spans, states, start, end)
    return float((ends - begins).sum()) / (end - start) if end > start else None


def _at(spans: pd.DataFrame, states: frozenset[AlarmState], at: float) -> int:
    mine = spans[spans["state"].isin([s.value for s in states])]
    return int(((mine["start"] <= at) & (mine["end"].isna() | (mine["end"] > at))).sum())


def _most(spans: pd.DataFrame, states: set[AlarmState], start: float, end: float) -> float | None:
    """Return how many were in these states at the same time, at the most."""
    if end <= start:
        return None
    begins, ends = _cut(spans, states, start, end)
    moves = np.concatenate([begins, ends])
    steps = np.concatenate([np.ones(len(begins)), -np.ones(len(ends))])
    order = np.lexsort((steps, moves))  # who leaves at an instant leaves before who comes
    running = np.cumsum(steps[order])
    return float(running.max()) if running.size else 0.0


def _touched(spans: pd.DataFrame, start: float, end: float) -> float:
    """Return how many alarms were suppressed by design or out of service for a while."""
    states = [AlarmState.SUPPRESSED.value, AlarmState.OUT_OF_SERVICE.value]
    here = spans[spans["state"].isin(states) & (spans["start"] < end)]
    return float(here.loc[here["end"].isna() | (here["end"] > start), "alarm"].nunique())


def _stale(spans: pd.DataFrame, start: float, end: float) -> float | None:
    """Return how many stood for more than a day, on the worst day of the period.

    One that moves from unacknowledged to acknowledged goes on standing; one put aside does not.
    """
    if end <= start:
        return None
    mine = spans[spans["state"].isin([s.value for s in SHOWN])].sort_values(["alarm", "start"])
    if mine.empty:
        return 0.0
    ends = mine["end"].fillna(np.inf)
    goes_on = (mine["alarm"] == mine["alarm"].shift()) & (mine["start"] == ends.shift())
    runs = mine.assign(end=ends, run=(~goes_on).cumsum()).groupby("run")
    begun = runs["start"].min().to_numpy(dtype=np.float64) + STALE_S
    over = runs["end"].max().to_numpy(dtype=np.float64)
    days = max(len(counted(np.empty(0), start, end, DAY)), 1)
    edges = np.minimum(start + DAY * np.arange(1, days + 1), end)
    return float(max(int(((begun < at) & (over >= at)).sum()) for at in edges))


def _in_time(alarms: pd.DataFrame, log: Log) -> Figure:
    """Return which part was acknowledged within the time its rule gives.

    Those that still wait, within their time, are not judged yet.
    """
    if alarms.empty:
        return Figure("in_time", None)
    most = alarms["rule"].map(dict(log.within)).astype("float64")
    until = alarms["acknowledged"].fillna(log.end) - alarms["told"]
    judged = most.notna() & (alarms["acknowledged"].notna() | (until > most))
    good = judged & alarms["acknowledged"].notna() & (until <= most)
    whole, kept = int(judged.sum()), int(good.sum())
    return Figure("in_time", 100.0 * kept / whole if whole else None, parts=(kept, whole))


def _outcomes(alarms: pd.DataFrame, outcome: str) -> Figure:
    """Return the share of an outcome among the alarms of which somebody said what they were."""
    said = alarms["outcome"].dropna()
    mine, whole = int((said == outcome).sum()), len(said)
    return Figure(outcome, 100.0 * mine / whole if whole else None, parts=(mine, whole))
