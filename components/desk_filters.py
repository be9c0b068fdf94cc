"""What narrows the desk: places and departments to choose from, chips with their counts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from components.desk_ids import DeskIds
from components.desk_words import LEFTS, ONLY, OPEN_STATES, SORTS
from components.formats import number
from components.i18n import _, name
from components.ids import marks
from components.loop_words import state_word
from components.theme import LEVELS, shape
from data.catalogue import Catalogue
from data.vocabulary.desk import DeskCounts, DeskView


@dataclass(frozen=True)
class Choices:
    """What can be chosen: (code, name) each; areas: counties with what is below them."""

    domains: Sequence[tuple[str, str]]
    areas: Sequence[tuple[str, str, Sequence[tuple[str, str]]]]
    departments: Sequence[tuple[str, str]]
    categories: Sequence[tuple[str, Sequence[tuple[str, str]]]]


def choices(catalogue: Catalogue, areas: frozenset[str] | None) -> Choices:
    """Return what somebody may choose from, in the language spoken now; None: every area."""
    here = {k: a for k, a in catalogue.areas.items() if areas is None or k in areas}
    counties = [a for a in catalogue.counties() if a.code in here]
    below = {
        a.code: [(t.code, name(t.name)) for t in here.values() if t.parent == a.code]
        for a in counties
    }
    kinds = {
        key: [(c.code, name(c.name)) for c in catalogue.categories.values() if c.domain == key]
        for key in catalogue.domains
    }
    return Choices(
        domains=[(d.key, name(d.name)) for d in catalogue.domains.values() if kinds[d.key]],
        areas=[(a.code, name(a.name), below[a.code]) for a in counties],
        departments=[(d.key, name(d.short or d.name)) for d in catalogue.departments.values()],
        categories=[(name(d.name), kinds[k]) for k, d in catalogue.domains.items() if kinds[k]],
    )


def filters(view: DeskView, counts: DeskCounts | None) -> html.Div:
    """Return everything above the grid that narrows it."""
    return html.Div(
        [
            html.Div(
                [
                    _select("domain", _("All domains"), fill="domains"),
                    _select("area", _("All areas"), fill="areas"),
                    _select("dept", _("All departments"), fill="departments"),
                    *[_chip("only", key, [_(word)], view.only) for key, word in ONLY.items()],
                    html.I(className="bar1"),
                    *_lefts(view, counts),
                    html.Span(className="sp"),
                    _search(view),
                ],
                className="frow",
            ),
            html.Div(
                [
                    *_chips(view, counts),
                    html.Span(className="sp"),
                    html.Button(
                        _("Clear filters"),
                        type="button",
                        className="btn" if view != DeskView(sort=view.sort) else "btn off",
                        **marks({"data-do": "clear"}),
                    ),
                ],
                className="frow",
            ),
        ],
        className="panel narrow",
        role="search",
    )


def _chips(view: DeskView, counts: DeskCounts | None) -> list[Component]:
    states = {s.value: [state_word(s)] for s in OPEN_STATES}
    levels = {str(int(x)): [shape(x), html.Span(_(LEVELS[x].word))] for x in LEVELS}
    return [
        *_counted("state", states, view.state, counts["state"] if counts else None),
        html.I(className="bar1"),
        *_counted("level", levels, view.level, counts["level"] if counts else None),
    ]


def _lefts(view: DeskView, counts: DeskCounts | None) -> list[Component]:
    words = {x: [_(word)] for x, word in LEFTS.items()}
    return _counted("left", words, view.left, counts["left"] if counts else None)


def sorts() -> html.Select:
    """Return the choice of an order."""
    return _select("sort", "", [html.Option(_(w), value=k) for k, w in SORTS.items()])


def _counted(
    facet: str,
    words: Mapping[str, Sequence[str | Component]],
    chosen: frozenset[str],
    counts: Mapping[str, int] | None,
) -> list[Component]:
    found: list[Component] = []
    for key, said in words.items():
        n = counts.get(key, 0) if counts is not None else None
        found.append(_chip(facet, str(key), [*said, html.B(number(n))], chosen, zero=n == 0))
    return found


def _chip(
    facet: str,
    value: str,
    said: Sequence[str | Component],
    chosen: frozenset[str],
    *,
    zero: bool = False,
) -> html.Button:
    on = value in chosen
    look = " ".join(p for p in ("chip", "on" if on else "", "zero" if zero else "") if p)
    return html.Button(
        list(said),
        type="button",
        className=look,
        **marks({"data-facet": facet, "data-value": value, "aria-pressed": str(on).lower()}),
    )


def _select(
    facet: str, every: str, options: Sequence[Component] = (), *, fill: str = ""
) -> html.Select:
    """Return a choice. fill: of `options_json`, put in by the browser."""
    first = [html.Option(every, value="")] if every else []
    label = every or _("Order")
    return html.Select(
        [*first, *options],
        className="inp sel",
        title=label,
        **marks({"data-choice": facet, "data-fill": fill, "aria-label": label}),
    )


Option = tuple[str, str]
Group = tuple[str, Sequence[Option]]


def options_json(found: Choices) -> str:
    """Return the longer choices for the browser to put in: as components each costs a Dash page.

    A list of (code, word), or of (group, that list). places: for a case by hand.
    """
    every, unknown = _("{area}, all"), _("{area}, town not known")

    def grouped(whole: str) -> list[Group]:
        return [
            (word, [(code, whole.format(area=word)), *towns]) for code, word, towns in found.areas
        ]

    return json.dumps(
        {
            "domains": list(found.domains),
            "areas": grouped(every),
            "departments": list(found.departments),
            "categories": list(found.categories),
            "places": grouped(unknown),
        },
        ensure_ascii=False,
    )


def _search(view: DeskView) -> html.Label:
    box = dcc.Input(
        id=DeskIds.TEXT,
        value=view.q,
        type="search",
        className="inp",
        placeholder=_("Number, title, address, words"),
        maxLength=80,
        autoComplete="off",
    )
    return html.Label([box, html.Kbd("/")], className="find")
