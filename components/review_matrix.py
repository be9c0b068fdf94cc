"""County by indicator, or town by indicator: light cells, a shape where there is a signal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import dcc, html

from components.i18n import _, name
from components.review_head import noise_words
from components.review_ids import WeekView, address
from components.review_parts import by_domain, figure_cell, named, nothing, section, table
from components.spc_icons import side, variation_icon
from data.vocabulary.review import MatrixCell, MatrixRow, Measure, Review
from data.vocabulary.review_terms import Doubt, Signal


def matrix(review: Review, view: WeekView) -> html.Section:
    """Return the matrix of the areas below; a head leads to the review of its area."""
    title = _("Towns by indicator") if review["level"] == 2 else _("Counties by indicator")
    if not review["below"] or not review["matrix"]:
        return section(title, [nothing(_("There is no area below this one"))], key="matrix")
    measures = {row["measure"]["code"]: row["measure"] for row in review["rows"]}
    heads = [
        html.Th(_("Indicator"), className="w-ind"),
        *(
            html.Th(
                dcc.Link(named(review["areas"], code), href=address(view, area=code)),
                className="num",
            )
            for code in review["below"]
        ),
    ]
    order = {row["measure"]["code"]: i for i, row in enumerate(by_domain(review))}
    lines = sorted(review["matrix"], key=lambda row: order.get(row["code"], len(order)))
    told = [row for row in lines if not _nowhere(row)]
    rows = [_line(row, measures.get(row["code"]), review) for row in told]
    note = (
        _("a shape: the area's own chart has a signal") + " · " + noise_words(review["noise_below"])
    )
    parts: list[Any] = [table(heads, rows, "matrix")] if rows else []
    if len(told) < len(lines):
        names = [
            name(measures[r["code"]]["name"])
            for r in lines
            if _nowhere(r) and r["code"] in measures
        ]
        said = _("Not told for the areas below: {names}").format(names=_(", ").join(names))
        parts.append(html.P(said, className="hint"))
    return section(title, parts, note=note if rows else "", key="matrix")


def _nowhere(row: MatrixRow) -> bool:
    """Return whether no area below has an indicator at all."""
    return all(cell["figure"]["doubt"] == Doubt.NOT_HERE for cell in row["cells"])


def _line(row: MatrixRow, measure: Measure | None, review: Review) -> html.Tr:
    cells = {cell["area"]: cell for cell in row["cells"]}
    decimals = measure["decimals"] if measure else 0
    said: list[Any] = [row["code"]]
    if measure:
        unit = name(measure["unit"])
        way = f"/indicator/{row['code']}?area={review['area']}"
        said = [html.A(name(measure["name"]), href=way), f"（{unit}）" if unit else ""]
    return html.Tr(
        [
            html.Td(said, className="ind"),
            *(_cell(cells, code, measure, decimals) for code in review["below"]),
        ]
    )


def _cell(
    cells: Mapping[str, MatrixCell], code: str, measure: Measure | None, decimals: int
) -> html.Td:
    cell = cells.get(code)
    if cell is None:
        return html.Td(["—", html.Small(_("no data"))], className="num none")
    signal, figure = cell["signal"], cell["figure"]
    if signal == Signal.COMMON or figure["value"] is None:
        return figure_cell(figure, decimals)
    up = side(signal, measure["direction"] if measure else "", None, None)
    icon = variation_icon(signal, up, worded=False)
    return figure_cell(figure, decimals, f"num k-{Signal(signal).value}", before=icon)
