"""The alarm log of a period as frames: what the figures are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

TOLD = ("at", "alarm", "rule", "position", "priority")
SPANS = ("alarm", "rule", "position", "state", "active", "start", "end")
ALARMS = (
    "alarm", "key", "rule", "position", "priority", "told", "acknowledged", "returned", "outcome",
    "latched",
)  # fmt: skip
PUT_ASIDE = ("at", "alarm", "position", "act", "allowed")


def empty(columns: tuple[str, ...]) -> pd.DataFrame:
    """Return a frame without rows."""
    return pd.DataFrame({name: pd.Series(dtype="float64") for name in columns})


@dataclass(frozen=True)
class Log:
    """What happened in a period; heartbeats and tests are not in it. Times are epoch seconds.

    told: alarms put before an operator, each time anew (also worsened, also come back); from ten
        minutes before the period on.
    alarms: those told in the period. told: the first time; NaN: it never was acknowledged, or
        never returned. outcome: None until somebody says it.
    spans: how long alarms stood in each state, cut to nothing; end NaN: still so.
    aside: shelved, suppressed, taken out of service; allowed: with a reason, by plan or person.
    since: from when on there is a log at all. within: seconds an alarm of a rule may wait.
    """

    start: float
    end: float
    since: float
    told: pd.DataFrame = field(default_factory=lambda: empty(TOLD))
    alarms: pd.DataFrame = field(default_factory=lambda: empty(ALARMS))
    spans: pd.DataFrame = field(default_factory=lambda: empty(SPANS))
    aside: pd.DataFrame = field(default_factory=lambda: empty(PUT_ASIDE))
    within: Mapping[str, float] = field(default_factory=dict)
