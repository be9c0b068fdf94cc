"""What the sections of a review have in common: head with its note, tables that sort and copy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from components.formats import MISSING, number
from components.i18n import _, name
from components.ids import marks
from components.review_words import counted, doubt_word
from data.vocabulary import Names
from data.vocabulary.review import Figure, Review, ScoreRow
from data.vocabulary.review_terms import Doubt


def section(title: str, inside: Sequence[Any], *, note: str = "", key: str = "") -> html.Section:
    """Return one part of the page; key names it for the eye, tests and the print."""
    head = html.Header(
        [html.H2(title), html.Span(note, className="note")] if note else html.H2(title)
    )
    return html.Section([head, *inside], className=f"part p-{key}")


def table(heads: Sequence[Any], rows: Sequence[Any], kind: str) -> html.Div:
    """Return a table whose heads sort it, with a button that copies it."""
    copy = html.Button(_("Copy table"), className="copy", type="button", n_clicks=0)
    cells = [h if isinstance(h, Component) else html.Th(h) for h in heads]
    return html.Div(
        [copy, html.Table([html.Thead(html.Tr(cells)), html.Tbody(rows)], className=f"rvt {kind}")],
        className="rtw",
    )


def sorted_by(value: float | None) -> dict[str, Any]:
    """Return the attribute by which a cell is sorted where its words are no number."""
    return marks({"data-v": "" if value is None else f"{value:g}"})


def nothing(word: str) -> html.P:
    """Return the line of a part that has nothing to tell."""
    return html.P(word, className="calm")


def missing(doubt: Doubt | None) -> list[Any]:
    """Return a dash with the words for why nothing stands there."""
    return [MISSING, html.Small(doubt_word(doubt or Doubt.NO_DATA))]


def figure_cell(
    figure: Figure, decimals: int, kind: str = "num", *, before: Component | None = None
) -> html.Td:
    """Return a number with its n, or a dash and why. before: what stands at its left."""
    if figure["value"] is None:
        return html.Td(missing(figure["doubt"]), className=f"{kind} none")
    said: list[Any] = [*([] if before is None else [before]), number(figure["value"], decimals)]
    small = counted(figure["n"])
    if figure["doubt"] is not None:
        small = " · ".join(p for p in (small, doubt_word(figure["doubt"])) if p)
    if small:
        said.append(html.Small(small))
    return html.Td(said if len(said) > 1 else said[0], className=kind)


def named(names: dict[str, Names], code: str) -> str:
    """Return the name of a code, the code itself if it has none."""
    return name(names.get(code)) or code


def by_domain(review: Review) -> list[ScoreRow]:
    """Return the rows domain by domain, within one as they come: strongest signal first."""
    order = {code: i for i, code in enumerate(review["domains"])}
    return sorted(review["rows"], key=lambda row: order.get(row["measure"]["domain"], len(order)))
