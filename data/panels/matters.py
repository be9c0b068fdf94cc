"""Open matters to the queue and the map."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from data.cases import STEPS
from data.catalogue import Catalogue
from data.queries.cases import Flow, OpenCase, OpenCount, flow_since, open_counts, open_matters
from data.queries.keys import Keys
from data.vocabulary import (
    LOCAL,
    CaseRow,
    MapArea,
    MapPanel,
    MapPoint,
    QueuePanel,
    Stage,
)

ROWS = 8
POINTS = 400
"""Markers drawn at most, the gravest first: more hide each other and cost every display."""
WAITING, CHECKING = {Stage.REPORTED, Stage.OPENED, Stage.DISPATCHED}, {Stage.CHECKING}


@dataclass(frozen=True)
class Shown:
    """The matters of one area that are shown one by one, gravest first."""

    first: Sequence[OpenCase] = ()
    placed: Sequence[OpenCase] = ()


@dataclass(frozen=True)
class Asked:
    """What was asked of the store: all of it counted, of each area only what is shown."""

    counts: Sequence[OpenCount]
    shown: dict[str, Shown]
    flow: dict[int, Flow]


def ask(
    conn: Connection,
    areas: Sequence[str],
    catalogue: Catalogue,
    keys: Keys,
    now: datetime,
    *,
    queue: bool = True,
) -> Asked:
    """Ask the store for the matters of some areas. queue: not only for the header."""
    midnight = now.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    shown = {}
    for area in areas:
        county = None if area == catalogue.city.code else keys.areas[area]
        shown[area] = Shown(
            open_matters(conn, county, limit=ROWS if queue else 1),
            open_matters(conn, county, limit=POINTS, placed=True) if queue else (),
        )
    if not queue:
        return Asked((), shown, {})
    return Asked(open_counts(conn, now), shown, flow_since(conn, midnight, now))


class Matters:
    """The open matters of the city, asked once and split by area."""

    def __init__(self, asked: Asked, catalogue: Catalogue, keys: Keys) -> None:
        self.asked, self.catalogue, self.keys = asked, catalogue, keys
        self.area = {i: catalogue.areas[code] for code, i in keys.areas.items()
                     if code in catalogue.areas}  # fmt: skip
        self.departments = {
            i: catalogue.departments[code].short or catalogue.departments[code].name
            for code, i in keys.departments.items()
            if code in catalogue.departments
        }
        self.categories = {
            i: catalogue.categories[code].name
            for code, i in keys.categories.items()
            if code in catalogue.categories
        }

    def counts(self, area: str) -> list[OpenCount]:
        """Return the counts of the city or of one county."""
        if area == self.catalogue.city.code:
            return list(self.asked.counts)
        county = self.keys.areas[area]
        return [n for n in self.asked.counts if n.county_id == county]

    def queue(self, area: str) -> QueuePanel:
        """Return the queue panel of an area."""
        counts = self.counts(area)
        stages: Counter[Stage] = Counter()
        for n in counts:
            stages[Stage(n.stage)] += n.n
        flows = self._flows(area)
        return {
            "rows": [self.row(r) for r in self.asked.shown[area].first],
            "total": sum(n.n for n in counts),
            "waiting": sum(stages[s] for s in WAITING),
            "handling": stages[Stage.HANDLING],
            "checking": sum(stages[s] for s in CHECKING),
            "closed_today": sum(f.closed for f in flows),
            "due_today": sum(f.due for f in flows),
            "on_time_today": sum(f.on_time for f in flows),
        }

    def _flows(self, area: str) -> list[Flow]:
        if area == self.catalogue.city.code:
            return list(self.asked.flow.values())
        found = self.asked.flow.get(self.keys.areas[area])
        return [found] if found else []

    def row(self, r: OpenCase) -> CaseRow:
        """Return one queue row."""
        area, county = self.area[r.area_id], self.area[r.county_id]
        return {
            "case_no": r.case_no,
            "level": r.level,
            "title": r.title,
            "category": self.categories[r.category_id],
            "county": county.short,
            "town": area.short if area.level == 3 else None,
            "department": self.departments[r.department_id],
            "stage": r.stage,
            "state": r.state,
            "step": STEPS[Stage(r.stage)],
            "due_at": r.due_at.timestamp() if r.due_at else None,
        }

    def map(self, area: str) -> MapPanel:
        """Return the map panel: always the whole city, points of the chosen area.

        undrawn: how many with a position have no point, since others are graver.
        """
        counts = self.counts(area)
        points: list[MapPoint] = [
            {"case_no": r.case_no, "level": r.level, "lon": r.lon, "lat": r.lat, "title": r.title}
            for r in self.asked.shown[area].placed
            if r.lon is not None and r.lat is not None
        ]
        levels: Counter[int] = Counter()
        for n in counts:
            levels[n.level] += n.n
        return {
            "areas": [self._map_area(a) for a in self.catalogue.counties()],
            "points": points,
            "total": sum(n.n for n in counts),
            "overdue": sum(n.overdue for n in counts),
            "by_level": {str(level): levels[level] for level in (1, 2, 3, 4)},
            "undrawn": sum(n.placed for n in counts) - len(points),
        }

    def _map_area(self, area: Any) -> MapArea:
        counts = self.counts(area.code)
        return {
            "code": area.code,
            "name": area.name,
            "lon": area.lon,
            "lat": area.lat,
            "statutory": area.statutory,
            "open": sum(n.n for n in counts),
            "overdue": sum(n.overdue for n in counts),
        }

    def red(self, area: str) -> CaseRow | None:
        """Return the gravest level-1 matter, which takes the header."""
        first = self.asked.shown[area].first
        return self.row(first[0]) if first and first[0].level == 1 else None
