"""The value behind an alarm over a day, against its limit: a picture without text, words around."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from dash import html
from dash.development.base_component import Component

from components.formats import day_time, number
from components.i18n import _
from components.theme import INK, LEVELS, LIMIT, TREND, image
from data.vocabulary.alarm_console import ValuePoint

WIDE, TALL, EDGE = 560.0, 120.0, 8.0
Point = tuple[float, float]


def value_chart(
    points: Sequence[ValuePoint], limit: float | None, *, priority: int, decimals: int, unit: str
) -> Component | None:
    """Return the chart with its hours and its limit in words; None where nothing is known."""
    values = [p["value"] for p in points if p["value"] is not None]
    if not values:
        return None
    picture = html.Img(
        src=_picture(points, limit, priority),
        alt=_("Value by hour of the last day, from {low} to {high} {unit}").format(
            low=number(min(values), decimals), high=number(max(values), decimals), unit=unit
        ),
        className="chart",
    )
    high, low = _range(values, limit)
    edges = [high, low] if high > low else [high]
    scale = html.Div([html.Span(number(x, decimals)) for x in edges], className="scale")
    hours = html.Div(
        [
            html.Span(day_time(points[0]["at"])),
            html.Span(_("Value by hour, {unit}").format(unit=unit) if unit else _("Value by hour")),
            html.Span(day_time(points[-1]["at"] + 3600)),
        ],
        className="hours",
    )
    said = _("Dashed: limit {limit} {unit}").format(limit=number(limit, decimals), unit=unit)
    legend = [html.P(said.strip(), className="dim2")] if limit is not None else []
    return html.Div([html.Div([scale, picture], className="plot"), hours, *legend], className="vc")


def _range(values: Sequence[float], limit: float | None) -> tuple[float, float]:
    every = [*values, *([limit] if limit is not None and math.isfinite(limit) else [])]
    return max(every), min(every)


def _picture(points: Sequence[ValuePoint], limit: float | None, priority: int) -> str:
    values = [p["value"] for p in points]
    high, low = _range([v for v in values if v is not None], limit)
    steps = max(len(points) - 1, 1)
    tall = (TALL - 2 * EDGE) / (high - low) if high > low else 0.0

    def at(i: int, value: float) -> Point:
        y = TALL - EDGE - (value - low) * tall if tall else TALL / 2
        return round(EDGE + (WIDE - 2 * EDGE) * i / steps, 1), round(y, 1)

    drawn = []
    fill = LEVELS[priority].fill
    if limit is not None:
        _x, y = at(0, limit)
        drawn.append(
            f'<line x1="0" x2="{WIDE:g}" y1="{y:g}" y2="{y:g}" stroke="{fill}" stroke-width="2" '
            'stroke-dasharray="7 5"/>'
        )
    drawn.append(f'<path d="M0 {TALL:g}H{WIDE:g}" stroke="{LIMIT}"/>')
    runs = list(_runs(values))
    for run in runs:
        line = " ".join(f"{x:g},{y:g}" for x, y in (at(i, v) for i, v in run))
        drawn.append(
            f'<polyline points="{line}" fill="none" stroke="{TREND}" stroke-width="2.5" '
            'stroke-linejoin="round" stroke-linecap="round"/>'
        )
    x, y = at(*runs[-1][-1])
    drawn.append(f'<circle cx="{x:g}" cy="{y:g}" r="5" fill="{fill}" stroke="{INK}"/>')
    inner = "".join(drawn)
    return image(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE:g} {TALL:g}">{inner}</svg>'
    )


def _runs(values: Sequence[float | None]) -> Iterator[list[tuple[int, float]]]:
    """Yield stretches without a gap: what is missing is no line."""
    run: list[tuple[int, float]] = []
    for i, value in enumerate(values):
        if value is None:
            if run:
                yield run
            run = []
        else:
            run.append((i, value))
    if run:
        yield run
