"""What narrows the alarm list: places, domains and rules to choose from, chips with counts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from components.alarm_ids import AlarmIds
from components.alarm_words import STATES, state_address
from components.formats import number
from components.i18n import _, name
from components.ids import marks
from components.theme import LEVELS, shape
from data.catalogue import Catalogue
from data.catalogue.alarm_entries import AlarmRule
from data.vocabulary.alarm_console import ConsoleCounts, ConsoleView
from data.vocabulary.alarms import AlarmState

Option = tuple[str, str]
LISTED = tuple(s for s in STATES if s != AlarmState.NORMAL)


@dataclass(frozen=True)
class Choices:
    """What can be chosen: (code, word) each; areas: counties with what is below them."""

    domains: Sequence[Option]
    areas: Sequence[tuple[str, str, Sequence[Option]]]
    rules: Sequence[Option]
    categories: Sequence[tuple[str, Sequence[Option]]] = ()


def choices(
    catalogue: Catalogue, rules: Mapping[str, AlarmRule], areas: frozenset[str] | None
) -> Choices:
    """Return what somebody may choose from, in the language spoken now; None: every area."""
    here = {k: a for k, a in catalogue.areas.items() if areas is None or k in areas}
    counties = [a for a in catalogue.counties() if a.code in here]
    towns = {
        a.code: [(t.code, name(t.name)) for t in here.values() if t.parent == a.code]
        for a in counties
    }
    kinds = {
        key: [(c.code, name(c.name)) for c in catalogue.categories.values() if c.domain == key]
        for key in catalogue.domains
    }
    used = {r.domain for r in rules.values()}
    return Choices(
        domains=[(d.key, name(d.name)) for d in catalogue.domains.values() if d.key in used],
        areas=[(a.code, name(a.name), towns[a.code]) for a in counties],
        rules=sorted(((code, name(r.name)) for code, r in rules.items()), key=lambda x: x[1]),
        categories=[(name(d.name), kinds[k]) for k, d in catalogue.domains.items() if kinds[k]],
    )


def options_json(found: Choices) -> str:
    """Return the longer choices for the browser to put in: as components each costs a Dash page."""
    every = _("{area}, all")
    areas = [(word, [(code, every.format(area=word)), *towns]) for code, word, towns in found.areas]
    return json.dumps(
        {
            "domains": list(found.domains),
            "areas": areas,
            "rules": list(found.rules),
            "categories": list(found.categories),
        },
        ensure_ascii=False,
    )


def filters(view: ConsoleView, counts: ConsoleCounts | None) -> html.Div:
    """Return everything above the list that narrows it."""
    states = {
        s: [html.Img(src=state_address(s, 4), alt="", className="stp"), html.Span(_(STATES[s]))]
        for s in LISTED
    }
    levels = {str(int(x)): [shape(x), html.Span(_(LEVELS[x].word))] for x in LEVELS}
    return html.Div(
        [
            *_counted("priority", levels, view.priority, counts["priority"] if counts else None),
            html.I(className="bar1"),
            *_counted("state", states, view.state, counts["state"] if counts else None),
            html.I(className="bar1"),
            _select("area", _("All areas"), "areas"),
            _select("domain", _("All domains"), "domains"),
            _select("rule", _("All rules"), "rules"),
            html.Button(
                _("One situation ✕"),
                type="button",
                className="chip on" if view.situation else "chip on off",
                **marks({"data-do": "every-situation"}),
            ),
            _search(view),
            html.Button(
                _("Clear filters"),
                type="button",
                className="btn" if view != ConsoleView() else "btn off",
                **marks({"data-do": "clear"}),
            ),
        ],
        className="panel frow",
        role="search",
    )


def _counted(
    facet: str,
    words: Mapping[str, Sequence[Component]],
    chosen: frozenset[str],
    counts: Mapping[str, int] | None,
) -> list[Component]:
    found: list[Component] = []
    for key, said in words.items():
        n = counts.get(key, 0) if counts is not None else None
        on = key in chosen
        look = " ".join(p for p in ("chip", "on" if on else "", "zero" if n == 0 else "") if p)
        found.append(
            html.Button(
                [*said, html.B(number(n))],
                type="button",
                className=look,
                **marks({"data-facet": facet, "data-value": key, "aria-pressed": str(on).lower()}),
            )
        )
    return found


def _select(facet: str, every: str, fill: str) -> html.Select:
    return html.Select(
        [html.Option(every, value="")],
        className="inp sel",
        title=every,
        **marks({"data-choice": facet, "data-fill": fill, "aria-label": every}),
    )


def _search(view: ConsoleView) -> html.Label:
    box = dcc.Input(
        id=AlarmIds.TEXT,
        value=view.q,
        type="search",
        className="inp",
        placeholder=_("Title, reason, place, case"),
        maxLength=80,
        autoComplete="off",
    )
    return html.Label([box, html.Kbd("/")], className="find")
