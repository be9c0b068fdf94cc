"""The history of a source as small pictures: 24 hours as a strip, 12 weeks as a line."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html

from components.formats import MISSING, number
from components.i18n import _
from components.sparkline import sparkline_address
from components.theme import LIMIT, TREND, image
from data.sharing.rules import complete, percent
from data.sharing.words import Cell

STEP, HIGH, LOW = 8, 32.0, 28.0
LEAST = 15.0
"""Per cent that the height of a line of weeks stands for at the least."""
GAP, NOTCH = "#E8414B", "#F0983C"


def hours_strip(cells: Sequence[Cell]) -> html.Img:
    """Return one bar an hour: as high as it was complete, hollow where nothing came."""
    drawn = "".join(_bar(i, cell) for i, cell in enumerate(cells))
    width = max(len(cells), 1) * STEP
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HIGH:g}" '
        f'preserveAspectRatio="none">{drawn}</svg>'
    )
    return html.Img(src=image(svg), alt=hours_words(cells), className="strip")


def hours_words(cells: Sequence[Cell]) -> str:
    """Return what the strip shows, for those who cannot see it."""
    asked = [c for c in cells if c["expected"] > 0]
    if not asked:
        return _("Nothing was expected in these 24 hours")
    whole = sum(1 for c in asked if c["received"] >= c["expected"])
    none = sum(1 for c in asked if c["received"] == 0)
    return _("24 h: {whole} whole, {part} in part, {none} without data").format(
        whole=whole, part=len(asked) - whole - none, none=none
    )


def _bar(index: int, cell: Cell) -> str:
    x = index * STEP + 1
    if cell["expected"] <= 0:
        runs = TREND if cell["runs"] else LIMIT
        return f'<rect x="{x}" y="{HIGH - 2:g}" width="{STEP - 2}" height="2" fill="{runs}"/>'
    share = min(1.0, cell["received"] / cell["expected"])
    notch = (
        f'<rect x="{x}" y="0" width="{STEP - 2}" height="3" fill="{NOTCH}"/>'
        if cell["refused"]
        else ""
    )
    if share <= 0:
        hollow = (
            f'<rect x="{x + 0.5:g}" y="{HIGH - LOW + 0.5:g}" width="{STEP - 3}" '
            f'height="{LOW - 1:g}" fill="none" stroke="{GAP}" stroke-dasharray="2 2"/>'
        )
        return hollow + notch
    tall = max(3.0, round(LOW * share, 1))
    rest = "" if share >= 1 else (
        f'<rect x="{x}" y="{HIGH - LOW:g}" width="{STEP - 2}" height="{LOW - tall:g}" '
        'fill="#3A4550"/>'
    )  # fmt: skip
    bar = f'<rect x="{x}" y="{HIGH - tall:g}" width="{STEP - 2}" height="{tall:g}" fill="{TREND}"/>'
    return rest + bar + notch


def weeks_line(cells: Sequence[Cell]) -> html.Span:
    """Return completeness by week as a line, with the newest whole week's figure beside it."""
    shares = [percent(complete([c])) for c in cells]
    known = [s for s in shares if s is not None]
    if not known:
        return html.Span(MISSING, className="none")
    text = _("12 weeks: completeness from {low}% to {high}%").format(
        low=number(min(known), 1), high=number(max(known), 1)
    )
    return html.Span(
        html.Img(
            src=sparkline_address(shares, [], least=LEAST), alt=text, title=text, className="weeks"
        )
    )
