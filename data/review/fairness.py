"""Fair comparison of the units below an area, of the indicators that call for one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, cast

from data.catalogue import Catalogue
from data.catalogue.entries import Indicator
from data.indicators.fair import FairKind, Unit, fair, kind_of
from data.review.facts import Facts
from data.review.figures import misses, rounded
from data.review.rows import figure_of, measure_of
from data.vocabulary import TOWN_LEVEL
from data.vocabulary.review import Fair, FairPoint, Funnel, ScoreRow
from data.vocabulary.review_terms import Doubt, Signal

MOST = 6
USUAL = 2
"""So many shares are compared though nothing flags them: a comparison is no accusation."""
_Line = Literal["n", "low95", "high95", "low998", "high998"]
Counted = Mapping[str, tuple[float, float]]
"""area -> numerator, denominator"""


def flagged(facts: Facts, rows: Sequence[ScoreRow]) -> list[Indicator]:
    """Return the indicators to compare: those with a signal or a missed target, then usual ones."""
    able = [row for row in rows if _kind(facts.indicators[row["measure"]["code"]]) is not None]
    marked = [row for row in able if _is_flagged(row)]
    marked.sort(key=lambda row: -row["strength"])
    others = [row for row in able if row not in marked and row["now"]["n"] is not None]
    others.sort(key=lambda row: row["measure"]["direction"] != "higher")
    chosen = marked[:MOST] + others[: max(0, USUAL - len(marked))]
    return [facts.indicators[row["measure"]["code"]] for row in chosen]


def _kind(indicator: Indicator) -> FairKind | None:
    return kind_of(indicator.aggregation, indicator.factor, indicator.per_capita)


def _is_flagged(row: ScoreRow) -> bool:
    value = row["now"]["value"]
    return row["signal"] is not Signal.COMMON or (value is not None and misses(row["aim"], value))


def of_below(facts: Facts, chosen: Iterable[Indicator]) -> list[Fair]:
    """Return the comparison of the areas right below, from their weekly numbers."""
    if not facts.below:
        return []
    level = facts.catalogue.areas[facts.below[0]].level
    found = []
    for indicator in chosen:
        units = [_unit(facts, indicator, area) for area in facts.below]
        if any(unit.num is not None for unit in units):
            found.append(_fair(facts, indicator, level, units))
    return found


def _unit(facts: Facts, indicator: Indicator, area: str) -> Unit:
    series = facts.series[indicator.code, area]
    counted = series.counted(facts.place)
    if counted is None:
        doubt = figure_of(facts, indicator, area)["doubt"] or Doubt.NO_DATA
        return Unit(area, None, 0.0, doubt)
    if _kind(indicator) is FairKind.SHARE:
        return Unit(area, counted[0], counted[1] or 0.0)
    residents = facts.catalogue.population.of(area, facts.week.last)
    if residents is None:
        return Unit(area, None, 0.0, Doubt.NO_RESIDENTS)
    parts = [facts.series.get((indicator.code, other)) for other in residents.covers]
    others = [part.counted(facts.place) if part is not None else None for part in parts]
    if None in others:
        return Unit(area, None, 0.0, Doubt.PARTIAL)
    num = counted[0] + sum(other[0] for other in others if other is not None)
    return Unit(area, num, float(residents.residents))


def of_towns(
    facts: Facts, indicator: Indicator, towns: Sequence[str], counted: Counted
) -> Fair | None:
    """Return the comparison of towns by what was counted from cases; None without any residents.

    A town without a case has nothing that could be compared, and is left out of shares.
    """
    share = _kind(indicator) is FairKind.SHARE
    units = []
    for town in towns:
        num, den = counted.get(town, (0.0, 0.0))
        residents = None if share else facts.catalogue.residents(town, facts.week.last)
        if share and den:
            units.append(Unit(town, num, den))
        elif residents is not None:
            units.append(Unit(town, num, float(residents[0])))
    return _fair(facts, indicator, TOWN_LEVEL, units) if units else None


def _fair(facts: Facts, indicator: Indicator, level: int, units: Sequence[Unit]) -> Fair:
    kind = _kind(indicator) or FairKind.SHARE
    by_residents = kind is FairKind.COUNT and indicator.denominator is None
    factor = float(indicator.per_capita) if by_residents else indicator.factor
    told = fair(
        units,
        kind=kind,
        floor=indicator.compare_floor,
        factor=factor,
        direction=indicator.direction,
    )
    years = {_year(facts.catalogue, unit.area, facts) for unit in units} if by_residents else set()
    known = sorted(year for year in years if year)
    return Fair(
        measure=measure_of(facts, indicator),
        level=level,
        centre=_round(indicator, told.centre),
        per=indicator.per_capita if by_residents else 0,
        population="–".join(dict.fromkeys([known[0], known[-1]])) if known else "",
        floor=told.floor,
        spread=round(told.spread, 4),
        points=[_shown(indicator, point) for point in told.points],
        funnel=_lines(told.funnel),
        bands=told.bands,
        doubt=told.doubt,
    )


def _year(catalogue: Catalogue, area: str, facts: Facts) -> str:
    found = catalogue.residents(area, facts.week.last)
    return str(found[1]) if found else ""


def _shown(indicator: Indicator, point: FairPoint) -> FairPoint:
    return {
        **point,
        "value": _round(indicator, point["value"]),
        "low": _round(indicator, point["low"]),
        "high": _round(indicator, point["high"]),
    }


def _round(indicator: Indicator, value: float | None) -> float | None:
    return None if value is None else rounded(indicator, value)


def _lines(funnel: Funnel) -> Funnel:
    """Return the limits with no more digits than a drawing has."""
    keys: tuple[_Line, ...] = ("n", "low95", "high95", "low998", "high998")
    return cast("Funnel", {key: [round(x, 4) for x in funnel[key]] for key in keys})
