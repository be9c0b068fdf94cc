"""Header and map, and every panel together."""

from __future__ import annotations

from typing import Any

from components.wall import CityWall
from data.vocabulary import CaseRow, HeaderPanel, MapPanel
from tests.samples.alarms import alarms, stage
from tests.samples.city import AREAS, CITY, DOMAINS, NOW
from tests.samples.feeds import sources
from tests.samples.four_domains import domains, tiles
from tests.samples.matters import queue, red_case

CITY_WALL = CityWall(name=CITY, areas=AREAS, tiles=tiles(), names=DOMAINS, build="b1")


def map_panel() -> MapPanel:
    """Return the open matters on the map."""
    spots = {
        "441602": (114.640232, 23.687787, 5, 1), "441621": (115.052344, 23.521339, 3, 0),
        "441622": (115.351489, 24.331208, 3, 0), "441623": (114.532769, 24.336646, 1, 0),
        "441624": (115.000636, 24.449485, 2, 0), "441625": (114.815054, 23.930245, 2, 1),
        "4416JD": (114.79, 23.68, 1, 0), "4416GX": (114.64, 23.6, 0, 0),
    }  # fmt: skip
    points = [
        (2, 114.55, 24.02), (2, 115.25, 23.58), (3, 115.42, 24.62), (3, 115.05, 24.02), (3, 114.66, 23.74),
        (3, 114.64, 23.70), (3, 114.86, 23.62), (4, 114.67, 23.72), (4, 114.63, 23.66), (4, 114.65, 23.66),
        (4, 114.84, 24.55), (4, 114.70, 24.36), (4, 115.08, 24.45), (4, 115.46, 24.45), (4, 115.24, 24.14),
        (4, 114.90, 23.38), (4, 115.32, 23.42), (4, 114.53, 24.34),
    ]  # fmt: skip
    return {
        "areas": [
            {"code": c, "name": AREAS[c], "lon": lon, "lat": lat, "statutory": c[4:].isdigit(), "open": n, "overdue": o}
            for c, (lon, lat, n, o) in spots.items()
        ],
        "points": [
            {"case_no": f"ZD-{i:04}", "level": level, "lon": lon, "lat": lat, "title": f"事项 {i}"}
            for i, (level, lon, lat) in enumerate(points)
        ],
        "total": 18,
        "overdue": 2,
        "by_level": {"1": 0, "2": 2, "3": 5, "4": 11},
    }  # fmt: skip


def header(now: float = NOW, *, red: CaseRow | None = None, calm: bool = False) -> HeaderPanel:
    """Return the header with a flood response in force."""
    response: Any = {
        "level": 4, "headline": "防汛Ⅳ级应急响应", "event": "防汛", "sent_at": now - 20 * 3600,
        "expires_at": None, "areas": ["441600"], "response": True, "verified": True,
    }  # fmt: skip
    return {
        "demo": True,
        "scenario": None,
        "response": None if calm else response,
        "warnings": [] if calm else [response],
        "red": red,
    }


def panels(
    now: float = NOW, *, long: bool = False, red: bool = False, bad: int = 1
) -> dict[str, Any]:
    """Return every panel of the wall, by panel name."""
    waiting = queue(now, long=long)
    where = map_panel()
    if red:
        waiting["rows"] = [red_case(now, stage="handling", step=3), *waiting["rows"][:7]]
        waiting["total"] += 1
        where["points"].append(
            {"case_no": "ZD-0099", "level": 1, "lon": 115.2, "lat": 24.08, "title": "危化品"}
        )
        where["total"], where["by_level"]["1"] = 19, 1
    return {
        "header": header(now, red=red_case(now) if red else None),
        "map": where,
        **{f"domain-{k}": p for k, p in domains(now, long=long).items()},
        "queue": waiting,
        "sources": sources(now, bad=bad),
        "stage": stage(),
        "alarms": alarms(red=red),
    }
