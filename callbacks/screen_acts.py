"""Name, retire and take back displays on the sources page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update, set_props

from callbacks import identity
from components.i18n import N_, _, use
from components.person import sign_in_first
from components.screen_ids import SAID, screen_act, screen_name
from components.sources_ids import BoardIds
from data.commands.screens import ScreenFault, rename, retire
from data.logs import logger
from data.store import Store, utc_now

log = logger("screens")

FAULTS: Mapping[ScreenFault, str] = {
    ScreenFault.NO_RIGHT: N_("Not done: displays are kept by data stewards and leaders"),
    ScreenFault.UNKNOWN: N_("Not done: there is no such display any more"),
    ScreenFault.NAME_MISSING: N_("Not saved: a name is needed"),
    ScreenFault.NAME_TOO_LONG: N_("Not saved: a name has at most 60 letters"),
    ScreenFault.NAME_TAKEN: N_("Not saved: another display has this name"),
}
DONE: Mapping[str, str] = {
    "name": N_("The display was named"),
    "retire": N_("The display was retired and alarms no more"),
    "back": N_("The display is watched again"),
}


def register(app: Dash, store: Store) -> None:
    """Attach the acts. Whoever acts is asked of the session, never of the form."""

    @app.callback(
        Output(SAID, "children"),
        Input(screen_act(ALL, ALL), "n_clicks"),
        State(screen_name(ALL), "value"),
        State(screen_name(ALL), "id"),
        State(BoardIds.NUDGE, "data"),
        State(BoardIds.ROOT, "lang"),
        prevent_initial_call=True,
    )
    def act(
        _clicks: Sequence[int], names: Sequence[str | None], ids: Sequence[Mapping[str, str]],
        nudge: int, lang: str,
    ) -> Any:  # fmt: skip
        clicked = ctx.triggered_id
        if not isinstance(clicked, dict) or not ctx.triggered[0]["value"]:
            return no_update
        typed = {i["screen"]: (v or "") for i, v in zip(ids, names, strict=True)}
        screen, wish = str(clicked.get("screen")), str(clicked.get("act"))
        with use(lang):
            if identity.current() is None:
                return sign_in_first()
            try:
                fault = _done(store, screen, wish, typed.get(screen, ""))
            except Exception:
                log.exception("a display cannot be changed")
                return _("Not saved: the store cannot be written")
            if fault is not None:
                return _(FAULTS[fault])
            set_props(BoardIds.NUDGE, {"data": (nudge or 0) + 1})  # the page is counted again
            return _(DONE[wish])


def _done(store: Store, screen: str, wish: str, typed: str) -> ScreenFault | None:
    actor, now = identity.current(), utc_now()
    if actor is None:
        return ScreenFault.NO_RIGHT
    by = identity.by(actor)
    with store.write() as conn:
        if wish == "name":
            return rename(conn, screen, typed, by, now)
        if wish in ("retire", "back"):
            return retire(conn, screen, by, now, back=wish == "back")
    return ScreenFault.UNKNOWN
