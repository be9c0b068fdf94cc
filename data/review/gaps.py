"""What weakens the page: sources not heard, days not told, rows refused, promises about data. Pure.

Only what touches an indicator of the page is told, each with the indicators it weakens.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.catalogue import Catalogue
from data.review.facts import Facts
from data.vocabulary import Names
from data.vocabulary.review import Gap, ScoreRow
from data.vocabulary.review_terms import MIN_POINTS, Doubt

GRAVE = ("never", "silent", "late", "partial", "quarantined", "debt", "no_history")
"""Kinds, what blinds most first."""
LEAST_SHARE = 0.95
"""A source that brought less of what was due in the week is incomplete."""


@dataclass(frozen=True)
class Received:
    """Periods that were due from a source in the week, and those that came."""

    source: str
    area: str | None
    expected: int
    received: int


@dataclass(frozen=True)
class Owed:
    """What is owed about data. source None: of a department only."""

    number: int
    source: str | None
    department: str
    owner: str
    due: str
    overdue: bool


@dataclass(frozen=True)
class Flaws:
    """What the store knows about the week's data. states: source -> (state, hours not heard).

    refused: source -> rows still refused; found: source -> kinds of findings.
    """

    states: Mapping[str, tuple[str, float | None]]
    received: Sequence[Received]
    refused: Mapping[str, int]
    found: Mapping[str, Sequence[str]]
    owed: Sequence[Owed]


def gaps(facts: Facts, flaws: Flaws, rows: Sequence[ScoreRow]) -> list[Gap]:
    """Return the gaps of a page, what blinds most first."""
    weakens: dict[str, list[str]] = defaultdict(list)
    for code, indicator in facts.indicators.items():
        weakens[indicator.source].append(code)
    found = [
        *_unheard(facts.catalogue, flaws, weakens),
        *_incomplete(facts, flaws, weakens),
        *_refused(facts.catalogue, flaws, weakens),
        *_debts(facts.catalogue, flaws, weakens),
        *_short(facts, rows, weakens),
    ]
    return sorted(found, key=lambda gap: (GRAVE.index(gap["kind"]), -len(gap["codes"])))


Weakens = Mapping[str, Sequence[str]]


def _gap(
    catalogue: Catalogue, kind: str, source: str, detail: dict[str, Any], codes: Iterable[str]
) -> Gap:
    entry = catalogue.sources[source]
    return Gap(
        kind=kind,
        source=entry.name,
        department=_department(catalogue, entry.department),
        detail={"source": source, **detail},
        codes=list(codes),
    )


def _department(catalogue: Catalogue, key: str) -> Names:
    found = catalogue.departments.get(key)
    return (found.short or found.name) if found else {"zh": key, "en": key}


def _unheard(catalogue: Catalogue, flaws: Flaws, weakens: Weakens) -> Iterable[Gap]:
    for source, (state, hours) in flaws.states.items():
        if source in weakens and state in ("never", "silent", "late", "failed"):
            kind = "late" if state == "failed" else state
            yield _gap(catalogue, kind, source, {"hours": hours}, weakens[source])


def _incomplete(facts: Facts, flaws: Flaws, weakens: Weakens) -> Iterable[Gap]:
    by_source: dict[str, list[Received]] = defaultdict(list)
    here = {facts.area, *facts.below, None}
    for one in flaws.received:
        if one.source in weakens and one.area in here:
            by_source[one.source].append(one)
    for source in weakens:
        told = by_source.get(source, [])
        short = [x for x in told if x.expected and x.received < LEAST_SHARE * x.expected]
        kinds = sorted(set(flaws.found.get(source, ())))
        if not short and not kinds:
            continue
        whole = next((x for x in told if x.area is None), None)
        detail: dict[str, Any] = {
            "told": whole.received if whole else None,
            "of": whole.expected if whole else None,
            "missing": sorted(x.area for x in short if x.area is not None),
            "findings": kinds,
        }
        yield _gap(facts.catalogue, "partial", source, detail, weakens[source])


def _refused(catalogue: Catalogue, flaws: Flaws, weakens: Weakens) -> Iterable[Gap]:
    for source, rows in flaws.refused.items():
        if rows and source in weakens:
            yield _gap(catalogue, "quarantined", source, {"rows": rows}, weakens[source])


def _debts(catalogue: Catalogue, flaws: Flaws, weakens: Weakens) -> Iterable[Gap]:
    for one in flaws.owed:
        if one.source is not None and one.source in weakens:
            detail = {
                "debt": one.number,
                "due": one.due,
                "owner": one.owner,
                "overdue": one.overdue,
            }
            yield _gap(catalogue, "debt", one.source, detail, weakens[one.source])


def _short(facts: Facts, rows: Sequence[ScoreRow], weakens: Weakens) -> Iterable[Gap]:
    """Tell of indicators without limits: too few weeks, or too few since a new definition."""
    few: dict[str, list[ScoreRow]] = defaultdict(list)
    for row in rows:
        if Doubt.TOO_FEW in row["doubts"]:
            code = row["measure"]["code"]
            few[next(s for s, codes in weakens.items() if code in codes)].append(row)
    for source, short in few.items():
        detail = {"weeks": min(row["points"] for row in short), "needed": MIN_POINTS}
        codes = [row["measure"]["code"] for row in short]
        yield _gap(facts.catalogue, "no_history", source, detail, codes)
