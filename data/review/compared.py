"""A week beside another period, over the days that match. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from data.catalogue.entries import Indicator
from data.review.facts import Facts
from data.review.figures import figure, nothing, rounded
from data.review.series import together
from data.review.window import WEEK
from data.vocabulary import Aggregation
from data.vocabulary.review import Basis, Compared, Figure
from data.vocabulary.review_terms import Doubt

Days = Sequence[tuple[date, date]]
DAY = timedelta(days=1)


def compared(facts: Facts, indicator: Indicator, now: Figure, key: str) -> Compared:
    """Return a week beside what a basis names; now: the whole week's figure.

    Whole weeks are set against the whole week before. Otherwise both sides are sums over the
    days that match and that both were told.
    """
    basis = facts.bases[key]
    if key == "last" and facts.whole:
        return _with_last(facts, indicator, now, basis)
    pairs = [(a, b) for a, b in _pairs(basis) if a in facts.over]
    if not pairs:
        doubt = basis["doubt"] or (Doubt.PARTIAL if not facts.whole else Doubt.NO_MATCH)
        return Compared(now=now, then=nothing(doubt, of=0), change=None, doubt=doubt)
    return _by_days(facts, indicator, pairs, basis)


def _pairs(basis: Basis) -> Days:
    return [(date.fromisoformat(a), date.fromisoformat(b)) for a, b in basis["pairs"]]


def _with_last(facts: Facts, indicator: Indicator, now: Figure, basis: Basis) -> Compared:
    series, place = facts.series[indicator.code, facts.area], facts.place - 1
    if place < 0 or series.hidden[place]:
        then = nothing(Doubt.HIDDEN if place >= 0 else Doubt.BEFORE_DATA, heard=now["heard"])
    else:
        counted, heard = series.counted(place), now["heard"]
        days = len(facts.told(indicator.code, facts.area, facts.week - 1)) or 7 * bool(counted)
        doubt = Doubt.PARTIAL if 0 < days < 7 else None
        then = figure(indicator, counted, told=days, of=7, heard=heard, doubt=doubt)
    first, last = facts.week.first - WEEK, facts.week.last
    return _change(facts, indicator, now, then, first, last, basis["doubt"])


def _by_days(facts: Facts, indicator: Indicator, pairs: Days, basis: Basis) -> Compared:
    pair = indicator.code, facts.area
    told = facts.days.get(pair, {})
    both = _both_told(indicator, pairs, told)
    doubt: Doubt | None = basis["doubt"]
    sides = []
    for side in (0, 1):
        days = [one[side] for one in both]
        hides = any((*pair, one[side]) in facts.hidden_days for one in pairs)
        heard = facts.heard[indicator.source].at
        if hides or (side == 0 and facts.series[pair].hidden[facts.place]):
            sides.append(nothing(Doubt.HIDDEN, of=len(pairs), heard=heard))
            continue
        counted = together((d, told[d]) for d in days if d in told)
        missing = _missing(facts, indicator, pairs[-1][side])
        short = Doubt.PARTIAL if len(days) < len(pairs) else None
        sides.append(
            figure(indicator, counted, told=len(days), of=len(pairs), heard=heard,
                   doubt=missing if counted is None else short)
        )  # fmt: skip
    first = min(b for _, b in pairs)
    last = max(a for a, _ in pairs)
    return _change(facts, indicator, sides[0], sides[1], first, last, doubt)


def _both_told(indicator: Indicator, pairs: Days, told: object) -> Days:
    """Return the pairs to add up: of totals only those of which both days were told."""
    known = told if isinstance(told, dict) else {}
    if indicator.aggregation in (Aggregation.RATIO, Aggregation.MEAN):
        return pairs if any(a in known or b in known for a, b in pairs) else []
    return [(a, b) for a, b in pairs if a in known and b in known]


def _missing(facts: Facts, indicator: Indicator, day: date) -> Doubt:
    began = facts.began.get(indicator.code)
    return Doubt.BEFORE_DATA if began is None or day < began else Doubt.NO_DATA


def _change(
    facts: Facts,
    indicator: Indicator,
    now: Figure,
    then: Figure,
    first: date,
    last: date,
    doubt: Doubt | None,
) -> Compared:
    """Return both sides; a new definition between them, or a missing side, leaves no change."""
    if facts.cuts[indicator.code].between(first, last):
        doubt = Doubt.BREAK
    elif now["value"] is None or then["value"] is None:
        doubt = (now if now["value"] is None else then)["doubt"]
    else:
        change = rounded(indicator, now["value"] - then["value"])
        weak = doubt or now["doubt"] or then["doubt"]
        return Compared(now=now, then=then, change=change, doubt=weak)
    return Compared(now=now, then=then, change=None, doubt=doubt)
