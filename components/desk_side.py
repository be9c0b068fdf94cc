"""Beside the grid: the map, the chosen case, and what can be done to it here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components.desk_ids import DeskIds, new_id
from components.i18n import _
from components.ids import marks

NOTE = new_id("note")


def side(note: str, forms: Sequence[Component], *, acting: bool) -> html.Aside:
    """Return the right side. note: what must be said about the map. acting: may act at all."""
    below = html.Div([_card(acting=acting), *forms], className="below")
    return html.Aside([_map(note), below], className="side")


def _map(note: str) -> html.Section:
    return html.Section(
        [
            html.Canvas(
                id=DeskIds.MAP,
                tabIndex=-1,
                role="img",
                **marks({"aria-label": _("Map of the cases in the list")}),
            ),
            html.P(note, className="mapnote"),
            html.Div(className="tip", role="status"),
            html.Div(
                [
                    html.Button(
                        "+", type="button", title=_("Nearer"), **marks({"data-zoom": "in"})
                    ),
                    html.Button(
                        "−", type="button", title=_("Farther"), **marks({"data-zoom": "out"})
                    ),
                    html.Button(_("Whole area"), type="button", **marks({"data-zoom": "all"})),
                ],
                className="zoom",
            ),
            html.P(_("Click where it is"), className="pick"),
        ],
        className="panel dmap",
    )


def _zoom(way: str, sign: str, word: str) -> html.Button:
    return html.Button(sign, type="button", title=word, **marks({"data-zoom": way}))


def _card(*, acting: bool) -> html.Section:
    """Return the chosen case; the browser writes it."""
    lines = (
        ("number", _("Number")),
        ("kind", _("Kind")),
        ("place", _("Place")),
        ("at", _("Reported")),
        ("due", _("Deadline")),
        ("has", _("Who has it")),
        ("marks", _("Remarks")),
    )
    return html.Section(
        [
            html.P(_("Choose a case in the list or on the map."), className="choose"),
            html.Div(
                [
                    html.Div([_slot("level"), _slot("title"), _slot("state")], className="ch"),
                    html.Dl(
                        [
                            html.Div([html.Dt(word), html.Dd(**_said(key))], className=f"l-{key}")
                            for key, word in lines
                        ]
                    ),
                    html.P(className="body", **_said("body")),
                    html.Div(**_said("acts"), className="acts") if acting else None,
                    html.A(
                        [_("Open its page"), html.Kbd("Enter")],
                        className="btn",
                        **marks({"data-do": "open"}),
                    ),
                ],
                className="chosen off",
            ),
        ],
        id=DeskIds.CARD,
        className="panel card",
        **marks({"aria-live": "off", "aria-label": _("The chosen case")}),
    )


def _said(key: str) -> dict[str, Any]:
    return marks({"data-said": key})


def _slot(key: str) -> html.Span:
    return html.Span(className=f"s-{key}", **_said(key))


def dispatch() -> html.Form:
    """Return the small panel that sends a case to a department."""
    return html.Form(
        [
            html.H2(
                [
                    html.Span(_("Dispatch"), className="hw"),
                    html.Span(className="no", **_said("no")),
                ]
            ),
            conflict(),
            html.P(className="why", **_said("why")),
            field(
                "department",
                _("To"),
                html.Select(
                    name="department", className="inp", **marks({"data-fill": "departments"})
                ),
            ),
            field(
                "reason",
                _("Note"),
                dcc.Input(
                    id=NOTE, name="reason", type="text", className="inp", autoComplete="off",
                    placeholder=_("What the department must know"),
                ),
            ),
            buttons(_("Send"), "Enter"),
        ],
        id=DeskIds.DISPATCH,
        className="panel form off",
        action="/desk",
        autoComplete="off",
        **marks({"data-form": "dispatch"}),
    )  # fmt: skip


def field(key: str, word: str, *inputs: Component, wide: bool = False) -> html.Label:
    """Return one field with its word and the place where its error is said."""
    return html.Label(
        [
            html.Span(word, className="fw"),
            *inputs,
            html.Span(className="err", role="alert", **marks({"data-error": key})),
        ],
        className="fld wide" if wide else "fld",
        **marks({"data-field": key}),
    )


def conflict() -> html.Div:
    """Return the place where a form says what happened meanwhile, or why it is refused."""
    return html.Div(className="clash", role="alert", **_said("clash"))


def buttons(send: str, key: str) -> html.Div:
    """Return the feet of a form: send, and leave."""
    said: Sequence[Component] = [
        html.Button([send, html.Kbd(key)], type="submit", className="btn main"),
        html.Button(
            [_("Cancel"), html.Kbd("Esc")], type="button", className="btn",
            **marks({"data-do": "leave"}),
        ),
        html.Span(className="keptsaid", **_said("kept")),
    ]  # fmt: skip
    return html.Div(list(said), className="acts")
