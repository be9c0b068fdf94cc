"""Are these units really different? A funnel with exact limits, and bands instead of ranks. Pure.

Two questions, answered apart. Is a unit unusual among its peers: the funnel, 99.8 % limits around
the common value, wider by the ordinary differences between units where there are such. Can two
units be told apart: bands, by intervals that hold for all units at once. See decision 20.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from math import inf, isfinite
from typing import NamedTuple

import numpy as np

from data.indicators import exact
from data.indicators.exact import Floats
from data.indicators.standing import Standing, standings
from data.vocabulary import Aggregation, Direction
from data.vocabulary.review import FairPoint, Funnel
from data.vocabulary.review_terms import MIN_COMPARED, Doubt

FUNNEL_PLACES = 40
_TAIL95, _TAIL998 = 0.025, 0.001
_MISS95 = 0.05
_MIN_SPREAD = 5
"""Fewer units do not tell how much units ordinarily differ."""
_WINSOR = 0.1


class FairKind(StrEnum):
    """What is compared: a part of a whole, or events by residents or chances."""

    SHARE = "share"
    COUNT = "count"


_INTERVAL = {FairKind.SHARE: exact.share_interval, FairKind.COUNT: exact.rate_interval}
_LIMITS = {FairKind.SHARE: exact.share_limits, FairKind.COUNT: exact.rate_limits}


class Unit(NamedTuple):
    """One unit's sums of the period.

    num: of the numerator. n: of the denominator, or residents. doubt: why it has no number; it is
    listed and not compared.
    """

    area: str
    num: float | None
    n: float
    doubt: Doubt | None = None


class FairResult(NamedTuple):
    """What the comparison says; values in shown units.

    floor: the n under which a unit is in no band. spread: how much units ordinarily differ beyond
    chance (one standard deviation), 0 if not at all; the limits are wider by it. points: in the
    order of `units`. bands: how many.
    """

    centre: float | None
    floor: float
    spread: float
    points: list[FairPoint]
    funnel: Funnel
    bands: int
    doubt: Doubt | None


def kind_of(aggregation: Aggregation, factor: float, per_capita: int) -> FairKind | None:
    """Return how an indicator is compared between units, None: not at all.

    A ratio in percent is a share of things that are counted; other ratios are events by chances.
    """
    if aggregation is Aggregation.RATIO:
        return FairKind.SHARE if factor == 100 else FairKind.COUNT
    if aggregation is Aggregation.SUM and per_capita:
        return FairKind.COUNT
    return None


def fair(
    units: Sequence[Unit],
    *,
    kind: FairKind,
    floor: float = MIN_COMPARED,
    factor: float = 1.0,
    direction: Direction = Direction.NEUTRAL,
) -> FairResult:
    """Compare units of one level in one period.

    Args:
        units: each once; n of a share counts things, of a count residents or chances.
        kind: share or count.
        floor: of a share the least n, of a count the least number of expected events.
        factor: num / n to shown units: 100 for percent, residents "per" for counts.
        direction: band 1 is the best; with NEUTRAL the highest.
    """
    able = [_able(unit, kind) for unit in units]
    num = np.array([u.num for u, a in zip(units, able, strict=True) if a is None], dtype=float)
    n = np.array([u.n for u, a in zip(units, able, strict=True) if a is None], dtype=float)
    centre = float(num.sum() / n.sum()) if len(n) else None
    least = _least(kind, floor, centre)
    spread = 0.0 if centre is None else _spread(num, n, centre, kind)
    places = _compared(num, n, centre or 0.0, spread, kind, least)
    if direction is not Direction.LOWER:
        places = _turned(places)
    points = iter(places)
    said = [
        _point(unit, doubt, next(points) if doubt is None else None, factor)
        for unit, doubt in zip(units, able, strict=True)
    ]
    return FairResult(
        centre=None if centre is None else centre * factor,
        floor=least,
        spread=factor * (spread * _variance(centre or 0.0, kind)) ** 0.5,
        points=said,
        funnel=_funnel(n, centre or 0.0, spread, kind, factor),
        bands=max((point["band"] for point in said), default=0),
        doubt=_doubt(said, able, centre),
    )


def _able(unit: Unit, kind: FairKind) -> Doubt | None:
    """Return why a unit has no place in the sums, None if it has."""
    if unit.doubt or unit.num is None or not isfinite(unit.num):
        return unit.doubt or Doubt.NO_DATA
    if not 0 < unit.n < inf:
        return Doubt.ZERO_DENOMINATOR
    if unit.num < 0 or (kind is FairKind.SHARE and unit.num > unit.n):
        return Doubt.NOT_A_SHARE
    return None


class _Place(NamedTuple):
    low: float
    high: float
    outside: str
    standing: Standing | None

    @property
    def doubt(self) -> Doubt | None:
        if self.standing is None:
            return Doubt.UNDER_FLOOR
        return None if self.standing.band else Doubt.BETWEEN_BANDS


def _compared(
    num: Floats, n: Floats, centre: float, spread: float, kind: FairKind, least: float
) -> list[_Place]:
    """Return what is said of each unit, bands with the lowest first."""
    if not len(n):
        return []
    low, high = _INTERVAL[kind](num, n, _MISS95)
    below, above = _limits(n, centre, spread, kind, _TAIL998)
    value, enough = num / n, n >= least
    outside = np.select([~enough, value > above, value < below], ["", "above", "below"], "")
    stand = iter(standings(num[enough], n[enough], _INTERVAL[kind]))
    found = []
    for place in range(len(n)):
        standing = next(stand) if enough[place] else None
        ends = float(low[place]), float(high[place])
        found.append(_Place(*ends, str(outside[place]), standing))
    return found


def _turned(places: list[_Place]) -> list[_Place]:
    """Return them with the highest value first."""
    stand = [place.standing for place in places if place.standing]
    bands, many = max((s.band for s in stand), default=0), len(stand)
    return [
        place._replace(standing=_turn(place.standing, bands, many)) if place.standing else place
        for place in places
    ]


def _turn(standing: Standing, bands: int, many: int) -> Standing:
    band = standing.band and bands + 1 - standing.band
    return Standing(band, many + 1 - standing.last, many + 1 - standing.first)


def _spread(num: Floats, n: Floats, centre: float, kind: FairKind) -> float:
    """Return the variance between units over that of one event; 0: no more than chance.

    Additive random effects of winsorised residuals, so that an outlier does not hide itself.
    Source: Spiegelhalter 2005, Handling over-dispersion of performance indicators.
    """
    variance, many = _variance(centre, kind), len(n)
    if variance <= 0 or many < _MIN_SPREAD:
        return 0.0
    z = (num / n - centre) * np.sqrt(n / variance)
    z = np.clip(z, *np.quantile(z, [_WINSOR, 1 - _WINSOR]))
    more = float((z * z).sum()) - (many - 1)
    return max(0.0, more / float(n.sum() - (n * n).sum() / n.sum()))


def _variance(centre: float, kind: FairKind) -> float:
    """Return the variance of one thing (or of one resident's events)."""
    return centre * (1 - centre) if kind is FairKind.SHARE else centre


def _limits(
    n: Floats, centre: float, spread: float, kind: FairKind, tail: float
) -> tuple[Floats, Floats]:
    """Return exact limits at each n; a unit counts as so many as chance alone would need.

    1 / effective n is 1 / n + spread: the variance of chance and that between units together.
    """
    effective = n / (1 + n * spread)
    return _LIMITS[kind](effective, centre, tail)


def _funnel(n: Floats, centre: float, spread: float, kind: FairKind, factor: float) -> Funnel:
    """Return the limits over the range of n that is there."""
    places = np.geomspace(n.min(), n.max(), FUNNEL_PLACES) if len(n) else n
    if len(n) and n.min() == n.max():
        places = n[:1]
    low95, high95 = _limits(places, centre, spread, kind, _TAIL95)
    low998, high998 = _limits(places, centre, spread, kind, _TAIL998)
    return Funnel(
        n=places.tolist(),
        low95=(low95 * factor).tolist(),
        high95=(high95 * factor).tolist(),
        low998=(low998 * factor).tolist(),
        high998=(high998 * factor).tolist(),
    )


def _point(unit: Unit, doubt: Doubt | None, place: _Place | None, factor: float) -> FairPoint:
    told = doubt in (None, Doubt.NOT_A_SHARE)
    value = unit.num / unit.n * factor if told and unit.num is not None else None
    standing = place.standing if place else None
    return FairPoint(
        area=unit.area,
        n=unit.n if 0 < unit.n < inf else 0,
        value=value,
        low=place.low * factor if place else None,
        high=place.high * factor if place else None,
        outside=place.outside if place else "",
        band=standing.band if standing else 0,
        ranks=(standing.first, standing.last) if standing else None,
        doubt=place.doubt if place else doubt,
    )


def _least(kind: FairKind, floor: float, centre: float | None) -> float:
    """Return the floor as an n: a count needs so many expected events."""
    if kind is FairKind.SHARE or not centre:
        return floor
    return floor / centre


def _doubt(
    points: list[FairPoint], able: Sequence[Doubt | None], centre: float | None
) -> Doubt | None:
    """Return why the comparison as a whole says less, or nothing."""
    if centre is None:
        return Doubt.ZERO_DENOMINATOR if Doubt.ZERO_DENOMINATOR in able else Doubt.NO_DATA
    if sum(point["band"] > 0 for point in points) < 2:
        return Doubt.UNDER_FLOOR
    values = {point["value"] for point in points if point["low"] is not None}
    return Doubt.ALL_EQUAL if len(values) == 1 else None
