"""A fair comparison of units: a funnel with exact limits, and bands instead of ranks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components.formats import MISSING, number
from components.funnel_picture import funnel_picture
from components.i18n import _, language, name
from components.review_ids import WeekView, address
from components.review_parts import named, nothing, section, sorted_by, table
from components.review_words import counted, doubt_sentence, doubt_word
from data.vocabulary.review import Fair, FairPoint, Review
from data.vocabulary.review_terms import Doubt

MOST_LINES = 12
"""More units stand in lines, not in a table."""


def fair_comparison(review: Review, view: WeekView) -> html.Section:
    """Return every comparison of the page."""
    title = _("Fair comparison")
    if not review["fair"]:
        return section(title, [nothing(_("Nothing to compare at this level"))], key="fair")
    note = _("n across, value up; lines: the whole, 95 % and 99.8 % of chance")
    shown = [_one(fair, review, view) for fair in review["fair"]]
    return section(title, [html.Div(shown, className="fairs")], note=note, key="fair")


def _one(fair: Fair, review: Review, view: WeekView) -> html.Article:
    measure = fair["measure"]
    levels = {2: _("counties"), 3: _("towns")}
    way = f"/indicator/{measure['code']}?area={review['area']}"
    head = html.H3(
        [
            html.A(name(measure["name"]), href=way),
            html.Span(f"{levels.get(fair['level'], '')} · {unit_of(fair)}", className="note"),
        ]
    )
    placed = [p for p in fair["points"] if p["band"] > 0]
    if fair["doubt"] is not None or not placed:
        said = doubt_sentence(fair["doubt"] or Doubt.UNDER_FLOOR)
        return html.Article([head, nothing(said), *_small(fair, review)], className="fair1")
    picture = funnel_picture(fair, review["areas"])
    many = len(placed) > MOST_LINES
    if fair["bands"] <= 1 or many:
        parts = [head, picture, *_listed(fair, review, view, placed), *_small(fair, review)]
        return html.Article(parts, className="fair1 wide flow" if many else "fair1")
    beside = _bands(fair, review, view, placed)
    both = html.Div([picture, beside], className="fair2")
    return html.Article([head, both, *_small(fair, review)], className="fair1 wide")


def _listed(fair: Fair, review: Review, view: WeekView, placed: list[FairPoint]) -> list[Component]:
    """Return the units band by band in lines: many of them, or none of which is ranked."""
    decimals = max(fair["measure"]["decimals"], 1)
    lines: list[Component] = []
    for band in sorted({p["band"] for p in placed}):
        said: list[Any] = [html.B(_("band {n}").format(n=band)), " "]
        for point in (p for p in placed if p["band"] == band):
            said += [_in_line(point, review, view, decimals), " "]
        lines.append(html.P(said, className="hint units"))
    words = _rank_words(fair)
    return [*lines, html.P(words, className="hint")]


def _in_line(point: FairPoint, review: Review, view: WeekView, decimals: int) -> html.Span:
    way = address(view, area=point["area"])
    more = [_interval(point, decimals), counted(point["n"])]
    if point["outside"]:
        more.append(place_word(point))
    said: list[Any] = [
        dcc.Link(named(review["areas"], point["area"]), href=way),
        " ",
        html.B(number(point["value"], decimals)),
        f"（{_(', ').join(more)}）；" if language() == "zh" else f" ({_(', ').join(more)});",
    ]
    return html.Span(said, className=f"u o-{point['outside'] or 'in'}")


def _rank_words(fair: Fair) -> str:
    if fair["bands"] <= 1:
        return _("All units shown cannot be told apart: there is no ranking.")
    return _("Units of one band cannot be told apart; within a band the order means nothing.")


def unit_of(fair: Fair) -> str:
    """Return the unit of a comparison, with the residents a count is taken by."""
    unit = name(fair["measure"]["unit"])
    if not fair["per"]:
        return unit
    return _("{unit} per {per} residents ({year})").format(
        unit=unit, per=number(fair["per"]), year=fair["population"]
    )


def _bands(fair: Fair, review: Review, view: WeekView, placed: list[FairPoint]) -> Component:
    decimals = max(fair["measure"]["decimals"], 1)
    ordered = sorted(placed, key=lambda p: p["band"])
    starts = {p["area"] for a, p in pairwise(ordered) if a["band"] != p["band"]}
    rows = [
        _placed(p, named(review["areas"], p["area"]), view, decimals, step=p["area"] in starts)
        for p in ordered
    ]
    heads = [
        _("Band"), _("Area"), html.Th(_("Value"), className="num"),
        html.Th(_("95% interval"), className="num"), html.Th("n", className="num"),
        _("Against the whole"),
    ]  # fmt: skip
    said = html.P(_rank_words(fair), className="hint")
    return html.Div([table(heads, rows, "bands"), said])


def _placed(point: FairPoint, where: str, view: WeekView, decimals: int, *, step: bool) -> html.Tr:
    cells = [
        html.Td(_("band {n}").format(n=point["band"]), **sorted_by(point["band"])),
        html.Td(dcc.Link(where, href=address(view, area=point["area"]))),
        html.Td(number(point["value"], decimals), className="num now"),
        html.Td(_interval(point, decimals), className="num", **sorted_by(point["low"])),
        html.Td(number(point["n"]), className="num"),
        html.Td(place_word(point), className=f"o-{point['outside'] or 'in'}"),
    ]
    return html.Tr(cells, className="step" if step else "")


def _interval(point: FairPoint, decimals: int) -> str:
    if point["low"] is None or point["high"] is None:
        return MISSING
    return f"{number(point['low'], decimals)}–{number(point['high'], decimals)}"


def place_word(point: FairPoint) -> str:
    """Return where a unit lies to what chance alone gives."""
    words = {"above": _("above the funnel"), "below": _("below the funnel")}
    return words.get(point["outside"], _("inside the funnel"))


def _small(fair: Fair, review: Review) -> Sequence[Component]:
    """Return the units that are too small for a band, with their n and without a rank."""
    small = [p for p in fair["points"] if p["band"] == 0]
    if not small:
        return []
    under = [p for p in small if p["doubt"] in (None, Doubt.UNDER_FLOOR)]
    other = [p for p in small if p["doubt"] not in (None, Doubt.UNDER_FLOOR)]
    said = []
    if under:
        words = (
            _("Not compared, fewer than {floor} residents (no rank): {units}")
            if fair["per"]
            else _("Not compared, n under {floor} (no rank): {units}")
        )
        units = _("; ").join(_alone(p, review) for p in under)
        said.append(words.format(floor=number(fair["floor"]), units=units))
    if other:
        units = _("; ").join(_alone(p, review) for p in other)
        said.append(_("In no band: {units}").format(units=units))
    return [html.P(text, className="hint small") for text in said]


def _alone(point: FairPoint, review: Review) -> str:
    area = named(review["areas"], point["area"])
    if point["doubt"] not in (None, Doubt.UNDER_FLOOR):
        return f"{area} {doubt_word(point['doubt'] or '')}"
    return f"{area} {counted(point['n'])}"
