"""The chain behind one number: sum, definition, parts, facts with file and row, corrections."""

from __future__ import annotations

from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from components.evidence import fact_cards, revision_table
from components.formats import MISSING, number
from components.i18n import _, name, ngettext
from components.indicator_ids import IndicatorView, address
from components.review_parts import nothing, table
from components.review_words import valued
from data.vocabulary.proof import Chain, PartRow


@dataclass(frozen=True)
class Proof:
    """The chain of the chosen period and of the newest facts; None: there is no fact."""

    code: str
    chosen: Chain | None
    newest: Chain | None
    period: str


def proof(found: Proof, view: IndicatorView) -> list[Component]:
    """Return both chains, the chosen period's first."""
    return [
        *_chain(found, found.chosen, view, _("Evidence of {period}").format(period=found.period)),
        *_chain(found, found.newest, view, _("Evidence of the newest facts")),
    ]


def _chain(found: Proof, chain: Chain | None, view: IndicatorView, title: str) -> list[Component]:
    if chain is None:
        return [html.H3(title), nothing(_("No facts behind this number yet"))]
    decimals = chain["decimals"]
    said: list[Component] = [
        html.H3(title),
        html.P(_sum(chain), className="sum"),
        _parts(found, chain, view),
        *_left(chain["parts_left"], _("{n} more parts are not listed")),
        html.H4(_("Facts with run, file and row")),
        *fact_cards(chain["facts"], decimals),
        *_left(chain["facts_left"], _("{n} more facts are not listed")),
    ]
    if chain["revisions"]:
        said += [html.H4(_("Corrected values")), revision_table(chain["revisions"], decimals)]
        said += _left(chain["revisions_left"], _("{n} more corrections are not listed"))
    return said


def _left(n: int, words: str) -> list[Component]:
    return [html.P(words.format(n=number(n)), className="hint")] if n else []


def _sum(chain: Chain) -> str:
    """Return the value, what it is made of, and whether the parts add up to what is kept."""
    if chain["hidden"]:
        return _("Not shown: the count is so small that it could name persons.")
    num, den = chain["sums"]
    made = number(num, _places(num)) if den is None else (
        f"{number(num, _places(num))} ÷ {number(den, _places(den))}"
    )  # fmt: skip
    if den is not None and chain["definition"]["factor"] != 1:
        made += f" × {chain['definition']['factor']:g}"
    said = f"{valued(chain['value'], chain['decimals'], chain['unit'])} = {made}"
    version = _("definition version {n} of {since}").format(
        n=chain["definition"]["version"], since=chain["definition"]["valid_from"]
    )
    words = [said, version]
    if chain["reconciles"] is not None:
        same, other = _("parts and stored total agree"), _("parts and stored total DIFFER")
        words.append(same if chain["reconciles"] else other)
    return " · ".join(words)


def _places(value: float | None) -> int:
    return 0 if value is None or float(value).is_integer() else 2


def _parts(found: Proof, chain: Chain, view: IndicatorView) -> Component:
    parts = chain["parts"]
    words = ngettext("{n} part", "{n} parts", len(parts) + chain["parts_left"])
    heads: list[Component | str] = [
        _("Area"), _("Period"), html.Th(_("Numerator"), className="num"),
        html.Th(_("Denominator"), className="num"),
    ]  # fmt: skip
    rows = [_part(found, p, view) for p in parts]
    return html.Details([html.Summary(words), table(heads, rows, "parts")], open=len(parts) <= 12)


def _part(found: Proof, part: PartRow, view: IndicatorView) -> html.Tr:
    shown = [_count(part, part["numerator"]), _count(part, part["denominator"])]
    where = dcc.Link(
        name(part["area"]), href=address(found.code, view, area=part["area_code"], proof=True)
    )
    return html.Tr(
        [html.Th(where, scope="row"), html.Td(part["period"]),
         *[html.Td(x, className="num") for x in shown]]
    )  # fmt: skip


def _count(part: PartRow, value: float | None) -> str:
    if part["hidden"]:
        return _("Not shown")
    return MISSING if value is None else number(value, _places(value))
