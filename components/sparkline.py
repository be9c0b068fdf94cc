"""The last 24 hours of one value as a small picture: line, normal band, limits, last point."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import TypeVar

from dash import html

from components.theme import BAND, INK, LEVELS, LIMIT, TREND, image

WIDTH, HEIGHT, EDGE = 116.0, 44.0, 5.0
MAX_POINTS = 96

Band = Sequence[Sequence[float] | None]
Point = tuple[float, float]
T = TypeVar("T")


def sparkline(trend: Sequence[float | None], band: Band, level: int, label: str) -> html.Img:
    """Return the trend as an image with `label` for those who cannot see it."""
    return html.Img(src=sparkline_address(trend, band, level), alt=label, className="spark")


def sparkline_address(
    trend: Sequence[float | None], band: Band, level: int = 0, *, least: float = 0.0
) -> str:
    """Return the trend as a data URI: gaps stay gaps, and there is no text in it.

    The normal band may move with the hour. A last point that is missing is not
    drawn, so an old value never passes for the newest one. least: what the height
    stands for at the least, so that a small waver does not look like a fall.
    """
    values, limits = _thin(trend), _thin(band)
    known = [v for v in values if _finite(v)]
    edges = [e for pair in limits if pair for e in pair if _finite(e)]
    every = [float(v) for v in (*known, *edges) if v is not None]
    if not every:
        return image(_svg(""))
    high = max(every)
    low = min(*every, high - least)
    steps = max(len(values), len(limits), 2) - 1

    tall = (HEIGHT - 2 * EDGE) / (high - low) if high > low else 0.0
    foot = HEIGHT - EDGE if tall else HEIGHT / 2
    across = _across(steps)

    def at(index: int, value: float) -> Point:
        return across[index], round(foot - (value - low) * tall, 1)

    drawn = [_band(run, at) for run in _runs(limits)]
    drawn += [_line([at(i, v) for i, v in run]) for run in _runs(values)]
    if values and _finite(values[-1]):
        drawn.append(_last(*at(len(values) - 1, float(values[-1] or 0)), level))
    return image(_svg("".join(drawn)))


@cache
def _across(steps: int) -> tuple[float, ...]:
    """Return where the points of so many steps stand from left to right."""
    return tuple(round(EDGE + (WIDTH - 2 * EDGE) * i / steps, 1) for i in range(steps + 1))


def _svg(inner: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}">{inner}</svg>'
    )


def _finite(value: object) -> bool:
    return value is not None and isinstance(value, (int, float)) and math.isfinite(value)


def _thin(values: Sequence[T]) -> Sequence[T]:
    """Keep at most MAX_POINTS, always the last; the picture is 116 px wide."""
    step = -(-len(values) // MAX_POINTS) or 1
    return values[::-1][::step][::-1]


def _runs(values: Sequence[T | None]) -> Iterator[list[tuple[int, T]]]:
    """Yield stretches of (index, value) without a gap."""
    run: list[tuple[int, T]] = []
    for index, value in enumerate(values):
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            if run:
                yield run
            run = []
        else:
            run.append((index, value))
    if run:
        yield run


def _path(points: list[Point]) -> str:
    return " ".join([f"{x:g},{y:g}" for x, y in points])


def _line(points: list[Point]) -> str:
    if len(points) == 1:
        return f'<circle cx="{points[0][0]:g}" cy="{points[0][1]:g}" r="1.2" fill="{TREND}"/>'
    return (
        f'<polyline points="{_path(points)}" fill="none" stroke="{TREND}" '
        'stroke-width="2" stroke-linejoin="round"/>'
    )


def _band(run: list[tuple[int, Sequence[float]]], at: Callable[[int, float], Point]) -> str:
    lower = [at(i, pair[0]) for i, pair in run]
    upper = [at(i, pair[1]) for i, pair in run]
    sides = _path(lower), _path(upper)
    dashes = "".join(
        f'<polyline points="{side}" fill="none" stroke="{LIMIT}" stroke-dasharray="3 3"/>'
        for side in sides
    )
    return f'<polygon points="{sides[0]} {_path(upper[::-1])}" fill="{BAND}"/>{dashes}'


def _last(x: float, y: float, level: int) -> str:
    found = LEVELS.get(level)
    fill, radius = (found.fill, 4.6) if found else (TREND, 3.4)
    return (
        f'<circle cx="{x:g}" cy="{y:g}" r="{radius}" fill="{fill}" '
        f'stroke="{INK}" stroke-width="1.4"/>'
    )
