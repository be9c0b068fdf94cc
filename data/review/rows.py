"""The scorecard and the matrix: what each indicator says of the week. Pure."""

from __future__ import annotations

import numpy as np

from data.catalogue.entries import Indicator
from data.indicators.spc import assurance
from data.review.charted import doubts_of, spark
from data.review.compared import compared
from data.review.facts import Facts
from data.review.figures import aim_of, figure, nothing
from data.vocabulary.review import Figure, MatrixCell, MatrixRow, Measure, ScoreRow, evidence_code
from data.vocabulary.review_terms import Assurance, Doubt, Signal, SpcRule

LEAST_TOLD = 7
"""A week is told if each of its days is."""


def measure_of(facts: Facts, indicator: Indicator) -> Measure:
    """Return what an indicator is, as rows and pages need it."""
    department = facts.catalogue.departments[indicator.department]
    return Measure(
        code=indicator.code,
        domain=indicator.domain,
        name=indicator.name,
        unit=indicator.unit,
        decimals=indicator.decimals,
        direction=indicator.direction.value,
        aggregation=indicator.aggregation.value,
        department=department.short or department.name,
        source=facts.catalogue.sources[indicator.source].name,
        version=indicator.version,
        definition=indicator.definition,
    )


def score_row(facts: Facts, indicator: Indicator) -> ScoreRow:
    """Return the scorecard's row of an indicator."""
    now = figure_of(facts, indicator, facts.area)
    chart = facts.charts[indicator.code, facts.area]
    aim = aim_of(indicator)
    return ScoreRow(
        measure=measure_of(facts, indicator),
        area=facts.area,
        now=now,
        last=compared(facts, indicator, now, "last"),
        year=compared(facts, indicator, now, "year"),
        lunar=compared(facts, indicator, now, "lunar"),
        aim=aim,
        chart=chart.kind,
        points=chart.chart.points,
        signal=chart.signal,
        rules=_rules(facts, indicator, facts.area),
        strength=chart.strength,
        assurance=assurance(chart.chart, aim) if chart.chart.n else Assurance.TOO_FEW,
        spark=spark(indicator, chart, facts.first, now["value"]),
        doubts=_doubts(facts, indicator, now),
        evidence=evidence_code(indicator.code, facts.area, str(facts.week)),
    )


def _doubts(facts: Facts, indicator: Indicator, now: Figure) -> list[Doubt]:
    """Return all that weakens a row, what hides the number first."""
    found = [now["doubt"]] if now["doubt"] else []
    if facts.heard[indicator.source].silent:
        found.append(Doubt.STALE)
    if facts.charts[indicator.code, facts.area].chart.n:
        found += doubts_of(facts.charts[indicator.code, facts.area])
    if facts.place in facts.cuts[indicator.code].mixed:
        found.append(Doubt.BREAK)
    return list(dict.fromkeys(d for d in found if d is not Doubt.HIDDEN or d is now["doubt"]))


def _rules(facts: Facts, indicator: Indicator, area: str) -> list[SpcRule]:
    chart = facts.charts[indicator.code, area]
    if chart.signal is Signal.COMMON:
        return []
    return [rule for rule in SpcRule if rule in chart.chart.rules[-1]]


def figure_of(facts: Facts, indicator: Indicator, area: str) -> Figure:
    """Return the week's number of an indicator in an area."""
    series = facts.series[indicator.code, area]
    heard = facts.heard[indicator.source].at
    days = facts.told(indicator.code, area)
    if series.hidden[facts.place]:
        return nothing(Doubt.HIDDEN, told=len(days), heard=heard)
    counted = series.counted(facts.place)
    if counted is None:
        return nothing(_absent(facts, indicator, area), heard=heard)
    told = len(days) or LEAST_TOLD  # told by the week, and not by its days
    partial = not facts.whole or told < LEAST_TOLD
    return figure(
        indicator, counted, told=told, of=LEAST_TOLD, heard=heard,
        doubt=Doubt.PARTIAL if partial else None,
    )  # fmt: skip


def _absent(facts: Facts, indicator: Indicator, area: str) -> Doubt:
    """Return why nothing was told: not yet, not here, or simply nothing."""
    if facts.series[indicator.code, area].told:
        before = np.flatnonzero(~np.isnan(facts.series[indicator.code, area].num))
        return Doubt.NO_DATA if len(before) else Doubt.HIDDEN
    began = facts.began.get(indicator.code)
    if area == facts.area:
        if began is None:
            return Doubt.NOT_HERE
        return Doubt.BEFORE_DATA if facts.week.first < began else Doubt.NO_DATA
    return Doubt.NOT_HERE


def matrix_row(facts: Facts, indicator: Indicator) -> MatrixRow:
    """Return an indicator over the areas below."""
    cells = []
    for area in facts.below:
        chart = facts.charts[indicator.code, area]
        cells.append(
            MatrixCell(
                area=area,
                figure=figure_of(facts, indicator, area),
                signal=chart.signal,
                rules=_rules(facts, indicator, area),
                strength=chart.strength,
            )
        )
    return MatrixRow(code=indicator.code, cells=cells)
