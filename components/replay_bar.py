"""The REPLAY band: which instant is shown, how far back it lies, and the ways to move in time."""

from __future__ import annotations

import json
from typing import Any

from dash import html
from dash.development.base_component import Component

from components.formats import duration, local
from components.i18n import N_, _, language
from components.ids import marks
from components.replaying import Replay, with_at

BAND, CONTROLS = "replay-band", "replay-controls"
WEEKDAYS = (
    N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"),
    N_("Sunday"),
)  # fmt: skip


def under_band(page: Component, replay: Replay, address: str, *, plays: bool) -> Component:
    """Return a page with the band over it, as its first part, and its looks.

    address: of this page, to come back to the present. plays: its panels are asked for by
    `/replay`; other pages are opened anew at each instant.
    """
    whole: Any = page
    inside = getattr(page, "children", None)
    parts = list(inside) if isinstance(inside, list | tuple) else [inside]
    whole.children = [band(replay, address, plays=plays), *parts]
    whole.className = f"{getattr(page, 'className', '') or 'wall-root page'} replaying"
    return page


def band(replay: Replay, address: str, *, plays: bool) -> Component:
    """Return the band. Without scripts it still says all, and leads back to the present."""
    live = with_at(address or "/", None)
    return html.Div(
        [
            html.Div(
                [
                    html.B(_("REPLAY"), className="word"),
                    html.B(moment(replay), className="moment"),
                    html.Span(said(replay), className="knew"),
                ],
                className="instant",
            ),
            html.Div(id=CONTROLS, className="controls"),
            html.A(_("Back to live"), href=live, className="live", **marks({"data-live": "1"})),
        ],
        id=BAND,
        className="replay afterwards" if replay.afterwards else "replay",
        role="status",
        **marks(
            {
                "data-at": replay.at.timestamp(),
                "data-now": replay.now.timestamp(),
                "data-first": replay.first.timestamp(),
                "data-loaded": replay.loaded.timestamp() if replay.loaded else "",
                "data-plays": "1" if plays else "",
                "data-lang": language(),
                "data-words": json.dumps(words(), ensure_ascii=False),
            }
        ),
    )


def moment(replay: Replay) -> str:
    """Return the instant as people read it: day, weekday and minute."""
    at = local(replay.at.timestamp())
    seconds = f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"
    return f"{at:%Y-%m-%d} {_(WEEKDAYS[at.weekday()])} {seconds}"


def said(replay: Replay) -> str:
    """Return what the page shows, and how far back it lies."""
    back = duration(max(0.0, (replay.now - replay.at).total_seconds()))
    if replay.afterwards and replay.loaded is not None:
        loaded = local(replay.loaded.timestamp())
        return _("history brought in on {day}, by when it happened · {age} ago").format(
            day=f"{loaded:%Y-%m-%d}", age=back
        )
    return _("what was known then · {age} ago").format(age=back)


def words() -> dict[str, str | list[str]]:
    """Return the words that the band's script writes."""
    return {
        "known": _("what was known then · {age} ago"),
        "loaded": _("history brought in on {day}, by when it happened · {age} ago"),
        "minutes": _("{n} min"),
        "hours": _("{n} h"),
        "days": _("{n} days"),
        "a_day": _("1 day"),
        "an_hour": _("1 h"),
        "back_day": _("One day back"),
        "back_hour": _("One hour back"),
        "on_hour": _("One hour on"),
        "on_day": _("One day on"),
        "slider": _("Minute of the day"),
        "event": _("Next event"),
        "no_event": _("No later event"),
        "play": _("Play"),
        "pause": _("Pause"),
        "speed": _("Speed"),
        "failed": _("This instant cannot be fetched"),
        "read_only": _("Nothing can be changed in a replay"),
        "alarm": _("New alarm"),
        "stage": _("Stage changed"),
        "case": _("Level-1 matter"),
        "weekdays": [_(day) for day in WEEKDAYS],
    }
