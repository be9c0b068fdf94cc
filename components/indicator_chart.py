"""The control chart of one indicator: values, limits, breaks, targets, remarks, what is special."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from components.chart_template import (
    CONCERN,
    GROUND,
    IMPROVEMENT,
    INK,
    INK_2,
    INK_3,
    LIGHT,
    PAPER,
    TREND,
    Figure,
    figure,
    months,
)
from components.formats import local
from components.i18n import name
from components.indicator_hover import point_words
from components.indicator_marks import break_lines, break_words, chosen_line, end_words, flags
from data.vocabulary import Aggregation
from data.vocabulary.indicator_page import IndicatorPage, Point
from data.vocabulary.review_terms import Doubt, Signal

Trace = dict[str, Any]
Run = list[int]

MARKS: dict[str, dict[str, Any]] = {
    Signal.CONCERN: {
        "symbol": "octagon", "size": 14, "color": CONCERN, "line": {"color": INK, "width": 1.4},
    },
    Signal.IMPROVEMENT: {
        "symbol": "circle", "size": 13, "color": PAPER,
        "line": {"color": IMPROVEMENT, "width": 3.5},
    },
    Signal.NEUTRAL: {
        "symbol": "square", "size": 11, "color": PAPER, "line": {"color": INK_2, "width": 2.5},
    },
}  # fmt: skip
"""Special causes by shape first; the shapes are those of `spc_icons`."""


def indicator_chart(page: IndicatorPage) -> Figure:
    """Return the figure; every point says in words what it is when it is looked at."""
    points = page["points"]
    x = [p["first"] for p in points]
    traces = [
        *_band(page, x),
        *_aims(page, x),
        _aligned(page, x),
        *_values(page, x),
        *(_special(page, x, signal) for signal in MARKS),
        _unshown(page, x),
        flags(page),
    ]
    layout = {
        "autosize": True,
        "margin": {"l": 56, "r": 92, "t": 46, "b": 44},
        "xaxis": {"type": "date", "range": _range(x), "tickformatstops": months()},
        "yaxis": {"title": {"text": name(page["measure"]["unit"])}, "rangemode": _mode(points)},
        "yaxis2": {"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True},
        "shapes": [*break_lines(page), *chosen_line(page)],
        "annotations": [*break_words(page), *end_words(page, x)],
        "uirevision": f"{page['measure']['code']}-{page['area']}-{page['grain']}",
    }
    return figure([t for t in traces if t is not None], layout)


def _range(x: Sequence[str]) -> list[str] | None:
    """Return the ends of the axis with room for the last marks; None lets the chart choose."""
    if len(x) < 2:
        return None
    first, last = date.fromisoformat(x[0]), date.fromisoformat(x[-1])
    room = (last - first) / 90
    return [(first - room).isoformat(), (last + room).isoformat()]


def _mode(points: Sequence[Point]) -> str:
    """Return "tozero" where zero is near: small counts are read from the ground."""
    known = [p["value"] for p in points if p["value"] is not None and p["doubt"] != Doubt.PARTIAL]
    return "tozero" if known and 0 <= min(known) < 0.35 * max(known, default=0) else "normal"


def _runs(points: Sequence[Point], cuts: Iterable[int], has: Sequence[float | None]) -> list[Run]:
    """Return stretches of places where `has` is known, cut where values stop being the same."""
    at, found, run = set(cuts), [], list[int]()
    for i in range(len(points)):
        if run and (has[i] is None or i in at):
            found.append(run)
            run = []
        if has[i] is not None:
            run.append(i)
    return [*found, run] if run else found


def _cuts(page: IndicatorPage) -> list[int]:
    return [b["at"] for b in page["breaks"] if b["bridged"] is None]


def _steps(page: IndicatorPage, x: Sequence[str], field: str) -> tuple[list[Any], list[Any]]:
    """Return a line through one field with a gap at every break."""
    points = page["points"]
    known: list[float | None] = [p[field] for p in points]  # type: ignore[literal-required]
    xs: list[Any] = []
    ys: list[Any] = []
    for run in _runs(points, _cuts(page), known):
        xs += [*(x[i] for i in run), None]
        ys += [*(known[i] for i in run), None]
    return xs, ys


def _band(page: IndicatorPage, x: Sequence[str]) -> list[Trace | None]:
    """Return the limits as a filled band with dashed edges, and the mean."""
    found: list[Trace | None] = []
    lower: list[float | None] = [p["lower"] for p in page["points"]]
    for run in _runs(page["points"], _cuts(page), lower):
        xs = [x[i] for i in run]
        for field, fill in (("lower", "none"), ("upper", "tonexty")):
            ys = [page["points"][i][field] for i in run]  # type: ignore[literal-required]
            found.append(_line(xs, ys, INK_3, 1.2, "dash") | {"fill": fill, "fillcolor": GROUND})
    return [*found, _line(*_steps(page, x, "centre"), INK_3, 1.4, "solid")]


def _line(xs: Sequence[Any], ys: Sequence[Any], colour: str, width: float, dash: str) -> Trace:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": list(xs),
        "y": list(ys),
        "line": {"color": colour, "width": width, "dash": dash, "shape": "hvh"},
        "hoverinfo": "skip",
        "connectgaps": False,
    }


def _aims(page: IndicatorPage, x: Sequence[str]) -> list[Trace | None]:
    """Return each target while it was in force."""
    found: list[Trace | None] = []
    for line in page["aims"]:
        span = list(x[line["start"] : line["end"]])
        if span and line["aim"]["kind"] in ("floor", "ceiling", "range"):
            edges = [v for v in (line["aim"]["low"], line["aim"]["high"]) if v is not None]
            found += [_line(span, [v] * len(span), INK, 1.6, "longdash") for v in edges]
    return found


def _aligned(page: IndicatorPage, x: Sequence[str]) -> Trace | None:
    """Return the same periods a year before, after the lunar calendar, as a light line."""
    then = [p["then"] for p in page["points"]]
    if all(v is None for v in then):
        return None
    return _line(x, then, LIGHT, 2.2, "solid") | {
        "line": {"color": LIGHT, "width": 2.2, "shape": "linear"}
    }


def _values(page: IndicatorPage, x: Sequence[str]) -> list[Trace | None]:
    points = page["points"]
    known = [None if _runs_still(page, p) else p["value"] for p in points]
    many = len(points) > 320
    line = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": list(x),
        "y": known,
        "line": {"color": TREND, "width": 1.4 if many else 2},
        "marker": {
            "size": [3 if many else 6] * len(points),
            "color": [PAPER if p["doubt"] == Doubt.PARTIAL else TREND for p in points],
            "line": {"color": TREND, "width": 1.5},
        },
        "hovertext": [point_words(page, p) for p in points],
        "hoverinfo": "text",
        "customdata": [p["period"] for p in points],
        "connectgaps": False,
    }
    at = page["chosen"]
    if at < 0 or known[at] is None:
        return [line]
    ring = {
        "type": "scatter",
        "mode": "markers",
        "x": [x[at]],
        "y": [known[at]],
        "marker": {
            "symbol": "circle-open", "size": 22, "color": INK, "line": {"width": 1.6, "color": INK},
        },
        "hoverinfo": "skip",
    }  # fmt: skip
    return [line, ring]


def _runs_still(page: IndicatorPage, point: Point) -> bool:
    """Return whether a sum is still being added up: drawn in the line it would look like a fall."""
    adds = page["measure"]["aggregation"] == Aggregation.SUM
    return adds and point["doubt"] == Doubt.PARTIAL and point["last"] >= _today(page)


def _today(page: IndicatorPage) -> str:
    return f"{local(page['as_of']):%Y-%m-%d}"


def _special(page: IndicatorPage, x: Sequence[str], signal: str) -> Trace | None:
    """Return the points of one kind of special cause, by shape and colour."""
    places = [i for i, p in enumerate(page["points"]) if p["signal"] == signal]
    if not places:
        return None
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [x[i] for i in places],
        "y": [page["points"][i]["value"] for i in places],
        "marker": MARKS[signal],
        "hovertext": [point_words(page, page["points"][i]) for i in places],
        "hoverinfo": "text",
        "customdata": [page["points"][i]["period"] for i in places],
    }


def _unshown(page: IndicatorPage, x: Sequence[str]) -> Trace | None:
    """Return crosses on the ground for periods without a value: why is said at each."""
    why = (Doubt.HIDDEN, Doubt.NO_DATA, Doubt.ZERO_DENOMINATOR)
    places = [
        i for i, p in enumerate(page["points"])
        if (p["value"] is None and p["doubt"] in why) or _runs_still(page, p)
    ]  # fmt: skip
    if not places:
        return None
    return {
        "type": "scatter",
        "mode": "markers",
        "yaxis": "y2",
        "x": [x[i] for i in places],
        "y": [0.02] * len(places),
        "marker": {"symbol": "x-thin", "size": 8, "line": {"color": INK_3, "width": 2}},
        "hovertext": [point_words(page, page["points"][i]) for i in places],
        "hoverinfo": "text",
        "customdata": [page["points"][i]["period"] for i in places],
    }
