"""Open matters to the queue and the map."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from data.cases import STEPS
from data.catalogue import Catalogue
from data.queries.cases import Flow, OpenCase
from data.queries.keys import Keys
from data.vocabulary import (
    CaseRow,
    MapArea,
    MapPanel,
    MapPoint,
    QueuePanel,
    Stage,
)

ROWS = 8
WAITING, CHECKING = {Stage.REPORTED, Stage.OPENED, Stage.DISPATCHED}, {Stage.CHECKING}


class Matters:
    """The open matters of the city, asked once and split by area."""

    def __init__(
        self,
        rows: list[OpenCase],
        flow: dict[int, Flow],
        catalogue: Catalogue,
        keys: Keys,
        now: datetime,
    ) -> None:
        self.rows, self.flow, self.catalogue, self.now = rows, flow, catalogue, now
        self.keys = keys
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

    def of(self, area: str) -> list[OpenCase]:
        """Return the matters of the city or of one county, gravest first."""
        if area == self.catalogue.city.code:
            return self.rows
        county = self.keys.areas[area]
        return [r for r in self.rows if r.county_id == county]

    def overdue(self, rows: list[OpenCase]) -> int:
        """Count matters past their limit."""
        return sum(1 for r in rows if r.due_at is not None and r.due_at < self.now)

    def queue(self, area: str) -> QueuePanel:
        """Return the queue panel of an area."""
        rows = self.of(area)
        stages = Counter(Stage(r.stage) for r in rows)
        flows = self._flows(area)
        return {
            "rows": [self.row(r) for r in rows[:ROWS]],
            "total": len(rows),
            "waiting": sum(stages[s] for s in WAITING),
            "handling": stages[Stage.HANDLING],
            "checking": sum(stages[s] for s in CHECKING),
            "closed_today": sum(f.closed for f in flows),
            "due_today": sum(f.due for f in flows),
            "on_time_today": sum(f.on_time for f in flows),
        }

    def _flows(self, area: str) -> list[Flow]:
        if area == self.catalogue.city.code:
            return list(self.flow.values())
        found = self.flow.get(self.keys.areas[area])
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
            "step": STEPS[Stage(r.stage)],
            "due_at": r.due_at.timestamp() if r.due_at else None,
        }

    def map(self, area: str) -> MapPanel:
        """Return the map panel: always the whole city, points of the chosen area."""
        rows = self.of(area)
        points: list[MapPoint] = [
            {"case_no": r.case_no, "level": r.level, "lon": r.lon, "lat": r.lat, "title": r.title}
            for r in rows
            if r.lon is not None and r.lat is not None
        ]
        levels = Counter(r.level for r in rows)
        return {
            "areas": [self._map_area(a) for a in self.catalogue.counties()],
            "points": points,
            "total": len(rows),
            "overdue": self.overdue(rows),
            "by_level": {str(level): levels[level] for level in (1, 2, 3, 4)},
        }

    def _map_area(self, area: Any) -> MapArea:
        rows = self.of(area.code)
        return {
            "code": area.code,
            "name": area.name,
            "lon": area.lon,
            "lat": area.lat,
            "statutory": area.statutory,
            "open": len(rows),
            "overdue": self.overdue(rows),
        }

    def red(self, area: str) -> CaseRow | None:
        """Return the gravest level-1 matter, which takes the header."""
        rows = [r for r in self.of(area) if r.level == 1]
        return self.row(rows[0]) if rows else None
