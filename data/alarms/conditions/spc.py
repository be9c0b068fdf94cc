"""A special cause in the control chart of whole days or weeks."""

from __future__ import annotations

from datetime import datetime

from data.alarms.conditions.verdict import Verdict, unknown
from data.alarms.conditions.words import both, measure
from data.alarms.facts import Charted, past
from data.catalogue.alarm_entries import Spc
from data.catalogue.entries import Indicator
from data.vocabulary import Names

SIGNALS: dict[str, Names] = {
    "concern": both("转差信号", "special cause of concern"),
    "improvement": both("转好信号", "special cause of improvement"),
    "neutral": both("异常变化信号", "special cause"),
    "common": both("常态波动", "common cause"),
}


def judge(
    condition: Spc, indicator: Indicator, charted: Charted, *, now: datetime, area: str = ""
) -> Verdict:
    """Return whether the last whole period is one of the signals that are asked for."""
    if charted.signal is None:
        return unknown(charted.doubt or "too_few", now, unit=indicator.unit, area=area)
    word = SIGNALS.get(charted.signal, SIGNALS["neutral"])
    told = measure(indicator, charted.value) if charted.value is not None else both("—", "—")
    return Verdict(
        charted.signal in condition.signals,
        past(charted.at, now),
        both(
            f"{indicator.name['zh']} {charted.period} {told['zh']}，{word['zh']}",
            f"{indicator.name['en']} {charted.period} {told['en']}: {word['en']}",
        ),
        charted.value,
        None,
        indicator.unit,
        area,
        evidence={
            "kind": "spc",
            "indicator": condition.indicator,
            "grain": condition.grain,
            "period": charted.period,
            "signal": charted.signal,
            "rules": list(charted.rules),
            "value": charted.value,
            "centre": charted.centre,
            "lower": charted.lower,
            "upper": charted.upper,
            "points": charted.points,
        },
    )
