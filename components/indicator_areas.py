"""The chosen period in the areas below: value, n, signal, band, and the way down."""

from __future__ import annotations

from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from components.formats import MISSING, number
from components.i18n import _, name
from components.indicator_ids import IndicatorView, address
from components.review_parts import figure_cell, nothing, sorted_by, table
from components.review_words import doubt_word
from components.spark_limits import spark_limits
from components.spc_icons import side, variation_icon, variation_word
from data.vocabulary.indicator_page import AreaLine, IndicatorPage
from data.vocabulary.review_terms import Doubt


def areas(page: IndicatorPage, view: IndicatorView) -> list[Component]:
    """Return the table of areas; those without the indicator are named, not left out."""
    lines = [x for x in page["below"] if x["doubt"] is not Doubt.NOT_HERE]
    none = [x["area"] for x in page["below"] if x["doubt"] is Doubt.NOT_HERE]
    found: list[Component] = []
    if lines:
        found.append(table(_heads(page), [_row(page, view, x) for x in lines], "areas"))
    if none:
        found.append(nothing(_without(page, none, all_=not lines)))
    if page["fair"] is not None:
        found.append(html.P(_fair(page), className="hint"))
    return found


def _without(page: IndicatorPage, codes: Sequence[str], *, all_: bool) -> str:
    if all_:
        return _("No area of this level has its own numbers of this indicator.")
    names = _(", ").join(name(page["areas"].get(c)) or c for c in codes)
    return _("Without this indicator: {names}").format(names=names)


def _heads(page: IndicatorPage) -> list[Component | str]:
    heads: list[Component | str] = [
        _("Area"), html.Th(_("Value"), className="num"), html.Th(_("Before"), className="num"),
        html.Th(_("Last 26 periods"), className="no"), _("Variation"),
    ]  # fmt: skip
    return [*heads, _("Band")] if page["fair"] is not None else heads


def _row(page: IndicatorPage, view: IndicatorView, line: AreaLine) -> html.Tr:
    m = page["measure"]
    here = line["area"] == page["area"]
    where = dcc.Link(
        name(page["areas"].get(line["area"])) or line["area"],
        href=address(m["code"], view, area=line["area"]),
        className="area",
    )
    cells = [
        html.Th(where, scope="row"),
        figure_cell(line["figure"], m["decimals"]),
        html.Td(number(line["before"], m["decimals"]), className="num dim"),
        html.Td(_spark(page, line)),
        html.Td(_signal(page, line), **sorted_by(line["strength"])),
    ]
    if page["fair"] is not None:
        cells.append(html.Td(_band(line), **sorted_by(line["band"] or 99)))
    return html.Tr(cells, className="here" if here else "")


def _spark(page: IndicatorPage, line: AreaLine) -> Component | str:
    if not line["spark"]["values"]:
        return MISSING
    word = variation_word(line["signal"])
    return spark_limits(
        line["spark"], page["aim"], signal=line["signal"],
        direction=page["measure"]["direction"], label=word,
    )  # fmt: skip


def _signal(page: IndicatorPage, line: AreaLine) -> list[Component | str]:
    weak = line["doubt"]
    if line["figure"]["value"] is None or weak in (Doubt.TOO_FEW, Doubt.ALL_EQUAL):
        return [html.Small(doubt_word(weak))] if weak is not None else [MISSING]
    centre = next((v for v in reversed(line["spark"]["centre"]) if v is not None), None)
    up = side(line["signal"], page["measure"]["direction"], line["figure"]["value"], centre)
    return [variation_icon(line["signal"], up)]


def _band(line: AreaLine) -> list[Component | str]:
    if line["band"]:
        said: list[Component | str] = [_("band {n}").format(n=line["band"])]
    else:
        said = [MISSING, html.Small(doubt_word(line["unbanded"] or Doubt.UNDER_FLOOR))]
    if line["outside"]:
        word = _("above the funnel") if line["outside"] == "above" else _("below the funnel")
        said.append(html.Small(word))
    return said


def _fair(page: IndicatorPage) -> str:
    fair = page["fair"]
    if fair is None:
        return ""
    if fair["doubt"] is not None:
        return _("Bands: {why}").format(why=doubt_word(fair["doubt"]))
    said = _("Areas of one band cannot be told apart; band 1 is the best.")
    if fair["per"]:
        per = _("By {n} residents of {year}.").format(
            n=number(fair["per"]), year=fair["population"]
        )
        return f"{said} {per}"
    return said
