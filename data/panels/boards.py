"""The page of one domain and the page of one area: the weekly review, cut and completed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from data.calendar.week import Week
from data.catalogue import Catalogue
from data.catalogue.entries import Indicator
from data.panels import weekly
from data.panels.weekly_facts import Asked, facts_of
from data.queries.keys import Keys
from data.queries.review.meeting import minutes
from data.queries.review.stages import open_by_stage
from data.review.assemble import rows_of
from data.review.facts import Facts
from data.review.rows import matrix_row
from data.store import Store
from data.vocabulary import Names
from data.vocabulary.boards import AreaBoard, DomainBoard, SisterLine
from data.vocabulary.review import MatrixRow, Review, ScoreRow
from data.vocabulary.review_terms import Doubt

GONE = frozenset({Doubt.FUTURE, Doubt.BEFORE_DATA})


@dataclass(frozen=True)
class Alone(Asked):
    """An area without those below it: its own rows only."""

    @property
    def below(self) -> tuple[str, ...]:
        """None."""
        return ()


@dataclass(frozen=True)
class Place:
    """What both pages are made of."""

    store: Store
    catalogue: Catalogue
    keys: Keys
    week: str
    area: str
    now: datetime

    def review(self, area: str = "") -> Review:
        """Return the kept review of this area or another one."""
        return weekly.page(
            self.store, self.catalogue, self.keys, self.week, area or self.area, self.now
        )

    def names(self, codes: Collection[str]) -> dict[str, Names]:
        """Return the names of areas."""
        return {code: self.catalogue.areas[code].name for code in codes}

    def above(self) -> list[str]:
        """Return the areas above, the city first."""
        found, at = [], self.catalogue.areas[self.area].parent
        while at is not None:
            found.append(at)
            at = self.catalogue.areas[at].parent
        return found[::-1]

    def under(self, parent: str | None) -> list[str]:
        """Return the areas right below one."""
        every = self.catalogue.areas.values()
        return [a.code for a in every if parent is not None and a.parent == parent]


def domain_board(place: Place, domain: str) -> DomainBoard:
    """Return a domain in an area and week.

    Raises:
        KeyError: no such domain or area. WeekError: no such week.
    """
    catalogue, whole = place.catalogue, place.review()
    entry = catalogue.domains[domain]
    reviewed = [r["measure"]["code"] for r in whole["rows"] if r["measure"]["domain"] == domain]
    with place.store.read() as conn:
        level = catalogue.areas[place.area].level
        stages = open_by_stage(conn, place.keys, place.area, level, place.now, domain=domain)
        rows, matrix = _others(conn, place, whole, domain=domain)
    return {
        "domain": domain,
        "name": entry.name,
        "lead": catalogue.departments[entry.department].name,
        "review": _cut(whole, domain, rows, matrix),
        "reviewed": reviewed,
        "stages": stages,
        "domains": {key: d.name for key, d in catalogue.domains.items()},
        "areas": place.names([*place.above(), place.area, *place.under(place.area)]),
        "above": place.above(),
        "below": place.under(place.area),
    }


def _others(
    conn: Connection, place: Place, whole: Review, *, domain: str = ""
) -> tuple[list[ScoreRow], list[MatrixRow]]:
    """Return rows of the indicators that do not stand in the review, by the same rules.

    domain: of that one, with the areas below; without it of all, for this area alone.
    """
    if set(whole["doubts"]) & GONE:
        return [], []
    chosen = {
        code: i
        for code, i in place.catalogue.indicators.items()
        if not i.weekly and (not domain or i.domain == domain)
    }
    facts = _facts(conn, place, chosen, alone=not domain)
    below = [matrix_row(facts, i) for i in facts.indicators.values()] if facts.below else []
    return rows_of(facts), below


def _facts(conn: Connection, place: Place, chosen: dict[str, Indicator], *, alone: bool) -> Facts:
    kind = Alone if alone else Asked
    asked = kind.of(place.catalogue, Week.parse(place.week), place.area, place.now)
    return facts_of(
        conn, place.keys, replace(asked, indicators=chosen).without_waiting(conn, place.keys)
    )


def _cut(whole: Review, domain: str, rows: list[ScoreRow], matrix: list[MatrixRow]) -> Review:
    """Return the review with what is of one domain only, and with the rows outside of it."""
    own = [r for r in whole["rows"] if r["measure"]["domain"] == domain]
    codes = {r["measure"]["code"] for r in [*own, *rows]}
    return {
        **whole,
        "rows": _strongest([*own, *rows]),
        "matrix": [r for r in [*whole["matrix"], *matrix] if r["code"] in codes],
        "fair": [f for f in whole["fair"] if f["measure"]["domain"] == domain],
        "gaps": [g for g in whole["gaps"] if codes.intersection(g["codes"])],
    }


def _strongest(rows: list[ScoreRow]) -> list[ScoreRow]:
    return sorted(rows, key=lambda row: -row["strength"])


def area_board(place: Place) -> AreaBoard:
    """Return an area across all domains in a week.

    Raises:
        KeyError: no such area. WeekError: no such week.
    """
    catalogue, whole = place.catalogue, place.review()
    area = catalogue.areas[place.area]
    week = Week.parse(place.week)
    with place.store.read() as conn:
        rows, _none = _others(conn, place, whole)
        stages = open_by_stage(conn, place.keys, place.area, area.level, place.now)
        said = minutes(conn, catalogue, place.keys, place.week, place.area, place.now, whole)
    every = [*whole["rows"], *rows]
    here = [r for r in every if Doubt.NOT_HERE not in r["doubts"]]
    used = {r["measure"]["domain"] for r in here}
    domains = {key: d.name for key, d in catalogue.domains.items() if key in used}
    beside = [code for code in place.under(area.parent) if code != area.code]
    return {
        "area": area.code,
        "name": area.name,
        "level": area.level,
        "kind": area.kind,
        "review": {**whole, "rows": _strongest(here), "domains": domains},
        "minutes": said,
        "without": [r["measure"] for r in every if Doubt.NOT_HERE in r["doubts"]],
        "residents": catalogue.residents(area.code, week.last),
        "stages": stages,
        "areas": place.names([*place.above(), area.code, *place.under(area.code), *beside]),
        "above": place.above(),
        "below": place.under(area.code),
        "beside": beside,
        "sisters": _sisters(place, area.parent),
    }


def _sisters(place: Place, parent: str | None) -> list[SisterLine]:
    """Return where the area stands in the comparisons of the review above it."""
    if parent is None:
        return []
    found: list[SisterLine] = []
    for fair in place.review(place.catalogue.city.code)["fair"]:
        point = next((p for p in fair["points"] if p["area"] == place.area), None)
        if point is not None:
            compared = sum(p["band"] > 0 for p in fair["points"])
            found.append(
                {
                    "measure": fair["measure"], "point": point, "bands": fair["bands"],
                    "compared": compared,
                }
            )  # fmt: skip
    return found
