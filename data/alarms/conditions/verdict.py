"""What a condition says of one thing in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from data.alarms.facts import Doubt, Measured
from data.vocabulary import Names

DOUBTS: dict[str, Names] = {
    "": Names(zh="无法判断", en="cannot be judged"),
    "no_data": Names(zh="无数据，无法判断", en="no data: cannot be judged"),
    "stale": Names(zh="数据已过期，无法判断", en="stale: cannot be judged"),
    "hidden": Names(zh="小数保护，不作判断", en="protected small count: not judged"),
    "future": Names(zh="数据时间晚于当前时间，不予采信", en="from the future: not believed"),
    "partial": Names(zh="部分地区未报，无法判断", en="areas are missing: cannot be judged"),
    "no_baseline": Names(zh="历史不足，无常态区间", en="no normal band yet"),
    "too_few": Names(zh="点数不足，无控制限", en="too few points for limits"),
}


@dataclass(frozen=True)
class Verdict:
    """holds None: cannot be judged. at: since when what it stands on is so, never after the look.

    object: the thing in the place (a case, a warning's event, a source), "" for the place itself.
    priority: its own, where it has one; None: the rule's. cause: what ties alarms together.
    """

    holds: bool | None
    at: datetime
    said: Names
    value: float | None = None
    limit: float | None = None
    unit: Names | None = None
    area: str = ""
    object: str = ""
    priority: int | None = None
    cause: str = ""
    doubt: Doubt = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)


def unknown(doubt: Doubt, at: datetime, **more: Any) -> Verdict:
    """Return that nothing can be judged, and why. It tells no value."""
    return Verdict(None, at, DOUBTS[doubt], doubt=doubt, evidence={"doubt": doubt}, **more)


def rows_of(measured: Measured) -> dict[str, Any]:
    """Return as plain JSON what a value stands on."""
    return {
        "value": measured.value,
        "at": measured.at.timestamp() if measured.at else None,
        "known_at": measured.known_at.timestamp() if measured.known_at else None,
        "reported": measured.reported,
        "expected": measured.expected,
        "rows": [list(row) for row in measured.rows],
    }
