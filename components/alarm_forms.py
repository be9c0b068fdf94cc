"""What can be done to the chosen alarm: its buttons and the one form that they share."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from components.alarm_ids import AlarmIds
from components.alarm_words import outcome_word
from components.formats import duration
from components.i18n import _
from components.ids import marks
from data.vocabulary.alarms import Outcome

SHELF_MINUTES = (15, 30, 60, 120, 240, 480, 720, 1440)
SERVICE_MINUTES = (60, 240, 480, 1440, 3 * 1440, 7 * 1440, 31 * 1440)
"""For how long an alarm is put aside at once; what its priority does not allow is left out."""


def acts() -> html.Div:
    """Return the place of the buttons; the browser puts in what is allowed now."""
    return html.Div(className="acts", **marks({"data-said": "acts"}))


def form() -> html.Form:
    """Return the form of every act that takes words; the browser shows the fields it needs."""
    outcomes = [html.Option(outcome_word(o), value=o.value) for o in Outcome]
    return html.Form(
        [
            html.H3([html.Span(**marks({"data-said": "act"}))]),
            html.Div(className="clash", role="alert", **marks({"data-said": "clash"})),
            _field("minutes", _("For how long"), html.Select(name="minutes", className="inp")),
            _field(
                "category",
                _("Case category"),
                html.Select(name="category", className="inp", **marks({"data-fill": "categories"})),
            ),
            _field(
                "place",
                _("Area of the case"),
                html.Select(name="place", className="inp", **marks({"data-fill": "areas"})),
            ),
            _field(
                "outcome",
                _("It was"),
                html.Select(outcomes, name="outcome", className="inp"),
            ),
            _field(
                "reason",
                _("Reason or note"),
                html.Textarea(name="reason", className="inp", rows="3", maxLength="500"),
            ),
            html.Div(
                [
                    html.Button(
                        [_("Save"), html.Kbd("Ctrl+Enter")], type="submit", className="btn main"
                    ),
                    html.Button(
                        [_("Cancel"), html.Kbd("Esc")], type="button", className="btn",
                        **marks({"data-do": "leave"}),
                    ),
                    html.Span(className="keptsaid", **marks({"data-said": "kept"})),
                ],
                className="acts",
            ),
        ],
        id=AlarmIds.FORM,
        className="form off",
        action="/alerts",
        autoComplete="off",
        **marks({"data-shelf": _choices(SHELF_MINUTES), "data-service": _choices(SERVICE_MINUTES)}),
    )  # fmt: skip


def _choices(minutes: Sequence[int]) -> str:
    """Return lengths of time as minutes=words, one beside the other."""
    return ";".join(f"{n}={duration(n * 60)}" for n in minutes)


def _field(key: str, word: str, *inputs: Component) -> html.Label:
    return html.Label(
        [
            html.Span(word, className="fw"),
            *inputs,
            html.Span(className="err", role="alert", **marks({"data-error": key})),
        ],
        className="fld",
        **marks({"data-field": key}),
    )


def help_sheet(*, acting: bool) -> html.Div:
    """Return the closed sheet of keys; those that act only for who may."""
    moving = (
        (("j", "↓"), _("Next alarm")),
        (("k", "↑"), _("Previous alarm")),
        (("→", "←"), _("Unfold, fold a situation")),
        (("Enter",), _("To the chosen alarm's details")),
        (("/",), _("Search")),
        (("?",), _("This sheet")),
        (("Esc",), _("Close what is open; leave a field")),
    )
    doing = (
        (("a",), _("Acknowledge")),
        (("s",), _("Shelve")),
        (("n",), _("Add a note")),
        (("c",), _("Make a case")),
        (("Ctrl+Enter",), _("Save")),
    )
    columns = [_column(_("Moving"), moving)]
    if acting:
        columns.append(_column(_("What you can do"), doing))
    return html.Div(
        html.Div(
            [
                html.H2(_("Keys")),
                html.Div(columns, className="two"),
                html.P(_("Keys do nothing while you type in a field."), className="dim2"),
                html.Button(
                    [_("Close"), html.Kbd("Esc")], type="button", className="btn",
                    **marks({"data-do": "close-help"}),
                ),
            ],
            className="sheet",
            role="dialog",
            **marks({"aria-label": _("Keys"), "aria-modal": "true"}),
        ),
        id=AlarmIds.HELP,
        className="veil off",
    )  # fmt: skip


def _column(title: str, keys: Sequence[tuple[tuple[str, ...], str]]) -> html.Section:
    lines: list[Component] = [
        html.Div([html.Dt([html.Kbd(k) for k in names]), html.Dd(word)]) for names, word in keys
    ]
    return html.Section([html.H3(title), html.Dl(lines)])
