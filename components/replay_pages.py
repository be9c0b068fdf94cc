"""What stands instead of a page at an instant: one that cannot be shown, or not of this page."""

from __future__ import annotations

from datetime import datetime

from dash import html
from dash.development.base_component import Component

from components.formats import local
from components.i18n import N_, _
from components.ids import marks
from components.replaying import keep, with_at
from data.sharing.at import AtFault

LONGEST = 60
"""So much of a text that nobody can read is shown back."""

FAULTS: dict[AtFault, str] = {
    AtFault.UNREADABLE: N_("“{text}” is no instant."),
    AtFault.FUTURE: N_("{text} lies ahead: nothing is known of it yet."),
    AtFault.TOO_EARLY: N_("Of {text} nothing is kept."),
    AtFault.UNKNOWN: N_("The database cannot say what it holds. Try again shortly."),
}
WEEKS = ("/weekly", "/indicator/", "/indicator/data", "/domain/", "/area/")
"""Pages made of whole weeks, which are counted anew with every correction."""


def cannot_look_back(
    fault: AtFault, text: str, first: datetime | None, address: str, lang: str
) -> Component:
    """Return the page of an instant that cannot be shown: why, and what is allowed."""
    told: list[Component] = [html.H1(_("This instant cannot be replayed"))]
    told.append(html.P(_(FAULTS[fault]).format(text=text[:LONGEST])))
    if first is not None:
        since = f"{local(first.timestamp()):%Y-%m-%d %H:%M}"
        told.append(html.P(_("Allowed are instants from {since} up to now.").format(since=since)))
    told.append(
        html.P(
            _(
                "Written as local time, {plain}; with a zone, {zoned}; or as seconds since 1970."
            ).format(plain="at=2026-11-20T14:05", zoned="at=2026-11-20T06:05Z")
        )
    )
    live = html.A(_("Back to live"), href=with_at(address, None), className="btn main")
    told.append(html.Div(live, className="ways"))
    return _alone(told, lang)


def not_replayed(path: str, address: str, lang: str) -> Component:
    """Return what stands under the band where a page cannot be shown as it was."""
    if path == "/supervision":
        why = _(
            "Its figures are counted over weeks of cases that ended, as they stand now. "
            "The cards of a case stand on the case's page."
        )
    elif path in WEEKS:
        why = _(
            "This page is made of whole weeks and is counted anew with every correction, "
            "so it has no state of a single minute."
        )
    else:
        why = _("What this page shows is not kept by the minute.")
    told = [
        html.H1(_("This page cannot be replayed")),
        html.P(why),
        html.P(_("Nothing of the present is shown here, so that it cannot be taken for then.")),
        html.Div(_ways(address), className="ways"),
    ]
    return _alone(told, lang)


def _ways(address: str) -> list[Component]:
    return [
        html.A(_("City overview at this instant"), href=keep("/"), className="btn main"),
        html.A(_("This page, live"), href=with_at(address, None), className="btn", **marks(_LIVE)),
    ]


_LIVE = {"data-live": "1"}
"""A link that leads back to the present."""


def _alone(told: list[Component], lang: str) -> html.Div:
    stop = html.Div(told, className="stop", role="alert")
    return html.Div([stop], className=f"wall-root page stopped lang-{lang}", lang=lang)
