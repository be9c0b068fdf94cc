"""The inside of the drawer at an instant: what was known of one number then."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from components.formats import MISSING, full_time, number
from components.i18n import _, name
from components.replay_bar import moment
from components.replaying import Replay
from components.theme import status_word
from data.vocabulary import Names, Status, Tile


def tile_then(tile: Tile, area: Names, source: Names, replay: Replay) -> list[Component]:
    """Return value, state, times and source of a number as they were known."""
    status = Status(tile["status"])
    shown = MISSING if status is Status.NO_DATA else number(tile["value"], tile["decimals"])
    if tile.get("hidden"):
        shown = _("Not shown")
    facts = [
        (_("Shown for"), moment(replay)),
        (_("State"), status_word(status)),
        (_("About"), full_time(tile["observed_at"])),
        (_("Known since"), full_time(tile["known_at"])),
        (_("Source"), name(source)),
        (_("Reported"), f"{tile['reported']}/{tile['expected']}"),
    ]
    if "grain" in tile:
        facts.append((_("Shown is"), f"{name(tile['grain'])} · {name(tile.get('kept'))}"))
    return [
        html.Header(
            [
                html.P(name(area)),
                html.H2(name(tile["name"])),
                html.P([html.Strong(shown), html.Span(name(tile["unit"]), className="unit")],
                       className="big"),
                html.P(name(tile["why"])),
            ]
        ),
        html.Section(html.Dl([html.Div([html.Dt(w), html.Dd(v)]) for w, v in facts])),
        html.P(_("Facts, runs and corrections stand with the live number.")),
    ]  # fmt: skip
