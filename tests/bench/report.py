"""One JSON line a measure, with the machine it was taken on."""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from functools import cache
from typing import Any

import psutil

from tests.bench.limits import LEAST, LIMITS

MISSED: list[str] = []
"""Measures of this run that are over their limit."""


@cache
def machine() -> dict[str, Any]:
    """Return what this machine is."""
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        models = [x.split(":", 1)[1].strip() for x in lines if x.startswith("model name")]
    return {
        "cores": os.cpu_count(),
        "cpu": models[0] if models else platform.processor(),
        "mem_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "python": platform.python_version(),
    }


def emit(
    measure: str,
    value: float | None,
    unit: str,
    *,
    yardstick: tuple[str, float] | None = None,
    **detail: Any,
) -> None:
    """Print one line. `measure` is the limit's name, with the case behind a dot."""
    name = measure.partition(".")[0]
    limit, least = LIMITS.get(name), LEAST.get(name)
    ok = None if limit is None else value is not None and value <= limit
    if least is not None:
        limit, ok = least, value is not None and value >= least
    if ok is False:
        MISSED.append(measure)
    ratio = None
    if yardstick and value is not None and yardstick[1]:
        ratio = round(value / yardstick[1], 3)
    line = {
        "measure": measure,
        "value": None if value is None else round(value, 3),
        "unit": unit,
        "limit": limit,
        "ok": ok,
        "ratio": ratio,
        "yardstick": {"name": yardstick[0], "value": round(yardstick[1], 3)} if yardstick else None,
        "detail": detail,
        "machine": machine() | {"load": round(os.getloadavg()[0], 2)},
        "at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }
    print(json.dumps(line, ensure_ascii=False), flush=True)


def say(words: str) -> None:
    """Tell the person who waits, on stderr."""
    print(f"bench: {words}", file=sys.stderr, flush=True)


def quantile(values: list[float], share: float) -> float:
    """Return the value that `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")
