"""Tiles in every state."""

from __future__ import annotations

import math
from typing import Any, cast

from data.vocabulary import Tile
from tests.samples.city import NOW, names


def tile(code: str = "PS-01", *, now: float = NOW, **changes: Any) -> Tile:
    """Return a normal tile, changed as asked."""
    seed = sum(map(ord, code))
    value = changes.get("value", 143.0)
    centre = float(value) if value else 10.0
    wave = [1 + 0.06 * math.sin(i * 0.9 + seed) + 0.03 * math.sin(i * 2.3) for i in range(24)]
    one: Tile = {
        "code": code,
        "name": names("今日警情接报", "110 calls today"),
        "unit": names("起", "calls"),
        "decimals": 0,
        "value": value,
        "status": "normal",
        "level": 0,
        "why": names("在正常区间内", "Within its normal range"),
        "observed_at": now - 60,
        "known_at": now - 30,
        "ttl": 300,
        "source": "yuepingan",
        "trend": [round(centre * w, 2) for w in wave],
        "band": [(round(centre * 0.88, 2), round(centre * 1.12, 2))] * 24,
        "reported": 8,
        "expected": 8,
    }
    return cast(Tile, one | changes)


def watch(code: str, level: int, *, rising: bool = True, **changes: Any) -> Tile:
    """Return a tile that left its normal range."""
    value = float(changes["value"])
    way = 1 if rising else -1
    trend = [round(value * (1 - way * 0.012 * (23 - i)), 3) for i in range(24)]
    band = [(round(value * 0.72, 2), round(value * 0.9, 2))] * 24
    if not rising:
        band = [(round(value * 1.06, 2), round(value * 1.25, 2))] * 24
    status = "alert" if level <= 2 else "watch"
    return tile(code, level=level, status=status, trend=trend, band=band, **changes)


def stale(code: str = "HE-21", *, now: float = NOW, **changes: Any) -> Tile:
    """Return a tile whose source is late: its last known level must not show."""
    base: dict[str, Any] = {
        "name": names("血液库存可用", "Blood stock"),
        "unit": names("天", "days"),
        "value": 6.2,
        "decimals": 1,
        "known_at": now - 360,
        "status": "stale",
        "level": 3,
        "why": names("血液管理系统延迟", "Blood bank is late"),
    }
    return tile(code, now=now, **{**base, **changes})


def no_data(code: str = "HE-05", **changes: Any) -> Tile:
    """Return a tile nobody has reported."""
    base: dict[str, Any] = {"value": None, "status": "no_data", "known_at": None, "trend": []}
    return tile(code, **{**base, "observed_at": None, "band": [], **changes})


def partial(code: str = "HE-23", **changes: Any) -> Tile:
    """Return a tile one county has not reported for."""
    return tile(code, **{"reported": 7, "expected": 8, **changes})
