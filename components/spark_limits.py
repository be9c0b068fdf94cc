"""Twenty-six weeks of one indicator as a small picture: line, mean, limits, target, signals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from dash import html

from components.spc_icons import (
    CONCERN,
    IMPROVEMENT,
    PAPER_GROUND,
    PAPER_INK,
    PAPER_INK_2,
    PAPER_LINE,
    TREND,
)
from components.theme import image
from data.vocabulary import Direction
from data.vocabulary.review import Aim, Spark
from data.vocabulary.review_terms import Signal

WIDTH, HEIGHT = 264, 64
"""Whole units: short numbers are small pages. Shown at half the size."""
EDGE_X, EDGE_Y = 8, 8

Value = float | None
Place = Callable[[float], int]


@dataclass(frozen=True)
class Grid:
    """Where weeks and values stand in the picture."""

    weeks: int
    low: float
    high: float

    def x(self, week: int) -> int:
        """Return the place of a week, oldest left."""
        return round(EDGE_X + (WIDTH - 2 * EDGE_X) * week / max(self.weeks - 1, 1))

    def y(self, value: float) -> int:
        """Return the place of a value; all alike stand in the middle."""
        if self.high <= self.low:
            return HEIGHT // 2
        part = (value - self.low) / (self.high - self.low)
        return round(HEIGHT - EDGE_Y - (HEIGHT - 2 * EDGE_Y) * min(max(part, -0.1), 1.1))


def spark_limits(spark: Spark, aim: Aim, *, signal: Signal, direction: str, label: str) -> html.Img:
    """Return the picture with `label` for those who cannot see it.

    signal: of the last week. Earlier weeks outside their limits are marked too, each by shape:
    a concern is a filled diamond, an improvement a ring, without a better way a square.
    """
    address = spark_limits_address(spark, aim, signal=signal, direction=direction)
    return html.Img(src=address, alt=label, width=WIDTH // 2, height=HEIGHT // 2,
                    className="spark26")  # fmt: skip


def spark_limits_address(spark: Spark, aim: Aim, *, signal: Signal, direction: str) -> str:
    """Return the picture as a data address, without any text in it; gaps stay gaps."""
    grid = _grid(spark, aim)
    if grid is None:
        return _picture("")
    return _picture(
        "".join(
            [
                _limits(spark, grid),
                _breaks(spark, grid),
                _target(aim, grid),
                _line(spark["values"], grid, TREND, 4, dotted=True),
                _marks(spark, grid, signal, direction),
            ]
        )
    )


def _grid(spark: Spark, aim: Aim) -> Grid | None:
    """Return the grid of everything that is drawn; a far target is no reason to flatten a line."""
    values = [v for v in spark["values"] if v is not None]
    if not values:
        return None
    edges = [v for key in ("lower", "upper") for v in _given(spark, key)]
    low, high = min(values + edges), max(values + edges)
    room = (high - low) or abs(high) or 1.0
    near = [t for t in (aim["low"], aim["high"]) if t is not None and abs(t - low) < 3 * room]
    return Grid(len(spark["values"]), min([low, *near]), max([high, *near]))


def _given(spark: Spark, key: str) -> list[float]:
    every: dict[str, list[Value]] = {"lower": spark["lower"], "upper": spark["upper"]}
    return [v for v in every[key] if v is not None]


def _runs(values: Sequence[Value], breaks: Sequence[int] = ()) -> Iterator[list[tuple[int, float]]]:
    """Yield stretches of (week, value) that have no gap and no break inside."""
    run: list[tuple[int, float]] = []
    for week, value in enumerate(values):
        if run and (value is None or week in breaks):
            yield run
            run = []
        if value is not None:
            run.append((week, value))
    if run:
        yield run


def _path(run: Sequence[tuple[int, float]], grid: Grid, start: str = "M") -> str:
    """Return a path in steps from point to point; what goes straight on is one step."""
    points = [(grid.x(week), grid.y(value)) for week, value in run]
    kept = [
        p for i, p in enumerate(points)
        if i in (0, len(points) - 1) or not points[i - 1][1] == p[1] == points[i + 1][1]
    ]  # fmt: skip
    x, y = kept[0]
    steps = [f"{start}{x} {y}"]
    for to_x, to_y in kept[1:]:
        steps.append(f"l{to_x - x} {to_y - y}")
        x, y = to_x, to_y
    return "".join(steps).replace(" -", "-")


def _limits(spark: Spark, grid: Grid) -> str:
    breaks = spark["breaks"]
    band = ""
    lower = dict(enumerate(spark["lower"]))
    for run in _runs(spark["upper"], breaks):
        below = [(week, low) for week, _v in run if (low := lower.get(week)) is not None]
        if len(below) == len(run) > 1:
            band += _path(run, grid) + _path(below[::-1], grid, "L") + "z"
    drawn = f"<path fill='{PAPER_GROUND}' d='{band}'/>" if band else ""
    middle = "".join(_path(run, grid) for run in _runs(spark["centre"], breaks) if len(run) > 1)
    return drawn + (_stroke(middle, PAPER_LINE, 2) if middle else "")


def _breaks(spark: Spark, grid: Grid) -> str:
    lines = "".join(f"M{grid.x(b) - 5} 0v{HEIGHT}" for b in spark["breaks"] if b > 0)
    return _stroke(lines, PAPER_INK_2, 2, dashes="2 4") if lines else ""


def _target(aim: Aim, grid: Grid) -> str:
    lines = "".join(
        f"M0 {grid.y(t)}h{WIDTH}"
        for t in (aim["low"], aim["high"])
        if aim["kind"] != "none" and t is not None and grid.low <= t <= grid.high
    )
    return _stroke(lines, PAPER_INK_2, 2, dashes="8 6") if lines else ""


def _line(
    values: Sequence[Value], grid: Grid, colour: str, width: int, *, dotted: bool = False
) -> str:
    runs = list(_runs(values))
    path = "".join(_path(run, grid) for run in runs if len(run) > 1)
    alone = "".join(f"M{grid.x(r[0][0])} {grid.y(r[0][1])}h0" for r in runs if len(r) == 1)
    return _stroke(path + (alone if dotted else ""), colour, width)


def _stroke(path: str, colour: str, width: int, *, dashes: str = "") -> str:
    dashed = f" stroke-dasharray='{dashes}'" if dashes else ""
    return (
        f"<path fill='none' stroke='{colour}' stroke-width='{width}' stroke-linecap='round'"
        f"{dashed} d='{path}'/>"
    )


def _marks(spark: Spark, grid: Grid, signal: Signal, direction: str) -> str:
    """Return the marks: weeks outside their limits, and the last week, which is always marked."""
    last, found = len(spark["values"]) - 1, []
    for week, value in enumerate(spark["values"]):
        if value is None:
            continue
        kind = signal if week == last else _outside(spark, week, value, direction)
        if week == last or kind != Signal.COMMON:
            found.append(_mark(grid.x(week), grid.y(value), kind))
    return "".join(found)


def _outside(spark: Spark, week: int, value: float, direction: str) -> Signal:
    upper, lower = spark["upper"][week], spark["lower"][week]
    above = upper is not None and value > upper
    if not above and not (lower is not None and value < lower):
        return Signal.COMMON
    if direction not in (Direction.HIGHER, Direction.LOWER):
        return Signal.NEUTRAL
    return Signal.IMPROVEMENT if above == (direction == Direction.HIGHER) else Signal.CONCERN


def _mark(x: int, y: int, kind: Signal) -> str:
    if kind == Signal.CONCERN:
        return (
            f"<path fill='{CONCERN}' stroke='{PAPER_INK}' stroke-width='2' d='M{x} {y - 8}"
            "l8 8-8 8-8-8z'/>"
        )
    if kind == Signal.IMPROVEMENT:
        fill, pen, radius, width = "#fff", IMPROVEMENT, 6, 4
    elif kind == Signal.NEUTRAL:
        return (
            f"<path fill='#fff' stroke='{PAPER_INK_2}' stroke-width='3' d='M{x - 6} {y - 6}"
            "h12v12h-12z'/>"
        )
    else:
        fill, pen, radius, width = TREND, PAPER_INK, 4, 1
    return (
        f"<circle cx='{x}' cy='{y}' r='{radius}' fill='{fill}' stroke='{pen}' "
        f"stroke-width='{width}'/>"
    )


def _picture(inner: str) -> str:
    return image(
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}'>{inner}</svg>"
    )
