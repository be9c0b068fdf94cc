"""The four domain panels of an afternoon."""

from __future__ import annotations

from typing import Any

from data.vocabulary import DomainPanel, Tile
from tests.samples.city import DOMAINS, NOW, names
from tests.samples.figures import no_data, partial, stale, tile, watch


def domains(now: float = NOW, *, long: bool = False) -> dict[str, DomainPanel]:
    """Return the four domain panels; `long` has the longest names we must survive."""
    sets: dict[str, list[Tile]] = {
        "public_safety": _public_safety(now),
        "transport": _transport(now),
        "health": _health(now),
        "services": _services(now),
    }
    if long:
        for one in (one for listed in sets.values() for one in listed):
            one["name"] = names(one["name"]["zh"], "Parallel approvals past promised date")
            one["unit"] = names(one["unit"]["zh"], "requests")
    return {k: {"domain": k, "name": DOMAINS[k], "tiles": v} for k, v in sets.items()}


def tiles() -> dict[str, list[str]]:
    """Return the codes of the sample tiles by domain."""
    return {k: [t["code"] for t in p["tiles"]] for k, p in domains().items()}


def _called(zh: str, en: str, unit_zh: str, unit_en: str) -> dict[str, Any]:
    return {"name": names(zh, en), "unit": names(unit_zh, unit_en)}


def _public_safety(now: float) -> list[Tile]:
    disputes = _called("矛盾纠纷在调", "Disputes open", "件", "files")
    grid = _called("网格事件超时", "Grid events late", "件", "events")
    level = _called("新丰江水库水位", "Xinfengjiang level", "m", "m")
    return [
        tile("PS-01", now=now),
        tile("PS-20", **disputes, value=62.0, now=now),
        watch("PS-31", 3, **grid, value=7.0, now=now),
        tile("PS-40", **level, value=113.6, decimals=1, now=now),
    ]


def _transport(now: float) -> list[Tile]:
    buses = _called("公交在线车辆", "Buses in service", "辆", "buses")
    on_time = _called("公交准点率", "Bus punctuality", "%", "%")
    speed = _called("主干道均速", "Main-road speed", "km/h", "km/h")
    crashes = _called("在处交通事故", "Crashes in hand", "起", "crashes")
    gaps = [4.0, 5.0, None, None, 6.0, 5.0, 4.0, 5.0] * 3
    return [
        partial("TR-20", **buses, value=412.0, now=now),
        watch("TR-01", 3, rising=False, **on_time, value=82.4, decimals=1, now=now),
        tile("TR-28", **speed, value=31.0, now=now),
        tile("TR-31", **crashes, value=5.0, trend=gaps, band=[(2.0, 8.0)] * 24, now=now),
    ]


def _health(now: float) -> list[Tile]:
    arrival = _called("急救平均到达", "Ambulance arrival", "分钟", "min")
    fever = _called("发热门诊就诊", "Fever clinic today", "人次", "visits")
    beds = _called("三级医院床位使用", "Bed occupancy", "%", "%")
    return [
        tile("HE-22", **arrival, value=13.8, decimals=1, now=now),
        watch("HE-23", 4, **fever, value=318.0, reported=7, expected=8, now=now),
        no_data("HE-05", **beds, now=now),
        stale("HE-21", now=now),
    ]


def _services(now: float) -> list[Tile]:
    requests = _called("今日办件", "Requests today", "件", "requests")
    wait = _called("窗口平均等候", "Mean counter wait", "分钟", "min")
    overdue = _called("并联审批超期", "Parallel approvals overdue", "件", "files")
    answered = _called("12345接通率", "12345 answered", "%", "%")
    return [
        tile("GS-04", **requests, value=4286.0, now=now),
        tile("GS-28", **wait, value=9.0, now=now),
        watch("GS-30", 2, **overdue, value=3.0, now=now),
        tile("GS-07", **answered, value=96.8, decimals=1, now=now),
    ]
