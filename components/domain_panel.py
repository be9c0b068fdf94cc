"""One domain of the city: four tiles and how many of them are not normal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import html
from dash.development.base_component import Component

from components.i18n import _, name, ngettext
from components.ids import Props, domain_note_id, key, marks, tile_id
from components.theme import shape
from components.tile import tile, tile_props
from data.vocabulary import DomainPanel, Names, Status


def domain_panel(
    domain: str, codes: Sequence[str], fill: Props, names: Mapping[str, Names]
) -> html.Section:
    """Return the frame of one domain; codes are its tiles in order."""
    note = fill.get(key(domain_note_id(domain)), {})
    return html.Section(
        [
            html.Div(
                [
                    html.H2(name(names.get(domain)) or domain),
                    html.Div(id=domain_note_id(domain), className="st", **note),
                ],
                className="ph",
            ),
            html.Div([tile(c, fill, names.get(c)) for c in codes], className="kpis"),
        ],
        className="panel domain",
        **marks({"data-panel": f"domain-{domain}"}),
    )


def domain_props(payload: DomainPanel) -> Props:
    """Return what one domain's payload changes on the wall."""
    props: Props = {key(tile_id(t["code"])): tile_props(t) for t in payload["tiles"]}
    props[key(domain_note_id(payload["domain"]))] = {"children": _note(payload)}
    return props


def _note(payload: DomainPanel) -> list[Component | str]:
    """Say the gravest thing only: abnormal, else late or missing, else normal."""
    late = [t for t in payload["tiles"] if t["status"] in (Status.STALE, Status.NO_DATA)]
    levels = [t["level"] for t in payload["tiles"] if t["level"] and t not in late]
    if levels:
        return [shape(min(levels)), _count(ngettext("{n} raised", "{n} raised", len(levels)))]
    if late:
        return [_count(ngettext("{n} late", "{n} late", len(late)))]
    return [_count(_("Normal"))]


def _count(word: str) -> html.Span:
    return html.Span(word)
