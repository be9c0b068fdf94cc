"""What is reported, how often, and how long it takes: one line a category."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from data.catalogue import catalogue

Levels = tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Kind:
    """One category of request.

    per_day: on a plain workday. hours, spread: median and log-spread of the time
    to closure when on time. late: share closed after the deadline; overrun_h: by
    how much on average. office: closures keep to office hours. levels: colours
    of matters with their shares, empty for routine requests. urban: only where
    the city lines run.
    """

    source: str
    category: str
    per_day: float
    profile: str
    week: str
    hours: float
    spread: float
    late: float
    overrun_h: float
    season: str = "none"
    office: bool = False
    levels: Levels = ()
    urban: bool = False


def _matter(
    source: str, category: str, per_day: float, share: float, levels: Levels, season: str = "none"
) -> Kind:
    """Return a matter that takes `share` of its limit."""
    limit = catalogue().categories[category].limit_h
    week = "office" if category == "approval_overdue" else "even"
    profile = "office" if week == "office" else "flat"
    hours = limit * share
    return Kind(
        source, category, per_day, profile, week, hours, 0.25, 0.055, 17, season,
        levels=levels, urban=category == "bus_disruption",
    )  # fmt: skip


@cache
def kinds() -> tuple[Kind, ...]:
    """Return every kind; a kind's number is its place here."""
    ypa, line, desk = "yuepingan", "hotline", "approvals"
    return (
        Kind(ypa, "police_criminal", 23, "calls", "calls", 1.4, 0.4, 0.01, 8),
        Kind(ypa, "police_order", 114, "calls", "calls", 0.8, 0.4, 0.004, 4),
        Kind(ypa, "police_fraud", 27, "calls", "calls", 1.2, 0.4, 0.01, 8),
        Kind(ypa, "police_help", 216, "calls", "calls", 0.6, 0.4, 0.004, 3),
        Kind(ypa, "fire", 3, "fire", "fire", 0.9, 0.3, 0.01, 2, "winter"),
        Kind(ypa, "fire_rescue", 14, "fire", "calls", 0.6, 0.3, 0.005, 2),
        Kind(ypa, "traffic_crash", 60, "traffic", "traffic", 0.8, 0.3, 0.01, 1),
        Kind(ypa, "traffic_jam", 90, "traffic", "traffic", 0.4, 0.3, 0.008, 1),
        Kind(ypa, "dispute", 40, "grid", "grid", 27, 0.8, 0.03, 24, office=True),
        Kind(ypa, "grid_event", 90, "grid", "grid", 11, 0.7, 0.019, 78, office=True),
        Kind(line, "hotline_consult", 217, "hotline", "hotline", 6, 0.8, 0.008, 20, office=True),
        Kind(line, "hotline_help", 155, "hotline", "hotline", 52, 0.6, 0.008, 26, office=True),
        Kind(line, "hotline_complaint", 112, "hotline", "hotline", 70, 0.6, 0.01, 28, office=True),
        Kind(line, "hotline_city", 87, "hotline", "hotline", 34, 0.6, 0.01, 24, office=True),
        Kind(line, "hotline_utility", 50, "hotline", "hotline", 16, 0.7, 0.01, 20, office=True),
        Kind(desk, "window_service", 520, "office", "office", 4, 1.0, 0.004, 20, office=True),
        Kind(desk, "approval_parallel", 14, "office", "office", 355, 0.2, 0.04, 60, office=True),
        *_matters(ypa, line, desk),
    )


def _matters(ypa: str, line: str, desk: str) -> tuple[Kind, ...]:
    """Return the kinds that the wall lists one by one, about 46 a day together."""
    return (
        _matter(ypa, "work_accident", 1.6, 0.8, ((2, 0.75), (3, 0.25))),
        _matter(ypa, "flood_risk", 1.2, 0.8, ((2, 0.7), (3, 0.3)), "rain"),
        _matter(ypa, "geohazard", 0.8, 0.8, ((2, 0.7), (3, 0.3)), "rain"),
        _matter(ypa, "hazmat", 0.05, 0.8, ((2, 1.0),)),
        _matter(ypa, "public_order_risk", 5, 0.75, ((2, 0.12), (3, 0.58), (4, 0.3))),
        _matter(ypa, "road_blocked", 4.5, 0.75, ((3, 0.7), (4, 0.3)), "rain"),
        _matter(ypa, "bus_disruption", 4, 0.75, ((3, 0.4), (4, 0.6))),
        _matter(ypa, "school_bus", 4, 0.75, ((4, 1.0),)),
        _matter(ypa, "health_event", 2, 0.8, ((2, 0.15), (3, 0.5), (4, 0.35))),
        _matter(ypa, "hospital_overload", 7, 0.8, ((4, 1.0),), "winter"),
        _matter(line, "utility_outage", 8, 0.8, ((4, 1.0),)),
        _matter(line, "hotline_escalated", 8, 0.7, ((3, 0.15), (4, 0.85))),
        _matter(desk, "approval_overdue", 2.4, 0.8, ((2, 0.7), (3, 0.3))),
    )


@dataclass(frozen=True)
class Table:
    """The kinds column by column, for drawing a whole day at once."""

    per_day: np.ndarray
    hours: np.ndarray
    spread: np.ndarray
    late: np.ndarray
    overrun_h: np.ndarray
    limit_s: np.ndarray
    office: np.ndarray
    matter: np.ndarray
    source: np.ndarray
    queue: np.ndarray
    urban: np.ndarray


@cache
def table() -> Table:
    """Return the kinds as columns; matters share one queue, so that lateness is even."""
    rows, known = kinds(), catalogue().categories
    source = {name: k for k, name in enumerate(dict.fromkeys(r.source for r in rows))}
    matter = np.array([known[r.category].matter for r in rows])
    return Table(
        per_day=np.array([r.per_day for r in rows]),
        hours=np.array([r.hours for r in rows]),
        spread=np.array([r.spread for r in rows]),
        late=np.array([r.late for r in rows]),
        overrun_h=np.array([r.overrun_h for r in rows]),
        limit_s=np.array([known[r.category].limit_h * 3600 for r in rows]),
        office=np.array([r.office for r in rows]),
        matter=matter,
        source=np.array([source[r.source] for r in rows]),
        queue=np.where(matter, len(rows), np.arange(len(rows))),
        urban=np.array([r.urban for r in rows]),
    )


@cache
def source_number(source: str) -> int:
    """Return the number of a source in `Table.source`, -1 when it has no requests."""
    names = list(dict.fromkeys(r.source for r in kinds()))
    return names.index(source) if source in names else -1


@cache
def service_code(kind: int) -> str:
    """Return the code by which the kind's own platform calls it."""
    row = kinds()[kind]
    codes = catalogue().sources[row.source].categories
    return next(code for code, category in codes.items() if category == row.category)
