"""Reads clocks, duties, procedures, the ladder and kinds of closing; finds what is valid when."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Protocol, TypeVar

from data.catalogue.clock_rule import ClockRule
from data.catalogue.entries import Entry
from data.catalogue.loop_entries import LEVELS, ClosingKind, Duty, Rung, Sop
from data.catalogue.reading import CatalogueError, read_entry, read_yaml
from data.vocabulary import LOCAL, Closing


class _Versioned(Protocol):
    @property
    def version(self) -> int: ...

    @property
    def valid_from(self) -> date: ...


V = TypeVar("V", bound=_Versioned)
E = TypeVar("E", bound=Entry)
C = TypeVar("C", ClockRule, Sop)
K = TypeVar("K")


@dataclass(frozen=True)
class LoopData:
    """The closed loop of one city: versions of everything, oldest first."""

    clocks: Mapping[str, tuple[ClockRule, ...]]
    duties: Mapping[tuple[str, int], tuple[Duty, ...]]
    sops: Mapping[str, tuple[Sop, ...]]
    ladder: tuple[Rung, ...]
    closings: Mapping[Closing, ClosingKind]

    def clock(self, code: str, on: date) -> ClockRule:
        """Return the version valid on `on`; before the first one, the first."""
        return _valid(self.clocks[code], on)

    def clock_version(self, code: str, version: int) -> ClockRule | None:
        """Return one version, None if there is none."""
        return next((c for c in self.clocks.get(code, ()) if c.version == version), None)

    def duty_of(self, category: str, area_level: int, on: date) -> Duty:
        """Return the duty valid on `on` at this level, else at the nearest level above."""
        for level in range(area_level, 0, -1):
            versions = self.duties.get((category, level), ())
            known = [d for d in versions if d.valid_from <= _day(on)]
            if known:
                return known[-1]
        return self.duties[category, LEVELS["city"]][0]

    def sop(self, code: str, version: int | None = None) -> Sop:
        """Return one version of a procedure, the newest if none is named."""
        versions = self.sops[code]
        if version is None:
            return versions[-1]
        found = next((s for s in versions if s.version == version), None)
        if found is None:
            raise KeyError(f"{code} version {version}")
        return found

    def sop_for(self, category: str, severity: int) -> Sop | None:
        """Return the first procedure whose rule takes such a case; severity 1 is the worst."""
        for versions in self.sops.values():
            rule = versions[-1].rule
            if rule and category in rule.categories and severity <= rule.level:
                return versions[-1]
        return None


def read_loop(folder: Path) -> LoopData:
    """Read the files of the closed loop. Raises CatalogueError."""
    duties = [
        ((d.category, LEVELS[level]), d)
        for d in _rows(folder / "duties.yaml", Duty)
        for level in d.levels
    ]
    closings = _rows(folder / "closings.yaml", ClosingKind)
    if len({c.code for c in closings}) < len(closings):
        raise CatalogueError("closings.yaml: a code stands twice")
    ladder = _rows(folder / "ladder.yaml", Rung)
    _versions(((r.code, r) for r in ladder), "ladder.yaml")
    return LoopData(
        clocks=_versions(_coded(folder / "clocks.yaml", ClockRule), "clocks.yaml"),
        duties=_versions(duties, "duties.yaml"),
        sops=_versions(_coded(folder / "sops.yaml", Sop), "sops.yaml"),
        ladder=tuple(ladder),
        closings={c.code: c for c in closings},
    )


def check_loop(loop: LoopData, categories: Iterable[str], departments: Container[str]) -> None:
    """Raise CatalogueError when an entry names what is not there, or a category has no duty."""
    names = tuple(categories)
    for who, what, name in _named(loop):
        known = {"clock": loop.clocks, "sop": loop.sops, "department": departments,
                 "category": names}[what]  # fmt: skip
        if name not in known:
            raise CatalogueError(f"{who}: no such {what}: {name}")
    for category in names:
        if (category, LEVELS["city"]) not in loop.duties:
            raise CatalogueError(
                f"duties.yaml: category {category} has no duty at the level of the city, "
                "on which the levels below fall back"
            )
    for kind in Closing:
        if kind not in loop.closings:
            raise CatalogueError(f"closings.yaml: {kind.value} is missing")


def _named(loop: LoopData) -> Iterator[tuple[str, str, str]]:
    """Yield every name that must be there: who names it, what it is, the name."""
    for duty in {id(d): d for versions in loop.duties.values() for d in versions}.values():
        who = f"duties.yaml, entry {duty.category} version {duty.version}"
        yield who, "category", duty.category
        yield from ((who, "department", key) for key in (duty.lead, *duty.co))
        yield from ((who, "clock", code) for code in duty.clocks.all().values())
        if duty.sop:
            yield who, "sop", duty.sop
    for sop in (s for versions in loop.sops.values() for s in versions):
        who = f"sops.yaml, entry {sop.code} version {sop.version}"
        yield from ((who, "department", step.department) for step in sop.steps)
        yield from ((who, "category", c) for c in (sop.rule.categories if sop.rule else ()))
    for rung in loop.ladder:
        who = f"ladder.yaml, entry {rung.code} version {rung.version}"
        clocks = (rung.next_within, rung.answer_within, rung.appeal_within)
        yield from ((who, "clock", code) for code in clocks if code)


def _coded(path: Path, kind: type[C]) -> Iterator[tuple[str, C]]:
    return ((row.code, row) for row in _rows(path, kind))


def _rows(path: Path, kind: type[E]) -> list[E]:
    rows = read_yaml(path)
    if not isinstance(rows, list):
        raise CatalogueError(f"{path.name}: is no list of entries")
    return [read_entry(kind, row, path) for row in rows]


def _versions(rows: Iterable[tuple[K, V]], name: str) -> dict[K, tuple[V, ...]]:
    """Return the versions of each key, oldest first; they must begin one after the other."""
    found: dict[K, list[V]] = {}
    for key, row in rows:
        found.setdefault(key, []).append(row)
    for key, versions in found.items():
        versions.sort(key=lambda row: row.version)
        begins = [row.valid_from for row in versions]
        if len({row.version for row in versions}) < len(versions):
            raise CatalogueError(f"{name}: {key} has a version twice")
        if sorted(set(begins)) != begins:
            raise CatalogueError(f"{name}: {key}: each version must begin after the one before")
    return {key: tuple(versions) for key, versions in found.items()}


def _valid(versions: tuple[V, ...], on: date) -> V:
    known = [row for row in versions if row.valid_from <= _day(on)]
    return known[-1] if known else versions[0]


def _day(on: date) -> date:
    """Return the local day of an instant, a day as it is."""
    return on.astimezone(LOCAL).date() if isinstance(on, datetime) else on
