"""The keys of the desk, on one sheet."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from components.desk_ids import DeskIds
from components.i18n import _
from components.ids import marks


def help_sheet(*, acting: bool, centre: bool) -> html.Div:
    """Return the closed sheet of keys; those that act only for who may."""
    moving = (
        (("j", "↓"), _("Next case")),
        (("k", "↑"), _("Previous case")),
        (("Home", "End"), _("First case, last case shown")),
        (("Enter",), _("Open the chosen case")),
        (("/",), _("Search")),
        (("?",), _("This sheet")),
        (("Esc",), _("Close what is open; leave a field")),
    )
    doing = (
        (("a",), _("Acknowledge: somebody has seen it")),
        (("d",), _("Dispatch to a department")),
        (("t",), _("Take the lead from the platform")),
        (("n",), _("New case")),
        (("Enter",), _("Send, in the dispatch panel")),
        (("Ctrl+Enter",), _("Send, in every form")),
    )
    columns = [_column(_("Moving"), moving)]
    if acting:
        columns.append(_column(_("Acting"), doing if centre else doing[-1:]))
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
        id=DeskIds.HELP,
        className="veil off",
    )  # fmt: skip


def _column(title: str, keys: tuple[tuple[tuple[str, ...], str], ...]) -> html.Section:
    lines: list[Component] = [
        html.Div([html.Dt([html.Kbd(k) for k in names]), html.Dd(word)]) for names, word in keys
    ]
    return html.Section([html.H3(title), html.Dl(lines)])
