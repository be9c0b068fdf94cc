"""The sources page: each source with its units, each department, the debts and what to propose."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, select

from data import models as m
from data.catalogue import Catalogue
from data.catalogue.addresses import waits
from data.catalogue.entries import Source
from data.indicators.freshness import source_state
from data.queries.debts import debts as open_debts
from data.queries.keys import Keys
from data.queries.quality import Finding, Period, UnitQuality, findings, unit_quality
from data.sharing.rules import proposals, silo
from data.sharing.words import (
    Board,
    Cell,
    DebtRow,
    DepartmentLine,
    FindingRow,
    SourceLine,
    UnitRow,
)
from data.vocabulary import LOCAL, Grain, Names, SourceState

WEEKS = 12
LOOKED = "quality:run"
"""Under this name the store keeps the newest run that the look at data quality has seen."""
SUMMED: tuple[Literal["expected", "received", "due", "timely", "read", "refused", "runs"], ...] = (
    "expected",
    "received",
    "due",
    "timely",
    "read",
    "refused",
    "runs",
)
ORDER = (
    SourceState.SILENT,
    SourceState.NEVER,
    SourceState.FAILED,
    SourceState.LATE,
    SourceState.FRESH,
)
"""Worst first; those that wait for their address come after all others."""


def board(
    conn: Connection, catalogue: Catalogue, keys: Keys, *, now: datetime, demo: bool
) -> Board:
    """Return everything above the drill. A fixed number of statements, none on facts or runs."""
    states = {r.source_id: r for r in conn.execute(select(m.source_state))}
    debts = open_debts(conn, catalogue, keys, now=now)
    looked = looked_at(conn)
    seen = datetime.fromtimestamp(looked, UTC) if looked is not None else None
    day = unit_quality(conn, catalogue, keys, now=now, as_of=seen)
    view = _View(catalogue, day, weeks_of(conn, keys, now=now), findings(conn, keys), debts, now)
    sources = [view.source(s, states.get(keys.sources[k])) for k, s in catalogue.sources.items()]
    sources.sort(key=lambda line: (line["waits"], ORDER.index(SourceState(line["state"]))))
    departments = department_lines(catalogue, sources)
    return {
        "now": now.timestamp(),
        "looked_at": looked,
        "demo": demo,
        "departments": departments,
        "sources": sources,
        "debts": debts,
        "proposals": proposals(sources, departments, debts, now=now.timestamp()),
        "domains": {d.key: d.name for d in catalogue.domains.values()},
    }


class _View:
    """What was asked for, sorted by source and area."""

    def __init__(
        self,
        catalogue: Catalogue,
        day: Iterable[UnitQuality],
        weeks: dict[str, list[Cell]],
        found: Iterable[Finding],
        debts: Iterable[DebtRow],
        now: datetime,
    ) -> None:
        self.catalogue, self.now = catalogue, now
        self.day = {(u["source"], u["area"]): u for u in day}
        self.weeks = weeks
        self.units: dict[str, list[UnitQuality]] = defaultdict(list)
        for (source, area), unit in self.day.items():
            if area is not None:
                self.units[source].append(unit)
        self.found: dict[tuple[str, str | None], list[FindingRow]] = defaultdict(list)
        for one in found:
            self.found[one["source"], one["area"]].append(self._finding(one))
        self.debts: dict[tuple[str | None, str | None], list[DebtRow]] = defaultdict(list)
        for debt in debts:
            self.debts[debt["source"], debt["area"]].append(debt)

    def _finding(self, one: Finding) -> FindingRow:
        area = self.catalogue.areas.get(one["area"] or "")
        return {
            "kind": one["kind"],
            "area": area.name if area else None,
            "indicator": one["indicator"],
            "first": one["first"],
            "last": one["last"],
            "times": one["times"],
            "value": one["value"],
            "detail": one["detail"],
        }

    def source(self, source: Source, state: Any) -> SourceLine:
        """Return one source with its units."""
        key, facts = source.key, self.catalogue
        whole = self.day.get((key, None))
        total = whole["total"] if whole else None
        return {
            "key": key,
            "name": source.name,
            "platform": source.platform,
            "department": source.department,
            "department_name": facts.departments[source.department].name,
            "domains": domains_of(facts, key),
            "connector": source.connector,
            "personal": source.personal,
            "waits": waits(source) and (state is None or state.last_try_at is None),
            "state": source_state(
                last_ok_at=state.last_ok_at if state else None,
                failures=state.failures if state else 0,
                every_s=source.every,
                stale_after_s=source.stale_after,
                now=self.now,
            ).value,
            "every": source.every,
            "learned": whole["rhythm"]["median_s"] if whole else None,
            "stale_after": source.stale_after,
            "failures": state.failures if state else 0,
            "error": state.error if state else None,
            "last_ok_at": _epoch(state.last_ok_at) if state else None,
            "last_new_at": _epoch(state.last_new_at) if state else None,
            "complete": _count(total, "received", "expected"),
            "timely": _count(total, "timely", "due"),
            "read": total["read"] if total else 0,
            "refused": total["refused"] if total else 0,
            "hours": [_cell(p) for p in whole["buckets"]] if whole else [],
            "weeks": self.weeks[key],
            "findings": [f for (s, _), rows in self.found.items() if s == key for f in rows],
            "debts": [d for (s, _), rows in self.debts.items() if s == key for d in rows],
            "units": [self._unit(u, source) for u in self.units[key]],
        }

    def _unit(self, unit: UnitQuality, source: Source) -> UnitRow:
        area = unit["area"] or ""
        total = unit["total"]
        department = self.catalogue.departments[source.department]
        return {
            "area": area,
            "name": self.catalogue.areas[area].name,
            "department": department.name,
            "state": unit["state"],
            "last_at": unit["last_at"],
            "complete": _count(total, "received", "expected"),
            "timely": _count(total, "timely", "due"),
            "read": total["read"],
            "refused": total["refused"],
            "findings": self.found.get((source.key, area), []),
            "debts": self.debts.get((source.key, area), []),
        }


def looked_at(conn: Connection) -> float | None:
    """Return up to which moment the look at data quality has counted: the newest run it saw."""
    i, r = m.store_info.c, m.ingest_run.c
    seen = conn.execute(select(i.value).where(i.key == LOOKED)).scalar()
    if seen is None:
        return None
    return _epoch(conn.execute(select(r.recorded_at).where(r.id == int(seen))).scalar())


def weeks_of(conn: Connection, keys: Keys, *, now: datetime) -> dict[str, list[Cell]]:
    """Return the last 12 ISO weeks of every source as a whole, oldest first, the running one last.

    Only rows of whole sources are read, by the primary key: units and
    indicators would be a hundred times as many.
    """
    local = now.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = local - timedelta(days=local.weekday())
    starts = [monday - timedelta(weeks=n) for n in range(WEEKS - 1, -1, -1)]
    found = {
        i: [Cell(start=at.timestamp(), **dict.fromkeys(SUMMED, 0)) for at in starts]  # type: ignore[typeddict-item]
        for i in keys.sources.values()
    }
    t = m.reception.c
    query = select(t.source_id, t.bucket, *(t[n] for n in SUMMED)).where(
        t.grain.in_((int(Grain.DAY), int(Grain.WEEK))),
        t.source_id.in_(list(found)),
        t.indicator_id == 0,
        t.area_id == 0,
        t.bucket >= starts[0],
    )
    for source, at, *counts in conn.execute(query):
        cell = found[source][bisect_right(starts, at) - 1]
        for name, count in zip(SUMMED, counts, strict=True):
            cell[name] += count
    return {key: found[i] for key, i in keys.sources.items()}


def _epoch(at: datetime | None) -> float | None:
    return at.timestamp() if at else None


def _count(total: Period | None, part: str, whole: str) -> Any:
    if total is None:
        return {"part": 0, "whole": 0}
    return {"part": total[part], "whole": total[whole]}  # type: ignore[literal-required]


def _cell(period: Period) -> Cell:
    return {
        "start": period["start"],
        "expected": period["expected"],
        "received": period["received"],
        "due": period["due"],
        "timely": period["timely"],
        "read": period["read"],
        "refused": period["refused"],
        "runs": period["runs"],
    }


def domains_of(catalogue: Catalogue, key: str) -> list[str]:
    """Return the domains a source feeds, itself or through the sources that lean on it."""
    leaning = [s.key for s in catalogue.sources.values() if key in (s.static, s.sites)]
    fed = {i.domain for k in (key, *leaning) for i in catalogue.of_source(k)}
    return [d for d in catalogue.domains if d in fed]


def department_lines(catalogue: Catalogue, sources: list[SourceLine]) -> list[DepartmentLine]:
    """Return each department: what it owns, and whether it arrives from sources of its own."""
    by_key = {line["key"]: line for line in sources}
    lines = []
    for department in catalogue.departments.values():
        own = [line for line in sources if line["department"] == department.key]
        owned = [i for i in catalogue.indicators.values() if i.department == department.key]
        others = {i.source for i in owned} - {line["key"] for line in own}
        through: list[Names] = [by_key[k]["name"] for k in by_key if k in others]
        kind = silo(
            states=(line["state"] for line in own if not line["waits"]), indicators=len(owned)
        )
        heard = [line["last_ok_at"] for line in own if line["last_ok_at"] is not None]
        lines.append(
            DepartmentLine(
                key=department.key,
                name=department.name,
                silo=kind.value,
                sources=len(own),
                living=sum(1 for line in own if line["state"] in _LIVING),
                indicators=len(owned),
                through=through,
                last_at=max(heard, default=None),
            )
        )
    return lines


_LIVING = {SourceState.FRESH.value, SourceState.LATE.value, SourceState.FAILED.value}
