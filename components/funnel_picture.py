"""The funnel of a fair comparison: lines as a picture, points and numbers as words over it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from components.formats import number
from components.i18n import _, name
from components.review_words import counted
from components.spc_icons import PAPER_GROUND, PAPER_INK_2, PAPER_LINE
from components.theme import image
from data.vocabulary import Names
from data.vocabulary.review import Fair, FairPoint

WIDE, TALL = 1000, 600
STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Field:
    """What the picture spans: n from 0, values between two round numbers."""

    most: float
    low: float
    high: float

    def x(self, n: float) -> float:
        """Return how far right an n stands, 0 to 1."""
        return min(max(n / self.most, 0.0), 1.0)

    def y(self, value: float) -> float:
        """Return how far down a value stands, 0 to 1."""
        return min(max((self.high - value) / (self.high - self.low), 0.0), 1.0)


def funnel_picture(fair: Fair, areas: Mapping[str, Names]) -> html.Figure:
    """Return the funnel of a comparison; every unit with a value is in it, by shape."""
    field = _field(fair)
    decimals = max(fair["measure"]["decimals"], 1)
    placed = [p for p in fair["points"] if p["value"] is not None]
    said = _("Funnel of {n} units around {centre}").format(
        n=len(placed), centre=number(fair["centre"], decimals)
    )
    inside: list[Component] = [
        html.Img(src=_lines(fair, field), alt=said),
        *(_point(p, field, areas, decimals) for p in placed),
        *(
            html.Span(_tick(v), className="ty", style={"top": _at(field.y(v))})
            for v in _ticks(field.low, field.high)
        ),
        *(
            html.Span(number(n), className="tx", style={"left": _at(field.x(n))})
            for n in _ticks(0, field.most)
        ),
    ]  # fmt: skip
    return html.Figure(html.Div(inside, className="plot"), className="funnel")


def _field(fair: Fair) -> Field:
    funnel, points = fair["funnel"], fair["points"]
    most = max([*funnel["n"], *(p["n"] for p in points), 1.0]) * 1.06
    placed = [p for p in points if p["band"] and p["value"] is not None] or points
    least = min((p["n"] for p in placed), default=0.0)
    values = [p["value"] for p in placed if p["value"] is not None]
    for edges in (funnel["low95"], funnel["high95"]):
        values += [v for n, v in zip(funnel["n"], edges, strict=True) if n >= least]
    if fair["centre"] is not None:
        values.append(fair["centre"])
    low, high = min(values, default=0.0), max(values, default=1.0)
    step = _step((high - low) or 1.0)
    low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    return Field(most, low, high if high > low else low + step)


def _step(span: float) -> float:
    rough = span / 4
    size = 10 ** math.floor(math.log10(rough))
    return float(next(s * size for s in STEPS if s * size >= rough * 0.999))


def _ticks(low: float, high: float) -> list[float]:
    step = _step(high - low)
    first = math.ceil(low / step - 1e-9)
    return [round(step * i, 6) for i in range(first, math.floor(high / step + 1e-9) + 1)]


def _tick(value: float) -> str:
    return number(value, 0 if value == int(value) else 1)


def _at(part: float) -> str:
    return f"{100 * part:.1f}%"


def _lines(fair: Fair, field: Field) -> str:
    funnel = fair["funnel"]
    drawn = [
        _stroke(f"M0 {round(TALL * field.y(v))}H{WIDE}", PAPER_GROUND, 1)
        for v in _ticks(field.low, field.high)
    ]
    for key, dashes in (("998", "2 3"), ("95", "6 4")):
        for edge in ("low", "high"):
            values: Sequence[float] = funnel[f"{edge}{key}"]  # type: ignore[literal-required]
            drawn.append(_stroke(_path(funnel["n"], values, field), PAPER_LINE, 1.2, dashes))
    if fair["centre"] is not None:
        drawn.append(
            _stroke(f"M0 {round(TALL * field.y(fair['centre']))}H{WIDE}", PAPER_INK_2, 1.2)
        )
    return image(
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDE} {TALL}' "
        f"preserveAspectRatio='none'>{''.join(drawn)}</svg>"
    )  # fmt: skip


def _path(n: Sequence[float], values: Sequence[float], field: Field) -> str:
    at = [
        f"{round(WIDE * field.x(a))} {round(TALL * field.y(b))}"
        for a, b in zip(n, values, strict=True)
    ]
    return "M" + "L".join(at) if at else "M0 0"


def _stroke(path: str, colour: str, width: float, dashes: str = "") -> str:
    dashed = f" stroke-dasharray='{dashes}'" if dashes else ""
    return (
        f"<path d='{path}' fill='none' stroke='{colour}' stroke-width='{width:g}'{dashed} "
        "vector-effect='non-scaling-stroke'/>"
    )


def _point(point: FairPoint, field: Field, areas: Mapping[str, Names], decimals: int) -> html.Span:
    where = name(areas.get(point["area"])) or point["area"]
    said = f"{where} {number(point['value'], decimals)} {counted(point['n'])}"
    kind = point["outside"] or ("in" if point["band"] else "small")
    right = field.x(point["n"]) > 0.8
    label: list[Component] = [html.B(where)] if point["outside"] else []
    return html.Span(
        label, className=f"pt o-{kind}{' left' if right else ''}", title=said,
        style={"left": _at(field.x(point["n"])), "top": _at(field.y(point["value"] or 0.0))},
    )  # fmt: skip
