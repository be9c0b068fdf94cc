"""How sharing is judged: open or silent departments, shares of periods, debts to propose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from data.sharing.words import (
    Cell,
    Count,
    DebtRow,
    DepartmentLine,
    Proposal,
    Silo,
    SourceLine,
    UnitRow,
)
from data.vocabulary import SourceState

ALIVE = frozenset({SourceState.FRESH.value, SourceState.LATE.value, SourceState.FAILED.value})
"""States in which the last values of a source still hold."""

SILENT_S = 86400.0
"""A source silent for longer than this is a debt, not a hiccup."""
COMPLETE, ENOUGH = 90.0, 12
"""Per cent under which missing periods are a debt, once at least ENOUGH were expected."""
KINDS = ("never", "silent", "zeros", "no_source", "gaps")
"""Kinds of debt that figures suggest, gravest first."""
ZEROS = frozenset({"zero_streak"})
"""Findings of a unit that reports zero for longer than it ever did before."""


def silo(*, states: Iterable[str], indicators: int) -> Silo:
    """Return whether a department shares, from the states of its own sources."""
    found = list(states)
    if any(state in ALIVE for state in found):
        return Silo.OPEN
    if found:
        return Silo.QUIET
    return Silo.NONE if indicators else Silo.UNLISTED


def sharing(departments: Iterable[DepartmentLine]) -> Count:
    """Return how many departments share, of those that something is expected of."""
    asked = [d for d in departments if d["silo"] != Silo.UNLISTED]
    return {"part": sum(1 for d in asked if d["silo"] == Silo.OPEN), "whole": len(asked)}


def complete(cells: Iterable[Cell]) -> Count:
    """Return received of expected periods over several cells: Σ of Σ, never a mean of shares."""
    found = list(cells)
    return {
        "part": sum(c["received"] for c in found),
        "whole": sum(c["expected"] for c in found),
    }


def percent(count: Count) -> float | None:
    """Return the share in per cent, None of nothing. Never 100 while one is missing."""
    if count["whole"] <= 0:
        return None
    share = 100 * count["part"] / count["whole"]
    return min(share, 100.0) if count["part"] >= count["whole"] else min(share, 99.9)


def proposals(
    sources: Sequence[SourceLine],
    departments: Sequence[DepartmentLine],
    debts: Sequence[DebtRow],
    *,
    now: float,
) -> list[Proposal]:
    """Return the debts that the figures suggest and that nobody has promised to mend yet."""
    taken = {_place(d["kind"], d["source"], d["department"], d["area"]) for d in debts}
    found = [*_of_departments(departments)]
    for line in sources:
        found += _of_source(line, now)
    waiting = {line["key"] for line in sources if line["waits"]}
    found.sort(key=lambda p: (p["source"] in waiting, KINDS.index(p["kind"])))
    return [p for p in found if p["key"] not in taken]


def _place(kind: str, source: str | None, department: str, area: str | None) -> str:
    return f"{kind}.{source or ''}.{department}.{area or ''}"


def _of_departments(departments: Iterable[DepartmentLine]) -> Iterator[Proposal]:
    for d in departments:
        if d["silo"] == Silo.NONE:
            yield {
                "key": _place("no_source", None, d["key"], None),
                "kind": "no_source",
                "source": None,
                "source_name": None,
                "department": d["key"],
                "department_name": d["name"],
                "area": None,
                "area_name": None,
                "value": str(d["indicators"]),
                "since": None,
            }


def _of_source(line: SourceLine, now: float) -> list[Proposal]:
    heard = line["last_ok_at"]
    if heard is None:
        return [_proposal(line, "never", "", None)]
    if line["state"] == SourceState.SILENT and now - heard > SILENT_S:
        return [_proposal(line, "silent", "", heard)]
    found = [p for u in line["units"] for p in _of_unit(line, u)]
    if found and len(found) == len(line["units"]) and all(p["kind"] == "gaps" for p in found):
        return [_proposal(line, "gaps", _written(line["complete"]), None)]
    return found


def _of_unit(line: SourceLine, unit: UnitRow) -> Iterator[Proposal]:
    share = percent(unit["complete"])
    if share is not None and share < COMPLETE and unit["complete"]["whole"] >= ENOUGH:
        yield _proposal(line, "gaps", _written(unit["complete"]), unit["last_at"], unit)
    zeros = [f for f in unit["findings"] if f["kind"] in ZEROS]
    if zeros:
        first = min(zeros, key=lambda f: f["first"])
        yield _proposal(line, "zeros", first["value"] or "", first["first"], unit)


def _written(count: Count) -> str:
    return f"{count['part']}/{count['whole']}"


def _proposal(
    line: SourceLine, kind: str, value: str, since: float | None, unit: UnitRow | None = None
) -> Proposal:
    area = unit["area"] if unit else None
    return {
        "key": _place(kind, line["key"], line["department"], area),
        "kind": kind,
        "source": line["key"],
        "source_name": line["name"],
        "department": line["department"],
        "department_name": line["department_name"],
        "area": area,
        "area_name": unit["name"] if unit else None,
        "value": value,
        "since": since,
    }
