"""One indicator of an area in one week, by the same rules as the row of the weekly review."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from data.calendar.week import Week
from data.catalogue import Catalogue
from data.catalogue.entries import Indicator
from data.panels.weekly_facts import Asked, facts_of
from data.queries.keys import Keys
from data.queries.review.weeks import day_counts
from data.review.charted import spark
from data.review.facts import Facts
from data.review.fairness import of_below
from data.review.rows import figure_of, matrix_row, score_row
from data.review.series import shown
from data.vocabulary.indicator_page import AreaLine
from data.vocabulary.review import Fair, ScoreRow
from data.vocabulary.review_terms import Doubt


@dataclass(frozen=True)
class OneWeek:
    """What the review of that week says of the indicator, and of it in the areas right below."""

    facts: Facts
    row: ScoreRow
    below: list[AreaLine]
    fair: Fair | None


def one_week(
    conn: Connection, catalogue: Catalogue, keys: Keys, indicator: Indicator, area: str,
    week: Week, now: datetime,
) -> OneWeek:  # fmt: skip
    """Return an indicator in a week that has begun, also of one that is not in the review."""
    asked = replace(Asked.of(catalogue, week, area, now), indicators={indicator.code: indicator})
    facts = _with_days(conn, keys, asked, facts_of(conn, keys, asked))
    fair = of_below(facts, [indicator])
    return OneWeek(
        facts,
        score_row(facts, indicator),
        _lines(facts, indicator, fair[0] if fair else None),
        fair[0] if fair else None,
    )


def _with_days(conn: Connection, keys: Keys, asked: Asked, facts: Facts) -> Facts:
    """Return the facts with the days of the source's other indicators.

    A day without anything to divide by was told if its source told anything else on it.
    """
    own = next(iter(facts.indicators.values()))
    if own.denominator is None:
        return facts
    others = {
        code: i for code, i in asked.catalogue.indicators.items()
        if i.source == own.source and i.weekly and code != own.code
    }  # fmt: skip
    areas = [asked.area, *asked.below]
    told = day_counts(conn, keys, list(others), areas, asked.week.days)
    return replace(facts, indicators={**others, **facts.indicators}, days={**told, **facts.days})


def _lines(facts: Facts, indicator: Indicator, fair: Fair | None) -> list[AreaLine]:
    placed: Mapping[str, tuple[int, str, Doubt | None]] = {
        p["area"]: (p["band"], p["outside"], p["doubt"]) for p in (fair["points"] if fair else ())
    }
    found: list[AreaLine] = []
    for cell in matrix_row(facts, indicator)["cells"]:
        area = cell["area"]
        chart = facts.charts[indicator.code, area]
        series = facts.series[indicator.code, area]
        before = series.counted(facts.place - 1) if facts.place else None
        band, outside, why = placed.get(area, (0, "", None))
        doubt = cell["figure"]["doubt"] or chart.chart.doubt
        found.append(
            {
                "area": area,
                "figure": figure_of(facts, indicator, area),
                "before": shown(indicator, before),
                "signal": cell["signal"],
                "rules": cell["rules"],
                "strength": cell["strength"],
                "spark": spark(indicator, chart, facts.first, cell["figure"]["value"]),
                "band": band,
                "outside": outside,
                "unbanded": why,
                "doubt": doubt if series.told else Doubt.NOT_HERE,
            }
        )
    return found
