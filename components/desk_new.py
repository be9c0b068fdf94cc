"""A case by hand, in six fields: what, where, how grave, title, description, by which way."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from components.desk_ids import DeskIds, new_id
from components.desk_side import buttons, conflict, field
from components.i18n import N_, _
from components.ids import marks
from components.theme import LEVELS

CHANNELS: dict[str, str] = {
    "phone": N_("Telephone"),
    "patrol": N_("Patrol"),
    "leader": N_("Instruction of a leader"),
    "desk": N_("Seen at the desk"),
}
"""By which way somebody told the desk."""


def new_case() -> html.Form:
    """Return the form; what is typed stays in the browser until it is sent."""
    return html.Form(
        [
            html.H2(_("New case")),
            conflict(),
            html.Div(
                [
                    field("category", _("1 What"), _kinds()),
                    field("level", _("2 How grave"), _levels()),
                    _where(),
                    field("title", _("4 Title"), _line("title", _("One line")), wide=True),
                    field(
                        "body",
                        _("5 Description"),
                        html.Textarea(name="body", rows=3, className="inp"),
                        wide=True,
                    ),
                    field("channel", _("6 Told by"), _channels()),
                ],
                className="fields",
            ),
            buttons(_("Make the case"), "Ctrl+Enter"),
        ],
        id=DeskIds.NEW,
        className="panel form off",
        action="/desk",
        autoComplete="off",
        **marks({"data-form": "new"}),
    )


def _line(key: str, hint: str) -> dcc.Input:
    return dcc.Input(
        id=new_id(key), name=key, type="text", className="inp", placeholder=hint, autoComplete="off"
    )


def _first() -> html.Option:
    return html.Option(_("Choose"), value="")


def _kinds() -> html.Select:
    return html.Select(
        [_first()], name="category", className="inp", **marks({"data-fill": "categories"})
    )


def _levels() -> html.Select:
    options: list[Component] = [html.Option(_("As usual for its kind"), value="")]
    options += [html.Option(f"{int(x)} {_(LEVELS[x].word)}", value=str(int(x))) for x in LEVELS]
    return html.Select(options, name="level", className="inp")


def _where() -> html.Label:
    """Return the place: a town and an address, or a point of the map."""
    places = html.Select([_first()], name="area", className="inp", **marks({"data-fill": "places"}))
    point = html.Span(
        [
            html.Span(className="xy", **marks({"data-said": "point"})),
            html.Button(_("Forget the point"), type="button", className="btn off",
                        **marks({"data-do": "unpoint"})),
        ],
        className="point",
    )  # fmt: skip
    return field(
        "area",
        _("3 Where"),
        html.Div(
            [
                places,
                _line("address", _("Street, number, landmark")),
            ],
            className="two",
        ),
        point,
        wide=True,
    )


def _channels() -> html.Select:
    options = [html.Option(_(word), value=key) for key, word in CHANNELS.items()]
    return html.Select(options, name="channel", className="inp")
