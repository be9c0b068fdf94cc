"""Are these units really different? A funnel with exact limits, and bands instead of ranks. Pure.

Two questions, answered apart. Is a unit unusual among its peers: the funnel, 99.8 % limits around
the common value, wider by the ordinary differences between units where there are such. Can two
units be told apart: bands, by intervals that hold for all units at once. See decision 20.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from data.indicators import exact
from data.indicators.exact import Floats
from data.vocabulary import Aggregation, Direction
from data.vocabulary.review import MIN_COMPARED, Doubt, FairPoint, Funnel

FUNNEL_PLACES = 40
MISS_BANDS = 0.05
"""How often any two units of one table may be told apart that are the same, at most."""
_TAIL95, _TAIL998 = 0.025, 0.001
_MISS95 = 0.05
_MIN_SPREAD = 5
"""Fewer units do not tell how much units ordinarily differ."""
_WINSOR = 0.1


class FairKind(StrEnum):
    """What is compared: a part of a whole, or events by residents or chances."""

    SHARE = "share"
    COUNT = "count"


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
    if unit.doubt or unit.num is None:
        return unit.doubt or Doubt.NO_DATA
    if not unit.n > 0:
        return Doubt.ZERO_DENOMINATOR
    if unit.num < 0 or (kind is FairKind.SHARE and unit.num > unit.n):
        return Doubt.NOT_A_SHARE
    return None


class _Place(NamedTuple):
    low: float
    high: float
    outside: str
    band: int
    ranks: tuple[int, int] | None
    doubt: Doubt | None


def _compared(
    num: Floats, n: Floats, centre: float, spread: float, kind: FairKind, least: float
) -> list[_Place]:
    """Return what is said of each unit, bands with the lowest first."""
    if not len(n):
        return []
    low, high = _interval(num, n, kind, _MISS95)
    below, above = _limits(n, centre, spread, kind, _TAIL998)
    value = num / n
    outside = np.where(value > above, "above", np.where(value < below, "below", ""))
    ranked = iter(_ranked(num[n >= least], n[n >= least], kind))
    found = []
    for place in range(len(n)):
        band, ranks = next(ranked) if n[place] >= least else (0, None)
        doubt = None if band else Doubt.BETWEEN_BANDS if ranks else Doubt.UNDER_FLOOR
        ends = float(low[place]), float(high[place])
        found.append(_Place(*ends, str(outside[place]), band, ranks, doubt))
    return found


def _ranked(num: Floats, n: Floats, kind: FairKind) -> list[tuple[int, tuple[int, int]]]:
    """Return the band of each unit and the ranks it may have, 1 the lowest value.

    A rank is as sure as a band: at least one more than the units surely below. Source: Klein,
    Wright and Wieczorek 2020, A joint confidence region for an overall ranking of populations.
    """
    if not len(n):
        return []
    low, high = _interval(num, n, kind, 1 - (1 - MISS_BANDS) ** (1 / len(n)))
    below = np.searchsorted(np.sort(high), low, side="left")
    above = len(n) - np.searchsorted(np.sort(low), high, side="right")
    ranks = [(int(b) + 1, len(n) - int(a)) for b, a in zip(below, above, strict=True)]
    return list(zip(_bands(low, high), ranks, strict=True))


def _turned(places: list[_Place]) -> list[_Place]:
    """Return them with the highest value first."""
    bands = max((place.band for place in places), default=0)
    many = sum(place.ranks is not None for place in places)
    return [
        place._replace(
            band=place.band and bands + 1 - place.band,
            ranks=place.ranks and (many + 1 - place.ranks[1], many + 1 - place.ranks[0]),
        )
        for place in places
    ]


def _bands(low: Floats, high: Floats) -> list[int]:
    """Return each unit's band, 1 the lowest; 0 for one that is between bands.

    low, high: limits that hold for all units at once, so that every claim made of them holds. A
    cut parts units whose limits are wholly below from those wholly above, so any two of different
    bands are told apart. Units it goes through are in no band: a cut is made only where it leaves
    fewer so than it puts on either side.
    """
    cuts: list[float] = []
    parts = [np.arange(len(low))]
    while parts:
        units = parts.pop()
        cut = _cut(low[units], high[units])
        if cut is not None:
            cuts.append(cut)
            parts += [units[high[units] <= cut], units[low[units] > cut]]
    under = np.searchsorted(np.sort(cuts), low, side="left")
    over = np.searchsorted(np.sort(cuts), high, side="left")
    return [int(a) + 1 if a == b else 0 for a, b in zip(under, over, strict=True)]


def _cut(low: Floats, high: Floats) -> float | None:
    """Return the best place to part units, None if there is no good one."""
    if len(low) < 2:
        return None
    places = np.sort(high)
    below = np.searchsorted(places, places, side="right")
    above = len(low) - np.searchsorted(np.sort(low), places, side="right")
    gain = np.minimum(below, above) - (len(low) - below - above)
    best = int(gain.argmax())
    return float(places[best]) if gain[best] > 0 else None


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
    limits = exact.share_limits if kind is FairKind.SHARE else exact.rate_limits
    return limits(effective, centre, tail)


def _interval(num: Floats, n: Floats, kind: FairKind, miss: float) -> tuple[Floats, Floats]:
    interval = exact.share_interval if kind is FairKind.SHARE else exact.rate_interval
    return interval(num, n, miss)


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
    told = unit.num is not None and unit.n > 0 and unit.doubt is None
    value = unit.num / unit.n * factor if told and unit.num is not None else None
    return FairPoint(
        area=unit.area,
        n=unit.n,
        value=value,
        low=place.low * factor if place else None,
        high=place.high * factor if place else None,
        outside=place.outside if place else "",
        band=place.band if place else 0,
        ranks=place.ranks if place else None,
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
