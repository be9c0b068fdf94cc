"""What people do on the weekly page: promise, follow a promise, reword a message, freeze."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from sqlalchemy.exc import SQLAlchemyError

from callbacks import identity
from components.i18n import _, use
from components.review_ids import WeekIds, act_id, field_id, told_id
from components.review_promises import NEW
from components.review_refusals import review_refusal
from components.review_said import overtaken_words
from data.catalogue import Catalogue
from data.commands.review import (
    ACTS,
    Asked,
    Conflict,
    Done,
    Refusal,
    Wanted,
    Wording,
    act_on_promise,
    edit_message,
    freeze,
    make_promise,
)
from data.logs import logger
from data.panels import weekly as panel
from data.queries.keys import read_keys
from data.store import Store, utc_now

log = logger("weekly")
Came = Done | Refusal | Conflict
Fields = Mapping[tuple[str, str], str]
"""(key of a form, field) -> what was typed."""


@dataclass(frozen=True)
class Click:
    """A button of the page: act, its key, and the week and area the page shows."""

    act: str
    key: str
    week: str
    area: str
    lang: str

    @property
    def form(self) -> str:
        """Return the key of the form the button belongs to."""
        if self.act == "freeze":
            return "freeze"
        return self.key.partition(".")[0] if self.act in ACTS else self.key


def register(app: Dash, store: Store, catalogue: Catalogue) -> None:
    """Attach the acts. A refusal is said beside its form, which keeps what was typed."""
    acts = Acts(store, catalogue)

    @app.callback(
        Output(told_id(ALL), "children"),
        Output(WeekIds.SAID, "children"),
        Output(WeekIds.NUDGE, "data"),
        Input(act_id(ALL, ALL), "n_clicks"),
        State(field_id(ALL, ALL), "value"),
        State(field_id(ALL, ALL), "id"),
        State(told_id(ALL), "id"),
        State(WeekIds.AT, "data"),
        State(WeekIds.NUDGE, "data"),
        State(WeekIds.ROOT, "lang"),
        prevent_initial_call=True,
    )
    def act(
        _clicks: Sequence[int],
        values: Sequence[str | None],
        ids: Sequence[Mapping[str, str]],
        told: Sequence[Mapping[str, str]],
        at: Sequence[str],
        nudge: int,
        lang: str,
    ) -> Any:
        clicked = ctx.triggered_id
        if not isinstance(clicked, dict) or not ctx.triggered[0]["value"] or len(at) != 2:
            return [no_update] * len(told), no_update, no_update
        click = Click(str(clicked["act"]), str(clicked["key"]), str(at[0]), str(at[1]), lang)
        typed = {
            (str(i["key"]), str(i["field"])): str(v or "") for i, v in zip(ids, values, strict=True)
        }
        with use(lang):
            said, done = acts.do(click, typed)
        lines = [said if str(t["key"]) == click.form and not done else "" for t in told]
        return lines, said if done else "", (nudge or 0) + 1 if done else no_update


class Acts:
    """Does what was clicked, in one transaction, and words what came of it."""

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self.store, self.catalogue = store, catalogue

    def do(self, click: Click, typed: Fields) -> tuple[str, bool]:
        """Return what is to be said, and whether something was done."""
        identity.require()
        try:
            came = self._came(click, typed)
        except SQLAlchemyError as error:
            log.warning("an act was lost", act=click.act, error=str(error).split("\n")[0])
            return _("Not saved: the database cannot be reached. What you typed is kept."), False
        if isinstance(came, Refusal):
            return review_refusal(came), False
        if isinstance(came, Conflict):
            return overtaken_words(came.since), False
        return _("Saved") if came.id else _("Nothing was changed"), True

    def _came(self, click: Click, typed: Fields) -> Came:
        if click.act == "made":
            return self._promise(click, typed)
        if click.act in ACTS:
            return self._follow(click, typed)
        if click.act == "freeze":
            return self._freeze(click)
        return self._reword(click, typed)

    def _promise(self, click: Click, typed: Fields) -> Came:
        form = {field: value for (key, field), value in typed.items() if key == NEW}
        about = ("text", "department", "owner", "due", "code", "of_area", "expected", "case_no")
        fields = {name: form.get(name, "") for name in about}
        if fields["case_no"] and not fields["code"]:
            fields["of_area"] = fields["expected"] = ""
        wanted = Wanted(week=click.week, area=click.area, **fields)
        actor, now, origin = identity.require(), utc_now(), identity.origin()
        with self.store.write() as conn:
            return make_promise(
                conn, self.catalogue, read_keys(conn), wanted, actor, now, origin=origin
            )

    def _follow(self, click: Click, typed: Fields) -> Came:
        number, _dot, version = click.key.partition(".")
        asked = Asked(
            click.act, click.week, typed.get((number, "note"), ""),
            int(version) if version.isdecimal() else None, typed.get((number, "due"), ""),
        )  # fmt: skip
        actor, now, origin = identity.require(), utc_now(), identity.origin()
        with self.store.write() as conn:
            return act_on_promise(
                conn, self.catalogue, read_keys(conn), int(number), asked, actor, now,
                origin=origin,
            )  # fmt: skip

    def _reword(self, click: Click, typed: Fields) -> Came:
        text = None if click.act == "rule" else typed.get((click.key, "wording"), "")
        wording = Wording(click.week, click.area, click.key, click.lang, text)
        actor, now, origin = identity.require(), utc_now(), identity.origin()
        with self.store.write() as conn:
            return edit_message(
                conn, self.catalogue, read_keys(conn), wording, actor, now, origin=origin
            )

    def _freeze(self, click: Click) -> Came:
        actor, now, origin = identity.require(), utc_now(), identity.origin()
        with self.store.read() as conn:
            keys = read_keys(conn)
        review = panel.page(self.store, self.catalogue, keys, click.key, click.area, now)
        with self.store.write() as conn:
            return freeze(
                conn, self.catalogue, keys, click.key, click.area, review, actor, now,
                origin=origin,
            )  # fmt: skip
