"""Whether the wall is alive: what the browser needs to know to judge it, and where it says so."""

from __future__ import annotations

import json
from collections.abc import Mapping

from dash import html

from components.i18n import _, language, name
from components.ids import Ids, marks
from components.replaying import replaying
from data.vocabulary import Names


def live_words() -> dict[str, str | list[str]]:
    """Return every word the browser scripts may write, in the language spoken now."""
    return {
        "server_lost": _("Connection to the server lost"),
        "store_lost": _("Database unavailable"),
        "since": _("values as of {time}"),
        "late": _("Data late {age}"),
        "tile": _("Late {age}"),
        "left": _("{t} left"),
        "over": _("{t} over"),
        "minutes": _("{n} min"),
        "hours": _("{n} h"),
        "days": _("{n} days"),
        "overview": _("City overview"),
        "loading": _("Loading …"),
        "weekdays": [
            _("Sunday"),
            _("Monday"),
            _("Tuesday"),
            _("Wednesday"),
            _("Thursday"),
            _("Friday"),
            _("Saturday"),
        ],
    }


def live_banner(
    *,
    area: str,
    home: str,
    areas: Mapping[str, Names],
    build: str,
    now: float,
    revisions: Mapping[str, int] | None = None,
    only: str = "",
) -> html.Div:
    """Return the banner, empty while all is well.

    The browser corrects its clock by `now` (epoch seconds) and judges by itself
    whether the server is lost: the first heartbeat moves the correction on. A
    panel that stands on the page already, at its entry in `revisions`, is not drawn twice.
    only: the one panel this page wants pushed; all of them if not given.
    Under replay nothing is pushed, and the browser's clock stands at that instant.
    """
    replay = replaying()
    return html.Div(
        html.Div(id=Ids.LIVE_BANNER, className="banner", role="status"),
        id=Ids.LIVE,
        **marks(
            {
                "data-words": json.dumps(live_words(), ensure_ascii=False),
                "data-lang": language(),
                "data-area": area,
                "data-home": home,
                "data-areas": json.dumps(
                    {c: name(n) for c, n in areas.items()}, ensure_ascii=False
                ),
                "data-build": build,
                "data-now": now,
                "data-revisions": json.dumps(revisions or {}),
                **({"data-only": only} if only else {}),
                **({"data-at": replay.at.timestamp()} if replay else {}),
            }
        ),
    )
